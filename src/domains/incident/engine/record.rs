//! An incident with everything that is computed from.
use super::{Clocks, Event, EventType};
use crate::kernel::{
    time::Period,
    units::{Instant, Ratio},
};
use std::collections::BTreeMap;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// The severity that it has first; `None` where nobody said.
    pub first_severity: Option<String>,
    /// The services that it touches.
    pub services: Vec<String>,
    /// The objectives that it touches.
    pub slos: Vec<String>,
    /// What it came from.
    pub causes: Vec<String>,
    /// When users were touched, as somebody wrote it.
    pub impact: Vec<Impact>,
    /// What happened, in the order of time; of events at the same instant, in that of the file.
    pub events: Vec<Event>,
    /// When what happened.
    pub clocks: Clocks,
}

/// A stretch of time in which users were touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// When it begins.
    pub from: Instant,
    /// When it ends; `None` while it goes on.
    pub to: Option<Instant>,
    /// The objective that it is about; `None` for all of the incident's.
    pub slo: Option<String>,
    /// The share that had it; `None` where nobody said.
    pub bad_fraction: Option<Ratio>,
    /// How many requests were bad; `None` where nobody said.
    pub bad_events: Option<u64>,
}

impl Record {
    /// The record with its events brought into order, and its clocks read off them.
    #[must_use]
    pub fn with_events(self, mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| (event.at, event.position));
        let clocks = Clocks::of(&events);
        Self { events, clocks, ..self }
    }

    /// Each severity that it has had, and since when; the first since ever.
    pub fn severities(&self) -> impl Iterator<Item = (Option<Instant>, &str)> {
        let changes = self.events.iter().filter(|event| event.event == EventType::Severity);
        let changes =
            changes.filter_map(|event| Some((Some(event.at), event.severity.as_deref()?)));
        self.first_severity.as_deref().map(|first| (None, first)).into_iter().chain(changes)
    }

    /// The severity that it has last.
    pub fn severity(&self) -> Option<&str> {
        self.severities().last().map(|(_, severity)| severity)
    }

    /// The severity that it has at an instant; before anybody gave it one, the first that it gets.
    pub fn severity_at(&self, at: Instant) -> Option<&str> {
        let before =
            self.severities().take_while(|(since, _)| since.is_none_or(|since| since <= at));
        let (_, severity) = before.last().or_else(|| self.severities().next())?;
        Some(severity)
    }

    /// Who has which role last.
    pub fn roles(&self) -> BTreeMap<&str, &str> {
        let roles = self.events.iter().filter_map(|event| event.role.as_ref());
        roles.map(|(role, person)| (role.as_str(), person.as_str())).collect()
    }

    /// Whether it is one, and not a false alarm.
    pub const fn counts(&self) -> bool {
        self.clocks.cancelled.is_none()
    }

    /// When it began: with its impact where that is known, else with the first that is known of it.
    pub fn began(&self) -> Option<Instant> {
        self.clocks.started.or_else(|| self.clocks.first()).or(self.events.first().map(|e| e.at))
    }

    /// When users were touched, apart and in order, at the latest until `now`.
    ///
    /// What somebody wrote as impact on this objective counts; else from each start, or reopening, until it is
    /// mitigated or resolved. Nothing where the start is not known.
    pub fn impact_periods(&self, slo: Option<&str>, now: Instant) -> Vec<Period> {
        let about = |impact: &&Impact| match (&impact.slo, slo) {
            (Some(of), Some(slo)) => of == slo,
            (None, _) | (_, None) => true,
        };
        let written: Vec<Period> = self
            .impact
            .iter()
            .filter(about)
            .map(|impact| Period { from: impact.from, to: impact.to.unwrap_or(now).min(now) })
            .collect();
        joined(if self.impact.is_empty() { self.derived_periods(now) } else { written })
    }

    fn derived_periods(&self, now: Instant) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut since = None;
        for event in &self.events {
            match event.event {
                EventType::Started | EventType::Reopened => {
                    since.get_or_insert(event.at);
                }
                EventType::Mitigated
                | EventType::Resolved
                | EventType::Closed
                | EventType::Cancelled => {
                    let from = since.take();
                    periods.extend(from.map(|from| Period { from, to: event.at.min(now) }));
                }
                EventType::Detected
                | EventType::Declared
                | EventType::Acknowledged
                | EventType::Engaged
                | EventType::Severity
                | EventType::Role
                | EventType::Update
                | EventType::Note => {}
            }
        }
        periods.extend(since.map(|from| Period { from, to: now }));
        periods
    }
}

