//! Time that a budget sees otherwise than it was measured: maintenance, corrections.
//!
//! # What becomes of the events of that time
//! - [`Mode::Exclude`]: they do not count, in what is allowed as little as in what is spent,
//!   `SLI′ = (good − good_x) / (total − total_x)`. The time is not missing: it counts as measured and
//!   without events, also where nothing was measured.
//! - [`Mode::Good`], [`Mode::Bad`]: all events of that time count as good, or as bad. How many there were
//!   is what was measured; where nothing was, the time stays unmeasured.
//!
//! # Where several overlap
//! Exclusion wins over bad, and bad over good, whatever their order. What is excluded is not to be
//! judged at all, so nothing is left to call good or bad. And of two corrections that contradict each
//! other, the one that does not flatter holds until someone takes it back.
//!
//! # Steps that are partly covered
//! Nothing is known of when within a step its events happened, so a step of which an adjustment covers a
//! third gives a third of its events to it. Counts are then fractions, and [`Adjusted::prorated`] says so:
//! borders of adjustments on the borders of steps keep counts whole.
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant},
};
use std::collections::BTreeSet;

/// What becomes of the events of the time. In the order in which they win over each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// They do not count.
    Exclude,
    /// They count as bad.
    Bad,
    /// They count as good.
    Good,
}

/// A stretch of time, `[from, to)`, that is seen otherwise than it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Its beginning.
    pub from: Instant,
    /// Its end, not in it.
    pub to: Instant,
    /// What becomes of its events.
    pub mode: Mode,
}

/// A series as its adjustments make it, and what they did.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// The series to compute with. Whoever shows a figure of it shows that of the measured series beside
    /// it, so that an adjustment cannot hide a miss.
    pub series: EventSeries,
    /// What each adjustment did, in their order.
    pub effects: Vec<Effect>,
    /// Whether a step with events was covered in part, so that its events were divided by time.
    pub prorated: bool,
}

/// What one adjustment did, in the time in which none won over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The adjustment.
    pub adjustment: Adjustment,
    /// How much time that is, within the series. Of two that say the same, the first in the list has it.
    pub time: Duration,
    /// The events of that time as they were measured: what was excluded, or is now all good or all bad.
    pub events: EventCount,
}

impl Adjusted {
    /// Events that do not count.
    pub fn excluded_events(&self) -> EventCount {
        let mut sum = EventCount::default();
        for effect in self.excluding() {
            sum += effect.events;
        }
        sum
    }

    /// Time that does not count, within the series. Unit: minutes.
    pub fn excluded_minutes(&self) -> f64 {
        self.excluding().map(|effect| effect.time.minutes()).sum()
    }

    fn excluding(&self) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(|effect| effect.adjustment.mode == Mode::Exclude)
    }
}

/// Applies adjustments to a series. Those that end before they begin do nothing.
///
/// Time: `n · log n` for the adjustments, and once each step that they cover.
pub fn adjust(series: &EventSeries, adjustments: &[Adjustment]) -> Adjusted {
    let no_effect = |adjustment: &Adjustment| Effect {
        adjustment: *adjustment,
        time: Duration::ZERO,
        events: EventCount::default(),
    };
    let mut effects: Vec<Effect> = adjustments.iter().map(no_effect).collect();
    let mut counts = series.counts();
    let mut prorated = false;
    let pieces = pieces(adjustments, millis(series.start()), millis(series.end()));
    for (index, covered) in by_step(&pieces, series) {
        let mut shares = Shares::default();
        for piece in covered {
            let effect = &mut effects[piece.winner];
            let time = effect.time.milliseconds() + piece.length().unsigned_abs();
            effect.time = Duration::from_milliseconds(time);
            if let Some(count) = counts[index] {
                effect.events += part_of(count, piece.length(), signed(series.step()));
            }
            shares.add(effect.adjustment.mode, piece.length());
        }
        prorated |= counts[index].is_some_and(|count| count.total > 0.0)
            && !shares.is_whole(signed(series.step()));
        counts[index] = shares.apply(counts[index], signed(series.step()));
    }
    let adjusted = EventSeries::new(series.start(), series.step(), counts);
    let series = match series.part() {
        Some((from, count)) => {
            adjusted.with_part(from, adjusted_part(series, from, count, &pieces, adjustments))
        }
        None => adjusted,
    };
    Adjusted { series, effects, prorated }
}

