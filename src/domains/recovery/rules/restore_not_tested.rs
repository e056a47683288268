//! A backup whose restoring was not tried.
use crate::{
    domains::recovery::{
        engine::due::{Due, due},
        spec::DisasterRecoveryPlan,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC011",
    name: "restore-not-tested",
    level: Level::Warning,
    fixable: false,
    page: include_str!("restore-not-tested.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    for backup in values(&plan.backups).filter(|backup| backup.interval.is_some()) {
        let Some(id) = backup.id.get() else { continue };
        let test = backup.restore_test.value();
        let every = test.and_then(|test| test.every.get());
        let last = test.and_then(|test| test.last.value()).map(|day| day.0);
        let message = match every.map(|every| due(last, every.period(), context.now.date_naive())) {
            Some(Due::On(_)) => continue,
            None | Some(Due::Never) => format!("nobody has tried to restore `{id}`"),
            Some(Due::Overdue(day, days)) => {
                format!("`{id}` was to be restored by {day}, {days} days ago")
            }
            Some(Due::InFuture(day)) => {
                format!("`{id}` is said to have been restored on {day}, which is to come")
            }
        };
        findings.push(Finding::new(&RULE, backup.id.place(), message).help(
            "restore it, compare what came back, and write `restore_test: {every: quarterly, last: 2026-01-15, evidence: row counts}`",
        ));
    }
}
