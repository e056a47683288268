//! The kind `SLA`.
use super::ServiceLevelObjective;
use crate::{
    domains::service::spec::Service,
    kernel::{
        spec::{Field, Kind, Ref, Spec},
        units::Ratio,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A service level agreement: what was promised to a customer, and what a breach costs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// What is paid back below which share.
    #[serde(default)]
    pub credit_tiers: Vec<Field<CreditTier>>,
    /// What the promise leaves out, in the words of the contract.
    #[serde(default)]
    pub exclusions: Vec<Field<String>>,
}

/// The period of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditTier {
    /// Where the share of good events is below this.
    pub below: Field<Ratio>,
    /// Share of the period's bill that is paid back.
    pub credit: Field<Ratio>,
}

reference_target!(ServiceLevelAgreement, "SLA");

impl Spec for ServiceLevelAgreement {}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<ServiceLevelAgreement>(
    "a service level agreement: what was promised to a customer, and what a breach costs",
    include_str!("sla.yaml"),
);
