//! A change of a budget that returns for ever.
use crate::{
    domains::slo::{rules::recurrence, spec::BudgetAdjustment},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ004",
    name: "adjustment-without-end",
    level: Level::Warning,
    fixable: false,
    page: include_str!("adjustment-without-end.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    let Some(recurrence) = adjustment.recurrence.value() else { return };
    let Some((rule, place)) = recurrence.rule.pair() else { return };
    // A rule that cannot be read has a finding of its own.
    let endless = recurrence::parse(rule).is_ok_and(|rule| !rule.ends);
    if endless && recurrence.until.is_none() {
        findings.push(
            Finding::new(&RULE, place, "this adjustment returns for ever")
                .help("say when it ends for good: `until: 2027-01-31T00:00:00Z`"),
        );
    }
}
