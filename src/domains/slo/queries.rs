//! What servers and files of samples are asked for an indicator, out of what users write.
//!
//! A side of a ratio is written as a series selector, `http_requests_total{code=~"5.."}`, or as a whole
//! query in which `{{.window}}` stands for the window. A selector can be counted anywhere: a server is
//! asked for `sum(increase(selector[window]))`, a file of samples is read. A whole query needs a server.
use super::{
    promql,
    resolve::Incomplete,
    spec::{Queries, ServiceLevelObjective},
};
use crate::kernel::{
    measure::server::Part,
    source::Place,
    spec::{Document, Optional},
    units::Duration,
};

/// The two queries of an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Counts all events.
    pub total: Side,
    /// Counts the good or the bad ones.
    pub part: Side,
    /// Whether `part` counts the good ones.
    pub part_is_good: bool,
    /// Where it is written.
    pub place: Place,
}

/// One side of a ratio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// The increase of counters.
    Counter(String),
    /// The sum of two sides.
    Sum(Box<Side>, Box<Side>),
    /// Observations of a native histogram up to a limit, all of them without one. Unit: seconds.
    NativeHistogram {
        /// Selector of the histogram.
        selector: String,
        /// Largest observation that counts.
        up_to: Option<Duration>,
    },
    /// A whole query; `per_second` where it gives a rate.
    Query {
        /// The query, with `{{.window}}`.
        text: String,
        /// Whether it gives events per second rather than events.
        per_second: bool,
    },
}

impl Question {
    /// The PromQL of both sides, with `{{.window}}`, keeping these labels.
    pub fn promql(&self, group_by: &[&str]) -> (String, Part) {
        let part = self.part.promql(group_by);
        let part = if self.part_is_good { Part::Good(part) } else { Part::Bad(part) };
        (self.total.promql(group_by), part)
    }

    /// Whether the sides give events per second.
    pub fn per_second(&self) -> bool {
        self.total.per_second()
    }
}

impl Side {
    fn promql(&self, group_by: &[&str]) -> String {
        let sum = if group_by.is_empty() {
            "sum".to_owned()
        } else {
            format!("sum by ({}) ", group_by.join(", "))
        };
        match self {
            Self::Counter(selector) => format!("{sum}(increase({selector}[{{{{.window}}}}]))"),
            Self::Sum(one, other) => {
                let (one, other) = (one.operand(group_by), other.operand(group_by));
                // Where one of the two was never seen, the sum is the other.
                format!("(({one} + {other}) or {one} or {other})")
            }
            Self::NativeHistogram { selector, up_to } => {
                let histogram = format!("{sum}(increase({selector}[{{{{.window}}}}]))");
                match up_to {
                    None => format!("histogram_count({histogram})"),
                    // From -Inf and not from 0, which lies in the middle of the bucket for zero: where
                    // all took no time, half of it would be missing. The share of no observations is
                    // NaN, which is left out by the comparison and counts as none beside a total of 0.
                    Some(limit) => format!(
                        "(histogram_fraction(-Inf, {}, {histogram}) \
                         * histogram_count({histogram}) >= 0)",
                        seconds(*limit)
                    ),
                }
            }
            Self::Query { text, .. } => text.clone(),
        }
    }

    /// The query as a part of another: a whole query may hold operators that bind less than a sum, and
    /// end with a comment.
    fn operand(&self, group_by: &[&str]) -> String {
        let query = self.promql(group_by);
        if matches!(self, Self::Query { .. }) { format!("(\n{query}\n)") } else { query }
    }

    fn per_second(&self) -> bool {
        match self {
            Self::Query { per_second, .. } => *per_second,
            Self::Sum(one, other) => one.per_second() && other.per_second(),
            Self::Counter(_) | Self::NativeHistogram { .. } => false,
        }
    }

    /// Whether it gives events per second rather than events; `None` where the query does not tell.
    fn is_rate(&self) -> Option<bool> {
        match self {
            Self::Query { per_second: true, .. } => Some(true),
            Self::Query { text, .. } => calls(text, "increase").then_some(false),
            Self::Counter(_) | Self::NativeHistogram { .. } => Some(false),
            Self::Sum(one, other) => one.is_rate().or_else(|| other.is_rate()),
        }
    }

    /// The selectors whose increase it is, where it is nothing else.
    pub fn counters(&self) -> Option<Vec<&str>> {
        match self {
            Self::Counter(selector) => Some(vec![selector]),
            Self::Sum(one, other) => {
                Some(one.counters()?.into_iter().chain(other.counters()?).collect())
            }
            Self::NativeHistogram { .. } | Self::Query { .. } => None,
        }
    }
}

