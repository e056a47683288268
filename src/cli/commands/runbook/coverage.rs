//! `sre runbook coverage`: alerts against runbooks.
use super::history::Kept;
use crate::{
    cli::{Exit, Failure, Session, Workspace},
    domains::runbook::{answer, coverage, spec::Runbook},
};

/// Arguments of `sre runbook coverage`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    kept: Kept,
}

/// Holds alerts against runbooks.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let workspace = Workspace::open(session, &[])?;
    let runs = arguments.kept.runs(session, &workspace.root)?;
    let runs: Vec<_> = runs.into_iter().map(|run| run.summary).collect();
    let alerts = coverage::alerts(&workspace.catalog, &workspace.settings);
    let runbooks: Vec<_> = workspace.catalog.iter::<Runbook>().collect();
    session.answer(&answer::coverage::report(&alerts, &runbooks, &runs, session.now()))
}
