//! `sre status`: the whole catalog on one screen.
use crate::{
    cli::{Exit, Failure, Session, Workspace, measured},
    views::status,
};

/// Arguments of `sre status`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Objectives and measurements.
    #[command(flatten)]
    measured: measured::Measuring,
}

/// Shows the state of everything. Never fails because of what it shows.
///
/// # Errors
/// If the catalog cannot be read.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    session.format()?;
    let paths = measured::paths(&arguments.measured, session);
    let mut workspace = Workspace::open(session, &paths)?;
    // Before the findings are handed on: an objective with errors has no state.
    let ids = measured::readable(&arguments.measured, &workspace);
    let levels = workspace.levels.clone();
    let problems = workspace.diagnose(session, &levels);
    session.keep_to_warnings();
    let chosen = measured::objectives(&workspace, &ids);
    let assessments = measured::assess(&arguments.measured, session, &workspace, &chosen)?;
    let zone = session.zone(&workspace.settings);
    session.answer(&status::report(&workspace.catalog, &problems, &assessments, &zone))?;
    Ok(Exit::Success)
}
