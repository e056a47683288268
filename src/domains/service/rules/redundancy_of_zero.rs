//! A dependency of which there are no copies.
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC006",
    name: "redundancy-of-zero",
    level: Level::Error,
    fixable: false,
    page: include_str!("redundancy-of-zero.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(service) = document.spec::<Service>() else { return };
    for dependency in values(&service.depends_on) {
        if let Some((0, place)) = dependency.redundancy.pair() {
            findings.push(
                Finding::new(&RULE, place, "`redundancy` counts all copies, so it is at least 1")
                    .help("write how many independent copies there are, or leave the field out"),
            );
        }
    }
}
