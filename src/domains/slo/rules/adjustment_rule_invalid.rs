//! A recurrence that nothing can read.
use crate::{
    domains::slo::{
        rules::{recurrence, resolved::part},
        spec::BudgetAdjustment,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ006",
    name: "adjustment-rule-invalid",
    level: Level::Error,
    fixable: false,
    page: include_str!("adjustment-rule-invalid.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    let rule = adjustment.recurrence.value().and_then(|recurrence| recurrence.rule.pair());
    let Some((rule, place)) = rule else { return };
    if let Err(error) = recurrence::parse(rule) {
        findings.push(
            Finding::new(&RULE, part(place, rule, error.at), error.message)
                .help("write it like `FREQ=WEEKLY;BYDAY=SU`"),
        );
    }
}
