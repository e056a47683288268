//! New incidents and new events, as they are written into files.
use super::{
    engine::{Clocks, Disorder, Event, EventType, Record, Status},
    spec::{EventSpec, Incident},
};
use crate::kernel::{
    source::{Place, SourceId},
    spec::{Field, Moment, Name, load_text, write},
    time::rfc3339,
    units::Instant,
};
use std::collections::BTreeMap;

/// Something that is to be added to an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When.
    pub at: Instant,
    /// What.
    pub event: EventType,
    /// Who says so.
    pub by: Option<String>,
    /// What there is to say of it.
    pub note: Option<String>,
    /// Its severity from now on.
    pub severity: Option<Name>,
    /// The role that somebody takes, and who.
    pub role: Option<(Name, String)>,
    /// Where there is more of it.
    pub link: Option<String>,
    /// When it is written down, if that is not when it happened.
    pub recorded_at: Option<Instant>,
    /// Where it was taken from.
    pub origin: Option<String>,
}

impl NewEvent {
    /// An event of which nothing else is known.
    pub fn new(at: Instant, event: EventType) -> Self {
        Self {
            at,
            event,
            by: None,
            note: None,
            severity: None,
            role: None,
            link: None,
            recorded_at: None,
            origin: None,
        }
    }

    /// As it is written.
    pub fn spec(&self) -> EventSpec {
        let (role, person) = self.role.clone().unzip();
        EventSpec {
            at: field(Moment(self.at)),
            event: field(self.event),
            by: self.by.clone().map(field),
            note: self.note.clone().map(field),
            severity: self.severity.clone().map(field),
            role: role.map(field),
            person: person.map(field),
            link: self.link.clone().map(field),
            recorded_at: self.recorded_at.map(Moment).map(field),
            origin: self.origin.clone().map(field),
        }
    }

    /// The item of `timeline` as one line of YAML.
    pub fn line(&self) -> String {
        write::one_line(&self.spec())
    }
}

fn field<T>(value: T) -> Field<T> {
    Field::new(value, Place { source: SourceId::default(), start: 0, end: 0 })
}

/// Why something is not added to an incident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is there already.
    #[error("it was {} already at {}{}", .event.name(), rfc3339(*.at), said_by(.by.as_deref()))]
    Already {
        /// What.
        event: EventType,
        /// Since when.
        at: Instant,
        /// Who said so.
        by: Option<String>,
    },
    /// It would be in the wrong order.
    #[error(
        "{} at {} would be before {} at {}",
        .0.second.0.name(), rfc3339(.0.second.1), .0.first.0.name(), rfc3339(.0.first.1)
    )]
    Disorder(Disorder),
    /// It lies ahead.
    #[error("{} lies ahead: it is {}", rfc3339(*.at), rfc3339(*.now))]
    Ahead {
        /// When it is said to happen.
        at: Instant,
        /// When now is.
        now: Instant,
    },
    /// There is nothing left to do in it.
    #[error("it is {}", .0.name())]
    Over(Status),
    /// It cannot come back.
    #[error("it is {}: only what was mitigated, resolved, closed or cancelled comes back", .0.name())]
    NotOver(Status),
    /// It has that severity.
    #[error("it is {0} already")]
    SameSeverity(String),
}

fn said_by(who: Option<&str>) -> String {
    who.map(|who| format!(" by {who}")).unwrap_or_default()
}

impl Refusal {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Already { .. } => {
                "correct the file if that is wrong; `sre incident note` adds what else there is"
                    .into()
            }
            Self::Disorder(_) => {
                "say when it was with --at, or correct the file if the other one is wrong".into()
            }
            Self::Ahead { .. } => {
                "say when it was with --at; or is this machine's clock wrong?".into()
            }
            Self::Over(_) => "`sre incident reopen` says that it came back".into(),
            Self::NotOver(_) => "`sre incident note` adds what else there is".into(),
            Self::SameSeverity(_) => "`sre incident show` shows since when".into(),
        }
    }
}

