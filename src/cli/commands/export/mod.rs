//! `sre export`: objectives and rotations in the languages of other tools.
//!
//! One file per target. A target is a module, a variant of `Target` and a line in `run`; it takes
//! `Exporting`, makes its text out of the objectives, and hands the text to `Exporting::write` after
//! `losses::refuse` has let it pass.
mod alertmanager;
mod exporting;
mod ical;
mod openslo;
mod prometheus;
mod pyrra;
mod sloth;

pub(in crate::cli) use alertmanager::Planning;
pub(in crate::cli) use exporting::Exporting;

use crate::cli::{Exit, Failure, Session};

/// Arguments of `sre export`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    target: Target,
}

/// What can be exported to.
#[derive(Debug, clap::Subcommand)]
enum Target {
    /// Write routes, inhibition and times of silence for Alertmanager
    Alertmanager(alertmanager::Arguments),
    /// Write rotations as iCalendar files, for the calendars of people
    Ical(Box<ical::Arguments>),
    /// Write recording and alerting rules for Prometheus
    Prometheus(Box<prometheus::Arguments>),
    /// Write objectives in the words of OpenSLO
    #[command(name = "openslo")]
    OpenSlo(openslo::Arguments),
    /// Write objectives in Pyrra's language
    Pyrra(pyrra::Arguments),
    /// Write objectives in Sloth's language
    Sloth(sloth::Arguments),
}

/// Exports documents.
///
/// # Errors
/// If a document does not exist or has errors, or the file cannot be written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match &arguments.target {
        Target::Alertmanager(arguments) => alertmanager::run(arguments, session),
        Target::Ical(arguments) => ical::run(arguments, session),
        Target::Prometheus(arguments) => prometheus::run(arguments, session),
        Target::OpenSlo(arguments) => openslo::run(arguments, session),
        Target::Pyrra(arguments) => pyrra::run(arguments, session),
        Target::Sloth(arguments) => sloth::run(arguments, session),
    }
}
