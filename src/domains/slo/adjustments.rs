//! Which adjustments an objective has in a window: documents of the kind `BudgetAdjustment`, resolved.
use super::{
    engine::adjust::{Adjustment, Effect, Mode, adjust},
    resolve::Incomplete,
    spec::{AdjustmentMode, BudgetAdjustment, Interval, Recurrence as RecurrenceSpec},
};
use crate::kernel::{
    series::EventSeries,
    source::Place,
    spec::{Catalog, Document, Optional as _, values},
    time::{Period, Recurrence, Zone},
    units::Instant,
};

/// One stretch of time of an adjustment, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedAdjustment<'a> {
    /// Name of the document. A recurrence gives several with the same.
    pub name: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// Where it was agreed.
    pub ticket: Option<&'a str>,
    /// Who agreed.
    pub approved_by: Option<&'a str>,
    /// When, and what becomes of the events of that time.
    pub adjustment: Adjustment,
}

/// The adjustments of the objective `slo` that overlap `[from, to)`, by their beginning and name; whole,
/// also where they reach beyond the window.
///
/// A document whose objectives could not be read is nobody's here; `sre validate` reports it.
///
/// # Errors
/// Where a document names the objective and does not say when, or what becomes of the events, or returns
/// by a rule that cannot be followed: a budget without it would be another one.
pub fn resolve_adjustments<'a>(
    catalog: &'a Catalog,
    slo: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<ResolvedAdjustment<'a>>, Incomplete> {
    let mut found = Vec::new();
    for (document, spec) in catalog.iter::<BudgetAdjustment>() {
        let slos = values(spec.slos.get().map_or(&[][..], Vec::as_slice));
        if !slos.into_iter().any(|name| name.name() == slo) {
            continue;
        }
        let mode = spec.mode.get().ok_or_else(|| unsaid(document, "mode", spec.mode.place()))?;
        let text = |field: &'a Option<_>| field.value().map(String::as_str);
        found.extend(periods(document, spec, from, to)?.into_iter().map(|period| {
            ResolvedAdjustment {
                name: document.name(),
                reason: text(&spec.reason),
                ticket: text(&spec.ticket),
                approved_by: text(&spec.approved_by),
                adjustment: Adjustment { from: period.from, to: period.to, mode: (*mode).into() },
            }
        }));
    }
    found.sort_by_key(|one| (one.adjustment.from, one.name, one.adjustment.to));
    Ok(found)
}

/// What an adjustment did.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// Name of its document.
    pub name: String,
    /// Why.
    pub reason: Option<String>,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// Who agreed.
    pub approved_by: Option<String>,
    /// Its time, and how much of the measurements that was.
    pub effect: Effect,
}

