//! A service that fails with one that matters less.
use crate::{
    domains::service::{dependencies::is_hard, spec::Service},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC005",
    name: "service-tier-inversion",
    level: Level::Warning,
    fixable: false,
    page: include_str!("service-tier-inversion.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(service) = document.spec::<Service>() else { return };
    let Some((tier, tier_place)) = service.tier.pair() else { return };
    for dependency in values(&service.depends_on).filter(|dependency| is_hard(dependency)) {
        let Some((on, place)) = dependency.service.pair() else { continue };
        let needed = context.catalog.get::<Service>(on.name());
        let Some((other, other_place)) = needed.and_then(|(_, needed)| needed.tier.pair()) else {
            continue;
        };
        if other > tier {
            let (name, on) = (document.name(), on.name());
            let message = format!("`{name}` of tier {tier} fails with `{on}` of tier {other}");
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(tier_place, format!("tier of `{name}`"))
                    .related(other_place, format!("tier of `{on}`"))
                    .help(format!(
                        "run `{on}` as tier {tier}, or make it `criticality: soft` where `{name}` \
                         can do without it"
                    )),
            );
        }
    }
}
