//! A plan that does not say what is done.
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
    code: "REC005",
    name: "recovery-without-steps",
    level: Level::Warning,
    fixable: false,
    page: include_str!("recovery-without-steps.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    for disruption in plan.disruptions.iter().filter(|one| one.steps.is_empty()) {
        let message = match disruption.name {
            Some(name) => format!("the plan has no steps for `{name}`"),
            None => "the plan has no steps".to_owned(),
        };
        findings.push(Finding::new(&RULE, document.name_place(), message).help(
            "write what is done under `steps`, from noticing it to the last check, and how long each takes",
        ));
    }
}
