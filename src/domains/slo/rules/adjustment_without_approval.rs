//! A change of a budget that nobody agreed to.
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
    code: "ADJ003",
    name: "adjustment-without-approval",
    level: Level::Note,
    fixable: false,
    page: include_str!("adjustment-without-approval.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    if text(adjustment.approved_by.as_ref()).is_none() {
        let message = format!("nobody approved `{}`", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("say who agreed: `approved_by: …`"),
        );
    }
}
