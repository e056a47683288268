//! Incidents that stand elsewhere, brought into files of ours.
//!
//! Each event carries where it was taken from, so that reading the same again adds only what is new.
pub mod json_lines;
pub mod pagerduty;

use super::{change::NewEvent, engine::Record, spec::Incident};
use crate::kernel::{
    spec::{Optional as _, values},
    time::parse_instant,
    units::Instant,
};
use serde_json::Value;

/// An incident as another tool has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What all of its events' origins begin with: `pagerduty/Q2ABC/`.
    pub origin: String,
    /// What it is.
    pub title: String,
    /// Its severity there.
    pub severity: Option<String>,
    /// The services that it touches there.
    pub services: Vec<String>,
    /// The objectives that it touches.
    pub slos: Vec<String>,
    /// What it came from.
    pub causes: Vec<String>,
    /// What happened, in the order of time, each with its origin.
    pub events: Vec<NewEvent>,
    /// Where it is: an address.
    pub url: Option<String>,
}

/// Something in a file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `line 3`, `incidents[2]`.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl Imported {
    /// The first instant of which something is known.
    pub fn began(&self) -> Option<Instant> {
        self.events.iter().map(|event| event.at).min()
    }

    /// The events that are not there yet. What people wrote themselves counts: a clock is not set again.
    pub fn new_events(&self, incident: &Incident, record: &Record) -> Vec<NewEvent> {
        let known: Vec<&str> = origins(incident).collect();
        let is_new = |event: &&NewEvent| {
            let origin = event.origin.as_deref().unwrap_or_default();
            let is_told = event.event.is_clock() && record.clocks.get(event.event).is_some();
            !(is_told || known.contains(&origin))
        };
        self.events.iter().filter(is_new).cloned().collect()
    }
}

/// Where the events of an incident were taken from.
pub fn origins(incident: &Incident) -> impl Iterator<Item = &str> {
    let events = incident.timeline.get().into_iter().flat_map(|events| values(events));
    events.filter_map(|event| event.origin.value().map(String::as_str))
}

/// A text of an object; nothing where it is missing, null or empty.
fn text<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// An instant of an object; nothing where it is missing or null.
///
/// # Errors
/// If something else stands there.
fn instant(object: &Value, field: &str) -> Result<Option<Instant>, String> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => match parse_instant(text.trim()) {
            Ok(at) => Ok(Some(at)),
            Err(message) => Err(format!("`{field}`: {message}")),
        },
        Some(_) => Err(format!("`{field}` is not an instant such as `2026-05-14T09:20:00Z`")),
    }
}
