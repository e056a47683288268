//! An entry of which nobody knows how long it took.
use crate::{
    domains::toil::{ledger, spec::ToilLog},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI001",
    name: "toil-entry-without-time",
    level: Level::Warning,
    fixable: false,
    page: include_str!("toil-entry-without-time.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(log) = document.spec::<ToilLog>() else { return };
    for (entry, place) in log.entries.iter().filter_map(Field::pair) {
        let Some(task) = entry.task.get() else { continue };
        if entry.each.is_none() && ledger::each_of(log, task.as_str()).is_none() {
            let message = format!("nobody says how long `{task}` takes: it counts for nothing");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("write it here, or in the task: `each: 20m`"),
            );
        }
    }
}
