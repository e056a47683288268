//! Questions to the `git` program.
#![expect(clippy::disallowed_methods, reason = "this adapter starts the git program")]
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Why git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be started.
    #[error("cannot start `git`")]
    Start(#[source] std::io::Error),
    /// There is no such revision.
    #[error("git knows no revision `{0}`")]
    Revision(String),
    /// It said no.
    #[error("`git {arguments}` failed: {message}")]
    Failed {
        /// What it was asked.
        arguments: String,
        /// What it answered.
        message: String,
    },
}

/// Files below `folder` that differ from the revision, or are not tracked: absolute paths.
///
/// # Errors
/// If git cannot be started, or does not know the revision.
pub fn changed_since(folder: &Path, revision: &str) -> Result<Vec<PathBuf>, GitError> {
    let top = PathBuf::from(run(folder, &["rev-parse", "--show-toplevel"])?.trim_end());
    // `--` and `--end-of-options` keep a revision from being read as an option or a path.
    let commit = format!("{revision}^{{commit}}");
    let verified =
        run(folder, &["rev-parse", "--verify", "--end-of-options", &commit]).map_err(|error| {
            match error {
                GitError::Failed { .. } => GitError::Revision(revision.to_owned()),
                start @ (GitError::Start(_) | GitError::Revision(_)) => start,
            }
        })?;
    let verified = verified.trim_end();
    let changed = run(&top, &["diff", "--name-only", "-z", verified, "--"])?;
    let fresh = run(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    let mut paths: Vec<PathBuf> = changed
        .split('\0')
        .chain(fresh.split('\0'))
        .filter(|path| !path.is_empty())
        .map(|path| top.join(path))
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .output()
        .map_err(GitError::Start)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(GitError::Failed {
        arguments: arguments.join(" "),
        message: message.lines().next().unwrap_or("no message").to_owned(),
    })
}
