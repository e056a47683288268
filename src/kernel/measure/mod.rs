//! Measurements out of files: from streams of bytes to good and total events per step of time.
//!
//! [`scan`] takes [`Input`]s and a [`ScanRequest`] and gives a [`ScanOutcome`]: one
//! [`EventSeries`](crate::kernel::series::EventSeries) for each measure, and a [`ReadReport`] that
//! says what was read, assumed, repaired and left out. Nothing here opens a file or reads a clock.
//!
//! The way of a byte: `source` opens an input, undoes gzip, finds out what it is (`detect`) and where
//! the needed columns are; `blocks` cuts the stream where records end; threads parse blocks
//! (`csv`, `json_lines`, `access_log`) into fields and hand them to a sink (`record`), which reads the
//! time (`time`), evaluates predicates (`predicate`) and counts per step (`events`, `steps`, or `counts` where
//! records hold counts already); `tally`
//! keeps the notes on lines; `scan` runs it all and adds up what the threads found.
//!
//! Counters in Prometheus text files are followed from line to line instead: see [`openmetrics`].
//!
//! Everything that is added up across threads is an integer, so the outcome is the same for any
//! number of threads.
mod access_log;
mod blocks;
mod counts;
mod csv;
pub mod data_source;
mod detect;
mod events;
mod json;
mod json_lines;
pub mod openmetrics;
mod predicate;
mod record;
mod report;
mod request;
pub mod rules;
mod scan;
pub mod server;
mod source;
mod steps;
mod tally;
mod time;

pub use data_source::DataSource;
pub use predicate::{Bound, ColumnUse, Predicate, PredicateError};
pub use report::{
    Disorder, Excluded, InputSummary, LineProblem, Lines, NullResults, ReadReport, ScanError,
    ScanOutcome,
};
pub use request::{
    CountMeasure, CountShape, DurationUnit, EventMeasure, Format, Input, MaxBadLines, ScanRequest,
    Shape,
};
pub use scan::{LONGEST_LOOKBACK, MOST_STEPS, scan};
pub use source::Progress;
