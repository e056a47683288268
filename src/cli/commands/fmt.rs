//! `sre fmt`: documents in their canonical form.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Exit, Failure, Session},
    kernel::{report::words, source::SourceId, spec::format},
    registry,
};
use std::path::PathBuf;

/// Arguments of `sre fmt`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files and folders; `-` reads standard input and prints; the catalog unless said.
    paths: Vec<PathBuf>,
    /// Changes nothing; names the files that are not in canonical form, and fails if there are any.
    #[arg(long)]
    check: bool,
}

/// Formats documents.
///
/// # Errors
/// If a file cannot be read or written, or is not YAML.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    if arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        if arguments.paths.len() > 1 {
            return Err(Failure::input("standard input and files cannot be formatted in one run")
                .hint("the one goes to standard output, the others stay where they are"));
        }
        let text = session.stdin_text()?;
        let formatted = formatted(&text, "<stdin>")?;
        if arguments.check {
            return Ok(if formatted == text { Exit::Success } else { Exit::Found });
        }
        session.print(formatted.as_bytes())?;
        return Ok(Exit::Success);
    }
    let (mut changed, mut broken) = (Vec::new(), None);
    for path in paths(arguments, session)? {
        let text = files::read_document(&path)?;
        match formatted(&text, &session.shown(&path)) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                if !arguments.check {
                    files::replace(&path, &text, &formatted)?;
                }
                changed.push(session.shown(&path));
            }
            Err(failure) => {
                session.warn(&format!("error: {}", failure.error));
                broken = Some(failure);
            }
        }
    }
    for path in &changed {
        session.print(format!("{path}\n").as_bytes())?;
    }
    let verb = if arguments.check { "would be changed" } else { "changed" };
    session.note(&format!("{} {verb}", words::plural(changed.len() as u64, "file")));
    match broken {
        Some(_) => Err(Failure::input("not all files could be formatted")
            .hint("`sre validate` shows where they are not YAML")),
        None if arguments.check && !changed.is_empty() => Ok(Exit::Found),
        None => Ok(Exit::Success),
    }
}

fn formatted(text: &str, name: &str) -> Result<String, Failure> {
    format::format_text(SourceId::default(), text, &registry::KINDS).map_err(|problems| {
        let first = problems.first().map_or("cannot be formatted", |problem| &problem.message);
        Failure::input(format!("{name}: {first}"))
    })
}

fn paths(arguments: &Arguments, session: &Session<'_, '_>) -> Result<Vec<PathBuf>, Failure> {
    let mut named: Vec<PathBuf> = arguments.paths.iter().map(|path| session.path(path)).collect();
    if named.is_empty() {
        named.push(crate::cli::workspace::find_root(session, &[])?);
    }
    let mut found = Vec::new();
    for path in named {
        match files::kind(&path) {
            PathKind::Missing => {
                let why = files::why_missing(&path);
                return Err(Failure::input(format!("`{}` {why}", session.shown(&path))));
            }
            PathKind::File => found.push(path),
            PathKind::Folder => found.extend(files::yaml_files(&path)?),
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}
