//! When a budget is empty if things go on as they do.
//!
//! # Derivation
//! Call `x = bad − (1 − T) · total` the *excess* of some events. The budget of a window is overspent
//! exactly where the excess of its events is above zero, and excesses add up. Cut time into the steps of
//! the series; let the window have `w` steps, and let the present rate be that of a recent window, the
//! *basis*: `X` excess in `m` measured steps, so `X / m` per step to come. After `k` steps, the window
//! that ended now has lost its first `k` steps and won `k` new ones. The past is known, so
//!
//! ```text
//! excess(k) = (excess of the last w − k steps before now) + k · X / m
//! ```
//!
//! and the budget is overspent after the first `k` with `excess(k) > 0`. Steps that were not measured
//! contribute nothing. At `k = w` nothing of the past is left and `excess(w) = w · X / m`, which is above
//! zero exactly where the burn rate of the basis is above 1; from then on nothing changes any more. So
//! after one full window everything is decided: either some `k ≤ w` is the answer, or the budget lasts
//! for as long as the rate holds. A rate of at most 1 can still overspend the budget on the way, where
//! good traffic leaves the window before an old outage does.
use super::{
    budget,
    burn::{self, Burn, NoBurnRate},
    exact,
};
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant, Ratio},
    },
};

/// The recent windows whose burn rate may be held, best first: six hours are long enough not to follow
/// every spike and short enough to be about now; the longer ones serve where those six hours have no
/// events or the steps are longer.
const BASES: [Duration; 3] =
    [Duration::from_hours(6), Duration::from_days(1), Duration::from_days(3)];

/// When the budget is empty, and what that answer rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// When.
    pub exhaustion: Exhaustion,
    /// The window whose rates of bad and of all events were held; `None` where no window has a burn
    /// rate.
    pub basis: Option<Burn>,
}

/// When a budget is overspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhaustion {
    /// Now already.
    Overspent,
    /// At the end of the first step in which it is.
    At(Instant),
    /// Not while the rate holds.
    Never,
    /// Nothing was measured that could be held.
    Unknown(NoBurnRate),
}

impl Exhaustion {
    /// The moment ahead of us, where there is one.
    pub fn at(self) -> Option<Instant> {
        match self {
            Self::At(at) => Some(at),
            Self::Overspent | Self::Never | Self::Unknown(_) => None,
        }
    }
}

/// When the budget is overspent at the present burn rate: that of the last six hours, or of the
/// shortest of 1 d, 3 d and the objective's window that has one. No basis is longer than the
/// objective's window.
pub fn forecast(objective: Objective, series: &EventSeries, now: Instant) -> Forecast {
    let whole = objective.window();
    let read = |window| burn::over(objective, series, window, now);
    let basis = BASES
        .into_iter()
        .filter(|window| *window < whole)
        .map(read)
        .find(|burn| burn.rate.is_ok())
        .unwrap_or_else(|| read(whole));
    holding(objective, series, now, basis)
}

/// When the budget is overspent if the rates of bad and of all events in `basis` go on.
///
/// Time: at most one visit for each step that the series has within the window.
pub fn holding(objective: Objective, series: &EventSeries, now: Instant, basis: Burn) -> Forecast {
    let outcome = |exhaustion| Forecast { exhaustion, basis: basis.rate.ok().map(|_| basis) };
    let current = series.window(budget::back(now, objective.window()), now);
    if exact::overspent(current.events, objective.target()) {
        return outcome(Exhaustion::Overspent);
    }
    if let Err(reason) = basis.rate {
        return outcome(Exhaustion::Unknown(reason));
    }
    let course = Course { objective, series, now, basis: &basis, steps: current.steps };
    let exhaustion = course
        .first_overspent()
        .and_then(|steps| course.after(steps))
        .map_or(Exhaustion::Never, Exhaustion::At);
    outcome(exhaustion)
}

/// The window as it moves on, step by step.
struct Course<'a> {
    objective: Objective,
    series: &'a EventSeries,
    now: Instant,
    basis: &'a Burn,
    /// Steps of the window, `w` above.
    steps: u64,
}

impl Course<'_> {
    /// The first number of steps, `1..=w`, after which the budget is overspent.
    ///
    /// While the steps that leave the window lie outside the series, the excess is a straight line in
    /// `k`, so a search in halves finds the first; in between, each step is looked at.
    fn first_overspent(&self) -> Option<u64> {
        let from = budget::back(self.now, self.objective.window());
        let step = self.series.step().milliseconds();
        let until = |at: Instant| u64::try_from((at - from).num_milliseconds()).unwrap_or(0);
        let begins = (until(self.series.start()) / step).min(self.steps);
        let ends = until(self.series.end()).div_ceil(step).min(self.steps);
        self.first_on_line(1, begins)
            .or_else(|| (begins.max(1)..=ends).find(|steps| self.is_overspent(*steps)))
            .or_else(|| self.first_on_line(ends.max(1), self.steps))
    }

    /// The first of `low..=high` after which the budget is overspent, where the excess changes by the
    /// same amount each step.
    fn first_on_line(&self, mut low: u64, mut high: u64) -> Option<u64> {
        if low > high {
            return None;
        }
        if self.is_overspent(low) {
            return Some(low);
        }
        // Not above zero at the start: above it anywhere only if it rises, and then at the end as well.
        if !self.is_overspent(high) {
            return None;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.is_overspent(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    /// Whether `excess(k) > 0`.
    fn is_overspent(&self, steps: u64) -> bool {
        let past = self.after(steps).map_or_else(EventCount::default, |end| {
            let from = budget::back(end, self.objective.window());
            self.series.window(from, self.now).events
        });
        let basis = &self.basis.count;
        excess_is_positive(self.objective.error_budget(), past, steps, basis.events, basis.measured)
    }

    /// `now` and that many steps.
    fn after(&self, steps: u64) -> Option<Instant> {
        let length = self.series.step().milliseconds().checked_mul(steps)?;
        self.now
            .checked_add_signed(chrono::TimeDelta::try_milliseconds(i64::try_from(length).ok()?)?)
    }
}

/// Whether `past` and `steps` steps at the mean of `basis` (over `measured` steps) spend more than
/// `budget` allows. Exact where the counts are whole.
fn excess_is_positive(
    budget: Ratio,
    past: EventCount,
    steps: u64,
    basis: EventCount,
    measured: u64,
) -> bool {
    let (past_bad, past_total) = exact::bad_of_total(past).unwrap_or_default();
    let (bad, total) = exact::bad_of_total(basis).unwrap_or_default();
    let sum = |past: f64, recent: f64| {
        let past = exact::whole(past)?.checked_mul(u128::from(measured))?;
        exact::whole(recent)?.checked_mul(u128::from(steps))?.checked_add(past)
    };
    let whole = || {
        let spent = sum(past_bad, bad)?.checked_mul(u128::from(Ratio::PARTS))?;
        let allowed = sum(past_total, total)?.checked_mul(u128::from(budget.parts()))?;
        Some(spent > allowed)
    };
    whole().unwrap_or_else(|| {
        let (measured, steps) = (measured as f64, steps as f64);
        let allowed = (past_total * measured + total * steps) * budget.as_f64();
        exact::is_above(past_bad * measured + bad * steps, allowed)
    })
}
