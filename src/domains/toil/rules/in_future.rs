//! Toil of a day that lies ahead.
use crate::{
    domains::toil::spec::ToilLog,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI006",
    name: "toil-in-future",
    level: Level::Warning,
    fixable: false,
    page: include_str!("toil-in-future.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(log) = document.spec::<ToilLog>() else { return };
    let today = context.now.date_naive();
    for entry in values(&log.entries) {
        let day = entry.on.pair().map(|(day, place)| (day.0, place));
        let month = entry.month.pair().map(|(month, place)| (month.first(), place));
        let Some((day, place)) = day.or(month).filter(|(day, _)| *day > today) else { continue };
        let message = format!("{} lies ahead", day.format("%Y-%m-%d"));
        findings.push(
            Finding::new(&RULE, place, message).help("a log holds what was done; correct the day"),
        );
    }
}
