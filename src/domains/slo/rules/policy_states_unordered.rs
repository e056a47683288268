//! A state of a policy that is never in force.
use crate::{
    domains::slo::spec::{BudgetState, ErrorBudgetPolicy},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "EBP004",
    name: "policy-states-unordered",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-states-unordered.md"),
    check: Check::Document(check),
};

/// States that are looked at: far more than anyone reads, few enough to compare all pairs.
const STATES: usize = 64;

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    let Some(states) = policy.states.get() else { return };
    let states: Vec<&BudgetState> = values(states).take(STATES).collect();
    for (at, state) in states.iter().enumerate() {
        let (Some(name), Some((when, place))) = (state.name.get(), state.when.pair()) else {
            continue;
        };
        let stronger = states[at + 1..].iter().find(|later| {
            later.when.get().is_some_and(|later| !later.is_empty() && when.implies(later))
        });
        if let Some(later) = stronger
            && let (Some(other), Some((_, other_place))) = (later.name.get(), later.when.pair())
        {
            let message = format!(
                "`{name}` is never in force: whenever it holds, `{other}` below it holds too"
            );
            findings.push(
                Finding::new(&RULE, place, message)
                    .label("the last state that holds is in force")
                    .related(other_place, format!("`{other}`"))
                    .help("list the states from the harmless to the serious"),
            );
        }
    }
}