/// What the step around `from` holds from there on, adjusted.
fn adjusted_part(
    series: &EventSeries,
    from: Instant,
    count: EventCount,
    pieces: &[Piece],
    adjustments: &[Adjustment],
) -> EventCount {
    let (from, start, step) = (millis(from), millis(series.start()), signed(series.step()));
    let end = from + step - (from - start).rem_euclid(step);
    let mut shares = Shares::default();
    for piece in pieces.iter().filter_map(|piece| piece.within(from, end)) {
        shares.add(adjustments[piece.winner].mode, piece.length());
    }
    shares.apply(Some(count), end - from).unwrap_or(count)
}

/// A stretch of time in which the same adjustment wins. Unit: milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    from: i64,
    to: i64,
    /// Index of the adjustment.
    winner: usize,
}

impl Piece {
    fn length(self) -> i64 {
        self.to - self.from
    }

    /// What of it lies between two moments.
    fn within(self, from: i64, to: i64) -> Option<Self> {
        let piece = Self { from: self.from.max(from), to: self.to.min(to), ..self };
        (piece.from < piece.to).then_some(piece)
    }
}

/// The covered time between `start` and `end`, in order, each piece with the adjustment that wins there.
fn pieces(adjustments: &[Adjustment], start: i64, end: i64) -> Vec<Piece> {
    let mut borders = Vec::with_capacity(2 * adjustments.len());
    for (at, adjustment) in adjustments.iter().enumerate() {
        let (from, to) = (millis(adjustment.from).max(start), millis(adjustment.to).min(end));
        if from < to {
            borders.extend([(from, true, at), (to, false, at)]);
        }
    }
    borders.sort_unstable();
    let mut active = BTreeSet::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut since = start;
    for (border, begins, at) in borders {
        if let Some(&(_, winner)) = active.first()
            && since < border
        {
            match pieces.last_mut().filter(|last| last.winner == winner && last.to == since) {
                Some(last) => last.to = border,
                None => pieces.push(Piece { from: since, to: border, winner }),
            }
        }
        since = border;
        let key = (adjustments[at].mode, at);
        if begins {
            active.insert(key)
        } else {
            active.remove(&key)
        };
    }
    pieces
}

/// The pieces cut at the borders of steps: each step that they cover, by its index, with its pieces.
fn by_step(pieces: &[Piece], series: &EventSeries) -> Vec<(usize, Vec<Piece>)> {
    let (start, step) = (millis(series.start()), signed(series.step()));
    let mut steps: Vec<(usize, Vec<Piece>)> = Vec::new();
    for piece in pieces {
        let index = |at: i64| usize::try_from((at - start).div_euclid(step)).unwrap_or(0);
        for index in index(piece.from)..=index(piece.to - 1) {
            let begin = start + step * i64::try_from(index).unwrap_or(0);
            let Some(cut) = piece.within(begin, begin + step) else { continue };
            match steps.last_mut().filter(|(last, _)| *last == index) {
                Some((_, pieces)) => pieces.push(cut),
                None => steps.push((index, vec![cut])),
            }
        }
    }
    steps
}

/// How much of a step each mode covers. Unit: milliseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Shares {
    excluded: i64,
    bad: i64,
    good: i64,
}

impl Shares {
    fn add(&mut self, mode: Mode, length: i64) {
        *match mode {
            Mode::Exclude => &mut self.excluded,
            Mode::Bad => &mut self.bad,
            Mode::Good => &mut self.good,
        } += length;
    }

    /// Whether one mode, or none, has all of the step.
    fn is_whole(self, step: i64) -> bool {
        let covered = [self.excluded, self.bad, self.good];
        covered == [0; 3] || covered.contains(&step)
    }

    /// The count of a step of that length: what is not covered stays as it was measured.
    fn apply(self, count: Option<EventCount>, step: i64) -> Option<EventCount> {
        if self.excluded == step {
            return Some(EventCount::default());
        }
        let count = count?;
        let untouched = step - self.excluded - self.bad - self.good;
        let kept = part_of(count, untouched, step);
        let all_good = part_of(count, self.good, step).total;
        Some(EventCount {
            good: kept.good + all_good,
            total: part_of(count, step - self.excluded, step).total,
        })
    }
}

/// The share of a count that a part of its time has: exact for all and nothing of it.
fn part_of(count: EventCount, part: i64, whole: i64) -> EventCount {
    if part == whole {
        return count;
    }
    let share = part as f64 / whole as f64;
    EventCount { good: count.good * share, total: count.total * share }
}

fn millis(at: Instant) -> i64 {
    at.timestamp_millis()
}

