//! `sre doctor`: whether sources answer, and whether they can answer what the catalog asks.
use crate::{
    cli::{Exit, Failure, Session, Workspace, measured},
    domains::slo::answer::{self, DoctorFailOn},
};

/// Arguments of `sre doctor`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// From which finding on the run fails.
    #[arg(long, value_name = "STATE", default_value = "bad", value_parser = DoctorFailOn::NAMES)]
    fail_on: String,
    /// Objectives and measurements.
    #[command(flatten)]
    measured: measured::Measuring,
}

/// Looks at sources and at what is asked of them.
///
/// # Errors
/// If an objective does not exist or has errors, or the command line names what cannot be read or asked.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on: DoctorFailOn = arguments.fail_on.parse().map_err(Failure::input)?;
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let chosen = measured::choose(&arguments.measured, session, &workspace)?;
    let checkup = measured::examine(&arguments.measured, session, &workspace, &chosen)?;
    // Whoever asks about one objective wants to know what was looked at.
    let everything = checkup.objectives().count() == 1 || session.global().verbose > 0;
    let report = answer::doctor::report(&checkup, session.now(), fail_on, everything);
    let exit = session.answer(&report)?;
    Ok(if checkup.is_unanswered() { exit.and(Exit::Environment) } else { exit })
}
