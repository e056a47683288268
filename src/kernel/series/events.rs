//! Good and total events per step of a regular grid.
use super::packed::PackedCounts;
use crate::kernel::units::{Duration, Instant};

/// Events counted over some stretch of time.
///
/// Unit: events. Sources that extrapolate give fractions, hence `f64`; counts of whole events are
/// exact up to 2^53.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventCount {
    /// Events that met the indicator's criterion; at most `total`.
    pub good: f64,
    /// Events that count at all.
    pub total: f64,
}

impl EventCount {
    /// Events that missed the criterion.
    pub fn bad(self) -> f64 {
        self.total - self.good
    }

    /// `bad / total`; `None` without events, for nothing divided by nothing is not a ratio.
    pub fn error_ratio(self) -> Option<f64> {
        (self.total > 0.0).then(|| self.bad() / self.total)
    }
}

impl std::ops::AddAssign for EventCount {
    fn add_assign(&mut self, other: Self) {
        self.good += other.good;
        self.total += other.total;
    }
}

impl std::ops::Add for EventCount {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

/// Event counts on a regular grid, with prefix sums so that every window costs the same.
///
/// Shape: step `i` covers `[start + i·step, start + (i+1)·step)`. A step is *unmeasured* (`None`) or
/// measured, perhaps with no events: silence is not the same as not listening.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSeries {
    start: Instant,
    step: Duration,
    counts: PackedCounts,
    /// `prefix[i]`: sums over the measured steps before `i · BLOCK`, and how many they are.
    prefix: Vec<(EventCount, u32)>,
    /// A moment inside of a step, and what that step holds from there on.
    part: Option<(Instant, EventCount)>,
    /// Windows that were counted as a whole, in no order.
    counted: Vec<CountedWindow>,
}

/// Steps between two sums: so that these are few beside the counts, and a window is still a few additions.
const BLOCK: usize = 16;

/// A window that was counted as a whole where it was measured, rather than step by step here.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CountedWindow {
    from: Instant,
    to: Instant,
    events: Option<EventCount>,
}

/// What a window of a series holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowCount {
    /// Events in the measured steps of the window.
    pub events: EventCount,
    /// Measured steps.
    pub measured: u64,
    /// Steps that the window is long, measured or not; what is left of a whole number counts as one.
    pub steps: u64,
}

impl WindowCount {
    /// Share of the window that was measured, `0..=1`; 0 for a window without steps.
    pub fn coverage(self) -> f64 {
        if self.steps == 0 { 0.0 } else { self.measured as f64 / self.steps as f64 }
    }
}

impl EventSeries {
    /// A series from its parts. `step` must not be zero.
    pub fn new(start: Instant, step: Duration, counts: Vec<Option<EventCount>>) -> Self {
        debug_assert!(!step.is_zero(), "a step has a length");
        let mut prefix = Vec::with_capacity(counts.len() / BLOCK + 1);
        let mut sum = (EventCount::default(), 0);
        for block in counts.chunks(BLOCK) {
            prefix.push(sum);
            for count in block.iter().flatten() {
                sum.0 += *count;
                sum.1 += 1;
            }
        }
        if counts.len().is_multiple_of(BLOCK) {
            prefix.push(sum);
        }
        let counts = PackedCounts::new(counts);
        Self { start, step, counts, prefix, part: None, counted: Vec::new() }
    }

    /// The same series, of which it is also known what the step around `from` holds from there on: a
    /// window that begins at `from` is then exact as well.
    #[must_use]
    pub fn with_part(self, from: Instant, count: EventCount) -> Self {
        Self { part: Some((from, count)), ..self }
    }

    /// The same series, of which it is also known what `[from, to)` holds as a whole, or that nothing
    /// was measured in it (`None`). A server knows that better than the sum of what it says of the
    /// steps, each of which it extrapolates; so such a window is answered with this, and its coverage
    /// alone comes from the steps.
    #[must_use]
    pub fn with_counted(mut self, from: Instant, to: Instant, events: Option<EventCount>) -> Self {
        self.counted.push(CountedWindow { from, to, events });
        self
    }

