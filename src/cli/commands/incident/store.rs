//! Where incidents stand, and how they are written.
use crate::{
    adapters::{
        files::{self, PathKind},
        git,
    },
    cli::{Failure, Session, Workspace, measured},
    domains::incident::{
        change::{self, NewEvent, NewIncident},
        engine::Record,
        resolve::{self, ResolvedIncident},
        spec::Incident,
    },
    kernel::{
        source::SourceId,
        spec::{Document, Target as _, append, problem},
        units::Instant,
    },
};
use chrono::SubsecRound as _;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// The folder of a catalog in which new incidents are written.
const FOLDER: &str = "incidents";

/// Now, to the second: nobody writes down more.
pub(super) fn now(session: &Session<'_, '_>) -> Instant {
    session.now().trunc_subsecs(0)
}

/// Who says something: who was named, else who git says works here, else who is logged in.
pub(super) fn author(by: Option<&str>, session: &Session<'_, '_>) -> Option<String> {
    let known = |name: &str| session.environment().get(name).cloned();
    by.map(str::to_owned)
        .or_else(|| git::user(session.folder()))
        .or_else(|| known("USER").or_else(|| known("USERNAME")))
        .filter(|name| !name.trim().is_empty())
}

/// The incident that a word of the command line means: its name, or a part of one that no other has. Without a
/// word the only one that is open.
///
/// # Errors
/// If none is meant, or several are.
pub(super) fn find<'w>(
    workspace: &'w Workspace,
    word: Option<&str>,
) -> Result<(&'w Document, &'w Incident), Failure> {
    let all = || workspace.catalog.iter::<Incident>();
    let Some(word) = word else { return only_open(workspace) };
    if let Some(found) = workspace.catalog.get::<Incident>(word) {
        return Ok(found);
    }
    let part = |name: &str| name.contains(word) && !word.is_empty();
    let mut found = all().filter(|(document, _)| part(document.name()));
    let names: Vec<&str> = all().map(|(document, _)| document.name()).collect();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some((one, _)), Some((other, _))) => {
            let (one, other) = (one.name(), other.name());
            Err(Failure::input(format!("several incidents are called like `{word}`"))
                .hint(format!("say more of the name: `{one}`, `{other}`")))
        }
        (None, _) => Err(unknown(workspace, word, &names)),
    }
}

fn unknown(workspace: &Workspace, word: &str, names: &[&str]) -> Failure {
    let failure = Failure::input(format!("no incident is called `{word}`"));
    if let Some(broken) = broken(workspace).first() {
        return failure
            .hint(format!("{broken} has errors, and may hold it: `sre validate` shows them"));
    }
    match problem::closest(word, names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`sre incident list` shows what there is"),
    }
}

fn only_open(workspace: &Workspace) -> Result<(&Document, &Incident), Failure> {
    let all = workspace.catalog.iter::<Incident>();
    let open: Vec<_> = all
        .filter(|(document, spec)| {
            resolve::resolve(document, spec).record.clocks.status().is_open()
        })
        .collect();
    match open.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::input("no incident is open")
            .hint("name one: `sre incident list` shows what there is")),
        several => {
            let names: Vec<&str> = several.iter().map(|(document, _)| document.name()).collect();
            Err(Failure::input(format!("{} incidents are open", several.len()))
                .hint(format!("say which one: {}", problem::one_of(&names))))
        }
    }
}

/// Refuses to work with an incident that cannot be read whole.
///
/// # Errors
/// If there are errors in it.
pub(super) fn refuse_errors(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    document: &Document,
) -> Result<(), Failure> {
    measured::refuse_found(session, workspace, &workspace.errors_in(&[document.place]))
}

/// Files with incidents that have errors: where the first of each is. One may be so broken that no incident can be
/// seen in it, so that all files of the folder count.
fn broken(workspace: &Workspace) -> Vec<String> {
    let documents = workspace.catalog.documents().iter();
    let incidents = documents.filter(|document| document.kind.name == Incident::KIND);
    let hold: BTreeSet<SourceId> = incidents.map(|document| document.place.source).collect();
    let is_in_folder = |source: SourceId| {
        let parent = workspace.path(source).and_then(|path| path.parent());
        parent.is_some_and(|folder| folder.ends_with(FOLDER))
    };
    let mut seen = BTreeSet::new();
    let errors = workspace.errors().into_iter().map(|error| error.finding.primary.place);
    let errors = errors.filter(|place| hold.contains(&place.source) || is_in_folder(place.source));
    errors
        .filter(|place| seen.insert(place.source))
        .map(|place| {
            let line = workspace.sources.position(place).line;
            format!("{}:{line}", workspace.sources.name(place.source))
        })
        .collect()
}

