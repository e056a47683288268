//! What missing measurements could change.
//!
//! Everything else speaks of the part of a window that was measured. Here the rest is filled in: with as
//! much traffic per step as the measured part had on average, all of it good or all of it bad. Between
//! the two lies the truth, as long as traffic was what it mostly is.
use super::budget::{self, Budget};
use crate::{
    domains::slo::model::{NoData, Objective},
    kernel::{
        series::{EventCount, EventSeries, WindowCount},
        units::Instant,
    },
};

/// The budget of a window at best and at worst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// If all events of the time that was not measured were good.
    pub best: Budget,
    /// If all of them were bad.
    pub worst: Budget,
}

impl Bounds {
    /// Whether the missing time could turn the verdict: the objective is met at best and missed at
    /// worst.
    pub fn is_open(&self) -> bool {
        self.best.overspent != self.worst.overspent
    }
}

/// What the part of a window that was not measured could make of its budget: `n · (1 − c) / c` more
/// events, `n` being those measured and `c` the coverage. `None` where nothing is missing, and where
/// nothing is known to fill it with: no events were measured.
pub fn bounds(objective: Objective, count: WindowCount) -> Option<Bounds> {
    let missing = count.steps.saturating_sub(count.measured);
    if missing == 0 || count.measured == 0 || count.events.total <= 0.0 {
        return None;
    }
    let EventCount { good, total } = count.events;
    let unknown = total * missing as f64 / count.measured as f64;
    let with = |good| budget::from_events(objective, EventCount { good, total: total + unknown });
    Some(Bounds { best: with(good + unknown), worst: with(good) })
}

/// Why a series cannot be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The window has more steps than could be held in memory.
    #[error(
        "the window has {0} steps, more than the {MOST_STEPS} that can be filled; ask for a shorter one"
    )]
    TooLong(u64),
}

/// Ten years of minutes twice over.
const MOST_STEPS: u64 = 10_000_000;