/// Reads what an indicator asks; `None` where it asks nothing.
///
/// # Errors
/// A histogram without a threshold, or one side of a ratio alone.
pub(super) fn question(
    document: &Document,
    slo: &ServiceLevelObjective,
    written: &Queries,
) -> Result<Option<Question>, Incomplete> {
    for (field, native) in [(&written.histogram, false), (&written.native_histogram, true)] {
        let Some((selector, place)) = field.pair() else { continue };
        let limit = *slo.threshold.value().ok_or_else(|| Incomplete {
            message: format!("`{}` measures latency and has no threshold", document.name()),
            help: "add the time within which an event is good, such as `threshold: 300ms`".into(),
            place,
        })?;
        return if native {
            Ok(Some(native_histogram(selector, limit, place)))
        } else {
            classic(selector, limit, place).map(Some)
        };
    }
    let side = |field: &Option<crate::kernel::spec::Field<String>>| {
        field.pair().map(|(text, place)| (side(text), place))
    };
    let (good, bad, total) = (side(&written.good), side(&written.bad), side(&written.total));
    let question = match (good, bad, total) {
        (Some((part, _)), _, Some((total, place))) => {
            same_unit(&part, &total, document, place)?;
            Question { total, part, part_is_good: true, place }
        }
        (None, Some((part, _)), Some((total, place))) => {
            same_unit(&part, &total, document, place)?;
            Question { total, part, part_is_good: false, place }
        }
        (Some((good, place)), Some((bad, _)), None) => {
            same_unit(&good, &bad, document, place)?;
            let total = Side::Sum(Box::new(good), Box::new(bad.clone()));
            Question { total, part: bad, part_is_good: false, place }
        }
        (None, None, None) => return Ok(None),
        (Some((_, place)), None, None)
        | (None, Some((_, place)), None)
        | (None, None, Some((_, place))) => {
            return Err(Incomplete {
                message: format!(
                    "the indicator of `{}` has one side of its ratio",
                    document.name()
                ),
                help: "say two of `good`, `bad` and `total`".into(),
                place,
            });
        }
    };
    Ok(Some(question))
}

fn side(text: &str) -> Side {
    let query = promql::read(text);
    if query.plain {
        return Side::Counter(text.trim().to_owned());
    }
    // What is summed over time is no rate, whatever it is the sum of.
    let summed =
        ["sum_over_time(", "count_over_time("].iter().any(|it| text.trim().starts_with(it));
    let is_rate = (calls(text, "rate") || calls(text, "irate")) && !calls(text, "increase");
    let per_second = is_rate && !summed;
    Side::Query { text: text.to_owned(), per_second }
}

fn calls(text: &str, function: &str) -> bool {
    text.contains(&format!("{function}(")) || text.contains(&format!("{function} ("))
}

/// Refuses a ratio of events and events per second, which differ by the length of the window.
fn same_unit(
    one: &Side,
    other: &Side,
    document: &Document,
    place: Place,
) -> Result<(), Incomplete> {
    match (one.is_rate(), other.is_rate()) {
        (Some(one), Some(other)) if one != other => Err(Incomplete {
            message: format!(
                "one side of the indicator of `{}` gives events, the other events per second",
                document.name()
            ),
            help:
                "count both with `increase`, or both with `rate`; a selector alone is counted with \
                   `increase`"
                    .into(),
            place,
        }),
        _ => Ok(()),
    }
}

/// The two sides of a classic histogram: its bucket at the limit, and its count.
fn classic(selector: &str, limit: Duration, place: Place) -> Result<Question, Incomplete> {
    let (name, matchers) = split(selector);
    let Some(name) = name else {
        return Err(Incomplete {
            message: "a histogram is named by its metric".to_owned(),
            help: "write its name without `_bucket`, such as `http_request_duration_seconds`"
                .into(),
            place,
        });
    };
    let name = name.strip_suffix("_bucket").unwrap_or(name);
    let bound = seconds(limit);
    // Prometheus 3 writes whole bounds with a decimal point, earlier ones as they came.
    let bucket = if bound.contains('.') {
        format!("le=\"{bound}\"")
    } else {
        format!("le=~\"{bound}(\\\\.0)?\"")
    };
    let with = |more: &str| match (matchers.is_empty(), more.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{{{more}}}"),
        (false, true) => format!("{{{matchers}}}"),
        (false, false) => format!("{{{matchers},{more}}}"),
    };
    Ok(Question {
        total: Side::Counter(format!("{name}_count{}", with(""))),
        part: Side::Counter(format!("{name}_bucket{}", with(&bucket))),
        part_is_good: true,
        place,
    })
}

fn native_histogram(selector: &str, limit: Duration, place: Place) -> Question {
    let selector = selector.trim().to_owned();
    Question {
        total: Side::NativeHistogram { selector: selector.clone(), up_to: None },
        part: Side::NativeHistogram { selector, up_to: Some(limit) },
        part_is_good: true,
        place,
    }
}

