//! Weeks, months, quarters and years by their names.
use super::{Calendar, CalendarUnit, Period, Zone};
use crate::kernel::units::Instant;
use chrono::{Datelike as _, NaiveDate, Weekday};
use std::fmt;

/// A period of the wall calendar, the same in all zones: `2026-W23`, `2026-06`, `2026-Q2`, `2026`. Where
/// it begins and ends is a question to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedPeriod {
    unit: CalendarUnit,
    first: NaiveDate,
}

impl NamedPeriod {
    /// The one with that day.
    fn with(date: NaiveDate, unit: CalendarUnit) -> Self {
        let month = match unit {
            CalendarUnit::Week => {
                let first = date.week(Weekday::Mon).checked_first_day();
                return Self { unit, first: first.unwrap_or(date) };
            }
            CalendarUnit::Month => date.month(),
            CalendarUnit::Quarter => date.month0() / 3 * 3 + 1,
            CalendarUnit::Year => 1,
        };
        Self { unit, first: NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date) }
    }

    /// The one that `at` lies in by the clocks of a zone.
    pub fn of(at: Instant, unit: CalendarUnit, zone: &Zone) -> Self {
        let period = Calendar { unit, zone: zone.clone(), anchor: None }.period(at);
        Self::with(zone.local(period.from).date_naive(), unit)
    }

    /// The one that is written so; `None` for other texts. Years have four digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-').map_or((text, None), |(y, rest)| (y, Some(rest)));
        let year: i32 = number(year, 4)?.try_into().ok()?;
        let day = |month| NaiveDate::from_ymd_opt(year, month, 1);
        let (unit, first) = match rest {
            None => (CalendarUnit::Year, day(1)),
            Some(rest) => match rest.split_at_checked(1)? {
                ("Q" | "q", quarter) => {
                    let quarter = number(quarter, 1).filter(|quarter| (1..=4).contains(quarter))?;
                    (CalendarUnit::Quarter, day(quarter * 3 - 2))
                }
                ("W" | "w", week) => {
                    let week = number(week, 2)?;
                    (CalendarUnit::Week, NaiveDate::from_isoywd_opt(year, week, Weekday::Mon))
                }
                _ => (CalendarUnit::Month, day(number(rest, 2)?)),
            },
        };
        Some(Self { unit, first: first? })
    }

    /// What it is.
    pub fn unit(self) -> CalendarUnit {
        self.unit
    }

    /// The year in which it begins.
    pub fn year(self) -> i32 {
        self.first.year()
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        self.first.pred_opt().map_or(self, |date| Self::with(date, self.unit))
    }

    /// From when to when it lasts by the clocks of a zone.
    pub fn period(self, zone: &Zone) -> Period {
        let calendar = Calendar { unit: self.unit, zone: zone.clone(), anchor: None };
        calendar.period(zone.first_instant_of_day(self.first))
    }
}

/// The number that so many digits are.
fn number(text: &str, digits: usize) -> Option<u32> {
    let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

impl fmt::Display for NamedPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.first.year();
        match self.unit {
            CalendarUnit::Week => {
                let week = self.first.iso_week();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            CalendarUnit::Month => write!(f, "{year:04}-{:02}", self.first.month()),
            CalendarUnit::Quarter => write!(f, "{year:04}-Q{}", self.first.month0() / 3 + 1),
            CalendarUnit::Year => write!(f, "{year:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::rfc3339;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    #[track_caller]
    fn check(name: &str, zone: &str, from: &str, to: &str) {
        let zone = Zone::get(zone).unwrap();
        let found = NamedPeriod::parse(name).unwrap();
        assert_eq!(found.to_string(), name);
        let Period { from: start, to: end } = found.period(&zone);
        assert_eq!((rfc3339(start).as_str(), rfc3339(end).as_str()), (from, to));
        let of = |at| NamedPeriod::of(at, found.unit(), &zone);
        assert_eq!((of(start), of(end - TimeDelta::milliseconds(1))), (found, found));
        assert_eq!(of(end).previous(), found);
    }

    #[test]
    fn periods_begin_and_end_with_the_days_of_the_zone() {
        check("2025-06", "UTC", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z");
        check("2025-03", "Europe/Berlin", "2025-02-28T23:00:00Z", "2025-03-31T22:00:00Z");
        check("2025-Q4", "America/New_York", "2025-10-01T04:00:00Z", "2026-01-01T05:00:00Z");
        check("2024", "Asia/Kolkata", "2023-12-31T18:30:00Z", "2024-12-31T18:30:00Z");
        check("2024-02", "Pacific/Kiritimati", "2024-01-31T10:00:00Z", "2024-02-29T10:00:00Z");
        // The last week of 2026, by ISO 8601, ends in 2027.
        check("2026-W53", "UTC", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z");
    }

    #[test]
    fn what_is_no_period_is_none() {
        for text in [
            "", "2025-", "2025-13", "2025-00", "2025-Q5", "2025-Q0", "2025-6", "25", "june",
            "2025-W53", "2025-W00", "2025-Q", "2025-+6", "2025-é1", "12025",
        ] {
            assert_eq!(NamedPeriod::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn names_are_read_as_what_they_name(
            days in 0i64..500_000,
            name in prop::sample::select(Zone::names()),
            unit in prop::sample::select(vec![
                CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year,
            ]),
        ) {
            let zone = Zone::get(name).unwrap();
            let at = Instant::UNIX_EPOCH + TimeDelta::days(days);
            let found = NamedPeriod::of(at, unit, &zone);
            prop_assert_eq!(NamedPeriod::parse(&found.to_string()), Some(found));
            prop_assert!(found.period(&zone).contains(at));
        }
    }
}
