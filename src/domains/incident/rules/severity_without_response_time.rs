//! A severity without a response time.
use crate::{
    domains::incident::spec::IncidentResponse,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Name},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC011",
    name: "severity-without-response-time",
    level: Level::Warning,
    fixable: false,
    page: include_str!("severity-without-response-time.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(response) = document.spec::<IncidentResponse>() else { return };
    for (level, place) in
        response.severity_levels.get().into_iter().flatten().filter_map(Field::pair)
    {
        if level.response_time.is_none() {
            let name = level.name.get().map_or("it", Name::as_str);
            let message = format!("nobody says within how long {name} is acknowledged");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("write `response_time: 15m`, or however long it may take"),
            );
        }
    }
}
