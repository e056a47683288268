//! The answer of `sre incident list`.
use super::{ClocksForm, ResponseForm, Shown, minutes, outcome_cell, span, status_cell};
use crate::{
    domains::incident::{
        engine::{Status, response::Response},
        resolve::{ResolvedIncident, Severities},
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        spec::Catalog,
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::cmp::Reverse;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The present moment.
    pub now: Instant,
    /// How many incidents are not among those given, because they began at another time.
    pub earlier: usize,
}

/// Incidents.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentListAnswer {
    /// The present moment, for what goes on.
    as_of: String,
    /// The open ones first, and of either the latest first.
    items: Vec<IncidentListItem>,
}

impl Form for IncidentListAnswer {
    const SCHEMA: &'static str = "sre/incident-list@1";
}

/// An incident.
#[derive(Debug, Serialize, JsonSchema)]
struct IncidentListItem {
    /// Its name.
    incident: String,
    /// What it is.
    title: String,
    /// The severity that it has last.
    severity: Option<String>,
    /// `open`, `acknowledged`, `mitigated`, `resolved`, `closed` or `cancelled`.
    status: &'static str,
    /// Whether there is something left to mend.
    open: bool,
    /// When it began, as far as is known; null where nothing has happened.
    began: Option<String>,
    /// How long it took until it was resolved, or has taken so far; null where that is not known. Unit: minutes.
    minutes: Option<Number>,
    /// How fast somebody took it on.
    response: ResponseForm,
    /// When what happened.
    clocks: ClocksForm,
    /// The services that it touches.
    services: Vec<String>,
    /// The objectives that it touches.
    slos: Vec<String>,
    /// What it came from.
    causes: Vec<String>,
}

/// The answer.
pub fn report(
    catalog: &Catalog,
    incidents: &[ResolvedIncident<'_>],
    asked: &Asked,
    shown: &Shown,
) -> Report {
    let mut sorted: Vec<&ResolvedIncident<'_>> = incidents.iter().collect();
    sorted.sort_by_cached_key(|one| {
        let is_over = !one.record.clocks.status().is_open();
        (is_over, Reverse(one.record.began()), one.record.id.clone())
    });
    let severities = Severities::of(catalog);
    let mut table = Table::new().main().columns([
        Column::new("Incident").middle(),
        Column::new("Severity"),
        Column::new("Status"),
        Column::new("Began").priority(2),
        Column::new("Took").key("seconds").priority(3),
        Column::new("Response").priority(4),
        Column::new("Title").priority(5),
    ]);
    let mut items = Vec::with_capacity(sorted.len());
    for incident in &sorted {
        let record = &incident.record;
        let response = Response::of(record, severities.of_incident(incident.spec), asked.now);
        let (clocks, status) = (&record.clocks, record.clocks.status());
        let end = clocks.resolved.or(status.is_open().then_some(asked.now));
        let took = record.began().zip(end).map(|(began, end)| end - began);
        let took = took.filter(|took| *took >= chrono::TimeDelta::zero());
        table.push(vec![
            Cell::name(record.id.as_str()),
            record.severity().map_or(Cell::Missing, Cell::text),
            status_cell(status),
            shown.maybe(record.began()),
            took.map_or(Cell::Missing, |took| Cell::span(span(took))),
            match (status, response.outcome) {
                (Status::Cancelled, _) => Cell::Missing,
                (_, outcome) => outcome_cell(outcome),
            },
            Cell::text(record.title.as_str()),
        ]);
        items.push(IncidentListItem {
            incident: record.id.clone(),
            title: record.title.clone(),
            severity: record.severity().map(str::to_owned),
            status: status.name(),
            open: status.is_open(),
            began: record.began().map(rfc3339),
            minutes: took.and_then(minutes),
            response: ResponseForm::of(&response),
            clocks: ClocksForm::of(clocks),
            services: record.services.clone(),
            slos: record.slos.clone(),
            causes: record.causes.clone(),
        });
    }
    let open = sorted.iter().filter(|one| one.record.clocks.status().is_open()).count();
    let mut said = format!("{}, {open} open.", words::plural(sorted.len() as u64, "incident"));
    if asked.earlier > 0 {
        let earlier = words::thousands(asked.earlier as u64);
        said = format!("{said} {earlier} of another time are not shown: --all, --from, --to.");
    }
    let answer = IncidentListAnswer { as_of: rfc3339(asked.now), items };
    let report = Report::of(&answer);
    let report = if sorted.is_empty() { report } else { report.block(table) };
    report.block(Block::paragraph(Text::new().muted(said)))
}
