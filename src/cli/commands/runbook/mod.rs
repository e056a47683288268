//! `sre runbook`: what to do when something is wrong, and doing it with a record.
mod coverage;
mod export;
mod given;
mod history;
pub mod import;
mod look;
#[cfg(unix)]
mod operator;
#[cfg(unix)]
mod requirements;
#[cfg(unix)]
mod run;
mod verify;
#[cfg(unix)]
mod view;

use crate::cli::{Exit, Failure, Session};
use clap::Subcommand;

/// Arguments of `sre runbook`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is to be done.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List runbooks: what for, how risky, when reviewed and last run
    List(look::List),
    /// Show a runbook for whoever has to act on it now, with who can be asked
    Show(look::Show),
    /// Print every step with exactly what would be executed
    Plan(look::Plan),
    /// Run a runbook step by step, with a transcript
    #[cfg(unix)]
    Run(Box<run::Run>),
    /// Go on with a run that was interrupted or stopped
    #[cfg(unix)]
    Resume(Box<run::Resume>),
    /// Check that a transcript was not changed, and tell what happened
    Verify(verify::Arguments),
    /// Find alerts without a runbook, runbooks without an alert, and what is overdue
    Coverage(coverage::Arguments),
    /// Write runbooks as Markdown pages
    Export(export::Arguments),
}

/// Does it.
///
/// # Errors
/// If a runbook or a run does not exist or has errors, or files cannot be read or written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    match &arguments.action {
        Action::List(arguments) => look::list(arguments, session),
        Action::Show(arguments) => look::show(arguments, session),
        Action::Plan(arguments) => look::plan(arguments, session),
        #[cfg(unix)]
        Action::Run(arguments) => run::run(arguments, session),
        #[cfg(unix)]
        Action::Resume(arguments) => run::resume(arguments, session),
        Action::Verify(arguments) => verify::run(arguments, session),
        Action::Coverage(arguments) => coverage::run(arguments, session),
        Action::Export(arguments) => export::run(arguments, session),
    }
}
