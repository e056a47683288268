//! Tests of an objective: what its alerts and its budget are expected to do at given measurements.
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Alternatives, Count, Field, Optional as _},
    units::{Duration, Ratio},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test: measurements, and what is expected of them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveTest {
    /// What it shows, in a few words.
    pub name: Field<String>,
    /// Length of a step of the measurements; `1m` unless said.
    pub step: Option<Field<Duration>>,
    /// The measurements: stretches of time, one after the other.
    pub given: Field<Vec<Field<TestStretch>>>,
    /// What is expected, and when.
    pub then: Field<Vec<Field<TestExpectation>>>,
}

/// A stretch of time in which all steps are alike.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct TestStretch {
    /// How long it lasts.
    pub r#for: Field<Duration>,
    /// Events in each step.
    pub events: Option<Field<u64>>,
    /// Share of them that is bad; none unless said.
    pub bad: Option<Field<Ratio>>,
    /// Nothing was measured.
    pub missing: Option<Field<bool>>,
}

/// What is expected at one moment.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestExpectation {
    /// When: so long after the measurements begin.
    pub at: Field<Duration>,
    /// Tiers that fire, by name; `page` and `ticket` for any of that severity.
    #[serde(default)]
    pub fires: Vec<Field<String>>,
    /// Tiers that do not, by name; `page` and `ticket` for all of that severity.
    #[serde(default)]
    pub quiet: Vec<Field<String>>,
    /// The least share of the budget that is left.
    pub remaining_at_least: Option<Field<Ratio>>,
    /// The greatest share of the budget that is left; `0%` where it is overspent.
    pub remaining_at_most: Option<Field<Ratio>>,
}

const MEASURED: Alternatives =
    Alternatives { fields: &["events", "missing"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    MEASURED.constrain(schema);
}

impl ObjectiveTest {
    /// Finds what a schema can say and a type cannot.
    pub(super) fn check(&self, findings: &mut Vec<Finding>) {
        for stretch in self.given.get().into_iter().flatten() {
            let Some(spec) = stretch.get() else { continue };
            let present: [Option<(&str, Place)>; 2] = [
                spec.events.as_ref().map(|field| ("events", field.place())),
                spec.missing.as_ref().map(|field| ("missing", field.place())),
            ];
            MEASURED.check(&present, spec.r#for.place(), findings);
        }
    }

    /// The length of a step.
    pub fn step(&self) -> Duration {
        self.step.value().copied().unwrap_or(STEP)
    }
}

/// The step unless said: as long as servers are usually asked for.
const STEP: Duration = Duration::from_minutes(1);
