//! What the rules need to know of a PromQL text: a series selector, or a query with `{{.window}}`.
//!
//! Plain selectors, by far the most frequent, are read here ([`selector`]); everything else by the
//! promql-parser crate ([`query`]). That crate does not know the newest syntax and says no positions,
//! so that a text it refuses is wrong for sure only where its brackets and quotes do not close
//! ([`brackets`]) or where it says which type it expected.
mod alike;
mod brackets;
mod query;
mod reads;
mod selector;

use super::rules::memo::{Memo, remembered};
use std::{
    ops::Range,
    sync::{Arc, Mutex},
};

pub(super) use query::reads;
pub(super) use reads::Read;
pub(super) use selector::{Matcher, Operator, Selector};

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query {
    /// Why it could not be read; all else is then empty.
    pub(super) refusal: Option<Refusal>,
    /// Whether it is a selector and nothing else: then `sre` adds `increase` and the window itself.
    pub(super) plain: bool,
    /// Whether it holds `{{.window}}`.
    pub(super) windowed: bool,
    /// A range that is written out, such as `5m`.
    pub(super) fixed_range: bool,
    /// All selectors.
    pub(super) selectors: Vec<Selector>,
    /// Counters whose value is used as it is.
    pub(super) bare_counters: Vec<String>,
    /// The labels that the outermost aggregation keeps, sorted; `None` where there is none or where it
    /// says which labels go.
    pub(super) grouping: Option<Vec<String>>,
}

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A bracket or a quote that does not close, or nothing at all: wrong for sure.
    Broken {
        /// What is wrong.
        message: String,
        /// Bytes of the text.
        at: Range<usize>,
    },
    /// Types that do not fit, such as a rate without a range: wrong for sure.
    Types(String),
    /// The parser does not understand it.
    Refused(String),
    /// It holds syntax that is newer than the parser.
    Newer,
}

impl Refusal {
    /// What is wrong, in one line.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Broken { message, .. } | Self::Types(message) | Self::Refused(message) => {
                message.lines().next().unwrap_or_default()
            }
            Self::Newer => "its syntax is newer than the parser",
        }
    }
}

static QUERIES: Memo<Query> = Memo::new(Mutex::default);

/// Reads a text.
pub(super) fn read(text: &str) -> Arc<Query> {
    remembered(&QUERIES, text, |text| match selector::parse(text) {
        Some(selector) => Query { plain: true, selectors: vec![selector], ..Query::default() },
        None => query::read(text),
    })
}

/// Why a text is refused, if it is.
///
/// Of the rules of a catalog few differ in more than their numbers, and no text is refused for these: it
/// is enough to parse one of them.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    read(&alike::of(text)).refusal.as_ref()?;
    read(text).refusal.clone()
}

/// Whether a metric is a counter by its name. Recording rules, with colons, may be anything.
pub(super) fn is_counter(metric: &str) -> bool {
    !metric.contains(':')
        && ["_total", "_count", "_bucket", "_sum"].iter().any(|ending| metric.ends_with(ending))
}
