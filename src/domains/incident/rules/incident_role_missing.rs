//! An incident in which nobody had a role that its severity asks for.
use crate::{
    domains::incident::{resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC015",
    name: "incident-role-missing",
    level: Level::Note,
    fixable: false,
    page: include_str!("incident-role-missing.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let found = resolve::response_of(context.catalog, incident);
    let (Some(severity), Some((_, response))) = (record.severity(), found) else { return };
    // Before somebody has taken it on, nobody can have a role.
    if record.clocks.acknowledged.is_none() || !record.counts() {
        return;
    }
    let roles = record.roles();
    for role in response.roles.iter().filter_map(Field::get) {
        let Some(name) = role.name.get() else { continue };
        let required = values(&role.required_for).any(|one| one.as_str() == severity);
        if required && !roles.contains_key(name.as_str()) {
            let message = format!("nobody was {name}, and {severity} asks for one");
            findings.push(Finding::new(&RULE, document.name_place(), message).help(format!(
                "`sre incident role {} {name} PERSON` says who was",
                document.name()
            )));
        }
    }
}