/// Periods in order, with those that meet or overlap made one, and without empty ones.
pub fn joined(mut periods: Vec<Period>) -> Vec<Period> {
    periods.retain(|period| period.from < period.to);
    periods.sort_by_key(|period| (period.from, period.to));
    let mut joined: Vec<Period> = Vec::new();
    for period in periods {
        match joined.last_mut().filter(|last| period.from <= last.to) {
            Some(last) => last.to = last.to.max(period.to),
            None => joined.push(period),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::incident::engine::{Clock, Disorder, Status};
    use chrono::TimeDelta;

    fn at(minute: i64) -> Instant {
        let start: Instant = "2026-05-14T09:00:00Z".parse().unwrap();
        start + TimeDelta::minutes(minute)
    }

    fn record(events: &[(i64, EventType)]) -> Record {
        let events = events.iter().enumerate().map(|(position, (minute, event))| Event {
            position,
            ..Event::new(at(*minute), *event)
        });
        let empty = Record {
            id: "one".to_owned(),
            title: String::new(),
            first_severity: Some("SEV-2".to_owned()),
            services: Vec::new(),
            slos: Vec::new(),
            causes: Vec::new(),
            impact: Vec::new(),
            events: Vec::new(),
            clocks: Clocks::default(),
        };
        empty.with_events(events.collect())
    }

    fn period(from: i64, to: i64) -> Period {
        Period { from: at(from), to: at(to) }
    }

    #[test]
    fn what_is_not_known_is_missing_and_not_zero() {
        let record = record(&[(4, EventType::Detected), (9, EventType::Acknowledged)]);
        assert_eq!(record.clocks.elapsed(Clock::Detect), None);
        assert_eq!(record.clocks.elapsed(Clock::Acknowledge), Some(TimeDelta::minutes(5)));
        assert_eq!(record.clocks.status(), Status::Acknowledged);
        assert_eq!(record.impact_periods(None, at(60)), []);
    }

    #[test]
    fn the_order_of_the_file_does_not_matter_and_ends_in_the_wrong_order_are_no_time() {
        let record = record(&[
            (30, EventType::Mitigated),
            (12, EventType::Detected),
            (10, EventType::Started),
            (5, EventType::Acknowledged),
        ]);
        assert_eq!(record.clocks.elapsed(Clock::Mitigate), Some(TimeDelta::minutes(20)));
        assert_eq!(record.clocks.elapsed(Clock::Acknowledge), None);
        let disorders = record.clocks.disorders();
        assert_eq!(
            disorders,
            [Disorder {
                first: (EventType::Detected, at(12)),
                second: (EventType::Acknowledged, at(5))
            }]
        );
    }

    #[test]
    fn what_is_reopened_is_neither_mitigated_nor_resolved() {
        let mut events = vec![
            (0, EventType::Started),
            (10, EventType::Mitigated),
            (12, EventType::Resolved),
            (30, EventType::Reopened),
        ];
        let reopened = record(&events);
        assert_eq!(reopened.clocks.status(), Status::Open);
        assert_eq!(reopened.impact_periods(None, at(60)), [period(0, 10), period(30, 60)]);
        events.extend([(40, EventType::Mitigated), (41, EventType::Mitigated)]);
        let again = record(&events);
        assert_eq!(again.clocks.elapsed(Clock::Mitigate), Some(TimeDelta::minutes(40)));
        assert_eq!(again.impact_periods(None, at(60)), [period(0, 10), period(30, 40)]);
    }

    #[test]
    fn a_severity_holds_from_when_it_was_given() {
        let mut record = record(&[(0, EventType::Declared), (20, EventType::Severity)]);
        for event in &mut record.events {
            event.severity = (event.event == EventType::Severity).then(|| "SEV-1".to_owned());
        }
        assert_eq!(record.severity_at(at(19)), Some("SEV-2"));
        assert_eq!(record.severity_at(at(20)), Some("SEV-1"));
        assert_eq!(record.severity(), Some("SEV-1"));
        record.first_severity = None;
        assert_eq!(record.severity_at(at(0)), Some("SEV-1"));
    }

    #[test]
    fn written_impact_counts_before_what_is_derived() {
        let mut record = record(&[(0, EventType::Started), (50, EventType::Mitigated)]);
        let impact = |from, to: Option<i64>, slo: Option<&str>| Impact {
            from: at(from),
            to: to.map(at),
            slo: slo.map(str::to_owned),
            bad_fraction: None,
            bad_events: None,
        };
        record.impact =
            vec![impact(20, None, Some("b")), impact(5, Some(8), None), impact(7, Some(9), None)];
        assert_eq!(record.impact_periods(Some("a"), at(60)), [period(5, 9)]);
        assert_eq!(record.impact_periods(Some("b"), at(60)), [period(5, 9), period(20, 60)]);
    }
}
