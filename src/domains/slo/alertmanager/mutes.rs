//! When routes are to be silent for a maintenance: adjustments of budgets as time intervals.
//!
//! A time interval says a time of the day on days of a calendar. An adjustment says instants: from when
//! on it returns, how long it lasts in elapsed time, when it ends. Where a maintenance returns so that an
//! interval without years says exactly the same for the next ten years (clock changes included), that is
//! what is written. Else its occurrences are written with their dates, in UTC, up to a horizon. Either
//! way nothing is silent that the adjustment does not name.
use super::time_interval::{DAY, TimeInterval, joined, weekday_number};
use crate::kernel::{
    time::{Period, Zone},
    units::Instant,
};
use chrono::{Datelike as _, NaiveDate, TimeDelta, Timelike as _};
use std::collections::{BTreeMap, BTreeSet};

/// How long an interval without dates must say the same as the adjustment.
const PROVEN: TimeDelta = TimeDelta::days(3653);

/// Minutes of a day, the second not included.
type Minutes = (u16, u16);

/// A day on which something returns: `None` every day, of the week (`true`) or of the month.
type Returning = Option<(bool, u8)>;

/// A year, a month of it, and times of its days.
type Month = (i32, u32, Vec<Minutes>);

/// Occurrences as time intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mute {
    /// The intervals.
    pub intervals: Vec<TimeInterval>,
    /// Whether they have no dates and go on for as long as the adjustment does.
    pub endless: bool,
}

/// How a maintenance returns, as far as an interval without dates could say it.
#[derive(Clone, Debug)]
pub struct Rhythm<'a> {
    /// The rule: `FREQ=WEEKLY;BYDAY=SU`.
    pub rule: &'a str,
    /// The zone on whose clocks it returns.
    pub zone: Zone,
    /// When it begins for the first time.
    pub start: Instant,
}

/// The time intervals of occurrences that are whole in `[now, now + ten years)` for a `rhythm` and in
/// `[now, horizon)` else; `occurrences` gives those that overlap a stretch of time.
///
/// # Errors
/// As `occurrences`.
pub fn mute<E>(
    rhythm: Option<&Rhythm<'_>>,
    now: Instant,
    horizon: Instant,
    occurrences: impl Fn(Instant, Instant) -> Result<Vec<Period>, E>,
) -> Result<Mute, E> {
    if let Some(rhythm) = rhythm.filter(|rhythm| rhythm.start <= now) {
        let to = now + PROVEN;
        let wanted = joined(occurrences(now, to)?);
        if let Some(candidate) = candidate(rhythm, &wanted) {
            let clip =
                |period: &Period| Period { from: period.from.max(now), to: period.to.min(to) };
            let wanted: Vec<Period> =
                wanted.iter().map(clip).filter(|period| period.from < period.to).collect();
            let said = candidate.iter().flat_map(|interval| interval.periods(now, to)).collect();
            if joined(said) == wanted {
                return Ok(Mute { intervals: candidate, endless: true });
            }
        }
    }
    let periods = joined(occurrences(now, horizon)?);
    Ok(Mute { intervals: dated(&periods), endless: false })
}

/// An interval without dates that may say the same: read off the first whole occurrence, and the days
/// from the rule's frequency.
fn candidate(rhythm: &Rhythm<'_>, occurrences: &[Period]) -> Option<Vec<TimeInterval>> {
    let frequency = rhythm.rule.split(';').find_map(|part| part.strip_prefix("FREQ="))?;
    let mut intervals: BTreeSet<(u16, u16, Returning)> = BTreeSet::new();
    // A year and a bit has every occurrence of a week and of a month.
    for period in occurrences.iter().skip(1).take(400) {
        let begin = rhythm.zone.local(period.from);
        let minutes = period.length().milliseconds() / 60_000;
        let start = u16::try_from(begin.hour() * 60 + begin.minute()).ok()?;
        let end = u64::from(start) + minutes;
        if begin.second() != 0 || end > u64::from(DAY) * 2 {
            return None;
        }
        let day = |later: u64| {
            let date = begin.date_naive() + TimeDelta::days(i64::try_from(later).unwrap_or(0));
            match frequency {
                "DAILY" => Some(None),
                "WEEKLY" => Some(Some((true, weekday_number(date.weekday())))),
                "MONTHLY" if later == 0 => {
                    u8::try_from(date.day()).ok().map(|day| Some((false, day)))
                }
                _ => None,
            }
        };
        let first_end = end.min(u64::from(DAY));
        intervals.insert((start, u16::try_from(first_end).ok()?, day(0)?));
        if end > u64::from(DAY) {
            intervals.insert((0, u16::try_from(end - u64::from(DAY)).ok()?, day(1)?));
        }
        if intervals.len() > 40 {
            return None;
        }
    }
    let mut by_time: BTreeMap<Minutes, Vec<Returning>> = BTreeMap::new();
    for (start, end, day) in intervals {
        by_time.entry((start, end)).or_default().push(day);
    }
    let interval = |((start, end), days): (Minutes, Vec<Returning>)| {
        let of = |weekly: bool| {
            let chosen = days.iter().flatten().filter(|(is_weekly, _)| *is_weekly == weekly);
            let chosen: Vec<u8> = chosen.map(|(_, day)| *day).collect();
            (!chosen.is_empty()).then(|| ranges(&chosen))
        };
        let days_of_month = of(false).map(|ranges| {
            let small = |day: u8| i8::try_from(day).unwrap_or(31);
            ranges.into_iter().map(|(begin, end)| (small(begin), small(end))).collect()
        });
        TimeInterval {
            times: Some(vec![(start, end)]),
            weekdays: of(true),
            days_of_month,
            ..TimeInterval::always(rhythm.zone.clone())
        }
    };
    let found: Vec<TimeInterval> = by_time.into_iter().map(interval).collect();
    (!found.is_empty()).then_some(found)
}

