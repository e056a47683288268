//! A service that is named twice among what another needs.
use crate::{
    domains::service::{dependencies::named, spec::Service},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    code: "SVC003",
    name: "duplicate-dependency",
    level: Level::Warning,
    fixable: false,
    page: include_str!("duplicate-dependency.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(service) = document.spec::<Service>() else { return };
    let mut seen = HashMap::new();
    for (name, place) in service.depends_on.iter().filter_map(named) {
        if let Some(first) = seen.get(name) {
            findings.push(
                Finding::new(&RULE, place, format!("`{name}` is already a dependency"))
                    .related(*first, "first named here")
                    .help("keep one of the two; for several copies write `redundancy`"),
            );
        } else {
            seen.insert(name, place);
        }
    }
}
