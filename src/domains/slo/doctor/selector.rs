//! Selectors, taken apart so that it can be asked which part of one finds nothing.
use crate::domains::slo::{
    promql::{self, Operator, Selector},
    queries::Side,
};

/// A selector that a query names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The whole selector.
    pub selector: String,
    /// The metric, where the selector names one.
    pub metric: Option<String>,
    /// Its conditions on labels.
    pub conditions: Vec<Condition>,
    /// Whether `sre` itself counts its increase: it has to be a counter.
    pub is_counter: bool,
}

/// A condition of a selector on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The label.
    pub label: String,
    /// As it is written in a selector: `job="api"`.
    pub text: String,
}

impl Probe {
    /// The metric under one of its conditions alone, or under none.
    pub fn under(&self, condition: Option<&Condition>) -> Option<String> {
        let metric = self.metric.as_deref()?;
        Some(match condition {
            Some(condition) => format!("{metric}{{{}}}", condition.text),
            None => metric.to_owned(),
        })
    }

    /// The selector without its conditions on one label; `None` where it has none.
    pub fn without(&self, label: &str) -> Option<String> {
        let kept: Vec<&str> = self
            .conditions
            .iter()
            .filter(|condition| condition.label != label)
            .map(|condition| condition.text.as_str())
            .collect();
        let metric = self.metric.as_deref()?;
        (kept.len() < self.conditions.len()).then(|| format!("{metric}{{{}}}", kept.join(",")))
    }

    /// The bucket of a classic histogram that it selects, as its label has it: seconds, or whatever the
    /// histogram counts in. `None` for all else.
    pub fn bucket(&self) -> Option<f64> {
        let read = promql::read(&self.selector);
        let selector = read.selectors.first()?;
        let le = selector.matchers.iter().find(|matcher| matcher.label == "le")?;
        let bound = match le.operator {
            Operator::Equal => le.value.as_str(),
            // How a whole bound is asked for, see `queries::classic`.
            Operator::Matches => le.value.strip_suffix("(\\.0)?").unwrap_or(&le.value),
            Operator::NotEqual | Operator::MatchesNot => return None,
        };
        bound.parse().ok().filter(|bound: &f64| bound.is_finite())
    }
}

/// The selectors that a side of a ratio names, each once.
pub fn probes(side: &Side) -> Vec<Probe> {
    let mut probes: Vec<Probe> = match side {
        Side::Counter(selector) => {
            vec![probe(promql::read(selector).selectors.first(), selector.trim(), true)]
        }
        Side::NativeHistogram { selector, .. } => {
            vec![probe(promql::read(selector).selectors.first(), selector.trim(), false)]
        }
        Side::Sum(one, other) => probes_of_both(one, other),
        Side::Query { text, .. } => {
            let read = promql::read(text);
            read.selectors
                .iter()
                .map(|selector| probe(Some(selector), &written(selector), false))
                .collect()
        }
    };
    let mut seen = Vec::new();
    probes.retain(|probe| {
        let is_new = !seen.contains(&probe.selector);
        seen.push(probe.selector.clone());
        is_new
    });
    probes
}

fn probes_of_both(one: &Side, other: &Side) -> Vec<Probe> {
    let mut both = probes(one);
    both.extend(probes(other));
    both
}

fn probe(read: Option<&Selector>, text: &str, is_counter: bool) -> Probe {
    // Other names cannot be written without quotes, which older servers do not know.
    let is_plain = |name: &String| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
    };
    let metric = read
        .and_then(|read| read.metric.clone().or_else(|| read.fixed("__name__").map(str::to_owned)))
        .filter(is_plain);
    let matchers = read.map_or(&[][..], |read| &read.matchers);
    let conditions = matchers
        .iter()
        .filter(|matcher| matcher.label != "__name__")
        .map(|matcher| Condition { label: matcher.label.clone(), text: condition(matcher) })
        .collect();
    Probe { selector: text.to_owned(), metric, conditions, is_counter }
}

/// `job="api"`, with a string as PromQL quotes it.
fn condition(matcher: &promql::Matcher) -> String {
    let sign = match matcher.operator {
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Matches => "=~",
        Operator::MatchesNot => "!~",
    };
    let mut quoted = String::new();
    for character in matcher.value.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    format!("{}{sign}\"{quoted}\"", matcher.label)
}

/// A selector of a query, as it would be written alone.
fn written(selector: &Selector) -> String {
    let conditions: Vec<String> = selector.matchers.iter().map(condition).collect();
    match (&selector.metric, conditions.is_empty()) {
        (Some(metric), true) => metric.clone(),
        (metric, _) => {
            format!("{}{{{}}}", metric.as_deref().unwrap_or_default(), conditions.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(selector: &str) -> Probe {
        probes(&Side::Counter(selector.to_owned())).remove(0)
    }

    #[test]
    fn a_selector_is_taken_apart() {
        let probe = counter(r#"http_requests_total{job="api",code=~"5.."}"#);
        assert_eq!(probe.metric.as_deref(), Some("http_requests_total"));
        let conditions: Vec<&str> =
            probe.conditions.iter().map(|condition| condition.text.as_str()).collect();
        assert_eq!(conditions, [r#"code=~"5..""#, r#"job="api""#]);
        let under = probe.under(Some(&probe.conditions[1]));
        assert_eq!(under.as_deref(), Some(r#"http_requests_total{job="api"}"#));
        assert_eq!(probe.under(None).as_deref(), Some("http_requests_total"));
        let without = probe.without("code");
        assert_eq!(without.as_deref(), Some(r#"http_requests_total{job="api"}"#));
        assert_eq!(probe.without("region"), None);
        assert_eq!(counter(r#"{__name__="a.b"}"#).metric, None);
        assert_eq!(counter(r#"{__name__="a:b"}"#).metric.as_deref(), Some("a:b"));
    }

    #[test]
    fn what_is_quoted_is_quoted_again() {
        let text = r#"sum(increase(a_total{b="\"\\\n"}[{{.window}}]))"#;
        let side = Side::Query { text: text.to_owned(), per_second: false };
        assert_eq!(probes(&side)[0].selector, r#"a_total{b="\"\\\n"}"#);
    }

    #[test]
    fn each_selector_of_a_query_is_found_once() {
        let text = "sum(increase(a_total[{{.window}}])) - sum(increase(b_total[{{.window}}])) + \
                    0 * sum(increase(a_total[{{.window}}]))";
        let side = Side::Query { text: text.to_owned(), per_second: false };
        let found: Vec<String> = probes(&side).into_iter().map(|probe| probe.selector).collect();
        assert_eq!(found, ["a_total", "b_total"]);
    }

    #[test]
    fn buckets_are_known_by_their_bound() {
        assert_eq!(counter(r#"h_bucket{le="0.3"}"#).bucket(), Some(0.3));
        assert_eq!(counter(r#"h_bucket{le=~"1(\\.0)?"}"#).bucket(), Some(1.0));
        assert_eq!(counter(r#"h_bucket{le="+Inf"}"#).bucket(), None);
        assert_eq!(counter(r#"h_bucket{le!="1"}"#).bucket(), None);
        assert_eq!(counter("h_count").bucket(), None);
    }
}
