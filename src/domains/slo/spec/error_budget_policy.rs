//! The kind `ErrorBudgetPolicy`.
use crate::{
    kernel::{
        spec::{Field, Kind, Moment, Spec},
        units::{BurnFactor, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// What follows when an error budget runs out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorBudgetPolicy {
    /// The states, from the harmless to the serious; the last one whose condition holds is in force.
    pub states: Field<Vec<Field<BudgetState>>>,
    /// What is exempt from the actions for a while.
    #[serde(default)]
    pub exemptions: Vec<Field<Exemption>>,
}

/// A state of an error budget and what it asks for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetState {
    /// What the state is called.
    pub name: Field<String>,
    /// When it holds.
    pub when: Field<PolicyCondition>,
    /// What it asks for.
    pub actions: Field<Vec<Field<PolicyAction>>>,
}

/// When a state holds: where every condition that stands here does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// Less than this share of the budget remains.
    pub remaining_below: Option<Field<Ratio>>,
    /// The burn rate over the last six hours is above this.
    pub burn_rate_above: Option<Field<BurnFactor>>,
}

/// What a state of the budget asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyAction {
    /// Tell people.
    Notify,
    /// Changes need an approval.
    Approval,
    /// Only changes that make the service more reliable.
    Freeze,
    /// Reliability work takes precedence over features.
    ReliabilityFirst,
}

/// Something that the actions do not touch for a while.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// Why.
    pub reason: Field<String>,
    /// Where it was agreed.
    pub ticket: Option<Field<String>>,
    /// Who agreed.
    pub approved_by: Option<Field<String>>,
    /// When it ends.
    pub until: Option<Field<Moment>>,
}

reference_target!(ErrorBudgetPolicy, "ErrorBudgetPolicy");

impl Spec for ErrorBudgetPolicy {}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<ErrorBudgetPolicy>(
    "what follows when an error budget runs out",
    include_str!("error_budget_policy.yaml"),
)
.used_by_reference();
