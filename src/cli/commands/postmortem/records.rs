//! The transcripts of runbooks in a catalog.
use crate::{
    adapters::files::{self, DOCUMENT_LIMIT},
    cli::{Failure, Session, Workspace},
    domains::runbook::transcript::{self, RunSummary},
};
use std::io::Read as _;

/// A run of a runbook, as its transcript tells it.
pub(in crate::cli) struct Run {
    /// The file, as it is shown.
    pub(in crate::cli) file: String,
    /// What happened.
    pub(in crate::cli) summary: RunSummary,
    /// Why not all of the transcript can be trusted.
    pub(in crate::cli) broken: Option<String>,
}

/// All runs whose transcripts stand in the catalog, by their files. What is no transcript is told on standard
/// error and left out.
///
/// # Errors
/// If the folder cannot be listed or a file not be read.
pub(in crate::cli) fn transcripts(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
) -> Result<Vec<Run>, Failure> {
    let pattern = format!("{}/*/*.{}", transcript::FOLDER, transcript::ENDING);
    let mut runs = Vec::new();
    for path in files::expand(&workspace.root, &pattern)? {
        let file = session.shown(&path);
        let mut bytes = Vec::new();
        files::open(&path)?
            .take(DOCUMENT_LIMIT)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::input(format!("cannot read `{file}`: {error}")))?;
        let read = transcript::read(&bytes);
        let broken = read.broken.as_ref().map(|at| format!("line {}: {}", at.line, at.why));
        match RunSummary::of(&read) {
            Some(summary) => {
                if let Some(why) = &broken {
                    session.warn(&format!("warning: the transcript `{file}` is broken: {why}"));
                }
                runs.push(Run { file, summary, broken });
            }
            None => session.warn(&format!(
                "warning: `{file}` is left out: it does not begin as a transcript does"
            )),
        }
    }
    Ok(runs)
}
