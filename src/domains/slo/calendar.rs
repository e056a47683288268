//! Days, months, quarters and years as the clocks of a zone count them.
//!
//! A day begins with the first instant that the zone's clocks date so, which need not be midnight: where
//! clocks jump from 23:59:59 to 01:00, it begins at 01:00. So days have 23 to 25 hours, and one that a
//! zone left out has none.
use crate::kernel::{
    time::Zone,
    units::{Duration, Instant},
};
use chrono::{Datelike as _, Months, NaiveDate, NaiveTime, TimeDelta};

/// No offset from UTC is larger, with room for the hours that clocks are set by.
const WIDEST: TimeDelta = TimeDelta::hours(26);

const DAY: Duration = Duration::from_days(1);

/// The first instant of a day.
pub fn start_of_day(date: NaiveDate, zone: &Zone) -> Instant {
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    let begun = |at: Instant| zone.local(at).date_naive() >= date;
    let (mut before, mut after) = (midnight - WIDEST, midnight + WIDEST);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if begun(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}

/// The moments at which something is looked at every `every`, after `from` and up to `to`, in order:
/// at the end of every day of the zone, or of every n-th one counted back from the last, where `every`
/// is a whole number of days; otherwise within each day, counted from its beginning.
pub fn moments(from: Instant, to: Instant, every: Duration, zone: &Zone) -> Vec<Instant> {
    let (Some(first), Some(after)) =
        (zone.local(from).date_naive().pred_opt(), zone.local(to).date_naive().succ_opt())
    else {
        return Vec::new();
    };
    let days: Vec<Instant> = first
        .iter_days()
        .take_while(|date| *date <= after)
        .map(|date| start_of_day(date, zone))
        .collect();
    let within = |at: &Instant| *at > from && *at <= to;
    if every.milliseconds().is_multiple_of(DAY.milliseconds()) {
        let each = usize::try_from(every.milliseconds() / DAY.milliseconds()).unwrap_or(usize::MAX);
        let ends: Vec<Instant> = days.into_iter().filter(within).collect();
        let mut chosen: Vec<Instant> = ends.into_iter().rev().step_by(each.max(1)).collect();
        chosen.reverse();
        return chosen;
    }
    let mut chosen = Vec::new();
    for day in days.windows(2) {
        let mut at = day[0];
        while at < day[1] {
            chosen.push(at);
            at += every.to_chrono();
        }
    }
    chosen.retain(within);
    chosen
}

/// A stretch of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A month.
    Month,
    /// Three months, from January on.
    Quarter,
    /// A year.
    Year,
}

impl Span {
    /// How many months it has.
    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// A month, a quarter or a year: what it is and its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// What it is.
    pub span: Span,
    first: NaiveDate,
}

