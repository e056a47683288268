//! Weeks, months, quarters and years as clocks in a zone show them.
use super::Zone;
use crate::kernel::units::{Duration, Instant};
use chrono::{Datelike as _, Days, Months, NaiveDate, TimeDelta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a calendar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// Seven days, from Monday on.
    Week,
    /// A month, from the 1st on.
    Month,
    /// Three months, from 1 January, April, July and October on.
    Quarter,
    /// Twelve months, from 1 January on.
    Year,
}

impl CalendarUnit {
    /// The word that documents and answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Its length where one number must do, such as for the factors of alerts: 7, 30, 90 or 365 days.
    pub const fn nominal(self) -> Duration {
        Duration::from_days(match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        })
    }

    /// Months in it; `None` for the week, which is counted in days.
    const fn months(self) -> Option<u32> {
        match self {
            Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
        }
    }
}

/// A stretch of time: from the first instant up to, and without, the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Its beginning.
    pub from: Instant,
    /// Its end, not in it.
    pub to: Instant,
}

impl Period {
    /// Whether the instant lies in it.
    pub fn contains(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// How much time passes in it: a month of 30 days has an hour more than 720 where clocks are put
    /// back.
    pub fn length(&self) -> Duration {
        let milliseconds = (self.to - self.from).num_milliseconds();
        Duration::from_milliseconds(u64::try_from(milliseconds).unwrap_or(0))
    }
}

/// Periods that follow each other without a gap, each a week, month, quarter or year of a zone.
///
/// A period begins with its first day, see [`Zone::first_instant_of_day`]: at local midnight; where
/// clocks are put forward over midnight, when they are; where it is shown twice, at the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What is counted.
    pub unit: CalendarUnit,
    /// Whose clocks count.
    pub zone: Zone,
    /// A day with which a period begins, in the past or to come: the 15th for a month of accounts from
    /// the 15th, 1 April for fiscal quarters. Where a month lacks that day, the period begins with the
    /// month's last: from the 31st on means from the last day of each month on. `None`: Monday, the
    /// 1st, 1 January.
    pub anchor: Option<NaiveDate>,
}

/// A Monday that is also the first day of a year.
const ORIGIN: NaiveDate = NaiveDate::from_ymd_opt(2001, 1, 1).expect("a date that exists");

impl Calendar {
    /// The period that contains `at`.
    ///
    /// At the edges of what chrono can express, hundreds of thousands of years from now, a period ends
    /// where time does.
    pub fn period(&self, at: Instant) -> Period {
        let mut index = self.index(self.zone.local(at).date_naive());
        // Where clocks are put back over midnight, the day before goes on after a day's first instant.
        while self.begins(index) > at {
            index -= 1;
        }
        while self.begins(index + 1) <= at && self.begins(index) < self.begins(index + 1) {
            index += 1;
        }
        Period { from: self.begins(index), to: self.begins(index + 1) }
    }

    /// The period before one of this calendar.
    pub fn previous(&self, period: &Period) -> Period {
        let before = period.from.checked_sub_signed(TimeDelta::milliseconds(1));
        self.period(before.unwrap_or(Instant::MIN_UTC))
    }

    /// The period after one of this calendar.
    pub fn next(&self, period: &Period) -> Period {
        self.period(period.to)
    }

    /// A length that stands for every period: 7, 30, 90 or 365 days. What scales with the length of a
    /// window, such as the factors of alerts, scales with this, so that it is the same in February.
    pub const fn nominal(&self) -> Duration {
        self.unit.nominal()
    }

    fn anchor(&self) -> NaiveDate {
        self.anchor.unwrap_or(ORIGIN)
    }

    /// The number of the period with that day, counted from the anchor's.
    fn index(&self, date: NaiveDate) -> i64 {
        let anchor = self.anchor();
        let Some(months) = self.unit.months() else {
            return (date - anchor).num_days().div_euclid(7);
        };
        let month = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let index = (month(date) - month(anchor)).div_euclid(i64::from(months));
        // In the month in which a period begins, the days before belong to the period before.
        if self.first_day(index).is_some_and(|first| date < first) { index - 1 } else { index }
    }

    /// The first day of a period, always counted from the anchor: after 31 January and 28 February
    /// comes 31 March. `None` beyond the last day of all.
    fn first_day(&self, index: i64) -> Option<NaiveDate> {
        let anchor = self.anchor();
        let count = index.unsigned_abs();
        match self.unit.months() {
            None => {
                let days = Days::new(count.checked_mul(7)?);
                if index < 0 {
                    anchor.checked_sub_days(days)
                } else {
                    anchor.checked_add_days(days)
                }
            }
            Some(months) => {
                let months = Months::new(u32::try_from(count).ok()?.checked_mul(months)?);
                if index < 0 {
                    anchor.checked_sub_months(months)
                } else {
                    anchor.checked_add_months(months)
                }
            }
        }
    }

