//! The scan itself: one input after the other, the blocks of each on all threads.
use std::{
    io::{self, Read},
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

use super::{
    blocks::{BlockReader, Cut, LONGEST_RECORD},
    counts::{CountPlan, CountTable},
    events::EventPlan,
    record::{FoundLine, Line, LineList, RecordSink},
    report::{
        Disorder, InputSummary, LINES_SHOWN, LineProblem, Lines, ReadReport, ScanError, ScanOutcome,
    },
    request::{Input, MaxBadLines, ScanRequest, Shape},
    source::{Needed, Progress, Reader, Source, open, read_failed},
    steps::Grid,
    tally::Tally,
    time::{from_instant, to_instant},
};

use crate::kernel::units::{Duration, Instant};

/// Steps that a series may have: two million minutes are almost four years.
pub const MOST_STEPS: u64 = 2_000_000;

/// The longest time that can be looked back on in steps of a minute.
pub const LONGEST_LOOKBACK: Duration = Duration::from_days(MOST_STEPS / 1440);

/// Reads the inputs and counts what the request asks for.
///
/// Memory is bounded by the threads and by `lookback / step`, not by the length of the inputs. The
/// outcome does not depend on the number of threads.
///
/// # Errors
/// An input that cannot be read or is none of the formats, a column that is not there, more bad
/// lines than allowed. Bad lines as such are no error.
pub fn scan(
    inputs: Vec<Input>,
    request: &ScanRequest,
    progress: Progress<'_>,
) -> Result<ScanOutcome, ScanError> {
    let grid = grid(request.step, request.lookback, request.at, request.from, request.now)?;
    let mut needed = Needed::default();
    let outcome = match &request.shape {
        Shape::Events(measures) => {
            let plan = EventPlan::new(measures, &mut needed, grid, request);
            scan_events(inputs, &plan, &needed, request, progress)?
        }
        Shape::Counts(shape) => {
            let plan = CountPlan::new(shape, &mut needed, grid, request)?;
            scan_counts(inputs, &plan, &needed, request, progress)?
        }
    };
    check_bad_lines(request.max_bad_lines, &outcome.report)?;
    Ok(outcome)
}

fn scan_events(
    inputs: Vec<Input>,
    plan: &EventPlan,
    needed: &Needed,
    request: &ScanRequest,
    progress: Progress<'_>,
) -> Result<ScanOutcome, ScanError> {
    let mut total = plan.sink();
    let mut report = ReportBuilder::new(needed);
    for input in inputs {
        let source = open(input, needed, request, progress)?;
        let (input, sinks) = read(source, request, || plan.sink())?;
        let mut notes = Tally::default();
        for sink in sinks {
            total.merge_counts(sink.counts, &sink.nulls);
            notes.merge(sink.tally);
        }
        report.add(input, notes);
    }
    let range = plan.range(report.first, report.last);
    let outside = total.counts.finish(range.start);
    let counted = plan.series(&total.counts, &range);
    let mut report = report.finish(needed)?;
    report.excluded.before_lookback = outside;
    report.null_results = total.nulls;
    report.end = plan.end(&range);
    let (series, judged) = counted.into_iter().map(|one| (one.series, one.judged)).unzip();
    Ok(ScanOutcome { series, judged, report })
}

fn scan_counts(
    inputs: Vec<Input>,
    plan: &CountPlan,
    needed: &Needed,
    request: &ScanRequest,
    progress: Progress<'_>,
) -> Result<ScanOutcome, ScanError> {
    let mut table = CountTable::default();
    let mut report = ReportBuilder::new(needed);
    for input in inputs {
        let source = open(input, needed, request, progress)?;
        let (input, sinks) = read(source, request, || plan.sink())?;
        let (mut notes, mut rows, mut overflow) = (Tally::default(), Vec::new(), false);
        for sink in sinks {
            overflow |= sink.overflow;
            notes.merge(sink.tally);
            rows.extend(sink.rows);
        }
        let duplicates = table.add(&input.name, rows);
        if overflow || table.is_full() {
            return Err(ScanError::Format {
                input: input.name,
                message: "has more rows of counts than can be held".to_owned(),
                help: "sum them into longer steps, or give fewer files".to_owned(),
            });
        }
        notes.records -= duplicates.len() as u64;
        notes.bad.merge(LineList { count: duplicates.len() as u64, first: duplicates });
        report.add(input, notes);
    }
    let outcome = table.finish(plan);
    let mut report = report.finish(needed)?;
    report.excluded.before_lookback = outcome.outside;
    report.excluded.after_end += outcome.after_end;
    report.end = outcome.end;
    report.assumptions.extend(outcome.assumptions);
    let judged = vec![None; outcome.series.len()];
    Ok(ScanOutcome { series: outcome.series, judged, report })
}

/// The steps that a request asks for.
pub(super) fn grid(
    step: Duration,
    lookback: Duration,
    at: Option<Instant>,
    from: Option<Instant>,
    now: Instant,
) -> Result<Grid, ScanError> {
    let (length, kept) = (step.milliseconds(), lookback.milliseconds());
    let refuse = |message: String| Err(ScanError::Request { message });
    if length == 0 || length > 366 * 86_400_000 {
        return refuse(format!("a step of `{step}` is not between 1ms and 366d"));
    }
    let kept = kept.div_ceil(length).max(1);
    if kept > MOST_STEPS {
        return refuse(format!(
            "`{lookback}` has {kept} steps of `{step}`, more than {MOST_STEPS}"
        ));
    }
    let length = i64::try_from(length * 1_000_000).unwrap_or(i64::MAX);
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    let at = at.map(from_instant);
    // Steps end at `at`, and a window may begin at `from`. Without `at` the data may run into the
    // present, and then windows end there.
    let phase = at.map_or(0, |at| at.rem_euclid(length));
    let inside = if at.is_some() { from } else { Some(now) };
    let cut = inside.map_or(0, |inside| (from_instant(inside) - phase).rem_euclid(length));
    let mut grid = Grid { length, kept, phase, cut, floor: None };
    grid.floor = at.map(|at| grid.whole(at) - 2 * kept);
    Ok(grid)
}

/// What is known of an input apart from its records.
struct ReadInput {
    name: String,
    summary: InputSummary,
    assumptions: Vec<String>,
    /// Its columns, as far as known, and which of the needed ones were in any record.
    columns: Vec<String>,
    seen: Option<Vec<bool>>,
}

/// The stream that the threads share.
struct Shared<R> {
    blocks: BlockReader<R>,
    failed: Option<io::Error>,
    /// Which slots were in any record, where only the records say that.
    seen: Option<Vec<bool>>,
}

/// Reads a whole input on all threads; what each of them has counted.
fn read<S: RecordSink + Send>(
    source: Source<'_>,
    request: &ScanRequest,
    sink: impl Fn() -> S,
) -> Result<(ReadInput, Vec<S>), ScanError> {
    let threads = request
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get))
        .clamp(1, 64);
    let Source { name, blocks, gzip, layout, assumptions, columns } = source;
    let shared = Mutex::new(Shared { blocks, failed: None, seen: None });
    let mut sinks: Vec<S> = (0..threads).map(|_| sink()).collect();
    thread::scope(|scope| {
        let mut own = None;
        for sink in &mut sinks {
            // The first thread is this one.
            if own.is_none() {
                own = Some(sink);
            } else {
                let (shared, mut reader) = (&shared, layout.reader());
                scope.spawn(move || work(shared, &mut reader, sink));
            }
        }
        if let Some(sink) = own {
            work(&shared, &mut layout.reader(), sink);
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = shared.failed {
        return Err(read_failed(&name, shared.blocks.line(), gzip, error));
    }
    let summary = InputSummary { name: name.clone(), format: layout.format(), gzip, records: 0 };
    Ok((ReadInput { name, summary, assumptions, columns, seen: shared.seen }, sinks))
}

/// Takes blocks and parses them until there are no more.
fn work<R: Read>(shared: &Mutex<Shared<R>>, reader: &mut Reader, sink: &mut impl RecordSink) {
    read_blocks(shared, reader, sink);
    if let Some(seen) = reader.seen() {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let all = shared.seen.get_or_insert_with(|| vec![false; seen.len()]);
        for (all, seen) in all.iter_mut().zip(seen) {
            *all |= seen;
        }
    }
}

fn read_blocks<R: Read>(
    shared: &Mutex<Shared<R>>,
    reader: &mut Reader,
    sink: &mut impl RecordSink,
) {
    let mut buffer = Vec::new();
    loop {
        let cut = {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.failed.is_some() {
                return;
            }
            match shared.blocks.next(&mut buffer) {
                Ok(cut) => cut,
                Err(error) => {
                    shared.failed = Some(error);
                    return;
                }
            }
        };
        let (place, problem) = match cut {
            Cut::End => return,
            Cut::Records(place) => (place, None),
            Cut::TooLong(place) => {
                (place, Some(format!("is longer than {} MiB", LONGEST_RECORD >> 20)))
            }
            Cut::Unclosed(place) => (place, Some("has a quote that is not closed".to_owned())),
        };
        sink.begin(place);
        match problem {
            None => reader.read(&buffer, sink),
            Some(problem) => {
                let text = buffer.trim_ascii_end();
                sink.bad(Line { block: &buffer, start: 0, text }, || problem);
            }
        }
        sink.end();
    }
}

/// Puts the notes on all inputs together.
struct ReportBuilder {
    report: ReadReport,
    first: i64,
    last: i64,
    /// Which needed columns some input has.
    seen: Vec<bool>,
    /// An input whose records alone say which columns it has, and the columns of its first lines.
    unsure: Option<(String, Vec<String>)>,
}

impl ReportBuilder {
    fn new(needed: &Needed) -> Self {
        Self {
            report: ReadReport::default(),
            first: i64::MAX,
            last: i64::MIN,
            seen: vec![false; needed.columns().len()],
            unsure: None,
        }
    }

    fn add(&mut self, input: ReadInput, mut notes: Tally) {
        if let Some(seen) = &input.seen {
            for (all, seen) in self.seen.iter_mut().zip(&seen[1..]) {
                *all |= seen;
            }
            if notes.records > 0 && self.unsure.is_none() {
                self.unsure = Some((input.name.clone(), input.columns));
            }
        } else if input.summary.format.is_some() {
            self.seen.fill(true);
        }
        let disorder = notes.disorder();
        let report = &mut self.report;
        report.disorder = Disorder {
            lines: report.disorder.lines + disorder.lines,
            furthest: report.disorder.furthest.max(disorder.furthest),
        };
        report.records += notes.records;
        report.excluded.after_end += notes.after_end;
        report.excluded.after_now += notes.after_now;
        for (lines, found) in
            [(&mut report.bad_lines, notes.bad), (&mut report.repaired, notes.repaired)]
        {
            lines.count += found.count;
            add_lines(lines, &input.name, found.first);
        }
        for assumption in input.assumptions.into_iter().chain(notes.forms.assumptions()) {
            if !report.assumptions.contains(&assumption) {
                report.assumptions.push(assumption);
            }
        }
        report.inputs.push(InputSummary { records: notes.records, ..input.summary });
        self.first = self.first.min(notes.first);
        self.last = self.last.max(notes.last);
    }

    /// The whole report.
    ///
    /// # Errors
    /// A column that no record of any input has.
    fn finish(mut self, needed: &Needed) -> Result<ReadReport, ScanError> {
        let missing = self.seen.iter().position(|seen| !seen);
        if let (Some((input, available)), Some(at)) = (self.unsure, missing) {
            let (column, measure) = needed.columns()[at].clone();
            return Err(ScanError::UnknownColumn { input, column, measure, available });
        }
        if self.first <= self.last {
            self.report.first_record = Some(to_instant(self.first));
            self.report.last_record = Some(to_instant(self.last));
        }
        Ok(self.report)
    }
}

pub(super) fn add_lines(lines: &mut Lines, input: &str, found: Vec<FoundLine>) {
    let room = LINES_SHOWN.saturating_sub(lines.first.len());
    lines.first.extend(found.into_iter().take(room).map(|found| LineProblem {
        input: input.to_owned(),
        line: found.line,
        reason: found.reason,
        excerpt: found.excerpt,
    }));
}

/// Refuses a report that has more bad lines than the request puts up with.
pub(super) fn check_bad_lines(
    max_bad_lines: MaxBadLines,
    report: &ReadReport,
) -> Result<(), ScanError> {
    let bad = report.bad_lines.count;
    let (exceeded, allowed) = match max_bad_lines {
        MaxBadLines::Unlimited => return Ok(()),
        MaxBadLines::Count(most) => (bad > most, most.to_string()),
        MaxBadLines::Share(share) => {
            let lines = bad + report.records;
            (bad as f64 > share.as_f64() * lines as f64, share.percent())
        }
    };
    if exceeded {
        return Err(ScanError::TooManyBadLines { allowed, report: Box::new(report.clone()) });
    }
    Ok(())
}
