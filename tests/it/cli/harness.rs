//! Runs the program in a made-up world.
#![expect(clippy::disallowed_methods, reason = "tests write the catalogs that they run on")]
use sre::cli::{self, World};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};

/// The moment at which the commands run.
pub(crate) const NOW: &str = "2026-12-01T12:00:00Z";

/// The moment at which everything is committed.
pub(crate) const COMMITTED: &str = "2026-11-02T10:00:00Z";

/// A run that is being prepared.
pub(crate) struct Run {
    arguments: Vec<OsString>,
    environment: BTreeMap<String, String>,
    folder: PathBuf,
    stdin: Vec<u8>,
    stdin_is_terminal: bool,
    width: Option<usize>,
    error_width: Option<usize>,
}

/// A new folder with files.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    /// These files: path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs git in the folder as a repository of its own world: no settings of whoever runs the tests,
    /// and all commits at [`COMMITTED`].
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "user.name=me", "-c", "user.email=me@shop.example"])
            .args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_COMMITTER_DATE", COMMITTED)
            .output()
            .unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {complaints}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The text of a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// What went to standard output.
    pub(crate) stdout: String,
    /// What went to standard error.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: u8,
}

impl Run {
    /// `sre` with these arguments, in the repository, piped, with a UTF-8 locale.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self {
            arguments: std::iter::once("sre")
                .chain(arguments.iter().copied())
                .map(OsString::from)
                .collect(),
            environment: BTreeMap::from([("LC_ALL".to_owned(), "C.UTF-8".to_owned())]),
            folder: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            stdin: Vec::new(),
            stdin_is_terminal: false,
            width: None,
            error_width: None,
        }
    }

    /// More arguments.
    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(arguments.into_iter().map(OsString::from));
        self
    }

    /// In another folder.
    pub(crate) fn within(mut self, folder: &Files) -> Self {
        folder.path().clone_into(&mut self.folder);
        self
    }

    /// With a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With this on standard input.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        text.as_bytes().clone_into(&mut self.stdin);
        self
    }

    /// With somebody at a terminal who types this.
    pub(crate) fn typing(mut self, text: &str) -> Self {
        self.stdin_is_terminal = true;
        self.stdin(text)
    }

    /// On a terminal with that many columns.
    pub(crate) fn on_terminal(mut self, columns: usize) -> Self {
        self.width = Some(columns);
        self
    }

    /// With standard error on a terminal with that many columns.
    pub(crate) fn with_errors_on_terminal(mut self, columns: usize) -> Self {
        self.error_width = Some(columns);
        self
    }

    /// Runs it.
    pub(crate) fn go(self) -> Ran {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = cli::main(&mut World {
            arguments: self.arguments,
            environment: self.environment,
            folder: self.folder,
            clock: &|| NOW.parse().unwrap(),
            stdin: Box::new(Cursor::new(self.stdin)),
            stdin_is_terminal: self.stdin_is_terminal,
            stdout: &mut stdout,
            stderr: &mut stderr,
            stdout_width: self.width,
            stderr_width: self.error_width,
        });
        Ran {
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            code: exit.code(),
        }
    }

    /// Runs it, and holds what it did against all of it: standard output, standard error, exit code.
    #[track_caller]
    pub(crate) fn check(self, stdout: &str, stderr: &str, code: u8) {
        let ran = self.go();
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
            (stdout, stderr, code),
            "\n--- stdout\n{}--- stderr\n{}",
            ran.stdout,
            ran.stderr
        );
    }

    /// Runs it and reads its answer as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let ran = self.args(["--format", "json"]).go();
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }
}
