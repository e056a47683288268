//! The answer of `sre oncall who`: who is on call at an instant.
use super::{Shown, SpokenFor, called};
use crate::{
    domains::oncall::{
        engine::{Schedule, Shift},
        people::People,
        resolve::ResolvedRotation,
        spec::Role,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        time::{Period, TZDB_VERSION, rfc3339},
        units::Instant,
    },
};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When.
    pub at: Instant,
    /// In which zones times are shown.
    pub shown: Shown,
    /// What is spoken for.
    pub spoken_for: SpokenFor,
}

/// Who is on call at an instant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhoAnswer {
    /// When.
    at: String,
    /// What the answer speaks for.
    spoken_for: SpokenFor,
    /// The version of the time zone database.
    tzdb: String,
    /// Rotations in the order of their names, each once for each of its roles.
    items: Vec<WhoItem>,
}

impl Form for WhoAnswer {
    const SCHEMA: &'static str = "sre/oncall-who@1";
}

/// A rotation in one role.
#[derive(Debug, Serialize, JsonSchema)]
struct WhoItem {
    /// The rotation.
    rotation: String,
    /// `primary` or `secondary`.
    role: &'static str,
    /// `on_call`; `gap`, where nobody is; `before_start` or `ended`, where the rotation has no turns.
    state: &'static str,
    /// Who is on call.
    people: Vec<WhoPerson>,
    /// When others are, and who; null where that is not within the next 400 days.
    next: Option<WhoNext>,
}

/// Somebody is on call.
#[derive(Debug, Serialize, JsonSchema)]
struct WhoPerson {
    /// Who.
    person: String,
    /// Since when; null for more than 400 days.
    since: Option<String>,
    /// Until when; null for more than 400 days.
    until: Option<String>,
}

/// The next change.
#[derive(Debug, Serialize, JsonSchema)]
struct WhoNext {
    /// When.
    at: String,
    /// Who is on call then.
    people: Vec<String>,
}

/// Who is on call in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the role has turns at all then.
    pub state: State,
    /// Shifts then; beginnings and ends that are too far away are `None`.
    pub shifts: Vec<(String, Option<Instant>, Option<Instant>)>,
    /// When who is on call changes, and to whom.
    pub next: Option<(Instant, Vec<String>)>,
}

/// Whether there is anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody is on call.
    OnCall,
    /// Nobody is.
    Gap,
    /// The first turn begins then.
    BeforeStart(Instant),
    /// The last turn ended then.
    Ended(Instant),
}

/// How far away a change is looked for.
const FAR: TimeDelta = TimeDelta::days(400);

impl Standing {
    /// Who is on call at an instant.
    pub fn of(schedule: &Schedule, at: Instant) -> Self {
        let around = Period { from: at - FAR, to: at + FAR };
        let shifts = schedule.shifts(around);
        let here: Vec<&Shift> = shifts.iter().filter(|shift| shift.period.contains(at)).collect();
        let ends = here.iter().map(|shift| shift.period.to);
        let begins = shifts.iter().map(|shift| shift.period.from).filter(|from| *from > at);
        let change = ends.chain(begins).min().filter(|change| *change < around.to);
        let people_at = |at: Instant| -> Vec<String> {
            let then = shifts.iter().filter(|shift| shift.period.contains(at));
            then.map(|shift| shift.person.clone()).collect()
        };
        let known = |edge: Instant| (edge != around.from && edge != around.to).then_some(edge);
        let state = if here.is_empty() { none(schedule, at) } else { State::OnCall };
        Self {
            state,
            shifts: here
                .iter()
                .map(|shift| {
                    (shift.person.clone(), known(shift.period.from), known(shift.period.to))
                })
                .collect(),
            next: change.map(|change| (change, people_at(change))),
        }
    }
}

