//! A Pyrra objective as it is computed with: read, checked, defaults applied.
use super::{alerting::Burn, document::PartialResponse};
use crate::{
    domains::slo::promql::{self, Matcher, Operator},
    kernel::units::{Duration, Ratio},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Labels and annotations whose names begin with this go on the rules, without it.
pub(in crate::domains::slo) const PROPAGATED: &str = "pyrra.dev/";

/// The severity of the alert on absent metrics, unless an objective has its own.
pub(in crate::domains::slo) const ABSENT_SEVERITY: &str = "critical";

/// One objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::domains::slo) struct PyrraObjective {
    /// Its name, which its series carry as the label `slo`.
    pub(in crate::domains::slo) name: String,
    /// Where it lives in Kubernetes.
    pub(in crate::domains::slo) namespace: Option<String>,
    /// Labels of the object.
    pub(in crate::domains::slo) labels: BTreeMap<String, String>,
    /// Annotations of the object.
    pub(in crate::domains::slo) annotations: BTreeMap<String, String>,
    /// What it is; empty where not said.
    pub(in crate::domains::slo) description: String,
    /// Share of events that is to be good.
    pub(in crate::domains::slo) target: Ratio,
    /// The target as rules print it.
    pub(in crate::domains::slo) printed_target: String,
    /// Length of the rolling window.
    pub(in crate::domains::slo) window: Duration,
    /// What is measured.
    pub(in crate::domains::slo) indicator: PyrraIndicator,
    /// Labels whose values tell budgets apart, in the order in which they are written, each once.
    pub(in crate::domains::slo) grouping: Vec<String>,
    /// Its alerts.
    pub(in crate::domains::slo) alerting: PyrraAlerting,
    /// What a Thanos ruler does where an answer lacks a part; `None` where not said.
    pub(in crate::domains::slo) partial_response: Option<PartialResponse>,
    /// Whether long increases are summed up from recorded short ones.
    pub(in crate::domains::slo) performance_over_accuracy: bool,
    /// How rules are written.
    pub(in crate::domains::slo) rule_output: PyrraRuleOutput,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::domains::slo) enum PyrraIndicator {
    /// Errors among all events.
    Ratio {
        /// Counts errors.
        errors: Metric,
        /// Counts all events.
        total: Metric,
    },
    /// Events in a bucket of a classic histogram among all of its events.
    Latency {
        /// The bucket.
        success: Metric,
        /// The count.
        total: Metric,
    },
    /// Observations of a native histogram up to a limit.
    LatencyNative {
        /// The histogram.
        total: Metric,
        /// The limit.
        latency: Duration,
    },
    /// Samples of a gauge that are 1 among all of its samples.
    BoolGauge {
        /// The gauge.
        metric: Metric,
    },
}

/// The alerts of an objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::domains::slo) struct PyrraAlerting {
    /// Whether there are alerts on burn rates.
    pub(in crate::domains::slo) burnrates: bool,
    /// Whether there is an alert on the absence of the metrics.
    pub(in crate::domains::slo) absent: bool,
    /// Name of the alerts on burn rates, where it is not Pyrra's.
    pub(in crate::domains::slo) name: Option<String>,
    /// Name of the alert on absence, where it is not Pyrra's.
    pub(in crate::domains::slo) absent_name: Option<String>,
    /// Severities that are not Pyrra's.
    pub(in crate::domains::slo) severities: BTreeMap<Burn, String>,
    /// Severity of the alert on absence, where it is not Pyrra's.
    pub(in crate::domains::slo) absent_severity: Option<String>,
}

impl Default for PyrraAlerting {
    fn default() -> Self {
        Self {
            burnrates: true,
            absent: true,
            name: None,
            absent_name: None,
            severities: BTreeMap::new(),
            absent_severity: None,
        }
    }
}

impl PyrraAlerting {
    /// The label `severity` of an alert on burn rates.
    pub(in crate::domains::slo) fn severity(&self, burn: Burn) -> &str {
        self.severities.get(&burn).map_or(burn.severity(), String::as_str)
    }
}

/// How rules are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::domains::slo) struct PyrraRuleOutput {
    /// Labels of the object with the rules over short windows, where the rules are split.
    pub(in crate::domains::slo) short_labels: BTreeMap<String, String>,
    /// Labels of the object with the rules over the long window, where the rules are split.
    pub(in crate::domains::slo) long_labels: BTreeMap<String, String>,
    /// Whether generic rules carry the description as a label.
    pub(in crate::domains::slo) description_as_label: bool,
}

/// A series selector that names its metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::domains::slo) struct Metric {
    /// Name of the metric.
    pub(in crate::domains::slo) name: String,
    /// Conditions on its labels.
    pub(in crate::domains::slo) matchers: Vec<Matcher>,
}

impl Metric {
    /// Reads a selector; `None` for anything else, and for one that does not name its metric.
    pub(in crate::domains::slo) fn parse(text: &str) -> Option<Self> {
        let query = promql::read(text);
        let selector = query.selectors.first().filter(|_| query.plain)?;
        Some(Self { name: selector.metric.clone()?, matchers: selector.matchers.clone() })
    }

