//! A plan that does not say who begins it.
use crate::{
    domains::recovery::spec::DisasterRecoveryPlan,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC015",
    name: "recovery-without-contacts",
    level: Level::Note,
    fixable: false,
    page: include_str!("recovery-without-contacts.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    // One that has no steps is no plan yet.
    if plan.steps.is_empty() {
        return;
    }
    let missing: Vec<&str> =
        [("activation", plan.activation.is_none()), ("contacts", plan.contacts.is_empty())]
            .into_iter()
            .filter(|(_, is_missing)| *is_missing)
            .map(|(field, _)| field)
            .collect();
    if missing.is_empty() {
        return;
    }
    let (are, fields) = (if missing.len() == 1 { "is" } else { "are" }, missing.join("` and `"));
    let message = format!("the plan does not say who begins it: `{fields}` {are} missing");
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("say who declares a disaster by what, and how those who are needed are reached"),
    );
}
