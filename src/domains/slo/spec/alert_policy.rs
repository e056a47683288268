//! The kind `AlertPolicy`.
use crate::{
    domains::slo::model::Severity,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Alternatives, Count, Field, Kind, Optional, Spec, rules},
        units::{BurnFactor, Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When to alert on the spending of an error budget: pairs of windows with burn rates.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertPolicy")]
pub struct AlertPolicySpec {
    /// The tiers, most urgent first.
    pub tiers: Field<Vec<Field<TierSpec>>>,
}

/// One tier: it fires where the burn rate over both windows is above the factor.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertTier", transform = constrain)]
pub struct TierSpec {
    /// What it is called; its severity and long window unless said.
    pub name: Option<Field<String>>,
    /// Whom it reaches.
    pub severity: Field<Severity>,
    /// The long window: shows that enough budget was spent.
    pub long: Field<Duration>,
    /// The short window: shows that it is still being spent; a twelfth of the long one unless said.
    pub short: Option<Field<Duration>>,
    /// Burn rate that both windows must exceed.
    pub burn_rate: Option<Field<BurnFactor>>,
    /// Share of the budget spent in the long window, instead of `burn_rate`.
    pub budget_share: Option<Field<Ratio>>,
    /// Fewest events in the long window for the tier to fire.
    pub minimum_events: Option<Field<u64>>,
}

const FACTOR: Alternatives =
    Alternatives { fields: &["burn_rate", "budget_share"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    FACTOR.constrain(schema);
}

reference_target!(AlertPolicySpec, "AlertPolicy");

impl Spec for AlertPolicySpec {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        for field in self.tiers.get().into_iter().flatten() {
            let Some(tier) = field.get() else { continue };
            let present = [
                tier.burn_rate.as_ref().map(|field| ("burn_rate", field.place())),
                tier.budget_share.as_ref().map(|field| ("budget_share", field.place())),
            ];
            FACTOR.check(&present, tier.severity.place(), findings);
            let zero = |at| {
                Finding::new(&rules::INVALID_VALUE, at, "a window must have a length")
                    .help("write a duration such as `1h`")
            };
            for window in [tier.long.pair(), tier.short.pair()].into_iter().flatten() {
                if window.0.is_zero() {
                    findings.push(zero(window.1));
                }
            }
            if let Some((share, at)) = tier.budget_share.pair()
                && *share == Ratio::ZERO
            {
                findings.push(Finding::new(
                    &rules::INVALID_VALUE,
                    at,
                    "a share of the budget to alert on is above 0%",
                ));
            }
        }
    }
}

/// The kind.
pub(in crate::domains::slo) static KIND: Kind = Kind::of::<AlertPolicySpec>(
    "when to alert on the spending of an error budget: pairs of windows with burn rates",
    include_str!("alert_policy.yaml"),
)
.used_by_reference();
