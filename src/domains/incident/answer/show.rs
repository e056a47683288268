//! The answer of `sre incident show`.
use super::{
    ClocksForm, EventForm, ResponseForm, Shown, minutes, outcome_cell, saying, span, span_cell,
    status_cell,
};
use crate::{
    domains::incident::{
        engine::{
            Clock, Event, Record,
            response::{Outcome, Response},
            updates::Cadence,
        },
        resolve::{ResolvedIncident, levels_of},
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, State, Table, Text, words},
        spec::Catalog,
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;

/// An incident.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentAnswer {
    /// The present moment, for what goes on.
    as_of: String,
    /// Its name.
    incident: String,
    /// Its file; null for standard input.
    file: Option<String>,
    /// What it is.
    title: String,
    /// `open`, `acknowledged`, `mitigated`, `resolved`, `closed` or `cancelled`.
    status: &'static str,
    /// The severity that it has last.
    severity: Option<String>,
    /// Each severity that it has had.
    severities: Vec<SeverityForm>,
    /// Who has which role last, by role.
    roles: BTreeMap<String, String>,
    /// The services that it touches.
    services: Vec<String>,
    /// The objectives that it touches.
    slos: Vec<String>,
    /// What it came from.
    causes: Vec<String>,
    /// When what happened.
    clocks: ClocksForm,
    /// How long what took, by the name of the clock; null where an end of it is missing. Unit: minutes.
    minutes: BTreeMap<&'static str, Option<Number>>,
    /// When users were touched.
    impact: Vec<ImpactForm>,
    /// How fast somebody took it on.
    response: ResponseForm,
    /// How often those who are affected were told how it stands.
    updates: UpdatesForm,
    /// What happened, in the order of time.
    timeline: Vec<EventForm>,
}

impl Form for IncidentAnswer {
    const SCHEMA: &'static str = "sre/incident@1";
}

/// A severity.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentSeverity")]
struct SeverityForm {
    /// Since when; null for the first.
    since: Option<String>,
    /// The severity.
    severity: String,
}

/// A stretch of time in which users were touched.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentImpact")]
struct ImpactForm {
    /// Its beginning.
    from: String,
    /// Its end, or now.
    to: String,
    /// How long it is. Unit: minutes.
    minutes: Option<Number>,
}

/// How often those who are affected were told how it stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentUpdates")]
struct UpdatesForm {
    /// How many times.
    updates: usize,
    /// When they are to be told next; null where nothing is due.
    next_due: Option<String>,
    /// Stretches of time in which they should have been told again.
    late: Vec<SilenceForm>,
}

/// A stretch of time without an update that was too long.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentSilence")]
struct SilenceForm {
    /// Its beginning.
    from: String,
    /// Its end, or now.
    to: String,
    /// How long it may have been. Unit: minutes.
    allowed_minutes: Option<Number>,
}

impl UpdatesForm {
    fn of(cadence: &Cadence) -> Self {
        let silence = |one: &crate::domains::incident::engine::updates::Silence| SilenceForm {
            from: rfc3339(one.from),
            to: rfc3339(one.to),
            allowed_minutes: minutes(one.allowed),
        };
        Self {
            updates: cadence.updates,
            next_due: cadence.next_due.map(rfc3339),
            late: cadence.late.iter().map(silence).collect(),
        }
    }
}

/// The answer.
pub fn report(
    catalog: &Catalog,
    incident: &ResolvedIncident<'_>,
    file: Option<&str>,
    now: Instant,
    shown: &Shown,
) -> Report {
    let record = &incident.record;
    let levels = levels_of(catalog, incident.spec);
    let response = Response::of(record, &levels, now);
    let cadence = Cadence::of(record, &levels, now);
    let periods = record.impact_periods(None, now);
    let impact = periods.iter().map(|period| ImpactForm {
        from: rfc3339(period.from),
        to: rfc3339(period.to),
        minutes: minutes(period.to - period.from),
    });
    let owned = |names: BTreeMap<&str, &str>| {
        names.into_iter().map(|(role, person)| (role.to_owned(), person.to_owned())).collect()
    };
    let answer = IncidentAnswer {
        as_of: rfc3339(now),
        incident: record.id.clone(),
        file: file.map(str::to_owned),
        title: record.title.clone(),
        status: record.clocks.status().name(),
        severity: record.severity().map(str::to_owned),
        severities: record
            .severities()
            .map(|(since, severity)| SeverityForm {
                since: since.map(rfc3339),
                severity: severity.to_owned(),
            })
            .collect(),
        roles: owned(record.roles()),
        services: record.services.clone(),
        slos: record.slos.clone(),
        causes: record.causes.clone(),
        clocks: ClocksForm::of(&record.clocks),
        minutes: Clock::ALL
            .into_iter()
            .map(|clock| (clock.name(), record.clocks.elapsed(clock).and_then(minutes)))
            .collect(),
        impact: impact.collect(),
        response: ResponseForm::of(&response),
        updates: UpdatesForm::of(&cadence),
        timeline: record.events.iter().map(EventForm::of).collect(),
    };
    Report::of(&answer)
        .block(Block::heading(format!("{}: {}", record.id, record.title)))
        .block(facts(record, &response, &cadence, now, shown))
        .block(clocks(record))
        .block(events(record, shown))
}

