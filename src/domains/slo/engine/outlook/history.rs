//! The past, cut into cells that can be drawn again.
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant},
};
use chrono::{Datelike, Weekday};

/// Lengths of cells, each a whole part of a day: the shortest that is no shorter than a step is taken.
/// An hour keeps the course of the day; shorter cells cost time and change no answer.
const LENGTHS: [Duration; 8] = [
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(3),
    Duration::from_hours(4),
    Duration::from_hours(6),
    Duration::from_hours(8),
    Duration::from_hours(12),
    DAY,
];

const DAY: Duration = Duration::from_days(1);

/// Cells that are drawn together where the history is too short to draw whole days.
const QUARTER: Duration = Duration::from_hours(6);

/// From here on whole days are drawn, see [`Blocks`].
const FOR_DAYS: Duration = Duration::from_days(14);

/// From here on workdays and weekends are drawn apart.
const FOR_WEEKS: Duration = Duration::from_days(28);

/// What is older is not drawn: it is about another service by the same name.
const OLDEST: Duration = Duration::from_days(366);

/// Bad and all events of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) bad: f64,
    pub(super) total: f64,
}

impl Cell {
    pub(super) fn of(count: EventCount) -> Self {
        Self { bad: count.bad().clamp(0.0, count.total.max(0.0)), total: count.total.max(0.0) }
    }
}

impl std::ops::AddAssign for Cell {
    fn add_assign(&mut self, other: Self) {
        self.bad += other.bad;
        self.total += other.total;
    }
}

/// Cells of equal length up to some moment, oldest first; `None` where less than half was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct History<'a> {
    pub(super) cells: &'a [Option<Cell>],
    pub(super) length: Duration,
    pub(super) end: Instant,
}

/// How long the cells of a series are.
pub(super) fn cell_length(series: &EventSeries) -> Duration {
    LENGTHS.into_iter().find(|length| *length >= series.step()).unwrap_or(series.step())
}

/// The cells of `length` before `now`, as far back as the series goes. A cell that was measured in part
/// is scaled to its whole length.
pub(super) fn cells(series: &EventSeries, length: Duration, now: Instant) -> Vec<Option<Cell>> {
    let reach = u64::try_from((now - series.start()).num_milliseconds()).unwrap_or(0);
    let count = reach.min(OLDEST.milliseconds()) / length.milliseconds();
    let begins = |back: u64| {
        let back = length.milliseconds().checked_mul(back)?;
        now.checked_sub_signed(Duration::from_milliseconds(back).to_chrono())
    };
    let cell = |back: u64| {
        let (from, to) = (begins(back)?, begins(back - 1)?);
        let (found, steps) = (series.window(from, to), series.steps_in(from, to));
        if found.measured == 0 || 2 * found.measured < steps {
            return None;
        }
        let scale = (steps as f64 / found.measured as f64).max(1.0);
        let Cell { bad, total } = Cell::of(found.events);
        Some(Cell { bad: bad * scale, total: total * scale })
    };
    (1..=count).rev().map(cell).collect()
}

/// What tells blocks apart: only blocks with the same key stand for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Which part of a day, counted from the end of the history.
    phase: usize,
    /// Whether the block begins, and whether it ends, on a weekend (UTC); `None` where the history is too
    /// short to tell.
    weekend: Option<(bool, bool)>,
}

/// The future as blocks of the past: which stretches of the history may stand for each stretch to come.
///
/// Blocks are whole days of 24 hours (from 14 days of history on; below, quarters of days), at the same
/// time of day, and from 28 days on of the same kind: a stretch of workday for one, a weekend for the
/// other. Bad and all events stay together, so a busy hour stays busy and an outage stays whole.
///
/// Source: Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of
/// Statistics 17, 1989 (blocks); Politis, "Resampling time series with seasonal components", 2001
/// (blocks that keep their place in the season).
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    history: History<'a>,
    /// Cells of a block.
    cells: usize,
    /// Cells of a day.
    day: usize,
    /// Where the blocks of each key begin.
    groups: Vec<Vec<usize>>,
    /// For each block to come its group, where the history has one.
    schedule: Vec<Option<usize>>,
    /// The measured cells at each time of day.
    measured: Vec<Vec<usize>>,
    /// What a block covers.
    pub(super) length: Duration,
    /// Whether workdays and weekends are told apart.
    pub(super) weekly: bool,
}

/// What a path has drawn so far, by group; reused from path to path.
#[derive(Debug, Default)]
pub(super) struct Drawn(Vec<Vec<usize>>);

