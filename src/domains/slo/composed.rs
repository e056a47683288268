//! Objectives that are composed of others: their measurements, out of those of their parts.
use super::{
    adjustments::ResolvedAdjustment,
    assess::{Measurements, Unknown},
    engine::{adjust, budget, composite, slices},
    model::Budgeting,
    resolve::ResolvedObjective,
};
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::Instant,
};
use std::borrow::Cow;

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

/// The measurements of `composite` over its window.
///
/// By occurrences they are weighted events: each part counts with its weight, whatever its traffic, and
/// all of them together are as many as the events of the parts. By slices, a part is judged by its own
/// `slice_target`, or by its target where it has none.
///
/// # Errors
/// If there is no part, or parts cannot be brought onto one grid.
pub fn compose(
    composite: &ResolvedObjective<'_>,
    parts: &[MeasuredPart<'_>],
) -> Result<Measurements, Unknown> {
    let name = composite.document.name();
    let wrong = |error: &dyn std::fmt::Display| Unknown::input(format!("`{name}`: {error}"));
    let at = parts.iter().map(|part| part.measured.at).min();
    let at = at.ok_or_else(|| wrong(&"it is composed of nothing"))?;
    let from = match composite.window.calendar() {
        Some(calendar) => calendar.period(at - chrono::TimeDelta::milliseconds(1)).from,
        None => budget::back(at, composite.objective.window()),
    };
    let mut series = Vec::new();
    for part in parts {
        series.push(counted(composite, part).map_err(|error| wrong(&error))?);
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
    let to = match composite.budgeting.slice() {
        Some(slice) => slices::settled(at, slice),
        None => at,
    };
    let whole = composite::compose(&joined, mode, from, to).map_err(|error| wrong(&error))?;
    let series = match mode {
        composite::Mode::Occurrences => weighted(&whole.series, &series, from, to),
        composite::Mode::Timeslices | composite::Mode::RatioTimeslices => whole.series,
    };
    let mut sources: Vec<&str> = parts.iter().map(|part| part.measured.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut measured = Measurements::new(series, at, &sources.join(", "));
    measured.incomplete = parts.iter().find_map(|part| part.measured.incomplete.clone());
    measured.extrapolated = parts.iter().any(|part| part.measured.extrapolated);
    measured.parts = Some(whole.losses);
    Ok(measured)
}

/// What a part brings: its events, or the slices in which the composite counts.
fn counted<'s>(
    composite: &ResolvedObjective<'_>,
    part: &'s MeasuredPart<'_>,
) -> Result<Cow<'s, EventSeries>, String> {
    let measured = &part.measured;
    let adjustments: Vec<adjust::Adjustment> =
        part.adjustments.iter().map(|one| one.adjustment).collect();
    let series = if adjustments.is_empty() {
        Cow::Borrowed(&*measured.series)
    } else {
        Cow::Owned(adjust::adjust(&measured.series, &adjustments).series)
    };
    let own = part.objective.budgeting;
    if measured.parts.is_some()
        && let Some(slice) = own.slice()
    {
        // A composite that counts slices has made them already.
        return match composite.budgeting.slice() {
            Some(asked) if asked != slice => Err(format!(
                "its part `{}` counts slices of `{slice}`, and it slices of `{asked}`",
                part.objective.document.name()
            )),
            _ => Ok(series),
        };
    }
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
    slices::budgeted(series, budgeting)
        .map_err(|error| format!("its part `{}`: {error}", part.objective.document.name()))
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
