//! The answer of `sre incident timeline`.
use super::{EventForm, Shown, saying};
use crate::{
    domains::incident::{engine::Event, resolve::ResolvedIncident},
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        time::{Period, rfc3339},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When; all of it where `None`.
    pub period: Option<Period>,
    /// Whether it is about a single incident.
    pub one: bool,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentTimelineAnswer {
    /// The beginning of what was looked at; null for everything.
    from: Option<String>,
    /// Its end.
    to: Option<String>,
    /// Events in the order of time.
    items: Vec<IncidentTimelineItem>,
}

impl Form for IncidentTimelineAnswer {
    const SCHEMA: &'static str = "sre/incident-timeline@1";
}

/// Something that happened.
#[derive(Debug, Serialize, JsonSchema)]
struct IncidentTimelineItem {
    /// In which incident.
    incident: String,
    /// What.
    event: EventForm,
}

/// The answer.
pub fn report(incidents: &[ResolvedIncident<'_>], asked: &Asked, shown: &Shown) -> Report {
    let wanted = |event: &&Event| asked.period.is_none_or(|period| period.contains(event.at));
    let mut events: Vec<(&str, &Event)> = incidents
        .iter()
        .flat_map(|one| {
            one.record.events.iter().filter(wanted).map(|event| (one.record.id.as_str(), event))
        })
        .collect();
    events.sort_by_key(|(id, event)| (event.at, *id, event.position));
    let mut incident = Column::new("Incident").middle().priority(2);
    if asked.one {
        incident = incident.for_machines();
    }
    let mut table = Table::new().main().columns([
        Column::new("At"),
        incident,
        Column::new("Event"),
        Column::new("By").priority(3),
        Column::new("Note").priority(1),
    ]);
    for (id, event) in &events {
        table.push(vec![
            shown.instant(event.at),
            Cell::name(*id),
            Cell::text(event.event.name()),
            event.by.as_deref().map_or(Cell::Missing, Cell::text),
            Cell::text(saying(event)),
        ]);
    }
    let answer = IncidentTimelineAnswer {
        from: asked.period.map(|period| rfc3339(period.from)),
        to: asked.period.map(|period| rfc3339(period.to)),
        items: events
            .iter()
            .map(|(id, event)| IncidentTimelineItem {
                incident: (*id).to_owned(),
                event: EventForm::of(event),
            })
            .collect(),
    };
    let said = format!("{}.", words::plural(events.len() as u64, "event"));
    let report = Report::of(&answer);
    let report = if events.is_empty() { report } else { report.block(table) };
    report.block(Block::paragraph(Text::new().muted(said)))
}
