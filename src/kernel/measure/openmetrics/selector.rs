//! Series selectors of PromQL, as far as a file can answer them.
use std::fmt;

use promql_parser::{
    label::MatchOp,
    parser::{self, Expr, VectorSelector},
};
use regex::Regex;

use super::line::{BOUND, Series};

/// Longer texts are refused: the parser follows nested operators on the stack.
const LENGTH: usize = 4096;

/// The label under which Prometheus keeps a metric's name.
const NAME: &str = "__name__";

/// A plain series selector: `http_requests_total{job="api", code=~"5.."}`.
///
/// Compares as Prometheus does: a label that a series lacks is empty, regular expressions must match
/// the whole value. Only the bound of a histogram's bucket, `le`, is compared as a number, for `1` and
/// `1.0` are one bucket that versions of Prometheus spell differently.
#[derive(Clone, Debug)]
pub struct Selector {
    text: String,
    names: Vec<Matcher>,
    labels: Vec<Matcher>,
}

/// Why a text is no selector that a file can answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectorError {
    /// What is wrong.
    pub message: String,
    /// What may be written instead.
    pub help: String,
}

#[derive(Clone, Debug)]
struct Matcher {
    label: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Equal(String),
    NotEqual(String),
    Matches(Regex),
    MatchesNot(Regex),
}

