//! `sre export ical`: rotations as iCalendar files.
use crate::{
    adapters::{
        files::{self, PathKind},
        git,
    },
    cli::{
        Exit, Failure, Session,
        arguments::Selection,
        commands::oncall::{Opened, Range, refuse_unknown},
    },
    domains::oncall::{
        icalendar::{self, Asked, Before, Calendar, Event},
        people::People,
        resolve::ResolvedRotation,
    },
    kernel::units::Duration,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What `of` says where no rotation is named.
const ALL: &str = "all rotations";

/// Arguments of `sre export ical`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Rotations by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "ROTATION|FILE")]
    rotations: Vec<String>,
    /// When: all shifts that touch it, each whole; half a year unless said.
    #[command(flatten)]
    range: Range,
    /// Only the shifts of this person.
    #[arg(long, value_name = "NAME", conflicts_with = "per_person")]
    person: Option<String>,
    /// Writes a file for each person into the folder of --output, instead of one for each rotation.
    #[arg(long, requires = "output")]
    per_person: bool,
    /// Lets calendars remind of each shift so long before it begins; may be repeated.
    #[arg(long, value_name = "DURATION")]
    alarm: Vec<Duration>,
    /// What the UIDs of events end with: a domain of yours, so that nobody else's are the same. Leave it as it
    /// is once calendars have read the file.
    #[arg(long, value_name = "DOMAIN", default_value = "sre.invalid", value_parser = domain)]
    domain: String,
    /// Writes into this file instead of to standard output, or a file for each rotation into this folder. What
    /// was written there before is brought up to date: what is gone is cancelled.
    #[arg(short, long, value_name = "FILE|FOLDER")]
    output: Option<PathBuf>,
    /// Overwrites a file that was not made by the same command.
    #[arg(long)]
    force: bool,
    /// Which rotations.
    #[command(flatten)]
    selection: Selection,
}

fn domain(text: &str) -> Result<String, String> {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
    if !text.is_empty() && text.len() <= 253 && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("write a domain such as `example.com`".to_owned())
    }
}

/// Writes calendars.
///
/// # Errors
/// If a rotation or person does not exist, or a file was made by somebody else or cannot be written.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &arguments.rotations, None)?;
    let rotations = opened.rotations(session, &arguments.rotations, &arguments.selection)?;
    if let Some(person) = &arguments.person {
        refuse_unknown(person, &opened, &rotations)?;
    }
    let people = opened.people();
    let root = &opened.workspace.root;
    // The time of the commit, so that the same files give the same bytes whenever they are exported.
    let committed_at = git::committed_at(root).ok().flatten();
    let asked = Asked {
        period: arguments.range.period(session, 183)?,
        person: arguments.person.clone(),
        alarms: arguments.alarm.clone(),
        domain: arguments.domain.clone(),
        changed_at: committed_at.unwrap_or(session.now()),
    };
    let events = icalendar::events(&rotations, &people, &asked);
    let exporting = Exporting { arguments, asked: &asked, rotations: &rotations, people: &people };
    let folder = arguments.output.as_ref().filter(|path| exporting.is_folder(session, path));
    if let Some(folder) = folder {
        let folder = session.path(folder);
        return exporting.write_folder(session, &folder, events);
    }
    let events = events.into_iter().map(|(.., event)| event).collect();
    let calendar = exporting.whole(events);
    if let Some(path) = &arguments.output {
        let path = session.path(path);
        return exporting.write(session, vec![(path, calendar)]);
    }
    let text = calendar.text();
    if let Some(text) = &text {
        session.print(text.as_bytes())?;
    }
    Ok(done(session, text.is_some()))
}

/// How a run ends that has written something or not.
fn done(session: &mut Session<'_, '_>, written: bool) -> Exit {
    if written {
        return Exit::Success;
    }
    session.note("nobody is on call then: there is nothing to write");
    Exit::Found
}

/// What is exported.
struct Exporting<'a> {
    arguments: &'a Arguments,
    asked: &'a Asked,
    rotations: &'a [ResolvedRotation<'a>],
    people: &'a People,
}

