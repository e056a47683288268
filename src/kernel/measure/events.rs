//! Raw events: every record is one, and predicates say whether it counts and is good.
use std::ops::Range;

use super::{
    blocks::Place,
    predicate::{Columns, Field, Predicate, Truth},
    record::{Line, RecordSink, TIME},
    report::NullResults,
    request::{EventMeasure, ScanRequest},
    source::Needed,
    steps::{Grid, StepCounts},
    tally::Tally,
    time::{TimeReader, from_instant, to_instant},
};
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant},
};

/// Numbers that are counted for each measure: all events, good ones, and those of which it is not
/// known.
const CELLS: usize = 3;

/// Measures whose series are made in one go over the rows: what is added up for them is small beside the
/// rows, and of a row that is fetched much is used.
const TOGETHER: usize = 16;

/// The measures of a request, their columns bound to slots.
#[derive(Debug)]
pub(super) struct EventPlan {
    measures: Vec<Measure>,
    grid: Grid,
    /// End that was asked for, or the end of time.
    at: i64,
    now: i64,
    /// Where a window may begin inside of a step.
    from: Option<i64>,
    /// Whether an unfinished step at the present is left out.
    whole_steps: bool,
}

#[derive(Debug)]
struct Measure {
    total: Option<Bound>,
    good: Bound,
}

/// A predicate and where its columns are.
#[derive(Debug)]
struct Bound {
    predicate: Predicate,
    slots: Vec<u16>,
}

impl Bound {
    fn evaluate(&self, fields: &[Field<'_>]) -> Truth {
        self.predicate.evaluate(Columns { fields, slots: &self.slots })
    }
}

/// What is counted for one measure.
pub(super) struct Counted {
    /// Good and total events.
    pub(super) series: EventSeries,
    /// All events as `total`, and as good those of which it is known whether they are; `None` where
    /// that is all of them.
    pub(super) judged: Option<EventSeries>,
}

impl EventPlan {
    /// Binds the measures, adding the columns that they need.
    pub(super) fn new(
        measures: &[EventMeasure],
        needed: &mut Needed,
        grid: Grid,
        request: &ScanRequest,
    ) -> Self {
        let mut measures_bound = Vec::with_capacity(measures.len());
        for (index, measure) in measures.iter().enumerate() {
            let mut bind = |predicate: &Predicate| Bound {
                predicate: predicate.clone(),
                slots: predicate.columns().iter().map(|used| needed.slot(used, index)).collect(),
            };
            let total = measure.total.as_ref().map(&mut bind);
            measures_bound.push(Measure { total, good: bind(&measure.good) });
        }
        Self {
            measures: measures_bound,
            grid,
            at: request.at.map_or(i64::MAX, from_instant),
            now: from_instant(request.now),
            from: request.at.and(request.from).map(from_instant),
            whole_steps: request.whole_steps,
        }
    }

    /// An empty counter for one thread.
    pub(super) fn sink(&self) -> EventSink<'_> {
        EventSink {
            plan: self,
            times: TimeReader::default(),
            tally: Tally::default(),
            counts: StepCounts::new(self.grid, 1 + CELLS * self.measures.len()),
            nulls: vec![NullResults::default(); self.measures.len()],
        }
    }

    /// The halves of the steps that are known.
    ///
    /// Between the first and the last record an empty step is a step without events; where records at
    /// or after `at` were met, the time up to `at` was watched as well.
    pub(super) fn range(&self, first: i64, last: i64) -> Range<i64> {
        let grid = &self.grid;
        if first > last {
            return 0..0;
        }
        let end = match self.at {
            at if at < i64::MAX && last >= at => grid.whole(at),
            _ => grid.whole(last).saturating_add(2),
        };
        // The data run into the present: steps end there, at a cut, or with the last whole step.
        let end = if self.at == i64::MAX && grid.start_of(end) > self.now {
            if self.whole_steps { grid.whole(self.now) } else { grid.half_of(self.now) | 1 }
        } else {
            end
        };
        let floor = grid.floor.unwrap_or(end - 2 * grid.kept);
        let known = (end - grid.half_of(first)).max(0);
        (end - (known + known.rem_euclid(2))).max(floor).min(end)..end
    }

    /// The end of the data.
    pub(super) fn end(&self, range: &Range<i64>) -> Option<Instant> {
        let asked = (self.at < i64::MAX).then_some(self.at);
        let found = || (!range.is_empty()).then(|| self.grid.start_of(range.end).min(self.now));
        asked.or_else(found).map(to_instant)
    }

    /// What is counted for every measure, in those halves.
    pub(super) fn series(&self, counts: &StepCounts, range: &Range<i64>) -> Vec<Counted> {
        let mut found = Vec::with_capacity(self.measures.len());
        for first in (0..self.measures.len()).step_by(TOGETHER) {
            let measures = first..self.measures.len().min(first + TOGETHER);
            found.extend(self.series_of(counts, range, measures));
        }
        found
    }

