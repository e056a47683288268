//! Time slices: budgets that count bad minutes instead of bad events.
//!
//! A series of events becomes a series of slices, in which one slice is one event. Budgets, burn rates,
//! forecasts and alerts then work as they are; their unit is the slice.
//!
//! # Which slices there are
//! Slices lie on the multiples of their length since 1970-01-01T00:00Z, so that the same minutes form a
//! slice whoever asks, and whenever. A step belongs to the slice in which it begins. A slice of which
//! only some steps were measured counts by those; one of which none was is not measured.
//!
//! The slice in which the series ends is left out until the series reaches its end. A slice that is
//! judged too early changes its mind: the first request of a minute fails, the slice is bad, the rest
//! succeeds, the slice is good, and whoever looked in between was paged for nothing. So a verdict, once
//! given, holds, and an answer is late by one slice at most. Ask for windows that end at [`settled`], or
//! at the end of the series returned: a window that ends within a slice counts that slice as one that
//! was not measured.
//!
//! Source: `OpenSLO` v1, `budgetingMethod` `Timeslices` and `RatioTimeslices`.
use super::exact;
use crate::{
    domains::slo::model::{Budgeting, NoTraffic},
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant, Ratio},
    },
};
use chrono::DateTime;
use std::borrow::Cow;

/// Why a series cannot be cut into slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    /// The slice is zero.
    #[error("a slice of `0s` holds no events; give it a length such as `1m`")]
    Empty,
    /// The series cannot tell what happened within one of its steps.
    #[error(
        "slices of `{slice}` cannot be made of measurements in steps of `{step}`; choose a multiple of \
         `{step}`"
    )]
    NotWholeSteps {
        /// Length of a slice.
        slice: Duration,
        /// Length of a step.
        step: Duration,
    },
}

/// What an objective counts, by its method: the events as they are, or slices of them.
///
/// # Errors
/// If the slice is no multiple of the series' step.
pub fn budgeted(
    series: Cow<'_, EventSeries>,
    budgeting: Budgeting,
) -> Result<Cow<'_, EventSeries>, SliceError> {
    let sliced = match budgeting {
        Budgeting::Occurrences => return Ok(series),
        Budgeting::Timeslices { slice, target, no_traffic } => {
            timeslices(&series, slice, target, no_traffic)
        }
        Budgeting::RatioTimeslices { slice, no_traffic } => {
            ratio_timeslices(&series, slice, no_traffic)
        }
    };
    sliced.map(Cow::Owned)
}

/// Slices that are good or bad: good where at least `slice_target` of the slice's events are, compared
/// without rounding.
///
/// Returns a series with the step `slice`; a slice has the total 1, and is good 1 or 0.
///
/// # Errors
/// If `slice` is no multiple of the series' step.
pub fn timeslices(
    series: &EventSeries,
    slice: Duration,
    slice_target: Ratio,
    no_traffic: NoTraffic,
) -> Result<EventSeries, SliceError> {
    sliced(series, slice, no_traffic, |events| {
        if exact::overspent(events, slice_target) { 0.0 } else { 1.0 }
    })
}

/// Slices that are as good as the share of their events that is: each weighs the same, however much
/// traffic it had.
///
/// Returns a series with the step `slice`; a slice has the total 1, and its ratio of good events for
/// good.
///
/// # Errors
/// If `slice` is no multiple of the series' step.
pub fn ratio_timeslices(
    series: &EventSeries,
    slice: Duration,
    no_traffic: NoTraffic,
) -> Result<EventSeries, SliceError> {
    sliced(series, slice, no_traffic, |events| {
        exact::bad_of_total(events).map_or(1.0, |(bad, total)| (total - bad) / total)
    })
}

/// The end of the last slice that has ended by `now`.
pub fn settled(now: Instant, slice: Duration) -> Instant {
    begin_of(index_of(now, slice), slice)
}

