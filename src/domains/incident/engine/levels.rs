//! The severities that incidents have.
use crate::{
    domains::oncall::engine::{GapRule, coverage::Window, coverage::coverage},
    kernel::{
        time::{Period, Zone},
        units::{Instant, Ratio},
    },
};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What users see of an incident.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing yet.
    None,
    /// Something is slow or fails at times.
    Degradation,
    /// Something does not work at all.
    Outage,
}

impl Effect {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::None, Self::Degradation, Self::Outage];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Degradation => "degradation",
            Self::Outage => "outage",
        }
    }
}

/// What response times count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// When an alert fired or somebody noticed.
    #[default]
    Detected,
    /// When somebody said that it is an incident.
    Declared,
}

impl CountedFrom {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Declared => "declared",
        }
    }
}

/// Which severity sets the response time of an incident whose severity changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeverityAt {
    /// The one that it has when the time is over: raising it does not start the time again.
    #[default]
    AtLimit,
    /// The worst that it ever has.
    Highest,
}

/// The severities, and how response times are counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    /// The severities, the worst first.
    pub levels: Vec<Level>,
    /// What response times count from.
    pub counted_from: CountedFrom,
    /// Which severity sets them.
    pub severity_at: SeverityAt,
}

/// A severity.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its rank: 1 is the worst.
    pub rank: u8,
    /// What incidents call it.
    pub name: String,
    /// Within how long somebody acknowledges such an incident.
    pub response_time: Option<TimeDelta>,
    /// The hours in which that time counts; `None` for all hours.
    pub hours: Option<Hours>,
    /// How often those who are affected are told how it stands.
    pub update_every: Option<TimeDelta>,
    /// What makes an incident one of these.
    pub criteria: Vec<Criterion>,
}

/// Hours in which time counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// Whose clocks they go by.
    pub zone: Zone,
    /// The hours of the week.
    pub windows: Vec<Window>,
}

/// What makes an incident one of a severity: all of it together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Criterion {
    /// What users see of it, at the least.
    pub effect: Option<Effect>,
    /// The smallest share that it touches.
    pub affected: Option<Ratio>,
    /// The least important tier that it touches.
    pub tier: Option<u8>,
    /// Whether data are lost or wrong.
    pub data_loss: Option<bool>,
    /// Whether somebody could see or do what they must not.
    pub security: Option<bool>,
}

impl Levels {
    /// The severity of that name.
    pub fn get(&self, name: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.name == name)
    }
}

/// How far ahead the end of a response time is looked for: hours that never come have no end.
const FAR: TimeDelta = TimeDelta::days(2 * 366);

impl Level {
    /// How much of the time between two instants counts.
    pub fn counted(&self, from: Instant, to: Instant) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        match &self.hours {
            None => to - from,
            Some(hours) => hours.within(from, to).iter().map(|one| one.to - one.from).sum(),
        }
    }

    /// When the response time that begins at an instant is over; `None` where none is set, or it never is.
    pub fn deadline(&self, from: Instant) -> Option<Instant> {
        let mut left = self.response_time?;
        let Some(hours) = &self.hours else { return from.checked_add_signed(left) };
        let mut at = from;
        while at < from + FAR {
            let next = at + TimeDelta::days(14);
            for period in hours.within(at, next) {
                let length = period.to - period.from;
                if left <= length {
                    return Some(period.from + left);
                }
                left -= length;
            }
            at = next;
        }
        None
    }
}

impl Hours {
    fn within(&self, from: Instant, to: Instant) -> Vec<Period> {
        coverage(&self.zone, GapRule::default(), &self.windows, Period { from, to })
    }
}