impl Exporting<'_> {
    /// Whether files are to be written into a path, not one file at it.
    fn is_folder(&self, session: &Session<'_, '_>, path: &Path) -> bool {
        self.arguments.per_person
            || files::kind(&session.path(path)) == PathKind::Folder
            || path.as_os_str().to_string_lossy().ends_with('/')
    }

    /// Whether all rotations are meant.
    fn is_of_all(&self) -> bool {
        let Selection { labels, service, owner, tier } = &self.arguments.selection;
        let is_selected =
            !labels.is_empty() || service.is_some() || owner.is_some() || tier.is_some();
        self.arguments.rotations.is_empty() && !is_selected
    }

    /// Which rotations, in the words of [`Calendar::of`].
    fn of(&self) -> String {
        match (self.is_of_all(), self.rotations) {
            (true, _) => ALL.to_owned(),
            (false, [one]) => format!("rotation {}", one.document.name()),
            (false, _) => format!("rotations {}", self.names()),
        }
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.rotations.iter().map(|it| it.document.name()).collect();
        names.join(", ")
    }

    /// One calendar of everything.
    fn whole(&self, events: Vec<Event>) -> Calendar {
        if let Some(person) = &self.asked.person {
            return self.of_person(person, events);
        }
        let name = if self.is_of_all() {
            "On call".to_owned()
        } else {
            format!("On call: {}", self.names())
        };
        Calendar { name, of: self.of(), events }
    }

    fn of_rotation(rotation: &str, events: Vec<Event>) -> Calendar {
        Calendar {
            name: format!("On call: {rotation}"),
            of: format!("rotation {rotation}"),
            events,
        }
    }

    fn of_person(&self, person: &str, events: Vec<Event>) -> Calendar {
        let name = format!("On call: {}", self.people.shown(person));
        Calendar { name, of: format!("person {person} of {}", self.of()), events }
    }

    /// Writes a file for each rotation, or for each person; and brings those up to date that were written
    /// before for rotations and people who have nothing any more.
    fn write_folder(
        &self,
        session: &mut Session<'_, '_>,
        folder: &Path,
        events: Vec<(String, String, Event)>,
    ) -> Result<Exit, Failure> {
        let is_of_people = self.arguments.per_person || self.asked.person.is_some();
        let mut groups: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let named: Vec<&str> = match &self.asked.person {
            Some(person) => vec![person],
            None if is_of_people => Vec::new(),
            None => self.rotations.iter().map(|it| it.document.name()).collect(),
        };
        groups.extend(named.into_iter().map(|name| (name.to_owned(), Vec::new())));
        for (rotation, person, event) in events {
            groups.entry(if is_of_people { person } else { rotation }).or_default().push(event);
        }
        let (mut files, mut taken) = (Vec::new(), BTreeSet::new());
        for (group, events) in groups {
            let path = folder.join(file_name(&group, &mut taken));
            let calendar = if is_of_people {
                self.of_person(&group, events)
            } else {
                Self::of_rotation(&group, events)
            };
            files.push((path, calendar));
        }
        files.extend(self.stale(folder, &files)?);
        self.write(session, files)
    }

    /// Files of a folder that the same command wrote for what it has no file for now, as calendars in which
    /// nothing is any more.
    fn stale(
        &self,
        folder: &Path,
        now: &[(PathBuf, Calendar)],
    ) -> Result<Vec<(PathBuf, Calendar)>, Failure> {
        let of = format!(" of {}", self.of());
        let is_meant = |before: &Before| {
            let is_kind = if self.arguments.per_person {
                before.of().starts_with("person ") && before.of().ends_with(&of)
            } else {
                self.is_of_all()
                    && self.asked.person.is_none()
                    && before.of().starts_with("rotation ")
            };
            is_kind && now.iter().all(|(_, calendar)| calendar.of != before.of())
        };
        let mut found = Vec::new();
        for path in files::expand(folder, "*.ics")? {
            let text = files::read_document(&path).ok();
            let before = text.and_then(|text| Before::read(&text)).filter(is_meant);
            if let Some(before) = before
                && now.iter().all(|(other, _)| *other != path)
            {
                let (name, of) = (before.name().to_owned(), before.of().to_owned());
                found.push((path, Calendar { name, of, events: Vec::new() }));
            }
        }
        Ok(found)
    }

    /// Writes files, or brings them up to date: all of them, or none where one was made by somebody else.
    fn write(
        &self,
        session: &mut Session<'_, '_>,
        files: Vec<(PathBuf, Calendar)>,
    ) -> Result<Exit, Failure> {
        let mut texts = Vec::new();
        for (path, calendar) in files {
            if let Some(text) = self.text(session, &path, calendar)? {
                texts.push((path, text));
            }
        }
        for (path, text) in &texts {
            let shown = session.shown(path);
            match files::kind(path) {
                PathKind::Missing => files::create(path, text)?,
                _ if files::read_document(path).ok().as_ref() == Some(text) => {
                    session.note(&format!("{shown} is up to date"));
                    continue;
                }
                _ => files::write_atomically(path, text)?,
            }
            session.note(&format!("wrote {shown}"));
        }
        Ok(done(session, !texts.is_empty()))
    }

    /// What a file is to hold, with what it held before; `None` where that is nothing.
    fn text(
        &self,
        session: &Session<'_, '_>,
        path: &Path,
        calendar: Calendar,
    ) -> Result<Option<String>, Failure> {
        let shown = session.shown(path);
        let there = match files::kind(path) {
            PathKind::Missing => return Ok(calendar.text()),
            PathKind::Folder => {
                return Err(Failure::input(format!("`{shown}` is a folder"))
                    .hint("name the file that is to be written"));
            }
            // What cannot be read as text was not made here.
            PathKind::File => files::read_document(path).ok(),
        };
        let before = there.as_deref().and_then(Before::read);
        let Asked { period, changed_at, .. } = self.asked;
        match &before {
            Some(before) if before.of() == calendar.of => {
                // Where all of it is over nothing is left to say, and no calendar is without events.
                Ok(calendar.following(before, *period, *changed_at).text().or(there))
            }
            _ if self.arguments.force => Ok(calendar.text()),
            Some(other) => {
                Err(Failure::input(format!("`{shown}` is the calendar of {}", other.of()))
                    .hint("write to another file, or overwrite it with --force"))
            }
            None => {
                Err(Failure::input(format!("`{shown}` exists, and was not made by this command"))
                    .hint("write to another file, or overwrite it with --force"))
            }
        }
    }
}

/// A name as that of a file: what a file cannot be called is made such; the second of the same gets a number.
fn file_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |character: char| {
        if character.is_alphanumeric() || matches!(character, '-' | '_' | '.') {
            character
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(plain).take(50).collect();
    let name = name.trim_start_matches('.');
    let mut number = 1;
    loop {
        let file = if number == 1 { format!("{name}.ics") } else { format!("{name}-{number}.ics") };
        if taken.insert(file.to_lowercase()) {
            return file;
        }
        number += 1;
    }
}
