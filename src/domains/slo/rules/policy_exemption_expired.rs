//! An exemption that no longer holds.
use crate::{
    domains::slo::spec::ErrorBudgetPolicy,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional, values},
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "EBP003",
    name: "policy-exemption-expired",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-exemption-expired.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    for exemption in values(&policy.exemptions) {
        let Some((until, place)) = exemption.until.pair() else { continue };
        if until.0 <= context.now {
            let message = format!("this exemption ended at {}", rfc3339(until.0));
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(exemption.reason.place(), "what was exempt")
                    .help("remove it, or agree on a new one"),
            );
        }
    }
}
