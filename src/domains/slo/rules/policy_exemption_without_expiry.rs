//! An exemption that holds for ever.
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
    code: "EBP001",
    name: "policy-exemption-without-expiry",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-exemption-without-expiry.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    for exemption in values(&policy.exemptions).filter(|exemption| exemption.until.is_none()) {
        findings.push(
            Finding::new(&RULE, exemption.reason.place(), "this exemption never ends")
                .help("say when it ends: `until: 2027-01-31T00:00:00Z`"),
        );
    }
}
