//! Two tiers of one policy with one name.
use crate::{
    domains::slo::rules::resolved::{own_policy, tiers},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    code: "ALR005",
    name: "alert-tier-name-taken",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-tier-name-taken.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    let mut seen = HashMap::new();
    for tier in tiers(policy) {
        let (Some(severity), Some((long, long_place))) = (tier.severity.get(), tier.long.pair())
        else {
            continue;
        };
        let (name, place) = match tier.name.pair() {
            Some((name, place)) => (name.clone(), place),
            None => (format!("{}-{long}", severity.name()), long_place),
        };
        let message = format!("another tier is called `{name}`");
        if let Some(first) = seen.insert(name, place) {
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(first, "it stands here")
                    .help("give one of the two a `name` of its own"),
            );
        }
    }
}
