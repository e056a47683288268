//! A log of toil whose share of working hours nobody can compute.
use crate::{
    domains::toil::spec::ToilLog,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI004",
    name: "toil-without-hours",
    level: Level::Note,
    fixable: false,
    page: include_str!("toil-without-hours.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(log) = document.spec::<ToilLog>() else { return };
    if log.team.is_some() || values(&log.entries).any(|entry| entry.by.is_some()) {
        return;
    }
    let message = format!("nobody can say which share of working hours `{}` is", document.name());
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("name the `team` whose toil it is, or who did it (`by`)"),
    );
}
