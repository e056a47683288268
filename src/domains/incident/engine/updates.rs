//! Whether those who are affected were told often enough how it stands.
use super::{EventType, Record, levels::Levels};
use crate::kernel::units::Instant;
use chrono::TimeDelta;

/// How often those who are affected were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cadence {
    /// How many times.
    pub updates: usize,
    /// Stretches of time in which they should have been told again.
    pub late: Vec<Silence>,
    /// When they are to be told next; `None` once it is mitigated, and where the severity asks for no updates.
    pub next_due: Option<Instant>,
}

/// A stretch of time without an update that was too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Its beginning.
    pub from: Instant,
    /// Its end, or now.
    pub to: Instant,
    /// How long it may have been.
    pub allowed: TimeDelta,
}

impl Cadence {
    /// From when somebody declared the incident, or acknowledged or detected it where nobody did, until it was
    /// mitigated or resolved. Each stretch goes by the severity at its beginning, or by the one that it is changed
    /// to where that asks for an update earlier.
    pub fn of(record: &Record, levels: &Levels, now: Instant) -> Self {
        let clocks = &record.clocks;
        let begin = clocks.declared.or(clocks.acknowledged).or(clocks.detected);
        let over = [clocks.mitigated, clocks.resolved, clocks.closed, clocks.cancelled];
        let over = over.into_iter().flatten().min();
        let Some(begin) = begin else { return Self::default() };
        let end = over.unwrap_or(now);
        let told: Vec<Instant> = record
            .events
            .iter()
            .filter(|event| event.event == EventType::Update)
            .map(|event| event.at)
            .filter(|at| *at > begin && *at < end)
            .collect();
        let mut cadence = Self { updates: told.len(), ..Self::default() };
        let mut from = begin;
        for to in told.into_iter().chain([end]) {
            if let Some((allowed, due)) = due(record, levels, from, to)
                && due < to
            {
                cadence.late.push(Silence { from, to, allowed });
            }
            if to < end {
                from = to;
            }
        }
        if over.is_none() {
            cadence.next_due = due(record, levels, from, now).map(|(_, due)| due);
        }
        cadence
    }

    /// Whether an update is due now.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.next_due.is_some_and(|due| due < now)
    }
}

/// How long a stretch of time without an update may be, and when it is over.
fn due(
    record: &Record,
    levels: &Levels,
    from: Instant,
    to: Instant,
) -> Option<(TimeDelta, Instant)> {
    let due = |name: &str, since: Instant| {
        let every = levels.get(name)?.update_every?;
        Some((every, since.checked_add_signed(every)?))
    };
    let first = record.severity_at(from).and_then(|name| due(name, from));
    let later = record.severities().filter_map(|(since, name)| {
        let since = since.filter(|since| *since > from && *since <= to)?;
        // Its time begins when it was given: who raises a severity is not late at once.
        due(name, since)
    });
    first.into_iter().chain(later).min_by_key(|(_, due)| *due)
}
