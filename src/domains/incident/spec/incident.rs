//! The kind `Incident`.
use super::{EventType, IncidentResponse};
use crate::{
    domains::{service::spec::Service, slo::spec::ServiceLevelObjective},
    kernel::{
        spec::{Field, Moment, Name, Ref, Spec},
        units::Ratio,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that went wrong. When what happened stands in `timeline` alone: its status, its clocks, and who has
/// which role follow from that.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// What it is, in a line.
    pub title: Field<String>,
    /// The severity that it has first; events of type `severity` change it.
    pub severity: Option<Field<Name>>,
    /// What the severities mean; the only one of the catalog unless said.
    pub response: Option<Field<Ref<IncidentResponse>>>,
    /// The services that it touches.
    #[serde(default)]
    pub services: Vec<Field<Ref<Service>>>,
    /// The objectives that it touches.
    #[serde(default)]
    pub slos: Vec<Field<Ref<ServiceLevelObjective>>>,
    /// What it came from, in words that return from incident to incident: `deploy`, `certificate`.
    #[serde(default)]
    pub causes: Vec<Field<Name>>,
    /// When users were touched, and how much; from its start until it is mitigated unless said.
    #[serde(default)]
    pub impact: Vec<Field<ImpactSpec>>,
    /// Where its post-mortem is, if that is not a document of this catalog: an address.
    pub post_mortem: Option<Field<String>>,
    /// What happened: new events are added at the end.
    pub timeline: Field<Vec<Field<EventSpec>>>,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// When.
    pub at: Field<Moment>,
    /// What.
    #[serde(rename = "type")]
    pub event: Field<EventType>,
    /// Who or what says so.
    pub by: Option<Field<String>>,
    /// What there is to say of it.
    pub note: Option<Field<String>>,
    /// From now on it has this severity: for the type `severity`.
    pub severity: Option<Field<Name>>,
    /// The role that `person` takes: for the type `role`.
    pub role: Option<Field<Name>>,
    /// Who takes the role: for the type `role`.
    pub person: Option<Field<String>>,
    /// Where there is more of it: an address.
    pub link: Option<Field<String>>,
    /// When it was written down, if that was not when it happened.
    pub recorded_at: Option<Field<Moment>>,
    /// Where it was taken from, as `sre incident import` knows it again.
    pub origin: Option<Field<String>>,
}

/// A stretch of time in which users were touched.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImpactSpec {
    /// When it begins.
    pub from: Field<Moment>,
    /// When it ends; it goes on unless said.
    pub to: Option<Field<Moment>>,
    /// The objective that it is about; all of the incident's unless said.
    pub slo: Option<Field<Ref<ServiceLevelObjective>>>,
    /// The share of requests or users that had it.
    pub bad_fraction: Option<Field<Ratio>>,
    /// How many requests were bad.
    pub bad_events: Option<Field<u64>>,
    /// What users saw.
    pub note: Option<Field<String>>,
}

reference_target!(Incident, "Incident");

impl Spec for Incident {}
