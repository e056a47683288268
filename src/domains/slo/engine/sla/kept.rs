//! What is left of a series without the time that a contract leaves out.
//!
//! A step that is left out in part keeps the share of its events that its rest has of it, as with
//! [`adjust`]: nothing is known of when within the step they happened.
use super::Stretch;
use crate::{
    domains::slo::engine::adjust::{Adjustment, Mode, adjust},
    kernel::{
        series::{EventCount, EventSeries},
        units::Instant,
    },
};
use std::borrow::Cow;

/// A series of which some time does not count.
pub(super) struct Kept<'s> {
    /// What counts of each step.
    events: Cow<'s, EventSeries>,
    /// How much of each measured step counts, as `total`. Unit: milliseconds. `None` where all of all
    /// steps does.
    time: Option<EventSeries>,
    /// What does not count, in order, each apart from the next.
    excluded: Vec<Stretch>,
}

/// What counts of a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct KeptWindow {
    pub(super) events: EventCount,
    /// Steps that were measured; a step that counts in part is that part of one.
    pub(super) measured: f64,
    /// Steps, likewise.
    pub(super) steps: f64,
}

impl<'s> Kept<'s> {
    /// All of a series.
    pub(super) fn all(series: &'s EventSeries) -> Self {
        Self { events: Cow::Borrowed(series), time: None, excluded: Vec::new() }
    }

    /// A series without `excluded`, in any order, overlapping or not, as far as they lie in `period`.
    pub(super) fn without(series: &'s EventSeries, period: Stretch, excluded: &[Stretch]) -> Self {
        let excluded = merged(period, excluded);
        if excluded.is_empty() {
            return Self::all(series);
        }
        let adjustments: Vec<Adjustment> = excluded
            .iter()
            .map(|(from, to)| Adjustment { from: *from, to: *to, mode: Mode::Exclude })
            .collect();
        let events = adjust(series, &adjustments).series;
        let events = events.with_counted_of(series, |from, to| length(&excluded, from, to) == 0);
        let step = series.step().to_chrono();
        let kept = |from: Instant, to: Instant| {
            ((to - from).num_milliseconds() - length(&excluded, from, to)) as f64
        };
        let counted = |kept: f64| EventCount { good: kept, total: kept };
        let mut time = series.map(|at, count| count.map(|_| counted(kept(at, at + step))));
        if let Some((from, _)) = series.part() {
            // The part of a step counts as one of the steps where it is known.
            let span = step.num_milliseconds();
            let into = (from - series.start()).num_milliseconds().rem_euclid(span);
            let end = from + chrono::TimeDelta::milliseconds(span - into);
            let share = kept(from, end) / (span - into) as f64;
            time = time.with_part(from, counted((share * span as f64).round()));
        }
        Self { events: Cow::Owned(events), time: Some(time), excluded }
    }

    /// What counts of `[from, to)`.
    pub(super) fn window(&self, from: Instant, to: Instant) -> KeptWindow {
        let window = self.events.window(from, to);
        let (mut measured, mut steps) = (window.measured as f64, window.steps as f64);
        if let Some(time) = &self.time {
            let step = time.step().milliseconds() as f64;
            measured = time.window(from, to).events.total / step;
            steps = (steps - self.excluded(from, to) as f64 / step).max(measured);
        }
        KeptWindow { events: window.events, measured, steps }
    }

    /// How much of `[from, to)` does not count. Unit: milliseconds.
    pub(super) fn excluded(&self, from: Instant, to: Instant) -> i64 {
        length(&self.excluded, from, to)
    }

    /// Whether a step with events within `[from, to)` counts in part.
    pub(super) fn divides_steps(&self, from: Instant, to: Instant) -> bool {
        let Some(time) = &self.time else { return false };
        let (step, span) = (time.step().milliseconds() as f64, time.step().to_chrono());
        let steps = time.counts().into_iter().zip(self.events.counts());
        let mut at = time.start();
        steps.into_iter().any(|(kept, count)| {
            let begins = at;
            at += span;
            let part = kept.is_some_and(|kept| kept.total > 0.0 && kept.total < step);
            part && count.is_some_and(|count| count.total > 0.0) && (from..to).contains(&begins)
        })
    }
}

/// The stretches within `period`, in order, none of which touches the next.
fn merged((start, end): Stretch, stretches: &[Stretch]) -> Vec<Stretch> {
    let cut = stretches.iter().map(|(from, to)| ((*from).max(start), (*to).min(end)));
    let mut cut: Vec<Stretch> = cut.filter(|(from, to)| from < to).collect();
    cut.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::with_capacity(cut.len());
    for (from, to) in cut {
        match merged.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => merged.push((from, to)),
        }
    }
    merged
}

/// How much of `[from, to)` lies in stretches that are in order and apart. Unit: milliseconds.
fn length(stretches: &[Stretch], from: Instant, to: Instant) -> i64 {
    let first = stretches.partition_point(|(_, end)| *end <= from);
    let within = stretches[first..].iter().take_while(|(begin, _)| *begin < to);
    within.map(|(begin, end)| ((*end).min(to) - (*begin).max(from)).num_milliseconds()).sum()
}
