//! A change of no budget.
use crate::{
    domains::slo::spec::BudgetAdjustment,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ008",
    name: "adjustment-without-slo",
    level: Level::Warning,
    fixable: false,
    page: include_str!("adjustment-without-slo.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    if let Some((slos, place)) = adjustment.slos.pair()
        && slos.is_empty()
    {
        findings.push(
            Finding::new(&RULE, place, "an adjustment without objectives changes nothing")
                .help("name the objectives whose budgets it changes"),
        );
    }
}
