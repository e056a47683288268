//! The grid of turns: when each begins.
//!
//! Turn *k* begins at the instant of the civil time `anchor ⊕ k · length`, always counted from the anchor
//! and never from the turn before, so that nothing drifts. Civil times become instants as RFC 5545
//! (section 3.3.5) says, unless [`GapRule::After`] is chosen.
use crate::kernel::{
    time::{LocalInstants, Period, Zone},
    units::{Duration, Instant},
};
use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use std::collections::BTreeSet;

/// The instant of a handoff at a time that clocks do not show because they are put forward over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GapRule {
    /// As far behind the change as the time is behind the last one that was shown (RFC 5545, 3.3.5).
    #[default]
    Rfc5545,
    /// The change itself: the first instant at which clocks show the time or a later one.
    After,
}

impl GapRule {
    /// The first instant at which clocks show `local`.
    pub fn first(self, zone: &Zone, local: NaiveDateTime) -> Instant {
        self.choose(zone.instants_of(local), false)
    }

    /// The last instant at which clocks show `local`.
    pub fn last(self, zone: &Zone, local: NaiveDateTime) -> Instant {
        self.choose(zone.instants_of(local), true)
    }

    fn choose(self, instants: LocalInstants, last: bool) -> Instant {
        match instants {
            LocalInstants::One(at) => at,
            LocalInstants::None { moved, change } => match self {
                Self::Rfc5545 => moved,
                Self::After => change,
            },
            LocalInstants::Two { first, second } => {
                if last {
                    second
                } else {
                    first
                }
            }
        }
    }
}

/// How turns follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// As clocks on the wall count: turns begin at these distances from the beginning of each cycle.
    Civil {
        /// Length of a cycle. Unit: minutes.
        cycle: i64,
        /// When turns begin, from the beginning of the cycle: ascending, the first is 0. Unit: minutes.
        begins: Vec<i64>,
    },
    /// So many months; on the last day of a month that has no such day.
    Months(u32),
    /// So much time, whatever clocks show. Unit: whole seconds.
    Elapsed(Duration),
}

impl Rhythm {
    /// Turns of so many minutes on the wall clock: 1,440 is a day, and 10,080 a week.
    pub fn civil(minutes: i64) -> Self {
        Self::Civil { cycle: minutes.max(1), begins: vec![0] }
    }

    /// How long turns are in most cases. Unit: minutes, on the average of a cycle.
    pub fn nominal_minutes(&self) -> i64 {
        match self {
            Self::Civil { cycle, begins } => {
                cycle / i64::try_from(begins.len().max(1)).unwrap_or(1)
            }
            Self::Months(months) => i64::from(*months) * 30 * MINUTES_OF_DAY,
            Self::Elapsed(length) => {
                i64::try_from(length.milliseconds() / 60_000).unwrap_or(i64::MAX)
            }
        }
    }
}

const MINUTES_OF_DAY: i64 = 24 * 60;

/// Days on which nobody is to take over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolidayRule {
    /// Whether a handoff on such a day is put off to the next working day, or brought forward to the one
    /// before.
    pub direction: HolidayDirection,
    /// The days.
    pub holidays: BTreeSet<NaiveDate>,
}

/// Where a handoff on a holiday goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HolidayDirection {
    /// To the next day that is neither a holiday nor on a weekend.
    #[default]
    Next,
    /// To the one before.
    Previous,
}

/// Most days by which a handoff is moved: no calendar has a month of holidays.
const MOST_MOVED: u64 = 31;

impl HolidayRule {
    fn moved(&self, date: NaiveDate) -> NaiveDate {
        if !self.holidays.contains(&date) {
            return date;
        }
        let works = |day: &NaiveDate| {
            !self.holidays.contains(day) && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
        };
        let day = |days: u64| match self.direction {
            HolidayDirection::Next => date.checked_add_days(Days::new(days)),
            HolidayDirection::Previous => date.checked_sub_days(Days::new(days)),
        };
        (1..=MOST_MOVED).filter_map(day).find(works).unwrap_or(date)
    }
}

