//! The files of a source.
use super::{Measuring, routes::FileSource};
use crate::{
    adapters::{
        files::{self, FileError},
        process::{self, Program},
    },
    cli::{Failure, Session, Workspace},
    domains::slo::assess::Unknown,
    kernel::{
        measure::{
            Input, ScanRequest,
            data_source::{Command, Files},
        },
        spec::{Document, Field, Optional},
        time::rfc3339,
        units::Duration,
    },
};
use std::{
    collections::BTreeSet,
    io::Read,
    path::{Path, PathBuf},
};

/// The files that a data source declares, relative to its document.
pub(super) fn declared_paths(
    session: &Session<'_, '_>,
    workspace: &Workspace,
    document: &Document,
    files: &Files,
) -> Result<Vec<PathBuf>, String> {
    let folder = folder_of(session, workspace, document);
    let mut found = Vec::new();
    for pattern in files.paths.get().into_iter().flatten().filter_map(Field::get) {
        let paths = files::expand(&folder, pattern).map_err(|error| chain(&error))?;
        if paths.is_empty() {
            return Err(format!("no file matches `{pattern}`"));
        }
        found.extend(paths);
    }
    if let Some(missing) = found.iter().find(|path| files::kind(path) != files::PathKind::File) {
        return Err(format!("`{}` cannot be read: no such file", session.shown(missing)));
    }
    Ok(each_once(found))
}

pub(super) fn given_name(arguments: &Measuring) -> String {
    match arguments.data.as_slice() {
        [path] if path.as_os_str() == "-" => "<stdin>".to_owned(),
        [path] => path.display().to_string(),
        more => format!("{} files", more.len()),
    }
}

pub(super) fn given_paths(
    arguments: &Measuring,
    session: &Session<'_, '_>,
) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in &arguments.data {
        if path.as_os_str() == "-" {
            found.push(path.clone());
            continue;
        }
        let paths = files::expand(session.folder(), &path.to_string_lossy())?;
        if paths.is_empty() {
            return Err(Failure::input(format!("no file matches `{}`", path.display())));
        }
        if let Some(missing) =
            paths.iter().find(|path| files::kind(path) == files::PathKind::Missing)
        {
            let why = files::why_missing(missing);
            return Err(Failure::input(format!("`{}` {why}", path.display())));
        }
        if paths.iter().any(|path| files::kind(path) == files::PathKind::Folder) {
            let message = format!("`{}` is a folder", path.display());
            return Err(Failure::input(message).hint("name its files, such as `logs/*.log`"));
        }
        found.extend(paths);
    }
    Ok(each_once(found))
}

/// A file once, however often it is named: its events would count twice.
fn each_once(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let is_new = |path: &PathBuf| path.as_os_str() == "-" || seen.insert(files::canonical(path));
    paths.into_iter().filter(is_new).collect()
}

pub(super) fn input(session: &mut Session<'_, '_>, path: &Path) -> Result<Input, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Input::new("<stdin>", session.take_stdin()?));
    }
    let full = path.to_owned();
    Ok(Input::opened_by(session.shown(path), move || {
        let file = files::open(&full).map_err(|error| match error {
            FileError::System { cause, .. } => cause,
            other => std::io::Error::other(other.to_string()),
        })?;
        Ok(Box::new(file) as Box<dyn Read + Send>)
    }))
}

/// The output of the program that a data source names, to be started when its turn comes.
pub(super) fn program(
    arguments: &Measuring,
    session: &Session<'_, '_>,
    workspace: &Workspace,
    source: &FileSource<'_>,
    command: &Command,
    request: &ScanRequest,
) -> Result<Input, Unknown> {
    let name = source.document.name();
    let words: Vec<String> =
        command.run.get().into_iter().flatten().filter_map(Field::get).cloned().collect();
    if !arguments.allow_command {
        return Err(Unknown::input(format!(
            "`{name}` runs a program (`{}`); allow that with --allow-command",
            words.first().map_or("", String::as_str)
        )));
    }
    let to = request.at.unwrap_or_else(|| session.now());
    let from = request.from.unwrap_or_else(|| to - request.lookback.to_chrono());
    let asked = [("SRE_FROM", rfc3339(from)), ("SRE_TO", rfc3339(to))];
    let program = Program {
        arguments: words,
        folder: folder_of(session, workspace, source.document),
        environment: asked.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        timeout: command.timeout.value().copied().unwrap_or(PROGRAM_TIMEOUT),
        output_limit: PROGRAM_OUTPUT,
    };
    Ok(Input::opened_by(format!("output of {name}"), move || {
        let output = process::start(&program).map_err(std::io::Error::other)?;
        Ok(Box::new(output) as Box<dyn Read + Send>)
    }))
}

/// How long a program may run unless its document says.
const PROGRAM_TIMEOUT: Duration = Duration::from_minutes(1);

/// The most that a program may print: far more than a month of counts, far less than a disk.
const PROGRAM_OUTPUT: u64 = 4 << 30;

/// The folder of a document.
fn folder_of(session: &Session<'_, '_>, workspace: &Workspace, document: &Document) -> PathBuf {
    workspace
        .path(document.place.source)
        .and_then(|path| path.parent())
        .unwrap_or_else(|| session.folder())
        .to_owned()
}

/// An error and its cause, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
