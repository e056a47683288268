//! What a scan has to say about what it read, and the ways it can fail.
use std::io;

use super::{predicate::ColumnUse, request::Format};
use crate::kernel::{
    series::EventSeries,
    units::{Duration, Instant},
};

/// Bad and repaired lines that are shown; the rest is only counted.
pub(super) const LINES_SHOWN: usize = 10;

/// Series of counts, and how they came about.
#[derive(Clone, Debug)]
pub struct ScanOutcome {
    /// One series for each measure of the request, in its order.
    pub series: Vec<EventSeries>,
    /// For each measure, all its events, and as good those that its predicate could judge; `None` where
    /// it could judge all of them.
    pub judged: Vec<Option<EventSeries>>,
    /// What was read, assumed, repaired and left out.
    pub report: ReadReport,
}

/// What was read, assumed, repaired and left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadReport {
    /// The inputs, in the order given.
    pub inputs: Vec<InputSummary>,
    /// Records whose time could be read, over all inputs.
    pub records: u64,
    /// Lines that could not be read; none of them is in any count.
    pub bad_lines: Lines,
    /// Lines that are partly broken but whose needed parts could be read; they are counted.
    pub repaired: Lines,
    /// Lines that are older than the line before them.
    pub disorder: Disorder,
    /// Records for which a predicate was NULL, per measure; empty for counts.
    pub null_results: Vec<NullResults>,
    /// Earliest time of a record that is not later than the present.
    pub first_record: Option<Instant>,
    /// Latest such time.
    pub last_record: Option<Instant>,
    /// End of the data: `at`, or the end of the step with the latest record, never later than now.
    pub end: Option<Instant>,
    /// Records that are in no count.
    pub excluded: Excluded,
    /// What was assumed, one sentence each, each once.
    pub assumptions: Vec<String>,
}

/// One input as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSummary {
    /// The name it was given.
    pub name: String,
    /// How it is written; `None` for one without content.
    pub format: Option<Format>,
    /// Whether it was compressed with gzip.
    pub gzip: bool,
    /// Records whose time could be read.
    pub records: u64,
}

/// Lines of one sort: how many, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many there are.
    pub count: u64,
    /// The first of them, in the order of inputs and lines.
    pub first: Vec<LineProblem>,
}

/// One line and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// Name of the input.
    pub input: String,
    /// Line number, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
    /// Start of the line.
    pub excerpt: String,
}

/// Lines out of order. They are counted like all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disorder {
    /// Lines that are older than the line before them.
    pub lines: u64,
    /// The largest step back from one line to the next.
    pub furthest: Duration,
}

/// How often predicates were neither true nor false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NullResults {
    /// Records that do not count because `total` was NULL.
    pub total: u64,
    /// Records that count as bad because `good` was NULL.
    pub good: u64,
}

/// Records that are in no count, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excluded {
    /// At or after the end that was asked for.
    pub after_end: u64,
    /// Later than the present, which no measurement can be.
    pub after_now: u64,
    /// Further back than was asked for.
    pub before_lookback: u64,
}

/// Why a scan could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The request contradicts itself.
    #[error("{message}")]
    Request {
        /// What is wrong.
        message: String,
    },
    /// The input could not be opened or read.
    #[error("failed to read `{input}` at line {line}")]
    Unreadable {
        /// Name of the input.
        input: String,
        /// Line where reading stood.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// The compressed data end in the middle.
    #[error("`{input}` is cut off: its gzip data end in the middle, at line {line}")]
    TruncatedGzip {
        /// Name of the input.
        input: String,
        /// Line of the uncompressed text where reading stood.
        line: u64,
    },
    /// The compressed data are damaged.
    #[error("the gzip data of `{input}` are damaged at line {line}")]
    DamagedGzip {
        /// Name of the input.
        input: String,
        /// Line of the uncompressed text where reading stood.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// The content is none of the formats.
    #[error("`{input}` {message}")]
    Format {
        /// Name of the input.
        input: String,
        /// What it is instead.
        message: String,
        /// What to do.
        help: String,
    },
    /// A column that is asked for is not there.
    #[error("`{input}` has no column `{}`", column.name)]
    UnknownColumn {
        /// Name of the input.
        input: String,
        /// The column, with its place in the predicate.
        column: ColumnUse,
        /// Index of the measure that names it first.
        measure: usize,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// No column looks like a time.
    #[error("`{input}` has no column that looks like a time")]
    NoTime {
        /// Name of the input.
        input: String,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// The column that was named as time is not there.
    #[error("`{input}` has no column `{column}` for the time")]
    UnknownTime {
        /// Name of the input.
        input: String,
        /// The name that was given.
        column: String,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// More bad lines than the request puts up with.
    #[error("{} of {} lines could not be read, more than the {allowed} allowed",
        report.bad_lines.count, report.bad_lines.count + report.records)]
    TooManyBadLines {
        /// The limit, as it was asked for.
        allowed: String,
        /// What was read until then.
        report: Box<ReadReport>,
    },
}

impl ScanError {
    /// What to do about it, where that can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Request { .. } | Self::Unreadable { .. } => None,
            Self::TruncatedGzip { input, .. } | Self::DamagedGzip { input, .. } => {
                Some(format!("copy the file again, and check it with `gzip --test {input}`"))
            }
            Self::Format { help, .. } => Some(help.clone()),
            Self::UnknownColumn { column, available, .. } => Some(
                near(&column.name, available)
                    .map(|name| format!("did you mean `{name}`?"))
                    .or_else(|| {
                        column
                            .quoted
                            .then(|| format!("a text stands in single quotes: `'{}'`", column.name))
                    })
                    .unwrap_or_else(|| listed(available)),
            ),
            Self::UnknownTime { column, available, .. } => Some(
                near(column, available)
                    .map_or_else(|| listed(available), |name| format!("did you mean `{name}`?")),
            ),
            Self::NoTime { available, .. } => {
                Some(format!("name the column that holds the time; {}", listed(available)))
            }
            Self::TooManyBadLines { report, .. } => {
                let first = report.bad_lines.first.first()?;
                Some(format!(
                    "the first is line {} of `{}`: {}; correct the file or allow more bad lines",
                    first.line, first.input, first.reason
                ))
            }
        }
    }
}

/// The name that was probably meant.
fn near<'a>(name: &str, available: &'a [String]) -> Option<&'a String> {
    let name = name.to_lowercase();
    available
        .iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &name), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, known)| known)
}

fn listed(available: &[String]) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = available.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let names = names.join(", ");
    match available.len().saturating_sub(SHOWN) {
        0 => format!("the columns are {names}"),
        more => format!("the columns are {names} and {more} more"),
    }
}
