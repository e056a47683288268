//! Incidents: conformance of the engine.
mod derived;
mod properties;

use sre::{
    domains::incident::engine::{
        Clocks, Event, EventType, Record,
        levels::{Level, Levels},
    },
    kernel::units::Instant,
};

/// An incident with these events and nothing else.
fn record(id: &str, severity: &str, events: &[(Instant, EventType)]) -> Record {
    let events = events
        .iter()
        .enumerate()
        .map(|(position, (at, event))| Event { position, ..Event::new(*at, *event) });
    let empty = Record {
        id: id.to_owned(),
        title: String::new(),
        first_severity: Some(severity.to_owned()),
        services: Vec::new(),
        slos: Vec::new(),
        causes: Vec::new(),
        impact: Vec::new(),
        events: Vec::new(),
        clocks: Clocks::default(),
    };
    empty.with_events(events.collect())
}

/// A severity with a response time in minutes.
fn level(rank: u8, name: &str, minutes: i64) -> Level {
    Level {
        rank,
        name: name.to_owned(),
        response_time: Some(chrono::TimeDelta::minutes(minutes)),
        hours: None,
        update_every: None,
        criteria: Vec::new(),
    }
}

fn levels(levels: Vec<Level>) -> Levels {
    Levels { levels, ..Levels::default() }
}