/// Why nobody is on call.
fn none(schedule: &Schedule, at: Instant) -> State {
    let layers = schedule.all_layers();
    let begin = layers.iter().map(|layer| layer.handoffs.begin(0)).min();
    if let Some(begin) = begin.filter(|begin| at < *begin) {
        return State::BeforeStart(begin);
    }
    let ends: Option<Vec<Instant>> = layers.iter().map(|layer| layer.until).collect();
    let end = ends.and_then(|ends| ends.into_iter().max());
    match end.filter(|end| *end <= at) {
        Some(end) => State::Ended(end),
        None => State::Gap,
    }
}

/// The answer.
pub fn report(rotations: &[ResolvedRotation<'_>], people: &People, asked: &Asked) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Rotation").middle(),
        Column::new("On call").key("on_call"),
        Column::new("Since").priority(3),
        Column::new("Until").priority(1),
        Column::new("Next").priority(2),
    ]);
    let mut items = Vec::new();
    for rotation in rotations {
        for (role, duty) in rotation.duties() {
            let standing = Standing::of(&duty.schedule, asked.at);
            for row in rows(rotation, role, &standing, people, asked) {
                table.push(row);
            }
            items.push(item(rotation, role, &standing));
        }
    }
    let answer = WhoAnswer {
        at: rfc3339(asked.at),
        spoken_for: asked.spoken_for.clone(),
        tzdb: TZDB_VERSION.to_owned(),
        items,
    };
    let zone = asked.shown.0.clone().unwrap_or(crate::kernel::time::Zone::UTC);
    let at = words::instant_in(asked.at, *zone.local(asked.at).offset());
    let said = format!("At {at}, by {}.", asked.spoken_for.sentence());
    Report::of(&answer).block(table).block(Block::paragraph(Text::new().muted(said)))
}

fn rows(
    rotation: &ResolvedRotation<'_>,
    role: Role,
    standing: &Standing,
    people: &People,
    asked: &Asked,
) -> Vec<Vec<Cell>> {
    let instant = |at: Instant| asked.shown.instant(&rotation.zone, at);
    let maybe = |at: Option<Instant>| at.map_or(Cell::Missing, instant);
    let next = match &standing.next {
        None => Cell::Missing,
        Some((_, next)) if next.is_empty() => Cell::bad("nobody"),
        Some((_, next)) => {
            let names: Vec<&str> = next.iter().map(|person| people.shown(person)).collect();
            Cell::text(names.join(", "))
        }
    };
    let name = || Cell::name(called(rotation, role));
    let change = || standing.next.as_ref().map(|(at, _)| *at);
    match standing.state {
        State::OnCall => standing
            .shifts
            .iter()
            .map(|(person, since, until)| {
                let person = Cell::text(people.shown(person));
                vec![name(), person, maybe(*since), maybe(*until), next.clone()]
            })
            .collect(),
        State::Gap => vec![vec![name(), Cell::bad("nobody"), Cell::Missing, maybe(change()), next]],
        State::BeforeStart(begin) => {
            vec![vec![name(), Cell::bad("not begun"), Cell::Missing, instant(begin), next]]
        }
        State::Ended(end) => {
            vec![vec![name(), Cell::bad("ended"), instant(end), Cell::Missing, next]]
        }
    }
}

fn item(rotation: &ResolvedRotation<'_>, role: Role, standing: &Standing) -> WhoItem {
    let state = match standing.state {
        State::OnCall => "on_call",
        State::Gap => "gap",
        State::BeforeStart(_) => "before_start",
        State::Ended(_) => "ended",
    };
    let person = |(person, since, until): &(String, Option<Instant>, Option<Instant>)| WhoPerson {
        person: person.clone(),
        since: since.map(rfc3339),
        until: until.map(rfc3339),
    };
    WhoItem {
        rotation: rotation.document.name().to_owned(),
        role: role.name(),
        state,
        people: standing.shifts.iter().map(person).collect(),
        next: standing
            .next
            .as_ref()
            .map(|(at, people)| WhoNext { at: rfc3339(*at), people: people.clone() }),
    }
}
