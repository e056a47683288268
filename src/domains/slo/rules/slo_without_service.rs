//! An objective that speaks of no service.
use crate::{
    domains::slo::spec::ServiceLevelObjective,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO003",
    name: "slo-without-service",
    level: Level::Note,
    fixable: false,
    page: include_str!("slo-without-service.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    // A composite may speak of what people do, through many services.
    if slo.service.is_none() && slo.composite.is_empty() {
        let message = format!("`{}` names no service", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("name the service that it speaks of: `service: …`"),
        );
    }
}
