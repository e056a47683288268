//! `sre incident`: what went wrong, written down while it happens, and what that says later.
mod change;
mod import;
mod look;
mod open;
mod stats;
mod store;

use crate::cli::{Exit, Failure, Session};
use clap::Subcommand;

/// Arguments of `sre incident`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is done.
    #[command(subcommand)]
    action: Action,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Action {
    /// Open an incident: writes a new file, and prints its name
    Open(open::Arguments),
    /// Take an incident on
    Ack(change::Plain),
    /// Add a note to the timeline
    Note(change::Note),
    /// Say that those who are affected were told how it stands
    Update(change::Note),
    /// Give it another severity
    Severity(change::Severity),
    /// Say who has which role
    Role(change::Role),
    /// Say that users are not touched any more
    Mitigate(change::Plain),
    /// Say that it is mended
    Resolve(change::Plain),
    /// Say that it came back
    Reopen(change::Plain),
    /// Say that there is nothing left to do
    Close(change::Plain),
    /// Say that it was no incident
    Cancel(change::Plain),
    /// List incidents, the open ones first
    List(look::List),
    /// Show an incident: its clocks, its response, its timeline
    Show(look::Show),
    /// Show what happened, in one incident or in all of some time
    Timeline(look::Timeline),
    /// Say what incidents say together, and how sure that is
    Stats(stats::Arguments),
    /// Bring in incidents that stand elsewhere; read again, it adds what is new
    Import(import::Arguments),
    /// Say what incidents cost of the error budgets, as it was measured
    Cost(stats::Cost),
}

/// Does it.
///
/// # Errors
/// If an incident does not exist or has errors, or a file cannot be written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    use crate::domains::incident::spec::EventType;
    match &arguments.action {
        Action::Open(arguments) => open::run(arguments, session),
        Action::Ack(arguments) => change::plain(arguments, EventType::Acknowledged, session),
        Action::Note(arguments) => change::note(arguments, EventType::Note, session),
        Action::Update(arguments) => change::note(arguments, EventType::Update, session),
        Action::Severity(arguments) => change::severity(arguments, session),
        Action::Role(arguments) => change::role(arguments, session),
        Action::Mitigate(arguments) => change::plain(arguments, EventType::Mitigated, session),
        Action::Resolve(arguments) => change::plain(arguments, EventType::Resolved, session),
        Action::Reopen(arguments) => change::plain(arguments, EventType::Reopened, session),
        Action::Close(arguments) => change::plain(arguments, EventType::Closed, session),
        Action::Cancel(arguments) => change::plain(arguments, EventType::Cancelled, session),
        Action::List(arguments) => look::list(arguments, session),
        Action::Show(arguments) => look::show(arguments, session),
        Action::Import(arguments) => import::run(arguments, session),
        Action::Stats(arguments) => stats::run(arguments, session),
        Action::Cost(arguments) => stats::cost(arguments, session),
        Action::Timeline(arguments) => look::timeline(arguments, session),
    }
}
