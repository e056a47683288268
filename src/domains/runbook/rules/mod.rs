//! What may be wrong with runbooks.
use super::{
    resolve::{self, ResolvedRunbook},
    spec::{Runbook, StepSpec},
};
use crate::kernel::{
    diagnostic::{
        Finding, Rule,
        rule::{Context, resolving_rule},
    },
    source::Place,
    spec::{Document, Either, Field, Optional as _},
};
use std::path::Path;

mod alert_without_runbook;
mod command_without_program;
mod confirmation_never;
mod destructive_command;
mod drill_overdue;
pub mod due;
mod missing_section;
mod parameter_in_shell_text;
mod review_overdue;
mod risky_step_without_timeout;
mod runbook_without_alert;
mod secret_printed;
mod shell;
mod step_both_manual_and_automatic;
mod unknown_escalation;
mod unknown_runbook;
mod unquoted_parameter;
mod unused_parameter;

/// All of them.
pub static RULES: &[&Rule] = &[
    &STEP_NUMBERS,
    &UNREADABLE_PATTERN,
    &UNKNOWN_VARIABLE,
    &SECRET_IN_ARGUMENTS,
    &RUNBOOK_SHAPE,
    &RETRY_NOT_IDEMPOTENT,
    &command_without_program::RULE,
    &destructive_command::RULE,
    &unquoted_parameter::RULE,
    &parameter_in_shell_text::RULE,
    &secret_printed::RULE,
    &unused_parameter::RULE,
    &runbook_without_alert::RULE,
    &alert_without_runbook::RULE,
    &review_overdue::RULE,
    &drill_overdue::RULE,
    &missing_section::RULE,
    &unknown_escalation::RULE,
    &risky_step_without_timeout::RULE,
    &step_both_manual_and_automatic::RULE,
    &unknown_runbook::RULE,
    &confirmation_never::RULE,
];

resolving_rule!(
    STEP_NUMBERS,
    "RUN001",
    "step-numbers",
    Error,
    step_numbers,
    "Steps are not numbered 1, 2, 3."
);
resolving_rule!(
    UNREADABLE_PATTERN,
    "RUN002",
    "unreadable-pattern",
    Error,
    unreadable_pattern,
    "A regular expression cannot be read."
);
resolving_rule!(
    UNKNOWN_VARIABLE,
    "RUN003",
    "unknown-variable",
    Error,
    unknown_variable,
    "A step uses a value that nothing gives it."
);
resolving_rule!(
    SECRET_IN_ARGUMENTS,
    "RUN004",
    "secret-in-arguments",
    Error,
    secret_in_arguments,
    "A secret would be an argument of a program."
);
resolving_rule!(
    RUNBOOK_SHAPE,
    "RUN005",
    "runbook-shape",
    Error,
    runbook_shape,
    "Fields of a runbook contradict each other."
);
resolving_rule!(
    RETRY_NOT_IDEMPOTENT,
    "RUN006",
    "retry-not-idempotent",
    Error,
    retry_not_idempotent,
    "Something would be done again that must not be done twice."
);

/// Findings of a rule among those of resolving a runbook.
fn found(rule: &Rule, _: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    if let Err(wrong) = resolve::resolve(document, spec, Path::new("")) {
        findings.extend(wrong.into_iter().filter(|finding| finding.rule.code == rule.code));
    }
}

/// A runbook that can be resolved; what cannot is told by other rules.
fn runbook_of(document: &Document) -> Option<ResolvedRunbook<'_>> {
    resolve::resolve(document, document.spec()?, Path::new("")).ok()
}

/// The steps of a runbook, each with its place.
fn steps(spec: &Runbook) -> impl Iterator<Item = (&StepSpec, Place)> {
    spec.steps.get().into_iter().flatten().filter_map(Field::pair)
}

/// What a step executes, and what undoes it, as texts that a shell or another program reads.
fn commands(step: &StepSpec) -> Vec<(&str, Place)> {
    let mut commands: Vec<(&str, Place)> = Vec::new();
    commands.extend(step.command.pair().map(|(text, place)| (text.as_str(), place)));
    match step.undo.pair() {
        Some((Either::Scalar(text), place)) => commands.push((&text.0, place)),
        Some((Either::Mapping(undo), _)) => {
            commands.extend(undo.command.pair().map(|(text, place)| (text.as_str(), place)));
        }
        None => {}
    }
    commands
}

/// Whether a shell reads the commands of a step.
fn is_shell(spec: &Runbook, step: &StepSpec) -> bool {
    step.shell.is_some() || (step.interpreter.is_empty() && spec.shell.is_some())
}
