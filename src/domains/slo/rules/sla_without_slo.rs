//! A contract that nothing measures.
use crate::{
    domains::slo::spec::ServiceLevelAgreement,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA001",
    name: "sla-without-slo",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-without-slo.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    if sla.slo.is_none() {
        let message = format!("no objective measures `{}`", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("name the objective behind it: `slo: …`"),
        );
    }
}
