//! Calendar periods, as far as PromQL can say them.
//!
//! PromQL knows the calendar of UTC: `year`, `month`, `days_in_month` and so on of a time. A zone whose
//! clocks never change, and a month that begins on another day than the 1st, are the same calendar moved
//! by so many seconds. A zone with summer time is not, and neither are fiscal years.
use crate::{
    domains::slo::model::Window,
    kernel::{
        time::{Calendar, CalendarUnit, Zone},
        units::Duration,
    },
};
use chrono::{Datelike as _, NaiveDate};

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// From the Monday before the epoch to the epoch, a Thursday.
const FROM_MONDAY: i64 = 3 * DAY;

/// What a calendar says that PromQL cannot, and what rules do instead.
pub(super) fn lost(calendar: &Calendar) -> Vec<&'static str> {
    let mut lost = Vec::new();
    if offset(&calendar.zone).is_none() {
        lost.push(
            "PromQL knows no summer time: the rules' periods begin at midnight in UTC, by up to some hours \
             off",
        );
    }
    if calendar.anchor.is_some_and(|day| days(calendar.unit, day).is_none()) {
        lost.push("PromQL knows no such periods: those of the rules begin with the usual day");
    }
    lost
}

/// Seconds by which the zone is ahead of UTC, if it always is by the same.
fn offset(zone: &Zone) -> Option<i64> {
    let moment =
        |year| NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    let stretches = zone.stretches(moment(2024)?, moment(2044)?);
    match stretches.as_slice() {
        [(_, offset)] => Some(i64::from(offset.local_minus_utc())),
        _ => None,
    }
}

/// Days from the usual beginning of a period to its beginning here, if that is the same for all of them.
fn days(unit: CalendarUnit, anchor: NaiveDate) -> Option<i64> {
    let day = i64::from(anchor.day0());
    match unit {
        CalendarUnit::Week => Some(i64::from(anchor.weekday().num_days_from_monday())),
        _ if day >= 28 => None,
        CalendarUnit::Month => Some(day),
        CalendarUnit::Quarter => anchor.month0().is_multiple_of(3).then_some(day),
        CalendarUnit::Year => (anchor.month0() == 0).then_some(day),
    }
}

/// In what steps the events of a period are added up: about a 700th of it, and whole slices.
pub(super) fn step(unit: CalendarUnit, slice: Option<Duration>) -> Duration {
    let step = match unit {
        CalendarUnit::Week => Duration::from_minutes(15),
        CalendarUnit::Month => Duration::from_hours(1),
        CalendarUnit::Quarter => Duration::from_hours(2),
        CalendarUnit::Year => Duration::from_hours(6),
    };
    match slice {
        Some(slice) if !step.milliseconds().is_multiple_of(slice.milliseconds()) => slice,
        _ => step,
    }
}

/// The longest period of a unit.
pub(super) fn longest(unit: CalendarUnit) -> Duration {
    let days = match unit {
        CalendarUnit::Week => 7,
        CalendarUnit::Month => 31,
        CalendarUnit::Quarter => 92,
        CalendarUnit::Year => 366,
    };
    Duration::from_days(days)
}

/// The present in a calendar.
pub(super) struct Now {
    unit: CalendarUnit,
    /// PromQL of the seconds since the epoch, moved so that the calendar is that of UTC.
    time: String,
}

impl Now {
    pub(super) fn of(calendar: &Calendar) -> Self {
        let anchored = calendar.anchor.and_then(|day| days(calendar.unit, day)).unwrap_or(0);
        let moved = offset(&calendar.zone).unwrap_or(0) - anchored * DAY;
        let time = match moved {
            0 => "time()".to_owned(),
            moved if moved < 0 => format!("(time() - {})", -moved),
            moved => format!("(time() + {moved})"),
        };
        Self { unit: calendar.unit, time }
    }

    fn function(&self, name: &str) -> String {
        format!("{name}(vector({}))", self.time)
    }

    /// The number of the period that runs.
    pub(super) fn index(&self) -> String {
        let (year, month) = (self.function("year"), self.function("month"));
        match self.unit {
            CalendarUnit::Week => {
                format!("floor(vector(({} + {FROM_MONDAY}) / {WEEK}))", self.time)
            }
            CalendarUnit::Month => format!("{year} * 12 + {month}"),
            CalendarUnit::Quarter => format!("{year} * 4 + ceil({month} / 3)"),
            CalendarUnit::Year => year,
        }
    }

    /// Seconds to the end of the period that runs.
    pub(super) fn seconds_left(&self) -> String {
        let time = &self.time;
        let days_left = match self.unit {
            CalendarUnit::Week => {
                return format!("vector({WEEK} - ({time} + {FROM_MONDAY}) % {WEEK})");
            }
            CalendarUnit::Month => {
                format!("{} - {}", self.function("days_in_month"), self.function("day_of_month"))
            }
            CalendarUnit::Quarter => {
                let quarter = format!("ceil({} / 3)", self.function("month"));
                let last = [90, 181, 273, 365].iter().zip(1..);
                let last = last.map(|(day, at)| format!("{day} * ({quarter} == bool {at})"));
                let last = last.collect::<Vec<_>>().join(" + ");
                format!("{last} + {} - {}", self.leap(), self.function("day_of_year"))
            }
            CalendarUnit::Year => {
                format!("365 + {} - {}", self.leap(), self.function("day_of_year"))
            }
        };
        format!("({days_left} + 1) * {DAY} - {time} % {DAY}")
    }

    /// 1 in a leap year, else 0.
    fn leap(&self) -> String {
        let year = self.function("year");
        format!("({year} % 4 == bool 0) - ({year} % 100 == bool 0) + ({year} % 400 == bool 0)")
    }
}

/// Length of a window in days: that of the month that runs, the usual one of other periods.
pub(super) fn length_in_days(window: &Window) -> String {
    match window {
        Window::Calendar(calendar) if calendar.unit == CalendarUnit::Month => {
            Now::of(calendar).function("days_in_month")
        }
        window => {
            let days = super::decimal::fraction(
                u128::from(window.length().milliseconds()),
                u128::from(Duration::from_days(1).milliseconds()),
            );
            format!("vector({days})")
        }
    }
}