    /// The same series with those windows that `other` counted as a whole and that `keep` says hold for
    /// this one as well.
    #[must_use]
    pub fn with_counted_of(
        mut self,
        other: &Self,
        keep: impl Fn(Instant, Instant) -> bool,
    ) -> Self {
        let kept = other.counted.iter().filter(|window| keep(window.from, window.to));
        self.counted.extend(kept.copied());
        self
    }

    /// Whether the series can tell what happened within `[from, to)`: it is at least a step long, or
    /// was counted as a whole.
    pub fn resolves(&self, from: Instant, to: Instant) -> bool {
        self.counted(from, to).is_some() || to - from >= self.step.to_chrono()
    }

    /// The moment inside of a step and what that step holds from there on, as [`EventSeries::with_part`]
    /// was told.
    pub fn part(&self) -> Option<(Instant, EventCount)> {
        self.part
    }

    /// Start of the first step.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// End of the last step; the start where there is none.
    pub fn end(&self) -> Instant {
        self.start + self.step.to_chrono() * i32::try_from(self.len()).unwrap_or(i32::MAX)
    }

    /// Length of one step.
    pub fn step(&self) -> Duration {
        self.step
    }

    /// The same counts of other events on the same steps: `change` is given the start of each step and
    /// what it holds. What is known of windows as a whole is forgotten, for it is about what was.
    #[must_use]
    pub fn map(
        &self,
        mut change: impl FnMut(Instant, Option<EventCount>) -> Option<EventCount>,
    ) -> Self {
        let step = self.step.to_chrono();
        let mut at = self.start;
        let counts = self.counts().into_iter().map(|count| {
            let changed = change(at, count);
            at += step;
            changed
        });
        Self::new(self.start, self.step, counts.collect())
    }

    /// The steps that begin in `[from, to)`, without what is known of windows as a whole.
    #[must_use]
    pub fn between(&self, from: Instant, to: Instant) -> Self {
        let clamp = |at: Instant| {
            usize::try_from(self.step_at(at).max(0)).unwrap_or(usize::MAX).min(self.len())
        };
        let (first, last) = (clamp(from), clamp(to));
        let counts = (first..last).map(|index| self.counts.at(index)).collect();
        let offset = i64::try_from(first as u64 * self.step.milliseconds()).unwrap_or(i64::MAX);
        let start = self.start + chrono::TimeDelta::milliseconds(offset);
        Self::new(start, self.step, counts)
    }

