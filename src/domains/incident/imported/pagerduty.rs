//! Incidents as PagerDuty's REST API answers them.
//!
//! `GET /incidents` gives `{"incidents": [...]}`, `GET /incidents/{id}` gives `{"incident": {...}}`; `GET
//! /incidents/{id}/log_entries` gives `{"log_entries": [...]}`, which may also stand inside of an incident. Log entries
//! say more: without them the instants of the incident itself count.
use super::{Imported, Problem, instant, text};
use crate::{
    domains::incident::{change::NewEvent, spec::EventType},
    kernel::units::Instant,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads incidents from answers of the API, each a JSON value in its file.
///
/// # Errors
/// All that is wrong with them.
pub fn read(answers: &[Value]) -> Result<Vec<Imported>, Vec<Problem>> {
    let (mut incidents, mut problems) = (Vec::new(), Vec::new());
    let mut entries: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for answer in answers {
        let mut known = false;
        for (field, many) in [("incidents", true), ("incident", false)] {
            let Some(value) = answer.get(field).filter(|_| answer.get("log_entries").is_none())
            else {
                continue;
            };
            known = true;
            match value {
                Value::Array(items) if many => incidents.extend(items),
                Value::Object(_) if !many => incidents.push(value),
                _ => problems.push(problem(field, "it does not hold incidents")),
            }
        }
        if let Value::Array(items) = answer {
            known = true;
            incidents.extend(items);
        }
        for entry in answer.get("log_entries").and_then(Value::as_array).into_iter().flatten() {
            known = true;
            let id = entry.get("incident").and_then(|incident| text(incident, "id"));
            match id {
                Some(id) => entries.entry(id).or_default().push(entry),
                None => problems.push(problem("log_entries", "a log entry without `incident.id`")),
            }
        }
        if !known {
            let message =
                "neither `incidents` nor `log_entries`: is it an answer of PagerDuty's API?";
            problems.push(problem("the answer", message));
        }
    }
    let mut found = Vec::new();
    for (at, object) in incidents.into_iter().enumerate() {
        let own = object.get("log_entries").and_then(Value::as_array).into_iter().flatten();
        let id = text(object, "id").unwrap_or_default();
        let entries: Vec<&Value> =
            own.chain(entries.get(id).into_iter().flatten().copied()).collect();
        match incident(object, &entries) {
            Ok(incident) => found.push(incident),
            Err(message) => problems.push(problem(&format!("incidents[{at}]"), &message)),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn problem(place: &str, message: &str) -> Problem {
    Problem { place: place.to_owned(), message: message.to_owned() }
}

fn incident(object: &Value, entries: &[&Value]) -> Result<Imported, String> {
    let id = text(object, "id").ok_or("an incident without `id`")?;
    let title = text(object, "title").or_else(|| text(object, "summary"));
    let title = title.ok_or("an incident without `title`")?;
    let origin = format!("pagerduty/{id}/");
    let mut events = Vec::new();
    for entry in entries {
        events.extend(from_entry(entry, &origin)?);
    }
    from_incident(object, &origin, &mut events)?;
    events.sort_by(|one, other| {
        (one.at, one.event, &one.origin).cmp(&(other.at, other.event, &other.origin))
    });
    // Everybody who is told may acknowledge: the first did.
    let mut seen = Vec::new();
    for event in &mut events {
        if event.event.is_clock() && seen.contains(&event.event) {
            event.note = Some(match event.note.take() {
                Some(note) => format!("{}: {note}", event.event.name()),
                None => event.event.name().to_owned(),
            });
            event.event = EventType::Note;
        } else {
            seen.push(event.event);
        }
    }
    let summary = |field: &str| object.get(field).and_then(|value| text(value, "summary"));
    Ok(Imported {
        title: title.to_owned(),
        severity: summary("priority").map(str::to_owned),
        services: summary("service").map(str::to_owned).into_iter().collect(),
        slos: Vec::new(),
        causes: Vec::new(),
        url: text(object, "html_url").map(str::to_owned),
        origin,
        events,
    })
}

/// What the incident itself says, where no log entry has said it.
fn from_incident(object: &Value, origin: &str, events: &mut Vec<NewEvent>) -> Result<(), String> {
    let mut add = |event: EventType, at: Option<Instant>, by: Option<&str>| {
        if let Some(at) = at.filter(|_| !events.iter().any(|other| other.event == event)) {
            events.push(NewEvent {
                by: Some(by.unwrap_or("pagerduty").to_owned()),
                origin: Some(format!("{origin}{}", event.name())),
                ..NewEvent::new(at, event)
            });
        }
    };
    let created = instant(object, "created_at")?.ok_or("an incident without `created_at`")?;
    add(EventType::Detected, Some(created), None);
    let mut acknowledgements = Vec::new();
    for one in object.get("acknowledgements").and_then(Value::as_array).into_iter().flatten() {
        let who = one.get("acknowledger").and_then(|who| text(who, "summary"));
        acknowledgements.extend(instant(one, "at")?.map(|at| (at, who)));
    }
    if let Some((at, who)) = acknowledgements.into_iter().min() {
        add(EventType::Acknowledged, Some(at), who);
    }
    if text(object, "status") == Some("resolved") {
        let at = match instant(object, "resolved_at")? {
            Some(at) => Some(at),
            None => instant(object, "last_status_change_at")?,
        };
        let who = object.get("last_status_change_by").and_then(|who| text(who, "summary"));
        add(EventType::Resolved, at, who);
    }
    Ok(())
}

/// What a log entry says; nothing for what is of no use later, such as that somebody was told.
fn from_entry(entry: &Value, origin: &str) -> Result<Option<NewEvent>, String> {
    let kind = text(entry, "type").ok_or("a log entry without `type`")?;
    let kind = kind.strip_suffix("_reference").unwrap_or(kind);
    let channel = |field: &str| entry.get("channel").and_then(|channel| text(channel, field));
    let (event, note) = match kind {
        "trigger_log_entry" => (EventType::Detected, channel("summary")),
        "acknowledge_log_entry" => (EventType::Acknowledged, None),
        "resolve_log_entry" => (EventType::Resolved, None),
        "reopen_log_entry" => (EventType::Reopened, None),
        "annotate_log_entry" => {
            (EventType::Note, channel("summary").or_else(|| text(entry, "summary")))
        }
        "notify_log_entry" | "reach_trigger_limit_log_entry" => return Ok(None),
        _ => (EventType::Note, text(entry, "summary")),
    };
    if event == EventType::Note && note.is_none() {
        return Ok(None);
    }
    let id = text(entry, "id").ok_or("a log entry without `id`")?;
    let at = instant(entry, "created_at")?.ok_or("a log entry without `created_at`")?;
    let by = entry.get("agent").and_then(|agent| text(agent, "summary"));
    Ok(Some(NewEvent {
        by: by.map(str::to_owned),
        note: note.map(str::to_owned),
        origin: Some(format!("{origin}{id}")),
        ..NewEvent::new(at, event)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(found: &Imported) -> Vec<(EventType, String)> {
        let events = found.events.iter();
        events.map(|event| (event.event, event.at.format("%H:%M").to_string())).collect()
    }

    #[test]
    fn an_incident_alone_says_what_it_knows() {
        let answer = json!({"incidents": [{
            "id": "Q1", "incident_number": 12, "title": "CPU", "status": "resolved",
            "created_at": "2026-05-14T09:20:00Z", "resolved_at": "2026-05-14T10:20:00Z",
            "html_url": "https://example.pagerduty.com/incidents/Q1",
            "service": {"id": "S", "summary": "payments"}, "priority": {"summary": "P1"},
            "acknowledgements": [
                {"at": "2026-05-14T09:30:00Z", "acknowledger": {"summary": "Bob"}},
                {"at": "2026-05-14T09:25:00Z", "acknowledger": {"summary": "Alice"}},
            ],
        }]});
        let found = read(&[answer]).unwrap();
        assert_eq!(found[0].severity.as_deref(), Some("P1"));
        assert_eq!(found[0].services, ["payments"]);
        assert_eq!(found[0].events[1].by.as_deref(), Some("Alice"));
        let expected = [
            (EventType::Detected, "09:20".to_owned()),
            (EventType::Acknowledged, "09:25".to_owned()),
            (EventType::Resolved, "10:20".to_owned()),
        ];
        assert_eq!(events(&found[0]), expected);
    }

    #[test]
    fn log_entries_say_more_and_count_once() {
        let incident = json!({"incident": {
            "id": "Q1", "title": "CPU", "status": "acknowledged", "created_at": "2026-05-14T09:20:00Z",
            "acknowledgements": [{"at": "2026-05-14T09:25:00Z"}],
        }});
        let entry = |id: &str, kind: &str, minute: u32, more: Value| {
            let mut entry = json!({
                "id": id, "type": kind, "created_at": format!("2026-05-14T09:{minute}:00Z"),
                "incident": {"id": "Q1"}, "agent": {"summary": "Bob"},
            });
            for (key, value) in more.as_object().unwrap() {
                entry[key] = value.clone();
            }
            entry
        };
        let log = json!({"log_entries": [
            entry("R1", "trigger_log_entry", 20, json!({"channel": {"summary": "cpu > 90"}})),
            entry("R2", "notify_log_entry", 20, json!({"summary": "told Bob"})),
            entry("R3", "acknowledge_log_entry", 25, json!({})),
            entry("R4", "acknowledge_log_entry", 27, json!({})),
            entry("R5", "annotate_log_entry", 29, json!({"channel": {"summary": "restarted"}})),
        ]});
        let found = read(&[incident, log]).unwrap();
        let origins: Vec<&str> =
            found[0].events.iter().map(|event| event.origin.as_deref().unwrap()).collect();
        assert_eq!(
            origins,
            ["pagerduty/Q1/R1", "pagerduty/Q1/R3", "pagerduty/Q1/R4", "pagerduty/Q1/R5"]
        );
        let notes: Vec<Option<&str>> =
            found[0].events.iter().map(|event| event.note.as_deref()).collect();
        assert_eq!(notes, [Some("cpu > 90"), None, Some("acknowledged"), Some("restarted")]);
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let problems = read(&[json!({"error": {"message": "no"}})]).unwrap_err();
        assert!(problems[0].message.contains("is it an answer"), "{problems:?}");
        let problems = read(&[json!({"incidents": [{"id": "Q1", "title": "CPU"}]})]).unwrap_err();
        assert_eq!(problems[0].place, "incidents[0]");
        assert_eq!(problems[0].message, "an incident without `created_at`");
    }
}
