//! A command, and nothing says which program reads it.
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
    code: "RUN007",
    name: "command-without-program",
    level: Level::Warning,
    fixable: false,
    page: include_str!("command-without-program.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    if spec.shell.is_some() || !spec.interpreter.is_empty() {
        return;
    }
    for (step, _) in steps(spec) {
        let Some((_, place)) = step.command.pair() else { continue };
        if step.shell.is_none() && step.interpreter.is_empty() {
            let message = "nothing says which program reads this";
            findings.push(Finding::new(&RULE, place, message).help(
                "say `shell: sh` for a shell, or `interpreter: [psql, -X, -v, ON_ERROR_STOP=1, -c]` for another \
                 program, at the step or for the whole runbook; until then it cannot be run",
            ));
        }
    }
}