    fn begins(&self, index: i64) -> Instant {
        match self.first_day(index) {
            Some(date) => self.zone.first_instant_of_day(date),
            None if index < 0 => Instant::MIN_UTC,
            None => Instant::MAX_UTC,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::{parse_instant, rfc3339};
    use chrono::Weekday;
    use proptest::prelude::*;

    fn calendar(unit: CalendarUnit, zone: &str, anchor: Option<&str>) -> Calendar {
        let anchor = anchor.map(|date| date.parse().unwrap());
        Calendar { unit, zone: Zone::get(zone).unwrap(), anchor }
    }

    #[track_caller]
    fn check(calendar: &Calendar, at: &str, from: &str, to: &str) {
        let period = calendar.period(parse_instant(at).unwrap());
        assert_eq!((rfc3339(period.from).as_str(), rfc3339(period.to).as_str()), (from, to));
    }

    use CalendarUnit::{Month, Quarter, Week, Year};

    #[test]
    fn periods_without_an_anchor_are_those_of_the_wall_calendar() {
        let at = "2026-05-14T09:20:00Z";
        let utc = |unit| calendar(unit, "UTC", None);
        check(&utc(Week), at, "2026-05-11T00:00:00Z", "2026-05-18T00:00:00Z");
        check(&utc(Month), at, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
        check(&utc(Quarter), at, "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z");
        check(&utc(Year), at, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        // The first instant belongs to the period, the last to the next.
        check(&utc(Month), "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
        let last = "2026-04-30T23:59:59.999Z";
        check(&utc(Month), last, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z");
        check(&utc(Year), "1969-07-20T20:17:40Z", "1969-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
    }

    #[test]
    fn clock_changes_make_periods_an_hour_longer_or_shorter() {
        let month = calendar(Month, "Europe/Berlin", None);
        check(&month, "2026-03-15T00:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
        check(&month, "2026-10-15T00:00:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z");
        let hours = |at| month.period(parse_instant(at).unwrap()).length().minutes() / 60.0;
        assert_eq!(hours("2026-03-15T00:00:00Z").to_bits(), (31.0_f64 * 24.0 - 1.0).to_bits());
        assert_eq!(hours("2026-10-15T00:00:00Z").to_bits(), (31.0_f64 * 24.0 + 1.0).to_bits());
        let week = calendar(Week, "America/New_York", None);
        check(&week, "2026-11-01T12:00:00Z", "2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z");
        // Weeks from Sunday, and the Sunday begins at 01:00.
        let week = calendar(Week, "America/Santiago", Some("2025-01-05"));
        check(&week, "2025-09-10T00:00:00Z", "2025-09-07T04:00:00Z", "2025-09-14T03:00:00Z");
        let week = calendar(Week, "Pacific/Apia", None);
        check(&week, "2011-12-30T09:59:59Z", "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z");
        check(&week, "2011-12-30T10:00:00Z", "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z");
        let month = calendar(Month, "Asia/Kathmandu", None);
        check(&month, "2026-05-31T18:14:59Z", "2026-04-30T18:15:00Z", "2026-05-31T18:15:00Z");
        let month = calendar(Month, "Australia/Lord_Howe", None);
        check(&month, "2026-04-15T00:00:00Z", "2026-03-31T13:00:00Z", "2026-04-30T13:30:00Z");
    }

    #[test]
    fn a_day_that_clocks_return_to_belongs_to_the_period_that_has_begun() {
        // On 7 November 2010 clocks in St. John's went back from 00:01 to 23:01: the week that began at
        // midnight goes on, though it is Saturday again for a while.
        let week = calendar(Week, "America/St_Johns", Some("2010-11-07"));
        let sunday = "2010-11-07T02:30:00Z";
        let again = parse_instant("2010-11-07T02:45:00Z").unwrap();
        assert_eq!(week.zone.local(again).date_naive().to_string(), "2010-11-06");
        check(&week, "2010-11-07T02:45:00Z", sunday, "2010-11-14T03:30:00Z");
        check(&week, "2010-11-07T02:29:59Z", "2010-10-31T02:30:00Z", sunday);
    }

    #[test]
    fn anchors_move_periods() {
        let accounts = calendar(Month, "UTC", Some("2026-01-15"));
        check(&accounts, "2026-05-14T23:59:59Z", "2026-04-15T00:00:00Z", "2026-05-15T00:00:00Z");
        check(&accounts, "2026-05-15T00:00:00Z", "2026-05-15T00:00:00Z", "2026-06-15T00:00:00Z");
        let last = calendar(Month, "UTC", Some("2026-01-31"));
        check(&last, "2026-02-27T12:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z");
        check(&last, "2026-02-28T12:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z");
        check(&last, "2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z");
        check(&last, "2025-04-30T12:00:00Z", "2025-04-30T00:00:00Z", "2025-05-31T00:00:00Z");
        // Fiscal quarters of a year from February on; the anchor may lie in the future.
        let fiscal = calendar(Quarter, "UTC", Some("2030-02-01"));
        check(&fiscal, "2026-01-31T12:00:00Z", "2025-11-01T00:00:00Z", "2026-02-01T00:00:00Z");
        let fiscal = calendar(Year, "Europe/London", Some("2020-04-06"));
        check(&fiscal, "2026-04-05T22:59:59Z", "2025-04-05T23:00:00Z", "2026-04-05T23:00:00Z");
        let leap = calendar(Year, "UTC", Some("2024-02-29"));
        check(&leap, "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z");
        check(&leap, "2028-02-28T00:00:00Z", "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z");
    }

    #[test]
    fn units_are_written_in_lower_case_and_have_a_nominal_length() {
        for unit in [Week, Month, Quarter, Year] {
            let text = format!("\"{}\"", unit.name());
            assert_eq!(serde_json::from_str::<CalendarUnit>(&text).unwrap(), unit);
        }
        let nominal = [Week, Month, Quarter, Year].map(|unit| unit.nominal().to_string());
        assert_eq!(nominal, ["1w", "30d", "90d", "1y"]);
    }

    /// Goes through the minutes of two years and notes where each day begins.
    fn scan(zone: &Zone, year: i32) -> Vec<(NaiveDate, Instant)> {
        let start = parse_instant(&format!("{year}-01-01T00:00:00Z")).unwrap();
        let mut latest = zone.local(start).date_naive();
        let mut days = Vec::new();
        for minute in 1..2 * 366 * 1440 {
            let at = start + TimeDelta::minutes(minute);
            let date = zone.local(at).date_naive();
            if date > latest {
                latest = date;
                days.push((date, at));
            }
        }
        days
    }

    #[test]
    fn periods_are_those_that_a_scan_of_every_minute_finds() {
        type IsFirst = fn(NaiveDate) -> bool;
        let cases: [(CalendarUnit, Option<&str>, IsFirst); 5] = [
            (Week, None, |date| date.weekday() == Weekday::Mon),
            (Week, Some("2024-06-02"), |date| date.weekday() == Weekday::Sun),
            (Month, Some("2024-05-15"), |date| date.day() == 15),
            (Month, Some("2024-05-31"), |date| date.succ_opt().is_some_and(|next| next.day() == 1)),
            (Quarter, None, |date| date.day() == 1 && date.month0() % 3 == 0),
        ];
        for (zone, year) in [
            ("Europe/Berlin", 2025),
            ("America/New_York", 2025),
            ("America/Santiago", 2024),
            ("America/St_Johns", 2009),
            ("Asia/Kathmandu", 1984),
            ("Australia/Lord_Howe", 2025),
        ] {
            let days = scan(&Zone::get(zone).unwrap(), year);
            for (unit, anchor, is_first) in cases {
                let calendar = calendar(unit, zone, anchor);
                let begins = days.iter().filter(|(date, _)| is_first(*date)).map(|(_, at)| *at);
                let begins: Vec<Instant> = begins.collect();
                for pair in begins.windows(2) {
                    let expected = Period { from: pair[0], to: pair[1] };
                    let middle = expected.from + (expected.to - expected.from) / 2;
                    let last = expected.to - TimeDelta::milliseconds(1);
                    for at in [expected.from, middle, last] {
                        assert_eq!(calendar.period(at), expected, "{unit:?} {zone} {at}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gap_or_overlap(
            seconds in -8_000_000_000_000i64..8_000_000_000_000,
            zone in prop::sample::select(Zone::names()),
            unit in prop::sample::select(vec![Week, Month, Quarter, Year]),
            anchor in prop::option::of((1900i32..2100, 1u32..=366)),
        ) {
            let anchor = anchor.and_then(|(year, day)| NaiveDate::from_yo_opt(year, day));
            let calendar = Calendar { unit, zone: Zone::get(zone).unwrap(), anchor };
            let at = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
            let period = calendar.period(at);
            prop_assert!(period.contains(at));
            prop_assert_eq!(calendar.period(period.from), period);
            let (previous, next) = (calendar.previous(&period), calendar.next(&period));
            prop_assert_eq!(previous.to, period.from);
            prop_assert_eq!(next.from, period.to);
            prop_assert_eq!(calendar.previous(&next), period);
            let nominal = calendar.nominal().ratio(period.length());
            prop_assert!((0.9..1.15).contains(&nominal), "{}", nominal);
        }

        #[test]
        fn no_instant_is_out_of_range(
            milliseconds in Instant::MIN_UTC.timestamp_millis()..=Instant::MAX_UTC.timestamp_millis(),
            unit in prop::sample::select(vec![Week, Month, Quarter, Year]),
        ) {
            let at = chrono::DateTime::from_timestamp_millis(milliseconds).unwrap();
            let calendar = calendar(unit, "Europe/Berlin", Some("2026-01-31"));
            for at in [at, Instant::MIN_UTC, Instant::MAX_UTC] {
                let period = calendar.period(at);
                prop_assert!(period.from <= at && at <= period.to);
                calendar.previous(&period);
                calendar.next(&period);
            }
        }
    }
}
