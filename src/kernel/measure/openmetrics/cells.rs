//! Increases of counters per step of time, and which steps they cover.
//!
//! What happened between two samples, `(previous, this]`, is counted at `this`. So steps are open at
//! their start and closed at their end here: a sample on a boundary belongs to the step that ends there.
use std::collections::{BTreeMap, HashMap, VecDeque};

use super::super::steps::Grid;

/// The longest time between two samples that may still cover the steps between them. Unit: seconds.
const LONGEST_REACH: u32 = 2 * 86_400 + 43_200;

/// Which of the events an increase counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// All of them.
    Total,
    /// The good or the bad ones.
    Part,
}

/// What happened between two samples of a series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Increase {
    /// Time of the earlier sample. Unit: nanoseconds.
    pub(super) from: i64,
    /// Time of the later one.
    pub(super) to: i64,
    pub(super) events: f64,
    /// Whether the counter began anew at 0 in between.
    pub(super) reset: bool,
    /// Whether the series is known to have been there all the while.
    pub(super) unbroken: bool,
}

impl Increase {
    /// Its length in whole seconds, rounded up.
    pub(super) fn seconds(&self) -> u32 {
        let seconds = self.to.saturating_sub(self.from).max(0).unsigned_abs();
        u32::try_from(seconds.div_ceil(1_000_000_000)).unwrap_or(u32::MAX)
    }
}

/// The counts of one half of a step. Whole and small ones stand here, others beside it: there are
/// hundreds of groups of a hundred thousand halves.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// [`LARGE`] where the counts stand in [`Cells::large`].
    total: u32,
    part: u32,
    /// Length of the shortest stretch between two samples that reaches over the half, in seconds; 0
    /// where one ends in it.
    reach: u32,
}

const EMPTY: Cell = Cell { total: 0, part: 0, reach: u32::MAX };
const LARGE: u32 = u32::MAX;

/// The same number as a whole small one, where it is one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at after it")]
fn small(number: f64) -> Option<u32> {
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits() && whole < LARGE).then_some(whole)
}

/// The counts of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) total: f64,
    pub(super) part: f64,
}

/// The counts of one group, for the halves of steps from the first to the last that has any.
///
/// Memory is bounded by what the grid keeps.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    grid: Grid,
    /// Last half that is kept, where an end was asked for.
    last: i64,
    /// Number of the first cell.
    first: i64,
    halves: VecDeque<Cell>,
    /// Counts that are not whole, or large, by the number of the half.
    large: HashMap<i64, Sums>,
}

impl Cells {
    /// Without counts; `at` is the end that was asked for, or the end of time.
    pub(super) fn new(grid: Grid, at: i64) -> Self {
        let last = if at == i64::MAX { i64::MAX } else { half_before(grid, at) };
        Self { grid, last, first: 0, halves: VecDeque::new(), large: HashMap::new() }
    }

    /// Counts an increase at its later sample. Only samples of all events say what is covered.
    pub(super) fn add(&mut self, side: Side, increase: &Increase) {
        let to = half_before(self.grid, increase.to);
        if to <= self.last
            && let Some(cell) = self.cell(to)
        {
            let mut now = *cell;
            let mut sums = self.sums(to, now);
            match side {
                Side::Total => {
                    sums.total += increase.events;
                    now.reach = 0;
                }
                Side::Part => sums.part += increase.events,
            }
            match (small(sums.total), small(sums.part)) {
                (Some(total), Some(part)) if now.total != LARGE => {
                    (now.total, now.part) = (total, part);
                }
                _ => {
                    now.total = LARGE;
                    self.large.insert(to, sums);
                }
            }
            if let Some(cell) = self.cell(to) {
                *cell = now;
            }
        }
        let seconds = increase.seconds();
        if side == Side::Total && increase.unbroken && seconds <= LONGEST_REACH {
            let from = half_before(self.grid, increase.from);
            for half in from.saturating_add(1).max(self.first_kept())
                ..to.min(self.last + i64::from(to > self.last))
            {
                if let Some(cell) = self.cell(half) {
                    cell.reach = cell.reach.min(seconds);
                }
            }
        }
    }

