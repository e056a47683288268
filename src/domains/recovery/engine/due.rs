//! When the next drill is due.
use chrono::{Days, Months, NaiveDate};

/// How often something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Calendar months: on the same day, or on the last of a month that has no such day.
    Months(u32),
    /// Days.
    Days(u64),
}

impl Period {
    /// The day on which it is due again.
    pub fn after(self, last: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Months(months) => last.checked_add_months(Months::new(months)),
            Self::Days(days) => last.checked_add_days(Days::new(days)),
        }
    }
}

/// Whether something that happens again and again is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It never happened, which is not the same as being late.
    Never,
    /// It is due on this day.
    On(NaiveDate),
    /// It was due on this day, so many days ago.
    Overdue(NaiveDate, i64),
    /// It is said to have happened on a day that is to come.
    InFuture(NaiveDate),
}

/// When it is due again, seen from a day.
pub fn due(last: Option<NaiveDate>, period: Period, today: NaiveDate) -> Due {
    let Some(last) = last else { return Due::Never };
    if last > today {
        return Due::InFuture(last);
    }
    match period.after(last) {
        Some(next) if next < today => Due::Overdue(next, (today - next).num_days()),
        Some(next) => Due::On(next),
        // Beyond the end of the calendar.
        None => Due::On(NaiveDate::MAX),
    }
}
