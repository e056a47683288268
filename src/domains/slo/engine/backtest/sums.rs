//! Running sums of a series: what any window of whole steps holds is one subtraction.
use super::super::exact;
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{BurnFactor, Duration, Instant, Ratio},
};

/// Sums over the first `i` steps of a series, for every `i`.
///
/// They are added up in the order in which [`EventSeries::window`] does, so that windows hold the same to the
/// last bit, however many fractions were added. What a series knows of windows as a whole is left out: it is
/// known of a few moments only.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    start: Instant,
    step: Duration,
    good: Vec<f64>,
    total: Vec<f64>,
    measured: Vec<u32>,
}

impl Sums {
    /// The sums of a series.
    pub(super) fn of(series: &EventSeries) -> Self {
        Self::sum(series, |count| count)
    }

    /// The sums of the same traffic in whole events, all of them good.
    pub(super) fn of_traffic(series: &EventSeries) -> Self {
        Self::sum(series, |count| {
            let total = count.total.max(0.0).round();
            EventCount { good: total, total }
        })
    }

    fn sum(series: &EventSeries, count: impl Fn(EventCount) -> EventCount) -> Self {
        let steps = series.len() + 1;
        let mut sums = Self {
            start: series.start(),
            step: series.step(),
            good: Vec::with_capacity(steps),
            total: Vec::with_capacity(steps),
            measured: Vec::with_capacity(steps),
        };
        let mut sum = (EventCount::default(), 0);
        sums.push(sum);
        for index in 0..series.len() {
            if let Some(step) = series.count_at(index) {
                sum.0 += count(step);
                sum.1 += 1;
            }
            sums.push(sum);
        }
        sums
    }

    fn push(&mut self, (events, measured): (EventCount, u32)) {
        self.good.push(events.good);
        self.total.push(events.total);
        self.measured.push(measured);
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.total.len() - 1
    }

    /// Length of a step.
    pub(super) fn step(&self) -> Duration {
        self.step
    }

    /// The moment at which the first `index` steps are over.
    pub(super) fn at(&self, index: usize) -> Instant {
        let steps = i32::try_from(index).unwrap_or(i32::MAX);
        self.start + self.step.to_chrono() * steps
    }

    /// How many steps are over at `at`, of those that there are.
    pub(super) fn over_at(&self, at: Instant) -> usize {
        let milliseconds = (at - self.start).num_milliseconds().max(0).unsigned_abs();
        usize::try_from(milliseconds / self.step.milliseconds())
            .map_or(self.len(), |steps| steps.min(self.len()))
    }

    /// How many whole steps a window is long.
    pub(super) fn steps_of(&self, window: Duration) -> usize {
        usize::try_from(window.milliseconds() / self.step.milliseconds()).unwrap_or(usize::MAX)
    }

    /// Steps since the epoch before the series begins: what steps are counted by, so that it does not matter
    /// where a history begins.
    pub(super) fn steps_before(&self) -> i64 {
        let step = i64::try_from(self.step.milliseconds()).unwrap_or(i64::MAX);
        self.start.timestamp_millis().div_euclid(step)
    }

    /// What the steps `from..to` hold; nothing where there are no such steps.
    pub(super) fn events(&self, from: usize, to: usize) -> EventCount {
        let between = |sums: &[f64]| match (sums.get(from), sums.get(to)) {
            (Some(before), Some(after)) => after - before,
            _ => 0.0,
        };
        EventCount { good: between(&self.good), total: between(&self.total) }
    }

    /// The first step from `from` on by whose end so many events have happened; `None` where there is none.
    pub(super) fn step_with(&self, from: usize, events: f64) -> Option<usize> {
        let later = self.total.get(from + 1..)?;
        let step = from + later.partition_point(|total| *total < events);
        (step < self.len()).then_some(step)
    }

    /// How many of the steps `from..to` were measured.
    pub(super) fn measured(&self, from: usize, to: usize) -> u32 {
        match (self.measured.get(from), self.measured.get(to)) {
            (Some(before), Some(after)) => after - before,
            _ => 0,
        }
    }

    /// Whether a step was not measured.
    pub(super) fn has_gaps(&self) -> bool {
        self.measured.last().is_none_or(|measured| *measured as usize != self.len())
    }