/// Numbers in order as ranges: 1, 2, 3, 5 is 1 to 3, and 5.
fn ranges(numbers: &[u8]) -> Vec<(u8, u8)> {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*number) => *end = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

/// Stretches of time with their dates, in UTC. Minutes that are not whole are left out: a time interval
/// has no seconds.
fn dated(periods: &[Period]) -> Vec<TimeInterval> {
    let mut days: BTreeMap<NaiveDate, Vec<(u16, u16)>> = BTreeMap::new();
    for period in periods {
        let first = period.from.timestamp().div_euclid(60)
            + i64::from(period.from.timestamp().rem_euclid(60) > 0)
            + i64::from(
                period.from.timestamp().rem_euclid(60) == 0 && period.from.nanosecond() > 0,
            );
        let last = period.to.timestamp().div_euclid(60);
        let mut minute = first;
        while minute < last {
            let midnight = minute.div_euclid(DAY.into()) * i64::from(DAY);
            let end = last.min(midnight + i64::from(DAY));
            let date = Instant::from_timestamp(minute * 60, 0).map(|at| at.date_naive());
            let part = |minute: i64| u16::try_from(minute - midnight).unwrap_or(DAY);
            if let Some(date) = date {
                days.entry(date).or_default().push((part(minute), part(end)));
            }
            minute = end;
        }
    }
    // Days of a month with the same times stand together.
    let mut months: BTreeMap<Month, Vec<u8>> = BTreeMap::new();
    for (date, times) in days {
        let day = u8::try_from(date.day()).unwrap_or(31);
        months.entry((date.year(), date.month(), times)).or_default().push(day);
    }
    let interval = |((year, month, times), days): (Month, Vec<u8>)| {
        let month = u8::try_from(month).unwrap_or(12);
        let small = |day: u8| i8::try_from(day).unwrap_or(31);
        let days = ranges(&days).into_iter().map(|(begin, end)| (small(begin), small(end)));
        let whole_day = times == [(0, DAY)];
        TimeInterval {
            times: (!whole_day).then_some(times),
            days_of_month: Some(days.collect()),
            months: Some(vec![(month, month)]),
            years: Some(vec![(year, year)]),
            ..TimeInterval::always(Zone::UTC)
        }
    };
    months.into_iter().map(interval).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::delivery::without, *};
    use crate::kernel::time::{Recurrence, parse_instant};
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    fn mute_of(rule: &str, start: &str, zone: &str, duration: &str, now: &str) -> Mute {
        let zone = Zone::get(zone).unwrap();
        let duration = duration.parse().unwrap();
        let recurrence = Recurrence::new(at(start), rule, zone.clone(), duration, None).unwrap();
        let rhythm = Rhythm { rule, zone: zone.clone(), start: at(start) };
        let horizon = at(now) + TimeDelta::days(366);
        mute(Some(&rhythm), at(now), horizon, |from, to| recurrence.occurrences(from, to)).unwrap()
    }

    #[test]
    fn what_returns_at_a_time_of_the_clock_needs_no_dates() {
        let found = mute_of(
            "FREQ=WEEKLY;BYDAY=SU",
            "2026-01-04T04:00:00+01:00",
            "Europe/Berlin",
            "2h",
            "2026-05-01T00:00:00Z",
        );
        let zone = Zone::get("Europe/Berlin").unwrap();
        let expected = TimeInterval {
            times: Some(vec![(240, 360)]),
            weekdays: Some(vec![(0, 0)]),
            ..TimeInterval::always(zone)
        };
        assert_eq!(found, Mute { intervals: vec![expected], endless: true });
        let over_midnight =
            mute_of("FREQ=DAILY", "2026-01-04T22:30:00Z", "UTC", "4h", "2026-05-01T00:00:00Z");
        let times: Vec<_> = over_midnight
            .intervals
            .iter()
            .map(|interval| interval.times.clone().unwrap())
            .collect();
        assert_eq!(times, [vec![(0, 150)], vec![(1350, 1440)]]);
        assert!(over_midnight.endless);
        let monthly =
            mute_of("FREQ=MONTHLY", "2026-01-15T08:00:00Z", "UTC", "90m", "2026-05-01T00:00:00Z");
        assert_eq!(monthly.intervals[0].days_of_month, Some(vec![(15, 15)]));
        assert!(monthly.endless);
    }

    #[test]
    fn what_an_interval_would_get_wrong_has_dates() {
        for (rule, start, zone, duration, why) in [
            ("FREQ=WEEKLY;BYDAY=SU", "2026-01-04T00:30:00Z", "Europe/Berlin", "2h", "clock change"),
            ("FREQ=WEEKLY;INTERVAL=2", "2026-01-04T04:00:00Z", "UTC", "2h", "every second week"),
            ("FREQ=WEEKLY;COUNT=20", "2026-01-04T04:00:00Z", "UTC", "2h", "it ends"),
            ("FREQ=MONTHLY;BYDAY=1SU", "2026-01-04T04:00:00Z", "UTC", "2h", "day of the month"),
            ("FREQ=WEEKLY", "2026-06-07T04:00:00Z", "UTC", "2h", "it has not begun"),
            ("FREQ=WEEKLY", "2026-01-04T04:00:20Z", "UTC", "2h", "seconds"),
            ("FREQ=YEARLY", "2026-01-04T04:00:00Z", "UTC", "2h", "by the year"),
        ] {
            let now = "2026-05-01T00:00:00Z";
            let found = mute_of(rule, start, zone, duration, now);
            assert!(!found.endless, "{why}: {found:?}");
            assert!(!found.intervals.is_empty(), "{why}");
        }
    }

    #[test]
    fn whole_days_and_parts_of_days_are_told_apart() {
        let period = Period { from: at("2026-12-30T23:59:30Z"), to: at("2027-01-02T06:10:59Z") };
        let found = dated(&[period]);
        let shown: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.years.clone().unwrap()[0].0,
                    one.days_of_month.clone().unwrap(),
                    one.times.clone(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (2026, vec![(31, 31)], None),
                (2027, vec![(2, 2)], Some(vec![(0, 370)])),
                (2027, vec![(1, 1)], None),
            ]
        );
        assert_eq!(
            dated(&[Period { from: at("2026-12-30T10:00:30Z"), to: at("2026-12-30T10:01:30Z") }]),
            []
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 40, ..ProptestConfig::default() })]

        /// Never more than the adjustment says, and never less by more than the seconds of a minute.
        #[test]
        fn nothing_is_silent_beyond_the_occurrences(
            rule in 0usize..6,
            minute in 0i64..(2 * 525_600),
            second in 0i64..60,
            minutes in 1u64..3000,
            zone in 0usize..3,
        ) {
            let rule = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,WE", "FREQ=MONTHLY;BYMONTHDAY=1,-1",
                "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=HOURLY;INTERVAL=5"][rule];
            let zone = Zone::get(["UTC", "Europe/Berlin", "America/New_York"][zone]).unwrap();
            let start = at("2025-01-01T00:00Z") + TimeDelta::minutes(minute)
                + TimeDelta::seconds(if second < 30 { 0 } else { second });
            let now = at("2026-03-01T00:00Z");
            let duration = crate::kernel::units::Duration::from_minutes(minutes);
            let recurrence = Recurrence::new(start, rule, zone.clone(), duration, None).unwrap();
            let rhythm = Rhythm { rule, zone: zone.clone(), start };
            let horizon = now + TimeDelta::days(366);
            let found = mute(Some(&rhythm), now, horizon, |from, to| recurrence.occurrences(from, to))
                .unwrap();
            let allowed = recurrence.occurrences(now, horizon).unwrap();
            let said = joined(found.intervals.iter().flat_map(|one| one.periods(now, horizon)).collect());
            let clip = |period: &Period| Period { from: period.from.max(now), to: period.to.min(horizon) };
            let wanted: Vec<Period> = joined(allowed).iter().map(clip).collect();
            prop_assert!(without(&said, &wanted).is_empty());
            for missing in without(&wanted, &said) {
                prop_assert!(missing.length() < crate::kernel::units::Duration::from_minutes(1));
            }
        }
    }
}
