//! An objective whose alerts page, and no runbook says what to do then.
use crate::domains::runbook::coverage;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::diagnostic::{
    Finding, Level, Rule,
    rule::{Check, Context},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN014",
    name: "alert-without-runbook",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-without-runbook.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Who keeps runbooks elsewhere is told by the rules of objectives.
    if context.catalog.iter::<Runbook>().next().is_none() {
        return;
    }
    for alert in coverage::alerts(context.catalog, context.settings) {
        if alert.pages() && alert.by.is_empty() {
            let name = alert.document.name();
            let message = format!("no runbook says what to do when `{name}` pages");
            findings.push(
                Finding::new(&RULE, alert.document.name_place(), message).help(
                    "name one: `runbook: …` here, or the objective under `slos` of a Runbook",
                ),
            );
        }
    }
}
