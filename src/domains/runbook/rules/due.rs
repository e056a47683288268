//! When a runbook is to be looked at, and tried out, again.
use crate::{
    domains::runbook::spec::Runbook,
    kernel::{
        spec::Optional as _,
        units::{Duration, Instant},
    },
};
use chrono::{NaiveDate, TimeDelta};

/// Since when a review is overdue; nothing where it is not, or where none is asked for.
pub fn review(spec: &Runbook, now: Instant) -> Option<NaiveDate> {
    let every = *spec.review_every.value()?;
    overdue(spec.reviewed.value().map(|day| day.0), every, now)
}

/// Since when trying it out is overdue, in view of when it was last run.
pub fn drill(spec: &Runbook, last_run: Option<Instant>, now: Instant) -> Option<NaiveDate> {
    let every = *spec.drill_every.value()?;
    let drilled = spec.drilled.value().map(|day| day.0);
    overdue(drilled.max(last_run.map(|at| at.date_naive())), every, now)
}

/// Where it was never done, it is overdue from today on.
fn overdue(last: Option<NaiveDate>, every: Duration, now: Instant) -> Option<NaiveDate> {
    let today = now.date_naive();
    let Some(last) = last else { return Some(today) };
    let days = i64::try_from(every.whole_seconds() / 86_400).ok()?;
    let due = last.checked_add_signed(TimeDelta::try_days(days)?)?;
    (due < today).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_today_is_not_overdue() {
        let now: Instant = "2026-12-01T12:00:00Z".parse().unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |last: Option<&str>| overdue(last.map(day), Duration::from_days(30), now);
        assert_eq!(of(Some("2026-11-01")), None);
        assert_eq!(of(Some("2026-10-31")), Some(day("2026-11-30")));
        assert_eq!(of(None), Some(day("2026-12-01")));
    }
}
