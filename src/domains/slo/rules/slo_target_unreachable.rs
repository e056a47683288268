//! An objective that no error budget is left by.
use crate::{
    domains::slo::spec::ServiceLevelObjective,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        units::Ratio,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO001",
    name: "slo-target-unreachable",
    level: Level::Error,
    fixable: false,
    page: include_str!("slo-target-unreachable.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let slo = document.spec::<ServiceLevelObjective>();
    if let Some((&Ratio::ONE, place)) = slo.and_then(|slo| slo.target.pair()) {
        findings.push(
            Finding::new(&RULE, place, "a target of 100% leaves no error budget")
                .label("one bad event misses it")
                .help("write the least share with which users are content, such as `99.9%`"),
        );
    }
}
