//! Time intervals: times of day on days of the week, days of the month, months and years, in a zone.
//!
//! All fields must fit for an instant to lie in an interval; of the ranges of one field any may. The
//! meaning is that of Alertmanager's package `timeinterval`: a day beyond the end of a month is its last
//! day, unless the range begins beyond it too.
use crate::kernel::{
    time::{Period, Zone},
    units::Instant,
};
use chrono::{Datelike as _, NaiveDate, TimeDelta, Timelike as _, Weekday};
use std::fmt;

/// A range with both of its ends.
pub type Range<T> = (T, T);

/// One time interval; a field that is `None` does not restrict it, an empty one leaves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeInterval {
    /// Minutes of the day, the second not included.
    pub times: Option<Vec<Range<u16>>>,
    /// Days of the week, from Sunday, 0, to Saturday, 6.
    pub weekdays: Option<Vec<Range<u8>>>,
    /// Days of the month from 1; negative ones count from the end, the last day is -1.
    pub days_of_month: Option<Vec<Range<i8>>>,
    /// Months, from January, 1, to December, 12.
    pub months: Option<Vec<Range<u8>>>,
    /// Years.
    pub years: Option<Vec<Range<i32>>>,
    /// The zone whose clocks and calendar are meant.
    pub zone: Zone,
}

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;

const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl TimeInterval {
    /// Always, on the clocks of a zone.
    pub fn always(zone: Zone) -> Self {
        Self { times: None, weekdays: None, days_of_month: None, months: None, years: None, zone }
    }

    /// Whether an instant lies in it.
    pub fn contains(&self, at: Instant) -> bool {
        let local = self.zone.local(at);
        let minute = local.hour() * 60 + local.minute();
        let in_time = any(self.times.as_deref(), |(begin, end)| {
            (u32::from(*begin)..u32::from(*end)).contains(&minute)
        });
        in_time && self.includes_day(local.date_naive())
    }

    /// Whether some of a day of the zone's calendar may lie in it.
    fn includes_day(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().num_days_from_sunday();
        any(self.years.as_deref(), |(begin, end)| (*begin..=*end).contains(&date.year()))
            && any(self.months.as_deref(), |(begin, end)| {
                (u32::from(*begin)..=u32::from(*end)).contains(&date.month())
            })
            && any(self.weekdays.as_deref(), |(begin, end)| {
                (u32::from(*begin)..=u32::from(*end)).contains(&weekday)
            })
            && any(self.days_of_month.as_deref(), |range| includes_day_of_month(*range, date))
    }

    /// The stretches of `[from, to)` that lie in it, in order, none touching the next.
    pub fn periods(&self, from: Instant, to: Instant) -> Vec<Period> {
        const SLACK: TimeDelta = TimeDelta::days(2);
        let whole_day = [(0, DAY)];
        let times = self.times.as_deref().unwrap_or(&whole_day);
        let mut found = Vec::new();
        for (stretch, offset) in self.zone.stretches(from, to) {
            let first = (stretch.from - SLACK).with_timezone(&offset).date_naive();
            let last = (stretch.to + SLACK).with_timezone(&offset).date_naive();
            for date in first.iter_days().take_while(|date| *date <= last) {
                if !self.includes_day(date) {
                    continue;
                }
                let midnight = date.and_time(chrono::NaiveTime::MIN);
                let Some(midnight) = midnight.checked_sub_offset(offset) else { continue };
                for (begin, end) in times {
                    let at = |minute: u16| midnight.and_utc() + TimeDelta::minutes(minute.into());
                    let period =
                        Period { from: at(*begin).max(stretch.from), to: at(*end).min(stretch.to) };
                    if period.from < period.to {
                        found.push(period);
                    }
                }
            }
        }
        joined(found)
    }
}

/// The same stretches of time, in order, those that overlap or touch made one.
pub fn joined(mut periods: Vec<Period>) -> Vec<Period> {
    periods.sort_unstable();
    let mut joined: Vec<Period> = Vec::with_capacity(periods.len());
    for period in periods {
        match joined.last_mut() {
            Some(last) if period.from <= last.to => last.to = last.to.max(period.to),
            _ => joined.push(period),
        }
    }
    joined
}

/// Whether one of the ranges fits; no field at all restricts nothing.
fn any<T>(ranges: Option<&[T]>, fits: impl Fn(&T) -> bool) -> bool {
    ranges.is_none_or(|ranges| ranges.iter().any(fits))
}

fn includes_day_of_month((begin, end): Range<i8>, date: NaiveDate) -> bool {
    let length = i64::from(date.num_days_in_month());
    let day = |day: i8| if day < 0 { length + i64::from(day) + 1 } else { i64::from(day) };
    let (begin, end) = (day(begin), day(end));
    begin <= length && (begin..=end.min(length)).contains(&i64::from(date.day()))
}

