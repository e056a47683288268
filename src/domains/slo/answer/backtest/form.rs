//! The machine form `sre/backtest@1`: what it holds, and its JSON Schema.
//!
//! Fields are never left out: what is not known is null.
use super::{Terms, Truth};
use crate::{
    domains::slo::{
        answer::words,
        backtested::{Backtest, Backtested},
        engine::backtest::{
            Firing, Judged,
            expectation::{FalsePages, Method},
            incidents::gap,
            score::{Delays, Score, Verdict, behind},
        },
    },
    kernel::{
        report::Form,
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What alerts would have said of the past: one item for each objective and group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BacktestAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// The zone whose hours the night has.
    time_zone: String,
    /// The hours of the night, such as `22:00-06:00`.
    night: String,
    /// What counts as an incident.
    truth: TruthForm,
    /// The objectives.
    items: Vec<BacktestItem>,
}

impl Form for BacktestAnswer {
    const SCHEMA: &'static str = "sre/backtest@1";
}

/// What counts as an incident.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Truth")]
struct TruthForm {
    /// `given`: somebody wrote them down; `found`: they are found in what was measured.
    source: &'static str,
    /// Of found ones: more than this share of the budget was spent.
    minimum_share: Option<f64>,
}

/// What alerts would have said of one objective.
#[derive(Debug, Serialize, JsonSchema)]
struct BacktestItem {
    /// Name of the objective.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// Its target, as a share.
    target: f64,
    /// Its window: the length, or the calendar's unit.
    window: String,
    /// Values of the labels by which the objective is grouped; null where it is not.
    group: Option<BTreeMap<String, String>>,
    /// Of found incidents: errors no further apart than this are one.
    gap: Option<String>,
    /// The incidents, in order of time.
    incidents: Vec<IncidentForm>,
    /// What each policy would have said, the objective's own first.
    policies: Vec<PolicyForm>,
    /// Why nothing is known, or not everything, where that is so.
    reason: Option<String>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
    /// Whether the source extrapolates: its counts are close, not exact.
    extrapolated: Option<bool>,
}

/// A time at which something was wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Incident")]
struct IncidentForm {
    /// What it is called; null where it was found, or has no name.
    name: Option<String>,
    /// When it began, RFC 3339.
    from: String,
    /// When it ended, RFC 3339.
    to: String,
    /// Share of the budget of the objective's window that it spent; null without traffic.
    budget_spent: Option<f64>,
}

/// What a policy would have said.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
struct PolicyForm {
    /// Its name.
    name: String,
    /// Time from one evaluation to the next.
    interval: String,
    /// The first moment that was evaluated, RFC 3339.
    from: Option<String>,
    /// The last moment that was evaluated, RFC 3339.
    to: Option<String>,
    /// Share of the history that was measured.
    coverage: f64,
    /// Its alerts, one for each severity: an alert fires while one of its tiers does.
    alerts: Vec<AlertForm>,
    /// Its tiers.
    tiers: Vec<TierForm>,
    /// The pages that chance makes likely; null where pages are judged for less than a day.
    false_pages: Option<FalsePagesForm>,
}

/// What the tiers of one severity would have said together.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Alert")]
struct AlertForm {
    /// `page` or `ticket`.
    severity: &'static str,
    /// Of which moments it is known whether it fires: all of its tiers are judged that are at all. Null where of
    /// none.
    judged: Option<JudgedForm>,
    /// Whether a tier that could fire is judged at no moment, so that silence means nothing.
    silence_is_doubtful: bool,
    /// How well it tells of the incidents.
    score: ScoreForm,
    /// When it fires, in order of time: from the first moment on at which one of its tiers is judged.
    firings: Vec<FiringForm>,
}

/// What one tier would have said.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tier")]
struct TierForm {
    /// Its name.
    name: String,
    /// `page` or `ticket`.
    severity: &'static str,
    /// Its long window.
    long: String,
    /// Its short window.
    short: String,
    /// The burn rate that both must exceed.
    burn_rate: f64,
    /// How long both must have been above before it fires; null where it fires at once.
    #[serde(rename = "for")]
    hold: Option<String>,
    /// Whether a total outage would make it fire.
    can_fire: bool,
    /// Of which moments it is known whether it fires; null where of none.
    judged: Option<JudgedForm>,
    /// Why it is known of no moment, where that is so.
    reason: Option<String>,
    /// How well it tells of the incidents.
    score: ScoreForm,
    /// When it fires, in order of time.
    firings: Vec<FiringForm>,
}

/// The moments of which it is known whether something fires.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "JudgedTime")]
struct JudgedForm {
    /// The first, RFC 3339.
    from: String,
    /// The last, RFC 3339.
    to: String,
    /// How many they are.
    moments: u64,
    /// At how many of them nothing was measured in a window.
    unknown: u64,
}

/// How well something that fires tells of the incidents.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Score")]
struct ScoreForm {
    /// How often it fires.
    firings: u64,
    /// How often it does in 30 days; null where less than a week is judged.
    per_month: Option<f64>,
    /// How often it begins to at night.
    at_night: u64,
    /// How often no incident is behind it.
    false_firings: u64,
    /// Share of the firings that an incident is behind; null where nothing fires.
    precision: Option<f64>,
    /// Share of the incidents that are noticed; null where none is judged. Where it is not known of all, of those
    /// that began when all was judged.
    recall: Option<f64>,
    /// How long it takes to notice them, in seconds.
    detection_seconds: Option<DelaysForm>,
    /// How long it goes on after them, in seconds; below zero where it ends before.
    reset_seconds: Option<DelaysForm>,
    /// The greatest share of the budget that an incident had spent when it was noticed.
    budget_spent_before: Option<f64>,
    /// What it says of each incident, in their order.
    incidents: Vec<VerdictForm>,
}

/// The middle and the worst of several times.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delays")]
struct DelaysForm {
    /// As many are shorter as are longer.
    median: f64,
    /// The longest.
    worst: f64,
}

/// What something that fires says of an incident.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Verdict")]
struct VerdictForm {
    /// `detected`, `missed`, or `not_judged` where nothing fires and not all that could was judged when the incident
    /// began.
    state: &'static str,
    /// When it first fires, RFC 3339.
    at: Option<String>,
    /// Seconds from the beginning of the incident to that; null where it fires at the first judged moment, so that
    /// it may have fired before.
    detection_seconds: Option<f64>,
    /// Share of the budget that the incident had spent by then.
    budget_spent: Option<f64>,
    /// Seconds from the end of the incident to the end of the last firing.
    reset_seconds: Option<f64>,
}

/// A stretch of time in which something fires.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Firing")]
struct FiringForm {
    /// The first evaluation at which it does, RFC 3339.
    from: String,
    /// The first after it at which it does not, RFC 3339; null where it still does at the end.
    to: Option<String>,
    /// Whether it fires at the first judged moment: when it began is not known.
    since_before: bool,
    /// Whether it begins at night.
    at_night: bool,
    /// Share of the budget that the long window before it had spent.
    budget_spent: Option<f64>,
    /// The incidents behind it, by their place in the list, from 0 on; none where it is false.
    incidents: Vec<u64>,
}

/// The pages of a service that meets its objective exactly, with failures that have nothing to do with each other.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FalsePages")]
struct FalsePagesForm {
    /// How many to expect in 30 days at the measured traffic.
    per_month: f64,
    /// Standard error of that; null where it is a bound.
    standard_error: Option<f64>,
    /// `simulated`, or `bound`: no more than that.
    method: &'static str,
    /// How many histories were simulated.
    runs: Option<u32>,
    /// Share of the moments at which one failure alone would fire a tier.
    lone_failure_share: f64,
}

impl BacktestAnswer {
    /// The form of these replays.
    pub(super) fn of(tested: &[Backtested<'_, '_>], terms: &Terms<'_>) -> Self {
        let ends =
            tested.iter().flat_map(|one| &one.policies).filter_map(|one| one.replay.evaluated);
        Self {
            as_of: ends.map(|(_, to)| to).max().map(rfc3339),
            time_zone: terms.zone.name().to_owned(),
            night: terms.night.to_string(),
            truth: match terms.truth {
                Truth::Given => TruthForm { source: "given", minimum_share: None },
                Truth::Found(definition) => {
                    TruthForm { source: "found", minimum_share: Some(definition.share.as_f64()) }
                }
            },
            items: tested.iter().map(|one| BacktestItem::of(one, terms)).collect(),
        }
    }
}

impl BacktestItem {
    fn of(one: &Backtested<'_, '_>, terms: &Terms<'_>) -> Self {
        let (objective, reading) = (&one.assessment.objective, one.assessment.reading());
        Self {
            name: objective.document.name().to_owned(),
            display_name: objective.document.display_name().to_owned(),
            target: objective.objective.target().as_f64(),
            window: objective.window.to_string(),
            group: reading.map(|reading| reading.group.clone()).filter(|group| !group.is_empty()),
            gap: match (terms.truth, reading) {
                (Truth::Found(definition), Some(reading)) => {
                    Some(gap(&reading.series, definition).to_string())
                }
                _ => None,
            },
            incidents: one
                .incidents
                .iter()
                .map(|incident| IncidentForm {
                    name: (!incident.name.is_empty()).then(|| incident.name.clone()),
                    from: rfc3339(incident.from),
                    to: rfc3339(incident.to),
                    budget_spent: super::spent(one, incident),
                })
                .collect(),
            policies: one
                .policies
                .iter()
                .map(|policy| PolicyForm::of(one, policy, terms))
                .collect(),
            reason: one.assessment.reason(),
            source: reading.map(|reading| reading.source.clone()),
            extrapolated: reading.map(|reading| reading.extrapolated),
        }
    }
}

impl PolicyForm {
    fn of(one: &Backtested<'_, '_>, policy: &Backtest, terms: &Terms<'_>) -> Self {
        let replay = &policy.replay;
        let target = one.assessment.objective.objective.target();
        let form = |firings: &[Firing], judged: Option<Judged>, rests_on: Duration| {
            let each = firings.iter().map(|firing| {
                let last = judged.map_or(firing.from, |judged| judged.last);
                FiringForm::of(one, firing, last, rests_on, terms)
            });
            each.collect()
        };
        let alerts = replay.alerts.iter().zip(&policy.alerts).map(|(alert, score)| AlertForm {
            severity: alert.severity.name(),
            judged: alert.judged.map(JudgedForm::of),
            silence_is_doubtful: alert.silence_is_doubtful,
            score: ScoreForm::of(score, alert.per_month(replay), &alert.firings, terms),
            firings: form(&alert.firings, alert.judged, alert.rests_on),
        });
        let tiers = replay.tiers.iter().zip(&policy.tiers).map(|(tier, score)| TierForm {
            name: tier.tier.name.clone(),
            severity: tier.tier.severity.name(),
            long: tier.tier.long.to_string(),
            short: tier.tier.short.to_string(),
            burn_rate: tier.tier.factor.as_f64(),
            hold: words::hold(&tier.tier),
            can_fire: tier.tier.can_fire(target),
            judged: tier.judged.ok().map(JudgedForm::of),
            reason: tier.judged.err().map(|reason| reason.to_string()),
            score: ScoreForm::of(score, tier.per_month(replay), &tier.firings, terms),
            firings: form(&tier.firings, tier.judged.ok(), tier.tier.short.min(tier.tier.long)),
        });
        Self {
            name: policy.name.clone(),
            interval: replay.interval.to_string(),
            from: replay.evaluated.map(|(from, _)| rfc3339(from)),
            to: replay.evaluated.map(|(_, to)| rfc3339(to)),
            coverage: replay.coverage,
            alerts: alerts.collect(),
            tiers: tiers.collect(),
            false_pages: policy.false_pages.map(FalsePagesForm::of),
        }
    }
}

impl JudgedForm {
    fn of(judged: Judged) -> Self {
        Self {
            from: rfc3339(judged.first),
            to: rfc3339(judged.last),
            moments: judged.moments as u64,
            unknown: judged.unknown as u64,
        }
    }
}

impl ScoreForm {
    fn of(score: &Score, per_month: Option<f64>, firings: &[Firing], terms: &Terms<'_>) -> Self {
        Self {
            firings: score.firings as u64,
            per_month,
            at_night: terms.night.count(firings, terms.zone) as u64,
            false_firings: score.false_firings as u64,
            precision: score.precision(),
            recall: score.recall(),
            detection_seconds: score.detection().map(DelaysForm::of),
            reset_seconds: score.reset().map(DelaysForm::of),
            budget_spent_before: score.most_spent(),
            incidents: score.incidents.iter().map(VerdictForm::of).collect(),
        }
    }
}

impl DelaysForm {
    fn of(delays: Delays) -> Self {
        Self { median: seconds(delays.median), worst: seconds(delays.worst) }
    }
}

impl VerdictForm {
    fn of(verdict: &Verdict) -> Self {
        let (state, found) = match verdict {
            Verdict::NotJudged => ("not_judged", None),
            Verdict::Missed => ("missed", None),
            Verdict::Detected(found) => ("detected", Some(found)),
        };
        Self {
            state,
            at: found.map(|found| rfc3339(found.at)),
            detection_seconds: found.and_then(|found| found.after).map(seconds),
            budget_spent: found.and_then(|found| found.spent),
            reset_seconds: found.and_then(|found| found.reset).map(seconds),
        }
    }
}

impl FiringForm {
    fn of(
        one: &Backtested<'_, '_>,
        firing: &Firing,
        last: Instant,
        rests_on: Duration,
        terms: &Terms<'_>,
    ) -> Self {
        Self {
            from: rfc3339(firing.from),
            to: firing.to.map(rfc3339),
            since_before: firing.since_before,
            at_night: terms.night.holds(firing.from, terms.zone),
            budget_spent: firing.spent,
            incidents: behind(firing, last, rests_on, &one.incidents).map(|at| at as u64).collect(),
        }
    }
}

impl FalsePagesForm {
    fn of(found: FalsePages) -> Self {
        let runs = match found.method {
            Method::Bound => None,
            Method::Simulated { runs } => Some(runs),
        };
        Self {
            per_month: found.per_month,
            standard_error: runs.map(|_| found.standard_error),
            method: if runs.is_some() { "simulated" } else { "bound" },
            runs,
            lone_failure_share: found.lone_failure,
        }
    }
}

fn seconds(time: TimeDelta) -> f64 {
    time.num_milliseconds() as f64 / 1000.0
}
