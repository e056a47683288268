//! A service that nobody answers for.
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC004",
    name: "service-without-owner",
    level: Level::Warning,
    fixable: false,
    page: include_str!("service-without-owner.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let owned = document.owner().is_some_and(|owner| !owner.trim().is_empty());
    if owned || document.spec::<Service>().is_none() {
        return;
    }
    let labels = |key: &str| document.label(key);
    if context.settings.default_for(&labels, |defaults| defaults.owner.value()).is_some() {
        return;
    }
    let message = format!("service `{}` has no owner", document.name());
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("name the team that answers for it: `metadata: {owner: …}`"),
    );
}
