//! `sre runbook verify`: whether a transcript was changed, and what it tells.
use super::history::Kept;
use crate::{
    cli::{Exit, Failure, Session, Workspace},
    domains::runbook::{
        answer::run::{Told, report},
        transcript::ENDING,
    },
};
use std::path::{Path, PathBuf};

/// Arguments of `sre runbook verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The run, or the file of its transcript.
    #[arg(value_name = "RUN|FILE")]
    run: String,
    /// The hash of its last line, as the run printed it: shows whether it was written anew.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
    #[command(flatten)]
    kept: Kept,
}

/// Checks a transcript.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let is_file = Path::new(&arguments.run).extension().is_some_and(|ending| ending == ENDING);
    let root = if is_file { PathBuf::new() } else { Workspace::open(session, &[])?.root };
    let known = arguments.kept.run(session, &root, &arguments.run)?;
    let path = session.shown(&known.path);
    if known.transcript.torn > 0 {
        session.note(
            "note: the last line was never finished: the machine stopped while it was written",
        );
    }
    let told = Told { summary: &known.summary, transcript: &known.transcript, path: &path };
    let exit = session.answer(&report(&told))?;
    let head = known.transcript.chain.head();
    if let Some(noted) = arguments.head.as_deref().filter(|noted| *noted != head) {
        session.warn(&format!("the last line has the hash {head}, not {noted}: the transcript was written anew, or went on"));
        return Ok(exit.and(Exit::Found));
    }
    Ok(exit)
}
