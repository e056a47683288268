//! What PagerDuty's schedules hold.
use crate::domains::oncall::dialects::pager::Entry;
use crate::kernel::{
    source::Place,
    spec::{Field, Loss},
    time::Zone,
    units::Instant,
};
use chrono::{NaiveTime, Weekday};

/// A schedule.
#[derive(Debug)]
pub(super) struct Schedule {
    /// How PagerDuty knows it.
    pub(super) id: Option<Field<String>>,
    /// What people call it.
    pub(super) name: Field<String>,
    pub(super) zone: Field<Zone>,
    pub(super) description: Option<Field<String>>,
    /// Those that count before the others first.
    pub(super) layers: Vec<Layer>,
    pub(super) overrides: Vec<Entry>,
    /// Who is on call when after all; `None` where no period was asked for.
    pub(super) last: Option<Vec<Entry>>,
    pub(super) losses: Vec<Loss>,
}

/// People who take turns.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) place: Place,
    /// Its path in the answer.
    pub(super) path: String,
    pub(super) name: Option<Field<String>>,
    pub(super) start: Field<Instant>,
    pub(super) end: Option<Field<Instant>>,
    pub(super) virtual_start: Field<Instant>,
    /// The length of a turn. Unit: seconds.
    pub(super) turn: Field<u64>,
    pub(super) users: Vec<Field<String>>,
    pub(super) restrictions: Vec<Restriction>,
}

/// Hours in which a layer counts.
#[derive(Debug)]
pub(super) struct Restriction {
    pub(super) place: Place,
    pub(super) path: String,
    /// The day of the week on which they begin; every day where there is none.
    pub(super) day: Option<Weekday>,
    pub(super) start: NaiveTime,
    /// Unit: seconds.
    pub(super) length: u64,
}
