//! The kind `RecoveryDrill`.
use super::DisasterRecoveryPlan;
use crate::{
    kernel::spec::{Field, Moment, Name, Ref, Spec},
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test of a recovery plan. One that has no end yet is going on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryDrill {
    /// The plan.
    pub plan: Field<Ref<DisasterRecoveryPlan>>,
    /// Which of its disruptions was played.
    pub disruption: Option<Field<Name>>,
    /// How far it went; `functional` unless said.
    pub kind: Option<Field<DrillKind>>,
    /// When it began.
    pub started: Field<Moment>,
    /// When it was over.
    pub ended: Option<Field<Moment>>,
    /// What came of it.
    pub result: Option<Field<DrillResult>>,
    /// The plan as it was: a digest of its steps and backups, as `sre dr drill` writes it.
    pub plan_digest: Option<Field<String>>,
    /// The youngest data that was there in the end: what was lost is the time from then to `started`.
    pub data_until: Option<Field<Moment>>,
    /// What was done.
    #[serde(default)]
    pub steps: Vec<Field<DrillStepSpec>>,
    /// Where it went otherwise than the plan says.
    #[serde(default)]
    pub deviations: Vec<Field<String>>,
    /// Who took part.
    #[serde(default)]
    pub participants: Vec<Field<String>>,
}

/// A step of the plan, as it was done.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillStepSpec {
    /// The step of the plan.
    pub id: Field<Name>,
    /// When it began.
    pub started: Field<Moment>,
    /// When it was done.
    pub ended: Option<Field<Moment>>,
    /// What shows that it was.
    pub evidence: Option<Field<String>>,
}

/// How far a test goes.
///
/// Source: NIST SP 800-84 and SP 800-34 revision 1, section 3.5: discussion, functional, full-scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrillKind {
    /// People talk it through: proves no time.
    TableTop,
    /// Parts are done for real, beside production.
    #[default]
    Functional,
    /// Production itself goes over.
    FullScale,
}

impl DrillKind {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TableTop => "table_top",
            Self::Functional => "functional",
            Self::FullScale => "full_scale",
        }
    }
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrillResult {
    /// It was back, with the data.
    Passed,
    /// It was not.
    Failed,
    /// It was broken off, and proves nothing.
    Stopped,
}

impl DrillResult {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

reference_target!(RecoveryDrill, "RecoveryDrill");

impl Spec for RecoveryDrill {}