fn signed(duration: Duration) -> i64 {
    i64::try_from(duration.milliseconds()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole counts, halves and quarters of them are exact")]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{START, instant, series, series_strategy};
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    /// An adjustment from so many seconds after the start to so many.
    fn adjustment(from: i64, to: i64, mode: Mode) -> Adjustment {
        let at = |seconds| instant(START) + chrono::TimeDelta::seconds(seconds);
        Adjustment { from: at(from), to: at(to), mode }
    }

    fn shown(series: &EventSeries) -> Vec<Option<(f64, f64)>> {
        series.counts().iter().map(|count| count.map(|count| (count.good, count.total))).collect()
    }

    fn effects(found: &Adjusted) -> Vec<(Duration, EventCount)> {
        found.effects.iter().map(|effect| (effect.time, effect.events)).collect()
    }

    fn events(good: f64, total: f64) -> EventCount {
        EventCount { good, total }
    }

    #[test]
    fn whole_steps_are_excluded_good_or_bad() {
        let measured = series(MINUTE, [(9, 1), (6, 4), (7, 3), (8, 2)]);
        let adjustments = [
            adjustment(0, 60, Mode::Exclude),
            adjustment(60, 120, Mode::Good),
            adjustment(120, 180, Mode::Bad),
        ];
        let found = adjust(&measured, &adjustments);
        let expected = [Some((0.0, 0.0)), Some((10.0, 10.0)), Some((0.0, 10.0)), Some((8.0, 10.0))];
        assert_eq!(shown(&found.series), expected);
        let minute = |good| (MINUTE, events(good, 10.0));
        assert_eq!(effects(&found), [minute(9.0), minute(6.0), minute(7.0)]);
        assert!(!found.prorated);
        assert_eq!(found.excluded_events(), events(9.0, 10.0));
        assert_eq!(found.excluded_minutes(), 1.0);
        // SLI' = (good − good_x) / (total − total_x), with the first minute alone excluded.
        let whole = |series: &EventSeries| series.window(series.start(), series.end()).events;
        let one = adjust(&measured, &adjustments[..1]);
        assert_eq!(whole(&one.series), events(30.0 - 9.0, 40.0 - 10.0));
    }

    #[test]
    fn what_was_not_measured_is_excluded_too_and_otherwise_stays_unknown() {
        let some = Some(events(6.0, 8.0));
        let measured = EventSeries::new(instant(START), MINUTE, vec![None, None, None, some, None]);
        let found = adjust(
            &measured,
            &[
                adjustment(0, 90, Mode::Exclude),
                adjustment(120, 180, Mode::Bad),
                adjustment(240, 300, Mode::Good),
            ],
        );
        let silent = Some((0.0, 0.0));
        assert_eq!(shown(&found.series), [silent, None, None, Some((6.0, 8.0)), None]);
        let window = found.series.window(measured.start(), measured.end());
        assert_eq!((window.measured, window.events), (2, events(6.0, 8.0)));
        assert!(!found.prorated, "no events were divided");
    }

    #[test]
    fn exclusion_wins_over_bad_and_bad_over_good_in_any_order() {
        let measured = series(MINUTE, [(6, 4); 4]);
        let mut adjustments = [
            adjustment(0, 180, Mode::Good),
            adjustment(0, 120, Mode::Bad),
            adjustment(0, 60, Mode::Exclude),
        ];
        let expected = [Some((0.0, 0.0)), Some((0.0, 10.0)), Some((10.0, 10.0)), Some((6.0, 10.0))];
        for _ in 0..2 {
            let found = adjust(&measured, &adjustments);
            assert_eq!(shown(&found.series), expected);
            assert!(found.effects.iter().all(|effect| effect.time == MINUTE));
            adjustments.reverse();
        }
        let twice = [adjustment(0, 120, Mode::Exclude), adjustment(60, 180, Mode::Exclude)];
        let found = adjust(&measured, &twice);
        let times: Vec<String> =
            found.effects.iter().map(|effect| effect.time.to_string()).collect();
        assert_eq!(times, ["2m", "1m"]);
        assert_eq!(found.excluded_events(), events(18.0, 30.0));
    }

    #[test]
    fn a_step_that_is_partly_covered_is_divided_by_time() {
        let measured = series(MINUTE, [(6, 2), (8, 0)]);
        let found =
            adjust(&measured, &[adjustment(30, 45, Mode::Exclude), adjustment(45, 75, Mode::Bad)]);
        // Of the first minute half stays (3 of 4), a quarter goes, a quarter is bad (0 of 2); of the
        // second a quarter is bad.
        assert_eq!(shown(&found.series), [Some((3.0, 6.0)), Some((6.0, 8.0))]);
        assert!(found.prorated);
        let (quarter, half) = (Duration::from_seconds(15), Duration::from_seconds(30));
        assert_eq!(effects(&found), [(quarter, events(1.5, 2.0)), (half, events(3.5, 4.0))]);
    }

    #[test]
    fn the_known_part_of_a_step_is_adjusted_as_well() {
        let begin = instant("2026-03-01T00:00:30Z");
        let measured = series(MINUTE, [(6, 2), (8, 0)]).with_part(begin, events(3.0, 4.0));
        let found = adjust(&measured, &[adjustment(45, 60, Mode::Exclude)]);
        let window = found.series.window(begin, measured.end());
        assert_eq!(window.events, events(8.0 + 1.5, 8.0 + 2.0));
        assert_eq!(adjust(&measured, &[]).series, measured);
    }

    #[test]
    fn what_lies_outside_or_ends_before_it_begins_does_nothing() {
        let measured = series(MINUTE, [(6, 2), (8, 0)]);
        let nothing = [
            adjustment(-300, 0, Mode::Exclude),
            adjustment(120, 300, Mode::Bad),
            adjustment(90, 30, Mode::Good),
        ];
        let found = adjust(&measured, &nothing);
        assert_eq!(effects(&found), [(Duration::ZERO, EventCount::default()); 3]);
        assert_eq!(found.series, measured);
        let empty = series(MINUTE, []);
        assert_eq!(adjust(&empty, &nothing).series, empty);
        let everything =
            Adjustment { from: Instant::MIN_UTC, to: Instant::MAX_UTC, mode: Mode::Exclude };
        let found = adjust(&series(MINUTE, [(6, 2)]), &[everything]);
        assert_eq!(shown(&found.series), [Some((0.0, 0.0))]);
    }

    fn adjustments_strategy() -> impl Strategy<Value = Vec<Adjustment>> {
        let mode = prop::sample::select(vec![Mode::Exclude, Mode::Bad, Mode::Good]);
        let one = (-100i64..4000, 0i64..900, mode);
        prop::collection::vec(
            one.prop_map(|(from, length, mode)| adjustment(from, from + length, mode)),
            0..6,
        )
    }

    proptest! {
        /// Each second of each step decides for itself, by the definition.
        #[test]
        fn agrees_with_a_loop_over_every_second(
            series in series_strategy(), adjustments in adjustments_strategy(),
        ) {
            let found = adjust(&series, &adjustments);
            let step = i64::try_from(series.step().whole_seconds()).unwrap();
            for (index, (count, found)) in series.counts().iter().zip(found.series.counts()).enumerate() {
                let begin = step * i64::try_from(index).unwrap();
                // No adjustment reaches as far.
                if begin > 5000 {
                    prop_assert_eq!(found, *count);
                    continue;
                }
                let mut sum = EventCount::default();
                let mut excluded = 0;
                for second in begin..begin + step {
                    let at = instant(START) + chrono::TimeDelta::seconds(second);
                    let has = |mode| adjustments.iter().any(|one| one.mode == mode && one.from <= at && at < one.to);
                    let EventCount { good, total } = count.unwrap_or_default();
                    if has(Mode::Exclude) {
                        excluded += 1;
                    } else if has(Mode::Bad) {
                        sum += events(0.0, total);
                    } else if has(Mode::Good) {
                        sum += events(total, total);
                    } else {
                        sum += events(good, total);
                    }
                }
                prop_assert_eq!(found.is_some(), count.is_some() || excluded == step);
                let found = found.unwrap_or_default();
                prop_assert!((found.good * step as f64 - sum.good).abs() < 1e-6 * (1.0 + sum.good));
                prop_assert!((found.total * step as f64 - sum.total).abs() < 1e-6 * (1.0 + sum.total));
            }
        }

        /// What was excluded and what still counts is what was measured; whole steps stay whole.
        #[test]
        fn nothing_is_lost(series in series_strategy(), adjustments in adjustments_strategy()) {
            let found = adjust(&series, &adjustments);
            let whole = |series: &EventSeries| series.window(series.start(), series.end()).events;
            let (measured, kept) = (whole(&series), whole(&found.series));
            let excluded = found.excluded_events();
            prop_assert!((kept.total + excluded.total - measured.total).abs() < 1e-6);
            prop_assert!(kept.good <= kept.total + 1e-9);
            if !found.prorated {
                let is_whole = |count: &EventCount| count.good.fract() == 0.0 && count.total.fract() == 0.0;
                prop_assert!(found.series.counts().iter().flatten().all(is_whole));
            }
        }
    }
}
