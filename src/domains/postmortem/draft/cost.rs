//! What an incident spent of an error budget.
use crate::{
    domains::{
        postmortem::spec::BudgetShare,
        slo::{assess::Assessment, engine::budget::back},
    },
    kernel::{
        time::Period,
        units::{Duration, Instant},
    },
};

/// What an incident spent of the budget of one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The objective.
    pub slo: String,
    /// The share of the budget of the window that ends with the incident.
    pub share: BudgetShare,
    /// The minutes without service, at even traffic, to which that amounts.
    pub spent: Duration,
    /// The bad events; `None` where the objective counts slices of time.
    pub bad_events: Option<u64>,
    /// How long the window is.
    pub window: Duration,
    /// The bad events before adjustments, where these leave some out.
    pub before_adjustments: Option<u64>,
}

/// The cost of the time in which users were touched, as it was measured.
///
/// Bad events of the periods over what the target allows of all events in the window that ends at `end`. Events
/// of a step count where the step begins within a period. With adjustments: what is excluded costs nothing.
///
/// # Errors
/// Why it is not known.
pub fn cost(assessment: &Assessment<'_>, periods: &[Period], end: Instant) -> Result<Cost, String> {
    let slo = assessment.objective.document.name().to_owned();
    let unknown = || assessment.reason().unwrap_or_else(|| "nothing was measured".to_owned());
    let reading = assessment.reading().ok_or_else(unknown)?;
    if periods.is_empty() {
        return Err("the incident does not say when it started".to_owned());
    }
    let objective = assessment.objective.objective;
    let series = &reading.series;
    let window = series.window(back(end, objective.window()), end);
    let allowed = window.events.total * objective.error_budget().as_f64();
    let counts: Vec<_> = periods.iter().map(|one| series.window(one.from, one.to)).collect();
    let measured: u64 = counts.iter().map(|count| count.measured).sum();
    if measured == 0 {
        return Err("nothing was measured while it went on".to_owned());
    }
    if allowed <= 0.0 {
        return Err("there is no budget: the window has no events".to_owned());
    }
    let bad: f64 = counts.iter().map(|count| count.events.bad()).sum();
    let share = BudgetShare::nearest(bad / allowed)
        .ok_or_else(|| "its share of the budget is no number".to_owned())?;
    let minutes = objective.allowed_minutes() * share.share();
    let seconds = whole_number(minutes * 60.0).unwrap_or(u64::MAX);
    let bad_events = whole_number(bad).unwrap_or(u64::MAX);
    let whole = |one: &Period| reading.measured.window(one.from, one.to).events.bad();
    let before = whole_number(periods.iter().map(whole).sum());
    let counts_events = assessment.objective.budgeting.slice().is_none();
    Ok(Cost {
        slo,
        share,
        spent: Duration::from_seconds(seconds),
        bad_events: counts_events.then_some(bad_events),
        window: objective.window(),
        before_adjustments: before.filter(|before| counts_events && *before != bad_events),
    })
}

/// The nearest whole number, where that is not negative.
fn whole_number(number: f64) -> Option<u64> {
    let number = number.round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..1e18).contains(&number).then_some(number as u64)
}