    /// Calls `found` with each of the moments `first`, `first + every`, ... up to `last` at which the window
    /// of `steps` before it is above the threshold. `first` must not be less than `steps`.
    pub(super) fn each_above(
        &self,
        steps: usize,
        threshold: &Threshold,
        (first, last, every): (usize, usize, usize),
        mut found: impl FnMut(usize),
    ) {
        if first > last || last > self.len() || steps > first {
            return;
        }
        let (low, high) = (first - steps..=last - steps, first..=last);
        let good = self.good[low.clone()].iter().zip(&self.good[high.clone()]);
        let total = self.total[low].iter().zip(&self.total[high]);
        for (index, ((good, good_then), (total, total_then))) in
            good.zip(total).enumerate().step_by(every)
        {
            let events = EventCount { good: good_then - good, total: total_then - total };
            if threshold.is_exceeded(events) {
                found(first + index);
            }
        }
    }
}

/// An error ratio that a window has to exceed, strictly and without rounding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold {
    exact: (u128, u128),
    /// Below this it is certainly not exceeded.
    low: f64,
    /// Above this it certainly is.
    high: f64,
}

/// How far from a threshold floating point is not trusted: far above the error of a few operations.
const CLOSE: f64 = 1e-9;

impl Threshold {
    /// `F · (1 − T)`.
    pub(super) fn of(factor: BurnFactor, target: Ratio) -> Self {
        Self::new(factor.error_ratio(target))
    }

    /// `1 − T`: more is spent than the target allows.
    pub(super) fn budget(target: Ratio) -> Self {
        Self::new((u128::from(target.complement().parts()), u128::from(Ratio::PARTS)))
    }

    fn new(exact: (u128, u128)) -> Self {
        let ratio = exact.0 as f64 / exact.1 as f64;
        Self { exact, low: ratio * (1.0 - CLOSE), high: ratio * (1.0 + CLOSE) }
    }

    /// Nearest `f64`.
    pub(super) fn ratio(&self) -> f64 {
        self.exact.0 as f64 / self.exact.1 as f64
    }

    /// What [`exact::exceeds`] says, mostly without its divisions.
    pub(super) fn is_exceeded(&self, events: EventCount) -> bool {
        let bad = events.bad();
        let all = events.total;
        if all <= 0.0 || bad <= all * self.low {
            return false;
        }
        // More bad events than events are as many: sums of fractions may differ by a little.
        (self.high < 1.0 && bad > all * self.high) || exact::exceeds(events, self.exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::series_strategy;
    use proptest::prelude::*;

    proptest! {
        /// Each window of steps holds what the series says, to the last bit.
        #[test]
        fn windows_hold_what_the_series_says(
            series in series_strategy(),
            fraction in 0u8..3,
            (from, to) in (0usize..95, 0usize..95),
        ) {
            let scale = [1.0, 0.1, 1.0 / 3.0][usize::from(fraction)];
            let series = series.map(|_, count| count.map(|count| EventCount {
                good: count.good * scale,
                total: count.total * scale,
            }));
            let sums = Sums::of(&series);
            let (from, to) = (from.min(series.len()), to.min(series.len()));
            prop_assume!(from < to);
            let window = series.window(sums.at(from), sums.at(to));
            prop_assert_eq!(sums.events(from, to), window.events);
            prop_assert_eq!(u64::from(sums.measured(from, to)), window.measured);
            prop_assert_eq!(sums.over_at(sums.at(to)), to);
        }

        /// The quick answer is the exact one, at the threshold and one event beside it.
        #[test]
        fn the_quick_answer_is_the_exact_one(
            (total, thousandths) in (1u32..2_000_000, 1u32..1200),
            beside in -1i32..=1,
            halves: bool,
        ) {
            let factor: BurnFactor = format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
                .parse()
                .unwrap();
            let target = "0%".parse().unwrap();
            let threshold = Threshold::of(factor, target);
            let scale = if halves { 0.5 } else { 1.0 };
            let bad = (f64::from(total) * f64::from(thousandths) / 1000.0).round()
                + f64::from(beside);
            let total = f64::from(total) * scale;
            let events = EventCount { good: total - bad.max(0.0) * scale, total };
            prop_assert_eq!(
                threshold.is_exceeded(events),
                exact::exceeds(events, factor.error_ratio(target))
            );
        }
    }
}
