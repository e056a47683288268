//! What a group of incidents says: how many, how fast, how often, and how sure that is.
use super::{
    Clock, EventType, Record,
    durations::{self, Interval, Logarithms, Observation, Survival},
    frequency::{self, TimeBetween},
    levels::Levels,
    response::{Outcome, Response},
};
use crate::kernel::units::{Instant, Ratio};

/// How sure intervals are.
pub const LEVEL: f64 = 0.95;

/// The same, for what is computed by limits of shares.
pub const LEVEL_RATIO: Ratio = match Ratio::from_parts(950_000_000) {
    Some(ratio) => ratio,
    None => Ratio::ONE,
};

/// How likely it is to be that an improvement shows, where the number is asked that it takes.
pub const POWER: f64 = 0.8;

/// The improvement for which that is asked: durations that become a tenth shorter.
pub const IMPROVEMENT: f64 = 0.1;

/// From how many durations on a 90th percentile is given: below, it is hardly more than the greatest.
pub const LEAST_FOR_P90: usize = 20;

/// How long something took in each incident of a group. Unit: minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Lengths {
    /// What is measured.
    pub clock: Clock,
    /// Those that are over, in order.
    pub ended: Vec<f64>,
    /// How long those have taken that go on, in order.
    pub going_on: Vec<f64>,
    /// Incidents in which an end of it is not written down, or the ends are in the wrong order.
    pub missing: usize,
}

impl Lengths {
    /// The lengths of a clock.
    pub fn of<'r>(
        clock: Clock,
        records: impl IntoIterator<Item = &'r Record>,
        now: Instant,
    ) -> Self {
        let mut lengths = Self { clock, ended: Vec::new(), going_on: Vec::new(), missing: 0 };
        for record in records {
            let minutes = |elapsed: chrono::TimeDelta| elapsed.as_seconds_f64() / 60.0;
            let (from, to) = clock.ends();
            let clocks = &record.clocks;
            if let Some(elapsed) = clocks.elapsed(clock) {
                lengths.ended.push(minutes(elapsed));
                continue;
            }
            // It goes on only if the incident does, and nothing behind it has happened.
            let goes_on = clocks.get(to).is_none()
                && clocks.status().is_open()
                && !(to == EventType::Engaged && clocks.mitigated.is_some());
            match clocks.get(from).filter(|from| goes_on && *from <= now) {
                Some(from) => lengths.going_on.push(minutes(now - from)),
                None => lengths.missing += 1,
            }
        }
        lengths.ended.sort_by(f64::total_cmp);
        lengths.going_on.sort_by(f64::total_cmp);
        lengths
    }

    /// What they say.
    pub fn summary(&self) -> LengthSummary {
        let logarithms = Logarithms::of(&self.ended);
        let observed = |ended: bool| move |length: &f64| Observation { length: *length, ended };
        let observations: Vec<Observation> = self
            .ended
            .iter()
            .map(observed(true))
            .chain(self.going_on.iter().map(observed(false)))
            .collect();
        let survival = Survival::of(&observations);
        let n = self.ended.len();
        LengthSummary {
            median_of_ended: durations::quantile(&self.ended, 0.5),
            median_of_ended_interval: durations::median_interval(&self.ended, LEVEL),
            median: survival.median(),
            median_interval: survival.median_interval(LEVEL),
            geometric_mean: logarithms.map(|logarithms| logarithms.geometric_mean()),
            geometric_mean_interval: logarithms.and_then(|logarithms| logarithms.interval(LEVEL)),
            p90: (n >= LEAST_FOR_P90).then(|| durations::quantile(&self.ended, 0.9)).flatten(),
            longest: self.ended.last().copied(),
            deviation: logarithms.and_then(|logarithms| logarithms.deviation),
            survival,
        }
    }
}

/// What lengths say. Unit: minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct LengthSummary {
    /// The median of those that are over, by a straight line between the two in the middle.
    pub median_of_ended: Option<f64>,
    /// Between which values it lies, whatever the distribution.
    pub median_of_ended_interval: Option<Interval>,
    /// The median with those that go on; `None` where it is not reached.
    pub median: Option<f64>,
    /// Between which values that lies.
    pub median_interval: Option<Interval>,
    /// The geometric mean of those that are over.
    pub geometric_mean: Option<f64>,
    /// Between which values it lies, if lengths are log-normal.
    pub geometric_mean_interval: Option<Interval>,
    /// Nine of ten that are over took at most as long; only of [`LEAST_FOR_P90`] or more.
    pub p90: Option<f64>,
    /// The longest that is over.
    pub longest: Option<f64>,
    /// The standard deviation of the logarithms.
    pub deviation: Option<f64>,
    /// How many last how long.
    pub survival: Survival,
}

impl LengthSummary {
    /// How many incidents each of two periods needs for an improvement of [`IMPROVEMENT`] to show.
    pub fn incidents_needed(&self) -> Option<u64> {
        durations::incidents_needed(self.deviation?, IMPROVEMENT, LEVEL, POWER)
    }
}

/// How often the response time was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compliance {
    /// In time.
    pub met: u64,
    /// Not in time.
    pub breached: u64,
    /// Not acknowledged, and still in time.
    pub pending: u64,
    /// Not known.
    pub unknown: u64,
}

impl Compliance {
    /// Counts incidents.
    pub fn of<'r>(
        records: impl IntoIterator<Item = &'r Record>,
        levels: &Levels,
        now: Instant,
    ) -> Self {
        let mut compliance = Self::default();
        for record in records {
            match Response::of(record, levels, now).outcome {
                Outcome::Met => compliance.met += 1,
                Outcome::Breached => compliance.breached += 1,
                Outcome::Pending => compliance.pending += 1,
                Outcome::Unknown => compliance.unknown += 1,
                Outcome::NoLimit => {}
            }
        }
        compliance
    }

    /// Counts those of another as well.
    pub fn add(&mut self, other: Self) {
        self.met += other.met;
        self.breached += other.breached;
        self.pending += other.pending;
        self.unknown += other.unknown;
    }

    /// The share that was in time, of those of which that is known; `None` where it is of none.
    pub fn share(&self) -> Option<f64> {
        let known = self.met + self.breached;
        (known > 0).then(|| self.met as f64 / known as f64)
    }
}

/// The mean time between the beginnings of incidents.
pub fn time_between<'r>(records: impl IntoIterator<Item = &'r Record>) -> Option<TimeBetween> {
    let starts: Vec<Instant> = records.into_iter().filter_map(Record::began).collect();
    frequency::time_between(&starts, LEVEL)
}
