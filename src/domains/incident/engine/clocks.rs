//! The clocks of an incident.
//!
//! Impact that begins, is detected, declared, mitigated and resolved are different instants, and "MTTR" has been
//! used for the distance of most of them; each distance has a name of its own here. Source: the clocks of
//! `FireHydrant`'s and Rootly's milestones; Atlassian, "Common incident management metrics", for the four
//! meanings of MTTR.
use super::{Event, EventType};
use crate::kernel::units::Instant;
use chrono::TimeDelta;

/// When what happened. What nobody wrote down is missing; it is never taken for something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Users began to be touched.
    pub started: Option<Instant>,
    /// An alert fired, or somebody noticed.
    pub detected: Option<Instant>,
    /// Somebody said that it is an incident.
    pub declared: Option<Instant>,
    /// Somebody took it on.
    pub acknowledged: Option<Instant>,
    /// The first of those who work on it began to.
    pub engaged: Option<Instant>,
    /// Users are not touched any more, since it was last reopened.
    pub mitigated: Option<Instant>,
    /// It is mended, since it was last reopened.
    pub resolved: Option<Instant>,
    /// There is nothing left to do.
    pub closed: Option<Instant>,
    /// It was no incident.
    pub cancelled: Option<Instant>,
}

/// How far an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody has taken it on.
    Open,
    /// Somebody has.
    Acknowledged,
    /// Users are not touched any more.
    Mitigated,
    /// It is mended.
    Resolved,
    /// There is nothing left to do.
    Closed,
    /// It was none.
    Cancelled,
}

impl Status {
    /// As it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether there is something left to mend.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged | Self::Mitigated)
    }
}

/// A length of time that is measured in each incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// Time to detect: from started to detected.
    Detect,
    /// Time to acknowledge: from detected to acknowledged.
    Acknowledge,
    /// Time to engage: from detected to engaged.
    Engage,
    /// Time to mitigate: from started to mitigated, which is how long users were touched.
    Mitigate,
    /// Time to resolve: from started to resolved.
    Resolve,
}

impl Clock {
    /// All of them, in the order in which they end.
    pub const ALL: [Self; 5] =
        [Self::Detect, Self::Acknowledge, Self::Engage, Self::Mitigate, Self::Resolve];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::Acknowledge => "acknowledge",
            Self::Engage => "engage",
            Self::Mitigate => "mitigate",
            Self::Resolve => "resolve",
        }
    }

    /// From what to what.
    pub const fn ends(self) -> (EventType, EventType) {
        match self {
            Self::Detect => (EventType::Started, EventType::Detected),
            Self::Acknowledge => (EventType::Detected, EventType::Acknowledged),
            Self::Engage => (EventType::Detected, EventType::Engaged),
            Self::Mitigate => (EventType::Started, EventType::Mitigated),
            Self::Resolve => (EventType::Started, EventType::Resolved),
        }
    }
}

/// Two clocks that are not in the order in which things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disorder {
    /// What happens first, and when it was.
    pub first: (EventType, Instant),
    /// What happens behind it, and yet was earlier.
    pub second: (EventType, Instant),
}

impl Clocks {
    /// The clocks that events show, which are in the order of time.
    ///
    /// Of several of a type the first counts; mitigated, resolved and closed count again behind `reopened`.
    pub fn of(events: &[Event]) -> Self {
        let mut clocks = Self::default();
        for event in events {
            if event.event == EventType::Reopened {
                clocks = Self {
                    mitigated: None,
                    resolved: None,
                    closed: None,
                    cancelled: None,
                    ..clocks
                };
            } else if let Some(clock) = clocks.of_mut(event.event) {
                clock.get_or_insert(event.at);
            }
        }
        clocks
    }

    /// When something happened; nothing for what is no clock.
    pub const fn get(&self, event: EventType) -> Option<Instant> {
        match event {
            EventType::Started => self.started,
            EventType::Detected => self.detected,
            EventType::Declared => self.declared,
            EventType::Acknowledged => self.acknowledged,
            EventType::Engaged => self.engaged,
            EventType::Mitigated => self.mitigated,
            EventType::Resolved => self.resolved,
            EventType::Closed => self.closed,
            EventType::Cancelled => self.cancelled,
            EventType::Severity
            | EventType::Role
            | EventType::Update
            | EventType::Note
            | EventType::Reopened => None,
        }
    }

    const fn of_mut(&mut self, event: EventType) -> Option<&mut Option<Instant>> {
        match event {
            EventType::Started => Some(&mut self.started),
            EventType::Detected => Some(&mut self.detected),
            EventType::Declared => Some(&mut self.declared),
            EventType::Acknowledged => Some(&mut self.acknowledged),
            EventType::Engaged => Some(&mut self.engaged),
            EventType::Mitigated => Some(&mut self.mitigated),
            EventType::Resolved => Some(&mut self.resolved),
            EventType::Closed => Some(&mut self.closed),
            EventType::Cancelled => Some(&mut self.cancelled),
            EventType::Severity
            | EventType::Role
            | EventType::Update
            | EventType::Note
            | EventType::Reopened => None,
        }
    }

    /// How far the incident is.
    pub const fn status(&self) -> Status {
        if self.cancelled.is_some() {
            Status::Cancelled
        } else if self.closed.is_some() {
            Status::Closed
        } else if self.resolved.is_some() {
            Status::Resolved
        } else if self.mitigated.is_some() {
            Status::Mitigated
        } else if self.acknowledged.is_some() {
            Status::Acknowledged
        } else {
            Status::Open
        }
    }

    /// How long something took. `None` where an end of it is missing, or where the ends are in the wrong order.
    pub fn elapsed(&self, clock: Clock) -> Option<TimeDelta> {
        let (from, to) = clock.ends();
        let elapsed = self.get(to)? - self.get(from)?;
        (elapsed >= TimeDelta::zero()).then_some(elapsed)
    }

    /// The earliest instant of which something is known.
    pub fn first(&self) -> Option<Instant> {
        EventType::ALL.into_iter().filter_map(|event| self.get(event)).min()
    }

    /// Which of them are in the wrong order: started ≤ detected ≤ declared and acknowledged ≤ mitigated ≤ resolved
    /// ≤ closed. Acknowledging before declaring is usual.
    pub fn disorders(&self) -> Vec<Disorder> {
        const ORDER: [&[EventType]; 6] = [
            &[EventType::Started],
            &[EventType::Detected],
            &[EventType::Declared, EventType::Acknowledged, EventType::Engaged],
            &[EventType::Mitigated],
            &[EventType::Resolved],
            &[EventType::Closed],
        ];
        let mut found = Vec::new();
        // The latest so far, so that a missing clock in between hides nothing.
        let mut latest: Option<(EventType, Instant)> = None;
        for group in ORDER {
            let known: Vec<(EventType, Instant)> =
                group.iter().filter_map(|event| Some((*event, self.get(*event)?))).collect();
            if let Some(first) = latest {
                let wrong = known.iter().filter(|(_, at)| *at < first.1);
                found.extend(wrong.map(|second| Disorder { first, second: *second }));
            }
            latest = latest.into_iter().chain(known).max_by_key(|(_, at)| *at);
        }
        found
    }
}
