//! The answer of `sre oncall diff`: what a change of the files means for people.
use super::{PeriodForm, Shown, hours, hours_cell, span_of};
use crate::{
    domains::oncall::{
        engine::{Shift, load::by_person, periods},
        people::People,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        time::{Period, Zone, rfc3339},
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::{BTreeMap, BTreeSet};

/// Who is on call, in one of the two states that are compared.
pub type Times = BTreeMap<String, Vec<Period>>;

/// One role of one rotation in both states.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The rotation, with its role where that is not the first.
    pub rotation: String,
    /// Its zone.
    pub zone: Zone,
    /// Shifts before the change.
    pub before: Vec<Shift>,
    /// Shifts after it.
    pub after: Vec<Shift>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The names of both states.
    pub names: (String, String),
    /// What both are compared over.
    pub period: Period,
    /// What lies before this cannot be changed any more.
    pub now: Instant,
    /// In which zones times are shown.
    pub shown: Shown,
    /// Whether every difference is a finding: both are to say the same.
    pub must_agree: bool,
}

/// What a change means for people.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OncallDiffAnswer {
    /// The first state.
    before: String,
    /// The second.
    after: String,
    /// The beginning of what was compared.
    from: String,
    /// Its end.
    to: String,
    /// Changes of rotations, in the order of their names.
    items: Vec<DiffItem>,
}

impl Form for OncallDiffAnswer {
    const SCHEMA: &'static str = "sre/oncall-diff@1";
}

/// What somebody gains and loses in a rotation.
#[derive(Debug, Serialize, JsonSchema)]
struct DiffItem {
    /// The rotation, with its role where that is not the first.
    rotation: String,
    /// Who.
    person: String,
    /// Hours on call before.
    hours_before: Option<Number>,
    /// Hours on call after.
    hours_after: Option<Number>,
    /// When they are on call and were not.
    gained: Vec<PeriodForm>,
    /// When they were on call and are not.
    lost: Vec<PeriodForm>,
    /// Whether any of that lies in the past: then the files say now that somebody else was on call.
    changes_the_past: bool,
}

/// The change of one person.
struct Change<'c> {
    compared: &'c Compared,
    person: String,
    seconds: (i64, i64),
    gained: Vec<Period>,
    lost: Vec<Period>,
}

impl Change<'_> {
    fn is_past(&self, now: Instant) -> bool {
        self.gained.iter().chain(&self.lost).any(|period| period.from < now)
    }
}

/// Rows of a table: the rest is counted.
const ROWS: usize = 60;

