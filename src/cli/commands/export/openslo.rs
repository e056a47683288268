//! `sre export openslo`: objectives in the words of OpenSLO.
use super::Exporting;
use crate::{
    cli::{Exit, Failure, Session, losses},
    domains::slo::dialects::openslo,
};

/// The first line of what is written.
const HEADER: &str = "# Made by `sre export openslo`: change the objectives, not this file.\n";

/// Arguments of `sre export openslo`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Objectives and the output.
    #[command(flatten)]
    exporting: Exporting,
}

/// Writes objectives as documents of `openslo/v1`, with the services, indicators and servers that they
/// name.
///
/// # Errors
/// If an objective does not exist or has errors, or the file cannot be written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let exporting = &arguments.exporting;
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let raised = openslo::raise(&objectives, &workspace.catalog, &workspace.settings);
    let mut lost = losses::in_reading(&workspace, &objectives, None);
    lost.extend(raised.losses);
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    if raised.text.is_empty() {
        session.note("there is nothing to write");
        return Ok(Exit::Found);
    }
    exporting.write(session, &format!("{HEADER}{}", raised.text))?;
    Ok(Exit::Success)
}