/// All incidents that can be read; of the others it is said that they cannot.
pub(super) fn all<'w>(
    session: &mut Session<'_, '_>,
    workspace: &'w Workspace,
) -> Vec<ResolvedIncident<'w>> {
    let broken = broken(workspace);
    if let Some(first) = broken.first() {
        let more = match broken.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        session.warn(&format!(
            "warning: {first}{more} has errors: what could not be read is missing here; `sre validate` shows it"
        ));
    }
    resolve::all(&workspace.catalog)
}

/// Adds an event to an incident, unless that is refused, under a lock. Returns the incident before and after.
///
/// # Errors
/// If the file cannot be read or written, has errors, or the event is refused.
pub(super) fn add(
    session: &Session<'_, '_>,
    workspace: &Workspace,
    document: &Document,
    new: &NewEvent,
) -> Result<(Record, Record, PathBuf), Failure> {
    let id = document.name();
    let Some(path) = workspace.path(document.place.source) else {
        return Err(Failure::input(format!("`{id}` stands in no file")));
    };
    let line = new.line();
    let by_hand = || format!("add it by hand to its `timeline`: `- {line}`");
    let shown = session.shown(path);
    let path = files::canonical(path);
    let _held = files::hold(path.parent().unwrap_or(Path::new(".")))?;
    // What another run has written since the catalog was read counts.
    let text = files::read_document(&path)?;
    let cannot = |reason: String| Failure::input(format!("{shown}: {reason}")).hint(by_hand());
    let (place, before) = change::read(&text, id).map_err(&cannot)?;
    change::check(&before, new, session.now())
        .map_err(|refusal| Failure::input(format!("`{id}`: {refusal}")).hint(refusal.remedy()))?;
    let edited = append::to_list(&text, place, "timeline", &line).map_err(&cannot)?;
    let (_, after) = change::read(&edited, id).map_err(&cannot)?;
    files::replace(&path, &text, &edited)?;
    Ok((before, after, path))
}

/// Adds events to an incident as they are, under a lock: what is wrong with them is for the rules to tell.
///
/// # Errors
/// If the file cannot be read or written, or has errors.
pub(super) fn extend(
    session: &Session<'_, '_>,
    workspace: &Workspace,
    document: &Document,
    events: &[NewEvent],
) -> Result<(), Failure> {
    let id = document.name();
    let Some(path) = workspace.path(document.place.source) else {
        return Err(Failure::input(format!("`{id}` stands in no file")));
    };
    let shown = session.shown(path);
    let cannot = |reason: String| Failure::input(format!("{shown}: {reason}"));
    let path = files::canonical(path);
    let _held = files::hold(path.parent().unwrap_or(Path::new(".")))?;
    let before = files::read_document(&path)?;
    let mut text = before.clone();
    for event in events {
        let (place, _) = change::read(&text, id).map_err(cannot)?;
        text = append::to_list(&text, place, "timeline", &event.line()).map_err(cannot)?;
    }
    change::read(&text, id).map_err(cannot)?;
    files::replace(&path, &before, &text)?;
    Ok(())
}

/// Writes a new incident under the first of its names that is free, and returns that with its file.
///
/// # Errors
/// If it cannot be written.
pub(super) fn create(
    workspace: &Workspace,
    incident: &NewIncident,
    exactly: bool,
) -> Result<(String, PathBuf), Failure> {
    let folder = folder(workspace);
    let _held = files::hold(&folder)?;
    for id in change::ids(&incident.id) {
        let path = folder.join(format!("{id}.yaml"));
        let taken = workspace.catalog.find(Incident::KIND, &id).is_some()
            || files::kind(&path) != PathKind::Missing;
        if taken && exactly {
            return Err(Failure::input(format!("an incident is called `{id}` already"))
                .hint("choose another --id, or leave it out"));
        }
        if taken {
            continue;
        }
        let text = NewIncident { id: id.clone(), ..incident.clone() }.text();
        change::read(&text, &id).map_err(|reason| {
            Failure::input(format!("the incident cannot be written: {reason}"))
        })?;
        files::create_whole(&path, &text)?;
        return Ok((id, path));
    }
    Err(Failure::input(format!("no name like `{}` is free", incident.id)))
}

/// Where new incidents are written: beside the others, else in a folder of their own.
pub(super) fn folder(workspace: &Workspace) -> PathBuf {
    let mut beside = workspace.catalog.iter::<Incident>().filter_map(|(document, _)| {
        let folder = workspace.path(document.place.source)?.parent()?;
        (folder.file_name()? == FOLDER).then(|| folder.to_owned())
    });
    if let Some(folder) = beside.next() {
        return folder;
    }
    // A catalog of `sre init` keeps its documents in a folder of its own below the settings.
    let specs = workspace.root.join("specs");
    let root = if files::kind(&specs) == PathKind::Folder { specs } else { workspace.root.clone() };
    root.join(FOLDER)
}