/// When turns begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoffs {
    /// Whose clocks count.
    pub zone: Zone,
    /// When the first turn begins.
    pub anchor: NaiveDateTime,
    /// How turns follow.
    pub rhythm: Rhythm,
    /// What a missing civil time means.
    pub gap: GapRule,
    /// What becomes of handoffs on holidays.
    pub on_holiday: Option<HolidayRule>,
}

/// A turn: its number, counted from the anchor, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// 0 for the first.
    pub number: i64,
    /// From its handoff to the next.
    pub period: Period,
}

impl Handoffs {
    /// The civil time at which a turn is to begin.
    pub fn civil(&self, turn: i64) -> NaiveDateTime {
        let plain = self.plain(turn);
        match &self.on_holiday {
            Some(rule) => rule.moved(plain.date()).and_time(plain.time()),
            None => plain,
        }
    }

    fn plain(&self, turn: i64) -> NaiveDateTime {
        let later = |minutes: i64| {
            TimeDelta::try_minutes(minutes).and_then(|delta| self.anchor.checked_add_signed(delta))
        };
        let found = match &self.rhythm {
            Rhythm::Civil { cycle, begins } => {
                let count = i64::try_from(begins.len()).unwrap_or(1).max(1);
                let (cycles, within) = (turn.div_euclid(count), turn.rem_euclid(count));
                let begin = usize::try_from(within).ok().and_then(|at| begins.get(at));
                later(cycles.saturating_mul(*cycle).saturating_add(begin.copied().unwrap_or(0)))
            }
            Rhythm::Months(months) => {
                let count = turn.saturating_mul(i64::from(*months));
                let by = u32::try_from(count.unsigned_abs()).ok().map(Months::new);
                let anchor = self.anchor;
                let back = |by| anchor.checked_sub_months(by);
                let ahead = |by| anchor.checked_add_months(by);
                by.and_then(|by| if count < 0 { back(by) } else { ahead(by) })
            }
            Rhythm::Elapsed(_) => return self.zone.local(self.begin(turn)).naive_local(),
        };
        found.unwrap_or(if turn < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX })
    }

    /// The instant of a handoff as its civil time says, which may be before that of an earlier turn.
    pub fn unguarded(&self, turn: i64) -> Instant {
        match &self.rhythm {
            Rhythm::Elapsed(length) => {
                let step = i64::try_from(length.milliseconds()).unwrap_or(i64::MAX);
                let delta = TimeDelta::try_milliseconds(step.saturating_mul(turn));
                let first = self.gap.first(&self.zone, self.anchor);
                delta.and_then(|delta| first.checked_add_signed(delta)).unwrap_or(if turn < 0 {
                    Instant::MIN_UTC
                } else {
                    Instant::MAX_UTC
                })
            }
            _ => self.gap.first(&self.zone, self.civil(turn)),
        }
    }

    /// The instant at which a turn begins: never before an earlier one does. Where a turn lies in a gap of
    /// the clocks it has no length.
    ///
    /// Times in a gap are moved behind it (RFC 5545), past others that follow it: in Pacific/Apia, whose
    /// clocks were put forward by a day, handoffs every eight hours would go back.
    pub fn begin(&self, turn: i64) -> Instant {
        let plain = self.unguarded(turn);
        if matches!(self.rhythm, Rhythm::Elapsed(_)) {
            return plain;
        }
        // A time in a gap is moved by the length of the gap, to less than twice its length behind the last
        // time before it.
        let mut reach = self.largest_gap_before(plain) * 2;
        let civil = self.plain(turn);
        let moved = TimeDelta::days(2 + MOST_MOVED.cast_signed());
        // Only a turn on a holiday is moved past others.
        if let (Some(rule), Some(first)) = (&self.on_holiday, civil.checked_sub_signed(moved))
            && rule.holidays.range(first.date()..=civil.date()).next().is_some()
        {
            reach += moved;
        }
        if reach.is_zero() {
            return plain;
        }
        (1..=LAST)
            .map(|back| turn - back)
            .take_while(|earlier| civil.signed_duration_since(self.plain(*earlier)) <= reach)
            .map(|earlier| self.unguarded(earlier))
            .fold(plain, Instant::max)
    }

    /// By how much clocks were put forward at most in the days up to and with an instant: gaps are of a day
    /// at most.
    fn largest_gap_before(&self, instant: Instant) -> TimeDelta {
        let Some(from) = instant.checked_sub_signed(TimeDelta::days(3)) else {
            return TimeDelta::zero();
        };
        let until = instant.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(instant);
        if self.zone.runs_through(from, until) {
            return TimeDelta::zero();
        }
        let stretches = self.zone.stretches(from, until);
        let offsets = stretches.iter().map(|(_, offset)| offset.local_minus_utc());
        let forward = offsets.clone().zip(offsets.skip(1)).map(|(before, after)| after - before);
        TimeDelta::seconds(i64::from(forward.max().unwrap_or(0).max(0)))
    }

    /// A turn.
    pub fn turn(&self, number: i64) -> Turn {
        let period = Period { from: self.begin(number), to: self.begin(number.saturating_add(1)) };
        Turn { number, period }
    }

    /// The number of the turn that an instant lies in; `None` before the first.
    pub fn at(&self, instant: Instant) -> Option<i64> {
        if instant < self.begin(0) {
            return None;
        }
        let mut turn = self.estimate(instant).max(0);
        while turn > 0 && self.begin(turn) > instant {
            turn -= 1;
        }
        while self.begin(turn.saturating_add(1)) <= instant && turn < LAST {
            turn += 1;
        }
        Some(turn)
    }

    /// A turn near to an instant, by division.
    fn estimate(&self, instant: Instant) -> i64 {
        let local = self.zone.local(instant).naive_local();
        match &self.rhythm {
            Rhythm::Civil { cycle, begins } => {
                let minutes = local.signed_duration_since(self.anchor).num_minutes();
                let count = i64::try_from(begins.len()).unwrap_or(1);
                let within = minutes.rem_euclid(*cycle);
                let passed = begins.iter().filter(|begin| **begin <= within).count();
                let passed = i64::try_from(passed).unwrap_or(1);
                minutes.div_euclid(*cycle).saturating_mul(count).saturating_add(passed - 1)
            }
            Rhythm::Months(months) => {
                let index =
                    |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
                let passed = index(local.date()) - index(self.anchor.date());
                passed.div_euclid(i64::from(*months).max(1))
            }
            Rhythm::Elapsed(length) => {
                let first = self.gap.first(&self.zone, self.anchor);
                let step = i64::try_from(length.milliseconds()).unwrap_or(i64::MAX).max(1);
                (instant - first).num_milliseconds().div_euclid(step)
            }
        }
    }

    /// The turns that have a part in a period, in order; those without any length are left out.
    pub fn turns(&self, period: Period) -> impl Iterator<Item = Turn> + '_ {
        let first = self.at(period.from).unwrap_or(0);
        (first..LAST)
            .map(|number| self.turn(number))
            .take_while(move |turn| turn.period.from < period.to)
            .filter(|turn| turn.period.from < turn.period.to)
    }

    /// The first turn that begins at an instant or later.
    pub fn first_from(&self, instant: Instant) -> i64 {
        match self.at(instant) {
            None => 0,
            Some(mut turn) => {
                if self.begin(turn) < instant {
                    return turn + 1;
                }
                // Turns without any length begin at the same instant.
                while turn > 0 && self.begin(turn - 1) >= instant {
                    turn -= 1;
                }
                turn
            }
        }
    }
}

/// Beyond this no date is.
const LAST: i64 = 1 << 40;
