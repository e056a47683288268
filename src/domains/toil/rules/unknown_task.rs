//! An entry names a task that the log does not list.
use crate::{
    domains::toil::{ledger, spec::ToilLog},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, problem, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI002",
    name: "unknown-toil-task",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-toil-task.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(log) = document.spec::<ToilLog>() else { return };
    let known: Vec<&str> =
        values(&log.tasks).filter_map(|task| Some(task.name.get()?.as_str())).collect();
    // A log that lists no tasks says nothing of which there are.
    if known.is_empty() {
        return;
    }
    for (task, place) in values(&log.entries).filter_map(|entry| entry.task.pair()) {
        if ledger::task_of(log, task.as_str()).is_some() {
            continue;
        }
        let help = problem::closest(task.as_str(), &known).map_or_else(
            || "add it to `tasks`, or correct the name".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{task}` is not among the tasks of this log");
        findings.push(Finding::new(&RULE, place, message).help(help));
    }
}
