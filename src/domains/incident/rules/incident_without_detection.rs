//! An incident of which nobody wrote when it was detected.
use crate::{
    domains::incident::{resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC010",
    name: "incident-without-detection",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-without-detection.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    if record.counts() && !record.events.is_empty() && record.clocks.detected.is_none() {
        let message = format!("nobody wrote when `{}` was detected", document.name());
        findings
            .push(Finding::new(&RULE, document.name_place(), message).help(
                "add `{at: ..., type: detected}`: when the alert fired, or somebody noticed",
            ));
    }
}
