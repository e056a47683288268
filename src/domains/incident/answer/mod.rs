//! Answers of this domain: incidents as reports.
pub mod cost;
pub mod list;
pub mod plot;
pub mod show;
pub mod stats;
pub mod timeline;

pub use cost::IncidentCostAnswer;
pub use list::IncidentListAnswer;
pub use show::IncidentAnswer;
pub use stats::IncidentStatsAnswer;
pub use timeline::IncidentTimelineAnswer;

use super::engine::{
    Clocks, Event, Status,
    response::{Outcome, Response},
};
use crate::kernel::{
    report::{Cell, significant_number, words},
    time::{Zone, rfc3339},
    units::{Duration, Instant},
};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

/// The zone in which tables show times.
#[derive(Clone, Debug)]
pub struct Shown(pub Zone);

impl Shown {
    fn instant(&self, at: Instant) -> Cell {
        Cell::instant_in(at, *self.0.local(at).offset())
    }

    fn maybe(&self, at: Option<Instant>) -> Cell {
        at.map_or(Cell::Missing, |at| self.instant(at))
    }
}

/// When what happened; null where nobody wrote it down.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentClocks")]
struct ClocksForm {
    /// Users began to be touched.
    started: Option<String>,
    /// An alert fired, or somebody noticed.
    detected: Option<String>,
    /// Somebody said that it is an incident.
    declared: Option<String>,
    /// Somebody took it on.
    acknowledged: Option<String>,
    /// The first of those who work on it began to.
    engaged: Option<String>,
    /// Users are not touched any more.
    mitigated: Option<String>,
    /// It is mended.
    resolved: Option<String>,
    /// There is nothing left to do.
    closed: Option<String>,
    /// It was no incident.
    cancelled: Option<String>,
}

impl ClocksForm {
    fn of(clocks: &Clocks) -> Self {
        Self {
            started: clocks.started.map(rfc3339),
            detected: clocks.detected.map(rfc3339),
            declared: clocks.declared.map(rfc3339),
            acknowledged: clocks.acknowledged.map(rfc3339),
            engaged: clocks.engaged.map(rfc3339),
            mitigated: clocks.mitigated.map(rfc3339),
            resolved: clocks.resolved.map(rfc3339),
            closed: clocks.closed.map(rfc3339),
            cancelled: clocks.cancelled.map(rfc3339),
        }
    }
}

/// How fast somebody took an incident on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentResponseTime")]
struct ResponseForm {
    /// `met`, `breached`, `pending`, `no limit`, or `unknown` where something that is needed is not written down.
    state: &'static str,
    /// The severity that set the limit.
    severity: Option<String>,
    /// The limit. Unit: minutes.
    limit_minutes: Option<Number>,
    /// When it is over.
    deadline: Option<String>,
    /// The time that counts until somebody acknowledged, or until now. Unit: minutes.
    took_minutes: Option<Number>,
}

impl ResponseForm {
    fn of(response: &Response) -> Self {
        Self {
            state: response.outcome.name(),
            severity: response.severity.clone(),
            limit_minutes: response.limit.and_then(minutes),
            deadline: response.deadline.map(rfc3339),
            took_minutes: response.took.and_then(minutes),
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentEvent")]
struct EventForm {
    /// When.
    at: String,
    /// What, as documents call it.
    #[serde(rename = "type")]
    event: &'static str,
    /// Who or what says so.
    by: Option<String>,
    /// What there is to say of it.
    note: Option<String>,
    /// The severity from then on.
    severity: Option<String>,
    /// The role that somebody took.
    role: Option<String>,
    /// Who took it.
    person: Option<String>,
    /// Where there is more of it.
    link: Option<String>,
    /// When it was written down, if that was not when it happened.
    recorded_at: Option<String>,
}

impl EventForm {
    fn of(event: &Event) -> Self {
        let (role, person) = event.role.clone().unzip();
        Self {
            at: rfc3339(event.at),
            event: event.event.name(),
            by: event.by.clone(),
            note: event.note.clone(),
            severity: event.severity.clone(),
            role,
            person,
            link: event.link.clone(),
            recorded_at: event.recorded_at.map(rfc3339),
        }
    }
}

/// What an event says, in words.
fn saying(event: &Event) -> String {
    let mut said = Vec::new();
    said.extend(event.severity.clone());
    said.extend(event.role.as_ref().map(|(role, person)| format!("{person} is {role}")));
    said.extend(event.note.as_ref().map(|note| note.trim().replace('\n', " ")));
    said.extend(event.link.clone());
    said.join("; ")
}

fn minutes(time: TimeDelta) -> Option<Number> {
    significant_number(time.as_seconds_f64() / 60.0)
}

/// A length of time; one that goes back is none.
fn span(time: TimeDelta) -> Duration {
    Duration::from_milliseconds(u64::try_from(time.num_milliseconds()).unwrap_or(0))
}

/// A length of time in words, for messages.
pub fn in_words(time: TimeDelta) -> String {
    words::span_short(span(time))
}

fn span_cell(time: Option<TimeDelta>) -> Cell {
    time.map_or(Cell::Missing, |time| Cell::span(span(time)))
}

fn status_cell(status: Status) -> Cell {
    match status {
        Status::Open => Cell::bad(status.name()),
        Status::Acknowledged | Status::Mitigated => Cell::warning(status.name()),
        Status::Resolved | Status::Closed => Cell::good(status.name()),
        Status::Cancelled => Cell::muted(status.name()),
    }
}

fn outcome_cell(outcome: Outcome) -> Cell {
    match outcome {
        Outcome::Met => Cell::good(outcome.name()),
        Outcome::Breached => Cell::bad(outcome.name()),
        Outcome::Pending => Cell::warning(outcome.name()),
        Outcome::NoLimit => Cell::muted(outcome.name()),
        Outcome::Unknown => Cell::unknown(outcome.name()),
    }
}
