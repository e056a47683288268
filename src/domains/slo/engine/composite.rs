//! One objective over several series, with weights.
//!
//! A composite is again a series, on which budgets, burn rates, forecasts and alerts work as they are.
//! `w̄_i = w_i / Σ w` is the normalised weight of part `i` among those that have events in the window.
//!
//! # By occurrences
//! The error ratio of the window is `Σ w̄_i · bad_i / total_i`: each part spends its own share, however
//! much traffic it has. In the series, the counts of part `i` are scaled by `w̄_i · N / total_i`, where
//! `N = Σ total_i`, so that the whole window has `N` events and exactly that ratio, and shorter windows
//! follow the traffic. The unit is then no longer one request: a part with a thousandth of the traffic
//! and the same weight has requests a thousand times as heavy.
//!
//! # By time slices
//! Parts are series of slices, see [`super::slices`], on one grid.
//! - [`Mode::Timeslices`]: a slice is bad if any part measured is bad in it. Weights have no say.
//! - [`Mode::RatioTimeslices`]: shortfalls add up, `1 − Σ w̄_i · (1 − r_i)` over the parts that have the
//!   slice.
//!
//! # What was lost, and to whom
//! Where shortfalls add up, so do the shares of what was lost. A slice that two parts made bad is lost
//! to both; [`Loss::exclusive`] are those that would have been good without the part, and a shared slice
//! counts in equal shares to the parts that were bad in it, so that the shares are 1 together.
//!
//! Source: `OpenSLO` v1, "Composite SLO": `Occurrences`, `Timeslices`, `RatioTimeslices` with
//! `compositeWeight`.
use super::exact;
use crate::kernel::{
    series::{EventCount, EventSeries, WindowCount},
    units::{Duration, Instant},
};
use chrono::TimeDelta;
use std::{borrow::Cow, ops::Range};

/// How parts become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Error ratios of the window, weighted.
    Occurrences,
    /// A slice is bad if any part is.
    Timeslices,
    /// Shortfalls of slices, weighted.
    RatioTimeslices,
}

/// One part of a composite.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Its weight among the others; above zero.
    pub weight: f64,
    /// Its events, or slices.
    pub series: &'a EventSeries,
}

/// Several series as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    /// The series to compute with.
    pub series: EventSeries,
    /// What each part lost in the window, in the order of the parts.
    pub losses: Vec<Loss>,
}

/// A part in a composite, over its window.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The part's name.
    pub name: String,
    /// Its normalised weight; 0 for a part without events in the window, which is left out together with
    /// its weight.
    pub weight: f64,
    /// What was counted of it. Its coverage may be less than the composite's, which is measured wherever
    /// one part is.
    pub count: WindowCount,
    /// What the composite lost by it: of its error ratio (occurrences), or slices.
    pub lost: f64,
    /// Its share of everything that was lost; `None` where nothing was.
    pub share: Option<f64>,
    /// Slices that it alone made bad; `None` where shortfalls add up.
    pub exclusive: Option<u64>,
    /// Slices that it made bad together with others; `None` where shortfalls add up.
    pub shared: Option<u64>,
}

impl Loss {
    /// Whether the part has no events in the window and so no say.
    pub fn is_left_out(&self) -> bool {
        self.count.events.total <= 0.0
    }
}

/// Why parts cannot become one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CompositeError {
    /// Nothing to join.
    #[error("a composite needs at least one part")]
    NoParts,
    /// A weight that is not above zero, or not finite.
    #[error("the weight of `{0}` is {1}; expected a number above 0")]
    Weight(String, f64),
    /// More steps between the first and the last than can be held in memory.
    #[error("the parts together span {0} steps, more than the {MOST_STEPS} that can be joined")]
    TooLong(u64),
    /// Steps that do not fit into each other.
    #[error(
        "the steps of `{name}` ({step}) do not fit the steps of `{other}` ({other_step}); measure both on \
         one grid"
    )]
    Grids {
        /// A part.
        name: String,
        /// Its step.
        step: Duration,
        /// The part with the longest steps.
        other: String,
        /// Its step.
        other_step: Duration,
    },
}

