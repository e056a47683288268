//! An objective that nobody answers for.
use crate::{
    domains::{
        service::spec::Service,
        slo::{rules::resolved::default_of, spec::ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO006",
    name: "slo-without-owner",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-without-owner.md"),
    check: Check::Document(check),
};

/// A service without an owner has a finding of its own: one for each of its objectives would be noise.
fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let owned = document.owner().is_some_and(|owner| !owner.trim().is_empty());
    let owned = owned || default_of(context, document, |defaults| defaults.owner.value()).is_some();
    let service = slo.service.value().and_then(|name| context.catalog.get::<Service>(name.name()));
    if !owned && service.is_none() {
        let message = format!("`{}` has no owner", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("write `metadata: {owner: …}`, or name a `service` that has an owner"),
        );
    }
}
