//! The kind `AlertPolicy`.
use crate::{
    domains::slo::{model::Severity, prometheus_rules::names},
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
use std::collections::BTreeMap;

/// When to alert on the spending of an error budget: pairs of windows with burn rates.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AlertPolicy")]
pub struct AlertPolicySpec {
    /// The tiers, most urgent first.
    pub tiers: Field<Vec<Field<TierSpec>>>,
    /// Labels of all alerts: those of the tiers, and the two below.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<String>>,
    /// Annotations of the alerts of all tiers.
    #[serde(default)]
    pub annotations: BTreeMap<String, Field<String>>,
    /// Whom an alert reaches when the budget is spent; `ticket` unless said.
    pub budget_exhausted: Option<Field<Notice>>,
    /// Whom an alert reaches when there is nothing to count events of; `ticket` unless said.
    pub sli_absent: Option<Field<Notice>>,
}

/// Whom an alert reaches that is about no burn rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Someone is woken.
    Page,
    /// Someone looks at it in working hours.
    Ticket,
    /// Nobody: there is no such alert.
    None,
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
    /// How long the burn rates must have been above before the tier fires, as `for` of a Prometheus rule; it
    /// fires at once unless said.
    #[serde(rename = "for")]
    pub hold: Option<Field<Duration>>,
    /// Fewest events in the long window for the tier to fire.
    pub minimum_events: Option<Field<u64>>,
    /// Fewest bad events in the long window for the tier to fire.
    pub minimum_bad_events: Option<Field<u64>>,
    /// How sure it has to be that the long window is really above, and not by chance: `95%`.
    pub confidence: Option<Field<Ratio>>,
    /// Whether the long window must have spent, counted in events, as large a share of the budget as the
    /// burn rate spends at even traffic: quiet hours then weigh as little as they have events.
    pub event_weighted: Option<Field<bool>>,
    /// Whether there is such a tier; `false` switches it off.
    pub enabled: Option<Field<bool>>,
    /// Labels of its alert.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<String>>,
    /// Annotations of its alert.
    #[serde(default)]
    pub annotations: BTreeMap<String, Field<String>>,
}

impl AlertPolicySpec {
    /// A policy with these tiers, and otherwise the defaults.
    pub fn of(tiers: Field<Vec<Field<TierSpec>>>) -> Self {
        Self {
            tiers,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            budget_exhausted: None,
            sli_absent: None,
        }
    }
}

impl TierSpec {
    /// A tier over that window, which still needs a `burn_rate` or a `budget_share`.
    pub fn new(severity: Field<Severity>, long: Field<Duration>) -> Self {
        Self {
            name: None,
            severity,
            long,
            short: None,
            burn_rate: None,
            budget_share: None,
            hold: None,
            minimum_events: None,
            minimum_bad_events: None,
            confidence: None,
            event_weighted: None,
            enabled: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }
}

const FACTOR: Alternatives =
    Alternatives { fields: &["burn_rate", "budget_share"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    FACTOR.constrain(schema);
}

reference_target!(AlertPolicySpec, "AlertPolicy");

impl Spec for AlertPolicySpec {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        check_labels(&self.labels, findings);
        for field in self.tiers.get().into_iter().flatten() {
            let Some(tier) = field.get() else { continue };
            check_labels(&tier.labels, findings);
            if let Some((name, at)) = tier.name.pair()
                && [names::EXHAUSTED_TIER, names::ABSENT_TIER].contains(&name.as_str())
            {
                let message =
                    format!("`{name}` is the tier of an alert that objectives have anyway");
                findings.push(Finding::new(&rules::INVALID_VALUE, at, message).help(
                    "silences and routes would not tell the two apart: give the tier another `name`",
                ));
            }
            if let Some((level, at)) = tier.confidence.pair()
                && !(LEAST_CONFIDENCE..Ratio::ONE).contains(level)
            {
                findings.push(
                    Finding::new(
                        &rules::INVALID_VALUE,
                        at,
                        format!(
                            "a confidence of `{}` is not from 50% to below 100%",
                            level.percent()
                        ),
                    )
                    .help("`95%` is usual"),
                );
            }
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

/// As sure as a coin: below, an alert would be more likely wrong than right.
const LEAST_CONFIDENCE: Ratio = Ratio::from_parts(Ratio::PARTS / 2).expect("one half is a ratio");

/// Finds names that Prometheus takes for no label, or that alerts have already.
fn check_labels(labels: &BTreeMap<String, Field<String>>, findings: &mut Vec<Finding>) {
    for (name, value) in labels {
        if let Some((message, help)) = names::wrong_label(name) {
            let finding = Finding::new(&rules::INVALID_VALUE, value.place(), message);
            findings.push(finding.help(help).at_key());
        }
    }
}

/// The kind.
pub(in crate::domains::slo) static KIND: Kind = Kind::of::<AlertPolicySpec>(
    "when to alert on the spending of an error budget: pairs of windows with burn rates",
    include_str!("alert_policy.yaml"),
)
.used_by_reference();
