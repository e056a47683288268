//! What is asked of a scan.
use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Cursor, Read},
};

use super::predicate::Predicate;
use crate::kernel::units::{Duration, Instant, Ratio};

type Open = Box<dyn FnOnce() -> io::Result<Box<dyn Read + Send>> + Send>;

/// One stream of bytes with the name it is called by in messages.
pub struct Input {
    pub(super) name: String,
    pub(super) open: Open,
}

impl Input {
    /// A stream that is already open.
    pub fn new(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self::opened_by(name, move || Ok(Box::new(reader)))
    }

    /// A stream that is opened when its turn comes, so that thousands of files are never open at once.
    pub fn opened_by(
        name: impl Into<String>,
        open: impl FnOnce() -> io::Result<Box<dyn Read + Send>> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), open: Box::new(open) }
    }

    /// Bytes in memory.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, Cursor::new(bytes.into()))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({:?})", self.name)
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Comma-separated values and their relatives, with a header.
    Csv,
    /// One JSON object per line.
    JsonLines,
    /// Common or Combined Log Format, perhaps with the request's duration at the end.
    AccessLog,
    /// OpenMetrics or the Prometheus text format; its counters are read by
    /// [`scan_openmetrics`](super::openmetrics::scan_openmetrics).
    OpenMetrics,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
            Self::AccessLog => "access log",
            Self::OpenMetrics => "OpenMetrics",
        })
    }
}

/// A unit in which an access log writes how long a request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationUnit {
    /// `%T` of Apache httpd, `$request_time` of nginx.
    Seconds,
    /// `%{ms}T` of Apache httpd.
    Milliseconds,
    /// `%D` of Apache httpd.
    Microseconds,
}

/// What a record is.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Every record is one event; what is good is said by predicates.
    Events(Vec<EventMeasure>),
    /// Every record holds the counts of a step of time.
    Counts(CountShape),
}

/// One indicator over raw events.
#[derive(Clone, Debug)]
pub struct EventMeasure {
    /// Which events count at all; without it, every one. NULL does not count.
    pub total: Option<Predicate>,
    /// Which of these are good. NULL is bad.
    pub good: Predicate,
}

/// Indicators over columns of counts.
#[derive(Clone, Debug)]
pub struct CountShape {
    /// One for each series that comes out.
    pub measures: Vec<CountMeasure>,
    /// Columns whose values tell rows of one time apart, such as `region`; such rows are summed.
    /// Without it, these are all other columns whose values are no numbers.
    pub labels: Option<Vec<String>>,
}

/// The columns of one indicator: two of the three, or all, which must then agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountMeasure {
    /// Column of good events.
    pub good: Option<String>,
    /// Column of bad events.
    pub bad: Option<String>,
    /// Column of all events.
    pub total: Option<String>,
}

/// How many bad lines are put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxBadLines {
    /// Any number.
    Unlimited,
    /// That many.
    Count(u64),
    /// That share of all lines.
    Share(Ratio),
}

/// What to read out of the inputs.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// What the records are and what is counted.
    pub shape: Shape,
    /// How the files are written; detected for each where not given.
    pub format: Option<Format>,
    /// Column that holds the time; detected where not given.
    pub time: Option<String>,
    /// Names in the predicates and in `time`, to names in the file, where they differ.
    pub columns: BTreeMap<String, String>,
    /// Unit of whole-number durations in access logs; they are refused where it is not given.
    pub duration_unit: Option<DurationUnit>,
    /// Length of the steps that raw events are counted in.
    pub step: Duration,
    /// End of the time that is asked for: later records are not counted, and steps end there.
    pub at: Option<Instant>,
    /// A moment before `at` where a window begins that need not be a whole number of steps.
    pub from: Option<Instant>,
    /// Leaves an unfinished step at the present out, so that all steps begin on whole minutes.
    pub whole_steps: bool,
    /// The present: no measurement can be later.
    pub now: Instant,
    /// How much time before the end is kept; older records are counted as outside.
    pub lookback: Duration,
    /// When reading has gone too badly to go on.
    pub max_bad_lines: MaxBadLines,
    /// How many threads parse; without it, one for each processor.
    pub threads: Option<usize>,
}

impl ScanRequest {
    /// A request with steps of a minute, one hundred days back, everything else detected.
    pub fn new(shape: Shape, now: Instant) -> Self {
        Self {
            shape,
            format: None,
            time: None,
            columns: BTreeMap::new(),
            duration_unit: None,
            step: Duration::from_minutes(1),
            at: None,
            from: None,
            whole_steps: false,
            now,
            lookback: Duration::from_days(100),
            max_bad_lines: MaxBadLines::Unlimited,
            threads: None,
        }
    }
}
