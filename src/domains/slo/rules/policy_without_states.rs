//! A policy from which nothing follows.
use crate::{
    domains::slo::spec::ErrorBudgetPolicy,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "EBP006",
    name: "policy-without-states",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-without-states.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    let Some((states, place)) = policy.states.pair() else { return };
    let acts = values(states).any(|state| state.actions.get().is_none_or(|list| !list.is_empty()));
    if !acts {
        let message =
            format!("nothing follows from `{}`: no state asks for anything", document.name());
        findings.push(
            Finding::new(&RULE, place, message)
                .help("write what follows when the budget runs out: `actions: [freeze]`"),
        );
    }
}
