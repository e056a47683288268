//! A change of a budget that nobody explains.
use crate::{
    domains::slo::{rules::resolved::text, spec::BudgetAdjustment},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ002",
    name: "adjustment-without-reason",
    level: Level::Warning,
    fixable: false,
    page: include_str!("adjustment-without-reason.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    if text(adjustment.reason.as_ref()).is_none() {
        let message = format!("`{}` gives no reason", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("say why the budget is to see that time otherwise: `reason: …`"),
        );
    }
}
