//! A timeline that is not in the order of time.
use crate::{
    domains::postmortem::{spec::PostMortem, timeline},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT001",
    name: "timeline-out-of-order",
    level: Level::Warning,
    fixable: false,
    page: include_str!("timeline-out-of-order.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let events = timeline::events(spec);
    for (before, event) in timeline::out_of_order(&events) {
        let message =
            format!("{} comes behind {}", super::clock(event.at), super::clock(before.at));
        findings.push(
            Finding::new(&RULE, event.place, message)
                .related(before.place, "this is later")
                .help("put the events into their order, or correct the time"),
        );
    }
    for event in timeline::reversed(&events) {
        let message = format!(
            "this ends at {} and begins at {}",
            super::clock(event.until),
            super::clock(event.at)
        );
        findings.push(
            Finding::new(&RULE, event.until_place.unwrap_or(event.place), message)
                .help("`until` is later than `at`"),
        );
    }
}
