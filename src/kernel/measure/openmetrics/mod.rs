//! Counters out of text files: OpenMetrics 1.0 and the Prometheus text format, with timestamps.
//!
//! [`scan_openmetrics`] measures on such files what a Prometheus server measures: for each
//! [`CounterMeasure`] the series that a selector selects are followed from sample to sample, and their
//! increases are added up per step of time. Nothing is extrapolated. `docs/design/openmetrics-files.md`
//! says what counts where, and where that differs from Prometheus.
//!
//! The way of a line: `line` takes it apart, `series` knows its series and the sample before it,
//! `measures` knows which measures count it, `cells` keeps the sums per step. The lines are read in their
//! order, and of each series only the latest sample is kept: memory is bounded by the number of series
//! and of steps, not by the length of the files.
mod cells;
mod line;
mod measures;
mod scan;
mod selector;
mod series;

use std::collections::BTreeMap;

use super::{MaxBadLines, ReadReport};
use crate::kernel::{
    series::EventSeries,
    units::{Duration, Instant},
};

pub(super) use line::looks_like;
pub use scan::scan_openmetrics;
pub use selector::{Selector, SelectorError};

/// What to count in the files.
#[derive(Clone, Debug)]
pub struct CounterRequest {
    /// The indicators.
    pub measures: Vec<CounterMeasure>,
    /// Length of the steps that are counted in.
    pub step: Duration,
    /// End of the time that is asked for: later events are not counted, and steps end there.
    pub at: Option<Instant>,
    /// A moment before `at` where a window begins that need not be a whole number of steps.
    pub from: Option<Instant>,
    /// Leaves an unfinished step at the present out, so that all steps begin on whole minutes.
    pub whole_steps: bool,
    /// The present: no sample can be later.
    pub now: Instant,
    /// How much time before the end is kept; older samples are counted as outside.
    pub lookback: Duration,
    /// When reading has gone too badly to go on.
    pub max_bad_lines: MaxBadLines,
    /// Combinations of labels that a measure may be split into. Each takes up to 100 bytes for every
    /// step looked at: a month of minutes is 4 MB.
    pub max_series: usize,
}

impl CounterRequest {
    /// A request with steps of a minute, one hundred days back, and at most a hundred groups.
    pub fn new(measures: Vec<CounterMeasure>, now: Instant) -> Self {
        Self {
            measures,
            step: Duration::from_minutes(1),
            at: None,
            from: None,
            whole_steps: false,
            now,
            lookback: Duration::from_days(100),
            max_bad_lines: MaxBadLines::Unlimited,
            max_series: 100,
        }
    }
}

/// One indicator over counters.
#[derive(Clone, Debug)]
pub struct CounterMeasure {
    /// Selects the counters of all events.
    pub total: Selector,
    /// Selects those of the good or the bad ones.
    pub part: CounterPart,
    /// Labels whose values tell groups apart; none for one series of counts.
    pub group_by: Vec<String>,
}

/// Which of the events a second selector counts.
#[derive(Clone, Debug)]
pub enum CounterPart {
    /// The good ones.
    Good(Selector),
    /// The bad ones.
    Bad(Selector),
}

/// What was counted, and how that came about.
#[derive(Clone, Debug)]
pub struct CounterOutcome {
    /// For each measure, in the order of the request, its groups in the order of their labels' values; or
    /// why it was not measured, which does not keep others from being.
    pub measures: Vec<Result<Vec<CounterGroup>, Unmeasured>>,
    /// What was read, assumed and left out. Records are samples of counters that were asked for.
    pub report: ReadReport,
}

/// The counts of one combination of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct CounterGroup {
    /// Values of the labels asked for, without those that its series lack.
    pub labels: BTreeMap<String, String>,
    /// Good and all events per step.
    pub series: EventSeries,
}

/// Why a measure was not measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unmeasured {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}
