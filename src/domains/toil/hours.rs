//! How long people work in a month: what shares of toil rest on.
use super::{engine::work::MonthStart, spec::Month};
use crate::{
    domains::oncall::people::People,
    kernel::{time::Zone, units::Duration},
};
use chrono::{Datelike as _, NaiveDate, Weekday};

/// How long a person works in a week unless a log says otherwise.
pub const WORK_WEEK: Duration = Duration::from_hours(40);

/// Days of a working week.
const DAYS: f64 = 5.0;

/// Working hours of a person in a month, up to the end of `until`: a fifth of the week on each day from Monday to
/// Friday that is neither a holiday of theirs nor one on which they are away. Unit: hours.
pub fn in_month(
    people: &People,
    person: &str,
    month: MonthStart,
    until: NaiveDate,
    week: Duration,
) -> f64 {
    let holidays = people.home(person, &Zone::UTC).holidays;
    let away = people.away(person, &Zone::UTC);
    let works = |day: NaiveDate| {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
            && !holidays.contains(&day)
            && !away.iter().any(|(_, away)| away.from <= day && day <= away.through)
    };
    let last = Month::of(month).last().min(until);
    let days = month.iter_days().take_while(|day| *day <= last).filter(|day| works(*day)).count();
    days as f64 * week.seconds() / 3600.0 / DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn a_month_has_its_weekdays() {
        let people = People::default();
        // October 2026 has 22 days from Monday to Friday, and the first five days of it two.
        assert!((in_month(&people, "a", day(10, 1), day(12, 31), WORK_WEEK) - 176.0).abs() < 1e-9);
        assert!((in_month(&people, "a", day(10, 1), day(10, 5), WORK_WEEK) - 24.0).abs() < 1e-9);
        assert!(in_month(&people, "a", day(10, 1), day(9, 30), WORK_WEEK).abs() < 1e-9);
    }
}
