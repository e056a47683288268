//! Questions to the `git` program.
#![expect(clippy::disallowed_methods, reason = "this adapter starts the git program")]
mod tree;

pub use tree::{Tree, TreeError};

use crate::kernel::units::Instant;
use chrono::DateTime;
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
    /// The folder belongs to no repository.
    #[error("`{}` is in no git repository", .0.display())]
    NoRepository(PathBuf),
    /// There is no such revision.
    #[error("git knows no revision `{0}`")]
    Revision(String),
    /// There is no such revision, and the clone lacks a part of the history.
    #[error("git knows no revision `{0}`, and this clone is shallow")]
    Shallow(String),
    /// Two revisions have no common past.
    #[error("`{0}` and `{1}` have no commit in common")]
    Unrelated(String, String),
    /// It said no.
    #[error("`git {arguments}` failed: {message}")]
    Failed {
        /// What it was asked.
        arguments: String,
        /// What it answered.
        message: String,
    },
}

/// A commit, by its full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The name: hexadecimal digits.
    pub id: String,
}

/// Where a folder lies in its repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The top of the work tree.
    pub top: PathBuf,
    /// The folder from there, with `/` between its parts; empty at the top.
    pub inside: String,
}

/// Where a folder lies in its repository.
///
/// # Errors
/// If it lies in none, or git cannot be asked.
pub fn position(folder: &Path) -> Result<Position, GitError> {
    let answer = verified(folder, &["rev-parse", "--show-toplevel", "--show-prefix"])?;
    let mut lines = answer.lines();
    let top = PathBuf::from(lines.next().unwrap_or_default());
    let inside = lines.next().unwrap_or_default().trim_end_matches('/').to_owned();
    Ok(Position { top, inside })
}

/// The commit that a revision names.
///
/// # Errors
/// If there is none, or git cannot be asked.
pub fn commit(folder: &Path, revision: &str) -> Result<Commit, GitError> {
    // `--` and `--end-of-options` keep a revision from being read as an option or a path.
    let commit = format!("{revision}^{{commit}}");
    let found = run(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    match found {
        Ok(id) => Ok(Commit { id: id.trim_end().to_owned() }),
        Err(GitError::Failed { .. }) => {
            position(folder)?;
            let shallow = run(folder, &["rev-parse", "--is-shallow-repository"])?;
            let revision = revision.to_owned();
            Err(match shallow.trim_end() {
                "true" => GitError::Shallow(revision),
                _ => GitError::Revision(revision),
            })
        }
        Err(other) => Err(other),
    }
}

/// When what lies in a folder was committed last; `None` where nothing of it ever was.
///
/// # Errors
/// If it lies in no repository, or git cannot be asked.
pub fn committed_at(folder: &Path) -> Result<Option<Instant>, GitError> {
    let seconds = run(folder, &["log", "-1", "--format=%ct", "--", "."])?;
    Ok(seconds.trim().parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

/// The name under which whoever works in a folder commits; `None` where git does not know one.
pub fn user(folder: &Path) -> Option<String> {
    let name = run(folder, &["config", "--get", "user.name"]).ok()?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The last commit that two revisions have in common.
///
/// # Errors
/// If there is none, or git cannot be asked.
pub fn merge_base(folder: &Path, (one, other): (&str, &str)) -> Result<Commit, GitError> {
    let (first, second) = (commit(folder, one)?, commit(folder, other)?);
    match run(folder, &["merge-base", &first.id, &second.id]) {
        Ok(id) => Ok(Commit { id: id.trim_end().to_owned() }),
        Err(GitError::Failed { .. }) => Err(GitError::Unrelated(one.to_owned(), other.to_owned())),
        Err(error) => Err(error),
    }
}

/// Files below `folder` that differ from the revision, or are not tracked: absolute paths.
///
/// # Errors
/// If git cannot be started, or does not know the revision.
pub fn changed_since(folder: &Path, revision: &str) -> Result<Vec<PathBuf>, GitError> {
    let Position { top, .. } = position(folder)?;
    let verified = commit(folder, revision)?.id;
    let changed = run(&top, &["diff", "--name-only", "-z", &verified, "--"])?;
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

/// As [`run`], and where it fails outside of a repository, that is said.
fn verified(folder: &Path, arguments: &[&str]) -> Result<String, GitError> {
    run(folder, arguments).map_err(|error| match error {
        GitError::Failed { message, .. } if message.contains("not a git repository") => {
            GitError::NoRepository(folder.to_owned())
        }
        error => error,
    })
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        // Its complaints are read for what they say.
        .env("LC_ALL", "C")
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
