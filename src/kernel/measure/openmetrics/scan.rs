//! Reads the inputs line by line and counts.
use super::{
    CounterOutcome, CounterRequest, Selector,
    line::{self, Unit},
    measures::Measures,
    series::{Added, Found, MOST_SERIES, Sample, Table, Use},
};
use crate::kernel::measure::{
    Format, Input, InputSummary, Progress, ReadReport, ScanError,
    blocks::{Cut, Framing, LONGEST_RECORD},
    detect,
    record::Line,
    scan::{add_lines, check_bad_lines, grid},
    source::{Stream, open_stream, read_failed},
    steps::StepCounts,
    tally::Tally,
    time::{from_instant, to_instant},
};

/// The largest count: up to here `f64` holds every whole number.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Reads the inputs and counts what the request asks for.
///
/// Inputs may be given in any order, as long as no two of them hold samples of one series for the same
/// time.
///
/// # Errors
/// An input that cannot be read or is something else, more series than can be held, more bad lines than
/// allowed. Bad lines as such, and measures that find nothing, are no error.
pub fn scan_openmetrics(
    inputs: Vec<Input>,
    request: &CounterRequest,
    progress: Progress<'_>,
) -> Result<CounterOutcome, ScanError> {
    let grid = grid(request.step, request.lookback, request.at, request.from, request.now)?;
    let measures = Measures::new(request, grid);
    let mut reader = Reader {
        selectors: measures.selectors().collect(),
        measures,
        table: Table::default(),
        tally: Tally::default(),
        kept: StepCounts::new(grid, 1),
        at: request.at.map_or(i64::MAX, from_instant),
        now: from_instant(request.now),
        input: 0,
        unit: None,
        gauges: Vec::new(),
    };
    let mut report = ReadReport::default();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let mut names = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.into_iter().enumerate() {
        (reader.input, reader.unit) = (index, None);
        let summary = reader.read(input, progress)?;
        let tally = std::mem::take(&mut reader.tally);
        report.records += tally.records;
        report.excluded.after_end += tally.after_end;
        report.excluded.after_now += tally.after_now;
        report.bad_lines.count += tally.bad.count;
        add_lines(&mut report.bad_lines, &summary.name, tally.bad.first);
        (first, last) = (first.min(tally.first), last.max(tally.last));
        if let Some(unit) = reader.unit {
            assume(
                &mut report,
                match unit {
                    Unit::Seconds => "timestamps are Unix seconds, by their size",
                    Unit::Milliseconds => "timestamps are Unix milliseconds, by their size",
                },
            );
        }
        names.push(summary.name.clone());
        report.inputs.push(InputSummary { records: tally.records, ..summary });
    }
    let Reader { mut measures, table, mut kept, at, now, gauges, .. } = reader;
    measures.join(&table, &names, first);
    let range = measures.range(first, last);
    report.excluded.before_lookback = kept.finish(range.start);
    if first <= last {
        report.first_record = Some(to_instant(first));
        report.last_record = Some(to_instant(last));
    }
    report.end = if at < i64::MAX {
        Some(to_instant(at))
    } else {
        (!range.is_empty()).then(|| to_instant(grid.start_of(range.end).min(now)))
    };
    let (measures, notes) = measures.finish(&table.names(), range);
    for gauge in gauges {
        assume(&mut report, &format!("`{gauge}` is declared a gauge, and read as a counter"));
    }
    for note in notes {
        assume(&mut report, &note);
    }
    check_bad_lines(request.max_bad_lines, &report)?;
    Ok(CounterOutcome { measures, report })
}

/// Adds what was assumed to a report, once.
fn assume(report: &mut ReadReport, what: &str) {
    if !report.assumptions.iter().any(|known| known == what) {
        report.assumptions.push(what.to_owned());
    }
}

/// What is known while reading.
struct Reader<'r> {
    selectors: Vec<&'r Selector>,
    measures: Measures<'r>,
    table: Table,
    tally: Tally,
    /// Samples per step, to know how many lie before what is kept.
    kept: StepCounts,
    at: i64,
    now: i64,
    /// Index of the input that is read.
    input: usize,
    /// How its timestamps are written, once one was met.
    unit: Option<Unit>,
    /// Metrics that are asked for and declared to be no counters.
    gauges: Vec<String>,
}

