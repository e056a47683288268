//! A service cannot need itself.
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

pub(super) static RULE: Rule = Rule {
    code: "SVC001",
    name: "depends-on-itself",
    level: Level::Error,
    fixable: false,
    page: include_str!("depends-on-itself.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(service) = document.spec::<Service>() else { return };
    for (name, place) in service.depends_on.iter().filter_map(named) {
        if name == document.name() {
            findings.push(
                Finding::new(&RULE, place, format!("`{name}` depends on itself"))
                    .related(document.name_place(), "this service")
                    .help("name the service that is meant, or remove the dependency"),
            );
        }
    }
}
