//! `sre export pyrra`: objectives in Pyrra's language.
use super::Exporting;
use crate::{
    cli::{Exit, Failure, Session, losses},
    domains::slo::dialects::pyrra::{self, Written},
};

/// The first line of what is written.
const HEADER: &str = "# Made by `sre export pyrra`: change the objectives, not this file.\n";

/// Arguments of `sre export pyrra`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Objectives and the output.
    #[command(flatten)]
    exporting: Exporting,
}

/// Writes objectives in Pyrra's language.
///
/// # Errors
/// If an objective does not exist or has errors, or the file cannot be written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let exporting = &arguments.exporting;
    let workspace = exporting.open(session)?;
    let objectives = exporting.resolve(session, &workspace)?;
    let first = objectives.iter().filter_map(|windows| windows.first());
    let written: Vec<Written> = first.map(pyrra::write).collect();
    let mut lost = losses::in_reading(&workspace, &objectives, Some(&pyrra::DIALECT));
    lost.extend(written.iter().flat_map(|written| written.losses.clone()));
    if let Some(exit) = losses::refuse(session, &workspace, &lost, exporting.allow_loss)? {
        return Ok(exit);
    }
    let documents: Vec<String> = written.into_iter().filter_map(|written| written.text).collect();
    if documents.is_empty() {
        session.note("there is nothing to write");
        return Ok(Exit::Found);
    }
    exporting.write(session, &format!("{HEADER}{}", documents.join("---\n")))?;
    Ok(Exit::Success)
}