impl<'a> Blocks<'a> {
    /// The blocks for `ahead` cells to come.
    pub(super) fn new(history: History<'a>, ahead: usize) -> Self {
        let cell = history.length.milliseconds();
        let cells_of =
            |span: Duration| usize::try_from(span.milliseconds() / cell).unwrap_or(1).max(1);
        let (known, day) = (history.measured(), cells_of(DAY));
        let cells = if known >= FOR_DAYS { day } else { cells_of(QUARTER) };
        let weekly = known >= FOR_WEEKS && history.length <= DAY;
        let phases = day / cells;
        let length = Duration::from_milliseconds(cell * cells as u64);
        let is_weekend = |at: Option<Instant>| {
            at.is_some_and(|at| matches!(at.weekday(), Weekday::Sat | Weekday::Sun))
        };
        // Blocks are counted from the end of the history: −1 is the last one, 0 the first to come.
        let key = |block: i64| {
            let after = |milliseconds: i64| {
                let offset = chrono::TimeDelta::try_milliseconds(milliseconds)?;
                history.end.checked_add_signed(offset)
            };
            let begins = i64::try_from(length.milliseconds()).ok()?.checked_mul(block)?;
            let ends = begins.checked_add(i64::try_from(length.milliseconds()).ok()? - 1)?;
            let phase = usize::try_from(block.rem_euclid(i64::try_from(phases).ok()?)).ok()?;
            let weekend = weekly.then(|| (is_weekend(after(begins)), is_weekend(after(ends))));
            Some(Key { phase, weekend })
        };
        let mut keys: Vec<Key> = Vec::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for back in 1..=history.cells.len() / cells {
            let first = history.cells.len() - back * cells;
            let is_known = history.cells[first..first + cells].iter().any(Option::is_some);
            let Some(key) = i64::try_from(back).ok().and_then(|back| key(-back)) else { continue };
            if is_known {
                let at = keys.iter().position(|other| *other == key).unwrap_or_else(|| {
                    keys.push(key);
                    groups.push(Vec::new());
                    keys.len() - 1
                });
                groups[at].push(first);
            }
        }
        let schedule = (0..ahead.div_ceil(cells))
            .map(|block| {
                let wanted = key(i64::try_from(block).ok()?)?;
                let same = |key: &Key| *key == wanted;
                let alike = |key: &Key| key.phase == wanted.phase;
                keys.iter().position(same).or_else(|| keys.iter().position(alike))
            })
            .collect();
        let mut measured = vec![Vec::new(); day];
        for (at, cell) in history.cells.iter().enumerate() {
            if cell.is_some() {
                measured[(history.cells.len() - 1 - at) % day].push(at);
            }
        }
        Self { history, cells, day, groups, schedule, measured, length, weekly }
    }

    /// Draws `sums.len() − 1` cells; `sums[k]` becomes the sum of the first `k` of them.
    ///
    /// Blocks come out of a Pólya urn: each that is drawn goes back with a copy of itself. A plain
    /// bootstrap takes the history for the whole truth, and its paths differ by luck alone; the urn's
    /// differ also by what the history may have missed, and are as wide as they should be (Lo, "A
    /// Bayesian bootstrap for a finite population", Annals of Statistics 16, 1988).
    pub(super) fn draw(&self, random: &mut fastrand::Rng, drawn: &mut Drawn, sums: &mut [Cell]) {
        drawn.0.resize_with(self.groups.len(), Vec::new);
        drawn.0.iter_mut().for_each(Vec::clear);
        let mut sum = Cell::default();
        sums[0] = sum;
        for (sums, group) in sums[1..].chunks_mut(self.cells).zip(&self.schedule) {
            let first = group.map(|group| {
                let (known, drawn) = (&self.groups[group], &mut drawn.0[group]);
                let at = random.usize(..known.len() + drawn.len());
                let first = known.get(at).copied().unwrap_or_else(|| drawn[at - known.len()]);
                drawn.push(first);
                first
            });
            for (at, slot) in sums.iter_mut().enumerate() {
                if let Some(first) = first {
                    sum += self.history.cells[first + at]
                        .unwrap_or_else(|| self.instead_of(first + at, random));
                }
                *slot = sum;
            }
        }
    }

    /// A measured cell of the same time of day, or nothing where there is none: what was never measured
    /// is not measured in future either.
    fn instead_of(&self, cell: usize, random: &mut fastrand::Rng) -> Cell {
        let alike = &self.measured[(self.history.cells.len() - 1 - cell) % self.day];
        let at = (!alike.is_empty()).then(|| alike[random.usize(..alike.len())]);
        at.and_then(|at| self.history.cells[at]).unwrap_or_default()
    }
}

impl History<'_> {
    /// How much of it was measured.
    pub(super) fn measured(&self) -> Duration {
        let cells = self.cells.iter().flatten().count() as u64;
        Duration::from_milliseconds(self.length.milliseconds().saturating_mul(cells))
    }

    /// What was counted in all.
    pub(super) fn events(&self) -> Cell {
        let mut sum = Cell::default();
        for cell in self.cells.iter().flatten() {
            sum += *cell;
        }
        sum
    }
}
