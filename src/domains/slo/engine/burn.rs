//! Burn rates over windows that end now.
use super::{budget, exact};
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventSeries, WindowCount},
        units::{BurnRate, Duration, Instant},
    },
};

/// The burn rate over one window, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burn {
    /// Length of the window.
    pub window: Duration,
    /// Start of the window.
    pub from: Instant,
    /// End of the window, not in it.
    pub to: Instant,
    /// What was counted in it. A coverage below 1 means that the rate is that of the measured part.
    pub count: WindowCount,
    /// The burn rate, or why there is none.
    pub rate: Result<BurnRate, NoBurnRate>,
}

/// Why a window has no burn rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBurnRate {
    /// The series cannot tell what happened within one of its steps.
    #[error("the window is shorter than one step of the measurements")]
    ShorterThanStep,
    /// No step of the window was measured.
    #[error("no part of the window was measured")]
    NotMeasured,
    /// Measured, and nothing happened: nothing was spent, at no rate.
    #[error("no events in the window")]
    NoEvents,
}

impl Burn {
    /// Whether a part of the window was not measured; the rate is then that of the rest.
    pub fn is_partial(&self) -> bool {
        self.count.measured < self.count.steps
    }

    /// Share of the budget of the objective's window that was spent in this one, if traffic is even:
    /// `burn · window / P`.
    ///
    /// Source: The Site Reliability Workbook, "Alerting on SLOs".
    pub fn budget_share_at_even_traffic(&self, objective: Objective) -> Option<f64> {
        let rate = self.rate.ok()?;
        Some(rate.0 * self.window.ratio(objective.window()))
    }
}

/// The burn rate over the `window` that ends at `now`: `(bad / total) / (1 − T)` of its measured
/// steps.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs".
pub fn over(objective: Objective, series: &EventSeries, window: Duration, now: Instant) -> Burn {
    let from = budget::back(now, window);
    let count = series.window(from, now);
    let rate = if !series.resolves(from, now) {
        Err(NoBurnRate::ShorterThanStep)
    } else if count.measured == 0 {
        Err(NoBurnRate::NotMeasured)
    } else {
        budget::from_events(objective, count.events).burn_rate.ok_or(NoBurnRate::NoEvents)
    };
    Burn { window, from, to: now, count, rate }
}

/// Whether the error ratio of the window is strictly above `threshold` (numerator, denominator), without
/// rounding. Measured silence is not above anything; `None` where nothing was measured.
pub(super) fn is_above(burn: &Burn, threshold: (u128, u128)) -> Option<bool> {
    match burn.rate {
        Ok(_) => Some(exact::exceeds(burn.count.events, threshold)),
        Err(NoBurnRate::NoEvents) => Some(false),
        Err(NoBurnRate::NotMeasured | NoBurnRate::ShorterThanStep) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{START, instant, objective, series};
    use crate::kernel::series::EventCount;

    #[track_caller]
    fn check(counts: Vec<Option<EventCount>>, window: &str, expected: Result<f64, NoBurnRate>) {
        let series = EventSeries::new(instant(START), Duration::from_minutes(5), counts);
        let burn = over(objective("99%", "30d"), &series, window.parse().unwrap(), series.end());
        assert_eq!(burn.rate, expected.map(BurnRate));
    }

    #[test]
    fn a_burn_rate_needs_events_that_were_measured() {
        let some = Some(EventCount { good: 98.0, total: 100.0 });
        let silent = Some(EventCount::default());
        check(vec![some], "5m", Ok(2.0));
        check(vec![some, silent], "10m", Ok(2.0));
        check(vec![some, silent], "5m", Err(NoBurnRate::NoEvents));
        check(vec![some, None], "10m", Ok(2.0));
        check(vec![some, None], "5m", Err(NoBurnRate::NotMeasured));
        check(vec![some], "1m", Err(NoBurnRate::ShorterThanStep));
        check(vec![], "5m", Err(NoBurnRate::NotMeasured));
    }

    #[test]
    fn a_window_longer_than_the_history_is_partial() {
        let series = series(Duration::from_minutes(5), [(98, 2); 6]);
        let objective = objective("99%", "30d");
        let burn = over(objective, &series, Duration::from_hours(1), series.end());
        assert_eq!((burn.rate, burn.count.coverage()), (Ok(BurnRate(2.0)), 0.5));
        assert!(burn.is_partial());
        assert_eq!(burn.budget_share_at_even_traffic(objective), Some(2.0 / 720.0));
    }
}
