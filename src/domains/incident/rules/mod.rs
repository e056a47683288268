//! What may be wrong with incidents, and with what their severities mean.
use super::{
    engine::{EventType, Record},
    resolve,
    spec::{Incident, SeverityLevel},
};
use crate::kernel::{
    diagnostic::{Rule, rule::Context},
    source::Place,
    spec::{Field, Name},
    units::{Duration, Instant},
};
use chrono::TimeDelta;

mod incident_acknowledged_late;
mod incident_clock_order;
mod incident_event_ahead;
mod incident_event_order;
mod incident_event_shape;
mod incident_event_twice;
mod incident_impact_reversed;
mod incident_open_too_long;
mod incident_resolved_not_mitigated;
mod incident_response_unclear;
mod incident_role_missing;
mod incident_severity_lowered_without_note;
mod incident_unknown_severity;
mod incident_update_overdue;
mod incident_without_detection;
mod incident_without_severity;
mod severity_levels_contradict;
mod severity_response_not_kept;
mod severity_without_escalation;
mod severity_without_response_time;

/// All of them.
pub static RULES: &[&Rule] = &[
    &incident_event_order::RULE,
    &incident_clock_order::RULE,
    &incident_event_shape::RULE,
    &incident_unknown_severity::RULE,
    &incident_response_unclear::RULE,
    &incident_acknowledged_late::RULE,
    &incident_update_overdue::RULE,
    &incident_open_too_long::RULE,
    &incident_resolved_not_mitigated::RULE,
    &incident_without_detection::RULE,
    &severity_without_response_time::RULE,
    &severity_without_escalation::RULE,
    &incident_event_ahead::RULE,
    &incident_severity_lowered_without_note::RULE,
    &incident_role_missing::RULE,
    &incident_event_twice::RULE,
    &severity_response_not_kept::RULE,
    &severity_levels_contradict::RULE,
    &incident_without_severity::RULE,
    &incident_impact_reversed::RULE,
];

/// How old an open incident becomes before somebody asks, unless its severity says.
const STALE: TimeDelta = TimeDelta::days(7);

/// A length of time that could be read.
fn time(field: Option<&Field<Duration>>) -> Option<TimeDelta> {
    Some(field?.get()?.to_chrono())
}

/// A severity as it is written.
fn level_spec<'a>(
    context: &Context<'a>,
    incident: &Incident,
    severity: Option<&str>,
) -> Option<&'a SeverityLevel> {
    let (_, response) = resolve::response_of(context.catalog, incident)?;
    let levels = response.severity_levels.get()?;
    let mut levels = levels.iter().filter_map(Field::get);
    levels.find(|level| level.name.get().map(Name::as_str) == severity)
}

/// Where an event stands that is at a place of the timeline.
fn position_place(incident: &Incident, position: usize) -> Option<Place> {
    Some(incident.timeline.get()?.get(position)?.place())
}

/// Where the event stands that sets a clock.
fn event_place(
    incident: &Incident,
    record: &Record,
    event: EventType,
    at: Instant,
) -> Option<Place> {
    let found = record.events.iter().find(|one| one.event == event && one.at == at)?;
    position_place(incident, found.position)
}
