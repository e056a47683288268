//! `sre runbook export`: runbooks as Markdown pages.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Exit, Failure, Session, arguments::Selection, commands::oncall::Opened},
    domains::runbook::{markdown, spec::Runbook},
    kernel::report::words,
};
use std::path::PathBuf;

/// Arguments of `sre runbook export`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Runbooks by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    runbooks: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    /// Writes a file for each runbook into this folder instead of all of them to standard output.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrites files that are there.
    #[arg(long, requires = "out")]
    force: bool,
}

/// Writes pages.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &arguments.runbooks, None)?;
    let runbooks =
        opened.documents::<Runbook>(session, &arguments.runbooks, &arguments.selection)?;
    let pages = runbooks.iter().map(|(document, spec)| {
        (format!("{}.md", document.name().replace('/', "-")), markdown::page(document, spec))
    });
    let Some(folder) = &arguments.out else {
        let texts: Vec<String> = pages.map(|(_, text)| text).collect();
        session.print(texts.join("\n").as_bytes())?;
        return Ok(Exit::Success);
    };
    let folder = session.path(folder);
    let pages: Vec<(PathBuf, String)> =
        pages.map(|(name, text)| (folder.join(name), text)).collect();
    let there = pages.iter().find(|(path, _)| files::kind(path) != PathKind::Missing);
    if let Some((path, _)) = there.filter(|_| !arguments.force) {
        return Err(Failure::input(format!("`{}` exists", session.shown(path)))
            .hint("write into another folder, or overwrite with --force"));
    }
    files::create_folder(&folder)?;
    for (path, text) in &pages {
        files::write_atomically(path, text)?;
    }
    let count = words::plural(pages.len() as u64, "page");
    session.note(&format!("wrote {count} into {}", session.shown(&folder)));
    Ok(Exit::Success)
}
