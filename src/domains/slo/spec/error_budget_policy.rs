//! The kind `ErrorBudgetPolicy`.
use super::ServiceLevelObjective;
use crate::{
    domains::slo::model::{PolicyAction, Severity},
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Field, Kind, Moment, Optional, Ref, Spec, rules, values},
        units::{BurnFactor, Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What follows when an error budget runs out.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorBudgetPolicy {
    /// The states, from the harmless to the serious; the last one whose condition holds is in force.
    pub states: Field<Vec<Field<BudgetState>>>,
    /// What is exempt from a freeze for a while.
    #[serde(default)]
    pub exemptions: Vec<Field<Exemption>>,
    /// Kinds of changes that no freeze ever holds up, such as `security` or `rollback`; a pipeline says
    /// what it brings with `sre gate --change`.
    #[serde(default)]
    pub exempt_changes: Vec<Field<String>>,
    /// What a gate decides where the measurements do not allow to tell; no decision unless said.
    pub on_unknown: Option<Field<OnUnknown>>,
    /// How a freeze may be broken in an emergency.
    pub break_glass: Option<Field<BreakGlass>>,
}

/// What a gate decides where the measurements do not allow to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// The change may go out.
    Allow,
    /// The change may go out, and somebody looks at it.
    Warn,
    /// The change waits.
    Freeze,
}

/// How a freeze may be broken in an emergency.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// How far ahead its end may lie; `24h` unless said, and `0s` forbids it.
    pub longest: Option<Field<Duration>>,
}

/// A state of an error budget and what it asks for.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// Less than this share of the budget remains.
    pub remaining_below: Option<Field<Ratio>>,
    /// The burn rate over `burn_window` is above this.
    pub burn_rate_above: Option<Field<BurnFactor>>,
    /// The window of `burn_rate_above`, up to now; `6h` unless said.
    pub burn_window: Option<Field<Duration>>,
    /// An alert of this severity, or of a more urgent one, fires.
    pub alert_firing: Option<Field<Severity>>,
    /// The budget is overspent, or will be within this time if things go on as they do.
    pub exhausted_within: Option<Field<Duration>>,
    /// The probability that the budget is overspent within `within` is above this; unknown with less than
    /// a week of history.
    pub exhaustion_probability_above: Option<Field<Ratio>>,
    /// The time of `exhaustion_probability_above`, from now on; the objective's window unless said. Of a
    /// calendar window, until the period ends: unless said, and where that is nearer.
    pub within: Option<Field<Duration>>,
}

/// The window of `burn_rate_above` where nothing is said: long enough not to follow every spike.
const BURN_WINDOW: Duration = Duration::from_hours(6);

impl PolicyCondition {
    /// Whether nothing stands there, so that it always holds.
    pub fn is_empty(&self) -> bool {
        self.remaining_below.is_none()
            && self.burn_rate_above.is_none()
            && self.alert_firing.is_none()
            && self.exhausted_within.is_none()
            && self.exhaustion_probability_above.is_none()
    }

    /// The window of `burn_rate_above`.
    pub fn burn_window(&self) -> Duration {
        self.burn_window.value().copied().unwrap_or(BURN_WINDOW)
    }

    /// Whether `other` is known to hold wherever this does, whatever was measured.
    pub fn implies(&self, other: &Self) -> bool {
        let spent = self.remaining_below.value() == Some(&Ratio::ZERO);
        let window = |condition: &Self| condition.within.value().copied();
        at_most(self.remaining_below.value(), other.remaining_below.value())
            && (other.burn_rate_above.is_none() || self.burn_window() == other.burn_window())
            && at_least(self.burn_rate_above.value(), other.burn_rate_above.value())
            && at_most(self.alert_firing.value(), other.alert_firing.value())
            // What is overspent is overspent within any time.
            && (spent || at_most(self.exhausted_within.value(), other.exhausted_within.value()))
            && (other.exhaustion_probability_above.is_none() || window(self) == window(other))
            && at_least(self.exhaustion_probability_above.value(), other.exhaustion_probability_above.value())
    }
}

/// Whether `limit` is as low as `other`, which may also be missing.
fn at_most<T: PartialOrd>(limit: Option<&T>, other: Option<&T>) -> bool {
    other.is_none_or(|other| limit.is_some_and(|limit| limit <= other))
}

/// Whether `limit` is as high as `other`, which may also be missing.
fn at_least<T: PartialOrd>(limit: Option<&T>, other: Option<&T>) -> bool {
    other.is_none_or(|other| limit.is_some_and(|limit| limit >= other))
}

/// Something that a freeze does not hold up for a while.
///
/// Without `slos` and `changes` it is for every change to whatever has this policy; with both, for those
/// changes to those.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
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
    /// The objectives that it is for; all that have this policy unless said.
    #[serde(default)]
    pub slos: Vec<Field<Ref<ServiceLevelObjective>>>,
    /// The kinds of changes that it is for, as `sre gate --change` names them; all unless said.
    #[serde(default)]
    pub changes: Vec<Field<String>>,
}

reference_target!(ErrorBudgetPolicy, "ErrorBudgetPolicy");

impl Spec for ErrorBudgetPolicy {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        let states = values(self.states.get().map_or(&[][..], Vec::as_slice));
        for when in states.filter_map(|state| state.when.get()) {
            for window in [when.burn_window.pair(), when.within.pair()].into_iter().flatten() {
                if window.0.is_zero() {
                    findings.push(
                        Finding::new(
                            &rules::INVALID_VALUE,
                            window.1,
                            "a window must have a length",
                        )
                        .help("write a duration such as `6h`"),
                    );
                }
            }
        }
    }
}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<ErrorBudgetPolicy>(
    "what follows when an error budget runs out",
    include_str!("error_budget_policy.yaml"),
)
.used_by_reference();
