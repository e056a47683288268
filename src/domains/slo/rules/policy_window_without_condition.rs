//! A window of a condition that is not there.
use crate::{
    domains::slo::spec::ErrorBudgetPolicy,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "EBP007",
    name: "policy-window-without-condition",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-window-without-condition.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    let states = values(policy.states.get().map_or(&[][..], Vec::as_slice));
    for when in states.filter_map(|state| state.when.get()) {
        let (burning, likely) = (&when.burn_rate_above, &when.exhaustion_probability_above);
        let pairs = [
            ("burn_window", &when.burn_window, "burn_rate_above", burning.is_some()),
            ("within", &when.within, "exhaustion_probability_above", likely.is_some()),
        ];
        for (field, window, condition, stands_there) in pairs {
            let Some(place) = window.as_ref().map(Field::place).filter(|_| !stands_there) else {
                continue;
            };
            let message = format!("`{field}` changes nothing without `{condition}`");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help(format!("add `{condition}`, or remove `{field}`")),
            );
        }
    }
}
