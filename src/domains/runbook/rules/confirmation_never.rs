//! A step that can destroy something is not to be asked about.
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
    code: "RUN022",
    name: "confirmation-never",
    level: Level::Warning,
    fixable: false,
    page: include_str!("confirmation-never.md"),
    check: Check::Document(check),
};

use crate::domains::runbook::engine::plan::{Confirm, Risk};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    for (step, _) in steps(spec) {
        let Some((Confirm::Never, place)) = step.confirm.pair() else { continue };
        let risk = step.risk.value().copied().unwrap_or_default();
        if risk >= Risk::High {
            let message = format!("a step with risk `{}` is asked about nevertheless", risk.name());
            findings.push(Finding::new(&RULE, place, message).help(
                "take `confirm` out; `--yes-up-to` allows it where nobody is there to answer",
            ));
        }
    }
}
