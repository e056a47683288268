//! Whether somebody took an incident on in time.
use super::{
    Record,
    levels::{CountedFrom, Level, Levels, SeverityAt},
};
use crate::kernel::units::Instant;
use chrono::TimeDelta;

/// Whether the response time was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Somebody acknowledged within the limit, which is part of it.
    Met,
    /// Somebody acknowledged later, or nobody has and the limit is over.
    Breached,
    /// Nobody has acknowledged, and the limit is not over.
    Pending,
    /// The severity has no response time.
    NoLimit,
    /// Something that is needed is not written down: when it was detected, or its severity.
    Unknown,
}

impl Outcome {
    /// As it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Pending => "pending",
            Self::NoLimit => "no limit",
            Self::Unknown => "unknown",
        }
    }
}

/// How fast somebody took an incident on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Whether that was in time.
    pub outcome: Outcome,
    /// The severity that set the limit.
    pub severity: Option<String>,
    /// The limit.
    pub limit: Option<TimeDelta>,
    /// When it is over.
    pub deadline: Option<Instant>,
    /// The time that counts until somebody acknowledged, or until now.
    pub took: Option<TimeDelta>,
}

impl Response {
    const UNKNOWN: Self =
        Self { outcome: Outcome::Unknown, severity: None, limit: None, deadline: None, took: None };

    /// Holds an incident against the response times of its severities.
    ///
    /// The severity is the one that it has when its own response time is over, or when somebody acknowledges,
    /// whichever is earlier: raising it later changes nothing, and raising it before does not start the time again.
    pub fn of(record: &Record, levels: &Levels, now: Instant) -> Self {
        let clocks = &record.clocks;
        let begin = match levels.counted_from {
            CountedFrom::Detected => clocks.detected,
            CountedFrom::Declared => clocks.declared,
        };
        let Some(begin) = begin else { return Self::UNKNOWN };
        let end = clocks.acknowledged.unwrap_or(now);
        let Some(level) = deciding(record, levels, begin, end) else { return Self::UNKNOWN };
        let severity = Some(level.name.clone());
        let took = level.counted(begin, end);
        let Some(limit) = level.response_time else {
            let took = clocks.acknowledged.map(|_| took);
            return Self { outcome: Outcome::NoLimit, severity, took, ..Self::UNKNOWN };
        };
        let outcome = if took > limit {
            Outcome::Breached
        } else if clocks.acknowledged.is_some() {
            Outcome::Met
        } else if clocks.status().is_open() {
            Outcome::Pending
        } else {
            // Nobody acknowledged what was resolved: in time or not, nobody can say.
            Outcome::Unknown
        };
        Self {
            outcome,
            severity,
            limit: Some(limit),
            deadline: level.deadline(begin),
            took: Some(took),
        }
    }
}

/// The severity that sets the limit.
fn deciding<'l>(
    record: &Record,
    levels: &'l Levels,
    begin: Instant,
    end: Instant,
) -> Option<&'l Level> {
    let known = |name: &str| levels.get(name);
    if levels.severity_at == SeverityAt::Highest {
        return record.severities().filter_map(|(_, name)| known(name)).min_by_key(|one| one.rank);
    }
    let mut current = record.severity_at(begin)?;
    for (since, name) in record.severities() {
        let Some(since) = since.filter(|since| *since > begin && *since <= end) else { continue };
        let over = known(current).and_then(|level| level.deadline(begin));
        if over.is_some_and(|over| over < since) {
            break;
        }
        current = name;
    }
    known(current)
}
