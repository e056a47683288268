//! A service that is needed comes back later.
use crate::{
    domains::recovery::{
        judge::{self, Standing},
        resolve,
        spec::DisasterRecoveryPlan,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC012",
    name: "dependency-recovers-later",
    level: Level::Warning,
    fixable: false,
    page: include_str!("dependency-recovers-later.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<DisasterRecoveryPlan>() else { return };
    let Ok(plan) = resolve::resolve(context.catalog, document, spec) else { return };
    for need in judge::needs(context.catalog, &plan, &resolve::all(context.catalog)) {
        let chain = need.chain.join(" → ");
        let message = match (need.standing, need.rto, need.rpo) {
            (Standing::Met, ..) => continue,
            (Standing::Breached, Some(rto), Some(rpo)) => format!(
                "{chain} is back within {rto} with a loss of up to {rpo}, later or with less than this plan promises"
            ),
            _ => format!("{chain} has no recovery plan"),
        };
        findings.push(Finding::new(&RULE, document.name_place(), message).help(
            "promise less here, or more there; a service is back when all that it needs are",
        ));
    }
}
