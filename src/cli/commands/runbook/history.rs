//! Runs that there were, from their transcripts.
use crate::{
    adapters::transcripts,
    cli::{Failure, Session},
    domains::runbook::transcript::{ENDING, FOLDER, RunSummary, Transcript},
};
use std::path::{Path, PathBuf};

/// Where transcripts are.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Kept {
    /// The folder of transcripts; `runs` in the catalog unless said.
    #[arg(long, value_name = "DIR")]
    transcripts: Option<PathBuf>,
}

/// A run that there was.
pub(super) struct Known {
    /// Its file.
    pub(super) path: PathBuf,
    /// Its transcript.
    pub(super) transcript: Transcript,
    /// What happened.
    pub(super) summary: RunSummary,
}

impl Kept {
    /// The folder.
    pub(super) fn folder(&self, session: &Session<'_, '_>, root: &Path) -> PathBuf {
        match &self.transcripts {
            Some(folder) => session.path(folder),
            None => root.join(FOLDER),
        }
    }

    /// All runs whose transcripts can be read, by name. The others are told of.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn runs(
        &self,
        session: &mut Session<'_, '_>,
        root: &Path,
    ) -> Result<Vec<Known>, Failure> {
        let folder = self.folder(session, root);
        let paths = transcripts::list(&folder).map_err(|cause| {
            Failure::environment(format!("cannot read `{}`: {cause}", session.shown(&folder)))
        })?;
        let mut runs = Vec::new();
        for path in paths {
            match read(&path) {
                Ok((transcript, summary)) => {
                    if let Some(broken) = &transcript.broken {
                        let shown = session.shown(&path);
                        session.warn(&format!(
                            "warning: {shown} was changed at line {}: `sre runbook verify` says more",
                            broken.line
                        ));
                    }
                    runs.push(Known { path, transcript, summary });
                }
                Err(why) => {
                    let shown = session.shown(&path);
                    session.warn(&format!("warning: {shown} is passed over: {why}"));
                }
            }
        }
        Ok(runs)
    }

    /// The run of that name, or that whose transcript has that path.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn run(
        &self,
        session: &mut Session<'_, '_>,
        root: &Path,
        name: &str,
    ) -> Result<Known, Failure> {
        let path = session.path(Path::new(name));
        if Path::new(name).extension().is_some_and(|ending| ending == ENDING) {
            return read(&path)
                .map(|(transcript, summary)| Known { path, transcript, summary })
                .map_err(|why| Failure::input(format!("`{name}` is no transcript: {why}")));
        }
        let folder = self.folder(session, root);
        let paths = transcripts::list(&folder).unwrap_or_default();
        let stem = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        let Some(path) = paths.into_iter().find(stem) else {
            let shown = session.shown(&folder);
            return Err(Failure::input(format!("no run is called `{name}`")).hint(format!(
                "its transcript would be below {shown}; `sre runbook show RUNBOOK` lists runs"
            )));
        };
        read(&path).map(|(transcript, summary)| Known { path, transcript, summary }).map_err(
            |why| Failure::input(format!("the transcript of `{name}` cannot be used: {why}")),
        )
    }
}

fn read(path: &Path) -> Result<(Transcript, RunSummary), String> {
    let transcript = transcripts::read(path).map_err(|cause| cause.to_string())?;
    match RunSummary::of(&transcript) {
        Some(summary) => Ok((transcript, summary)),
        None => Err(match &transcript.broken {
            Some(broken) => format!("line {}: {}", broken.line, broken.why),
            None => "it does not say what was run".to_owned(),
        }),
    }
}
