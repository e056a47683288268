//! A policy that wakes nobody.
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
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR007",
    name: "alert-policy-without-page",
    level: Level::Note,
    fixable: false,
    page: include_str!("alert-policy-without-page.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    let pages = |severity: &Severity| *severity == Severity::Page;
    let mut severities = tiers(policy).filter_map(|tier| tier.severity.get()).peekable();
    if severities.peek().is_some() && !severities.any(pages) {
        findings.push(
            Finding::new(
                &RULE,
                policy.tiers.place(),
                "no tier pages: a total outage waits for working hours",
            )
            .help("add a tier with `severity: page`, or keep it so if that is what was agreed"),
        );
    }
}
