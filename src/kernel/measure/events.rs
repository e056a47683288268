//! Raw events: every record is one, and predicates say whether it counts and is good.
use super::{
    blocks::Place,
    predicate::{Columns, Field, Predicate, Truth},
    record::{Line, RecordSink, TIME},
    report::NullResults,
    request::EventMeasure,
    source::Needed,
    steps::{Grid, StepCounts},
    tally::Tally,
    time::{TimeReader, from_instant, to_instant},
};
use crate::kernel::{
    series::{EventCount, EventSeries},
    units::{Duration, Instant},
};

/// The measures of a request, their columns bound to slots.
#[derive(Debug)]
pub(super) struct EventPlan {
    measures: Vec<Measure>,
    grid: Grid,
    /// End that was asked for, or the end of time.
    at: i64,
    now: i64,
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

impl EventPlan {
    /// Binds the measures, adding the columns that they need.
    pub(super) fn new(
        measures: &[EventMeasure],
        needed: &mut Needed,
        grid: Grid,
        at: Option<Instant>,
        now: Instant,
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
            at: at.map_or(i64::MAX, from_instant),
            now: from_instant(now),
        }
    }

    /// An empty counter for one thread.
    pub(super) fn sink(&self) -> EventSink<'_> {
        EventSink {
            plan: self,
            times: TimeReader::default(),
            tally: Tally::default(),
            counts: StepCounts::new(self.grid, 1 + 2 * self.measures.len()),
            nulls: vec![NullResults::default(); self.measures.len()],
        }
    }

    /// The series of every measure, and the end of the data.
    ///
    /// Between the first and the last record an empty step is a step without events; where records at
    /// or after `at` were met, the time up to `at` was watched as well.
    pub(super) fn series(
        &self,
        counts: &StepCounts,
        first: i64,
        last: i64,
    ) -> (Vec<EventSeries>, Option<Instant>) {
        let grid = &self.grid;
        let asked = (self.at < i64::MAX).then_some(self.at);
        let mut range = 0..0;
        if first <= last {
            let end = match asked {
                Some(at) if last >= at => grid.step_of(at),
                _ => grid.step_of(last).saturating_add(1),
            };
            let floor = grid.floor.unwrap_or(end - grid.kept);
            let start = grid.step_of(first).max(floor);
            range = start.min(end)..end;
        }
        let end = asked.or_else(|| (first <= last).then(|| grid.start_of(range.end).min(self.now)));
        let length = usize::try_from(range.end - range.start).unwrap_or(0);
        let mut series = vec![vec![Some(EventCount::default()); length]; self.measures.len()];
        for (step, row) in counts.rows() {
            let Ok(at) = usize::try_from(step - range.start) else { continue };
            for (series, cells) in series.iter_mut().zip(row.chunks_exact(2)) {
                if let Some(count) = series.get_mut(at) {
                    *count = Some(EventCount { total: cells[0] as f64, good: cells[1] as f64 });
                }
            }
        }
        let start = if length == 0 {
            to_instant(asked.unwrap_or(self.now))
        } else {
            to_instant(grid.start_of(range.start))
        };
        let step = Duration::from_milliseconds(grid.length.unsigned_abs() / 1_000_000);
        let series =
            series.into_iter().map(|counts| EventSeries::new(start, step, counts)).collect();
        (series, end.map(to_instant))
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
    pub(super) fn merge_counts(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        for (own, other) in self.nulls.iter_mut().zip(&other.nulls) {
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
                cells[2 * index] += 1;
                cells[2 * index + 1] += u64::from(good == Truth::True);
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
