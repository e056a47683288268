//! The state of every tier of a multi-window, multi-burn-rate alert policy.
use super::{
    budget,
    burn::{self, Burn, NoBurnRate},
    exact,
    exhaustion::{self, Forecast},
    explain,
};
use crate::{
    domains::slo::model::{AlertPolicy, AlertTier, Objective},
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};

/// What a tier says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// Both windows are above the factor, and there are enough events.
    Firing,
    /// Both windows are above the factor, but the long one has fewer events than the tier asks for.
    Withheld,
    /// The long window is above, the short one is not: it has stopped, the tier no longer fires.
    Recovering,
    /// The short window is above, the long one is not yet.
    Rising,
    /// Neither window is above.
    Quiet,
    /// The tier can never fire at this target.
    Unreachable,
    /// A window cannot be judged.
    Unknown {
        /// The window that cannot.
        window: Duration,
        /// Why.
        reason: NoBurnRate,
    },
}

impl AlertState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Withheld => "withheld",
            Self::Recovering => "recovering",
            Self::Rising => "rising",
            Self::Quiet => "quiet",
            Self::Unreachable => "unreachable",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// A tier, its state, and everything that the state rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct TierReading {
    /// The tier.
    pub tier: AlertTier,
    /// The objective it was held against.
    pub objective: Objective,
    /// What it says.
    pub state: AlertState,
    /// Burn rate over its long window.
    pub long: Burn,
    /// Burn rate over its short window.
    pub short: Burn,
    /// Share of the budget of the objective's whole window that the long window spent: its bad events
    /// over those that the whole window allows. Steps of the whole window that were not measured are
    /// taken to be like the others, so at even traffic, or with a history no longer than the long
    /// window, this is the workbook's `burn · long / P`. `None` without events.
    pub budget_share: Option<f64>,
    /// When the budget is overspent if the burn rate of the long window goes on; only where the long
    /// window is above the factor.
    pub forecast: Option<Forecast>,
}

impl TierReading {
    /// One sentence that says why the state is what it is, times in UTC.
    ///
    /// Shape: `spent 3.1% of the 30d budget in the last 1h (burn rate 22.3, threshold 14.4); at this
    /// rate empty on 2026-05-14 09:20 UTC`.
    pub fn sentence(&self) -> String {
        explain::sentence(self)
    }
}

/// Reads every tier of `policy` at `now`, in its order.
///
/// A tier fires where the error ratios of both windows are strictly above `F · (1 − T)`, compared
/// without rounding. A measured window without events is not above anything; a window of which nothing
/// was measured makes the tier unknown, and one that is measured in part is judged by that part, which
/// [`Burn::is_partial`] tells.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs", section 6.
pub fn read(
    policy: &AlertPolicy,
    objective: Objective,
    series: &EventSeries,
    now: Instant,
) -> Vec<TierReading> {
    let whole = budget::at(objective, series, now);
    let allowed = whole.budget.amounts.allowed / whole.count.coverage();
    policy
        .tiers
        .iter()
        .map(|tier| {
            let long = burn::over(objective, series, tier.long, now);
            let short = burn::over(objective, series, tier.short, now);
            let threshold = tier.factor.error_ratio(objective.target());
            let forecast = (burn::is_above(&long, threshold) == Some(true))
                .then(|| exhaustion::holding(objective, series, now, long));
            let bad = exact::bad_of_total(long.count.events).map(|(bad, _)| bad);
            TierReading {
                state: state(tier, objective, &long, &short),
                budget_share: bad.filter(|_| allowed > 0.0).map(|bad| bad / allowed),
                tier: tier.clone(),
                objective,
                long,
                short,
                forecast,
            }
        })
        .collect()
}

/// The state of `tier` with these two windows.
fn state(tier: &AlertTier, objective: Objective, long: &Burn, short: &Burn) -> AlertState {
    if !tier.can_fire(objective.target()) {
        return AlertState::Unreachable;
    }
    let threshold = tier.factor.error_ratio(objective.target());
    let above = |burn: &Burn| {
        burn::is_above(burn, threshold).ok_or_else(|| AlertState::Unknown {
            window: burn.window,
            reason: burn.rate.err().unwrap_or(NoBurnRate::NotMeasured),
        })
    };
    match (above(long), above(short)) {
        (Err(unknown), _) | (_, Err(unknown)) => unknown,
        (Ok(true), Ok(true)) if has_too_few_events(tier, long) => AlertState::Withheld,
        (Ok(true), Ok(true)) => AlertState::Firing,
        (Ok(true), Ok(false)) => AlertState::Recovering,
        (Ok(false), Ok(true)) => AlertState::Rising,
        (Ok(false), Ok(false)) => AlertState::Quiet,
    }
}

/// Whether the long window has fewer events than the tier asks for.
fn has_too_few_events(tier: &AlertTier, long: &Burn) -> bool {
    tier.minimum_events.is_some_and(|minimum| long.count.events.total < minimum as f64)
}
