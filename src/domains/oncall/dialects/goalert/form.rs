//! What GoAlert's schedules hold.
use crate::domains::oncall::{
    dialects::pager::Entry,
    spec::{RotationType, TimeOfDay},
};
use crate::kernel::{
    source::Place,
    spec::{Field, Loss},
    time::{Period, Zone},
    units::Instant,
};
use chrono::Weekday;

/// What an answer holds.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) schedules: Vec<Schedule>,
    pub(super) losses: Vec<Loss>,
}

/// A schedule.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How GoAlert knows it.
    pub(super) id: Option<Field<String>>,
    /// What people call it.
    pub(super) name: Field<String>,
    pub(super) zone: Field<Zone>,
    pub(super) description: Option<Field<String>>,
    pub(super) targets: Vec<Target>,
    pub(super) overrides: Vec<Override>,
    pub(super) temporary: Vec<Temporary>,
    /// Who is on call when after all; `None` where no period was asked for.
    pub(super) last: Option<Vec<Entry>>,
}

/// Who is on call at the hours of some rules.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) place: Place,
    /// Its path in the answer.
    pub(super) path: String,
    /// What people call it.
    pub(super) name: String,
    pub(super) people: People,
    pub(super) rules: Vec<Rule>,
}

/// Those who take turns, or one.
#[derive(Debug)]
pub(super) enum People {
    User(Field<String>),
    Rotation(Turns),
}

/// People who take turns.
#[derive(Debug)]
pub(super) struct Turns {
    pub(super) zone: Field<Zone>,
    pub(super) kind: Field<RotationType>,
    /// How many hours, days, weeks or months a turn has.
    pub(super) length: Field<u64>,
    /// When some turn begins, or began.
    pub(super) start: Field<Instant>,
    /// Whose turn it is, counted from 0.
    pub(super) active: Field<u64>,
    /// When that turn ends.
    pub(super) next: Field<Instant>,
    pub(super) users: Vec<Field<String>>,
}

/// Hours of some days of the week.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) place: Place,
    pub(super) from: TimeOfDay,
    /// On the day after where that is not later.
    pub(super) to: TimeOfDay,
    /// In their order from Monday on.
    pub(super) days: Vec<Weekday>,
}

/// Somebody is added, removed or replaced.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) place: Place,
    /// Its path in the answer.
    pub(super) path: String,
    pub(super) period: Period,
    pub(super) adds: Option<String>,
    pub(super) removes: Option<String>,
}

/// A stretch of time with a schedule of its own.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) place: Place,
    pub(super) period: Period,
    pub(super) shifts: Vec<Entry>,
}