/// Joins parts into one series, weighted by what happened in `[from, to)`.
///
/// By occurrences, parts with shorter steps are summed up into the longest, of which theirs must be whole
/// parts; slices must lie on one grid. A step of the composite is measured if it is in any part.
///
/// # Errors
/// Without parts, with a weight that is not above zero, or with grids that do not fit.
pub fn compose(
    parts: &[Part<'_>],
    mode: Mode,
    from: Instant,
    to: Instant,
) -> Result<Composite, CompositeError> {
    if let Some(part) = parts.iter().find(|part| !(part.weight > 0.0 && part.weight.is_finite())) {
        return Err(CompositeError::Weight(part.name.to_owned(), part.weight));
    }
    let grid = Grid::of(parts, mode)?;
    let members = grid.members(parts, from, to);
    let join: fn(&[Member<'_>], usize) -> EventCount = match mode {
        Mode::Occurrences => scaled,
        Mode::Timeslices => any_bad,
        Mode::RatioTimeslices => mean_ratio,
    };
    let step =
        |at| members.iter().any(|member| member.at(at).is_some()).then(|| join(&members, at));
    let series = EventSeries::new(grid.start, grid.step, (0..grid.steps).map(step).collect());
    let losses = losses(&members, mode, grid.steps_within(from, to));
    Ok(Composite { series, losses })
}

/// Twenty years of minutes, nearly.
const MOST_STEPS: u64 = 10_000_000;

/// The steps that all parts share.
struct Grid {
    start: Instant,
    step: Duration,
    steps: usize,
}

impl Grid {
    fn of(parts: &[Part<'_>], mode: Mode) -> Result<Self, CompositeError> {
        let longest = parts.iter().rev().max_by_key(|part| part.series.step());
        let longest = longest.ok_or(CompositeError::NoParts)?;
        let step = longest.series.step();
        let width = step.milliseconds();
        let phase = millis(longest.series.start());
        let fits = |part: &Part<'_>| {
            let own = part.series.step().milliseconds();
            let equal = mode == Mode::Occurrences || own == width;
            let apart = millis(part.series.start()).abs_diff(phase);
            equal && width.is_multiple_of(own) && apart.is_multiple_of(own)
        };
        if let Some(part) = parts.iter().find(|part| !fits(part)) {
            return Err(CompositeError::Grids {
                name: part.name.to_owned(),
                step: part.series.step(),
                other: longest.name.to_owned(),
                other_step: step,
            });
        }
        let first = parts.iter().map(|part| part.series.start()).min().unwrap_or_default();
        let last = parts.iter().map(|part| part.series.end()).max().unwrap_or_default();
        let width = i64::try_from(width).unwrap_or(i64::MAX);
        let start = first - TimeDelta::milliseconds((millis(first) - phase).rem_euclid(width));
        let span = (last - start).num_milliseconds().unsigned_abs();
        let steps = span.div_ceil(step.milliseconds());
        match usize::try_from(steps) {
            Ok(count) if steps <= MOST_STEPS => Ok(Self { start, step, steps: count }),
            _ => Err(CompositeError::TooLong(steps)),
        }
    }

    /// The parts on this grid, with their weights.
    fn members<'a>(&self, parts: &[Part<'a>], from: Instant, to: Instant) -> Vec<Member<'a>> {
        let member = |part: &Part<'a>| {
            let series = self.resampled(part.series);
            let offset = self.index(series.start());
            let count = series.window(from, to);
            // Of use only among others, so any common factor may be taken out.
            let weight = if count.events.total > 0.0 { part.weight } else { 0.0 };
            Member { name: part.name, series, offset, count, weight, scale: 0.0 }
        };
        let mut members: Vec<Member<'a>> = parts.iter().map(member).collect();
        let heaviest = members.iter().map(|member| member.weight).fold(0.0, f64::max);
        let sum: f64 = members.iter().map(|member| member.weight / heaviest).sum();
        let events: f64 = members.iter().map(|member| member.count.events.total).sum();
        for member in members.iter_mut().filter(|member| member.weight > 0.0) {
            member.weight = member.weight / heaviest / sum;
            member.scale = member.weight * events / member.count.events.total;
        }
        members
    }

    /// A series with this grid's steps, each the sum of its measured steps within.
    fn resampled<'a>(&self, series: &'a EventSeries) -> Cow<'a, EventSeries> {
        if series.step() == self.step {
            return Cow::Borrowed(series);
        }
        let (first, end) = (self.index(series.start()), self.index_up(series.end()));
        let sums = (first..end).map(|index| {
            let count = series.window(self.begin(index), self.begin(index + 1));
            (count.measured > 0).then_some(count.events)
        });
        Cow::Owned(EventSeries::new(self.begin(first), self.step, sums.collect()))
    }

    /// The steps that begin in `[from, to)`.
    fn steps_within(&self, from: Instant, to: Instant) -> Range<usize> {
        self.index_up(from).min(self.steps)..self.index_up(to).min(self.steps)
    }

    /// The step with that moment.
    fn index(&self, at: Instant) -> usize {
        let passed = (millis(at) - millis(self.start)).max(0).unsigned_abs();
        usize::try_from(passed / self.step.milliseconds()).unwrap_or(usize::MAX)
    }

    /// The first step that begins at or after that moment.
    fn index_up(&self, at: Instant) -> usize {
        let passed = (millis(at) - millis(self.start)).max(0).unsigned_abs();
        usize::try_from(passed.div_ceil(self.step.milliseconds())).unwrap_or(usize::MAX)
    }

    fn begin(&self, index: usize) -> Instant {
        let passed = self.step.milliseconds().saturating_mul(index as u64);
        self.start + Duration::from_milliseconds(passed).to_chrono()
    }
}

