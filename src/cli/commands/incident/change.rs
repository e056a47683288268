//! Changes of an incident, each an event with its author.
use super::store;
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::instant},
    domains::{
        incident::{
            change::NewEvent,
            engine::{
                Clock, Record,
                response::{Outcome, Response},
            },
            resolve,
            spec::EventType,
        },
        oncall::change::name,
    },
    kernel::{
        report::words,
        spec::{Document, Name, problem},
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;

/// What all changes share.
#[derive(Clone, Debug, clap::Args)]
struct Common {
    /// When it happened; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Who says so; whoever git says works here unless said.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Where there is more of it: an address.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Shows what would be written, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of changes that say nothing more.
#[derive(Debug, clap::Args)]
pub(super) struct Plain {
    /// The incident, or a part of its name that no other has; the only open one unless said.
    #[arg(value_name = "INCIDENT")]
    incident: Option<String>,
    /// What there is to say of it.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `sre incident note` and `sre incident update`.
#[derive(Debug, clap::Args)]
pub(super) struct Note {
    /// The incident, or a part of its name that no other has; the only open one where just a text is given.
    #[arg(value_name = "INCIDENT")]
    incident_or_text: String,
    /// What there is to say.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `sre incident severity`.
#[derive(Debug, clap::Args)]
pub(super) struct Severity {
    /// The incident, or a part of its name that no other has.
    #[arg(value_name = "INCIDENT")]
    incident: String,
    /// The severity from now on.
    #[arg(value_name = "SEVERITY", value_parser = name)]
    to: Name,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `sre incident role`.
#[derive(Debug, clap::Args)]
pub(super) struct Role {
    /// The incident, or a part of its name that no other has.
    #[arg(value_name = "INCIDENT")]
    incident: String,
    /// The role: `commander`.
    #[arg(value_name = "ROLE", value_parser = name)]
    name: Name,
    /// Who takes it.
    #[arg(value_name = "PERSON")]
    person: String,
    #[command(flatten)]
    common: Common,
}

/// Adds an event that says nothing more.
pub(super) fn plain(
    arguments: &Plain,
    event: EventType,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    let extra = |new| NewEvent { note: arguments.note.clone(), ..new };
    change(session, arguments.incident.as_deref(), &arguments.common, event, extra)
}

/// Adds a note or an update.
pub(super) fn note(
    arguments: &Note,
    event: EventType,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    let (incident, text) = match &arguments.text {
        Some(text) => (Some(arguments.incident_or_text.as_str()), text),
        None => (None, &arguments.incident_or_text),
    };
    if text.trim().is_empty() {
        return Err(Failure::input("there is nothing in the text"));
    }
    let extra = |new| NewEvent { note: Some(text.clone()), ..new };
    change(session, incident, &arguments.common, event, extra)
}

/// Changes the severity.
pub(super) fn severity(
    arguments: &Severity,
    session: &mut Session<'_, '_>,
) -> Result<Exit, Failure> {
    let extra = |new| NewEvent {
        note: arguments.note.clone(),
        severity: Some(arguments.to.clone()),
        ..new
    };
    change(session, Some(&arguments.incident), &arguments.common, EventType::Severity, extra)
}

/// Gives somebody a role.
pub(super) fn role(arguments: &Role, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let extra =
        |new| NewEvent { role: Some((arguments.name.clone(), arguments.person.clone())), ..new };
    change(session, Some(&arguments.incident), &arguments.common, EventType::Role, extra)
}

fn change(
    session: &mut Session<'_, '_>,
    incident: Option<&str>,
    common: &Common,
    event: EventType,
    extra: impl FnOnce(NewEvent) -> NewEvent,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(session, &[])?;
    let now = store::now(session);
    let at = common.at.unwrap_or(now);
    let new = extra(NewEvent {
        by: store::author(common.by.as_deref(), session),
        link: common.link.clone(),
        recorded_at: (at != now).then_some(now),
        ..NewEvent::new(at, event)
    });
    // What was typed is not lost with a name that is wrong, or a file that is broken.
    let (document, spec) = store::find(&workspace, incident)
        .map_err(|failure| failure.hint(format!("not written: `- {}`", new.line())))?;
    let levels = resolve::levels_of(&workspace.catalog, spec);
    if let Some(severity) = new.severity.as_ref().filter(|_| !levels.levels.is_empty()) {
        let names: Vec<&str> = levels.levels.iter().map(|level| level.name.as_str()).collect();
        if levels.get(severity.as_str()).is_none() {
            return Err(Failure::input(format!("there is no severity `{severity}`"))
                .hint(format!("the severities are {}", problem::list(&names))));
        }
    }
    let id = document.name();
    if common.dry_run {
        session.print(format!("`timeline` of `{id}`:\n- {}\n", new.line()).as_bytes())?;
        return Ok(Exit::Success);
    }
    let (before, after, path) = store::add(session, &workspace, document, &new)?;
    if let Some(last) = before.events.last().filter(|last| last.at > at && common.at.is_none()) {
        session.warn(&format!(
            "warning: the clock shows {}, and the last event was at {}; correct `at` in {} if the clock is wrong",
            rfc3339(at),
            rfc3339(last.at),
            session.shown(&path)
        ));
    }
    let said = said(document, &after, event, &Response::of(&after, &levels, session.now()));
    session.note(&said);
    if event == EventType::Resolved && after.clocks.mitigated.is_none() {
        session.note(&format!(
            "note: nobody has said when users were no longer touched: `sre incident mitigate {id} --at INSTANT`"
        ));
    }
    Ok(Exit::Success)
}

/// What has changed, with the clock that it stops.
fn said(document: &Document, after: &Record, event: EventType, response: &Response) -> String {
    let id = document.name();
    let took = |clock: Clock| after.clocks.elapsed(clock).map(span);
    match event {
        EventType::Acknowledged => {
            let took = took(Clock::Acknowledge);
            let took = took.map(|took| format!(", {took} after it was detected"));
            let limit = match (response.outcome, &response.severity, response.limit) {
                (Outcome::Met, Some(severity), Some(limit)) => {
                    format!(": within the {} of {severity}", span(limit))
                }
                (Outcome::Breached, Some(severity), Some(limit)) => {
                    format!(": later than the {} of {severity}", span(limit))
                }
                _ => String::new(),
            };
            format!("acknowledged `{id}`{}{limit}", took.unwrap_or_default())
        }
        EventType::Mitigated => {
            let took = took(Clock::Mitigate).map(|took| format!(", {took} after it began"));
            format!("mitigated `{id}`{}", took.unwrap_or_default())
        }
        EventType::Resolved => {
            let took = took(Clock::Resolve).map(|took| format!(", {took} after it began"));
            format!("resolved `{id}`{}", took.unwrap_or_default())
        }
        EventType::Severity => {
            format!("`{id}` is {} now", after.severity().unwrap_or("of no severity"))
        }
        event => format!("added to `{id}`: {}", event.name()),
    }
}

fn span(time: TimeDelta) -> String {
    let milliseconds = u64::try_from(time.num_milliseconds()).unwrap_or(0);
    words::span_short(Duration::from_milliseconds(milliseconds))
}
