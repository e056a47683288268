//! The document files of a catalog: found, read, each once.
use super::{Failure, Session, output};
use crate::adapters::files::{self, FileError, PathKind, SETTINGS_FILE};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The texts of a catalog, wherever they come from.
#[derive(Default)]
pub(super) struct Collected {
    /// Its documents, by name.
    pub(super) documents: Vec<Text>,
    /// Its settings, where it has some.
    pub(super) settings: Option<Text>,
}

/// A text before it is read as YAML.
pub(super) struct Text {
    /// How messages call it.
    pub(super) name: String,
    /// Its file; standard input has none.
    pub(super) path: Option<PathBuf>,
    /// How the command line names it.
    pub(super) named: Named,
    /// Its contents.
    pub(super) contents: String,
}

/// How the command line names a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It does not: the text belongs to the catalog around.
    Not,
    /// As part of a folder.
    InFolder,
    /// Itself.
    Itself,
}

/// Reads the files of the catalog at `root` and those that `paths` name, by name. An empty root is no
/// catalog.
///
/// # Errors
/// If a path does not exist, or a file cannot be read.
pub(super) fn collect(
    session: &mut Session<'_, '_>,
    root: &Path,
    paths: &[PathBuf],
) -> Result<Collected, Failure> {
    let mut files = Vec::new();
    if !root.as_os_str().is_empty() {
        files.extend(files::yaml_files(root)?.into_iter().map(|path| (path, Named::Not)));
    }
    let mut texts = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        if path.as_os_str() == "-" {
            if paths[..at].contains(path) {
                continue;
            }
            let contents = session.stdin_text()?;
            let name = "<stdin>".to_owned();
            texts.push(Text { name, path: None, named: Named::Itself, contents });
            continue;
        }
        add_named(session, root, path, &mut files)?;
    }
    let folder = session.folder();
    let read: Vec<Result<Text, (FileError, Named)>> = files
        .into_par_iter()
        .map(|(path, named)| {
            let contents = files::read_document(&path).map_err(|error| (error, named))?;
            let name = Session::shown_from(folder, &path);
            Ok(Text { name, path: Some(path), named, contents })
        })
        .collect();
    let mut failures = Vec::new();
    for text in read {
        match text {
            Ok(text) => texts.push(text),
            // What stands beside the files that are meant is missed where they refer to it, and only then.
            Err((error, Named::Not)) if !paths.is_empty() => {
                tell(session, "warning", error);
            }
            Err((error, _)) => failures.push(error),
        }
    }
    refuse(session, failures)?;
    texts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Collected { documents: texts, settings: settings(session, root)? })
}

/// The settings of the catalog at `root`.
pub(super) fn settings(session: &Session<'_, '_>, root: &Path) -> Result<Option<Text>, Failure> {
    let path = root.join(SETTINGS_FILE);
    if root.as_os_str().is_empty() || files::kind(&path) != PathKind::File {
        return Ok(None);
    }
    let (name, contents) = (session.shown(&path), files::read_document(&path)?);
    Ok(Some(Text { name, path: Some(path), named: Named::Not, contents }))
}

/// Tells of a file that cannot be read.
fn tell(session: &mut Session<'_, '_>, level: &str, error: FileError) {
    let message = format!("{:#}", anyhow::Error::new(error));
    let message = output::relative(&message, session.folder());
    session.warn(&format!("{level}: {message}"));
}

/// Tells all files that cannot be read but the last, which ends the run.
fn refuse(session: &mut Session<'_, '_>, mut failures: Vec<FileError>) -> Result<(), Failure> {
    let Some(last) = failures.pop() else { return Ok(()) };
    for failure in failures {
        tell(session, "error", failure);
    }
    Err(last.into())
}

/// Marks what `path` names among the files found so far, and adds what is not there yet.
fn add_named(
    session: &Session<'_, '_>,
    root: &Path,
    path: &Path,
    found: &mut Vec<(PathBuf, Named)>,
) -> Result<(), Failure> {
    let full = session.path(path);
    let (kind, wanted) = (files::kind(&full), files::canonical(&full));
    if kind == PathKind::Missing {
        let why = files::why_missing(&full);
        return Err(Failure::input(format!("`{}` {why}", path.display())));
    }
    let catalog = files::canonical(root);
    let is_wanted = |file: &Path| {
        let canonical =
            file.strip_prefix(root).map_or_else(|_| file.to_owned(), |f| catalog.join(f));
        canonical.starts_with(&wanted)
    };
    let named = if kind == PathKind::Folder { Named::InFolder } else { Named::Itself };
    let mut any = false;
    for (file, how) in found.iter_mut().filter(|(file, _)| is_wanted(file)) {
        let _ = file;
        any = true;
        if *how != Named::Itself {
            *how = named;
        }
    }
    if any {
        return Ok(());
    }
    match kind {
        PathKind::Folder => {
            found.extend(files::yaml_files(&full)?.into_iter().map(|file| (file, named)));
        }
        _ => found.push((full, named)),
    }
    Ok(())
}
