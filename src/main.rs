//! The `sre` program: the real world, and nothing else.
use sre::{
    adapters::{clock, terminal},
    cli::{self, World},
};
use std::{
    io::{self, BufWriter},
    process::ExitCode,
};

/// A catalog is read by all cores at once and kept in many small pieces; the system's allocator spends a
/// tenth of the time of `sre validate` on growing the heaps of its threads page by page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::disallowed_methods, reason = "the program is where the world comes from")]
fn main() -> ExitCode {
    let mut stdout = BufWriter::new(io::stdout().lock());
    // Not locked: the progress bar is drawn from other threads.
    let mut stderr = io::stderr();
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let exit = cli::main(&mut World {
        arguments: std::env::args_os().collect(),
        environment,
        folder: std::env::current_dir().unwrap_or_default(),
        clock: &clock::now,
        stdin: Box::new(io::stdin()),
        stdin_is_terminal: terminal::stdin_is_terminal(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdout_width: terminal::stdout_width(),
        stderr_width: terminal::stderr_width(),
    });
    ExitCode::from(exit.code())
}
