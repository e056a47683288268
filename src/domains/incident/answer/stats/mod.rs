//! What many incidents say together, and how sure that is: the answer of `sre incident stats`.
//!
//! This file makes groups; `form` is the machine form, `tables` what people read.
mod form;
mod tables;

pub use form::IncidentStatsAnswer;
pub use tables::report;

use super::Shown;
use crate::{
    domains::incident::{
        engine::{
            Clock, Record,
            durations::{Interval, Logarithms},
            frequency::{self, TimeBetween},
            summary::{Compliance, LEVEL, LEVEL_RATIO, LengthSummary, Lengths, time_between},
        },
        resolve::{ResolvedIncident, Severities},
    },
    kernel::{spec::Catalog, time::Period, units::Instant},
};
use std::collections::BTreeMap;

/// What incidents are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The severity that each has last.
    #[default]
    Severity,
    /// The services that each touches; one that touches several is in several groups.
    Service,
    /// The causes; one with several is in several groups.
    Cause,
    /// The month in which each began.
    Month,
    /// All of them together.
    Nothing,
}

impl By {
    /// As it is written.
    pub const NAMES: [&'static str; 5] = ["severity", "service", "cause", "month", "nothing"];

    /// What a word means.
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Severity, Self::Service, Self::Cause, Self::Month, Self::Nothing];
        let at = Self::NAMES.iter().position(|name| *name == word)?;
        all.get(at).copied()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Severity => Self::NAMES[0],
            Self::Service => Self::NAMES[1],
            Self::Cause => Self::NAMES[2],
            Self::Month => Self::NAMES[3],
            Self::Nothing => Self::NAMES[4],
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::Severity => "Severity",
            Self::Service => "Service",
            Self::Cause => "Cause",
            Self::Month => "Month",
            Self::Nothing => "Group",
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The present moment.
    pub now: Instant,
    /// Incidents that began in this time.
    pub period: Period,
    /// What they are grouped by.
    pub by: By,
    /// Whether they are held against those of the time before, which is as long.
    pub compare: bool,
}

/// Incidents of a group: those of the time that is asked for, and the records of those of the time before.
type Members<'r, 'c> = (Vec<&'r ResolvedIncident<'c>>, Vec<&'r Record>);

/// A group with what it says.
pub struct Group<'r> {
    /// What its incidents have in common; `None` for those that lack it.
    pub name: Option<String>,
    /// Its incidents.
    pub records: Vec<&'r Record>,
    before: Vec<&'r Record>,
    compliance: Compliance,
    clocks: Vec<(Lengths, LengthSummary)>,
    between: Option<TimeBetween>,
}

/// Incidents of the time that is asked for, in their groups.
pub struct Stats<'r> {
    asked: Asked,
    /// The groups, in their order.
    pub groups: Vec<Group<'r>>,
    /// All incidents that count.
    pub records: Vec<&'r Record>,
    cancelled: usize,
    undated: usize,
    mixes_severities: bool,
}

