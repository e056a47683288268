//! `sre completions`.
use crate::cli::{Exit, Failure, Session, command};
use clap_complete::Shell;

/// Arguments of `sre completions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints completions.
///
/// # Errors
/// If they cannot be written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "sre", &mut bytes);
    session.print(&bytes)?;
    Ok(Exit::Success)
}
