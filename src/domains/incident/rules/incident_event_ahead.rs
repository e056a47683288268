//! An event that lies ahead.
use crate::{
    domains::incident::spec::Incident,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Moment},
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC013",
    name: "incident-event-ahead",
    level: Level::Error,
    fixable: false,
    page: include_str!("incident-event-ahead.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    for event in incident.timeline.get().into_iter().flatten().filter_map(Field::get) {
        if let Some((Moment(at), place)) = event.at.pair()
            && *at > context.now
        {
            let message = format!("{} lies ahead: it is {}", rfc3339(*at), rfc3339(context.now));
            findings.push(Finding::new(&RULE, place, message).help(
                "write when it happened; the year, the month and the offset are likely wrong",
            ));
        }
    }
}
