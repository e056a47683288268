//! What the tests of the engines share.
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};
use proptest::prelude::*;

/// Where the series of the tests begin.
pub(super) const START: &str = "2026-03-01T00:00:00Z";

pub(super) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn objective(target: &str, window: &str) -> Objective {
    Objective::new(target.parse().unwrap(), window.parse().unwrap()).unwrap()
}

/// `(good, bad)` in each step from [`START`].
pub(super) fn series(step: Duration, counts: impl IntoIterator<Item = (u32, u32)>) -> EventSeries {
    let count = |(good, bad): (u32, u32)| EventCount {
        good: f64::from(good),
        total: f64::from(good) + f64::from(bad),
    };
    EventSeries::new(instant(START), step, counts.into_iter().map(count).map(Some).collect())
}

/// Series with steps of one to 40 minutes, with gaps, silence and bursts of errors.
pub(super) fn series_strategy() -> impl Strategy<Value = EventSeries> {
    let count = prop_oneof![
        1 => Just(None),
        1 => Just(Some((0, 0))),
        4 => (0u32..1000).prop_map(|good| Some((good, 0))),
        3 => (0u32..1000, 0u32..30).prop_map(Some),
        1 => (0u32..10, 0u32..1000).prop_map(Some),
    ];
    let event_count =
        |(good, bad)| EventCount { good: f64::from(good), total: f64::from(good + bad) };
    (1u64..40, prop::collection::vec(count, 0..90)).prop_map(move |(minutes, counts)| {
        let counts = counts.into_iter().map(|count| count.map(event_count)).collect();
        EventSeries::new(instant(START), Duration::from_minutes(minutes), counts)
    })
}