    /// The counts of a half with that cell.
    fn sums(&self, half: i64, cell: Cell) -> Sums {
        if cell.total == LARGE {
            return self.large.get(&half).copied().unwrap_or_default();
        }
        Sums { total: cell.total.into(), part: cell.part.into() }
    }

    /// First half that is kept as far as is known now; it only ever grows.
    fn first_kept(&self) -> i64 {
        let newest = self.first + self.held() - 1;
        let by_newest = if self.halves.is_empty() { i64::MIN } else { newest - 2 * self.grid.kept };
        self.grid.floor.unwrap_or(by_newest)
    }

    /// How many halves there are cells for.
    fn held(&self) -> i64 {
        i64::try_from(self.halves.len()).unwrap_or(i64::MAX)
    }

    /// The cell of a half; `None` where it is not kept.
    fn cell(&mut self, half: i64) -> Option<&mut Cell> {
        if half < self.first_kept() {
            return None;
        }
        let span = 2 * self.grid.kept + 2;
        if self.halves.is_empty() || half - self.first >= self.held() + span {
            self.halves.clear();
            self.large.clear();
            self.first = half;
        }
        while half < self.first {
            self.halves.push_front(EMPTY);
            self.first -= 1;
        }
        let mut at = usize::try_from(half - self.first).ok()?;
        if at >= self.halves.len() {
            self.halves.resize(at + 1, EMPTY);
            let excess = self.halves.len().saturating_sub(usize::try_from(span).ok()?);
            self.halves.drain(..excess);
            self.first = half - self.held() + 1;
            at -= excess;
            // Now and then what is gone is forgotten; nobody can ask for it.
            if self.large.len() > 2 * self.halves.len() + 1024 {
                let first = self.first;
                self.large.retain(|half, _| *half >= first);
            }
        }
        self.halves.get_mut(at)
    }

    /// What a half holds; `None` where nothing measured it with samples at most `limit` seconds apart.
    pub(super) fn half(&self, half: i64, limit: u32) -> Option<Sums> {
        let cell = self.get(half)?;
        (cell.reach <= limit).then(|| self.sums(half, *cell))
    }

    /// What the step holds that is made of a half and the next one, of which an empty one does not
    /// matter; `None` where it was not measured.
    pub(super) fn step(&self, half: i64, limit: u32) -> Option<Sums> {
        let halves = [half, half + 1].map(|half| self.get(half).copied().unwrap_or(EMPTY));
        let sums = || {
            let [first, second] = [self.sums(half, halves[0]), self.sums(half + 1, halves[1])];
            Sums { total: first.total + second.total, part: first.part + second.part }
        };
        // Without a cut the first half of a step is empty, and holds nothing that could be missing.
        let covered = if self.grid.cut == 0 {
            halves.iter().any(|cell| cell.reach <= limit)
        } else {
            halves.iter().any(|cell| cell.reach == 0)
                || halves.iter().all(|cell| cell.reach <= limit)
        };
        // Events of the part are held against all events even where there are none of these.
        (covered || sums().part > 0.0).then(sums)
    }

    fn get(&self, half: i64) -> Option<&Cell> {
        self.halves.get(usize::try_from(half.checked_sub(self.first)?).ok()?)
    }
}

/// The half that a sample's increase is counted in: it ends at the sample or holds it.
pub(super) fn half_before(grid: Grid, time: i64) -> i64 {
    grid.half_of(time.saturating_sub(1))
}

/// How far apart samples are, as far as it decides what they cover.
#[derive(Clone, Debug, Default)]
pub(super) struct Spacings {
    /// For each length in seconds up to [`USUAL_LIMIT`], how many are that long.
    short: Vec<u64>,
    /// Longer ones: how many there are of each length, and the events counted behind them.
    long: BTreeMap<u32, (u64, f64)>,
}

