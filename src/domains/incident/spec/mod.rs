//! What users write about incidents.
mod incident;
mod incident_response;

pub use super::engine::{
    EventType,
    levels::{CountedFrom, Effect, SeverityAt},
};
pub use incident::{EventSpec, ImpactSpec, Incident};
pub use incident_response::{CriterionSpec, IncidentResponse, RoleSpec, SeverityLevel};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 2] = [&INCIDENT_RESPONSE, &INCIDENT];

/// The kind `IncidentResponse`.
pub static INCIDENT_RESPONSE: Kind = Kind::of::<IncidentResponse>(
    "the severities of incidents: what they mean, and how fast they are answered",
    include_str!("incident_response.yaml"),
);

/// The kind `Incident`.
pub static INCIDENT: Kind = Kind::of::<Incident>(
    "something that went wrong, and what happened when: one file each",
    include_str!("incident.yaml"),
);
