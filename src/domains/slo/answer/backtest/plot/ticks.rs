//! The times that are written below a chart.
use super::share;
use crate::kernel::{time::Zone, units::Instant};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

/// A time that is written below a chart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where it stands, `0..=1`.
    pub(super) at: f64,
    /// What is written there.
    pub(super) label: String,
}

/// The most that are written.
const MOST: i64 = 8;

/// Lengths between two of them that people count in, in minutes.
const STEPS: [i64; 16] = [
    1,
    5,
    15,
    30,
    60,
    3 * 60,
    6 * 60,
    12 * 60,
    1440,
    2 * 1440,
    5 * 1440,
    7 * 1440,
    14 * 1440,
    30 * 1440,
    90 * 1440,
    365 * 1440,
];

/// What is left for longer times: two years.
const LONGEST: i64 = 2 * 365 * 1440;

/// Round times of the zone between two moments, at most eight.
pub(super) fn ticks(range: (Instant, Instant), zone: &Zone) -> Vec<Tick> {
    let minutes = (range.1 - range.0).num_minutes();
    let step = STEPS.into_iter().find(|step| minutes / step < MOST);
    let step = step.unwrap_or(LONGEST);
    let first = zone.local(range.0).naive_local();
    let mut at = round_up(first, step);
    let mut ticks = Vec::new();
    loop {
        let moment = zone.instants_of(at).chosen();
        if moment > range.1 {
            return ticks;
        }
        if moment >= range.0 {
            let label = if step >= 1440 || at.time() == NaiveTime::MIN {
                at.format("%b %-d").to_string()
            } else {
                at.format("%H:%M").to_string()
            };
            ticks.push(Tick { at: share(range, moment), label });
        }
        match at.checked_add_signed(TimeDelta::minutes(step)) {
            Some(next) => at = next,
            None => return ticks,
        }
    }
}

/// The first time of the day, or day, at or after `at` that is a multiple of the step.
fn round_up(at: NaiveDateTime, step: i64) -> NaiveDateTime {
    let midnight = at.date().and_time(NaiveTime::MIN);
    let minutes = i64::from(at.hour()) * 60 + i64::from(at.minute());
    let rest = at.second() != 0 || at.nanosecond() != 0;
    let into = minutes + i64::from(rest);
    // Longer steps are counted from the first day on.
    let unit = step.min(1440);
    let next = (into + unit - 1).div_euclid(unit) * unit;
    midnight.checked_add_signed(TimeDelta::minutes(next)).unwrap_or(midnight)
}
