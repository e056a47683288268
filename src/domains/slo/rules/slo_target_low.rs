//! A target that was probably meant otherwise.
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
    code: "SLO002",
    name: "slo-target-low",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-target-low.md"),
    check: Check::Values(check),
};

/// Below half, more events may fail than not.
const HALF: u32 = Ratio::PARTS / 2;

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((target, place)) = slo.target.pair().filter(|(target, _)| target.parts() < HALF)
    else {
        return;
    };
    let allowed = target.complement().percent();
    let message = format!("a target of {} lets {allowed} of all events fail", target.percent());
    findings.push(
        Finding::new(&RULE, place, message).help(
            "write the share that is to be good, not the one that may fail; `0.999` is `99.9%`",
        ),
    );
}
