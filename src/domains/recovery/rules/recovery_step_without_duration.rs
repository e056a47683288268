//! A step of which nobody knows how long it takes.
use crate::{
    domains::recovery::{resolve, spec::DisasterRecoveryPlan},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC006",
    name: "recovery-step-without-duration",
    level: Level::Warning,
    fixable: false,
    page: include_str!("recovery-step-without-duration.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    let mut told: Vec<&str> = Vec::new();
    for step in plan.disruptions.iter().flat_map(|one| &one.steps) {
        if step.estimate.is_some() || told.contains(&step.id) {
            continue;
        }
        told.push(step.id);
        let message = format!("nobody says how long `{}` takes", step.id);
        findings.push(Finding::new(&RULE, step.spec.id.place(), message).help(
            "add `duration: 20m`, or three points: `duration: {optimistic: 10m, likely: 20m, pessimistic: 1h}`",
        ));
    }
}
