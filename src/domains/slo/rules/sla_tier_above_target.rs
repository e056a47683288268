//! A credit for a promise that was kept.
use crate::{
    domains::slo::spec::ServiceLevelAgreement,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA004",
    name: "sla-tier-above-target",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-tier-above-target.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    let Some((target, target_place)) = sla.target.pair() else { return };
    for (below, place) in values(&sla.credit_tiers).filter_map(|tier| tier.below.pair()) {
        if below > target {
            let message = format!(
                "pays back below {}, although only {} was promised",
                below.percent(),
                target.percent()
            );
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(target_place, "the promise")
                    .help("let the first tier begin at the target"),
            );
        }
    }
}
