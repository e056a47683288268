//! Everything that the program takes from outside.
use crate::kernel::units::Instant;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{Read, Write},
    path::PathBuf,
};

/// The outside as the program sees it: real in `main`, made up in tests.
pub struct World<'a> {
    /// Command line, the program's name first.
    pub arguments: Vec<OsString>,
    /// Environment.
    pub environment: BTreeMap<String, String>,
    /// Working folder.
    pub folder: PathBuf,
    /// The clock; read once.
    pub clock: &'a dyn Fn() -> Instant,
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Whether standard input is a terminal: whether somebody is there to answer.
    pub stdin_is_terminal: bool,
    /// Standard output.
    pub stdout: &'a mut dyn Write,
    /// Standard error.
    pub stderr: &'a mut dyn Write,
    /// Columns of the terminal that standard output is; `None` for files and pipes.
    pub stdout_width: Option<usize>,
    /// Columns of the terminal that standard error is; `None` for files and pipes.
    pub stderr_width: Option<usize>,
}

impl World<'_> {
    /// A variable of the environment that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
