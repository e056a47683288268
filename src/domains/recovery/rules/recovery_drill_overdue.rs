//! A plan that was not tested in time.
use crate::{
    domains::recovery::{
        engine::due::{Due, due},
        resolve,
        spec::{DisasterRecoveryPlan, DrillResult},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC010",
    name: "recovery-drill-overdue",
    level: Level::Warning,
    fixable: false,
    page: include_str!("recovery-drill-overdue.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    let Some((often, place)) = spec.test_frequency.pair() else { return };
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    let counts =
        |drill: &&resolve::Drill<'_>| drill.spec.result.value() != Some(&DrillResult::Stopped);
    let last = plan.drills.iter().filter(counts).map(|drill| drill.ended.date_naive()).max();
    let message = match due(last, often.period(), context.now.date_naive()) {
        Due::On(_) => return,
        Due::Never => "the plan was never tested".to_owned(),
        Due::Overdue(day, days) => {
            format!("a test of the plan was due on {day}, {days} days ago")
        }
        Due::InFuture(day) => {
            format!("the last test is said to have been on {day}, which is to come")
        }
    };
    findings.push(
        Finding::new(&RULE, place, message).help(format!(
            "`sre dr drill start {}` begins one and writes it down",
            document.name()
        )),
    );
}
