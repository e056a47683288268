//! A page for spending that the budget allows.
use crate::{
    domains::slo::{
        model::Severity,
        rules::resolved::{own_policy, tiers},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
        units::BurnRate,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR009",
    name: "alert-page-within-budget",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-page-within-budget.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    for tier in tiers(policy).filter(|tier| tier.severity.get() == Some(&Severity::Page)) {
        let Some((factor, place)) = tier.burn_rate.pair() else { continue };
        // At exactly 1 what fires is above it: the budget would not last.
        if BurnRate::from(*factor) < BurnRate(1.0) {
            let message = format!(
                "pages at a burn rate above {factor}, although below 1 the budget lasts the window"
            );
            findings.push(Finding::new(&RULE, place, message).help(
                "page for a burn rate well above 1, such as 14.4 over `1h`; open a ticket for less",
            ));
        }
    }
}
