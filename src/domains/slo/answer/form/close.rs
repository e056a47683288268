//! What the machine form of a budget says beyond the numbers of its window: how sure they are, what was
//! adjusted, what is to come, who lost what.
use super::{Amount, instant};
use crate::{
    domains::slo::{
        adjustments::Applied,
        assess::AdjustedBudget,
        engine::{
            adjust::Mode,
            bounds::Bounds,
            budget::Budget,
            calendar_budget::{Basis, CalendarBudget},
            composite::Loss,
            confidence::Confidence,
            outlook::{NoOutlook, Outlook, Quantiles},
            returns::{Return, Returns},
        },
    },
    kernel::time::rfc3339,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The budget with adjustments applied.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Adjusted")]
pub(super) struct AdjustedForm {
    /// Share of good events.
    sli: Option<f64>,
    /// Good events.
    good: f64,
    /// Bad events.
    bad: f64,
    /// All events.
    total: f64,
    /// The budget, in `unit`.
    budget: Amount,
    /// Burn rate over the window.
    burn_rate: Option<f64>,
    /// Whether more was spent than is allowed.
    overspent: bool,
    /// The adjustments that overlap the window, by their beginning.
    adjustments: Vec<AppliedForm>,
    /// Whether a step of the measurements was divided by time, because an adjustment covers it in part.
    prorated: bool,
}

impl AdjustedForm {
    pub(super) fn of(adjusted: &AdjustedBudget, scale: f64) -> Self {
        let budget = &adjusted.window.budget;
        let events = adjusted.window.count.events;
        Self {
            sli: budget.sli,
            good: events.good,
            bad: events.bad(),
            total: events.total,
            budget: Amount::scaled(&budget.amounts, scale, budget.remaining_ratio),
            burn_rate: budget.burn_rate.map(|rate| rate.0),
            overspent: budget.overspent,
            adjustments: adjusted.applied.iter().map(AppliedForm::of).collect(),
            prorated: adjusted.prorated,
        }
    }
}

/// What one adjustment did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AppliedAdjustment")]
struct AppliedForm {
    /// Name of its document.
    name: String,
    /// What becomes of the events: `exclude`, `good` or `bad`.
    mode: &'static str,
    /// Its beginning, RFC 3339.
    from: String,
    /// Its end, not in it, RFC 3339.
    to: String,
    /// How much of its time is within the measurements and no other adjustment's, in minutes.
    minutes: f64,
    /// Good events of that time, as measured.
    good: f64,
    /// All events of that time.
    total: f64,
    /// Why.
    reason: Option<String>,
    /// Where it was agreed.
    ticket: Option<String>,
    /// Who agreed.
    approved_by: Option<String>,
}

impl AppliedForm {
    fn of(applied: &Applied) -> Self {
        let effect = &applied.effect;
        Self {
            name: applied.name.clone(),
            mode: mode(effect.adjustment.mode),
            from: rfc3339(effect.adjustment.from),
            to: rfc3339(effect.adjustment.to),
            minutes: effect.time.minutes(),
            good: effect.events.good,
            total: effect.events.total,
            reason: applied.reason.clone(),
            ticket: applied.ticket.clone(),
            approved_by: applied.approved_by.clone(),
        }
    }
}

/// The word for what becomes of events.
pub(in crate::domains::slo::answer) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Exclude => "exclude",
        Mode::Good => "good",
        Mode::Bad => "bad",
    }
}

/// Whether the objective is met for sure.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Confidence")]
pub(super) struct ConfidenceForm {
    /// How sure each of the two limits is.
    level: f64,
    /// How they are computed: `clopper_pearson` or `wilson`.
    method: &'static str,
    /// The share of good events is at least this, at that level.
    lower: f64,
    /// It is at most this, at that level.
    upper: f64,
    /// `met`, `missed` or `not_enough_data`.
    verdict: &'static str,
    /// How many events in all would be enough for a verdict if the share of good ones stays; null where
    /// there is one, or where no number would do.
    events_enough: Option<u64>,
    /// How many independent events the ones that were counted are worth.
    effective_events: f64,
    /// How much failures come together: 1 where they do not.
    dispersion: f64,
}

