//! An incident whose severities may mean several things.
use crate::{
    domains::incident::spec::{Incident, IncidentResponse},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, problem},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC005",
    name: "incident-response-unclear",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-response-unclear.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    if incident.response.is_some() {
        return;
    }
    let names: Vec<&str> =
        context.catalog.iter::<IncidentResponse>().map(|(document, _)| document.name()).collect();
    if names.len() > 1 {
        let message = format!("`{}` does not say what its severity means", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help(format!("write `response: ...`, one of {}", problem::list(&names))),
        );
    }
}
