//! Answers of this domain: who is on call as reports.
pub mod diff;
pub mod escalation;
pub mod fairness;
pub mod gaps;
mod month;
pub mod next;
pub mod schedule;
pub mod who;

pub use diff::OncallDiffAnswer;
pub use escalation::{EscalationProofAnswer, EscalationSimulationAnswer};
pub use fairness::FairnessAnswer;
pub use gaps::GapsAnswer;
pub use next::NextAnswer;
pub use schedule::ScheduleAnswer;
pub use who::WhoAnswer;

use super::{
    engine::Shift,
    resolve::{Duty, ResolvedRotation},
    spec::Role,
};
use crate::kernel::{
    report::{Cell, significant_number},
    time::{Period, Zone, rfc3339},
    units::{Duration, Instant},
};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

/// What an answer speaks for: files may be changed after they were committed.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct SpokenFor {
    /// The folder of the catalog.
    pub catalog: String,
    /// The commit whose files they are; null outside of a git repository.
    pub revision: Option<String>,
    /// Whether files of the catalog differ from that commit.
    pub changed: bool,
}

impl SpokenFor {
    /// In words: `specs at 1a2b3c4d5, with changes that are not committed`.
    pub fn sentence(&self) -> String {
        let Some(revision) = &self.revision else { return self.catalog.clone() };
        let short: String = revision.chars().take(9).collect();
        let changed = if self.changed { ", with changes that are not committed" } else { "" };
        format!("{} at {short}{changed}", self.catalog)
    }
}

/// The zones in which tables show times: one for all, or that of each rotation.
#[derive(Clone, Debug, Default)]
pub struct Shown(pub Option<Zone>);

impl Shown {
    /// The zone for a rotation.
    pub fn zone<'z>(&'z self, rotation: &'z Zone) -> &'z Zone {
        self.0.as_ref().unwrap_or(rotation)
    }

    fn instant(&self, rotation: &Zone, at: Instant) -> Cell {
        Cell::instant_in(at, *self.zone(rotation).local(at).offset())
    }
}

/// A stretch of time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OncallPeriod")]
struct PeriodForm {
    /// Its beginning.
    from: String,
    /// Its end, which is no part of it.
    to: String,
    /// How long it is. Unit: hours.
    hours: Option<Number>,
}

impl PeriodForm {
    fn of(period: Period) -> Self {
        let hours = hours((period.to - period.from).num_seconds());
        Self { from: rfc3339(period.from), to: rfc3339(period.to), hours }
    }
}

/// Somebody is on call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OncallShift")]
struct ShiftForm {
    /// What they are on call as.
    role: &'static str,
    /// Who.
    person: String,
    /// From when on.
    from: String,
    /// Until when.
    to: String,
    /// How long that is. Unit: hours.
    hours: Option<Number>,
}

impl ShiftForm {
    fn of(role: Role, shift: &Shift) -> Self {
        let PeriodForm { from, to, hours } = PeriodForm::of(shift.period);
        Self { role: role.name(), person: shift.person.clone(), from, to, hours }
    }
}

/// Seconds as hours.
fn hours(seconds: i64) -> Option<Number> {
    significant_number(seconds as f64 / 3600.0)
}

/// Hours as tables have them.
fn hours_cell(seconds: i64) -> Cell {
    Cell::number(seconds as f64 / 3600.0, 0)
}

fn span_of(period: Period) -> Duration {
    period.length()
}

/// `payments`, or `payments/secondary`.
fn called(rotation: &ResolvedRotation<'_>, role: Role) -> String {
    match role {
        Role::Primary => rotation.document.name().to_owned(),
        Role::Secondary => format!("{}/{}", rotation.document.name(), role.name()),
    }
}

/// A role of a rotation, and its shifts in some period.
type OfRole<'r> = (Role, &'r Duty, Vec<Shift>);

/// The shifts of each rotation, role by role; rotations are computed on all cores.
fn shifts_of<'r>(rotations: &'r [ResolvedRotation<'_>], period: Period) -> Vec<Vec<OfRole<'r>>> {
    let of = |rotation: &'r ResolvedRotation<'_>| {
        let duties = rotation.duties();
        duties.map(|(role, duty)| (role, duty, duty.schedule.shifts(period))).collect()
    };
    rotations.par_iter().map(of).collect()
}