impl<'r> Stats<'r> {
    /// Groups incidents and computes what each group says.
    pub fn of(
        catalog: &Catalog,
        incidents: &'r [ResolvedIncident<'_>],
        asked: Asked,
        shown: &Shown,
    ) -> Self {
        let severities = Severities::of(catalog);
        let length = asked.period.to - asked.period.from;
        let earlier = Period { from: asked.period.from - length, to: asked.period.from };
        let (mut now, mut before) = (Vec::new(), Vec::new());
        let (mut cancelled, mut undated) = (0, 0);
        for incident in incidents {
            let record = &incident.record;
            let Some(began) = record.began() else {
                undated += 1;
                continue;
            };
            if asked.period.contains(began) && record.counts() {
                now.push(incident);
            } else if asked.period.contains(began) {
                cancelled += 1;
            } else if earlier.contains(began) && record.counts() && asked.compare {
                before.push(incident);
            }
        }
        let mut groups: BTreeMap<(u16, Option<String>), Members<'_, '_>> = BTreeMap::new();
        for incident in &now {
            for key in keys(incident, &severities, asked.by, shown) {
                groups.entry(key).or_default().0.push(incident);
            }
        }
        for incident in &before {
            // Months before are not those of now.
            for key in keys(incident, &severities, asked.by, shown) {
                if asked.by != By::Month {
                    groups.entry(key).or_default().1.push(&incident.record);
                }
            }
        }
        let groups = groups.into_iter().map(|((_, name), (own, before))| {
            let records: Vec<&'r Record> = own.iter().map(|incident| &incident.record).collect();
            let clocks = Clock::ALL.into_iter().map(|clock| {
                let lengths = Lengths::of(clock, records.iter().copied(), asked.now);
                let summary = lengths.summary();
                (lengths, summary)
            });
            let mut compliance = Compliance::default();
            for incident in &own {
                let levels = severities.of_incident(incident.spec);
                compliance.add(Compliance::of([&incident.record], levels, asked.now));
            }
            Group {
                name,
                clocks: clocks.collect(),
                compliance,
                between: time_between(records.iter().copied()),
                before,
                records,
            }
        });
        let mut named: Vec<Option<&str>> = now.iter().map(|one| one.record.severity()).collect();
        named.sort_unstable();
        named.dedup();
        Self {
            asked,
            groups: groups.collect(),
            records: now.into_iter().map(|incident| &incident.record).collect(),
            cancelled,
            undated,
            mixes_severities: named.len() > 1 && asked.by != By::Severity,
        }
    }

    fn open(&self) -> usize {
        open(&self.records)
    }

    fn days(&self) -> f64 {
        (self.asked.period.to - self.asked.period.from).as_seconds_f64() / 86_400.0
    }

    /// How many began in each month of the time, also where that is none.
    pub fn months(&self, shown: &Shown) -> Vec<(String, Vec<&'r Record>)> {
        let mut months: BTreeMap<String, Vec<&'r Record>> = BTreeMap::new();
        for record in &self.records {
            let month = record.began().map(|began| month(began, shown)).unwrap_or_default();
            months.entry(month).or_default().push(record);
        }
        // Months in between, too, in which nothing happened.
        let mut at = self.records.iter().filter_map(|record| record.began()).min();
        let last = months.keys().next_back().cloned();
        while let (Some(instant), Some(last)) = (at, &last) {
            let name = month(instant, shown);
            if name >= *last {
                break;
            }
            months.entry(name).or_default();
            at = instant.checked_add_signed(chrono::TimeDelta::days(27));
        }
        months.into_iter().collect()
    }
}

fn open(records: &[&Record]) -> usize {
    records.iter().filter(|record| record.clocks.status().is_open()).count()
}

fn month(at: Instant, shown: &Shown) -> String {
    shown.0.local(at).format("%Y-%m").to_string()
}

/// The groups of an incident, each with its place among the others.
fn keys(
    incident: &ResolvedIncident<'_>,
    severities: &Severities,
    by: By,
    shown: &Shown,
) -> Vec<(u16, Option<String>)> {
    const LAST: u16 = u16::MAX;
    let record = &incident.record;
    let each = |names: &[String]| -> Vec<(u16, Option<String>)> {
        if names.is_empty() {
            return vec![(LAST, None)];
        }
        names.iter().map(|name| (0, Some(name.clone()))).collect()
    };
    match by {
        By::Nothing => vec![(0, Some("all".to_owned()))],
        By::Service => each(&record.services),
        By::Cause => each(&record.causes),
        By::Month => record.began().map(|at| (0, Some(month(at, shown)))).into_iter().collect(),
        By::Severity => {
            let Some(name) = record.severity() else { return vec![(LAST, None)] };
            let rank = severities.of_incident(incident.spec).get(name).map(|level| level.rank);
            vec![(rank.map_or(LAST - 1, u16::from), Some(name.to_owned()))]
        }
    }
}

/// What an interval of a ratio shows.
fn shows(interval: Option<Interval>, (below, above): (&'static str, &'static str)) -> &'static str {
    match interval {
        Some(interval) if interval.upper < 1.0 => below,
        Some(interval) if interval.lower > 1.0 => above,
        _ => "nothing",
    }
}

impl Group<'_> {
    /// How long something took in it.
    pub fn lengths(&self, clock: Clock) -> Option<(&Lengths, &LengthSummary)> {
        let found = self.clocks.iter().find(|(lengths, _)| lengths.clock == clock)?;
        Some((&found.0, &found.1))
    }

    /// How many times as often it happens as before.
    fn frequency_ratio(&self) -> Option<(f64, Interval)> {
        let count = |records: &[&Record]| records.len() as u64;
        frequency::rate_ratio(count(&self.records), count(&self.before), 1.0, LEVEL_RATIO)
    }

    /// How many times as long something took as before.
    fn length_ratio(&self, lengths: &Lengths, now: Instant) -> (usize, Option<(f64, Interval)>) {
        let before = Lengths::of(lengths.clock, self.before.iter().copied(), now);
        let ratio = Logarithms::of(&lengths.ended)
            .zip(Logarithms::of(&before.ended))
            .and_then(|(own, before)| own.ratio_to(&before, LEVEL));
        (before.ended.len(), ratio)
    }
}
