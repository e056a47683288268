//! `sre oncall`: who is on call, when, how much, and what a change means.
mod against;
mod change;
mod diff;
mod look;
mod opening;

pub(in crate::cli) use look::refuse_unknown;
pub(in crate::cli) use opening::{Opened, Range, minute};

use crate::cli::{Exit, Failure, Session};
use clap::Subcommand;

/// Arguments of `sre oncall`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is asked.
    #[command(subcommand)]
    question: Question,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
enum Question {
    /// Say who is on call at an instant
    Who(look::Who),
    /// Show who is on call when, as a table or as months
    Schedule(look::Schedule),
    /// Say when somebody is on call next
    Next(look::Next),
    /// Find times at which nobody is on call
    Gaps(look::Over),
    /// Compute how much each person is on call, and how evenly
    Fairness(look::Over),
    /// Say who gains and who loses what by a change of the files
    Diff(diff::Arguments),
    /// Put somebody else on call for some time: adds an override to a file
    Override(change::Override),
    /// Let two people exchange times: adds a swap to a file
    Swap(change::Swap),
}

/// Answers a question.
///
/// # Errors
/// If a rotation does not exist or has errors.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match &arguments.question {
        Question::Who(arguments) => look::who(arguments, session),
        Question::Schedule(arguments) => look::schedule(arguments, session),
        Question::Next(arguments) => look::next(arguments, session),
        Question::Gaps(arguments) => look::gaps(arguments, session),
        Question::Fairness(arguments) => look::fairness(arguments, session),
        Question::Diff(arguments) => diff::run(arguments, session),
        Question::Override(arguments) => change::add_override(arguments, session),
        Question::Swap(arguments) => change::add_swap(arguments, session),
    }
}
