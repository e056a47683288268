//! Two states of a catalog that are to be compared: of git revisions, of the work tree, of folders.
use super::{
    Failure, Session, Workspace,
    texts::{self, Collected, Named, Text},
};
use crate::{
    adapters::{
        files::{self, PathKind, SETTINGS_FILE},
        git::{self, Commit, Position, Tree},
    },
    kernel::{diagnostic::Diagnostic, report::words},
};
use std::path::{Path, PathBuf};

/// A state of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// That of a git revision.
    Revision(String),
    /// That of the last commit that two revisions have in common.
    MergeBase(String, String),
    /// The files as they are now.
    WorkTree,
    /// A folder.
    Folder(PathBuf),
}

/// A state of a catalog that was read.
pub(super) struct State {
    /// What it is called.
    pub(super) name: String,
    /// Its commit, where it has one.
    pub(super) commit: Option<String>,
    /// What was read.
    pub(super) workspace: Workspace,
    /// Whether there is no catalog in it.
    pub(super) without_catalog: bool,
}

/// The two states that words of the command line mean, as git means them: nothing, one revision
/// (compared with the work tree), `A..B`, `A...B` (from where both began to differ), or two of
/// revisions and folders.
///
/// # Errors
/// If they mean nothing.
pub(super) fn wanted(
    session: &Session<'_, '_>,
    words: &[String],
) -> Result<(Wanted, Wanted), Failure> {
    let is_folder = |word: &str| files::kind(&session.path(Path::new(word))) == PathKind::Folder;
    let revision = |text: &str| if text.is_empty() { "HEAD" } else { text }.to_owned();
    let one = |word: &String| -> Result<Wanted, Failure> {
        if is_folder(word) {
            return Ok(Wanted::Folder(PathBuf::from(word)));
        }
        let is_path = ["/", "./", "../"].iter().any(|start| word.starts_with(start));
        if is_path || word.ends_with('/') {
            return Err(Failure::input(format!("`{word}` is not a folder")));
        }
        Ok(Wanted::Revision(revision(word)))
    };
    match words {
        [] => Ok((Wanted::Revision(revision("")), Wanted::WorkTree)),
        [word] if is_folder(word) => Err(Failure::input(format!("`{word}` is one folder"))
            .hint("name two to compare them, or `A..B` for two revisions")
            .hint("--specs says where the catalog lies")),
        [word] => match (word.split_once("..."), word.split_once("..")) {
            (Some((from, to)), _) => {
                let (from, to) = (revision(from), revision(to));
                Ok((Wanted::MergeBase(from, to.clone()), Wanted::Revision(to)))
            }
            (None, Some((from, to))) => {
                Ok((Wanted::Revision(revision(from)), Wanted::Revision(revision(to))))
            }
            (None, None) => Ok((one(word)?, Wanted::WorkTree)),
        },
        [from, to] => Ok((one(from)?, one(to)?)),
        _ => Err(Failure::input("more than two states are named")),
    }
}

/// Reads a state.
///
/// # Errors
/// If there is no such folder or revision, a file cannot be read, or documents have errors.
pub(super) fn open(session: &mut Session<'_, '_>, wanted: &Wanted) -> Result<State, Failure> {
    let state = read(session, wanted)?;
    refuse_errors(session, &state)?;
    Ok(state)
}

/// Reads a state, whatever is wrong with its documents.
///
/// # Errors
/// If there is no such folder or revision, or a file cannot be read.
pub(super) fn read(session: &mut Session<'_, '_>, wanted: &Wanted) -> Result<State, Failure> {
    let state = match wanted {
        Wanted::WorkTree => State {
            name: "work tree".to_owned(),
            commit: None,
            workspace: Workspace::open(session, &[])?,
            without_catalog: false,
        },
        Wanted::Folder(folder) => State {
            name: folder.display().to_string(),
            commit: None,
            workspace: folder_as_catalog(session, folder)?,
            without_catalog: false,
        },
        Wanted::Revision(revision) => {
            let place = place(session)?;
            let commit = git::commit(&place, revision)?;
            at(session, &place, revision.clone(), revision, commit)?
        }
        Wanted::MergeBase(one, other) => {
            let place = place(session)?;
            let commit = git::merge_base(&place, (one, other))?;
            let short: String = commit.id.chars().take(SHORT).collect();
            at(session, &place, format!("{one}...{other}"), &short, commit)?
        }
    };
    Ok(state)
}

