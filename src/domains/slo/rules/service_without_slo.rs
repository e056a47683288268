//! A service that nothing is promised for.
use crate::{
    domains::{service::spec::Service, slo::spec::ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Target,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC007",
    name: "service-without-slo",
    level: Level::Warning,
    fixable: false,
    page: include_str!("service-without-slo.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (id, document) in context.catalog.documents().iter().enumerate() {
        if !document.clean || document.spec::<Service>().is_none() {
            continue;
        }
        let mut referrers = context.catalog.referrers(id).iter();
        let objective =
            |from: usize| context.catalog.document(from).kind.name == ServiceLevelObjective::KIND;
        let twice = id > 0 && context.catalog.document(id - 1).name() == document.name();
        if !twice && !referrers.any(|(from, _)| objective(*from)) {
            let message = format!("service `{}` has no objective", document.name());
            findings.push(
                Finding::new(&RULE, document.name_place(), message)
                    .help("write an SLO with `service:` and this name"),
            );
        }
    }
}
