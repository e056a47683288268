//! The kind `BudgetAdjustment`.
use super::ServiceLevelObjective;
use crate::{
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Alternatives, Count, Field, Kind, Moment, Ref, Spec},
        time::Zone,
        units::Duration,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Time that an error budget is to see otherwise than it was measured: maintenance, a correction.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct BudgetAdjustment {
    /// The objectives whose budgets it changes.
    pub slos: Field<Vec<Field<Ref<ServiceLevelObjective>>>>,
    /// What becomes of the events of that time.
    pub mode: Field<AdjustmentMode>,
    /// One stretch of time.
    pub interval: Option<Field<Interval>>,
    /// A stretch of time that returns.
    pub recurrence: Option<Field<Recurrence>>,
    /// Why.
    pub reason: Option<Field<String>>,
    /// Where it was agreed.
    pub ticket: Option<Field<String>>,
    /// Who agreed.
    pub approved_by: Option<Field<String>>,
}

/// What becomes of the events of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentMode {
    /// They do not count.
    Exclude,
    /// They count as good.
    Good,
    /// They count as bad.
    Bad,
}

/// A stretch of time: from the first instant up to, and without, the second.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Its beginning.
    pub from: Field<Moment>,
    /// Its end.
    pub to: Field<Moment>,
}

/// A stretch of time that returns.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// When it first begins.
    pub start: Field<Moment>,
    /// How long it lasts each time.
    pub duration: Field<Duration>,
    /// When it returns: a recurrence rule of RFC 5545, such as `FREQ=WEEKLY;BYDAY=SU`.
    pub rule: Field<String>,
    /// The zone in whose clock it returns; UTC unless said.
    pub time_zone: Option<Field<Zone>>,
    /// When it ends for good.
    pub until: Option<Field<Moment>>,
}

const TIME: Alternatives =
    Alternatives { fields: &["interval", "recurrence"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    TIME.constrain(schema);
}

reference_target!(BudgetAdjustment, "BudgetAdjustment");

impl Spec for BudgetAdjustment {
    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        let present = [
            self.interval.as_ref().map(|field| ("interval", field.place())),
            self.recurrence.as_ref().map(|field| ("recurrence", field.place())),
        ];
        TIME.check(&present, place, findings);
    }
}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<BudgetAdjustment>(
    "time that an error budget is to see otherwise than it was measured: maintenance, a correction",
    include_str!("budget_adjustment.yaml"),
);
