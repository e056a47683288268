//! The files of a source.
use super::Measuring;
use crate::{
    adapters::files::{self, FileError},
    cli::{Failure, Session, Workspace},
    kernel::{
        measure::{Input, data_source::Files},
        spec::{Document, Field},
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
    let folder = workspace
        .path(document.place.source)
        .and_then(|path| path.parent())
        .unwrap_or_else(|| session.folder());
    let mut found = Vec::new();
    for pattern in files.paths.get().into_iter().flatten().filter_map(Field::get) {
        let paths = files::expand(folder, pattern).map_err(|error| chain(&error))?;
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
        if paths.iter().any(|path| files::kind(path) == files::PathKind::Missing) {
            return Err(Failure::input(format!("`{}` does not exist", path.display())));
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

/// An error and its cause, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
