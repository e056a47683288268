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
pub const BASES: [Duration; 3] =
    [Duration::from_hours(6), Duration::from_days(1), Duration::from_days(3)];

/// When the budget is empty, and what that answer rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// When.
    pub exhaustion: Exhaustion,
    /// The window whose rates of bad and of all events were held; `None` where no window has a burn
    /// rate.
    pub basis: Option<Burn>,
    /// Share of the objective's window before now that was measured. The rest counts for nothing, in
    /// what is spent and in what is allowed.
    pub coverage: f64,
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
    holding(objective, series, now, present(objective, series, now))
}

/// The window whose rates [`forecast`] holds.
pub(super) fn present(objective: Objective, series: &EventSeries, now: Instant) -> Burn {
    let whole = objective.window();
    let read = |window| burn::over(objective, series, window, now);
    BASES
        .into_iter()
        .filter(|window| *window < whole)
        .map(read)
        .find(|burn| burn.rate.is_ok())
        .unwrap_or_else(|| read(whole))
}

/// When the budget is overspent if the rates of bad and of all events in `basis` go on.
///
/// Time: at most one visit for each step that the series has within the window.
pub fn holding(objective: Objective, series: &EventSeries, now: Instant, basis: Burn) -> Forecast {
    let current = series.window(budget::back(now, objective.window()), now);
    let outcome = |exhaustion| Forecast {
        exhaustion,
        basis: basis.rate.ok().map(|_| basis),
        coverage: current.coverage(),
    };
    if exact::overspent(current.events, objective.target()) {
        return outcome(Exhaustion::Overspent);
    }
    if let Err(reason) = basis.rate {
        return outcome(Exhaustion::Unknown(reason));
    }
    let steps = series.steps_in(budget::back(now, objective.window()), now);
    let course = Course { objective, series, now, basis: &basis, steps };
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

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "the counts of the tests are whole and small"
)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{instant, objective, series, series_strategy};
    use proptest::prelude::*;

    #[track_caller]
    fn check(counts: impl IntoIterator<Item = (u32, u32)>, window: &str, expected: Exhaustion) {
        let series = series(Duration::from_hours(1), counts);
        let found = forecast(objective("99%", window), &series, series.end());
        assert_eq!(found.exhaustion, expected);
    }

    /// `hours` of clean traffic, then six hours with `bad` of 1000 events.
    fn quiet_then(hours: usize, bad: u32) -> impl Iterator<Item = (u32, u32)> {
        std::iter::repeat_n((1000, 0), hours).chain(std::iter::repeat_n((1000 - bad, bad), 6))
    }

    #[test]
    fn a_rate_of_two_from_a_clean_start_lasts_half_a_window() {
        // 96 hours allow 960 bad events. Six hours spent 120; 42 more at 20 an hour make 960 exactly,
        // which is not more than allowed; the 43rd is.
        check(quiet_then(90, 20), "4d", Exhaustion::At(instant("2026-03-06T19:00:00Z")));
    }

    #[test]
    fn a_rate_of_one_spends_the_budget_and_never_more() {
        check(quiet_then(90, 10), "4d", Exhaustion::Never);
        // 66 + 11 k is above 960 from the 82nd hour on.
        check(quiet_then(90, 11), "4d", Exhaustion::At(instant("2026-03-08T10:00:00Z")));
    }

    #[test]
    fn what_is_overspent_is_overspent_now() {
        check(quiet_then(90, 161), "4d", Exhaustion::Overspent);
        check(quiet_then(90, 160), "4d", Exhaustion::At(instant("2026-03-05T01:00:00Z")));
    }

    #[test]
    fn old_spend_leaves_the_window_before_new_spend_fills_it() {
        // An outage of 900 bad events at the start leaves as soon as the window moves on.
        let outage = std::iter::once((100, 900)).chain(quiet_then(89, 10));
        check(outage, "4d", Exhaustion::Never);
    }

    #[test]
    fn good_traffic_that_leaves_first_can_overspend_at_a_low_rate() {
        // Two days of heavy clean traffic, then an outage, then light traffic at a rate of 0.5: when
        // the heavy traffic leaves, the outage weighs more than the target allows: 347 + k is above
        // 577 − 8 k from the 26th hour on.
        let heavy = std::iter::repeat_n((1000, 0), 48);
        let outage = std::iter::once((0, 300));
        let light = std::iter::repeat_n((199, 1), 47);
        let series = series(Duration::from_hours(1), heavy.chain(outage).chain(light));
        let found = forecast(objective("99%", "4d"), &series, series.end());
        assert!(found.basis.unwrap().rate.unwrap().0 < 1.0);
        assert_eq!(found.exhaustion, Exhaustion::At(instant("2026-03-06T02:00:00Z")));
    }

    #[test]
    fn an_outage_at_the_start_of_a_short_history_counts_until_it_leaves() {
        // Half a window of history that begins with an outage: 378 + 13 k is above 473 + 10 k from the
        // 32nd hour on, and no longer after the 49th, when the outage has left.
        let outage = std::iter::once((0, 300));
        let clean = std::iter::repeat_n((1000, 0), 41);
        let burning = std::iter::repeat_n((987, 13), 6);
        let series = series(Duration::from_hours(1), outage.chain(clean).chain(burning));
        let found = forecast(objective("99%", "4d"), &series, series.end());
        assert_eq!(found.exhaustion, Exhaustion::At(instant("2026-03-04T08:00:00Z")));
        assert_eq!(found.coverage, 0.5);
    }

    #[test]
    fn the_last_step_of_the_past_can_be_the_one_that_overspends() {
        // Silence, heavy clean traffic, an outage; the mean of it all goes on. Only when the outage is
        // all that is left of the past, after 95 of 96 hours, is there more spent than allowed.
        let silence = std::iter::repeat_n((0, 0), 94);
        let counts = silence.chain([(9000, 0), (0, 50)]);
        let series = series(Duration::from_hours(1), counts);
        let objective = objective("99%", "4d");
        let now = series.end();
        let mean = burn::over(objective, &series, objective.window(), now);
        let found = holding(objective, &series, now, mean);
        assert_eq!(found.exhaustion, Exhaustion::At(instant("2026-03-08T23:00:00Z")));
    }

    #[test]
    fn one_event_in_a_million_million_decides() {
        let budget: Ratio = "0.001".parse().unwrap();
        let past = EventCount { good: 999e12, total: 1e15 };
        let basis = |bad| EventCount { good: 1000.0 - bad, total: 1000.0 };
        assert!(excess_is_positive(budget, past, 1, basis(2.0), 1));
        assert!(!excess_is_positive(budget, past, 1, basis(1.0), 1));
        assert!(excess_is_positive(budget, past, 7, basis(2.0), 1000));
    }

    #[test]
    fn the_basis_is_six_hours_or_the_shortest_longer_window_with_events() {
        let basis = |counts: Vec<(u32, u32)>, hours, window| {
            let series = series(Duration::from_hours(hours), counts);
            let found = forecast(objective("99%", window), &series, series.end());
            found.basis.map(|basis| basis.window.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(basis(vec![(99, 1); 48], 1, "30d"), some("6h"));
        assert_eq!(basis(vec![(99, 1); 48], 1, "4h"), some("4h"));
        assert_eq!(basis([vec![(99, 1); 4], vec![(0, 0); 8]].concat(), 1, "30d"), some("1d"));
        assert_eq!(basis(vec![(99, 1); 40], 24, "30d"), some("1d"));
        assert_eq!(basis(vec![(99, 1); 40], 24 * 7, "30d"), some("30d"));
        assert_eq!(basis(vec![(0, 0); 48], 1, "30d"), None);
    }

    #[test]
    fn nothing_measured_is_unknown() {
        check([], "4d", Exhaustion::Unknown(NoBurnRate::NotMeasured));
        check([(0, 0); 100], "4d", Exhaustion::Unknown(NoBurnRate::NoEvents));
    }

    #[test]
    fn a_window_of_a_thousand_years_costs_no_more_than_the_series_has_steps() {
        let series = series(Duration::from_milliseconds(1), [(1000, 0), (0, 1)]);
        let objective = Objective::new("99.9%".parse().unwrap(), Duration::MAX).unwrap();
        let now = series.end();
        // The whole window is the basis, 1 of 1001 events: a rate below 1, until the first step,
        // which has all the good events, leaves.
        let mean = burn::over(objective, &series, Duration::MAX, now);
        let found = holding(objective, &series, now, mean);
        assert_eq!(found.exhaustion, Exhaustion::Never);
        let last = burn::over(objective, &series, Duration::from_milliseconds(1), now);
        let found = holding(objective, &series, now, last);
        assert_eq!(found.exhaustion, Exhaustion::At(now + chrono::TimeDelta::milliseconds(1)));
    }

    /// Replays the definition, step by step and slice by slice, for two windows.
    fn simulate(
        objective: Objective,
        series: &EventSeries,
        now: Instant,
        basis: &Burn,
    ) -> Option<u64> {
        let (step, window) = (series.step().to_chrono(), objective.window().to_chrono());
        let begins = |at: usize| series.start() + step * i32::try_from(at).unwrap();
        let excess = |count: &EventCount| {
            let (bad, total) = (count.bad() as i128, count.total as i128);
            bad * i128::from(Ratio::PARTS) - total * i128::from(objective.error_budget().parts())
        };
        let per_step = excess(&basis.count.events);
        let measured = i128::from(basis.count.measured);
        // Steps lie on the grid of the series: those still to come begin at or after now.
        let mut next = series.start();
        while next < now {
            next += step;
        }
        while next - step >= now {
            next -= step;
        }
        (1..=2 * (window.num_minutes() / step.num_minutes()) as u64 + 2).find(|steps| {
            let end = now + step * i32::try_from(*steps).unwrap();
            let past: i128 = series
                .counts()
                .iter()
                .enumerate()
                .filter(|(at, _)| begins(*at) >= end - window && begins(*at) < now)
                .filter_map(|(_, count)| count.as_ref().map(excess))
                .sum();
            let to_come = (0..*steps)
                .filter(|at| next + step * i32::try_from(*at).unwrap() >= end - window)
                .count() as i128;
            past * measured + to_come * per_step > 0
        })
    }

    proptest! {
        #[test]
        fn agrees_with_a_simulation_of_every_step(
            series in series_strategy(),
            (window, late, back) in (1u64..3000, 0u64..200, 1u64..1000),
            parts in prop_oneof![Just(990_000_000u32), Just(999_000_000), 500_000_000..Ratio::PARTS],
        ) {
            let window = Duration::from_minutes(window);
            let objective = Objective::new(Ratio::from_parts(parts).unwrap(), window).unwrap();
            let now = series.end() + Duration::from_minutes(late).to_chrono()
                - Duration::from_minutes(100).to_chrono();
            let basis = burn::over(objective, &series, Duration::from_minutes(back), now);
            let found = holding(objective, &series, now, basis);
            if exact::overspent(budget::at(objective, &series, now).count.events, objective.target()) {
                prop_assert_eq!(found.exhaustion, Exhaustion::Overspent);
            } else if let Err(reason) = basis.rate {
                prop_assert_eq!(found.exhaustion, Exhaustion::Unknown(reason));
            } else {
                let simulated = simulate(objective, &series, now, &basis);
                let step = series.step().to_chrono();
                let expected = simulated.map_or(Exhaustion::Never, |steps| {
                    Exhaustion::At(now + step * i32::try_from(steps).unwrap())
                });
                prop_assert_eq!(found.exhaustion, expected);
            }
        }
    }
}
