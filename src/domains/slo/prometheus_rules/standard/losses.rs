//! What documents say and rules cannot.
use super::calendar;
use crate::{
    domains::slo::{
        model::NoData,
        resolve::{Measurement, ResolvedObjective},
        spec::{BudgetAdjustment, ServiceLevelObjective},
    },
    kernel::{
        source::Place,
        spec::{Catalog, Field, Loss, values},
    },
};

/// Why an objective has no rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotWritten {
    /// It is measured on files.
    NotByPrometheus,
    /// It is composed of others.
    Composite,
    /// It does not say how it is measured.
    NotMeasured,
}

impl NotWritten {
    fn reason(self) -> &'static str {
        match self {
            Self::NotByPrometheus => {
                "it is measured on events or columns of files, which Prometheus does not have: the \
                 objective gets no rules"
            }
            Self::Composite => "it is composed of other objectives: it gets no rules of its own",
            Self::NotMeasured => "it does not say how it is measured: the objective gets no rules",
        }
    }
}

/// What of an objective, given once for each of its windows, has no place in rules.
pub(super) fn of(catalog: &Catalog, windows: &[ResolvedObjective<'_>]) -> Vec<Loss> {
    let Some(first) = windows.first() else { return Vec::new() };
    let at = first.document.name_place();
    if let Some(why) = not_written(first) {
        let field = if why == NotWritten::Composite { "spec.composite" } else { "spec.sli" };
        return vec![Loss::new(at, field, why.reason())];
    }
    let mut losses = adjustments(catalog, first.document.name());
    let slo = first.document.spec::<ServiceLevelObjective>();
    let place =
        |place: fn(&ServiceLevelObjective) -> Option<Place>| slo.and_then(place).unwrap_or(at);
    if first.no_data != NoData::Unknown {
        losses.push(Loss::new(
            place(|slo| slo.no_data.as_ref().map(Field::place)),
            "spec.no_data",
            "Prometheus does not count what it did not measure: the rules take such time as unknown",
        ));
    }
    if first.minimum_coverage.is_some() {
        losses.push(Loss::new(
            place(|slo| slo.minimum_coverage.as_ref().map(Field::place)),
            "spec.minimum_coverage",
            "the rules do not know how much of a window was measured",
        ));
    }
    for window in windows {
        let lost = window.window.calendar().into_iter().flat_map(calendar::lost);
        losses.extend(lost.map(|why| {
            let at = slo.and_then(|slo| slo.written_windows().map(|(_, place)| place).next());
            Loss::new(at.unwrap_or_else(|| first.document.name_place()), "spec.window", why)
        }));
    }
    let weighted = first.alerting.tiers.iter().any(|tier| tier.event_weighted);
    if weighted && first.budgeting.slice().is_some() {
        losses.push(Loss::new(
            place(|slo| slo.alerting.as_ref().map(Field::place)),
            "spec.alerting.tiers.event_weighted",
            "slices of time all weigh the same: the rules are without this guard",
        ));
    }
    losses
}

/// Adjustments of the objective.
fn adjustments(catalog: &Catalog, name: &str) -> Vec<Loss> {
    let all = catalog.iter::<BudgetAdjustment>().filter(|(_, adjustment)| {
        let slos = adjustment.slos.get().map_or(&[][..], Vec::as_slice);
        values(slos).any(|slo| slo.name() == name)
    });
    let reason = format!(
        "rules count time as it was measured: their budget of `{name}` differs from that of `sre budget` by \
         this adjustment"
    );
    all.map(|(document, _)| Loss::new(document.name_place(), "spec", &reason)).collect()
}

/// Why the objective gets no rules; `None` where it does.
fn not_written(objective: &ResolvedObjective<'_>) -> Option<NotWritten> {
    if !objective.composite.is_empty() {
        return Some(NotWritten::Composite);
    }
    let measurement = objective.indicator.as_ref().and_then(|sli| sli.measurement.as_ref());
    match measurement {
        Some(Measurement::Prometheus(_)) => None,
        Some(_) => Some(NotWritten::NotByPrometheus),
        None => Some(NotWritten::NotMeasured),
    }
}