    /// What both series count together, step by step; a step that one of them measured is measured.
    /// Windows that were counted as a whole are so where both were. `None` where their steps do not
    /// lie on the same grid.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let step = i64::try_from(self.step.milliseconds()).ok()?;
        let apart = (other.start - self.start).num_milliseconds();
        if self.step != other.step || apart % step != 0 {
            return None;
        }
        let start = self.start.min(other.start);
        let before = |one: &Self| usize::try_from((one.start - start).num_milliseconds() / step);
        let (mine, others) = (before(self).ok()?, before(other).ok()?);
        let length = (mine + self.len()).max(others + other.len());
        let mut counts = vec![None; length];
        for (begin, one) in [(mine, self), (others, other)] {
            for (sum, count) in counts[begin..].iter_mut().zip(one.counts()) {
                if let Some(count) = count {
                    *sum.get_or_insert_default() += count;
                }
            }
        }
        let part = match (self.part, other.part) {
            (Some((from, mut count)), Some((at, more))) if from == at => {
                count += more;
                Some((from, count))
            }
            _ => None,
        };
        let counted = self.counted.iter().filter_map(|window| {
            let other = other.counted(window.from, window.to)?;
            let events = match (window.events, other.events) {
                (Some(mut count), Some(more)) => {
                    count += more;
                    Some(count)
                }
                (one, another) => one.or(another),
            };
            Some(CountedWindow { events, ..*window })
        });
        let counted = counted.collect();
        Some(Self { part, counted, ..Self::new(start, self.step, counts) })
    }

    /// The counts, one per step, unpacked: who needs a few of them asks for each with
    /// [`EventSeries::count_at`].
    pub fn counts(&self) -> Vec<Option<EventCount>> {
        (0..self.len()).map(|index| self.counts.at(index)).collect()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The count of a step; `None` where nothing was measured, or there is no such step.
    pub fn count_at(&self, index: usize) -> Option<EventCount> {
        if index < self.len() { self.counts.at(index) } else { None }
    }

    /// Sums over the measured steps before `index`, and how many they are.
    fn sum_before(&self, index: usize) -> (EventCount, u32) {
        let (mut events, mut measured) = self.prefix[index / BLOCK];
        for count in (index - index % BLOCK..index).filter_map(|at| self.counts.at(at)) {
            events += count;
            measured += 1;
        }
        (events, measured)
    }

    /// What `[from, to)` holds: the steps that begin in it, and the part of a step that is known from
    /// `from` on. What lies outside the series counts as unmeasured steps, and so does what is left of
    /// a window that is no whole number of steps.
    pub fn window(&self, from: Instant, to: Instant) -> WindowCount {
        let (first, last) = (self.step_at(from), self.step_at(to));
        if to <= from {
            return WindowCount::default();
        }
        if let Some(counted) = self.counted(from, to) {
            return self.as_counted(counted, first, last);
        }
        let mut count = self.whole_steps(first, last);
        // Of the step before `first`, if it is one of the series and ends within the window.
        let measured = usize::try_from(first).is_ok_and(|first| first <= self.len());
        if let Some((_, part)) = self.part.filter(|(begin, _)| *begin == from)
            && (measured && first > 0 && (last > first || self.begins_at(to)))
        {
            count.events += part;
            count.measured += 1;
        }
        let length = (to - from).num_milliseconds().unsigned_abs();
        count.steps = length.div_ceil(self.step.milliseconds());
        count
    }

    fn counted(&self, from: Instant, to: Instant) -> Option<CountedWindow> {
        self.counted.iter().find(|window| window.from == from && window.to == to).copied()
    }

    /// A window that was counted as a whole; the steps say how much of it was measured, where it is at
    /// least two of them.
    fn as_counted(&self, window: CountedWindow, first: i64, last: i64) -> WindowCount {
        let Some(events) = window.events else {
            return WindowCount {
                steps: (last - first).max(1).unsigned_abs(),
                ..WindowCount::default()
            };
        };
        let steps = self.whole_steps(first, last);
        if steps.steps >= 2 && steps.measured > 0 {
            return WindowCount { events, ..steps };
        }
        WindowCount { events, measured: 1, steps: 1 }
    }

    /// How many steps begin in `[from, to)`, those outside the series as well.
    pub fn steps_in(&self, from: Instant, to: Instant) -> u64 {
        u64::try_from(self.step_at(to) - self.step_at(from)).unwrap_or(0)
    }

    /// What the steps `first..last` hold.
    fn whole_steps(&self, first: i64, last: i64) -> WindowCount {
        if last <= first {
            return WindowCount::default();
        }
        let clamp =
            |index: i64| usize::try_from(index.max(0)).unwrap_or(usize::MAX).min(self.len());
        let (low, high) = (self.sum_before(clamp(first)), self.sum_before(clamp(last)));
        WindowCount {
            events: EventCount {
                good: high.0.good - low.0.good,
                total: high.0.total - low.0.total,
            },
            measured: u64::from(high.1 - low.1),
            steps: last.abs_diff(first),
        }
    }

    /// Whether a step begins at that moment.
    fn begins_at(&self, at: Instant) -> bool {
        self.offset(at).1 == 0
    }

    /// Index of the first step that begins at or after `at`; negative before the series.
    fn step_at(&self, at: Instant) -> i64 {
        let (steps, rest) = self.offset(at);
        steps + i64::from(rest != 0)
    }

    /// Whole steps from the start to `at`, and the milliseconds that are left.
    fn offset(&self, at: Instant) -> (i64, i64) {
        let step = i64::try_from(self.step.milliseconds()).unwrap_or(i64::MAX);
        let offset = (at - self.start).num_milliseconds();
        (offset.div_euclid(step), offset.rem_euclid(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A series of hours from the epoch on, so many steps later.
    fn hours(later: usize, counts: Vec<Option<(u8, u8)>>) -> EventSeries {
        let hour = Duration::from_hours(1);
        let start = Instant::UNIX_EPOCH + hour.to_chrono() * i32::try_from(later).unwrap();
        let count = |(good, bad)| EventCount {
            good: f64::from(good),
            total: f64::from(good) + f64::from(bad),
        };
        EventSeries::new(start, hour, counts.into_iter().map(|step| step.map(count)).collect())
    }

    type Counts = Vec<Option<(u8, u8)>>;

    proptest! {
        #[test]
        fn a_sum_holds_what_both_hold(
            (one, later) in (prop::collection::vec(any::<Option<(u8, u8)>>(), 0..9), 0usize..5),
            (other, behind) in (prop::collection::vec(any::<Option<(u8, u8)>>(), 0..9), 0usize..5),
            (from, to) in (-2i32..15, -2i32..15),
        ) {
            let (one, other): (Counts, Counts) = (one, other);
            let (one, other) = (hours(later, one), hours(behind, other));
            let sum = one.plus(&other).unwrap();
            prop_assert_eq!(&other.plus(&one).unwrap(), &sum);
            let at = |hour| Instant::UNIX_EPOCH + Duration::from_hours(1).to_chrono() * hour;
            let window = |series: &EventSeries| series.window(at(from), at(to));
            let mut both = window(&one).events;
            both += window(&other).events;
            prop_assert_eq!(window(&sum).events, both);
            let measured = [window(&one).measured, window(&other).measured];
            prop_assert!(window(&sum).measured >= measured[0].max(measured[1]));
            prop_assert!(window(&sum).measured <= measured[0] + measured[1]);
        }
    }

    #[test]
    fn a_sum_knows_what_both_counted_as_a_whole() {
        let (from, to) = (Instant::UNIX_EPOCH, Instant::UNIX_EPOCH + chrono::TimeDelta::hours(2));
        let series = || hours(0, vec![Some((9, 1)), Some((9, 1))]);
        let whole = |good| Some(EventCount { good, total: 20.5 });
        let one = series().with_counted(from, to, whole(18.0));
        let other = series().with_counted(from, to, whole(19.0));
        let sum = one.plus(&other).unwrap();
        assert_eq!(sum.window(from, to).events, EventCount { good: 37.0, total: 41.0 });
        // What only one knows as a whole is the sum of steps.
        let sum = one.plus(&series()).unwrap();
        assert_eq!(sum.window(from, to).events, EventCount { good: 36.0, total: 40.0 });
    }

    #[test]
    fn other_grids_have_no_sum() {
        let hours = hours(0, vec![None]);
        let minute = Duration::from_minutes(1);
        assert_eq!(hours.plus(&EventSeries::new(hours.start(), minute, vec![None])), None);
        let later = hours.start() + minute.to_chrono();
        assert_eq!(hours.plus(&EventSeries::new(later, hours.step(), vec![None])), None);
    }
    proptest! {
        /// Any window is, bit by bit, the difference of the sums over all steps before its ends.
        #[test]
        fn windows_are_differences_of_running_sums(
            counts in prop::collection::vec(
                prop::option::of((0.0..1e6f64, any::<bool>())), 0..100,
            ),
            first in 0u32..110,
            last in 0u32..110,
        ) {
            let counts: Vec<_> = counts
                .into_iter()
                .map(|count| count.map(|(total, whole)| {
                    let total = if whole { total.floor() } else { total };
                    EventCount { good: total, total }
                }))
                .collect();
            let mut sums = vec![(0.0, 0u64)];
            for count in &counts {
                let (sum, measured) = sums[sums.len() - 1];
                sums.push(match count {
                    Some(count) => (sum + count.total, measured + 1),
                    None => (sum, measured),
                });
            }
            let step = Duration::from_minutes(1);
            let series = EventSeries::new(Instant::UNIX_EPOCH, step, counts.clone());
            prop_assert_eq!(series.counts(), counts.clone());
            let at = |step: u32| Instant::UNIX_EPOCH + chrono::TimeDelta::minutes(step.into());
            let found = series.window(at(first), at(last));
            if first < last {
                let (low, high) = (sums[(first as usize).min(counts.len())], sums[(last as usize).min(counts.len())]);
                prop_assert_eq!(found.events.total.to_bits(), (high.0 - low.0).to_bits());
                prop_assert_eq!(found.measured, high.1 - low.1);
            } else {
                prop_assert_eq!(found, WindowCount::default());
            }
        }
    }
}