/// The metric and the inside of the braces of a selector.
fn split(selector: &str) -> (Option<&str>, &str) {
    let selector = selector.trim();
    let (name, rest) = match selector.split_once('{') {
        Some((name, rest)) => (name.trim(), rest.trim_end().strip_suffix('}').unwrap_or(rest)),
        None => (selector, ""),
    };
    ((!name.is_empty()).then_some(name), rest.trim().trim_end_matches(',').trim_end())
}

/// A time in seconds, in the fewest digits.
pub(super) fn seconds(limit: Duration) -> String {
    let milliseconds = limit.milliseconds();
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duration(text: &str) -> Duration {
        text.parse().unwrap()
    }

    #[test]
    fn selectors_are_increased_and_whole_queries_are_left_alone() {
        assert_eq!(side("  a_total{b=\"c\"} "), Side::Counter("a_total{b=\"c\"}".to_owned()));
        let query = |text: &str| match side(text) {
            Side::Query { per_second, .. } => per_second,
            other => panic!("{other:?}"),
        };
        assert!(query("sum(rate(a_total[{{.window}}]))"));
        assert!(!query("sum(increase(a_total[{{.window}}]))"));
        assert!(!query("count_over_time((rate(a_total[5m]) >= 0)[{{.window}}:5m])"));
    }

    #[test]
    fn a_classic_histogram_is_a_bucket_over_a_count() {
        let question = |selector: &str, limit| {
            let question = classic(selector, duration(limit), Place::default()).unwrap();
            let (total, part) = question.promql(&[]);
            (total, part)
        };
        let (total, part) = question("h_seconds{job=\"api\"}", "300ms");
        assert_eq!(total, "sum(increase(h_seconds_count{job=\"api\"}[{{.window}}]))");
        let good = "sum(increase(h_seconds_bucket{job=\"api\",le=\"0.3\"}[{{.window}}]))";
        assert_eq!(part, Part::Good(good.to_owned()));
        let (_, part) = question("h_seconds", "1s");
        let good = "sum(increase(h_seconds_bucket{le=~\"1(\\\\.0)?\"}[{{.window}}]))";
        assert_eq!(part, Part::Good(good.to_owned()));
        assert!(classic("{job=\"api\"}", duration("1s"), Place::default()).is_err());
    }

    #[test]
    fn a_native_histogram_is_a_fraction_of_its_count() {
        let question = native_histogram("h_seconds", duration("250ms"), Place::default());
        let (total, part) = question.promql(&["route"]);
        let sum = "sum by (route) (increase(h_seconds[{{.window}}]))";
        assert_eq!(total, format!("histogram_count({sum})"));
        let good = format!("(histogram_fraction(-Inf, 0.25, {sum}) * histogram_count({sum}) >= 0)");
        assert_eq!(part, Part::Good(good));
    }

    #[test]
    fn good_and_bad_make_up_the_whole_even_where_one_was_never_seen() {
        let [good, bad] = ["g_total", "b_total"].map(|name| Side::Counter(name.to_owned()));
        let total = Side::Sum(Box::new(good), Box::new(bad));
        let (g, b) = ("sum(increase(g_total[{{.window}}]))", "sum(increase(b_total[{{.window}}]))");
        assert_eq!(total.promql(&[]), format!("(({g} + {b}) or {g} or {b})"));
        assert_eq!(total.counters(), Some(vec!["g_total", "b_total"]));
    }

    #[test]
    fn events_and_events_per_second_are_told_apart() {
        let is_rate = |text: &str| side(text).is_rate();
        assert_eq!(is_rate("a_total"), Some(false));
        assert_eq!(is_rate("sum(increase(a_total[{{.window}}]))"), Some(false));
        assert_eq!(is_rate("sum(rate(a_total[{{.window}}]))"), Some(true));
        assert_eq!(is_rate("vector(0)"), None, "goes with either");
    }

    #[test]
    fn whole_queries_are_added_as_they_are_meant() {
        let [good, bad] = ["rate(g[{{.window}}]) or vector(0)", "rate(b[{{.window}}]) # none"]
            .map(|text| Box::new(side(text)));
        let part = (*bad).clone();
        let total = Side::Sum(good, bad);
        let (g, b) =
            ("(\nrate(g[{{.window}}]) or vector(0)\n)", "(\nrate(b[{{.window}}]) # none\n)");
        assert_eq!(total.promql(&[]), format!("(({g} + {b}) or {g} or {b})"));
        let place = Place::default();
        let question = Question { total, part, part_is_good: false, place };
        assert!(question.per_second());
        let total = Side::Sum(Box::new(side("g_total")), Box::new(question.part.clone()));
        assert!(!Question { total, ..question }.per_second());
    }
}
