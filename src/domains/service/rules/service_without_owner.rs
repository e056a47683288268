//! A service that nobody answers for.
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
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

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    if document.spec::<Service>().is_none()
        || document.owner().is_some_and(|o| !o.trim().is_empty())
    {
        return;
    }
    let message = format!("service `{}` has no owner", document.name());
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("name the team that answers for it: `metadata: {owner: …}`"),
    );
}