/// Digits of a commit's name that people tell it by.
const SHORT: usize = 9;

/// Where git is asked: in the folder of the catalog where one is named, else in the working folder.
fn place(session: &Session<'_, '_>) -> Result<PathBuf, Failure> {
    let Some(specs) = &session.global().specs else { return Ok(session.folder().to_owned()) };
    let folder = session.path(specs);
    match files::kind(&folder) {
        PathKind::Folder => Ok(folder),
        _ => Err(Failure::input(format!("`{}` is not a folder", specs.display()))
            .hint("--specs names the folder of a catalog")),
    }
}

/// A folder as a catalog. Without settings of its own it has those of the nearest folder above.
fn folder_as_catalog(session: &mut Session<'_, '_>, folder: &Path) -> Result<Workspace, Failure> {
    let root = session.path(folder);
    let mut collected = texts::collect(session, &root, &[])?;
    if collected.settings.is_none()
        && let Some(above) = files::catalog_root(&root)
    {
        collected.settings = texts::settings(session, &above)?;
    }
    Ok(Workspace::of(root, collected))
}

/// The catalog of a commit. Its texts are called `REVISION:PATH`, and belong to the files of the work
/// tree at the same paths, so that measurements are found where they are now.
fn at(
    session: &mut Session<'_, '_>,
    place: &Path,
    name: String,
    short: &str,
    commit: Commit,
) -> Result<State, Failure> {
    let Position { top, inside } = git::position(place)?;
    let tree = Tree::of(place, &commit)?;
    let root = match session.global().specs {
        Some(_) => tree.has_folder(&inside).then_some(inside),
        None => find_root(&tree, &inside),
    };
    let mut collected = Collected::default();
    if let Some(root) = &root {
        let shown = |path: &str| PathBuf::from(format!("{short}:{path}"));
        let settings = join(root, SETTINGS_FILE);
        let mut texts: Vec<(bool, Text)> = tree
            .texts(&tree.yaml_files(root)?, shown)?
            .into_iter()
            .map(|(path, contents)| {
                let is_settings = path == settings;
                let (name, path) = (format!("{short}:{path}"), Some(top.join(path)));
                (is_settings, Text { name, path, named: Named::Not, contents })
            })
            .collect();
        texts.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        for (is_settings, text) in texts {
            if is_settings {
                collected.settings = Some(text);
            } else {
                collected.documents.push(text);
            }
        }
    }
    let without_catalog = root.is_none();
    let workspace = Workspace::of(top.join(root.unwrap_or_default()), collected);
    Ok(State { name, commit: Some(commit.id), workspace, without_catalog })
}

/// The catalog's folder in a commit, found as in the work tree: the nearest folder with settings, else
/// `specs`.
fn find_root(tree: &Tree, inside: &str) -> Option<String> {
    let above = std::iter::successors(Some(inside), |folder| match folder.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None if folder.is_empty() => None,
        None => Some(""),
    });
    let with_settings = above.into_iter().find(|folder| tree.has(&join(folder, SETTINGS_FILE)));
    with_settings.map(str::to_owned).or_else(|| {
        let specs = join(inside, "specs");
        tree.has_folder(&specs).then_some(specs)
    })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What has errors means nothing that could be compared.
fn refuse_errors(session: &mut Session<'_, '_>, state: &State) -> Result<(), Failure> {
    let errors: Vec<Diagnostic> = state.workspace.errors();
    if errors.is_empty() {
        return Ok(());
    }
    state.workspace.tell(session, &errors)?;
    let count = words::plural(errors.len() as u64, "error");
    Err(Failure::input(format!("{count} in `{}`: what it means cannot be compared", state.name))
        .hint("mend it, or compare with a revision that `sre validate` finds no errors in"))
}