/// Both ends of a range such as `monday:friday`, or `monday` for both.
fn ends<T: Copy>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Range<T>, String> {
    let text = text.to_lowercase();
    match text.split_once(':') {
        Some((_, end)) if end.contains(':') => {
            Err(format!("`{text}` is not a range; expected two ends with one `:` between them"))
        }
        Some((begin, end)) => Ok((read(begin)?, read(end)?)),
        None => {
            let both = read(&text)?;
            Ok((both, both))
        }
    }
}

fn ordered<T: PartialOrd>(text: &str, range: Range<T>) -> Result<Range<T>, String> {
    if range.0 > range.1 {
        return Err(format!("the range `{text}` ends before it begins"));
    }
    Ok(range)
}

/// Days of the week: `monday`, `monday:friday`.
///
/// # Errors
/// Words that say what is wrong.
pub fn weekdays(text: &str) -> Result<Range<u8>, String> {
    let day = |name: &str| {
        let at = WEEKDAYS.iter().position(|day| *day == name);
        at.and_then(|at| u8::try_from(at).ok())
            .ok_or_else(|| format!("`{name}` is not a day of the week such as `monday`"))
    };
    let range = ends(text, day)?;
    ordered(text, range).map_err(|error| {
        format!("{error}; a week begins on Sunday: write two ranges, such as `friday:saturday`, `sunday`")
    })
}

/// Months: `january`, `3:5`.
///
/// # Errors
/// Words that say what is wrong.
pub fn months(text: &str) -> Result<Range<u8>, String> {
    let month = |name: &str| {
        let by_name = MONTHS.iter().position(|month| *month == name);
        // Alertmanager takes other numbers too, for months that never come.
        let number = by_name.and_then(|at| u8::try_from(at + 1).ok()).or_else(|| name.parse().ok());
        number.ok_or_else(|| format!("`{name}` is not a month; write `january` or `1`"))
    };
    ordered(text, ends(text, month)?)
}

/// Days of the month: `1:5`, `-3:-1`.
///
/// # Errors
/// Words that say what is wrong.
pub fn days_of_month(text: &str) -> Result<Range<i8>, String> {
    let day = |number: &str| {
        let day: Option<i8> = number.parse().ok();
        day.filter(|day| *day != 0 && (-31..=31).contains(day)).ok_or_else(|| {
            format!("`{number}` is not a day of the month from 1 to 31, or -31 to -1 from its end")
        })
    };
    let (begin, end) = ends(text, day)?;
    if begin < 0 && end > 0 {
        return Err(format!("`{text}`: where the first day counts from the end, the last has to"));
    }
    // The shortest month decides what is certainly wrong.
    let least = |day: i8| if day < 0 { 28 + day } else { day };
    if least(begin) > least(end) {
        return Err(format!("the range `{text}` ends before it begins"));
    }
    Ok((begin, end))
}

/// Years: `2026`, `2026:2028`.
///
/// # Errors
/// Words that say what is wrong.
pub fn years(text: &str) -> Result<Range<i32>, String> {
    let year = |number: &str| number.parse().map_err(|_| format!("`{number}` is not a year"));
    ordered(text, ends(text, year)?)
}

/// A time of the day in minutes: `09:30`; the end of the day is `24:00`.
///
/// # Errors
/// Words that say what is wrong.
pub fn time_of_day(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is not a time of the day such as `09:30` or `24:00`");
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    if !digits(hours) || !digits(minutes) {
        return Err(wrong());
    }
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    if minutes < 60 && minute <= DAY { Ok(minute) } else { Err(wrong()) }
}

/// A minute of the day as Alertmanager writes it: `09:30`.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A range as Alertmanager writes it: `3` or `3:5`.
pub fn range_text<T: fmt::Display + PartialEq>((begin, end): &Range<T>) -> String {
    if begin == end { begin.to_string() } else { format!("{begin}:{end}") }
}

/// The name of a day of the week.
pub fn weekday_name(day: u8) -> &'static str {
    WEEKDAYS.get(usize::from(day)).copied().unwrap_or("sunday")
}