/// The answer. A changed past makes the run fail, and where both are to agree any difference does.
pub fn report(compared: &[Compared], people: &People, asked: &Asked) -> Report {
    let changes: Vec<Change<'_>> = compared.iter().flat_map(changes).collect();
    let is_past = changes.iter().any(|change| change.is_past(asked.now));
    let found = if asked.must_agree { !changes.is_empty() } else { is_past };
    let answer = OncallDiffAnswer {
        before: asked.names.0.clone(),
        after: asked.names.1.clone(),
        from: rfc3339(asked.period.from),
        to: rfc3339(asked.period.to),
        items: changes.iter().map(|change| item(change, asked.now)).collect(),
    };
    let report = Report::of(&answer).verdict(if found { Verdict::Found } else { Verdict::Pass });
    let (before, after) = if asked.must_agree { ("Pager", "Files") } else { ("Before", "After") };
    let mut people_table = Table::new().main().columns([
        Column::new("Rotation").middle(),
        Column::new("Person"),
        Column::new(format!("{before} h")).key("hours_before"),
        Column::new(format!("{after} h")).key("hours_after"),
        Column::new("Change h").key("hours_changed"),
    ]);
    if changes.is_empty() {
        let text = if asked.must_agree {
            "Both say the same of who is on call."
        } else {
            "Who is on call stays the same."
        };
        let report = report.block(people_table.for_machines());
        return report.block(Block::paragraph(Text::new().good(text)));
    }
    for change in &changes {
        people_table.push(vec![
            Cell::name(&change.compared.rotation),
            Cell::text(people.shown(&change.person)),
            hours_cell(change.seconds.0),
            hours_cell(change.seconds.1),
            hours_cell(change.seconds.1 - change.seconds.0),
        ]);
    }
    let mut when = Table::new().columns([
        Column::new("Rotation").middle(),
        Column::new("From"),
        Column::new("Length").priority(1),
        Column::new(before).key("before"),
        Column::new(after).key("after"),
    ]);
    let pieces: Vec<(&Compared, Period)> =
        compared.iter().flat_map(|one| pieces(one).into_iter().map(move |it| (one, it))).collect();
    for (one, piece) in pieces.iter().take(ROWS) {
        let names = |shifts: &[Shift]| {
            let here = shifts.iter().filter(|shift| shift.period.contains(piece.from));
            let names: Vec<&str> = here.map(|shift| people.shown(&shift.person)).collect();
            if names.is_empty() { Cell::bad("nobody") } else { Cell::text(names.join(", ")) }
        };
        when.push(vec![
            Cell::name(&one.rotation),
            asked.shown.instant(&one.zone, piece.from),
            Cell::span(span_of(*piece)),
            names(&one.before),
            names(&one.after),
        ]);
    }
    let mut report = report.block(people_table).block(when);
    if pieces.len() > ROWS {
        let said = format!("{ROWS} of {} changes are shown.", pieces.len());
        report = report.block(Block::paragraph(Text::new().muted(said)));
    }
    if is_past && !asked.must_agree {
        let past = changes.iter().filter(|change| change.is_past(asked.now));
        let count = past.map(|change| &change.person).collect::<BTreeSet<_>>().len();
        let said = format!(
            "The past is changed for {}: the files say now that others were on call than they said before.",
            words::plural(count as u64, "person").replace("persons", "people")
        );
        report = report.block(Block::paragraph(Text::new().bad(said)));
    }
    report
}

/// What each person gains and loses.
fn changes(compared: &Compared) -> Vec<Change<'_>> {
    let (before, after) = (times(&compared.before), times(&compared.after));
    let people: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = Vec::new();
    let change = |person: &String| {
        let was = before.get(person).unwrap_or(&none);
        let is = after.get(person).unwrap_or(&none);
        let (gained, lost) = (periods::difference(is, was), periods::difference(was, is));
        let seconds = (periods::seconds(was), periods::seconds(is));
        let changed = !gained.is_empty() || !lost.is_empty();
        changed.then(|| Change { compared, person: person.clone(), seconds, gained, lost })
    };
    people.into_iter().filter_map(change).collect()
}

fn times(shifts: &[Shift]) -> Times {
    let people = by_person(shifts).into_iter();
    people.map(|(person, times)| (person.to_owned(), periods::union(times))).collect()
}

/// The stretches of time in which others are on call than were.
fn pieces(compared: &Compared) -> Vec<Period> {
    let people = changes(compared);
    let changed = periods::union(
        people.iter().flat_map(|one| one.gained.iter().chain(&one.lost)).copied().collect(),
    );
    let mut cuts: Vec<Instant> = Vec::new();
    for shift in compared.before.iter().chain(&compared.after) {
        cuts.extend([shift.period.from, shift.period.to]);
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::new();
    for period in changed {
        let mut from = period.from;
        for cut in cuts.iter().filter(|cut| period.from < **cut && **cut < period.to) {
            pieces.push(Period { from, to: *cut });
            from = *cut;
        }
        pieces.push(Period { from, to: period.to });
    }
    pieces
}

fn item(change: &Change<'_>, now: Instant) -> DiffItem {
    let forms = |periods: &[Period]| periods.iter().copied().map(PeriodForm::of).collect();
    DiffItem {
        rotation: change.compared.rotation.clone(),
        person: change.person.clone(),
        hours_before: hours(change.seconds.0),
        hours_after: hours(change.seconds.1),
        gained: forms(&change.gained),
        lost: forms(&change.lost),
        changes_the_past: change.is_past(now),
    }
}
