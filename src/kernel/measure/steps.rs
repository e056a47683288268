//! Counts per step of time, in integers, so that the order of adding never matters.
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// The steps of a scan: number `i` begins at `phase + i * length`. Unit: nanoseconds.
///
/// Records are counted in halves of steps, cut at `cut` behind the start of each: step `i` is made of
/// the halves `2 * i` and `2 * i + 1`. So steps that begin at the cuts can be put together as well, and
/// a window may begin at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) length: i64,
    pub(super) phase: i64,
    /// Between 0 and `length`; at 0 the first half is empty.
    pub(super) cut: i64,
    /// Steps that are kept before the end.
    pub(super) kept: i64,
    /// First half that is kept, where the end is known from the start.
    pub(super) floor: Option<i64>,
}

impl Grid {
    /// Number of the half that an instant falls into.
    pub(super) fn half_of(&self, time: i64) -> i64 {
        let offset = time.saturating_sub(self.phase);
        let behind = i64::from(offset.rem_euclid(self.length) >= self.cut);
        offset.div_euclid(self.length).saturating_mul(2).saturating_add(behind)
    }

    /// Number of the first half of the step that an instant falls into.
    pub(super) fn whole(&self, time: i64) -> i64 {
        let half = self.half_of(time);
        half - half.rem_euclid(2)
    }

    /// Start of a half.
    pub(super) fn start_of(&self, half: i64) -> i64 {
        let start = half.div_euclid(2).saturating_mul(self.length).saturating_add(self.phase);
        start.saturating_add(if half.rem_euclid(2) == 1 { self.cut } else { 0 })
    }
}

/// Counts of records and of each measure, for every half of a step that has any.
#[derive(Debug)]
pub(super) struct StepCounts {
    grid: Grid,
    /// Numbers in a row: one for the records, then `width - 1` for the caller.
    width: usize,
    rows: HashMap<i64, usize, BuildHasherDefault<StepHasher>>,
    steps: Vec<i64>,
    /// More than four billion records of half a minute are not counted; no file has them.
    cells: Vec<u32>,
    newest: i64,
    /// Records of halves that lie before what is kept.
    outside: u64,
    /// Bounds and row of the latest half, for neighbours mostly share it.
    recent: (i64, i64, usize),
}

impl StepCounts {
    pub(super) fn new(grid: Grid, width: usize) -> Self {
        Self {
            grid,
            width,
            rows: HashMap::default(),
            steps: Vec::new(),
            cells: Vec::new(),
            newest: i64::MIN,
            outside: 0,
            recent: (0, 0, 0),
        }
    }

    /// The row of the half of an instant, with the record counted; `None` where it is not kept.
    pub(super) fn count(&mut self, time: i64) -> Option<&mut [u32]> {
        let (start, end, row) = self.recent;
        let row = if start <= time && time < end { row } else { self.find(time)? };
        let cells = &mut self.cells[row * self.width..(row + 1) * self.width];
        cells[0] = cells[0].saturating_add(1);
        Some(&mut cells[1..])
    }

    fn find(&mut self, time: i64) -> Option<usize> {
        let half = self.grid.half_of(time);
        if half < self.first_kept() {
            self.outside += 1;
            return None;
        }
        let row = self.row(half);
        self.recent = (self.grid.start_of(half), self.grid.start_of(half.saturating_add(1)), row);
        Some(row)
    }

    fn row(&mut self, step: i64) -> usize {
        if let Some(row) = self.rows.get(&step) {
            return *row;
        }
        self.newest = self.newest.max(step);
        if self.steps.len() as u64 > 4 * self.grid.kept.unsigned_abs() + 1024 {
            self.forget_before(self.first_kept());
        }
        let row = self.steps.len();
        self.rows.insert(step, row);
        self.steps.push(step);
        self.cells.resize(self.cells.len() + self.width, 0);
        row
    }

    /// First half that is kept as far as is known now; it only ever grows.
    fn first_kept(&self) -> i64 {
        let by_newest = self.newest.saturating_sub(2 * self.grid.kept - 1);
        self.grid.floor.unwrap_or(by_newest)
    }

    /// Drops the halves before `first`.
    fn forget_before(&mut self, first: i64) {
        let mut old = std::mem::replace(self, Self::new(self.grid, self.width));
        self.newest = old.newest;
        self.outside = old.outside;
        old.rows.clear();
        for (step, cells) in old.steps.iter().zip(old.cells.chunks_exact(old.width)) {
            if *step < first {
                self.outside += u64::from(cells[0]);
            } else {
                self.rows.insert(*step, self.steps.len());
                self.steps.push(*step);
                self.cells.extend_from_slice(cells);
            }
        }
    }

    /// Adds what another thread has counted.
    pub(super) fn merge(&mut self, mut other: Self) {
        // The first one is taken over, not copied: with many measures it is what memory is needed for.
        if self.steps.is_empty() {
            std::mem::swap(self, &mut other);
        }
        self.outside += other.outside;
        for (step, cells) in other.steps.iter().zip(other.cells.chunks_exact(other.width)) {
            let row = self.row(*step);
            let own = &mut self.cells[row * self.width..(row + 1) * self.width];
            for (own, other) in own.iter_mut().zip(cells) {
                *own = own.saturating_add(*other);
            }
        }
        self.recent = (0, 0, 0);
    }

    /// Drops what lies before `first`, now that everything is counted; the records dropped in all.
    pub(super) fn finish(&mut self, first: i64) -> u64 {
        self.forget_before(first);
        self.outside
    }

    /// The halves with their rows, in no particular order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (i64, &[u32])> {
        self.steps.iter().copied().zip(self.cells.chunks_exact(self.width).map(|row| &row[1..]))
    }
}

/// One multiplication: step numbers are consecutive and nobody chooses them to collide.
#[derive(Debug, Default)]
struct StepHasher(u64);

impl Hasher for StepHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    fn write_i64(&mut self, step: i64) {
        self.0 = step.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
