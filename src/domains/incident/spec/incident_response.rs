//! The kind `IncidentResponse`.
use super::{CountedFrom, Effect, SeverityAt};
use crate::{
    domains::oncall::spec::{CoverageSpec, EscalationPolicy},
    kernel::{
        spec::{Field, Name, Ref, Spec, Spelling, Unit},
        time::Zone,
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The severities of incidents, and how each is answered.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentResponse {
    /// The severities; the lowest level is the worst.
    pub severity_levels: Field<Vec<Field<SeverityLevel>>>,
    /// Whose clocks the hours of severities go by; UTC unless said.
    pub time_zone: Option<Field<Zone>>,
    /// What response times count from; `detected` unless said.
    pub response_counts_from: Option<Field<CountedFrom>>,
    /// Which severity sets the response time of an incident whose severity changes; `at_limit` unless said.
    pub response_severity: Option<Field<SeverityAt>>,
    /// What people are during an incident.
    #[serde(default)]
    pub roles: Vec<Field<RoleSpec>>,
}

/// A severity.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityLevel {
    /// Its rank: 1 is the worst.
    pub level: Field<u8>,
    /// What incidents call it: `SEV-1`.
    pub name: Field<Name>,
    /// What it means.
    pub description: Option<Field<String>>,
    /// Within how long somebody acknowledges such an incident.
    pub response_time: Option<Field<Duration>>,
    /// The hours in which that time counts; all hours unless said.
    #[serde(default)]
    pub hours: Vec<Field<CoverageSpec>>,
    /// How often those who are affected are told how it stands, until it is mitigated.
    pub update_every: Option<Field<Duration>>,
    /// Who is told of such an incident, and who when nobody answers.
    pub escalation: Option<Field<Ref<EscalationPolicy>>>,
    /// Within how long after such an incident is resolved its post-mortem is there; none is asked for unless said.
    pub post_mortem_within: Option<Field<Duration>>,
    /// How old an open incident becomes before `sre validate` asks whether it really is; `7d` unless said.
    pub stale_after: Option<Field<Duration>>,
    /// What makes an incident one of these: any of them suffices.
    #[serde(default)]
    pub criteria: Vec<Field<CriterionSpec>>,
}

/// What makes an incident one of a severity: all of it together.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionSpec {
    /// What users see of it; what is worse counts too.
    pub effect: Option<Field<Effect>>,
    /// The smallest share of users or requests that it touches.
    pub affected: Option<Field<Ratio>>,
    /// The least important tier of a service that it touches; more important ones count too.
    pub tier: Option<Field<u8>>,
    /// Whether data are lost or wrong.
    pub data_loss: Option<Field<bool>>,
    /// Whether somebody could see or do what they must not.
    pub security: Option<Field<bool>>,
}

/// What somebody is during an incident.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// What it is called: `commander`.
    pub name: Field<Name>,
    /// What whoever has it does.
    pub description: Option<Field<String>>,
    /// The severities of incidents in which somebody has to have it.
    #[serde(default)]
    pub required_for: Vec<Field<Name>>,
}

reference_target!(IncidentResponse, "IncidentResponse");

impl Spec for IncidentResponse {
    const SPELLINGS: &'static [Spelling] = &[Spelling {
        path: &["spec", "severity_levels", "*"],
        old: "response_time_min",
        new: "response_time",
        unit: Unit::Minutes,
    }];
}