impl Period {
    /// The one that `at` lies in.
    pub fn of(at: Instant, span: Span, zone: &Zone) -> Self {
        let date = zone.local(at).date_naive();
        let month = date.month0() / span.months() * span.months() + 1;
        Self { span, first: NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date) }
    }

    /// The one that is written so: `2025-06`, `2025-Q2`, `2025`. `None` for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-').map_or((text, None), |(y, rest)| (y, Some(rest)));
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) {
            return None;
        }
        let (span, month) = match rest {
            None => (Span::Year, 1),
            Some(rest) => match rest.strip_prefix(['Q', 'q']) {
                Some(quarter) if digits(quarter, 1) => {
                    let quarter = quarter.parse::<u32>().ok().filter(|q| (1..=4).contains(q))?;
                    (Span::Quarter, quarter * 3 - 2)
                }
                None if digits(rest, 2) => (Span::Month, rest.parse().ok()?),
                _ => return None,
            },
        };
        Some(Self { span, first: NaiveDate::from_ymd_opt(year.parse().ok()?, month, 1)? })
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        let first = self.first.checked_sub_months(Months::new(self.span.months()));
        Self { first: first.unwrap_or(self.first), ..self }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        let first = self.first.checked_add_months(Months::new(self.span.months()));
        Self { first: first.unwrap_or(self.first), ..self }
    }

    /// From when to when it lasts, its end not in it.
    pub fn bounds(self, zone: &Zone) -> (Instant, Instant) {
        (start_of_day(self.first, zone), start_of_day(self.next().first, zone))
    }

    /// As it is written: `2025-06`, `2025-Q2`, `2025`.
    pub fn name(self) -> String {
        let year = self.first.year();
        match self.span {
            Span::Month => format!("{year:04}-{:02}", self.first.month()),
            Span::Quarter => format!("{year:04}-Q{}", self.first.month0() / 3 + 1),
            Span::Year => format!("{year:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::rfc3339;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        Zone::get(name).unwrap()
    }

    #[track_caller]
    fn check(period: &str, zone: &str, from: &str, to: &str) {
        let zone = self::zone(zone);
        let found = Period::parse(period).unwrap();
        assert_eq!(found.name(), period);
        let (start, end) = found.bounds(&zone);
        assert_eq!((rfc3339(start).as_str(), rfc3339(end).as_str()), (from, to));
        let last = end - TimeDelta::milliseconds(1);
        for at in [start, last] {
            assert_eq!(Period::of(at, found.span, &zone), found);
        }
        assert_eq!(Period::of(end, found.span, &zone), found.next());
        assert_eq!(found.next().previous(), found);
    }

    #[test]
    fn periods_begin_and_end_with_the_days_of_the_zone() {
        check("2025-06", "UTC", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z");
        check("2025-03", "Europe/Berlin", "2025-02-28T23:00:00Z", "2025-03-31T22:00:00Z");
        check("2025-Q4", "America/New_York", "2025-10-01T04:00:00Z", "2026-01-01T05:00:00Z");
        check("2024", "Asia/Kolkata", "2023-12-31T18:30:00Z", "2024-12-31T18:30:00Z");
        check("2024-02", "Pacific/Kiritimati", "2024-01-31T10:00:00Z", "2024-02-29T10:00:00Z");
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_when_it_begins() {
        // Clocks in Beirut went from 23:59:59 to 01:00 on 2024-03-31.
        let date = NaiveDate::from_ymd_opt(2024, 3, 31).unwrap();
        assert_eq!(rfc3339(start_of_day(date, &zone("Asia/Beirut"))), "2024-03-30T22:00:00Z");
        // Samoa left out 2011-12-30.
        let date = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
        let apia = zone("Pacific/Apia");
        assert_eq!(start_of_day(date, &apia), start_of_day(date.succ_opt().unwrap(), &apia));
    }

    #[test]
    fn what_is_no_period_is_none() {
        for text in
            ["", "2025-", "2025-13", "2025-00", "2025-Q5", "2025-Q0", "2025-6", "25", "june"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    fn texts(moments: &[Instant]) -> Vec<String> {
        moments.iter().map(|at| at.format("%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn moments_are_the_ends_of_days() {
        let at = |text: &str| -> Instant { text.parse().unwrap() };
        let (from, to) = (at("2026-03-27T12:00:00Z"), at("2026-03-31T12:00:00Z"));
        let berlin = zone("Europe/Berlin");
        let each = |every: &str| texts(&moments(from, to, every.parse().unwrap(), &berlin));
        // Summer time begins on the 29th.
        assert_eq!(each("1d"), ["27T23:00", "28T23:00", "29T22:00", "30T22:00"]);
        assert_eq!(each("2d"), ["28T23:00", "30T22:00"]);
        let (from, to) = (at("2026-03-28T22:00:00Z"), at("2026-03-29T23:00:00Z"));
        let each = |every: &str| texts(&moments(from, to, every.parse().unwrap(), &berlin));
        assert_eq!(each("8h"), ["28T23:00", "29T07:00", "29T15:00", "29T22:00"]);
    }

    proptest! {
        #[test]
        fn days_follow_each_other(days in 0i64..60_000, name in prop::sample::select(Zone::names())) {
            let zone = zone(name);
            let date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + TimeDelta::days(days);
            let (start, next) =
                (start_of_day(date, &zone), start_of_day(date.succ_opt().unwrap(), &zone));
            prop_assert!(start <= next && next - start <= TimeDelta::hours(49));
            prop_assert!(zone.local(start).date_naive() >= date);
            prop_assert!(zone.local(start - TimeDelta::seconds(1)).date_naive() < date);
        }
    }
}
