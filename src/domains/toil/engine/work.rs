//! Pieces of toil, and how much of it there is.
use crate::kernel::{
    time::Period,
    units::{Duration, Instant},
};
use chrono::{Datelike as _, NaiveDate};
use std::collections::BTreeMap;

/// The first day of a month, which stands for the month.
pub type MonthStart = NaiveDate;

/// Where it is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Somebody wrote it down.
    Logged,
    /// The transcript of a runbook.
    Runbook,
    /// An incident that somebody took on.
    Page,
}

impl Source {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Logged, Self::Runbook, Self::Page];

    /// As it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logged => "logged",
            Self::Runbook => "runbook",
            Self::Page => "page",
        }
    }
}

/// When it was done, and how long that took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// Some time within a month.
    Within {
        /// The first day of the month.
        month: MonthStart,
        /// How often.
        count: u32,
        /// How long each time.
        each: Duration,
    },
    /// From an instant to another.
    During(Period),
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What was done.
    pub task: String,
    /// Who did it; `None` for somebody in the team.
    pub person: Option<String>,
    /// Where it is known from.
    pub source: Source,
    /// When and how long.
    pub spent: Spent,
}

/// Work of one task, person, source and month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What was done.
    pub task: String,
    /// Who did it.
    pub person: Option<String>,
    /// Where it is known from.
    pub source: Source,
    /// The first day of the month.
    pub month: MonthStart,
    /// How often.
    pub count: u32,
    /// How long altogether. Unit: milliseconds.
    pub milliseconds: u64,
}

/// What is counted together: task, person, source, month.
type Key = (String, Option<String>, Source, MonthStart);

/// All work by task, person, source and month, sorted.
///
/// An hour of one person counts once: where two pieces with known times overlap, such as a runbook that was run
/// during an incident, the time is that of the runbook; of two of the same source, that of the one that began
/// first. Work that goes on over the end of a month is divided there, by UTC; it counts where it began.
pub fn shares(work: &[Work]) -> Vec<Share> {
    let mut found: BTreeMap<Key, (u32, u64)> = BTreeMap::new();
    let mut add = |work: &Work, month: MonthStart, count: u32, milliseconds: u64| {
        let key = (work.task.clone(), work.person.clone(), work.source, month);
        let entry = found.entry(key).or_default();
        entry.0 = entry.0.saturating_add(count);
        entry.1 = entry.1.saturating_add(milliseconds);
    };
    let mut timed: Vec<(&Work, Period)> = Vec::new();
    for one in work {
        match one.spent {
            Spent::Within { month, count, each } => {
                let milliseconds = each.milliseconds().saturating_mul(u64::from(count));
                add(one, month, count, milliseconds);
            }
            Spent::During(period) => timed.push((one, period)),
        }
    }
    timed.sort_by_key(|(work, period)| (work.source, period.from, period.to, work.task.clone()));
    // What of each person's time is taken, apart and in order.
    let mut taken: BTreeMap<Option<&str>, Vec<Period>> = BTreeMap::new();
    for (work, period) in timed {
        let busy = taken.entry(work.person.as_deref()).or_default();
        // Time of somebody in the team may be that of another: it is not taken from anybody.
        let free = if work.person.is_some() { without(period, busy) } else { vec![period] };
        add(work, month_of(period.from), 1, 0);
        for part in free {
            for (month, milliseconds) in by_month(part) {
                add(work, month, 0, milliseconds);
            }
            busy.push(part);
        }
        busy.sort_by_key(|period| period.from);
    }
    found
        .into_iter()
        .map(|((task, person, source, month), (count, milliseconds))| Share {
            task,
            person,
            source,
            month,
            count,
            milliseconds,
        })
        .collect()
}

/// What of a period lies outside of others, which are in order.
fn without(period: Period, busy: &[Period]) -> Vec<Period> {
    let (mut from, mut free) = (period.from, Vec::new());
    for other in busy {
        if other.to <= from || other.from >= period.to {
            continue;
        }
        if other.from > from {
            free.push(Period { from, to: other.from });
        }
        from = from.max(other.to);
    }
    if from < period.to {
        free.push(Period { from, to: period.to });
    }
    free
}

/// The first day of the month of an instant, by UTC.
pub fn month_of(at: Instant) -> MonthStart {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day)
}

/// The milliseconds of a period in each of its months.
fn by_month(period: Period) -> Vec<(MonthStart, u64)> {
    let (mut from, mut parts) = (period.from, Vec::new());
    while from < period.to {
        let month = month_of(from);
        let next = month.checked_add_months(chrono::Months::new(1));
        let next = next.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|start| start.and_utc());
        let to = next.filter(|next| *next > from).map_or(period.to, |next| next.min(period.to));
        parts.push((month, u64::try_from((to - from).num_milliseconds()).unwrap_or(0)));
        from = to;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn during(task: &str, source: Source, from: &str, to: &str) -> Work {
        let period = Period { from: from.parse().unwrap(), to: to.parse().unwrap() };
        Work {
            task: task.to_owned(),
            person: Some("alice".to_owned()),
            source,
            spent: Spent::During(period),
        }
    }

    /// Task, month, how often, minutes.
    fn found(work: &[Work]) -> Vec<(String, String, u32, u64)> {
        let share = |share: Share| {
            (share.task, share.month.to_string(), share.count, share.milliseconds / 60_000)
        };
        shares(work).into_iter().map(share).collect()
    }

    #[test]
    fn an_hour_counts_once() {
        let work = [
            during("incident", Source::Page, "2026-05-14T09:00:00Z", "2026-05-14T10:00:00Z"),
            during("restart", Source::Runbook, "2026-05-14T09:10:00Z", "2026-05-14T09:30:00Z"),
            during("restart", Source::Runbook, "2026-05-14T09:20:00Z", "2026-05-14T09:40:00Z"),
        ];
        let may = || "2026-05-01".to_owned();
        assert_eq!(
            found(&work),
            [("incident".to_owned(), may(), 1, 30), ("restart".to_owned(), may(), 2, 30)]
        );
    }

    #[test]
    fn hours_of_several_people_are_theirs() {
        let mut other = during("a", Source::Page, "2026-05-14T09:00:00Z", "2026-05-14T10:00:00Z");
        other.person = Some("bob".to_owned());
        let one = during("a", Source::Page, "2026-05-14T09:00:00Z", "2026-05-14T10:00:00Z");
        let total: u64 = found(&[one, other]).iter().map(|(.., minutes)| minutes).sum();
        assert_eq!(total, 120);
    }

    #[test]
    fn work_over_the_end_of_a_month_is_divided() {
        let work = [during("a", Source::Page, "2026-05-31T23:30:00Z", "2026-06-01T01:00:00Z")];
        assert_eq!(
            found(&work),
            [
                ("a".to_owned(), "2026-05-01".to_owned(), 1, 30),
                ("a".to_owned(), "2026-06-01".to_owned(), 0, 60)
            ]
        );
    }

    #[test]
    fn logged_work_is_what_was_written() {
        let month = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        let work = Work {
            task: "a".to_owned(),
            person: None,
            source: Source::Logged,
            spent: Spent::Within { month, count: 12, each: Duration::from_minutes(20) },
        };
        assert_eq!(found(&[work]), [("a".to_owned(), "2026-05-01".to_owned(), 12, 240)]);
    }
}