/// Slices of which `good` says how much of their events, of which there are some, is good.
fn sliced(
    series: &EventSeries,
    slice: Duration,
    no_traffic: NoTraffic,
    good: impl Fn(EventCount) -> f64,
) -> Result<EventSeries, SliceError> {
    let step = series.step();
    if slice.is_zero() {
        return Err(SliceError::Empty);
    }
    if !slice.milliseconds().is_multiple_of(step.milliseconds()) {
        return Err(SliceError::NotWholeSteps { slice, step });
    }
    let verdict = |events: EventCount| {
        let good = match (exact::bad_of_total(events), no_traffic) {
            (Some(_), _) => good(events),
            (None, NoTraffic::Ignore) => return EventCount::default(),
            (None, NoTraffic::Good) => 1.0,
            (None, NoTraffic::Bad) => 0.0,
        };
        EventCount { good, total: 1.0 }
    };
    let (first, end) = (index_of(series.start(), slice), index_of(series.end(), slice));
    let slices = (first..end).map(|index| {
        let count = series.window(begin_of(index, slice), begin_of(index + 1, slice));
        (count.measured > 0).then(|| verdict(count.events))
    });
    let slices = slices.collect();
    Ok(EventSeries::new(begin_of(first, slice), slice, slices))
}

/// Number of the slice with that moment, counted from the epoch.
fn index_of(at: Instant, slice: Duration) -> i64 {
    let slice = i64::try_from(slice.milliseconds().max(1)).unwrap_or(i64::MAX);
    at.timestamp_millis().div_euclid(slice)
}