impl ConfidenceForm {
    pub(super) fn of(confidence: &Confidence) -> Self {
        Self {
            level: confidence.level.as_f64(),
            method: confidence.method.name(),
            lower: confidence.lower,
            upper: confidence.upper,
            verdict: confidence.verdict.name(),
            events_enough: confidence.events_enough,
            effective_events: confidence.effective_events,
            dispersion: confidence.dispersion.factor,
        }
    }
}

/// What the time that was not measured could change, if it had the traffic of the rest.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bounds")]
pub(super) struct BoundsForm {
    /// If all of its events were good.
    best: Extreme,
    /// If all of them were bad.
    worst: Extreme,
}

/// A budget at its best or worst.
#[derive(Debug, Serialize, JsonSchema)]
struct Extreme {
    /// Share of good events.
    sli: Option<f64>,
    /// Share of the budget that is left.
    remaining_ratio: Option<f64>,
}

impl BoundsForm {
    pub(super) fn of(bounds: &Bounds) -> Self {
        let extreme =
            |budget: &Budget| Extreme { sli: budget.sli, remaining_ratio: budget.remaining_ratio };
        Self { best: extreme(&bounds.best), worst: extreme(&bounds.worst) }
    }
}

/// What a calendar period that runs is expected to hold.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Expected")]
pub(super) struct ExpectedForm {
    /// Events of the whole period: counted so far, and expected.
    total: f64,
    /// What the expected ones rest on: `ended`, `slices`, `mean`, `hours_of_week` or `unknown`.
    basis: &'static str,
}

impl ExpectedForm {
    pub(super) fn of(calendar: &CalendarBudget) -> Self {
        Self {
            total: calendar.expected_total,
            basis: match calendar.basis {
                Basis::Ended => "ended",
                Basis::Slices => "slices",
                Basis::Mean { .. } => "mean",
                Basis::HoursOfWeek { .. } => "hours_of_week",
                Basis::Unknown => "unknown",
            },
        }
    }
}

/// How likely the budget is to be empty by when, drawn from its own history.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Forecast")]
pub(super) struct OutlookForm {
    /// Why there is none, where there is none; everything else is then null.
    reason: Option<String>,
    /// The end of what was looked at, RFC 3339.
    until: Option<String>,
    /// Probability that the budget is overspent at some moment until then.
    probability: Option<f64>,
    /// When it is overspent on a tenth, on half and on nine tenths of the paths, RFC 3339; null: not
    /// until then.
    exhausted: Option<InstantQuantiles>,
    /// Share of the budget that is left at the end.
    remaining_ratio: Option<ShareQuantiles>,
    /// The probability by the end of each day.
    curve: Vec<ChanceForm>,
    /// Days of history that were drawn from.
    history_days: Option<f64>,
    /// How many futures were drawn.
    paths: Option<u32>,
    /// How good such forecasts were in the past of this objective.
    score: Option<ScoreForm>,
    /// Why there is no score, where there is none.
    no_score: Option<String>,
}

/// Quantiles of a moment.
#[derive(Debug, Serialize, JsonSchema)]
struct InstantQuantiles {
    /// 10 %.
    p10: Option<String>,
    /// 50 %.
    p50: Option<String>,
    /// 90 %.
    p90: Option<String>,
}

/// Quantiles of a share.
#[derive(Debug, Serialize, JsonSchema)]
struct ShareQuantiles {
    /// 10 %.
    p10: f64,
    /// 50 %.
    p50: f64,
    /// 90 %.
    p90: f64,
}

/// A probability by some moment.
#[derive(Debug, Serialize, JsonSchema)]
struct ChanceForm {
    /// By when, RFC 3339.
    by: String,
    /// Probability.
    probability: f64,
}

/// How good forecasts were.
#[derive(Debug, Serialize, JsonSchema)]
struct ScoreForm {
    /// From how many past moments.
    origins: u32,
    /// How far ahead.
    ahead: String,
    /// Share of the moments at which what came lay between the 10 % and the 90 % quantile; 0.8 is right.
    coverage_of_80: f64,
    /// Mean pinball loss, in shares of the budget.
    pinball: f64,
    /// How much better that is than to hold the burn rate of the last hours: 1 perfect, 0 no better.
    pinball_skill: Option<f64>,
    /// Brier score of the probability.
    brier: f64,
    /// How much better that is, likewise.
    brier_skill: Option<f64>,
}

