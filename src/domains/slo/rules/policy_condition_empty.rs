//! A state that hides all those before it.
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
    code: "EBP005",
    name: "policy-condition-empty",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-condition-empty.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    let Some(states) = policy.states.get() else { return };
    // As the first state, one that always holds is the usual name for "all is well".
    for state in values(states).skip(1) {
        let (Some(name), Some((when, place))) = (state.name.get(), state.when.pair()) else {
            continue;
        };
        if when.is_empty() {
            let message = format!("`{name}` always holds, so no state above it is ever in force");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("write a condition such as `remaining_below: 25%`, or list it first"),
            );
        }
    }
}
