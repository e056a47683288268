//! Why a command could not do its job.
use super::Exit;
use crate::adapters::{
    files::FileError,
    git::{GitError, TreeError},
};
use std::{fmt::Display, io};

/// A command that could not do its job: an error, what it means for the exit code, and what to do.
#[derive(Debug)]
pub struct Failure {
    /// How the run ends.
    pub exit: Exit,
    /// What went wrong, with its causes.
    pub error: anyhow::Error,
    /// What to do, one line each.
    pub hints: Vec<String>,
}

impl Failure {
    /// Wrong input.
    pub fn input(message: impl Display) -> Self {
        Self { exit: Exit::Input, error: anyhow::anyhow!("{message}"), hints: Vec::new() }
    }

    /// Failed surroundings.
    pub fn environment(message: impl Display) -> Self {
        Self { exit: Exit::Environment, error: anyhow::anyhow!("{message}"), hints: Vec::new() }
    }

    /// A command that ends like that.
    pub fn ending(exit: Exit, message: impl Display) -> Self {
        Self { exit, error: anyhow::anyhow!("{message}"), hints: Vec::new() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let exit = match &error {
            FileError::System { action: "write" | "create", cause, .. }
                if cause.kind() != io::ErrorKind::PermissionDenied =>
            {
                Exit::Environment
            }
            _ => Exit::Input,
        };
        let hints = match &error {
            FileError::Exists(_) => {
                vec!["choose another name, or remove the file first".to_owned()]
            }
            FileError::NotUtf8 { .. } => vec!["save the file as UTF-8".to_owned()],
            FileError::TooLarge(_) => vec!["split it into several files".to_owned()],
            FileError::Changed(_) | FileError::Held(_) => {
                vec!["run the command again".to_owned()]
            }
            FileError::System { .. } => Vec::new(),
        };
        Self { exit, error: error.into(), hints }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let exit = match error {
            GitError::Start(_) => Exit::Environment,
            GitError::NoRepository(_)
            | GitError::Revision(_)
            | GitError::Shallow(_)
            | GitError::Unrelated(..)
            | GitError::Failed { .. } => Exit::Input,
        };
        let hint = match error {
            GitError::Revision(_) => Some("name a commit, a branch or a tag that is fetched here"),
            GitError::Shallow(_) => Some(
                "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` of a checkout in CI",
            ),
            GitError::NoRepository(_) => Some("name two folders instead of revisions"),
            GitError::Unrelated(..) => Some("name both with two dots instead of three"),
            GitError::Start(_) | GitError::Failed { .. } => None,
        };
        Self { exit, error: error.into(), hints: hint.into_iter().map(str::to_owned).collect() }
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Git(error) => error.into(),
            TreeError::File(error) => error.into(),
        }
    }
}

impl From<io::Error> for Failure {
    /// Errors of the output streams.
    fn from(error: io::Error) -> Self {
        let error = anyhow::Error::new(error).context("cannot write the answer");
        Self { exit: Exit::Environment, error, hints: Vec::new() }
    }
}
