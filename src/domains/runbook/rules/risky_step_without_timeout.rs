//! A step that can destroy something may take as long as any other.
use super::steps;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN019",
    name: "risky-step-without-timeout",
    level: Level::Warning,
    fixable: false,
    page: include_str!("risky-step-without-timeout.md"),
    check: Check::Document(check),
};

use crate::domains::runbook::engine::plan::Risk;

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    for (step, _) in steps(spec) {
        let automatic = step.command.is_some() || !step.argv.is_empty();
        let Some((risk, place)) = step.risk.pair() else { continue };
        if automatic && *risk >= Risk::High && step.timeout.is_none() {
            let message =
                format!("a step with risk `{}` does not say how long it may take", risk.name());
            findings.push(Finding::new(&RULE, place, message).help(
                "add `timeout`: a step that hangs is ended after ten minutes unless said, and what it has done by then is not known",
            ));
        }
    }
}
