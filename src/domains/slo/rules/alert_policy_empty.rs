//! A policy that never alerts.
use crate::{
    domains::slo::rules::resolved::own_policy,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR006",
    name: "alert-policy-empty",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-policy-empty.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    // Other tools have switches for alerts: there it is meant.
    if document.dialect.is_some() {
        return;
    }
    let Some((policy, _)) = own_policy(document) else { return };
    if let Some((tiers, place)) = policy.tiers.pair()
        && tiers.is_empty()
    {
        findings.push(Finding::new(&RULE, place, "a policy without tiers never alerts").help(
            "write tiers; an objective without an `alerting` has the Site Reliability \
                 Workbook's four",
        ));
    }
}