/// A part on the grid of the composite.
struct Member<'a> {
    name: &'a str,
    series: Cow<'a, EventSeries>,
    /// Where on the grid its series begins.
    offset: usize,
    /// What the window holds of it.
    count: WindowCount,
    /// Normalised; 0 without events in the window.
    weight: f64,
    /// `w̄ · N / total`, 0 without events in the window.
    scale: f64,
}

impl Member<'_> {
    /// Its count in a step of the grid.
    fn at(&self, step: usize) -> Option<EventCount> {
        self.series.count_at(step.checked_sub(self.offset)?)
    }

    /// Bad and total of a step, where something happened.
    fn bad_of_total(&self, step: usize) -> Option<(f64, f64)> {
        exact::bad_of_total(self.at(step)?)
    }
}

/// Events of all parts, each scaled to its weight.
fn scaled(members: &[Member<'_>], step: usize) -> EventCount {
    let mut sum = EventCount::default();
    for member in members {
        if let Some(EventCount { good, total }) = member.at(step) {
            sum += EventCount { good: good * member.scale, total: total * member.scale };
        }
    }
    sum
}

/// One slice, bad if any part is bad in it; none where no part has one.
fn any_bad(members: &[Member<'_>], step: usize) -> EventCount {
    let mut known = members.iter().filter_map(|member| member.bad_of_total(step)).peekable();
    if known.peek().is_none() {
        return EventCount::default();
    }
    let is_bad = known.any(|(bad, _)| bad > 0.0);
    EventCount { good: if is_bad { 0.0 } else { 1.0 }, total: 1.0 }
}

/// One slice, as good as its parts are on average by weight; none where no part has one.
fn mean_ratio(members: &[Member<'_>], step: usize) -> EventCount {
    let (mut good, mut weights) = (0.0, 0.0);
    for member in members {
        if let Some((bad, total)) = member.bad_of_total(step) {
            good += member.weight * ((total - bad) / total);
            weights += member.weight;
        }
    }
    if weights > 0.0 {
        EventCount { good: (good / weights).min(1.0), total: 1.0 }
    } else {
        EventCount::default()
    }
}

/// What each part lost in those steps.
fn losses(members: &[Member<'_>], mode: Mode, steps: Range<usize>) -> Vec<Loss> {
    let none = |member: &Member<'_>| Loss {
        name: member.name.to_owned(),
        weight: member.weight,
        count: member.count,
        lost: 0.0,
        share: None,
        exclusive: (mode == Mode::Timeslices).then_some(0),
        shared: (mode == Mode::Timeslices).then_some(0),
    };
    let mut losses: Vec<Loss> = members.iter().map(none).collect();
    match mode {
        Mode::Occurrences => {
            for (loss, member) in losses.iter_mut().zip(members) {
                loss.lost = member.weight * member.count.events.error_ratio().unwrap_or(0.0);
            }
        }
        Mode::Timeslices => steps.for_each(|step| add_bad_slice(&mut losses, members, step)),
        Mode::RatioTimeslices => steps.for_each(|step| add_shortfall(&mut losses, members, step)),
    }
    let sum: f64 = losses.iter().map(|loss| loss.lost).sum();
    for loss in &mut losses {
        loss.share = (sum > 0.0).then(|| loss.lost / sum);
    }
    losses
}

/// A bad slice is lost to the parts that are bad in it, in equal shares.
fn add_bad_slice(losses: &mut [Loss], members: &[Member<'_>], step: usize) {
    let is_bad = |member: &Member<'_>| member.bad_of_total(step).is_some_and(|(bad, _)| bad > 0.0);
    let bad = members.iter().filter(|member| is_bad(member)).count();
    for (loss, _) in losses.iter_mut().zip(members).filter(|(_, member)| is_bad(member)) {
        loss.lost += 1.0 / bad as f64;
        let slices = if bad == 1 { &mut loss.exclusive } else { &mut loss.shared };
        *slices = slices.map(|slices| slices + 1);
    }
}

/// The shortfall of a slice is each part's by weight.
fn add_shortfall(losses: &mut [Loss], members: &[Member<'_>], step: usize) {
    let has = |member: &&Member<'_>| member.bad_of_total(step).is_some();
    let weights: f64 = members.iter().filter(has).map(|member| member.weight).sum();
    for (loss, member) in losses.iter_mut().zip(members) {
        if let Some((bad, total)) = member.bad_of_total(step)
            && weights > 0.0
        {
            loss.lost += member.weight / weights * (bad / total);
        }
    }
}

fn millis(at: Instant) -> i64 {
    at.timestamp_millis()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "weights and counts are chosen so that every figure is exact")]
mod tests {
    use super::*;
    use crate::domains::slo::engine::{
        budget,
        testing::{START, instant, objective, series, series_strategy},
    };
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    fn part<'a>(name: &'a str, weight: f64, series: &'a EventSeries) -> Part<'a> {
        Part { name, weight, series }
    }

    /// The composite over all of the first part's time.
    fn whole(parts: &[Part<'_>], mode: Mode) -> Composite {
        let series = parts[0].series;
        compose(parts, mode, series.start(), series.end()).unwrap()
    }

    fn shown(series: &EventSeries) -> Vec<Option<(f64, f64)>> {
        series.counts().iter().map(|count| count.map(|count| (count.good, count.total))).collect()
    }

    fn shares(composite: &Composite) -> Vec<Option<f64>> {
        composite.losses.iter().map(|loss| loss.share).collect()
    }

    /// Slices as digits: good, bad, `-` without traffic, ` ` not measured.
    fn slices(text: &str) -> EventSeries {
        let slice = |letter| match letter {
            '1' => Some(EventCount { good: 1.0, total: 1.0 }),
            '0' => Some(EventCount { good: 0.0, total: 1.0 }),
            '5' => Some(EventCount { good: 0.5, total: 1.0 }),
            '-' => Some(EventCount::default()),
            _ => None,
        };
        EventSeries::new(instant(START), MINUTE, text.chars().map(slice).collect())
    }

    #[test]
    fn occurrences_spend_each_their_share() {
        // Errors of 1/16 and 1/4; weights 3 and 1: 3/4 · 1/16 + 1/4 · 1/4 = 7/64 of 2048 + 16 events.
        let large = series(MINUTE, [(1024, 0), (896, 128)]);
        let small = series(MINUTE, [(12, 4), (0, 0)]);
        let found =
            whole(&[part("large", 3.0, &large), part("small", 1.0, &small)], Mode::Occurrences);
        let window = found.series.window(large.start(), large.end()).events;
        assert_eq!((window.total, window.error_ratio()), (2064.0, Some(7.0 / 64.0)));
        // In the first minute: half of the large part's events, and all of the small one's.
        let minute = found.series.counts()[0].unwrap();
        assert_eq!(minute.total, 2064.0 * (0.75 / 2.0 + 0.25));
        assert_eq!(minute.bad(), 2064.0 * 0.25 * 0.25);
        assert_eq!(shares(&found), [Some(3.0 / 7.0), Some(4.0 / 7.0)]);
        assert_eq!(found.losses[0].lost + found.losses[1].lost, 7.0 / 64.0);
        let budget =
            budget::between(objective("93.75%", "2m"), &found.series, large.start(), large.end());
        assert_eq!(budget.budget.burn_rate.unwrap().0, 7.0 / 4.0);
    }

    #[test]
    fn a_part_without_events_is_left_out_with_its_weight() {
        let (some, silent) = (series(MINUTE, [(6, 2), (8, 0)]), series(MINUTE, [(0, 0), (0, 0)]));
        let found =
            whole(&[part("some", 1.0, &some), part("silent", 9.0, &silent)], Mode::Occurrences);
        assert_eq!(found.series, some);
        let weights: Vec<_> =
            found.losses.iter().map(|loss| (loss.weight, loss.is_left_out())).collect();
        assert_eq!(weights, [(1.0, false), (0.0, true)]);
        let nothing = whole(&[part("silent", 9.0, &silent)], Mode::Occurrences);
        assert_eq!((shown(&nothing.series), shares(&nothing)), (shown(&silent), vec![None]));
    }

    #[test]
    fn any_bad_part_makes_a_slice_bad() {
        let (a, b, c) = (slices("1100- -"), slices("1010 01"), slices("111011-"));
        let parts = [part("a", 1.0, &a), part("b", 1.0, &b), part("c", 5.0, &c)];
        let found = whole(&parts, Mode::Timeslices);
        // One of three is bad in the second and third slice, two in the fourth, one in the sixth.
        let (good, bad) = (Some((1.0, 1.0)), Some((0.0, 1.0)));
        assert_eq!(shown(&found.series), [good, bad, bad, bad, good, bad, good]);
        let of =
            |at: usize| (found.losses[at].exclusive.unwrap(), found.losses[at].shared.unwrap());
        // a alone in slice 3, with b and c in slice 4; b alone in 2 and 6.
        assert_eq!([of(0), of(1), of(2)], [(1, 1), (2, 1), (0, 1)]);
        let third = 1.0 / 3.0;
        assert_eq!(found.losses[0].lost, 1.0 + third);
        let sum: f64 = found.losses.iter().map(|loss| loss.lost).sum();
        assert!((sum - 4.0).abs() < 1e-12, "four bad slices");
        let silent = slices("--");
        assert_eq!(whole(&[part("silent", 1.0, &silent)], Mode::Timeslices).series, silent);
    }

    #[test]
    fn shortfalls_of_slices_add_up_by_weight() {
        let (a, b) = (slices("15- 0"), slices("5000 "));
        let found = whole(&[part("a", 3.0, &a), part("b", 1.0, &b)], Mode::RatioTimeslices);
        // 1 − 1/4 · 1/2, 1 − 3/4 · 1/2 − 1/4; then one of the two alone.
        let expected = [
            Some((0.875, 1.0)),
            Some((0.375, 1.0)),
            Some((0.0, 1.0)),
            Some((0.0, 1.0)),
            Some((0.0, 1.0)),
        ];
        assert_eq!(shown(&found.series), expected);
        assert_eq!(found.losses[0].lost, 0.375 + 1.0);
        assert_eq!(found.losses[1].lost, 0.125 + 0.25 + 2.0);
        assert_eq!(found.losses[0].exclusive, None);
    }

    #[test]
    fn shorter_steps_are_summed_up_into_longer_ones() {
        let hour = series(Duration::from_hours(1), [(75, 25), (100, 0)]);
        let begin = instant("2026-03-01T00:30:00Z");
        let half = Some(EventCount { good: 1.0, total: 2.0 });
        let minutes =
            EventSeries::new(begin, Duration::from_minutes(15), vec![half, None, half, half]);
        let parts = [part("minutes", 1.0, &minutes), part("hour", 1.0, &hour)];
        let found = compose(&parts, Mode::Occurrences, hour.start(), hour.end()).unwrap();
        assert_eq!((found.series.start(), found.series.step()), (hour.start(), hour.step()));
        // Errors of 1/2 and 1/8: 5/16 of 206.
        let window = found.series.window(hour.start(), hour.end()).events;
        assert_eq!(window.total, 206.0);
        assert!((window.bad() - 206.0 * 5.0 / 16.0).abs() < 1e-9);
        assert_eq!(found.losses[0].count.events, EventCount { good: 3.0, total: 6.0 });
    }

    #[test]
    fn what_cannot_be_joined_is_refused() {
        let minute = series(MINUTE, [(1, 0)]);
        let seven = series(Duration::from_minutes(7), [(1, 0)]);
        let five = series(Duration::from_minutes(5), [(1, 0)]);
        let beside = EventSeries::new(instant("2026-03-01T00:00:30Z"), MINUTE, vec![None]);
        let error = |parts: &[Part<'_>], mode| {
            compose(parts, mode, minute.start(), minute.end()).unwrap_err().to_string()
        };
        assert_eq!(error(&[], Mode::Occurrences), "a composite needs at least one part");
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let parts = [part("a", weight, &minute)];
            assert!(error(&parts, Mode::Timeslices).starts_with("the weight of `a` is "));
        }
        assert_eq!(
            error(&[part("a", 1.0, &five), part("b", 1.0, &seven)], Mode::Occurrences),
            "the steps of `a` (5m) do not fit the steps of `b` (7m); measure both on one grid"
        );
        let off_grid = [part("a", 1.0, &minute), part("b", 1.0, &beside)];
        assert!(error(&off_grid, Mode::Occurrences).contains("do not fit"));
        let slices = [part("a", 1.0, &minute), part("b", 1.0, &five)];
        assert!(error(&slices, Mode::Timeslices).contains("do not fit"));
        assert!(compose(&slices, Mode::Occurrences, minute.start(), minute.end()).is_ok());
        let ago = EventSeries::new(instant("1826-03-01T00:00:00Z"), MINUTE, vec![None]);
        let far = [part("a", 1.0, &minute), part("b", 1.0, &ago)];
        assert!(error(&far, Mode::Occurrences).contains("more than the 10000000"));
    }

    const MODES: [Mode; 3] = [Mode::Occurrences, Mode::Timeslices, Mode::RatioTimeslices];

    fn slices_strategy() -> impl Strategy<Value = EventSeries> {
        "[15501 -]{0,40}".prop_map(|text| slices(&text))
    }

    proptest! {
        #[test]
        fn one_part_is_itself(series in series_strategy(), weight in 0.001f64..1000.0) {
            let found = whole(&[part("one", weight, &series)], Mode::Occurrences);
            if found.losses[0].is_left_out() {
                prop_assert_eq!(found.series.counts().len(), series.counts().len());
            } else {
                prop_assert_eq!(found.series, series);
            }
        }

        #[test]
        fn one_part_of_slices_is_itself(series in slices_strategy(), weight in 0.001f64..1000.0) {
            let found = whole(&[part("one", weight, &series)], Mode::RatioTimeslices);
            prop_assert_eq!(&found.series, &series);
            let any = whole(&[part("one", weight, &series)], Mode::Timeslices);
            for (found, slice) in any.series.counts().iter().zip(series.counts()) {
                prop_assert_eq!(found.map(|slice| slice.bad() > 0.0), slice.map(|slice| slice.bad() > 0.0));
            }
        }

        /// Only the ratio of weights matters, the shares are one together, and the composite loses what
        /// its parts lose.
        #[test]
        fn weights_are_relative_and_shares_add_up(
            parts in prop::collection::vec((slices_strategy(), 0.01f64..100.0), 1..5),
            mode in prop::sample::select(MODES.to_vec()),
            factor in 0.001f64..1000.0,
            (from, to) in (-5i64..20, 10i64..50),
        ) {
            let names: Vec<String> = (0..parts.len()).map(|at| format!("part {at}")).collect();
            let make = |factor: f64| {
                let parts = names.iter().zip(&parts);
                let parts: Vec<Part<'_>> =
                    parts.map(|(name, (series, weight))| part(name, weight * factor, series)).collect();
                let at = |minutes| instant(START) + TimeDelta::minutes(minutes);
                (compose(&parts, mode, at(from), at(to)).unwrap(), at(from), at(to))
            };
            let ((one, from, to), (other, ..)) = (make(1.0), make(factor));
            for (one, other) in one.series.counts().iter().zip(other.series.counts()) {
                prop_assert_eq!(one.is_some(), other.is_some());
                let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
                prop_assert!((one.good - other.good).abs() < 1e-9 && (one.total - other.total).abs() < 1e-9);
            }
            let window = one.series.window(from, to).events;
            let lost: f64 = one.losses.iter().map(|loss| loss.lost).sum();
            let expected = match mode {
                Mode::Occurrences => window.error_ratio().unwrap_or(0.0),
                Mode::Timeslices | Mode::RatioTimeslices => window.bad(),
            };
            prop_assert!((lost - expected).abs() < 1e-9, "{} {}", lost, expected);
            let shares: Vec<f64> = one.losses.iter().filter_map(|loss| loss.share).collect();
            if shares.is_empty() {
                prop_assert_eq!(lost, 0.0);
            } else {
                prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
    }
}