/// What adjustments did to the measurements of `[from, to)`: those that overlap it, by their beginning.
pub fn applied(
    series: &EventSeries,
    adjustments: &[ResolvedAdjustment<'_>],
    from: Instant,
    to: Instant,
) -> Vec<Applied> {
    let overlaps =
        |one: &&ResolvedAdjustment<'_>| one.adjustment.from < to && one.adjustment.to > from;
    let chosen: Vec<&ResolvedAdjustment<'_>> = adjustments.iter().filter(overlaps).collect();
    // What lies outside of the window is not the window's.
    let clipped: Vec<Adjustment> = chosen
        .iter()
        .map(|one| {
            let Adjustment { from: begin, to: end, mode } = one.adjustment;
            Adjustment { from: begin.max(from), to: end.min(to), mode }
        })
        .collect();
    let effects = adjust(&series.between(from, to), &clipped).effects;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let applied = chosen.iter().zip(effects).map(|(one, effect)| Applied {
        name: one.name.to_owned(),
        reason: owned(one.reason),
        ticket: owned(one.ticket),
        approved_by: owned(one.approved_by),
        effect: Effect { adjustment: one.adjustment, ..effect },
    });
    applied.collect()
}

impl From<AdjustmentMode> for Mode {
    fn from(mode: AdjustmentMode) -> Self {
        match mode {
            AdjustmentMode::Exclude => Self::Exclude,
            AdjustmentMode::Good => Self::Good,
            AdjustmentMode::Bad => Self::Bad,
        }
    }
}

/// The stretches of time of one document that overlap `[from, to)`, in order; whole, also where they
/// reach beyond it.
///
/// # Errors
/// Where the document does not say when, or returns by a rule that cannot be followed.
pub fn periods(
    document: &Document,
    spec: &BudgetAdjustment,
    from: Instant,
    to: Instant,
) -> Result<Vec<Period>, Incomplete> {
    if let Some(interval) = &spec.interval {
        let Interval { from: begin, to: end } =
            interval.get().ok_or_else(|| unsaid(document, "interval", interval.place()))?;
        let begin = begin.get().ok_or_else(|| unsaid(document, "from", begin.place()))?;
        let end = end.get().ok_or_else(|| unsaid(document, "to", end.place()))?;
        let period = Period { from: begin.0, to: end.0 };
        let overlaps = period.from < to && period.to > from;
        return Ok(if overlaps { vec![period] } else { Vec::new() });
    }
    let Some(recurrence) = &spec.recurrence else {
        return Err(unsaid(document, "interval", document.name_place()));
    };
    let spec =
        recurrence.get().ok_or_else(|| unsaid(document, "recurrence", recurrence.place()))?;
    occurrences(document, spec, from, to)
}

fn occurrences(
    document: &Document,
    spec: &RecurrenceSpec,
    from: Instant,
    to: Instant,
) -> Result<Vec<Period>, Incomplete> {
    let RecurrenceSpec { start, duration, rule, time_zone, until } = spec;
    let start = start.get().ok_or_else(|| unsaid(document, "start", start.place()))?;
    let length = duration.get().ok_or_else(|| unsaid(document, "duration", duration.place()))?;
    let (text, place) = rule.pair().ok_or_else(|| unsaid(document, "rule", rule.place()))?;
    let zone = match time_zone {
        Some(field) => {
            field.get().ok_or_else(|| unsaid(document, "time_zone", field.place()))?.clone()
        }
        None => Zone::UTC,
    };
    let until = match until {
        Some(field) => Some(field.get().ok_or_else(|| unsaid(document, "until", field.place()))?.0),
        None => None,
    };
    Recurrence::new(start.0, text, zone, *length, until)
        .and_then(|recurrence| recurrence.occurrences(from, to))
        .map_err(|message| Incomplete {
            message: format!("the adjustment `{}` cannot be applied: {message}", document.name()),
            help: "write a rule of RFC 5545 such as `FREQ=WEEKLY;BYDAY=SU`, and when it ends"
                .into(),
            place,
        })
}

fn unsaid(document: &Document, field: &str, place: Place) -> Incomplete {
    Incomplete {
        message: format!(
            "the adjustment `{}` cannot be applied: its `{field}` is missing or cannot be read",
            document.name()
        ),
        help: "correct the document; `sre validate` says what is wrong with it".into(),
        place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::spec::KINDS,
        kernel::{source::SourceId, spec::load_text, time::parse_instant},
    };

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    fn catalog(specs: &[(&str, &str)]) -> Catalog {
        let document = |(name, spec): &(&str, &str)| {
            format!(
                "apiVersion: sre/v1\nkind: BudgetAdjustment\nmetadata: {{name: {name}}}\nspec: {spec}\n"
            )
        };
        let text = specs.iter().map(document).collect::<Vec<_>>().join("---\n");
        Catalog::build(load_text(SourceId(0), &text, &KINDS, &[]).documents, &KINDS).0
    }

    #[test]
    fn intervals_and_recurrences_of_an_objective_come_in_order() {
        let catalog = catalog(&[
            (
                "weekly",
                "{slos: [a, b], mode: exclude, recurrence: {start: 2026-01-04T01:30:00Z, duration: 2h, \
                 rule: FREQ=WEEKLY, time_zone: Europe/Berlin}, ticket: OPS-1, reason: announced}",
            ),
            (
                "outage",
                "{slos: [b], mode: bad, interval: {from: 2026-03-31T00:00:00Z, to: 2026-03-31T04:00:00Z}, \
                 approved_by: head}",
            ),
            (
                "other",
                "{slos: [c], mode: bad, interval: {from: 2026-03-31T00:00:00Z, to: 2026-03-31T04:00:00Z}}",
            ),
            (
                "old",
                "{slos: [b], mode: good, interval: {from: 2025-03-31T00:00:00Z, to: 2026-03-29T00:00:00Z}}",
            ),
        ]);
        let (from, to) = (at("2026-03-29T00:00Z"), at("2026-04-06T00:00Z"));
        let found = resolve_adjustments(&catalog, "b", from, to).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.name, one.adjustment.mode, one.adjustment.from, one.adjustment.to))
            .collect();
        assert_eq!(
            shown,
            [
                ("weekly", Mode::Exclude, at("2026-03-29T01:30Z"), at("2026-03-29T03:30Z")),
                ("outage", Mode::Bad, at("2026-03-31T00:00Z"), at("2026-03-31T04:00Z")),
                ("weekly", Mode::Exclude, at("2026-04-05T00:30Z"), at("2026-04-05T02:30Z")),
            ]
        );
        assert_eq!((found[0].ticket, found[0].reason), (Some("OPS-1"), Some("announced")));
        assert_eq!((found[1].approved_by, found[1].ticket), (Some("head"), None));
        assert_eq!(resolve_adjustments(&catalog, "d", from, to), Ok(vec![]));
    }

    #[test]
    fn an_adjustment_that_cannot_be_read_is_not_passed_over() {
        let error = |spec: &str| {
            let catalog = catalog(&[("broken", spec)]);
            let (from, to) = (at("2026-03-29T00:00Z"), at("2026-04-06T00:00Z"));
            resolve_adjustments(&catalog, "a", from, to).unwrap_err().message
        };
        let interval = "interval: {from: 2026-03-31T00:00:00Z, to: 2026-03-31T04:00:00Z}";
        assert_eq!(
            error(&format!("{{slos: [a], mode: forget, {interval}}}")),
            "the adjustment `broken` cannot be applied: its `mode` is missing or cannot be read"
        );
        for (spec, expected) in [
            ("{slos: [a], mode: good}", "`interval`"),
            ("{slos: [a], mode: good, interval: {from: soon, to: 2026-03-31T04:00:00Z}}", "`from`"),
            (
                "{slos: [a], mode: good, recurrence: {start: 2026-03-31T04:00:00Z, duration: 1h, rule: x}}",
                "is wrong",
            ),
            (
                "{slos: [a], mode: good, recurrence: {start: 2026-03-31T04:00:00Z, duration: 1h, \
                 rule: FREQ=DAILY, time_zone: Europe/Berln}}",
                "`time_zone`",
            ),
        ] {
            assert!(error(spec).contains(expected), "{spec}: {}", error(spec));
        }
    }
}
