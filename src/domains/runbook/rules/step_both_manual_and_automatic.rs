//! A step that a person does, with a command that is not run.
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
    code: "RUN020",
    name: "step-both-manual-and-automatic",
    level: Level::Warning,
    fixable: false,
    page: include_str!("step-both-manual-and-automatic.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    for (step, _) in steps(spec) {
        let automatic = step.command.is_some() || !step.argv.is_empty();
        if let (Some((true, place)), true) = (step.manual.pair(), automatic) {
            findings.push(
                Finding::new(&RULE, place, "a person does this step, and its command is not run")
                    .help("take `manual` out to have it run, or move the command into `action`"),
            );
        }
    }
}
