//! From logs, transcripts and incidents to what is computed with.
use super::{
    engine::work::{MonthStart, Source, Spent, Work, month_of},
    hours::WORK_WEEK,
    spec::{Automation, Month, TaskSpec, ToilLog},
};
use crate::{
    domains::{
        incident::{engine::EventType, resolve::ResolvedIncident},
        oncall::spec::Team,
        runbook::transcript::RunSummary,
    },
    kernel::{
        spec::{Catalog, Document, Field, Optional as _, Ref, values},
        time::Period,
        units::{Duration, Ratio},
    },
};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// People who do toil together.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The team, or the log of those who are in none.
    pub name: String,
    /// Whose working hours count, sorted.
    pub members: BTreeSet<String>,
    /// The largest share that toil may take.
    pub cap: Ratio,
    /// How long a person works in a week.
    pub week: Duration,
    /// What was done.
    pub work: Vec<Work>,
    /// What it would take to automate tasks, by name.
    pub automation: BTreeMap<String, &'a Automation>,
}

/// Half: Site Reliability Engineering, chapter 5, "Eliminating Toil".
const CAP: Ratio = match Ratio::from_parts(500_000_000) {
    Some(half) => half,
    None => Ratio::ONE,
};

/// The longest time that an incident counts as work of whoever took it on. One that stays open over night is
/// nobody's work all night.
const LONGEST_PAGE: TimeDelta = TimeDelta::hours(8);

/// What incidents are called as a task.
pub const PAGES: &str = "pages";

/// Everything that is known of toil: a group for each team with a log, and for each log without a team.
///
/// Runs of runbooks and incidents count for the team of whoever did them, where it has a log.
pub fn groups<'a>(
    catalog: &'a Catalog,
    runs: &[&RunSummary],
    incidents: &[ResolvedIncident<'_>],
) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<String, Group<'a>> = BTreeMap::new();
    let mut by_runbook: BTreeMap<(String, &'a str), &'a str> = BTreeMap::new();
    for (document, log) in catalog.iter::<ToilLog>() {
        let group = group_of(catalog, document, log, &mut groups);
        let name = group.name.clone();
        for task in values(&log.tasks) {
            let Some(task_name) = task.name.get() else { continue };
            if let Some(automation) = task.automation.value() {
                group.automation.insert(task_name.to_string(), automation);
            }
            if let Some(runbook) = task.runbook.value() {
                by_runbook.insert((name.clone(), runbook.as_str()), task_name.as_str());
            }
        }
        group.work.extend(logged(log));
        if log.team.is_none() {
            group.members.extend(group.work.iter().filter_map(|work| work.person.clone()));
        }
    }
    for group in groups.values_mut() {
        for run in runs.iter().filter(|run| group.members.contains(&run.started.operator)) {
            let runbook = run.started.runbook.as_str();
            let task = by_runbook.get(&(group.name.clone(), runbook)).copied().unwrap_or(runbook);
            group.work.push(Work {
                task: task.to_owned(),
                person: Some(run.started.operator.clone()),
                source: Source::Runbook,
                spent: Spent::During(Period { from: run.at, to: run.last }),
            });
        }
        for incident in incidents {
            group.work.extend(pages(incident, &group.members));
        }
    }
    groups.into_values().collect()
}

fn group_of<'g, 'a>(
    catalog: &Catalog,
    document: &'a Document,
    log: &'a ToilLog,
    groups: &'g mut BTreeMap<String, Group<'a>>,
) -> &'g mut Group<'a> {
    let team = log.team.value().map(Ref::name);
    let name = team.unwrap_or_else(|| document.name()).to_owned();
    let members = team.and_then(|team| catalog.get::<Team>(team)).map(|(_, team)| {
        let people = team.members.get().into_iter().flatten().filter_map(Field::get);
        people.filter_map(|person| Some(person.name.get()?.to_string())).collect()
    });
    let group = groups.entry(name.clone()).or_insert_with(|| Group {
        name,
        members: members.unwrap_or_default(),
        cap: CAP,
        week: WORK_WEEK,
        work: Vec::new(),
        automation: BTreeMap::new(),
    });
    // Of several logs of a team the last that says it counts, by name.
    group.cap = log.cap.value().copied().unwrap_or(group.cap);
    group.week = log.work_week.value().copied().unwrap_or(group.week);
    group
}

/// What a log holds, as far as it says how long it took.
pub fn logged(log: &ToilLog) -> Vec<Work> {
    let entries = values(&log.entries);
    let work = |entry: &super::spec::ToilEntry| {
        let task = entry.task.get()?.to_string();
        let each = entry.each.value().copied().or_else(|| each_of(log, &task))?;
        let day = entry.on.value().map(|day| Month::of(day.0));
        let month = day.or(entry.month.value().copied())?.first();
        let count = entry.count.value().copied().unwrap_or(1);
        Some(Work {
            task,
            person: entry.by.value().map(ToString::to_string),
            source: Source::Logged,
            spent: Spent::Within { month, count, each },
        })
    };
    entries.filter_map(work).collect()
}

/// How long a task takes once, as the log says of it.
pub fn each_of(log: &ToilLog, task: &str) -> Option<Duration> {
    task_of(log, task)?.each.value().copied()
}

/// What a log says of a task.
pub fn task_of<'l>(log: &'l ToilLog, task: &str) -> Option<&'l TaskSpec> {
    values(&log.tasks).find(|known| known.name.get().is_some_and(|name| name.as_str() == task))
}

/// The work of members who took an incident on or have a role in it: from then until users are not affected any
/// more, or it is resolved, at most [`LONGEST_PAGE`]. While it is open nothing is known.
fn pages(incident: &ResolvedIncident<'_>, members: &BTreeSet<String>) -> Vec<Work> {
    let clocks = &incident.record.clocks;
    let Some(end) = clocks.mitigated.or(clocks.resolved) else { return Vec::new() };
    let mut since = BTreeMap::new();
    for event in &incident.record.events {
        let person = match event.event {
            EventType::Acknowledged | EventType::Engaged => event.by.as_deref(),
            EventType::Role => event.role.as_ref().map(|(_, person)| person.as_str()),
            _ => None,
        };
        if let Some(person) = person.filter(|person| members.contains(*person)) {
            since.entry(person.to_owned()).or_insert(event.at);
        }
    }
    let work = |(person, from): (String, crate::kernel::units::Instant)| {
        let to = end.min(from + LONGEST_PAGE);
        (from < to).then(|| Work {
            task: PAGES.to_owned(),
            person: Some(person),
            source: Source::Page,
            spent: Spent::During(Period { from, to }),
        })
    };
    since.into_iter().filter_map(work).collect()
}

/// The months up to that of `last`, in order.
pub fn months(last: NaiveDate, count: u32) -> Vec<MonthStart> {
    let first = Month::of(last).first();
    let back = |months: u32| first.checked_sub_months(chrono::Months::new(months));
    (0..count).rev().filter_map(back).collect()
}

/// The month in which a piece of work began.
pub fn began_in(work: &Work) -> MonthStart {
    match work.spent {
        Spent::Within { month, .. } => month,
        Spent::During(period) => month_of(period.from),
    }
}
