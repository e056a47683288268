//! Objectives that are composed of others: their measurements, out of those of their parts.
use super::{
    adjustments::{self, Applied, ResolvedAdjustment},
    assess::{Measurements, Parts, Unknown},
    engine::{adjust, bounds, budget, composite, slices},
    model::{Budgeting, NoData},
    resolve::ResolvedObjective,
};
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::Instant,
};
use std::{borrow::Cow, sync::Arc};

/// A part of a composite, and what was measured of it.
#[derive(Clone, Debug)]
pub struct MeasuredPart<'a> {
    /// Its weight against the others.
    pub weight: f64,
    /// The objective.
    pub objective: &'a ResolvedObjective<'a>,
    /// Its measurements; those of a composite are what it counts already.
    pub measured: Measurements,
    /// What is to be seen of it otherwise than it was measured.
    pub adjustments: Vec<ResolvedAdjustment<'a>>,
}

/// The measurements of `composite` over its window, or over `period` where one was chosen.
///
/// By occurrences they are weighted events: each part counts with its weight, whatever its traffic, and
/// all of them together are as many as the events of the parts. By slices, a part is judged by its own
/// `slice_target`, or by its target where it has none. A composite is known as far as the part that is
/// known least.
///
/// # Errors
/// If there is no part, a part was not measured, or parts cannot be brought onto one grid.
pub fn compose(
    composite: &ResolvedObjective<'_>,
    parts: &[MeasuredPart<'_>],
    period: Option<(Instant, Instant)>,
) -> Result<Measurements, Unknown> {
    let name = composite.document.name();
    let at = parts.iter().map(|part| part.measured.at).min();
    let at = at.ok_or_else(|| Unknown::input(format!("`{name}`: it is composed of nothing")))?;
    let (from, to) = stretch(composite, at, period);
    let joint = join(composite, parts, (from, to), Counting::AsMeasured)?;
    if let Some(missing) = joint.losses.iter().find(|loss| loss.count.measured == 0) {
        let part = &missing.name;
        let reason = format!("its part `{part}`: nothing of it was measured in the window");
        return Err(Unknown::no_data(reason));
    }
    let applied: Vec<Applied> = parts.iter().flat_map(|part| applied(part, from, to)).collect();
    let adjusted = if applied.is_empty() {
        None
    } else {
        let joint = join(composite, parts, (from, to), Counting::Adjusted)?;
        Some((joint, applied))
    };
    let mut sources: Vec<&str> = parts.iter().map(|part| part.measured.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut measured = Measurements::new(joint.series, at, &sources.join(", "));
    measured.incomplete = parts.iter().find_map(|part| part.measured.incomplete.clone());
    measured.extrapolated = parts.iter().any(|part| part.measured.extrapolated);
    let inner = parts.iter().filter_map(|part| Some(part.measured.parts.as_ref()?.coverage));
    let own = joint.losses.iter().map(|loss| loss.count.coverage());
    let coverage = own.chain(inner).fold(1.0, f64::min);
    let (losses, adjusted) = match adjusted {
        None => (joint.losses, None),
        Some((joint, applied)) => (joint.losses, Some((Arc::new(joint.series), applied))),
    };
    measured.parts = Some(Parts { losses, coverage, adjusted });
    Ok(measured)
}

/// The time over which the parts are weighed.
fn stretch(
    composite: &ResolvedObjective<'_>,
    at: Instant,
    period: Option<(Instant, Instant)>,
) -> (Instant, Instant) {
    let to = match composite.budgeting.slice() {
        Some(slice) => slices::settled(at, slice),
        None => at,
    };
    if let Some((from, end)) = period {
        return (from, if to > from { to.min(end) } else { end });
    }
    let from = match composite.window.calendar() {
        Some(calendar) => calendar.period(at - chrono::TimeDelta::milliseconds(1)).from,
        None => budget::back(to, composite.objective.window()),
    };
    (from, to)
}

/// Whether the adjustments of parts are applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    AsMeasured,
    Adjusted,
}

/// Parts as one series, weighed over a stretch of time.
fn join(
    composite: &ResolvedObjective<'_>,
    parts: &[MeasuredPart<'_>],
    (from, to): (Instant, Instant),
    counting: Counting,
) -> Result<composite::Composite, Unknown> {
    let name = composite.document.name();
    let wrong = |error: &dyn std::fmt::Display| Unknown::input(format!("`{name}`: {error}"));
    let mut series = Vec::new();
    for part in parts {
        let counted = counted(composite, part, (from, to), counting);
        series.push(counted.map_err(|error| {
            wrong(&format!("its part `{}`: {error}", part.objective.document.name()))
        })?);
    }
    let joined: Vec<composite::Part<'_>> = parts
        .iter()
        .zip(&series)
        .map(|(part, series)| composite::Part {
            name: part.objective.document.name(),
            weight: part.weight,
            series,
        })
        .collect();
    let mode = match composite.budgeting {
        Budgeting::Occurrences => composite::Mode::Occurrences,
        Budgeting::Timeslices { .. } => composite::Mode::Timeslices,
        Budgeting::RatioTimeslices { .. } => composite::Mode::RatioTimeslices,
    };
    let mut whole = composite::compose(&joined, mode, from, to).map_err(|error| wrong(&error))?;
    if mode == composite::Mode::Occurrences {
        whole.series = weighted(&whole.series, &series, from, to);
    }
    Ok(whole)
}

/// What a part brings: its events, or the slices in which the composite counts.
fn counted<'s>(
    composite: &ResolvedObjective<'_>,
    part: &'s MeasuredPart<'_>,
    (from, to): (Instant, Instant),
    counting: Counting,
) -> Result<Cow<'s, EventSeries>, String> {
    let measured = &part.measured;
    let inner = measured.parts.as_ref().and_then(|parts| parts.adjusted.as_ref());
    let base = match inner {
        Some((series, _)) if counting == Counting::Adjusted => series,
        _ => &measured.series,
    };
    let adjustments: Vec<adjust::Adjustment> =
        part.adjustments.iter().map(|one| one.adjustment).collect();
    let series = if adjustments.is_empty() || counting == Counting::AsMeasured {
        Cow::Borrowed(&**base)
    } else {
        Cow::Owned(adjust::adjust(base, &adjustments).series)
    };
    let own = part.objective.budgeting;
    if measured.parts.is_some()
        && let Some(slice) = own.slice()
    {
        // A composite that counts slices has made them already.
        return match composite.budgeting.slice() {
            Some(asked) if asked != slice => {
                Err(format!("it counts slices of `{slice}`, and the composite slices of `{asked}`"))
            }
            _ => Ok(series),
        };
    }
    let series = match part.objective.no_data {
        NoData::Unknown => series,
        policy => {
            Cow::Owned(bounds::fill(&series, from, to, policy).map_err(|error| error.to_string())?)
        }
    };
    let budgeting = match (composite.budgeting, own) {
        (Budgeting::Occurrences, own) => own,
        (Budgeting::Timeslices { slice, no_traffic, .. }, own) => {
            let target = match own {
                Budgeting::Timeslices { target, .. } => target,
                _ => part.objective.objective.target(),
            };
            Budgeting::Timeslices { slice, target, no_traffic }
        }
        (ratio @ Budgeting::RatioTimeslices { .. }, _) => ratio,
    };
    slices::budgeted(series, budgeting).map_err(|error| error.to_string())
}

/// What the adjustments of a part did in the window, and those of its own parts.
fn applied(part: &MeasuredPart<'_>, from: Instant, to: Instant) -> Vec<Applied> {
    let inner = part.measured.parts.as_ref().and_then(|parts| parts.adjusted.as_ref());
    let inner = inner.map(|(_, applied)| applied.clone()).unwrap_or_default();
    let own = adjustments::applied(&part.measured.series, &part.adjustments, from, to);
    own.into_iter().chain(inner).collect()
}

/// A series whose window holds the weights, as one whose window holds as many events as the parts do.
fn weighted(
    weights: &EventSeries,
    parts: &[Cow<'_, EventSeries>],
    from: Instant,
    to: Instant,
) -> EventSeries {
    let events: f64 = parts.iter().map(|part| part.window(from, to).events.total).sum();
    let whole = weights.window(from, to).events.total;
    let scale = if whole > 0.0 { events / whole } else { 0.0 };
    weights.map(|_, count| {
        let EventCount { good, total } = count?;
        Some(EventCount { good: good * scale, total: total * scale })
    })
}