    /// What is counted for some measures.
    fn series_of(
        &self,
        counts: &StepCounts,
        range: &Range<i64>,
        measures: Range<usize>,
    ) -> Vec<Counted> {
        let grid = &self.grid;
        let length = usize::try_from((range.end - range.start) / 2).unwrap_or(0);
        let mut sums = vec![vec![[0; CELLS]; length]; measures.len()];
        let mut heads = vec![[0; CELLS]; measures.len()];
        let part = self.from.filter(|_| grid.cut > 0);
        let head = part.map(|from| grid.half_of(from));
        for (half, row) in counts.rows() {
            let Ok(at) = usize::try_from((half - range.start).div_euclid(2)) else { continue };
            let row = &row[CELLS * measures.start..CELLS * measures.end];
            for (measure, cells) in row.chunks_exact(CELLS).enumerate() {
                let sum = sums[measure].get_mut(at).into_iter();
                for sum in sum.chain((Some(half) == head).then_some(&mut heads[measure])) {
                    sum.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += u64::from(*cell));
                }
            }
        }
        let start = if length == 0 {
            to_instant(if self.at < i64::MAX { self.at } else { self.now })
        } else {
            to_instant(grid.start_of(range.start))
        };
        let step = Duration::from_milliseconds(grid.length.unsigned_abs() / 1_000_000);
        let build = |sums: &[[u64; CELLS]], head: [u64; CELLS], good: fn([u64; CELLS]) -> u64| {
            let count = |cells: [u64; CELLS]| EventCount {
                good: good(cells) as f64,
                total: cells[0] as f64,
            };
            let counts = sums.iter().map(|cells| Some(count(*cells))).collect();
            let series = EventSeries::new(start, step, counts);
            match part {
                Some(from) => series.with_part(to_instant(from), count(head)),
                None => series,
            }
        };
        sums.iter()
            .zip(heads)
            .map(|(sums, head)| Counted {
                series: build(sums, head, |cells| cells[1]),
                judged: sums
                    .iter()
                    .any(|cells| cells[2] > 0)
                    .then(|| build(sums, head, |cells| cells[0] - cells[2])),
            })
            .collect()
    }
}

/// Counts events for one thread.
pub(super) struct EventSink<'p> {
    plan: &'p EventPlan,
    times: TimeReader,
    pub(super) tally: Tally,
    pub(super) counts: StepCounts,
    pub(super) nulls: Vec<NullResults>,
}

impl EventSink<'_> {
    /// Adds what another thread has counted; the notes on lines stay apart.
    pub(super) fn merge_counts(&mut self, counts: StepCounts, nulls: &[NullResults]) {
        self.counts.merge(counts);
        for (own, other) in self.nulls.iter_mut().zip(nulls) {
            own.total += other.total;
            own.good += other.good;
        }
    }
}

impl RecordSink for EventSink<'_> {
    fn begin(&mut self, place: Place) {
        self.tally.begin(place);
    }

    fn end(&mut self) {
        self.tally.end();
        self.tally.forms = self.times.forms();
    }

    fn record(&mut self, line: Line<'_>, fields: &[Field<'_>]) -> bool {
        let Some(time) = fields[TIME].and_then(|text| self.times.read(text)) else {
            self.bad(line, || no_time(fields[TIME]));
            return false;
        };
        if !self.tally.observe(time, self.plan.now) {
            return true;
        }
        if time >= self.plan.at {
            self.tally.after_end += 1;
            return true;
        }
        let mut cells = self.counts.count(time);
        for (index, measure) in self.plan.measures.iter().enumerate() {
            let counted =
                measure.total.as_ref().map_or(Truth::True, |total| total.evaluate(fields));
            if counted != Truth::True {
                self.nulls[index].total += u64::from(counted == Truth::Null);
                continue;
            }
            let good = measure.good.evaluate(fields);
            self.nulls[index].good += u64::from(good == Truth::Null);
            if let Some(cells) = &mut cells {
                let cells = &mut cells[CELLS * index..];
                cells[0] = cells[0].saturating_add(1);
                cells[1] = cells[1].saturating_add(u32::from(good == Truth::True));
                cells[2] = cells[2].saturating_add(u32::from(good == Truth::Null));
            }
        }
        true
    }

    fn bad(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.tally.bad(line, reason);
    }

    fn repaired(&mut self, line: Line<'_>, reason: impl FnOnce() -> String) {
        self.tally.repaired(line, reason);
    }
}

/// Why a text is not a time.
pub(super) fn no_time(field: Field<'_>) -> String {
    match field {
        None => "has no time".to_owned(),
        Some(text) => {
            let shown = String::from_utf8_lossy(&text[..text.len().min(40)]);
            format!("`{}` is not a time that is understood", shown.escape_debug())
        }
    }
}
