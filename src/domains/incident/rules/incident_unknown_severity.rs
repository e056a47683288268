//! A severity that the catalog does not know.
use crate::{
    domains::incident::{resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field, Name, Optional as _, problem},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC004",
    name: "incident-unknown-severity",
    level: Level::Error,
    fixable: false,
    page: include_str!("incident-unknown-severity.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let levels = resolve::levels_of(context.catalog, incident);
    if levels.levels.is_empty() {
        return;
    }
    let known: Vec<&str> = levels.levels.iter().map(|level| level.name.as_str()).collect();
    for (name, place) in named(incident) {
        if known.contains(&name.as_str()) {
            continue;
        }
        let finding = Finding::new(&RULE, place, format!("there is no severity `{name}`"));
        findings.push(match problem::closest(name.as_str(), &known) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("the severities are {}", problem::list(&known))),
        });
    }
}

/// The severities that an incident names.
fn named(incident: &Incident) -> impl Iterator<Item = (&Name, Place)> {
    let events = incident.timeline.get().into_iter().flatten().filter_map(Field::get);
    let changed = events.filter_map(|event| event.severity.pair());
    incident.severity.pair().into_iter().chain(changed)
}