/// The series with every unmeasured step that begins in `[from, to)` counted as the mean of the measured
/// ones in there, all good or all bad. The series grows where the window goes beyond it. With nothing
/// measured in the window there is no mean, and all stays unknown.
///
/// # Errors
/// If the window has more than ten million steps.
pub fn fill(
    series: &EventSeries,
    from: Instant,
    to: Instant,
    policy: NoData,
) -> Result<EventSeries, FillError> {
    let window = series.window(from, to);
    if policy == NoData::Unknown || window.measured == 0 || to <= from {
        return Ok(series.clone());
    }
    let total = window.events.total / window.measured as f64;
    let good = if policy == NoData::Good { total } else { 0.0 };
    let filling = Some(EventCount { good, total });
    let (start, end) = (series.start(), series.end());
    let before = if from < start { series.steps_in(from, start) } else { 0 };
    let after = if to > end { series.steps_in(end, to) } else { 0 };
    let steps = before.saturating_add(after).saturating_add(series.len() as u64);
    let long = || FillError::TooLong(steps);
    if steps > MOST_STEPS {
        return Err(long());
    }
    let [before, after] = [before, after].map(|steps| usize::try_from(steps).unwrap_or(usize::MAX));
    let first = series.steps_in(start, from.max(start));
    let last = series.steps_in(start, to.min(end).max(start));
    let inner = series
        .counts()
        .into_iter()
        .zip(0u64..)
        .map(|(count, at)| if (first..last).contains(&at) { count.or(filling) } else { count });
    let length = series.step().milliseconds().checked_mul(before as u64);
    let length = length.and_then(|length| i64::try_from(length).ok()).ok_or_else(long)?;
    let begin =
        start.checked_sub_signed(chrono::TimeDelta::milliseconds(length)).ok_or_else(long)?;
    let outer = |steps| std::iter::repeat_n(filling, steps);
    let counts = outer(before).chain(inner).chain(outer(after)).collect();
    let filled = EventSeries::new(begin, series.step(), counts);
    Ok(match series.part() {
        Some((at, count)) => filled.with_part(at, count),
        None => filled,
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole counts and their halves are exact")]
mod tests {
    use super::*;
    use crate::{
        domains::slo::engine::testing::{START, instant, objective, series_strategy},
        kernel::units::Duration,
    };
    use proptest::prelude::*;

    fn events(good: f64, total: f64) -> EventCount {
        EventCount { good, total }
    }

    #[test]
    fn missing_time_is_filled_with_good_or_bad_events() {
        // Half of the steps are missing: a thousand events more, of which all or none are good.
        let count = WindowCount { events: events(995.0, 1000.0), measured: 5, steps: 10 };
        let found = bounds(objective("99%", "30d"), count).unwrap();
        assert_eq!(found.best.sli, Some(1995.0 / 2000.0));
        assert_eq!(found.best.remaining_ratio, Some(0.75));
        assert_eq!(found.worst.sli, Some(995.0 / 2000.0));
        assert_eq!(found.worst.remaining_ratio, Some(1.0 - 1005.0 / 20.0));
        assert!(found.is_open());
        let missed = WindowCount { events: events(500.0, 1000.0), ..count };
        assert!(!bounds(objective("99%", "30d"), missed).unwrap().is_open());
    }

    #[test]
    fn nothing_is_bounded_where_nothing_is_missing_or_nothing_known() {
        let objective = objective("99%", "30d");
        let of = |events, measured| bounds(objective, WindowCount { events, measured, steps: 10 });
        assert_eq!(of(events(995.0, 1000.0), 10), None);
        assert_eq!(of(events(0.0, 0.0), 0), None);
        assert_eq!(of(events(0.0, 0.0), 5), None);
    }

    #[test]
    fn a_series_is_filled_within_the_window_and_grows_to_it() {
        let minute = Duration::from_minutes(1);
        let (some, more) = (Some(events(9.0, 10.0)), Some(events(30.0, 30.0)));
        let series = EventSeries::new(instant(START), minute, vec![None, some, None, more, None]);
        let at = |minutes: i64| instant(START) + chrono::TimeDelta::minutes(minutes);
        let filled = fill(&series, at(-2), at(4), NoData::Good).unwrap();
        let mean = Some(events(20.0, 20.0));
        assert_eq!(filled.start(), at(-2));
        assert_eq!(filled.counts(), [mean, mean, mean, some, mean, more, None]);
        let filled = fill(&series, at(2), at(7), NoData::Bad).unwrap();
        let bad = Some(events(0.0, 30.0));
        assert_eq!(filled.start(), at(0));
        assert_eq!(filled.counts(), [None, some, bad, more, bad, bad, bad]);
        assert_eq!(fill(&series, at(-2), at(9), NoData::Unknown), Ok(series.clone()));
        assert_eq!(fill(&series, at(2), at(3), NoData::Bad), Ok(series.clone()));
        assert_eq!(fill(&series, at(4), at(1), NoData::Bad), Ok(series.clone()));
        let error = fill(&series, at(0), Instant::MAX_UTC, NoData::Bad).unwrap_err();
        assert!(error.to_string().contains("ask for a shorter one"), "{error}");
    }

    proptest! {
        /// A filled series has the budgets that the bounds promise, and none lies outside of them.
        #[test]
        fn a_filled_series_is_at_the_bounds(
            series in series_strategy(), (back, length) in (-500i64..2000, 1i64..4000),
        ) {
            let objective = objective("99%", "30d");
            // A window of whole steps on the grid of the series.
            let step = series.step().to_chrono();
            let minutes = step.num_minutes();
            let from = series.start() + step * i32::try_from(back / minutes).unwrap();
            let to = from + step * i32::try_from(length / minutes + 1).unwrap();
            let budget = |series: &EventSeries| budget::between(objective, series, from, to).budget;
            let filled = |policy| fill(&series, from, to, policy).unwrap();
            let count = series.window(from, to);
            if let Some(bounds) = bounds(objective, count) {
                for (policy, bound) in [(NoData::Good, bounds.best), (NoData::Bad, bounds.worst)] {
                    let filled = filled(policy);
                    prop_assert_eq!(filled.window(from, to).coverage(), 1.0);
                    let found = budget(&filled);
                    prop_assert!((found.sli.unwrap() - bound.sli.unwrap()).abs() < 1e-9);
                    prop_assert_eq!(found.overspent, bound.overspent);
                }
                let sli = budget(&series).sli.unwrap();
                let within = bounds.worst.sli.unwrap()..=bounds.best.sli.unwrap();
                prop_assert!(within.contains(&sli) || (bounds.best.sli.unwrap() - sli).abs() < 1e-12);
            } else if count.measured == 0 {
                prop_assert_eq!(filled(NoData::Bad), series);
            }
        }
    }
}
