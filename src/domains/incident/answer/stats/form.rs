//! The machine form.
use super::{Group, Stats, open, shows};
use crate::{
    domains::incident::{
        answer::Shown,
        engine::{
            durations::Interval,
            frequency,
            summary::{LEVEL, LengthSummary, Lengths},
        },
    },
    kernel::{
        report::{Form, significant_number},
        time::rfc3339,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

/// What many incidents say together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentStatsAnswer {
    /// The present moment, for what goes on.
    as_of: String,
    /// Incidents that began at this instant or later.
    from: String,
    /// And before this one.
    to: String,
    /// What they are grouped by: `severity`, `service`, `cause`, `month` or `nothing`.
    by: &'static str,
    /// How sure intervals are.
    level: Option<Number>,
    /// How many there are; cancelled ones are not counted.
    incidents: usize,
    /// How many of them are open.
    open: usize,
    /// How many were cancelled.
    cancelled: usize,
    /// How many of which no instant is known.
    undated: usize,
    /// The groups.
    groups: Vec<StatsGroup>,
    /// How many began in which month.
    months: Vec<StatsMonth>,
}

impl Form for IncidentStatsAnswer {
    const SCHEMA: &'static str = "sre/incident-stats@1";
}

/// A group of incidents.
#[derive(Debug, Serialize, JsonSchema)]
struct StatsGroup {
    /// What they have in common; null for those that lack it.
    group: Option<String>,
    /// How many there are.
    incidents: usize,
    /// How many of them are open.
    open: usize,
    /// How often they happen.
    frequency: FrequencyForm,
    /// Whether somebody answered in time.
    response: ComplianceForm,
    /// How long what took.
    clocks: Vec<ClockForm>,
    /// The same held against the time before; null unless asked for.
    compared: Option<ComparedForm>,
}

/// How often incidents happen.
#[derive(Debug, Serialize, JsonSchema)]
struct FrequencyForm {
    /// Incidents in 30 days.
    per_30_days: Option<Number>,
    /// Between which values the true number lies, if incidents come independently.
    per_30_days_interval: Option<IntervalForm>,
    /// The mean time from the beginning of one to that of the next. Unit: hours.
    hours_between: Option<Number>,
    /// Between which values the true one lies. Unit: hours.
    hours_between_interval: Option<IntervalForm>,
}

/// Whether somebody answered in time.
#[derive(Debug, Serialize, JsonSchema)]
struct ComplianceForm {
    /// In time.
    met: u64,
    /// Not in time.
    breached: u64,
    /// Not acknowledged, and still in time.
    pending: u64,
    /// Not known.
    unknown: u64,
    /// The share that was in time, of those that were or were not.
    share: Option<Number>,
}

/// Between which values something lies.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentInterval")]
struct IntervalForm {
    /// The lower limit.
    lower: Option<Number>,
    /// The upper limit; null where there is none.
    upper: Option<Number>,
    /// How sure that is.
    level: Option<Number>,
}

impl IntervalForm {
    fn of(interval: Interval) -> Self {
        Self {
            lower: significant_number(interval.lower),
            upper: significant_number(interval.upper),
            level: significant_number(interval.level),
        }
    }
}

/// How long something took.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentClock")]
struct ClockForm {
    /// `detect`, `acknowledge`, `engage`, `mitigate` or `resolve`.
    clock: &'static str,
    /// What begins it.
    from: &'static str,
    /// What ends it.
    to: &'static str,
    /// In how many it is over.
    ended: usize,
    /// In how many it goes on.
    going_on: usize,
    /// In how many an end of it is not written down.
    missing: usize,
    /// The median with those that go on (Kaplan and Meier); null where it is not reached. Unit: minutes.
    median_minutes: Option<Number>,
    /// Between which values it lies (Brookmeyer and Crowley). Unit: minutes.
    median_interval: Option<IntervalForm>,
    /// The median of those that are over, by a straight line between the two in the middle. Unit: minutes.
    median_of_ended_minutes: Option<Number>,
    /// Between which values it lies (order statistics); null of fewer than 6. Unit: minutes.
    median_of_ended_interval: Option<IntervalForm>,
    /// The geometric mean of those that are over. Unit: minutes.
    geometric_mean_minutes: Option<Number>,
    /// Between which values it lies (Student's t on logarithms). Unit: minutes.
    geometric_mean_interval: Option<IntervalForm>,
    /// Nine of ten that are over took at most as long; null of fewer than 20. Unit: minutes.
    p90_minutes: Option<Number>,
    /// The longest that is over. Unit: minutes.
    longest_minutes: Option<Number>,
    /// The standard deviation of the logarithms.
    log_deviation: Option<Number>,
    /// How many incidents before and as many after it takes to show that this became a tenth shorter.
    incidents_needed: Option<u64>,
}

/// A group held against the time before, which is as long.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparedForm {
    /// How many incidents there were before.
    incidents_before: usize,
    /// How many times as many there are now; null where there were none before.
    ratio: Option<Number>,
    /// Between which values that lies.
    interval: Option<IntervalForm>,
    /// What is shown: `more`, `fewer` or `nothing`.
    shows: &'static str,
    /// How long what took, as often as before.
    clocks: Vec<ComparedClock>,
}

