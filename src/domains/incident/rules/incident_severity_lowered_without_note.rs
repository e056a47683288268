//! A severity that was lowered, and nobody wrote why.
use crate::{
    domains::incident::{engine::EventType, resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC014",
    name: "incident-severity-lowered-without-note",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-severity-lowered-without-note.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let levels = resolve::levels_of(context.catalog, incident);
    let record = resolve::resolve(document, incident).record;
    let rank = |name: &str| levels.get(name).map(|level| level.rank);
    let mut current = record.first_severity.as_deref();
    for event in record.events.iter().filter(|event| event.event == EventType::Severity) {
        let Some(new) = event.severity.as_deref() else { continue };
        let ranks = current.and_then(rank).zip(rank(new));
        if event.note.is_none() && ranks.is_some_and(|(before, after)| after > before) {
            let place = super::position_place(incident, event.position);
            let message =
                format!("{} was lowered to {new}, and nobody wrote why", current.unwrap_or("it"));
            findings.push(
                Finding::new(&RULE, place.unwrap_or(document.name_place()), message)
                    .help("write what was known then: `note: ...`"),
            );
        }
        current = Some(new);
    }
}