/// Samples this far apart always cover the steps between them: how long Prometheus looks back for a
/// sample (`--query.lookback-delta`). Unit: seconds.
const USUAL_LIMIT: u32 = 300;

impl Spacings {
    pub(super) fn add(&mut self, increase: &Increase) {
        let seconds = increase.seconds();
        match usize::try_from(seconds) {
            Ok(at) if seconds <= USUAL_LIMIT => {
                if self.short.is_empty() {
                    self.short = vec![0; USUAL_LIMIT as usize + 1];
                }
                self.short[at] += 1;
            }
            _ => {
                let (count, events) = self.long.entry(seconds).or_default();
                *count += 1;
                *events += increase.events;
            }
        }
    }

    /// How far apart samples may be and still cover what lies between them: five minutes, or two and a
    /// half times the usual distance, which is the median. Unit: seconds.
    pub(super) fn limit(&self) -> u32 {
        let limit = u64::from(self.usual()) * 5 / 2;
        u32::try_from(limit).unwrap_or(u32::MAX).clamp(USUAL_LIMIT, LONGEST_REACH)
    }

    /// The usual distance of samples: the median; 0 without any. Unit: seconds.
    pub(super) fn usual(&self) -> u32 {
        let short = self.short.iter().zip(0u32..).map(|(count, seconds)| (seconds, *count));
        let long = self.long.iter().map(|(seconds, (count, _))| (*seconds, *count));
        let all: u64 = short.clone().chain(long.clone()).map(|(_, count)| count).sum();
        let mut seen = 0;
        let usual = short.chain(long).find(|(_, count)| {
            seen += count;
            2 * seen >= all.max(1)
        });
        usual.map_or(0, |(seconds, _)| seconds)
    }