fn facts(
    record: &Record,
    response: &Response,
    cadence: &Cadence,
    now: Instant,
    shown: &Shown,
) -> Block {
    let severities: Vec<&str> = record.severities().map(|(_, severity)| severity).collect();
    let list = |names: &[String]| {
        if names.is_empty() { Cell::Missing } else { Cell::text(names.join(", ")) }
    };
    let mut facts = vec![
        ("Status", status_cell(record.clocks.status())),
        ("Severity", Cell::text(severities.join(" → "))),
        ("Services", list(&record.services)),
        ("SLOs", list(&record.slos)),
        ("Causes", list(&record.causes)),
    ];
    let roles = record.roles();
    if !roles.is_empty() {
        let roles: Vec<String> =
            roles.iter().map(|(role, person)| format!("{person} ({role})")).collect();
        facts.push(("Roles", Cell::text(roles.join(", "))));
    }
    facts.push(("Response", Cell::text(response_text(response, now, shown))));
    if cadence.next_due.is_some() || !cadence.late.is_empty() || cadence.updates > 0 {
        facts.push(("Updates", Cell::text(updates_text(cadence, now))));
    }
    Block::facts(facts)
}

fn response_text(response: &Response, now: Instant, shown: &Shown) -> Text {
    let Cell::State(state) = outcome_cell(response.outcome) else {
        return Text::new().muted(response.outcome.name());
    };
    let text = Text::new().state(state);
    let time = |time: chrono::TimeDelta| words::span_short(span(time));
    let (Some(limit), Some(took)) = (response.limit, response.took) else { return text };
    let severity = response.severity.as_deref().unwrap_or("its severity");
    let limit = format!("{} of {severity}", time(limit));
    match response.outcome {
        Outcome::Pending => {
            let left = response.deadline.map(|deadline| {
                let at = words::instant_in(deadline, *shown.0.local(deadline).offset());
                format!(", {} left, until {at}", time(deadline - now))
            });
            text.plain(format!(": nobody has acknowledged yet{}", left.unwrap_or_default()))
        }
        _ => text.plain(format!(": {} against the {limit}", time(took))),
    }
}

fn updates_text(cadence: &Cadence, now: Instant) -> Text {
    let time = |time: chrono::TimeDelta| words::span_short(span(time));
    let mut text = Text::new().plain(words::plural(cadence.updates as u64, "update"));
    let late = cadence.late.len() as u64;
    if late > 0 {
        let longest = cadence.late.iter().map(|one| one.to - one.from).max().unwrap_or_default();
        let said = format!(", {late} late, the longest silence {}", time(longest));
        text = text.warning(said);
    }
    match cadence.next_due {
        Some(due) if due < now => text
            .plain(", ")
            .state(State::bad(format!("the next is overdue by {}", time(now - due)))),
        Some(due) => text.plain(format!(", the next is due in {}", time(due - now))),
        None => text,
    }
}

fn clocks(record: &Record) -> Table {
    let mut table = Table::new().columns([
        Column::new("Time to"),
        Column::new("Took").key("seconds"),
        Column::new("From"),
        Column::new("To"),
    ]);
    for clock in Clock::ALL {
        let (from, to) = clock.ends();
        let elapsed = record.clocks.elapsed(clock);
        if elapsed.is_none() && clock == Clock::Engage {
            continue;
        }
        table.push(vec![
            Cell::text(clock.name()),
            span_cell(elapsed),
            Cell::text(from.name()),
            Cell::text(to.name()),
        ]);
    }
    table
}

fn events(record: &Record, shown: &Shown) -> Table {
    let mut table = Table::new().main().columns([
        Column::new("At"),
        Column::new("Event"),
        Column::new("By").priority(2),
        Column::new("Note").priority(1),
    ]);
    let row = |event: &Event| {
        vec![
            shown.instant(event.at),
            Cell::text(event.event.name()),
            event.by.as_deref().map_or(Cell::Missing, Cell::text),
            Cell::text(saying(event)),
        ]
    };
    record.events.iter().map(row).for_each(|row| table.push(row));
    table
}
