//! What a source that keeps samples is asked for one indicator, and what it answers.
use crate::kernel::{
    series::EventCount,
    units::{Duration, Instant},
};
use std::collections::BTreeMap;

/// Which of the events a second query counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The good ones.
    Good(String),
    /// The bad ones.
    Bad(String),
}

/// What one indicator asks: events over windows, and over the steps of a grid.
///
/// Queries are PromQL in which `{{.window}}` stands for the length of a window, such as
/// `sum(increase(http_requests_total[{{.window}}]))`; each gives at most one number for each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Counts all events.
    pub total: String,
    /// Counts the good or the bad ones.
    pub part: Part,
    /// Labels whose values tell groups apart; none for one answer.
    pub group_by: Vec<String>,
    /// Stretches of time that are counted as a whole, exactly as the server counts them.
    pub windows: Vec<(Instant, Instant)>,
    /// The steps that are counted one by one.
    pub grid: Option<Steps>,
}

/// Steps of one length: step `i` is `[from + i·step, from + (i+1)·step)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Start of the first.
    pub from: Instant,
    /// How many.
    pub count: u32,
    /// Length of each.
    pub step: Duration,
}

/// What a source knows of one indicator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// One for each combination of the labels asked for, in the order of their values; one without
    /// labels where none were asked for, none where nothing was found.
    pub groups: Vec<Group>,
    /// What the source said beside its answer: it may be incomplete then.
    pub warnings: Vec<String>,
    /// What was put right on the way, such as more good than all events by a hair.
    pub notes: Vec<String>,
}

/// The counts of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Values of the labels.
    pub labels: BTreeMap<String, String>,
    /// The windows asked for, in their order; `None` where nothing was measured.
    pub windows: Vec<Option<EventCount>>,
    /// The steps of the grid; `None` where nothing was measured.
    pub steps: Vec<Option<EventCount>>,
}

/// Why a source does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unanswered {
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whose fault it is.
    pub fault: Fault,
}

/// Whose fault it is that there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The question's: the query is wrong, or asks for too much.
    Question,
    /// The environment's: the network, the server, a credential.
    Environment,
    /// Nobody's: there are no measurements.
    NoData,
}

/// How much it took to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Requests that were sent, attempts that failed included.
    pub requests: u64,
    /// Requests that the cache answered.
    pub cached: u64,
    /// Bytes of the bodies that came back.
    pub bytes: u64,
    /// Numbers in them.
    pub samples: u64,
}

/// A source that keeps samples itself and counts them on request: a Prometheus-compatible server, or
/// a local store of results.
pub trait SampleSource {
    /// Answers each question, in their order, and says how much it took. What one question asks for
    /// in vain is no reason not to answer the others.
    fn ask(&self, questions: &[Question]) -> (Vec<Result<Answer, Unanswered>>, Effort);
}