/// A clock held against the time before.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparedClock {
    /// `detect`, `acknowledge`, `engage`, `mitigate` or `resolve`.
    clock: &'static str,
    /// In how many it was over before.
    ended_before: usize,
    /// The geometric mean now divided by that before; null where it cannot be computed.
    ratio: Option<Number>,
    /// Between which values that lies.
    interval: Option<IntervalForm>,
    /// What is shown: `shorter`, `longer` or `nothing`.
    shows: &'static str,
}

/// A month.
#[derive(Debug, Serialize, JsonSchema)]
struct StatsMonth {
    /// The month.
    month: String,
    /// How many began in it.
    incidents: usize,
    /// How many of them are open.
    open: usize,
}

impl IncidentStatsAnswer {
    pub(super) fn of(stats: &Stats<'_>, shown: &Shown) -> Self {
        let months = stats.months(shown);
        Self {
            as_of: rfc3339(stats.asked.now),
            from: rfc3339(stats.asked.period.from),
            to: rfc3339(stats.asked.period.to),
            by: stats.asked.by.name(),
            level: significant_number(LEVEL),
            incidents: stats.records.len(),
            open: stats.open(),
            cancelled: stats.cancelled,
            undated: stats.undated,
            groups: stats.groups.iter().map(|group| group.form(stats)).collect(),
            months: months
                .iter()
                .map(|(month, records)| StatsMonth {
                    month: month.clone(),
                    incidents: records.len(),
                    open: open(records),
                })
                .collect(),
        }
    }
}

impl Group<'_> {
    fn form(&self, stats: &Stats<'_>) -> StatsGroup {
        let per = 30.0 / stats.days();
        let scaled = |interval: Interval, by: f64| {
            IntervalForm::of(Interval {
                lower: interval.lower * by,
                upper: interval.upper * by,
                ..interval
            })
        };
        let count = self.records.len();
        let compared = stats.asked.compare.then(|| {
            let ratio = self.frequency_ratio();
            let clocks = self.clocks.iter().map(|(lengths, _)| {
                let (ended_before, ratio) = self.length_ratio(lengths, stats.asked.now);
                ComparedClock {
                    clock: lengths.clock.name(),
                    ended_before,
                    ratio: ratio.and_then(|(ratio, _)| significant_number(ratio)),
                    interval: ratio.map(|(_, interval)| IntervalForm::of(interval)),
                    shows: shows(ratio.map(|(_, interval)| interval), ("shorter", "longer")),
                }
            });
            ComparedForm {
                incidents_before: self.before.len(),
                ratio: ratio.and_then(|(ratio, _)| significant_number(ratio)),
                interval: ratio.map(|(_, interval)| IntervalForm::of(interval)),
                shows: shows(ratio.map(|(_, interval)| interval), ("fewer", "more")),
                clocks: clocks.collect(),
            }
        });
        StatsGroup {
            group: self.name.clone(),
            incidents: count,
            open: open(&self.records),
            frequency: FrequencyForm {
                per_30_days: significant_number(count as f64 * per),
                per_30_days_interval: frequency::count_interval(count as u64, LEVEL)
                    .map(|interval| scaled(interval, per)),
                hours_between: self
                    .between
                    .and_then(|between| significant_number(between.mean / 3600.0)),
                hours_between_interval: self
                    .between
                    .and_then(|between| Some(scaled(between.interval?, 1.0 / 3600.0))),
            },
            response: ComplianceForm {
                met: self.compliance.met,
                breached: self.compliance.breached,
                pending: self.compliance.pending,
                unknown: self.compliance.unknown,
                share: self.compliance.share().and_then(significant_number),
            },
            clocks: self
                .clocks
                .iter()
                .map(|(lengths, summary)| clock_form(lengths, summary))
                .collect(),
            compared,
        }
    }
}

fn clock_form(lengths: &Lengths, summary: &LengthSummary) -> ClockForm {
    let (from, to) = lengths.clock.ends();
    let number = |value: Option<f64>| value.and_then(significant_number);
    let interval = |interval: Option<Interval>| interval.map(IntervalForm::of);
    ClockForm {
        clock: lengths.clock.name(),
        from: from.name(),
        to: to.name(),
        ended: lengths.ended.len(),
        going_on: lengths.going_on.len(),
        missing: lengths.missing,
        median_minutes: number(summary.median),
        median_interval: interval(summary.median_interval),
        median_of_ended_minutes: number(summary.median_of_ended),
        median_of_ended_interval: interval(summary.median_of_ended_interval),
        geometric_mean_minutes: number(summary.geometric_mean),
        geometric_mean_interval: interval(summary.geometric_mean_interval),
        p90_minutes: number(summary.p90),
        longest_minutes: number(summary.longest),
        log_deviation: number(summary.deviation),
        incidents_needed: summary.incidents_needed(),
    }
}