/// Whether an event may be added: it must be new, and leave the clocks in order. What already is out of order stays
/// as it is.
///
/// # Errors
/// Why it may not.
pub fn check(record: &Record, new: &NewEvent, now: Instant) -> Result<(), Refusal> {
    let (clocks, status) = (&record.clocks, record.clocks.status());
    if new.at > now {
        return Err(Refusal::Ahead { at: new.at, now });
    }
    let over = matches!(status, Status::Closed | Status::Cancelled);
    match new.event {
        EventType::Reopened if status.is_open() && status != Status::Mitigated => {
            return Err(Refusal::NotOver(status));
        }
        EventType::Reopened | EventType::Note | EventType::Role | EventType::Update => {
            return Ok(());
        }
        EventType::Severity => {
            let name = new.severity.as_ref().map(Name::as_str);
            let current = record.severity_at(new.at);
            if let Some(name) = name.filter(|name| current == Some(name)) {
                return Err(Refusal::SameSeverity(name.to_owned()));
            }
            return Ok(());
        }
        event => {
            if let Some(at) = clocks.get(event) {
                let same =
                    record.events.iter().rev().find(|one| one.event == event && one.at == at);
                let by = same.and_then(|event| event.by.clone());
                return Err(Refusal::Already { event, at, by });
            }
        }
    }
    if over && new.event != EventType::Closed {
        return Err(Refusal::Over(status));
    }
    let mut events = record.events.clone();
    events.push(Event { position: usize::MAX, ..Event::new(new.at, new.event) });
    events.sort_by_key(|event| (event.at, event.position));
    let (before, after) = (clocks.disorders(), Clocks::of(&events).disorders());
    match after.into_iter().find(|disorder| !before.contains(disorder)) {
        Some(disorder) => Err(Refusal::Disorder(disorder)),
        None => Ok(()),
    }
}

/// An incident that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewIncident {
    /// Its name.
    pub id: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is, in a line.
    pub title: String,
    /// The severity that it has first.
    pub severity: Option<String>,
    /// What the severities mean, where there are several answers.
    pub response: Option<String>,
    /// The services that it touches.
    pub services: Vec<String>,
    /// The objectives that it touches.
    pub slos: Vec<String>,
    /// What it came from.
    pub causes: Vec<String>,
    /// What happened so far.
    pub events: Vec<NewEvent>,
    /// Where it was taken from: an address, and what it is called there.
    pub link: Option<(String, String)>,
}

impl NewIncident {
    /// The text of its file.
    pub fn text(&self) -> String {
        let mut lines = vec![
            "apiVersion: sre/v1".to_owned(),
            "kind: Incident".to_owned(),
            "metadata:".to_owned(),
            format!("  name: {}", write::one_line(&self.id)),
        ];
        lines.extend(self.owner.iter().map(|owner| format!("  owner: {}", write::one_line(owner))));
        if let Some((name, url)) = &self.link {
            let link = BTreeMap::from([("name", name), ("url", url)]);
            lines.push(format!("  links: {}", write::one_line(&[link])));
        }
        lines.push("spec:".to_owned());
        lines.push(format!("  title: {}", write::one_line(&self.title)));
        for (key, value) in [("severity", &self.severity), ("response", &self.response)] {
            lines.extend(value.iter().map(|value| format!("  {key}: {}", write::one_line(value))));
        }
        let lists = [("services", &self.services), ("slos", &self.slos), ("causes", &self.causes)];
        for (key, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
            lines.push(format!("  {key}: {}", write::one_line(values)));
        }
        let empty = if self.events.is_empty() { " []" } else { "" };
        lines.push(format!("  timeline:{empty}"));
        lines.extend(self.events.iter().map(|event| format!("    - {}", event.line())));
        lines.push(String::new());
        lines.join("\n")
    }
}

/// Why a text is not what an incident's file must be, in words; `Ok` with the incident of that name where it is.
///
/// # Errors
/// The line of the first mistake, and what it is.
pub fn read(text: &str, id: &str) -> Result<(Place, Record), String> {
    let loaded = load_text(SourceId::default(), text, &super::spec::KINDS, &[]);
    let first = loaded
        .findings
        .iter()
        .filter(|finding| finding.rule.level == crate::kernel::diagnostic::Level::Error)
        .min_by_key(|finding| finding.primary.place);
    if let Some(first) = first {
        let before = text.get(..first.primary.place.start as usize).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        return Err(format!("line {line}: {}", first.message));
    }
    let found = loaded.documents.iter().find(|document| document.name() == id);
    let document = found.ok_or_else(|| format!("no incident in it is called `{id}`"))?;
    let spec = document.spec::<Incident>().ok_or_else(|| format!("`{id}` is no incident"))?;
    Ok((document.place, super::resolve::resolve(document, spec).record))
}

/// The longest that the words of a title become in a name. Unit: bytes.
const LONGEST_SLUG: usize = 40;

/// A name from a day and a title: `2026-05-14-payments-time-out`.
pub fn id(at: Instant, title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= LONGEST_SLUG && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().take(LONGEST_SLUG).map(|c| c.to_ascii_lowercase()));
    }
    if slug.is_empty() {
        slug.push_str("incident");
    }
    format!("{}-{slug}", at.format("%Y-%m-%d"))
}

/// The name, and the same with numbers behind it: the first that is free is taken.
pub fn ids(id: &str) -> impl Iterator<Item = String> + '_ {
    std::iter::once(id.to_owned()).chain((2_u32..).map(move |number| format!("{id}-{number}")))
}