    /// Gaps longer than that limit: how many, the events counted behind them, the longest in seconds.
    pub(super) fn gaps(&self) -> Option<(u64, f64, u32)> {
        let limit = self.limit();
        let mut gaps = None;
        for (seconds, (count, events)) in self.long.range(limit + 1..) {
            let (all, sum, longest) = gaps.get_or_insert((0, 0.0, 0));
            *all += count;
            *sum += events;
            *longest = *seconds;
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;

    fn grid(cut: i64) -> Grid {
        Grid { length: MINUTE, kept: 100, phase: 0, cut, floor: None }
    }

    fn increase(from: i64, to: i64, events: f64) -> Increase {
        Increase { from, to, events, reset: false, unbroken: true }
    }

    #[test]
    fn a_sample_on_a_boundary_belongs_to_the_step_that_ends_there() {
        let mut cells = Cells::new(grid(0), i64::MAX);
        cells.add(Side::Total, &increase(0, MINUTE, 5.0));
        cells.add(Side::Total, &increase(MINUTE, MINUTE + 1, 7.0));
        assert_eq!(cells.step(0, 300), Some(Sums { total: 5.0, part: 0.0 }));
        assert_eq!(cells.step(2, 300), Some(Sums { total: 7.0, part: 0.0 }));
        assert_eq!(cells.step(4, 300), None);
    }

    #[test]
    fn steps_between_are_covered_up_to_the_limit() {
        let mut cells = Cells::new(grid(0), i64::MAX);
        cells.add(Side::Total, &increase(MINUTE / 2, 5 * MINUTE, 9.0));
        let measured = |cells: &Cells, limit| -> Vec<bool> {
            (0..6).map(|step| cells.step(2 * step, limit).is_some()).collect()
        };
        assert_eq!(measured(&cells, 300), [false, true, true, true, true, false]);
        assert_eq!(measured(&cells, 200), [false, false, false, false, true, false]);
        let broken = Increase { unbroken: false, ..increase(5 * MINUTE, 6 * MINUTE + 1, 1.0) };
        cells.add(Side::Total, &broken);
        assert_eq!(measured(&cells, 300), [false, true, true, true, true, false]);
        assert_eq!(cells.step(12, 300), Some(Sums { total: 1.0, part: 0.0 }));
    }

    #[test]
    fn counts_that_are_not_whole_or_large_are_kept_as_they_are() {
        let mut cells = Cells::new(grid(0), i64::MAX);
        let huge = f64::from(u32::MAX);
        for (minute, events) in [(1, 2.0), (1, 0.5), (1, 1.0), (2, huge), (3, huge - 1.0)] {
            cells.add(Side::Total, &increase((minute - 1) * MINUTE, minute * MINUTE, events));
            cells.add(Side::Part, &increase((minute - 1) * MINUTE, minute * MINUTE, 0.25));
        }
        let total = |step| cells.step(step, 300).map(|sums| (sums.total, sums.part));
        assert_eq!(total(0), Some((3.5, 0.75)));
        assert_eq!(total(2), Some((huge, 0.25)));
        assert_eq!(total(4), Some((huge - 1.0, 0.25)));
        // A fraction in every step, for longer than is kept.
        for minute in 4..5000 {
            cells.add(Side::Total, &increase((minute - 1) * MINUTE, minute * MINUTE, 1.5));
        }
        assert!(cells.large.len() <= 2 * 202 + 1025, "{}", cells.large.len());
        assert_eq!(cells.step(2 * 4998, 300).map(|sums| sums.total), Some(1.5));
    }

    #[test]
    fn halves_make_steps_at_either_boundary() {
        let mut cells = Cells::new(grid(20_000_000_000), i64::MAX);
        for second in (10..=180).step_by(10) {
            let to = second * 1_000_000_000;
            cells.add(Side::Total, &increase(to - 10_000_000_000, to, 1.0));
        }
        let total = |total| Some(Sums { total, part: 0.0 });
        assert_eq!(cells.step(0, 300), total(6.0));
        assert_eq!(cells.step(1, 300), total(6.0));
        assert_eq!(cells.half(1, 300), total(4.0));
        assert_eq!(cells.step(5, 300), total(4.0));
        assert_eq!(cells.step(7, 300), None);
    }

    #[test]
    fn what_is_kept_is_bounded_wherever_times_jump() {
        let mut cells = Cells::new(grid(0), i64::MAX);
        for to in [5, 1_000_000, 5, 1_000_050, 999_990, 3, 90_000_000, -7] {
            cells.add(Side::Total, &increase((to - 1) * MINUTE, to * MINUTE, 1.0));
            assert!(cells.halves.len() <= 202);
        }
        let mut far = Cells::new(Grid { floor: Some(0), ..grid(0) }, 10 * MINUTE);
        far.add(Side::Total, &increase(-MINUTE, 2_000_000 * MINUTE, 1.0));
        far.add(Side::Total, &increase(9 * MINUTE, 12 * MINUTE, 1.0));
        assert_eq!(far.step(18, 300), Some(Sums::default()), "covered, and counted behind the end");
        assert_eq!(far.step(20, 300), None);
    }

    #[test]
    fn the_limit_follows_the_usual_distance() {
        let mut spacings = Spacings::default();
        assert_eq!(spacings.limit(), 300);
        for minute in 0..10 {
            let from = 10 * minute * MINUTE;
            spacings.add(&increase(from, from + 10 * MINUTE, 1.0));
        }
        spacings.add(&increase(0, 60 * MINUTE, 50.0));
        assert_eq!(spacings.limit(), 1500);
        assert_eq!(spacings.gaps(), Some((1, 50.0, 3600)));
        for _ in 0..20 {
            spacings.add(&increase(0, MINUTE / 4, 1.0));
        }
        assert_eq!(spacings.limit(), 300);
        assert_eq!(spacings.gaps(), Some((11, 60.0, 3600)));
    }
}