/// The number of a day of the week.
pub fn weekday_number(day: Weekday) -> u8 {
    u8::try_from(day.num_days_from_sunday()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::parse_instant;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    fn berlin() -> TimeInterval {
        TimeInterval::always(Zone::get("Europe/Berlin").unwrap())
    }

    fn shown(interval: &TimeInterval, from: &str, to: &str) -> Vec<String> {
        let periods = interval.periods(at(from), at(to));
        let text = |at: Instant| at.format("%m-%dT%H:%M").to_string();
        periods.iter().map(|period| format!("{} {}", text(period.from), text(period.to))).collect()
    }

    #[test]
    fn nights_follow_the_clocks_of_the_zone() {
        let nights = TimeInterval { times: Some(vec![(60, 240)]), ..berlin() };
        assert_eq!(
            shown(&nights, "2026-03-28T00:00Z", "2026-03-30T12:00Z"),
            // An hour shorter where clocks are put forward from 2 to 3.
            ["03-28T00:00 03-28T03:00", "03-29T00:00 03-29T02:00", "03-29T23:00 03-30T02:00"]
        );
        // An hour longer where they are put back.
        assert_eq!(
            shown(&nights, "2026-10-24T12:00Z", "2026-10-25T12:00Z"),
            ["10-24T23:00 10-25T03:00"]
        );
        let second = TimeInterval { times: Some(vec![(150, 160)]), ..berlin() };
        assert_eq!(
            shown(&second, "2026-10-24T12:00Z", "2026-10-25T12:00Z"),
            ["10-25T00:30 10-25T00:40", "10-25T01:30 10-25T01:40"]
        );
    }

    #[test]
    fn days_count_from_both_ends_of_a_month() {
        let day = |range: &str, date: &str| {
            includes_day_of_month(days_of_month(range).unwrap(), date.parse().unwrap())
        };
        assert!(day("-1", "2026-02-28") && !day("-1", "2026-02-27"));
        assert!(day("31", "2026-01-31") && !day("31", "2026-02-28"));
        assert!(day("27:31", "2026-02-28"));
        assert!(day("20:-5", "2026-02-24") && !day("20:-5", "2026-02-25"));
        assert!(day("-31:-28", "2026-02-01") && !day("-31:-28", "2026-02-02"));
    }

    #[test]
    fn ranges_are_read_as_alertmanager_reads_them() {
        assert_eq!(weekdays("Monday:friday"), Ok((1, 5)));
        assert_eq!(weekdays("sunday"), Ok((0, 0)));
        assert_eq!(months("january:3"), Ok((1, 3)));
        assert_eq!(years("2026:2028"), Ok((2026, 2028)));
        assert_eq!(days_of_month("-3:-1"), Ok((-3, -1)));
        assert_eq!(time_of_day("24:00"), Ok(1440));
        for wrong in ["friday:monday", "mon", "monday:tuesday:friday", ""] {
            assert!(weekdays(wrong).is_err(), "{wrong}");
        }
        for wrong in ["-1", "may:april", "x"] {
            assert!(months(wrong).is_err(), "{wrong}");
        }
        for wrong in ["0", "32", "-32", "5:3", "-1:1", "-1:-3", "29:-1"] {
            assert!(days_of_month(wrong).is_err(), "{wrong}");
        }
        for wrong in ["24:01", "9:30", "09:60", "0930", "+9:30", "25:00"] {
            assert!(time_of_day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_field_leaves_nothing() {
        let never = TimeInterval { weekdays: Some(vec![]), ..berlin() };
        assert!(!never.contains(at("2026-01-01T00:00Z")));
        assert!(never.periods(at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")).is_empty());
        assert!(berlin().contains(at("2026-01-01T00:00Z")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        /// The stretches are exactly the minutes of which `contains` is true.
        #[test]
        fn periods_agree_with_contains(
            times in proptest::option::of(proptest::collection::vec((0u16..1440, 1u16..600), 0..3)),
            weekdays in proptest::option::of((0u8..7, 0u8..7)),
            days in proptest::option::of((1i8..31, 0i8..8)),
            zone in 0usize..4,
            start in 0i64..700,
        ) {
            let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
            let interval = TimeInterval {
                times: times.map(|times| {
                    times.into_iter().map(|(begin, length)| (begin, (begin + length).min(DAY))).collect()
                }),
                weekdays: weekdays.map(|(a, b)| vec![(a.min(b), a.max(b))]),
                days_of_month: days.map(|(begin, length)| vec![(begin, (begin + length).min(31))]),
                ..TimeInterval::always(Zone::get(zones[zone]).unwrap())
            };
            let from = at("2025-02-01T00:00Z") + TimeDelta::days(start);
            let to = from + TimeDelta::days(5);
            let periods = interval.periods(from, to);
            for minute in (0..5 * 1440).step_by(5) {
                let now = from + TimeDelta::minutes(minute);
                let inside = periods.iter().any(|period| period.contains(now));
                prop_assert_eq!(inside, interval.contains(now), "{}", now);
            }
        }
    }
}
