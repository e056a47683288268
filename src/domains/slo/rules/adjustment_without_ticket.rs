//! A change of a budget that cannot be looked up.
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
    code: "ADJ001",
    name: "adjustment-without-ticket",
    level: Level::Warning,
    fixable: false,
    page: include_str!("adjustment-without-ticket.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    if text(adjustment.ticket.as_ref()).is_none() {
        let message = format!("`{}` has no ticket", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("say where it was agreed: `ticket: …`"),
        );
    }
}
