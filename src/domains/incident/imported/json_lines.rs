//! Incidents as JSON Lines: an object on each line, in a form of our own.
//!
//! | field | is |
//! |---|---|
//! | `id` | what it is called there |
//! | `title` | what it is |
//! | `severity`, `services`, `slos`, `causes` | as documents have them; lists may be a single text |
//! | names of clocks | instants, or null |
//! | `events` | objects with `at`, `type` and, if known, `by`, `note`, `severity`, `link` |
//! | `url` | where it is |
use super::{Imported, Problem, instant, text};
use crate::{
    domains::incident::{change::NewEvent, spec::EventType},
    kernel::{
        spec::{Name, problem},
        time::rfc3339,
    },
};
use serde_json::Value;

/// Reads incidents.
///
/// # Errors
/// All that is wrong with them.
pub fn read(input: &str) -> Result<Vec<Imported>, Vec<Problem>> {
    let input = input.strip_prefix('\u{feff}').unwrap_or(input);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(input.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let read = serde_json::from_str::<Value>(line)
            .map_err(|error| format!("not JSON: {error}"))
            .and_then(|object| incident(&object));
        match read {
            Ok(incident) => found.push(incident),
            Err(message) => problems.push(Problem { place: format!("line {number}"), message }),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn incident(object: &Value) -> Result<Imported, String> {
    let fields = object.as_object().ok_or("expected an object")?;
    let clocks = EventType::ALL.into_iter().filter(|event| event.is_clock());
    let mut known = vec!["id", "title", "severity", "services", "slos", "causes", "events", "url"];
    known.extend(clocks.clone().map(EventType::name));
    if let Some(unknown) = fields.keys().find(|key| !known.contains(&key.as_str())) {
        let near = problem::closest(unknown, &known);
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("unknown field `{unknown}`{near}"));
    }
    let id = text(object, "id").ok_or("an incident without `id`")?;
    if id.contains('/') {
        return Err(format!("`id` has no `/` in it, and `{id}` does"));
    }
    let title = text(object, "title").ok_or("an incident without `title`")?;
    let origin = format!("jsonl/{id}/");
    let mut events = Vec::new();
    for event in clocks {
        if let Some(at) = instant(object, event.name())? {
            let origin = Some(format!("{origin}{}", event.name()));
            events.push(NewEvent { origin, ..NewEvent::new(at, event) });
        }
    }
    match object.get("events") {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) => {
            for item in items {
                events.push(self::event(item, &origin)?);
            }
        }
        Some(_) => return Err("`events` is not a list".to_owned()),
    }
    events.sort_by_key(|event| event.at);
    if events.is_empty() {
        return Err("an incident of which nothing has happened".to_owned());
    }
    Ok(Imported {
        title: title.to_owned(),
        severity: text(object, "severity").map(str::to_owned),
        services: list(object, "services")?,
        slos: list(object, "slos")?,
        causes: list(object, "causes")?,
        url: text(object, "url").map(str::to_owned),
        origin,
        events,
    })
}

fn event(item: &Value, origin: &str) -> Result<NewEvent, String> {
    let at = instant(item, "at")?.ok_or("an event without `at`")?;
    let word = text(item, "type").ok_or("an event without `type`")?;
    let names = EventType::ALL.map(EventType::name);
    let event = EventType::ALL.into_iter().find(|event| event.name() == word);
    let event = event
        .ok_or_else(|| format!("`{word}` is not a type of event: {}", problem::one_of(&names)))?;
    let severity = text(item, "severity").map(Name::new).transpose().map_err(str::to_owned)?;
    if (event == EventType::Severity) != severity.is_some() {
        return Err("an event of type `severity`, and no other, has a `severity`".to_owned());
    }
    if event == EventType::Role {
        return Err("roles are not read: write them with `sre incident role`".to_owned());
    }
    Ok(NewEvent {
        by: text(item, "by").map(str::to_owned),
        note: text(item, "note").map(str::to_owned),
        link: text(item, "link").map(str::to_owned),
        severity,
        origin: Some(format!("{origin}{}/{word}", rfc3339(at))),
        ..NewEvent::new(at, event)
    })
}

/// A list of texts, or a single one.
fn list(object: &Value, field: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`{field}` is not a list of texts");
    match object.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incidents_are_read_with_their_events_in_order() {
        let text = r#"{"id": "OPS-7", "title": "Down", "services": "search", "detected": "2026-11-03T08:02:00Z", "started": "2026-11-03T08:50:00+01:00", "resolved": null, "events": [{"at": "2026-11-03T08:00:00Z", "type": "note", "by": "bob", "note": "hm"}]}"#;
        let found = read(&format!("\n{text}\n")).unwrap();
        let [incident] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(incident.services, ["search"]);
        let events: Vec<(EventType, &str)> = incident
            .events
            .iter()
            .map(|event| (event.event, event.origin.as_deref().unwrap()))
            .collect();
        assert_eq!(
            events,
            [
                (EventType::Started, "jsonl/OPS-7/started"),
                (EventType::Note, "jsonl/OPS-7/2026-11-03T08:00:00Z/note"),
                (EventType::Detected, "jsonl/OPS-7/detected"),
            ]
        );
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let text = "{\n[]\n{\"id\": \"a\", \"title\": \"b\"}\n{\"id\": \"a\", \"title\": \"b\", \"detectd\": null}\n\
                    {\"id\": \"a\", \"title\": \"b\", \"detected\": \"yesterday\"}\n";
        let problems = read(text).unwrap_err();
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said[0].starts_with("not JSON"), "{said:?}");
        assert_eq!(
            said[1..],
            [
                "expected an object",
                "an incident of which nothing has happened",
                "unknown field `detectd`; did you mean `detected`?",
                "`detected`: `yesterday` is not an instant",
            ]
        );
        assert_eq!(problems[4].place, "line 5");
    }
}