/// Where a slice begins; the last of all instants beyond it.
fn begin_of(index: i64, slice: Duration) -> Instant {
    let slice = i64::try_from(slice.milliseconds()).unwrap_or(i64::MAX);
    index.checked_mul(slice).and_then(DateTime::from_timestamp_millis).unwrap_or(if index < 0 {
        Instant::MIN_UTC
    } else {
        Instant::MAX_UTC
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "slices are ones and zeros, and halves of few events")]
mod tests {
    use super::*;
    use crate::domains::slo::engine::{
        budget, burn, exhaustion,
        testing::{START, instant, objective, series, series_strategy},
    };
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);
    const FIVE: Duration = Duration::from_minutes(5);

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    /// The slices: `None` not measured, else good of total.
    fn shown(series: &EventSeries) -> Vec<Option<(f64, f64)>> {
        series.counts().iter().map(|count| count.map(|count| (count.good, count.total))).collect()
    }

    #[test]
    fn a_slice_is_good_if_it_meets_its_target_exactly() {
        // Of three hundred in five minutes, three bad are 99%, and four are not.
        let met = [(60, 0), (58, 2), (60, 0), (59, 1), (60, 0)];
        let missed = [(60, 0), (58, 2), (60, 0), (58, 2), (60, 0)];
        let steps = [met, missed].concat();
        let found =
            timeslices(&series(MINUTE, steps), FIVE, ratio("99%"), NoTraffic::Ignore).unwrap();
        assert_eq!((found.start(), found.step()), (instant(START), FIVE));
        assert_eq!(shown(&found), [Some((1.0, 1.0)), Some((0.0, 1.0))]);
        let one_bad = series(FIVE, [(999, 1), (1000, 0)]);
        let found = timeslices(&one_bad, FIVE, Ratio::ONE, NoTraffic::Ignore).unwrap();
        assert_eq!(shown(&found), [Some((0.0, 1.0)), Some((1.0, 1.0))]);
    }

    #[test]
    fn a_ratio_slice_is_as_good_as_its_events() {
        let steps = [(1, 0), (0, 3), (0, 0), (0, 0), (0, 0), (700, 100)];
        let hours = series(Duration::from_hours(1), steps);
        let found = ratio_timeslices(&hours, Duration::from_hours(2), NoTraffic::Ignore).unwrap();
        assert_eq!(shown(&found), [Some((0.25, 1.0)), Some((0.0, 0.0)), Some((0.875, 1.0))]);
        // (0.25 + 0.875) / 2: eight hundred events weigh as much as four.
        let whole = budget::between(objective("90%", "6h"), &found, found.start(), found.end());
        assert_eq!(whole.budget.sli, Some(0.5625));
    }

    /// The example of `docs/concepts/budgeting-methods.md`.
    #[test]
    fn three_methods_see_the_same_minutes_differently() {
        let minutes = series(MINUTE, [(1000, 0), (980, 20), (90, 10), (0, 0), (0, 10)]);
        let sli = |series: &EventSeries| {
            let whole =
                budget::between(objective("90%", "5m"), series, series.start(), series.end());
            whole.budget.sli.unwrap()
        };
        let slices = timeslices(&minutes, MINUTE, ratio("95%"), NoTraffic::Ignore).unwrap();
        let ratios = ratio_timeslices(&minutes, MINUTE, NoTraffic::Ignore).unwrap();
        assert_eq!(sli(&minutes), 2070.0 / 2110.0);
        assert_eq!(sli(&slices), 0.5);
        assert!((sli(&ratios) - 0.72).abs() < 1e-12);
    }

    #[test]
    fn silence_counts_as_the_policy_says_and_what_is_not_measured_never() {
        let silent = Some(EventCount::default());
        let some = Some(EventCount { good: 9.0, total: 10.0 });
        let steps = vec![silent, silent, None, None, None, some, None, silent];
        let series = EventSeries::new(instant(START), MINUTE, steps);
        let two = Duration::from_minutes(2);
        let of = |policy| shown(&timeslices(&series, two, ratio("90%"), policy).unwrap());
        let (good, bad) = (Some((1.0, 1.0)), Some((0.0, 1.0)));
        assert_eq!(of(NoTraffic::Ignore), [Some((0.0, 0.0)), None, good, Some((0.0, 0.0))]);
        assert_eq!(of(NoTraffic::Good), [good, None, good, good]);
        assert_eq!(of(NoTraffic::Bad), [bad, None, good, bad]);
        let ratios = ratio_timeslices(&series, two, NoTraffic::Bad).unwrap();
        assert_eq!(shown(&ratios), [bad, None, Some((0.9, 1.0)), bad]);
    }

    #[test]
    fn the_slice_that_has_not_ended_is_left_out_and_the_first_counts_by_what_it_has() {
        // From 00:03 to 00:13: the slices from 00:00, of which two minutes are known, and from 00:05.
        let steps = vec![Some(EventCount { good: 0.0, total: 1.0 }); 10];
        let begin = instant("2026-03-01T00:03:00Z");
        let series = EventSeries::new(begin, MINUTE, steps);
        let found = timeslices(&series, FIVE, ratio("50%"), NoTraffic::Ignore).unwrap();
        assert_eq!(found.start(), instant("2026-03-01T00:00:00Z"));
        assert_eq!(shown(&found), [Some((0.0, 1.0)); 2]);
        assert_eq!(settled(series.end(), FIVE), found.end());
        assert_eq!(settled(found.end(), FIVE), found.end());
        let none = EventSeries::new(begin, MINUTE, vec![]);
        let none = timeslices(&none, FIVE, ratio("50%"), NoTraffic::Bad).unwrap();
        assert_eq!(shown(&none), []);
    }

    #[test]
    fn steps_off_the_grid_belong_to_the_slice_in_which_they_begin() {
        let begin = instant("2026-03-01T00:00:30Z");
        let steps =
            (0..6).map(|bad| Some(EventCount { good: f64::from(bad), total: 6.0 })).collect();
        let series = EventSeries::new(begin, MINUTE, steps);
        let found = ratio_timeslices(&series, Duration::from_minutes(3), NoTraffic::Bad).unwrap();
        assert_eq!(shown(&found), [Some((3.0 / 18.0, 1.0)), Some((12.0 / 18.0, 1.0))]);
    }

    #[test]
    fn a_slice_is_a_whole_number_of_steps() {
        let five = series(FIVE, [(1, 0)]);
        let error = |slice| timeslices(&five, slice, Ratio::ONE, NoTraffic::Bad).unwrap_err();
        assert_eq!(error(Duration::ZERO), SliceError::Empty);
        assert_eq!(
            error(MINUTE).to_string(),
            "slices of `1m` cannot be made of measurements in steps of `5m`; choose a multiple of `5m`"
        );
        assert!(ratio_timeslices(&five, Duration::from_minutes(7), NoTraffic::Bad).is_err());
        let ages = timeslices(&five, Duration::MAX, Ratio::ONE, NoTraffic::Bad).unwrap();
        assert_eq!(shown(&ages), [], "a slice of a thousand years has not ended");
    }

    proptest! {
        /// Where steps are slices and all or none of their events are good, counting slices is counting
        /// events of which each step has one: all engines agree.
        #[test]
        fn slices_of_all_or_nothing_are_occurrences(
            steps in prop::collection::vec((any::<bool>(), 1u32..1000), 1..60),
            parts in 1..Ratio::PARTS,
        ) {
            let objective = objective("95%", "3h");
            let events = steps.iter().map(|(good, n)| if *good { (*n, 0) } else { (0, *n) });
            let ones = steps.iter().map(|(good, _)| (u32::from(*good), u32::from(!*good)));
            let (events, ones) = (series(FIVE, events), series(FIVE, ones));
            let target = Ratio::from_parts(parts).unwrap();
            let slices = timeslices(&events, FIVE, target, NoTraffic::Ignore).unwrap();
            prop_assert_eq!(&slices, &ones);
            let ratios = ratio_timeslices(&events, FIVE, NoTraffic::Ignore).unwrap();
            prop_assert_eq!(&ratios, &ones);
            let now = slices.end();
            prop_assert_eq!(budget::at(objective, &slices, now), budget::at(objective, &ones, now));
            let hour = Duration::from_hours(1);
            prop_assert_eq!(burn::over(objective, &slices, hour, now), burn::over(objective, &ones, hour, now));
            prop_assert_eq!(exhaustion::forecast(objective, &slices, now), exhaustion::forecast(objective, &ones, now));
        }

        /// Each slice is what its own events say, and none is missing.
        #[test]
        fn slices_agree_with_a_loop_over_the_steps(
            series in series_strategy(), factor in 1u64..5, parts in 0..=Ratio::PARTS,
        ) {
            let step = series.step().milliseconds();
            let slice = Duration::from_milliseconds(step * factor);
            let target = Ratio::from_parts(parts).unwrap();
            let found = timeslices(&series, slice, target, NoTraffic::Bad).unwrap();
            let ratios = ratio_timeslices(&series, slice, NoTraffic::Good).unwrap();
            let end = series.end().timestamp_millis();
            let mut expected = std::collections::BTreeMap::new();
            let length = i64::try_from(slice.milliseconds()).unwrap();
            for (at, count) in series.counts().iter().enumerate() {
                let begin = series.start().timestamp_millis() + i64::try_from(step).unwrap() * i64::try_from(at).unwrap();
                let slice = begin - begin.rem_euclid(length);
                if slice + length <= end {
                    let sum: &mut Option<EventCount> = expected.entry(slice).or_default();
                    if let Some(count) = count {
                        *sum.get_or_insert_default() += *count;
                    }
                }
            }
            let expected: Vec<Option<EventCount>> = expected.into_values().collect();
            prop_assert_eq!(expected.len(), found.counts().len());
            for ((sum, found), ratio) in expected.iter().zip(found.counts()).zip(ratios.counts()) {
                let good = sum.map(|sum| {
                    // Products of whole numbers below 2^53 are exact.
                    let needed = f64::from(parts) * sum.total;
                    sum.total > 0.0 && sum.good * f64::from(Ratio::PARTS) >= needed
                });
                prop_assert_eq!(found.map(|slice| slice.good == 1.0), good);
                let expected = sum.map(|sum| if sum.total > 0.0 { sum.good / sum.total } else { 1.0 });
                prop_assert_eq!(ratio.map(|slice| slice.good), expected);
            }
        }
    }
}
