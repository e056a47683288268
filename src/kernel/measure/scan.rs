//! The scan itself: one input after the other, the blocks of each on all threads.
use std::{
    io::{self, Read},
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

use super::{
    blocks::{BlockReader, Cut, LONGEST_RECORD},
    events::EventPlan,
    record::{FoundLine, Line, RecordSink},
    report::{
        Disorder, InputSummary, LINES_SHOWN, LineProblem, Lines, ReadReport, ScanError, ScanOutcome,
    },
    request::{Input, MaxBadLines, ScanRequest, Shape},
    source::{Needed, Progress, Reader, Source, open, read_failed},
    steps::Grid,
    tally::Tally,
    time::{from_instant, to_instant},
};

/// Steps that a series may have: two million minutes are almost four years.
const MOST_STEPS: u64 = 2_000_000;

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
    match &request.shape {
        Shape::Events(measures) => {
            let grid = grid(request)?;
            let mut needed = Needed::default();
            let plan = EventPlan::new(measures, &mut needed, grid, request.at, request.now);
            let mut total = plan.sink();
            let mut report = ReportBuilder::default();
            for input in inputs {
                let source = open(input, &needed, request, progress)?;
                let (input, sinks) = read(source, request, || plan.sink())?;
                let mut notes = Tally::default();
                for sink in sinks {
                    total.merge_counts(&sink);
                    notes.merge(sink.tally);
                }
                report.add(input, notes);
            }
            report.report.excluded.before_lookback = total.counts.finish();
            let (first, last) = (report.first, report.last);
            let (series, end) = plan.series(&total.counts, first, last);
            let mut report = report.finish();
            report.null_results = total.nulls;
            report.end = end;
            check_bad_lines(request, report).map(|report| ScanOutcome { series, report })
        }
        Shape::Counts(_) => {
            Err(ScanError::Request { message: "columns of counts are not read".to_owned() })
        }
    }
}

/// The steps that a request asks for.
fn grid(request: &ScanRequest) -> Result<Grid, ScanError> {
    let (step, lookback) = (request.step.milliseconds(), request.lookback.milliseconds());
    let refuse = |message: String| Err(ScanError::Request { message });
    if step == 0 || step > 366 * 86_400_000 {
        return refuse(format!("a step of `{}` is not between 1ms and 366d", request.step));
    }
    let kept = lookback.div_ceil(step).max(1);
    if kept > MOST_STEPS {
        return refuse(format!(
            "`{}` has {kept} steps of `{}`, more than {MOST_STEPS}",
            request.lookback, request.step
        ));
    }
    let length = i64::try_from(step * 1_000_000).unwrap_or(i64::MAX);
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    let at = request.at.map(from_instant);
    let mut grid =
        Grid { length, kept, phase: at.map_or(0, |at| at.rem_euclid(length)), floor: None };
    grid.floor = at.map(|at| grid.step_of(at) - kept);
    Ok(grid)
}

/// What is known of an input apart from its records.
struct ReadInput {
    name: String,
    summary: InputSummary,
    assumptions: Vec<String>,
}

/// The stream that the threads share.
struct Shared<R> {
    blocks: BlockReader<R>,
    failed: Option<io::Error>,
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
    let Source { name, blocks, gzip, layout, assumptions } = source;
    let shared = Mutex::new(Shared { blocks, failed: None });
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
    Ok((ReadInput { name, summary, assumptions }, sinks))
}

/// Takes blocks and parses them until there are no more.
fn work<R: Read>(shared: &Mutex<Shared<R>>, reader: &mut Reader, sink: &mut impl RecordSink) {
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
}

impl Default for ReportBuilder {
    fn default() -> Self {
        Self { report: ReadReport::default(), first: i64::MAX, last: i64::MIN }
    }
}

impl ReportBuilder {
    fn add(&mut self, input: ReadInput, mut notes: Tally) {
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

    fn finish(mut self) -> ReadReport {
        if self.first <= self.last {
            self.report.first_record = Some(to_instant(self.first));
            self.report.last_record = Some(to_instant(self.last));
        }
        self.report
    }
}

fn add_lines(lines: &mut Lines, input: &str, found: Vec<FoundLine>) {
    let room = LINES_SHOWN.saturating_sub(lines.first.len());
    lines.first.extend(found.into_iter().take(room).map(|found| LineProblem {
        input: input.to_owned(),
        line: found.line,
        reason: found.reason,
        excerpt: found.excerpt,
    }));
}

/// The report, unless it has more bad lines than the request puts up with.
fn check_bad_lines(request: &ScanRequest, report: ReadReport) -> Result<ReadReport, ScanError> {
    let bad = report.bad_lines.count;
    let (exceeded, allowed) = match request.max_bad_lines {
        MaxBadLines::Unlimited => return Ok(report),
        MaxBadLines::Count(most) => (bad > most, most.to_string()),
        MaxBadLines::Share(share) => {
            let lines = bad + report.records;
            (bad as f64 > share.as_f64() * lines as f64, share.percent())
        }
    };
    if exceeded {
        return Err(ScanError::TooManyBadLines { allowed, report: Box::new(report) });
    }
    Ok(report)
}