    /// The condition on a label.
    pub(in crate::domains::slo) fn matcher(&self, label: &str) -> Option<&Matcher> {
        self.matchers.iter().find(|matcher| matcher.label == label)
    }

    /// The same conditions on another metric.
    pub(in crate::domains::slo) fn called(&self, name: impl Into<String>) -> Self {
        Self { name: name.into(), matchers: self.matchers.clone() }
    }

    /// With one more condition: a label that must equal a value.
    #[must_use]
    pub(in crate::domains::slo) fn with(mut self, label: &str, value: &str) -> Self {
        self.matchers.push(Matcher {
            label: label.to_owned(),
            operator: Operator::Equal,
            value: value.to_owned(),
        });
        self
    }

    /// With a bound of a bucket that matches as Prometheus 2 and as Prometheus 3 write it: `le="1"` also
    /// as `le="1.0"`. Bounds with a point are left as they are.
    #[must_use]
    pub(in crate::domains::slo) fn for_prometheus_3(mut self) -> Self {
        self.matchers = self.matchers.into_iter().map(bound_for_prometheus_3).collect();
        self
    }

    /// Labels that must match a regular expression, or must not.
    pub(in crate::domains::slo) fn expressions(&self) -> impl Iterator<Item = &str> {
        let matches =
            |matcher: &&Matcher| !matches!(matcher.operator, Operator::Equal | Operator::NotEqual);
        self.matchers.iter().filter(matches).map(|matcher| matcher.label.as_str())
    }

    /// Labels that must equal a value, with it.
    pub(in crate::domains::slo) fn fixed(&self) -> impl Iterator<Item = (&str, &str)> {
        let equal = |matcher: &&Matcher| matcher.operator == Operator::Equal;
        self.matchers
            .iter()
            .filter(equal)
            .map(|matcher| (matcher.label.as_str(), matcher.value.as_str()))
    }

    /// Labels that are mentioned.
    pub(in crate::domains::slo) fn labels(&self) -> BTreeSet<&str> {
        self.matchers.iter().map(|matcher| matcher.label.as_str()).collect()
    }
}

/// A whole bound as either version of Prometheus writes it; anything else as it is.
fn bound_for_prometheus_3(matcher: Matcher) -> Matcher {
    let digits = matcher.value.strip_prefix(['-', '+']).unwrap_or(&matcher.value);
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if matcher.label != "le" || matcher.operator != Operator::Equal || !whole {
        return matcher;
    }
    let value = format!("{}{WHOLE_OR_POINT_ZERO}", matcher.value);
    Matcher { operator: Operator::Matches, value, ..matcher }
}

/// Ends an expression for a whole bound.
pub(super) const WHOLE_OR_POINT_ZERO: &str = "(\\.0)?";

impl fmt::Display for Metric {
    /// As Prometheus prints selectors: matchers in the order of their text, no spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.matchers.is_empty() {
            return Ok(());
        }
        let mut matchers: Vec<String> = self.matchers.iter().map(print).collect();
        matchers.sort();
        write!(f, "{{{}}}", matchers.join(","))
    }
}

/// A condition as Prometheus prints it.
pub(in crate::domains::slo) fn print(matcher: &Matcher) -> String {
    let operator = match matcher.operator {
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Matches => "=~",
        Operator::MatchesNot => "!~",
    };
    format!("{}{operator}{}", matcher.label, quote(&matcher.value))
}

/// A text in double quotes, with the escapes that Go and PromQL share.
pub(in crate::domains::slo) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            other if other.is_ascii_control() => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(other)));
            }
            other if other.is_control() => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(other)));
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(label: &str, operator: Operator, value: &str) -> Matcher {
        Matcher { label: label.to_owned(), operator, value: value.to_owned() }
    }

    #[test]
    fn selectors_are_printed_as_prometheus_prints_them() {
        let matchers = vec![
            matcher("a", Operator::Equal, "x"),
            matcher("a1", Operator::MatchesNot, "5\\.."),
            matcher("b", Operator::NotEqual, "say \"hi\""),
        ];
        let metric = Metric { name: "m_total".to_owned(), matchers };
        assert_eq!(metric.to_string(), r#"m_total{a1!~"5\\..",a="x",b!="say \"hi\""}"#);
        assert_eq!(Metric { name: "up".to_owned(), matchers: Vec::new() }.to_string(), "up");
    }

    #[test]
    fn whole_bounds_match_as_both_versions_write_them() {
        let bound = |value: &str| {
            let metric = Metric { name: "b".to_owned(), matchers: Vec::new() };
            metric.with("le", value).for_prometheus_3().to_string()
        };
        assert_eq!(bound("1"), r#"b{le=~"1(\\.0)?"}"#);
        assert_eq!(bound("0.5"), r#"b{le="0.5"}"#);
        assert_eq!(bound("+Inf"), r#"b{le="+Inf"}"#);
        assert_eq!(bound(""), r#"b{le=""}"#);
        let job = Metric { name: "b".to_owned(), matchers: Vec::new() }.with("job", "1");
        assert_eq!(job.for_prometheus_3().to_string(), r#"b{job="1"}"#);
    }
}
