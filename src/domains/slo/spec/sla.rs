//! The kind `SLA`.
use super::{BudgetAdjustment, Money, ServiceLevelObjective};
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Field, Kind, Optional, Ref, Spec, rules},
        time::Zone,
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service level agreement: what was promised to a customer, and what a breach costs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SLA")]
pub struct ServiceLevelAgreement {
    /// To whom.
    pub customer: Option<Field<String>>,
    /// For which service.
    pub service: Field<Ref<Service>>,
    /// The objective whose indicator measures it, and which is to be stricter than it.
    pub slo: Option<Field<Ref<ServiceLevelObjective>>>,
    /// Share of events that was promised to be good.
    pub target: Field<Ratio>,
    /// The period of the promise.
    pub period: Field<SlaPeriod>,
    /// The zone by whose calendar the period begins and ends; UTC unless said.
    pub time_zone: Option<Field<Zone>>,
    /// How the contract computes availability; from events unless said.
    pub definition: Option<Field<SlaDefinition>>,
    /// The interval that `downtime` and `interval_mean` look at; `1m` and `5m` unless said.
    pub interval: Option<Field<Duration>>,
    /// The share of bad events from which on `downtime` counts an interval as down; `100%` unless said.
    pub down_when: Option<Field<Ratio>>,
    /// What is paid for a month, such as `1200 EUR`: credits are shares of it.
    pub monthly_fee: Option<Field<Money>>,
    /// What is paid back below which share.
    #[serde(default)]
    pub credit_tiers: Vec<Field<CreditTier>>,
    /// What the promise leaves out, in the words of the contract.
    #[serde(default)]
    pub exclusions: Vec<Field<String>>,
    /// The adjustments whose time the promise leaves out.
    #[serde(default)]
    pub exclusions_by: Vec<Field<Ref<BudgetAdjustment>>>,
}

/// How a contract computes availability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlaDefinition {
    /// Good events over all events of the period.
    #[default]
    Events,
    /// Intervals that are not down over all intervals of the period.
    Downtime,
    /// The mean, over all intervals of the period, of the share of good events.
    IntervalMean,
}

/// The period of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlaPeriod {
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// What is paid back.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditTier {
    /// Where the share of good events is below this.
    pub below: Field<Ratio>,
    /// Share of the period's bill that is paid back.
    pub credit: Field<Ratio>,
}

reference_target!(ServiceLevelAgreement, "SLA");

impl Spec for ServiceLevelAgreement {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        if let Some((interval, at)) = self.interval.pair()
            && interval.is_zero()
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, at, "a window must have a length")
                    .help("write a duration such as `1m`"),
            );
        }
        if let Some((share, at)) = self.down_when.pair()
            && *share == Ratio::ZERO
        {
            findings.push(
                Finding::new(
                    &rules::INVALID_VALUE,
                    at,
                    "a share of bad events that makes an interval down is above 0%",
                )
                .help("write `100%` for a total outage"),
            );
        }
    }
}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<ServiceLevelAgreement>(
    "a service level agreement: what was promised to a customer, and what a breach costs",
    include_str!("sla.yaml"),
);
