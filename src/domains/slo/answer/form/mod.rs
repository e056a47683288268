//! The machine forms `sre/budget@1` and `sre/burn@1`: what they hold, and their JSON Schema.
//!
//! Fields are never left out: what is not known is null.
pub(super) mod close;
mod dependencies;

use close::{
    AdjustedForm, BoundsForm, ConfidenceForm, ExpectedForm, OutlookForm, PartForm, ReturnsForm,
};
use dependencies::DependenciesForm;

use crate::{
    domains::slo::{
        assess::{Assessment, Outcome, Reading, Span},
        engine::{
            alert::TierReading,
            budget::{Amounts, Budget, BudgetUnit},
            burn::Burn,
            exhaustion::{Exhaustion, Forecast},
        },
    },
    kernel::{
        report::Form,
        series::WindowCount,
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Error budgets: one item for each objective and window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BudgetAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// The objectives.
    items: Vec<BudgetItem>,
}

impl Form for BudgetAnswer {
    const SCHEMA: &'static str = "sre/budget@1";
}

impl BudgetAnswer {
    /// The form of these assessments.
    pub(super) fn of(assessments: &[Assessment<'_>]) -> Self {
        Self { as_of: as_of(assessments), items: assessments.iter().map(BudgetItem::of).collect() }
    }
}

/// Burn rates and alerts: one item for each objective.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BurnAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// The objectives.
    items: Vec<BurnItem>,
}

impl Form for BurnAnswer {
    const SCHEMA: &'static str = "sre/burn@1";
}

impl BurnAnswer {
    /// The form of these assessments.
    pub(super) fn of(assessments: &[Assessment<'_>]) -> Self {
        Self { as_of: as_of(assessments), items: assessments.iter().map(BurnItem::of).collect() }
    }
}

fn as_of(assessments: &[Assessment<'_>]) -> Option<String> {
    assessments.iter().filter_map(Assessment::reading).map(Reading::at).max().map(rfc3339)
}

/// Which objective an item is about.
#[derive(Debug, Serialize, JsonSchema)]
struct Head {
    /// Name of the objective.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// The service it speaks of.
    service: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
    /// Where to read what to do.
    runbook: Option<String>,
    /// State of the budget, of the adjusted one where there is one: `ok`, `burning`, `exhausted`,
    /// `no_data`, `unknown` or `incomplete`.
    state: &'static str,
    /// Why nothing, or not everything, is known, where that is so.
    reason: Option<String>,
    /// Share of events that is to be good.
    target: f64,
    /// Values of the labels by which the objective is grouped.
    group: Option<BTreeMap<String, String>>,
}

impl Head {
    fn of(assessment: &Assessment<'_>) -> Self {
        let objective = &assessment.objective;
        Self {
            name: objective.document.name().to_owned(),
            display_name: objective.document.display_name().to_owned(),
            service: objective.service.map(str::to_owned),
            owner: objective.owner.map(str::to_owned),
            runbook: objective.runbook.clone(),
            state: assessment.state().key(),
            reason: assessment.reason(),
            target: objective.objective.target().as_f64(),
            group: assessment
                .reading()
                .map(|reading| reading.group.clone())
                .filter(|group| !group.is_empty()),
        }
    }
}

/// The error budget of one objective over one window.
#[derive(Debug, Serialize, JsonSchema)]
struct BudgetItem {
    #[serde(flatten)]
    head: Head,
    /// The window.
    window: Window,
    /// How the budget is counted: `occurrences`, `timeslices` or `ratio_timeslices`.
    method: &'static str,
    /// Length of a slice of time, where slices are counted.
    slice: Option<String>,
    /// What `budget` counts: `events`; `minutes` where slices of time are counted; `ratio` where only a
    /// share of good events was given.
    unit: &'static str,
    /// Good events, or slices, as measured.
    good: Option<f64>,
    /// Bad events, or slices.
    bad: Option<f64>,
    /// All events, or slices.
    total: Option<f64>,
    /// Of a calendar window, what the whole period is expected to hold.
    expected: Option<ExpectedForm>,
    /// Share of good events.
    sli: Option<f64>,
    /// The budget, in `unit`.
    budget: Option<Amount>,
    /// The budget in minutes of a total outage at even traffic.
    minutes: Option<Amount>,
    /// Burn rate over the window.
    burn_rate: Option<f64>,
    /// Burn rates over the windows of the alert policy, shortest first.
    burn_rates: Vec<BurnRateOver>,
    /// The tiers of the alert policy.
    alerts: Vec<Alert>,
    /// When the budget is empty if things go on as they do, RFC 3339.
    exhausts_at: Option<String>,
    /// What `exhausts_at` rests on.
    exhaustion: Option<ExhaustionForm>,
    /// Share of the window that was measured.
    coverage: Option<f64>,
    /// Events whose condition could not be judged, and which count as bad.
    unjudged: Option<u64>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
    /// Whether the source extrapolates: counts are close, not exact.
    extrapolated: bool,
    /// The budget with adjustments applied; null where none is in the window.
    adjusted: Option<AdjustedForm>,
    /// Whether the objective is met for sure; null without events.
    confidence: Option<ConfidenceForm>,
    /// What the time that was not measured could change; null where all was, or a period still runs.
    bounds: Option<BoundsForm>,
    /// A forecast with probabilities; null where none was asked for.
    forecast: Option<OutlookForm>,
    /// When spent budget returns; null where the window does not roll.
    returns: Option<ReturnsForm>,
    /// The parts of a composite.
    parts: Vec<PartForm>,
    /// What the dependencies of its service left; null where that was not asked for, and for an objective
    /// that does not speak of the availability of a service.
    dependencies: Option<DependenciesForm>,
}

impl BudgetItem {
    fn of(assessment: &Assessment<'_>) -> Self {
        let (reading, budget) = (assessment.reading(), assessment.measured_budget());
        let count = reading.map(|reading| reading.window.count);
        let left = budget.and_then(|budget| budget.remaining_ratio);
        let stated = matches!(assessment.outcome, Ok(Outcome::Stated(_)));
        let forecast = reading.and_then(|reading| reading.forecast.as_ref());
        let slice = assessment.objective.budgeting.slice().filter(|_| !stated);
        // A slice is so many minutes.
        let scale = slice.map_or(1.0, Duration::minutes);
        let adjusted = reading.and_then(|reading| reading.adjusted.as_ref());
        let counted = budget.map_or(BudgetUnit::Events, |budget| budget.amounts.unit);
        Self {
            head: Head::of(assessment),
            window: Window::of(assessment),
            method: assessment.objective.budgeting.name(),
            slice: slice.map(|slice| slice.to_string()),
            unit: unit(if slice.is_some() { BudgetUnit::Minutes } else { counted }),
            good: count.map(|count| count.events.good),
            bad: count.map(|count| count.events.bad()),
            total: count.map(|count| count.events.total),
            expected: reading.and_then(|reading| reading.calendar.as_ref()).map(ExpectedForm::of),
            sli: budget.and_then(|budget| budget.sli),
            budget: budget.map(|budget| Amount::scaled(&budget.amounts, scale, left)),
            minutes: budget.and_then(Budget::minutes).map(|it| Amount::scaled(&it, 1.0, left)),
            burn_rate: budget.and_then(|budget| budget.burn_rate).map(|rate| rate.0),
            burn_rates: BurnRateOver::all(reading),
            alerts: Alert::all(reading),
            exhausts_at: forecast.and_then(|forecast| forecast.exhaustion.at()).map(rfc3339),
            exhaustion: forecast.map(ExhaustionForm::of),
            coverage: if stated { None } else { count.map(WindowCount::coverage) },
            unjudged: reading.map(|reading| reading.unjudged),
            source: reading.map(|reading| reading.source.clone()),
            extrapolated: reading.is_some_and(|reading| reading.extrapolated),
            adjusted: adjusted.map(|adjusted| AdjustedForm::of(adjusted, scale)),
            confidence: reading
                .and_then(|reading| reading.confidence.as_ref())
                .map(ConfidenceForm::of),
            bounds: reading.and_then(|reading| reading.bounds.as_ref()).map(BoundsForm::of),
            forecast: reading.and_then(|reading| reading.outlook.as_ref()).map(OutlookForm::of),
            returns: reading.and_then(|reading| reading.returns.as_ref()).map(ReturnsForm::of),
            parts: reading
                .map_or_else(Vec::new, |reading| reading.parts.iter().map(PartForm::of).collect()),
            dependencies: reading
                .and_then(|reading| reading.dependencies.as_ref())
                .map(DependenciesForm::of),
        }
    }
}

/// Burn rates of one objective.
#[derive(Debug, Serialize, JsonSchema)]
struct BurnItem {
    #[serde(flatten)]
    head: Head,
    /// The moment that the item speaks of, RFC 3339.
    as_of: Option<String>,
    /// Name of the alert policy, `workbook` for the default; null for one written in place.
    alert_policy: Option<String>,
    /// Burn rates over the windows of the alert policy, shortest first.
    burn_rates: Vec<BurnRateOver>,
    /// The tiers of the alert policy.
    alerts: Vec<Alert>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
}

impl BurnItem {
    fn of(assessment: &Assessment<'_>) -> Self {
        let reading = assessment.reading();
        Self {
            head: Head::of(assessment),
            as_of: reading.map(|reading| rfc3339(reading.at())),
            alert_policy: assessment.objective.alerting_name.map(str::to_owned),
            burn_rates: BurnRateOver::all(reading),
            alerts: Alert::all(reading),
            source: reading.map(|reading| reading.source.clone()),
        }
    }
}

/// A stretch of time.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Window {
    /// Its length, such as `30d`; of a calendar window that of the period that runs.
    length: String,
    /// `rolling`, `calendar`, or `chosen` where the command line says from when to when.
    r#type: &'static str,
    /// The calendar's unit: `week`, `month`, `quarter` or `year`.
    calendar: Option<&'static str>,
    /// The zone in whose calendar it begins.
    time_zone: Option<String>,
    /// Its beginning, RFC 3339.
    from: Option<String>,
    /// Its end, not in it, RFC 3339; of a calendar window that of the period, which may be to come.
    to: Option<String>,
}

impl Window {
    pub(super) fn of(assessment: &Assessment<'_>) -> Self {
        let reading = assessment.reading();
        let own = assessment.objective.objective;
        let objective = reading.map_or(own, |reading| reading.window.budget.objective);
        let chosen = reading.is_some_and(|reading| reading.span == Span::Chosen);
        let calendar = assessment.objective.window.calendar().filter(|_| !chosen);
        Self {
            length: objective.window().to_string(),
            r#type: match calendar {
                _ if chosen => "chosen",
                Some(_) => "calendar",
                None => "rolling",
            },
            calendar: calendar.map(|calendar| calendar.unit.name()),
            time_zone: calendar.map(|calendar| calendar.zone.name().to_owned()),
            from: reading.map(|reading| rfc3339(reading.window.from)),
            to: reading.map(|reading| rfc3339(reading.window.to)),
        }
    }
}

/// What may be bad, what was, and what is left.
#[derive(Debug, Serialize, JsonSchema)]
struct Amount {
    /// What may be bad.
    allowed: f64,
    /// What was bad.
    spent: f64,
    /// `allowed − spent`; negative where the objective is missed.
    remaining: f64,
    /// `1 − spent / allowed`; null without events.
    remaining_ratio: Option<f64>,
}

impl Amount {
    /// The amounts, each so many times as large.
    fn scaled(amounts: &Amounts, scale: f64, remaining_ratio: Option<f64>) -> Self {
        let Amounts { allowed, spent, remaining, .. } = *amounts;
        Self {
            allowed: allowed * scale,
            spent: spent * scale,
            remaining: remaining * scale,
            remaining_ratio,
        }
    }
}

/// The burn rate over one window.
#[derive(Debug, Serialize, JsonSchema)]
struct BurnRateOver {
    /// Length of the window.
    window: String,
    /// Its beginning, RFC 3339.
    from: String,
    /// Its end, not in it, RFC 3339.
    to: String,
    /// Budgets spent per window of the objective: 1 spends the whole budget in exactly one.
    burn_rate: Option<f64>,
    /// Why there is no burn rate, where there is none.
    reason: Option<String>,
    /// Good events.
    good: f64,
    /// Bad events.
    bad: f64,
    /// All events.
    total: f64,
    /// Bad events over all events.
    error_ratio: Option<f64>,
    /// Share of the window that was measured.
    coverage: f64,
}

impl BurnRateOver {
    fn all(reading: Option<&Reading>) -> Vec<Self> {
        reading.map_or_else(Vec::new, |reading| reading.burns.iter().map(Self::of).collect())
    }

    fn of(burn: &Burn) -> Self {
        let events = burn.count.events;
        Self {
            window: burn.window.to_string(),
            from: rfc3339(burn.from),
            to: rfc3339(burn.to),
            burn_rate: burn.rate.ok().map(|rate| rate.0),
            reason: burn.rate.err().map(|reason| reason.to_string()),
            good: events.good,
            bad: events.bad(),
            total: events.total,
            error_ratio: events.error_ratio(),
            coverage: burn.count.coverage(),
        }
    }
}

/// One tier of an alert policy.
#[derive(Debug, Serialize, JsonSchema)]
struct Alert {
    /// What it is called.
    name: String,
    /// `page` or `ticket`.
    severity: &'static str,
    /// Length of the long window.
    long: String,
    /// Length of the short window.
    short: String,
    /// Burn rate that both windows must exceed.
    threshold: f64,
    /// How long both must have been above before it fires; null where it fires at once.
    #[serde(rename = "for")]
    hold: Option<String>,
    /// `firing`, `pending`, `withheld`, `recovering`, `rising`, `quiet`, `unreachable` or `unknown`.
    state: &'static str,
    /// Burn rate over the long window.
    long_burn_rate: Option<f64>,
    /// Burn rate over the short window.
    short_burn_rate: Option<f64>,
    /// Share of the budget that the long window spent.
    budget_share: Option<f64>,
    /// Why the state is what it is, in a sentence.
    sentence: String,
}

impl Alert {
    fn all(reading: Option<&Reading>) -> Vec<Self> {
        reading.map_or_else(Vec::new, |reading| reading.tiers.iter().map(Self::of).collect())
    }

    fn of(reading: &TierReading) -> Self {
        Self {
            name: reading.tier.name.clone(),
            severity: reading.tier.severity.name(),
            long: reading.tier.long.to_string(),
            short: reading.tier.short.to_string(),
            threshold: reading.tier.factor.as_f64(),
            hold: super::words::hold(&reading.tier),
            state: reading.state.name(),
            long_burn_rate: reading.long.rate.ok().map(|rate| rate.0),
            short_burn_rate: reading.short.rate.ok().map(|rate| rate.0),
            budget_share: reading.budget_share,
            sentence: reading.sentence(),
        }
    }
}

/// A moment, where there is one.
fn instant(at: Option<Instant>) -> Option<String> {
    at.map(rfc3339)
}

/// When a budget is empty, and what that rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Exhaustion")]
struct ExhaustionForm {
    /// `overspent`, `at`, `never` or `unknown`.
    state: &'static str,
    /// When, RFC 3339.
    at: Option<String>,
    /// What is taken to go on.
    basis: Option<String>,
    /// The burn rate that is taken to go on.
    burn_rate: Option<f64>,
    /// Share of the objective's window that was measured.
    coverage: f64,
}

impl ExhaustionForm {
    fn of(forecast: &Forecast) -> Self {
        let basis = forecast.basis.as_ref();
        Self {
            state: match forecast.exhaustion {
                Exhaustion::Overspent => "overspent",
                Exhaustion::At(_) => "at",
                Exhaustion::Never => "never",
                Exhaustion::Unknown(_) => "unknown",
            },
            at: forecast.exhaustion.at().map(rfc3339),
            basis: basis.map(|basis| format!("burn rate of the last {} holds", basis.window)),
            burn_rate: basis.and_then(|basis| basis.rate.ok()).map(|rate| rate.0),
            coverage: forecast.coverage,
        }
    }
}

fn unit(unit: BudgetUnit) -> &'static str {
    match unit {
        BudgetUnit::Events => "events",
        BudgetUnit::Minutes => "minutes",
        BudgetUnit::Ratio => "ratio",
    }
}
