//! An event without what its type needs, or with what belongs to another.
use crate::{
    domains::incident::spec::{EventSpec, EventType, Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC003",
    name: "incident-event-shape",
    level: Level::Error,
    fixable: false,
    page: include_str!("incident-event-shape.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    for (event, place) in incident.timeline.get().into_iter().flatten().filter_map(Field::pair) {
        let Some(kind) = event.event.get() else { continue };
        for (field, needed_by, found) in fields(event) {
            if *kind == needed_by && found.is_none() {
                let name = kind.name();
                let message = format!("an event of type `{name}` without `{field}`");
                findings.push(
                    Finding::new(&RULE, place, message).help(format!("write `{field}: ...`")),
                );
            } else if let Some(found) = found.filter(|_| *kind != needed_by) {
                let (name, needed) = (kind.name(), needed_by.name());
                let message = format!("`{field}` says nothing in an event of type `{name}`");
                findings.push(
                    Finding::new(&RULE, found, message)
                        .help(format!("write an event of type `{needed}` for it")),
                );
            }
        }
    }
}

/// Fields that belong to one type of event, and where they stand.
fn fields(event: &EventSpec) -> [(&'static str, EventType, Option<Place>); 3] {
    [
        ("severity", EventType::Severity, event.severity.as_ref().map(Field::place)),
        ("role", EventType::Role, event.role.as_ref().map(Field::place)),
        ("person", EventType::Role, event.person.as_ref().map(Field::place)),
    ]
}
