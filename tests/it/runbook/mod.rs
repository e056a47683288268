//! Runbooks that run: real processes, signals, terminals, and a real database.
#![expect(clippy::disallowed_methods, reason = "starts the program, and looks at what it leaves")]
mod postgres;
mod processes;
mod resuming;
mod terminal;

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A catalog of its own, in a new folder.
pub(super) struct Catalog {
    folder: tempfile::TempDir,
}

/// What a run did.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) code: Option<i32>,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code(),
        }
    }
}

impl Catalog {
    /// A catalog with one runbook, called `book`; `spec` is indented by two spaces.
    pub(super) fn new(spec: &str) -> Self {
        let catalog = Self { folder: tempfile::tempdir().unwrap() };
        catalog.write(spec);
        catalog
    }

    pub(super) fn write(&self, spec: &str) {
        let text =
            format!("apiVersion: sre/v1\nkind: Runbook\nmetadata: {{name: book}}\nspec:\n{spec}");
        fs::create_dir_all(self.path().join("specs")).unwrap();
        fs::write(self.path().join("specs/book.yaml"), text).unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `sre` in the folder of the catalog, without somebody to answer.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sre"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("USER", "tester")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    pub(super) fn sre(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    /// Runs the runbook with everything allowed.
    pub(super) fn run(&self, more: &[&str]) -> Ran {
        let arguments = ["runbook", "run", "book", "--yes-up-to", "destructive"];
        self.sre(&[&arguments, more].concat())
    }

    /// The transcripts, by name.
    pub(super) fn transcripts(&self) -> Vec<PathBuf> {
        let folder = self.path().join("specs/runs/book");
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    /// The text of the one transcript.
    #[track_caller]
    pub(super) fn transcript(&self) -> String {
        let paths = self.transcripts();
        let [path] = paths.as_slice() else { panic!("{paths:?}") };
        String::from_utf8(fs::read(path).unwrap()).unwrap()
    }

    /// The events of that kind in the one transcript.
    #[track_caller]
    pub(super) fn events(&self, kind: &str) -> Vec<Value> {
        let text = self.transcript();
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == kind).collect()
    }

    /// The name of the one run.
    #[track_caller]
    pub(super) fn run_name(&self) -> String {
        self.transcripts()[0].file_stem().unwrap().to_str().unwrap().to_owned()
    }
}

/// Waits until something is so.
#[track_caller]
pub(super) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what} did not happen");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process is there and no zombie.
pub(super) fn lives(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", process.trim()));
    status.is_ok_and(|status| {
        let state = status.rsplit(')').next().unwrap_or_default().trim_start().chars().next();
        !matches!(state, Some('Z' | 'X'))
    })
}

/// Sends a signal.
pub(super) fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(sent.success());
}
