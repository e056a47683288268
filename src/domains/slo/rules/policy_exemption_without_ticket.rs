//! An exemption that cannot be looked up.
use crate::{
    domains::slo::{rules::resolved::text, spec::ErrorBudgetPolicy},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "EBP002",
    name: "policy-exemption-without-ticket",
    level: Level::Warning,
    fixable: false,
    page: include_str!("policy-exemption-without-ticket.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = document.spec::<ErrorBudgetPolicy>() else { return };
    for exemption in values(&policy.exemptions) {
        if text(exemption.ticket.as_ref()).is_none() {
            findings.push(
                Finding::new(&RULE, exemption.reason.place(), "this exemption has no ticket")
                    .help("say where it was agreed: `ticket: …`"),
            );
        }
    }
}
