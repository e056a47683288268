//! Series that selectors match, or do not match.
use crate::domains::slo::promql::{Matcher, Operator, Selector};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::{BTreeMap, BTreeSet};

/// The labels of a series.
pub(super) type Labels = BTreeMap<String, String>;

/// Values that labels of services often have: what a condition that excludes something leaves over.
const USUAL: [&str; 9] = ["200", "404", "500", "ok", "error", "a", "GET", "POST", ""];

/// A series that the selector matches; `None` where none was found.
pub(super) fn matching(selector: &Selector) -> Option<Labels> {
    labels(selector, None)
}

/// A series of the same metric that `one` matches and `other` does not; `None` where none was found.
pub(super) fn matching_only(one: &Selector, other: &Selector) -> Option<Labels> {
    let violated = other.matchers.iter().filter(|matcher| !one.matchers.contains(matcher));
    violated.into_iter().find_map(|matcher| labels(one, Some(matcher)))
}

/// Whether a selector matches a series.
pub(super) fn matches(selector: &Selector, metric: &str, labels: &Labels) -> bool {
    let value = |label: &str| labels.get(label).map_or("", String::as_str);
    selector.metric.as_deref().is_none_or(|name| name == metric)
        && selector.matchers.iter().all(|matcher| {
            let value = if matcher.label == "__name__" { metric } else { value(&matcher.label) };
            holds(matcher, value)
        })
}

/// The labels of a series that the selector matches, and that violates one more condition.
fn labels(selector: &Selector, violated: Option<&Matcher>) -> Option<Labels> {
    let matchers = selector.matchers.iter().chain(violated);
    let names: BTreeSet<&str> = matchers.map(|matcher| matcher.label.as_str()).collect();
    let mut labels = Labels::new();
    for name in names {
        let of_label = |matcher: &&Matcher| matcher.label == name;
        let needed: Vec<&Matcher> = selector.matchers.iter().filter(of_label).collect();
        let violated = violated.filter(|matcher| matcher.label == name);
        let value = candidates(&needed).into_iter().find(|value| {
            needed.iter().all(|matcher| holds(matcher, value))
                && violated.is_none_or(|matcher| !holds(matcher, value))
        })?;
        // A label without a value is no label.
        if !value.is_empty() {
            labels.insert(name.to_owned(), value);
        }
    }
    Some(labels)
}

fn candidates(needed: &[&Matcher]) -> Vec<String> {
    let of_matcher = |matcher: &&Matcher| match matcher.operator {
        Operator::Equal => vec![matcher.value.clone()],
        Operator::Matches => examples(&matcher.value),
        Operator::NotEqual | Operator::MatchesNot => Vec::new(),
    };
    let usual = USUAL.into_iter().map(str::to_owned);
    needed.iter().flat_map(of_matcher).chain(usual).collect()
}

fn holds(matcher: &Matcher, value: &str) -> bool {
    // Prometheus holds a whole value against a regular expression.
    let is_match = || {
        let whole = format!("^(?s:{})$", matcher.value);
        regex::Regex::new(&whole).is_ok_and(|expression| expression.is_match(value))
    };
    match matcher.operator {
        Operator::Equal => matcher.value == value,
        Operator::NotEqual => matcher.value != value,
        Operator::Matches => is_match(),
        Operator::MatchesNot => !is_match(),
    }
}

/// Texts that a regular expression matches: one for each of its alternatives.
fn examples(expression: &str) -> Vec<String> {
    const MOST: usize = 50;
    let Ok(hir) = regex_syntax::parse(expression) else { return Vec::new() };
    let mut found = texts(&hir);
    found.truncate(MOST);
    found
}

fn texts(hir: &Hir) -> Vec<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => vec![letter(class).to_string()],
        HirKind::Repetition(repetition) => {
            let once = texts(&repetition.sub).into_iter().next().unwrap_or_default();
            vec![once.repeat(repetition.min.min(20) as usize), once]
        }
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |begun, part| {
            let next = texts(part);
            let joined =
                begun.iter().flat_map(|begin| next.iter().map(move |end| format!("{begin}{end}")));
            joined.take(50).collect()
        }),
        HirKind::Alternation(parts) => parts.iter().flat_map(texts).collect(),
    }
}

/// A letter of a class: a digit, which codes are made of, else a letter of words, else whichever is first.
fn letter(class: &Class) -> char {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).collect()
        }
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let has = |letter: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter));
    ('0'..='9')
        .chain('a'..='z')
        .find(|letter| has(*letter))
        .unwrap_or_else(|| ranges.first().map_or('x', |(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::promql;

    fn selector(text: &str) -> Selector {
        promql::read(text).selectors[0].clone()
    }

    #[track_caller]
    fn check(labels: Option<&Labels>, expected: &[(&str, &str)]) {
        let expected = expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        assert_eq!(labels, Some(&expected.collect()));
    }

    #[test]
    fn labels_are_found_that_match() {
        check(
            matching(&selector(
                r#"a{job="api", code=~"5..|429", path!~"/health.*", method!="GET"}"#,
            ))
            .as_ref(),
            &[("job", "api"), ("code", "500"), ("path", "200"), ("method", "200")],
        );
        check(matching(&selector(r#"a{code=~"(2|3)..", x=""}"#)).as_ref(), &[("code", "200")]);
    }

    #[test]
    fn a_series_is_matched_as_prometheus_does() {
        let labels = matching(&selector(r#"a{job="api", code=~"5.."}"#)).unwrap();
        let is_matched = |text: &str| matches(&selector(text), "a", &labels);
        assert!(is_matched("a") && is_matched(r#"a{job="api", zone=""}"#));
        assert!(is_matched(r#"{__name__=~"a|b", code!="200"}"#));
        assert!(
            !is_matched("b") && !is_matched(r#"a{code="50"}"#) && !is_matched(r#"a{zone!=""}"#)
        );
    }

    #[test]
    fn labels_are_found_that_match_one_and_not_the_other() {
        let (all, bad) = (selector(r#"a{job="api"}"#), selector(r#"a{job="api", code=~"5.."}"#));
        check(matching_only(&all, &bad).as_ref(), &[("job", "api"), ("code", "200")]);
        let good = selector(r#"a{job="api", code!~"5.."}"#);
        check(matching_only(&all, &good).as_ref(), &[("job", "api"), ("code", "500")]);
        assert_eq!(matching_only(&bad, &all), None, "all that are bad are among all");
        check(
            matching_only(&selector(r#"a{code=~"4.."}"#), &selector(r#"a{code="400"}"#)).as_ref(),
            &[("code", "404")],
        );
    }
}
