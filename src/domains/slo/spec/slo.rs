//! The kind `SLO`.
use super::{AlertPolicySpec, ErrorBudgetPolicy, Indicator};
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Either, Field, Kind, Ref, Spec, Spelling, Unit, rules},
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A service level objective: how large a share of the events of a window is to be good.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SLO")]
pub struct ServiceLevelObjective {
    /// The service it speaks of.
    pub service: Option<Field<Ref<Service>>>,
    /// The indicator: the name of an `SLI`, or one written here.
    pub sli: Option<Field<Either<Ref<Indicator>, Indicator>>>,
    /// Share of events that is to be good, such as `99.9%`; below 100 %.
    pub target: Field<Ratio>,
    /// Length of the rolling window, such as `30d`.
    pub window: Option<Field<Duration>>,
    /// How the budget is counted; by occurrences unless said otherwise.
    pub method: Option<Field<Method>>,
    /// The time within which an event is good, for indicators of latency: `300ms`.
    pub threshold: Option<Field<Duration>>,
    /// When to alert: the name of an `AlertPolicy`, or one written here; the Site Reliability
    /// Workbook's four tiers unless said.
    pub alerting: Option<Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>>>,
    /// What follows when the budget runs out.
    pub policy: Option<Field<Ref<ErrorBudgetPolicy>>>,
    /// Where to read what to do when it is missed: an address, or a path in the catalog.
    pub runbook: Option<Field<String>>,
}

/// How an error budget is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Bad events over all events.
    #[default]
    Occurrences,
}

reference_target!(ServiceLevelObjective, "SLO");

impl Spec for ServiceLevelObjective {
    const SPELLINGS: &'static [Spelling] = &[
        Spelling { path: &["spec"], old: "target_percent", new: "target", unit: Unit::Ratio },
        Spelling {
            path: &["spec"],
            old: "threshold_ms",
            new: "threshold",
            unit: Unit::Milliseconds,
        },
    ];

    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        if let Some((sli, at)) = self.sli.as_ref().and_then(Field::pair)
            && let Some(inline) = sli.mapping()
        {
            inline.check_alternatives(at, findings);
        }
        if let Some(alerting) = self.alerting.as_ref().and_then(Field::get)
            && let Some(inline) = alerting.mapping()
        {
            inline.check(place, findings);
        }
        if let Some((window, at)) = self.window.as_ref().and_then(Field::pair)
            && *window < Duration::from_minutes(5)
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, at, "a window is at least `5m` long")
                    .help("`30d` and `28d` are usual"),
            );
        }
    }
}

/// The kind.
pub(super) static KIND: Kind = Kind::of::<ServiceLevelObjective>(
    "a service level objective: how large a share of the events of a window is to be good",
    include_str!("slo.yaml"),
);
