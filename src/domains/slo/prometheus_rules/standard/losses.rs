//! What documents say and rules cannot.
use crate::{
    domains::slo::resolve::{Measurement, ResolvedObjective},
    kernel::spec::{Catalog, Loss},
};

/// Why an objective has no rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotWritten {
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
pub(super) fn of(_: &Catalog, windows: &[ResolvedObjective<'_>]) -> Vec<Loss> {
    let Some(first) = windows.first() else { return Vec::new() };
    let at = first.document.name_place();
    if let Some(why) = not_written(first) {
        let field = if why == NotWritten::Composite { "spec.composite" } else { "spec.sli" };
        return vec![Loss::new(at, field, why.reason())];
    }
    Vec::new()
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
