//! Clocks of an incident that are in the wrong order.
use crate::{
    domains::incident::{resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC002",
    name: "incident-clock-order",
    level: Level::Error,
    fixable: false,
    page: include_str!("incident-clock-order.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    for disorder in record.clocks.disorders() {
        let ((first, before), (second, at)) = (disorder.first, disorder.second);
        let place = super::event_place(incident, &record, second, at);
        let message = format!(
            "{} at {} is before {} at {}",
            second.name(),
            rfc3339(at),
            first.name(),
            rfc3339(before)
        );
        findings.push(
            Finding::new(&RULE, place.unwrap_or(document.name_place()), message)
                .help("correct the one that is wrong: a time between the two is in no figure"),
        );
    }
}
