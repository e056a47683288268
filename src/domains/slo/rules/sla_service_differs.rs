//! A contract about one service, measured on another.
use crate::{
    domains::slo::spec::{ServiceLevelAgreement, ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA005",
    name: "sla-service-differs",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-service-differs.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    let (Some(service), Some((slo, place))) = (sla.service.get(), sla.slo.pair()) else { return };
    let objective = context.catalog.get::<ServiceLevelObjective>(slo.name());
    let Some((measured, at)) = objective.and_then(|(_, slo)| slo.service.pair()) else { return };
    if measured != service {
        let message = format!(
            "`{}` measures `{}`, the agreement is about `{}`",
            slo.name(),
            measured.name(),
            service.name()
        );
        findings.push(
            Finding::new(&RULE, place, message)
                .related(at, "the service of the objective")
                .related(sla.service.place(), "the service of the agreement")
                .help("name an objective of the same service"),
        );
    }
}
