//! A contract that the own objective does not guard.
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
use std::cmp::Ordering;

pub(super) static RULE: Rule = Rule {
    code: "SLA002",
    name: "sla-stricter-than-slo",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-stricter-than-slo.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    let (Some((promised, place)), Some(slo)) = (sla.target.pair(), sla.slo.value()) else { return };
    let Some((_, objective)) = context.catalog.get::<ServiceLevelObjective>(slo.name()) else {
        return;
    };
    let Some((target, target_place)) = objective.target.pair() else { return };
    let relation = match promised.cmp(target) {
        Ordering::Less => return,
        Ordering::Equal => "as strict as",
        Ordering::Greater => "stricter than",
    };
    let (promised, target, name) = (promised.percent(), target.percent(), slo.name());
    let message = format!("the promised {promised} is {relation} the own objective of {target}");
    findings.push(
        Finding::new(&RULE, place, message)
            .related(target_place, format!("target of `{name}`"))
            .help(format!("raise the target of `{name}` above {promised}, or promise less")),
    );
}
