//! A recovery that takes longer than the business can wait.
use crate::{
    domains::recovery::spec::DisasterRecoveryPlan,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC013",
    name: "downtime-shorter-than-recovery",
    level: Level::Warning,
    fixable: false,
    page: include_str!("downtime-shorter-than-recovery.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(plan) = document.spec::<DisasterRecoveryPlan>() else { return };
    let (Some((most, place)), Some(rto)) = (plan.maximum_downtime.pair(), plan.rto.get()) else {
        return;
    };
    if rto >= most {
        let message = format!("recovery may take {rto}, and the business can wait {most}");
        findings.push(
            Finding::new(&RULE, place, message).help(
                "let `rto` be shorter than `maximum_downtime`, with time for checks behind it",
            ),
        );
    }
}