impl OutlookForm {
    pub(super) fn of(outlook: &Result<Outlook, NoOutlook>) -> Self {
        let outlook = match outlook {
            Ok(outlook) => outlook,
            Err(reason) => return Self::without(reason.to_string()),
        };
        let Quantiles { p10, p50, p90 } = outlook.exhausted;
        let left = outlook.remaining_ratio;
        Self {
            reason: None,
            until: Some(rfc3339(outlook.until)),
            probability: Some(outlook.probability),
            exhausted: Some(InstantQuantiles {
                p10: instant(p10),
                p50: instant(p50),
                p90: instant(p90),
            }),
            remaining_ratio: Some(ShareQuantiles { p10: left.p10, p50: left.p50, p90: left.p90 }),
            curve: outlook
                .curve
                .iter()
                .map(|one| ChanceForm { by: rfc3339(one.by), probability: one.probability })
                .collect(),
            history_days: Some(outlook.history_days),
            paths: Some(outlook.paths),
            score: outlook.score.ok().map(|score| ScoreForm {
                origins: score.origins,
                ahead: score.ahead.to_string(),
                coverage_of_80: score.coverage_of_80,
                pinball: score.outlook.pinball,
                pinball_skill: score.pinball_skill,
                brier: score.outlook.brier,
                brier_skill: score.brier_skill,
            }),
            no_score: outlook.score.err().map(|reason| reason.to_string()),
        }
    }

    fn without(reason: String) -> Self {
        Self {
            reason: Some(reason),
            until: None,
            probability: None,
            exhausted: None,
            remaining_ratio: None,
            curve: Vec::new(),
            history_days: None,
            paths: None,
            score: None,
            no_score: None,
        }
    }
}

/// When spent budget returns.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Returns")]
pub(super) struct ReturnsForm {
    /// The outages whose spending returns, in the order in which it does.
    outages: Vec<ReturnForm>,
    /// How many smaller outages there were.
    others: u64,
    /// Share of the allowance that these spent.
    others_share: f64,
    /// Share of the allowance that was spent outside of outages; it returns day by day.
    background_share: f64,
}

/// The spending of one outage, and when it returns.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Return")]
struct ReturnForm {
    /// When the outage began, RFC 3339.
    from: String,
    /// When it was over, RFC 3339.
    to: String,
    /// Its bad events.
    bad: f64,
    /// Share of the present allowance that they are.
    share: f64,
    /// When they begin to leave the window, RFC 3339.
    begins: String,
    /// When all of them have left it, RFC 3339.
    done: String,
}

impl ReturnsForm {
    pub(super) fn of(returns: &Returns) -> Self {
        let one = |one: &Return| ReturnForm {
            from: rfc3339(one.from),
            to: rfc3339(one.to),
            bad: one.spent.bad,
            share: one.spent.share,
            begins: rfc3339(one.begins),
            done: rfc3339(one.done),
        };
        Self {
            outages: returns.returns.iter().map(one).collect(),
            others: returns.others as u64,
            others_share: returns.of_others.share,
            background_share: returns.of_background.share,
        }
    }
}

/// A part of a composite, and what it lost.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CompositePart")]
pub(super) struct PartForm {
    /// Name of the objective.
    name: String,
    /// Its weight among the others; they add up to 1. 0 where nothing was counted of it.
    weight: f64,
    /// Good events, or slices.
    good: f64,
    /// All of them.
    total: f64,
    /// What the composite lost by it: of its error ratio, or slices.
    lost: f64,
    /// Its share of everything that was lost; null where nothing was.
    share: Option<f64>,
    /// Slices that it alone made bad.
    exclusive: Option<u64>,
    /// Slices that it made bad together with others.
    shared: Option<u64>,
    /// Share of the window that was measured of it.
    coverage: f64,
}

impl PartForm {
    pub(super) fn of(loss: &Loss) -> Self {
        Self {
            name: loss.name.clone(),
            weight: loss.weight,
            good: loss.count.events.good,
            total: loss.count.events.total,
            lost: loss.lost,
            share: loss.share,
            exclusive: loss.exclusive,
            shared: loss.shared,
            coverage: loss.count.coverage(),
        }
    }
}
