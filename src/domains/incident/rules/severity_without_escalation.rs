//! A severity of which nobody is told.
use crate::{
    domains::{incident::spec::IncidentResponse, oncall::spec::EscalationPolicy},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Name},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC012",
    name: "severity-without-escalation",
    level: Level::Warning,
    fixable: false,
    page: include_str!("severity-without-escalation.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(response) = document.spec::<IncidentResponse>() else { return };
    // Who has no escalation policies at all escalates elsewhere.
    if context.catalog.iter::<EscalationPolicy>().next().is_none() {
        return;
    }
    for level in response.severity_levels.get().into_iter().flatten().filter_map(Field::get) {
        let Some(time) = &level.response_time else { continue };
        if level.escalation.is_none() {
            let name = level.name.get().map_or("it", Name::as_str);
            let message =
                format!("{name} has a response time, and no escalation that could keep it");
            findings.push(
                Finding::new(&RULE, time.place(), message)
                    .help("write `escalation: ...`, so that `sre escalate prove` can prove it"),
            );
        }
    }
}
