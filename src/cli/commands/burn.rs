//! `sre burn`: burn rates, and which alerts fire.
use crate::{
    cli::{Exit, Failure, Session, Workspace, measured},
    domains::slo::{answer, model::Severity},
};

/// Arguments of `sre burn`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The least severity that makes the run fail when it fires.
    #[arg(long, value_name = "SEVERITY", default_value = "ticket", value_parser = ["page", "ticket", "never"])]
    fail_on: String,
    /// Objectives and measurements.
    #[command(flatten)]
    measured: measured::Measuring,
}

/// Computes burn rates.
///
/// # Errors
/// If an objective does not exist, has errors, or lacks what the computation needs.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let fail_on = match arguments.fail_on.as_str() {
        "page" => Some(Severity::Page),
        "ticket" => Some(Severity::Ticket),
        _ => None,
    };
    let paths = measured::paths(&arguments.measured, session);
    let workspace = Workspace::open(session, &paths)?;
    let chosen = measured::choose(&arguments.measured, session, &workspace)?;
    let mut assessments = measured::assess(&arguments.measured, session, &workspace, &chosen)?;
    // Alerts are about the first window of an objective.
    assessments.retain(|assessment| assessment.objective.first_window);
    let exit = session.answer(&answer::burn::report(&assessments, fail_on))?;
    Ok(measured::exit(&assessments, exit))
}
