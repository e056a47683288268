//! Who may write where: answers to standard output, everything else to standard error.
use super::{Exit, Failure, Session, World};
use crate::kernel::{
    diagnostic::{Diagnostic, Finding, Level, render},
    report::harmless,
    source::SourceMap,
};
use std::{
    io::{self, Write},
    path::Path,
};

/// Prints what clap has to say: help to standard output, errors to standard error.
pub(super) fn usage(world: &mut World<'_>, error: &clap::Error) -> Exit {
    let for_help = !error.use_stderr();
    let text = if wants_colour(world, for_help) {
        error.render().ansi().to_string()
    } else {
        error.render().to_string()
    };
    let stream: &mut dyn Write = if for_help { world.stdout } else { world.stderr };
    let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    match written {
        Err(error) if for_help => failure(world, &Failure::from(error)),
        _ if for_help => Exit::Success,
        _ => Exit::Input,
    }
}

fn wants_colour(world: &World<'_>, stdout: bool) -> bool {
    let terminal = if stdout { world.stdout_width.is_some() } else { world.stderr_width.is_some() };
    terminal && world.variable("NO_COLOR").is_none() && world.variable("TERM") != Some("dumb")
}

/// Prints what was found in texts that belong to no catalog on standard error, each of that level.
///
/// # Errors
/// If it cannot be printed.
pub(super) fn findings(
    session: &mut Session<'_, '_>,
    sources: &SourceMap,
    findings: Vec<Finding>,
    level: Level,
) -> Result<(), Failure> {
    if findings.is_empty() {
        return Ok(());
    }
    let diagnostic = |finding| Diagnostic { level, finding };
    let mut diagnostics: Vec<Diagnostic> = findings.into_iter().map(diagnostic).collect();
    diagnostics.sort_by(Diagnostic::order);
    diagnostics.dedup();
    let options = render::Options { width: 100, ..render::Options::default() };
    let mut bytes = Vec::new();
    render::render(render::Format::Text, sources, &diagnostics, &options, &mut bytes)?;
    session.warn(String::from_utf8_lossy(&bytes).trim_end());
    Ok(())
}

/// A message with its paths relative to the working folder, as answers show them.
pub(super) fn relative(message: &str, folder: &Path) -> String {
    match folder.to_str() {
        Some(folder) if folder.len() > 1 => message.replace(&format!("`{folder}/"), "`"),
        _ => message.to_owned(),
    }
}

/// Prints why a command could not do its job.
pub(super) fn failure(world: &mut World<'_>, failure: &Failure) -> Exit {
    let closed = failure
        .error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe);
    if closed {
        // Whoever read the answer has read enough: `sre … | head`.
        return Exit::Success;
    }
    let mut text = String::from("error: ");
    for (depth, cause) in failure.error.chain().enumerate() {
        let cause = cause.to_string();
        text.push_str(if depth == 0 { "" } else { "  cause: " });
        let cause = relative(&cause, &world.folder);
        text.push_str(&cause.lines().map(harmless).collect::<Vec<_>>().join("\n"));
        text.push('\n');
    }
    for hint in &failure.hints {
        text.push_str("  help: ");
        text.push_str(&harmless(hint));
        text.push('\n');
    }
    // Nothing is left to be done if standard error is closed.
    let _ = world.stderr.write_all(text.as_bytes());
    failure.exit
}