impl Reader<'_> {
    fn read(&mut self, input: Input, progress: Progress<'_>) -> Result<InputSummary, ScanError> {
        let Stream { name, mut blocks, gzip } = open_stream(input, progress)?;
        let (head, complete) = blocks.head().map_err(|error| read_failed(&name, 1, gzip, error))?;
        let text = detect::text(head).map_err(|unknown| ScanError::Format {
            input: name.clone(),
            message: unknown.message,
            help: unknown.help,
        })?;
        let (mark, empty) = (head.len() - text.len(), text.trim_ascii().is_empty() && complete);
        blocks.start(mark, Framing::Lines);
        let mut buffer = Vec::new();
        loop {
            let cut = match blocks.next(&mut buffer) {
                Ok(cut) => cut,
                Err(error) => return Err(read_failed(&name, blocks.line(), gzip, error)),
            };
            match cut {
                Cut::End => break,
                Cut::Records(place) => {
                    self.tally.begin(place);
                    self.block(&buffer);
                }
                Cut::TooLong(place) | Cut::Unclosed(place) => {
                    self.tally.begin(place);
                    let line = Line { block: &buffer, start: 0, text: buffer.trim_ascii_end() };
                    self.tally.bad(line, || format!("is longer than {} MiB", LONGEST_RECORD >> 20));
                }
            }
            if self.table.is_full() {
                return Err(ScanError::Format {
                    input: name,
                    message: format!("has more series than can be held, {MOST_SERIES}"),
                    help: "select fewer of them, or sum them before they are written".to_owned(),
                });
            }
        }
        let format = (!empty).then_some(Format::OpenMetrics);
        Ok(InputSummary { name, format, gzip, records: 0 })
    }

    fn block(&mut self, block: &[u8]) {
        let mut start = 0;
        while start < block.len() {
            let end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |at| start + at);
            let text = block[start..end].trim_ascii();
            match text.first() {
                None => {}
                Some(b'#') => self.comment(text),
                Some(_) => {
                    if let Err(reason) = self.line(text) {
                        self.tally.bad(Line { block, start, text }, || reason);
                    }
                }
            }
            start = end + 1;
        }
    }

    /// A comment: of these only the type of a metric matters, where it cannot be a counter's.
    fn comment(&mut self, text: &[u8]) {
        let Some((name, kind)) = line::declared_type(text) else { return };
        if !matches!(kind, b"gauge" | b"info" | b"stateset" | b"gaugehistogram") {
            return;
        }
        let Ok(name) = std::str::from_utf8(name) else { return };
        let asked = self.selectors.iter().any(|selector| selector.names(name));
        if asked && !self.gauges.iter().any(|known| known == name) {
            self.gauges.push(name.to_owned());
        }
    }

    /// A line that is no comment.
    ///
    /// # Errors
    /// Why it cannot be read, where that matters.
    fn line(&mut self, text: &[u8]) -> Result<(), String> {
        if let Some(name) = line::plain_name(text)
            && self.usage(name, false)? == Use::None
        {
            return Ok(());
        }
        let end = line::series_end(text)?;
        let (spelling, rest) = text.split_at(end);
        let found = match self.table.known(spelling) {
            Some(found) => found,
            None => self.find(spelling)?,
        };
        match found {
            Found::None => Ok(()),
            Found::Creation(creation) => {
                // A value that is no time says nothing: the metric may be about something else.
                if let Some(created) = line::created(rest) {
                    self.table.created(creation, created);
                }
                Ok(())
            }
            Found::Counter(counter) => self.sample(counter, line::point(rest)?),
        }
    }

    fn usage(&mut self, name: &[u8], quoted: bool) -> Result<Use, String> {
        let selectors = &self.selectors;
        self.table.usage(name, quoted, |name| {
            if selectors.iter().any(|selector| selector.names(name)) {
                return Use::Counter;
            }
            let creates = name.strip_suffix("_created").is_some_and(|family| {
                ["_total", "_bucket", "_count", "_sum", ""].iter().any(|ending| {
                    let name = format!("{family}{ending}");
                    selectors.iter().any(|selector| selector.names(&name))
                })
            });
            if creates { Use::Creation } else { Use::None }
        })
    }

    /// Finds out what a series is that was not met in that spelling.
    fn find(&mut self, spelling: &[u8]) -> Result<Found, String> {
        let series = line::series(spelling)?;
        let found = match self.usage(series.name.as_bytes(), true)? {
            Use::None => Found::None,
            Use::Creation => Found::Creation(self.table.creation(&series.name, &series)),
            Use::Counter => {
                let measures = &mut self.measures;
                self.table.counter(&series, || measures.roles(&series))
            }
        };
        self.table.remember(spelling, found);
        Ok(found)
    }

    fn sample(&mut self, counter: usize, point: line::Point) -> Result<(), String> {
        let Some((time, unit)) = point.time else {
            return Err("has no timestamp: one scrape has no history, so write the time of each \
                        sample behind its value"
                .to_owned());
        };
        if *self.unit.get_or_insert(unit) != unit {
            return Err("has a timestamp in another unit than the lines before it".to_owned());
        }
        let value = point.value;
        if !value.is_nan() && !(0.0..=LARGEST).contains(&value) {
            return Err(if value < 0.0 {
                format!("is no counter: its value is {value}")
            } else {
                format!("is too large to be counted exactly: {value:?}")
            });
        }
        if time > self.now {
            self.tally.records += 1;
            self.tally.after_now += 1;
            return Ok(());
        }
        if value.is_nan() {
            self.table.end(counter, self.input, time);
        } else {
            // A negative zero is a zero.
            let sample = Sample { time, value: value + 0.0 };
            match self.table.add(counter, self.input, sample)? {
                Added::Increase(increase) => {
                    self.measures.count(&self.table.counters[counter].roles, &increase);
                }
                Added::First | Added::Again => {}
            }
        }
        if let Some(created) = point.created {
            let creation = self.table.creation_index(counter);
            self.table.created(creation, created);
        }
        self.tally.records += 1;
        (self.tally.first, self.tally.last) =
            (self.tally.first.min(time), self.tally.last.max(time));
        if time > self.at {
            self.tally.after_end += 1;
        } else {
            self.kept.count(time - 1);
        }
        Ok(())
    }
}