impl Test {
    fn passes(&self, value: &str) -> bool {
        match self {
            Self::Equal(wanted) => value == wanted,
            Self::NotEqual(unwanted) => value != unwanted,
            Self::Matches(pattern) => pattern.is_match(value),
            Self::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }

    /// The same for a bucket's bound, whose spelling does not matter.
    fn passes_bound(&self, bound: &str) -> bool {
        let spellings = spellings(bound);
        match self {
            Self::Equal(wanted) => same_bound(wanted, bound),
            Self::NotEqual(unwanted) => !same_bound(unwanted, bound),
            Self::Matches(pattern) => spellings.iter().any(|bound| pattern.is_match(bound)),
            Self::MatchesNot(pattern) => !spellings.iter().any(|bound| pattern.is_match(bound)),
        }
    }
}

/// Whether two texts are one bound of a bucket.
fn same_bound(left: &str, right: &str) -> bool {
    left == right || short_bound(left).is_some_and(|short| Some(short) == short_bound(right))
}

/// A bound as it stands, and as Prometheus 2 and 3 spell it.
fn spellings(bound: &str) -> Vec<String> {
    let mut spellings = vec![bound.to_owned()];
    if let Some(short) = short_bound(bound) {
        if short.parse::<i64>().is_ok() {
            spellings.push(format!("{short}.0"));
        }
        spellings.push(short);
    }
    spellings
}

/// The shortest spelling of a bound, one for all that are equal; `None` where it is no number.
pub(super) fn short_bound(bound: &str) -> Option<String> {
    match bound.parse::<f64>() {
        Ok(number) if number == f64::INFINITY => Some("+Inf".to_owned()),
        Ok(number) if number.is_finite() => Some(number.to_string()),
        _ => None,
    }
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// A text that is not PromQL, or is more than a selector: a file holds the samples, and nothing that
    /// would compute functions, ranges or offsets.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        if text.len() > LENGTH {
            return Err(refuse(format!("is longer than {LENGTH} bytes")));
        }
        match parser::parse(text) {
            Err(error) => Err(refuse(format!("`{text}` is not PromQL: {error}"))),
            Ok(expression) => Self::of(text.trim(), &expression)
                .map_err(|what| refuse(format!("`{text}` {what}"))),
        }
    }

    fn of(text: &str, expression: &Expr) -> Result<Self, &'static str> {
        match expression {
            Expr::Paren(paren) => Self::of(text, &paren.expr),
            Expr::VectorSelector(vector) => Self::plain(text, vector),
            Expr::MatrixSelector(_) | Expr::Subquery(_) => Err("has a range of time"),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Err("names no metric"),
            _ => Err("is a query, not a selector"),
        }
    }

    fn plain(text: &str, vector: &VectorSelector) -> Result<Self, &'static str> {
        if vector.offset.is_some() || vector.at.is_some() {
            return Err("is moved in time by `offset` or `@`");
        }
        if !vector.matchers.or_matchers.is_empty() {
            return Err("has alternatives joined by `or`");
        }
        let matchers = vector.matchers.matchers.iter().map(|matcher| Matcher {
            label: matcher.name.clone(),
            test: match &matcher.op {
                MatchOp::Equal => Test::Equal(matcher.value.clone()),
                MatchOp::NotEqual => Test::NotEqual(matcher.value.clone()),
                MatchOp::Re(pattern) => Test::Matches(pattern.clone()),
                MatchOp::NotRe(pattern) => Test::MatchesNot(pattern.clone()),
            },
        });
        let (mut names, labels): (Vec<_>, Vec<_>) =
            matchers.partition(|matcher| matcher.label == NAME);
        if let Some(name) = &vector.name {
            names.push(Matcher { label: NAME.to_owned(), test: Test::Equal(name.clone()) });
        }
        if names.is_empty() {
            return Err("names no metric, so that it would add up unlike things");
        }
        Ok(Self { text: text.to_owned(), names, labels })
    }

    /// Whether it asks for metrics of that name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.names.iter().all(|matcher| matcher.test.passes(name))
    }

    /// The one name that it asks for, where it is one.
    pub(super) fn name(&self) -> Option<&str> {
        self.names.iter().find_map(|matcher| match &matcher.test {
            Test::Equal(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether the labels of a series are as it asks; the name is not looked at.
    pub(super) fn selects(&self, series: &Series) -> bool {
        self.labels.iter().all(|matcher| {
            let value = value_of(series, &matcher.label);
            if matcher.label == BOUND {
                matcher.test.passes_bound(value)
            } else {
                matcher.test.passes(value)
            }
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The value of a label; empty where there is none.
pub(super) fn value_of<'s>(series: &'s Series, label: &str) -> &'s str {
    let found = series.labels.iter().find(|(name, _)| name == label);
    found.map_or("", |(_, value)| value.as_str())
}

fn refuse(message: String) -> SelectorError {
    SelectorError {
        message,
        help: "in a file, write a counter with conditions on its labels, such as \
               `http_requests_total{job=\"api\",code=~\"5..\"}`; a whole query needs a server"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn selects(selector: &str, line: &str) -> bool {
        let series = super::super::line::series(line.as_bytes()).unwrap();
        let selector = Selector::parse(selector).unwrap();
        selector.names(&series.name) && selector.selects(&series)
    }

    #[test]
    fn labels_are_compared_as_prometheus_does() {
        let line = r#"http_requests_total{job="api",code="503"}"#;
        assert!(selects("http_requests_total", line));
        assert!(selects(r#"http_requests_total{job="api",code=~"5.."}"#, line));
        assert!(selects(r#"(http_requests_total{code!~"[234].*",gone=""})"#, line));
        assert!(selects(r#"{__name__=~"http_.*_total",job!=""}"#, line));
        assert!(!selects("http_requests", line));
        assert!(
            !selects(r#"http_requests_total{code=~"5"}"#, line),
            "patterns match all of a value"
        );
        assert!(!selects(r#"http_requests_total{gone!=""}"#, line));
        assert!(!selects(r#"http_requests_total{code!="503"}"#, line));
        assert!(selects(r#"{"http.requests"}"#, r#"{"http.requests",a="b"}"#));
    }

    #[test]
    fn bounds_of_buckets_are_numbers() {
        for (asked, written) in [("1", "1.0"), ("1.0", "1"), ("0.30", "0.3"), ("+Inf", "inf")] {
            let line = format!("a_bucket{{le=\"{written}\"}}");
            assert!(selects(&format!("a_bucket{{le=\"{asked}\"}}"), &line), "{asked} {written}");
            assert!(!selects(&format!("a_bucket{{le!=\"{asked}\"}}"), &line), "{asked} {written}");
        }
        assert!(selects(r#"a_bucket{le=~"1|2"}"#, r#"a_bucket{le="1.0"}"#));
        assert!(selects(r#"a_bucket{le=~"1\\.0"}"#, r#"a_bucket{le="1"}"#));
        assert!(!selects(r#"a_bucket{le!~"1|2"}"#, r#"a_bucket{le="2.0"}"#));
        assert!(!selects(r#"a_bucket{le="1"}"#, r#"a_bucket{le="10"}"#));
        assert!(!selects(r#"a{version="1"}"#, r#"a{version="1.0"}"#), "other labels are texts");
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        let error = Selector::parse(text).unwrap_err();
        assert_eq!(error.message, message);
        assert!(error.help.contains("a whole query needs a server"));
    }

    #[test]
    fn what_only_a_server_can_answer_is_refused() {
        refused("sum(a)", "`sum(a)` is a query, not a selector");
        refused("a / b", "`a / b` is a query, not a selector");
        refused("a[5m]", "`a[5m]` has a range of time");
        refused("a offset 5m", "`a offset 5m` is moved in time by `offset` or `@`");
        refused("5", "`5` names no metric");
        let message = "`{a=\"b\"}` names no metric, so that it would add up unlike things";
        refused("{a=\"b\"}", message);
        assert!(Selector::parse("a{b=~\"(\"}").is_err());
        assert!(Selector::parse("").is_err());
        assert!(Selector::parse(&"a".repeat(LENGTH + 1)).is_err());
    }
}
