//! The two sides of a ratio in each other's place.
use crate::{
    domains::slo::{
        promql::{self, Selector},
        resolve::ratio_of_columns,
        rules::resolved::{Sides, own_indicator, part, sides},
        spec::Indicator,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI006",
    name: "sli-good-total-swapped",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sli-good-total-swapped.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    for Sides { good, bad, total } in sides(indicator) {
        for (side, words, part) in [("good", GOOD, good), ("bad", BAD, bad)] {
            let (Some(part), Some(total)) = (part, total) else { continue };
            let swapped = if indicator.events.is_some() {
                // Conditions say nothing by their names.
                None
            } else if indicator.prometheus.is_some() {
                swapped_selectors(side, part.0, total.0)
            } else {
                swapped_names(words, part.0, total.0)
            };
            findings.extend(swapped.map(|why| finding(side, &why, part.1, total.1)));
        }
    }
    findings.extend(in_words(indicator));
}

fn finding(side: &str, why: &str, part: Place, total: Place) -> Finding {
    let message = format!("`{side}` and `total` seem to be swapped: {why}");
    Finding::new(&RULE, part, message)
        .related(total, "`total`")
        .help(format!("let `total` count all events and `{side}` a part of them"))
}

/// The text `total_requests / good_requests`.
fn in_words(indicator: &Indicator) -> Option<Finding> {
    let (text, place) = indicator.indicator.pair()?;
    let (good, total) = ratio_of_columns(text)?;
    let why = swapped_names(GOOD, good, total)?;
    let at = |name: &str| {
        let start = name.as_ptr() as usize - text.as_ptr() as usize;
        part(place, text, start..start + name.len())
    };
    Some(finding("good", &why, at(good), at(total)))
}

/// Words by which names say that they count good events.
const GOOD: &[&str] =
    &["good", "success", "successes", "successful", "succeeded", "ok", "passed", "fast"];

/// Words by which names say that they count bad events.
const BAD: &[&str] = &["bad", "error", "errors", "failed", "failure", "failures", "slow"];

/// By the names of columns: the one that should count all events names a part, the other one does not.
fn swapped_names(words: &[&str], part: &str, total: &str) -> Option<String> {
    (!says(part, words) && says(total, words))
        .then(|| format!("`{total}` reads like a part of `{part}`"))
}

fn says(name: &str, words: &[&str]) -> bool {
    name.split(|character: char| !character.is_ascii_alphanumeric())
        .any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// By what is selected: the side that should count all events selects a part of the other one.
fn swapped_selectors(side: &str, part: &str, total: &str) -> Option<String> {
    let (part, total) = (promql::read(part), promql::read(total));
    let ([part], [total]) = (part.selectors.as_slice(), total.selectors.as_slice()) else {
        return None;
    };
    if total.is_narrower_than(part) || is_bucket_of(total, part) {
        return Some(format!("`total` selects a part of what `{side}` selects"));
    }
    None
}

/// `x_bucket{le="0.3"}`, which is a part of `x_count`.
fn is_bucket_of(bucket: &Selector, count: &Selector) -> bool {
    let base = |selector: &Selector, ending: &str| {
        selector.metric.as_deref()?.strip_suffix(ending).map(str::to_owned)
    };
    base(bucket, "_bucket").is_some_and(|name| Some(name) == base(count, "_count"))
        && bucket.fixed("le").is_some_and(|limit| limit != "+Inf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_whole_words() {
        assert!(swapped_names(GOOD, "total_requests", "successful_requests").is_some());
        assert!(swapped_names(GOOD, "http-requests", "ok").is_some());
        assert!(swapped_names(BAD, "requests", "http.errors").is_some());
        assert!(swapped_names(GOOD, "successful_requests", "total_requests").is_none());
        assert!(swapped_names(GOOD, "success", "ok_total").is_none());
        assert!(swapped_names(GOOD, "answers", "token_requests").is_none());
    }

    #[track_caller]
    fn check_selectors(good: &str, total: &str, swapped: bool) {
        assert_eq!(swapped_selectors("good", good, total).is_some(), swapped, "{good} / {total}");
    }

    #[test]
    fn the_narrower_selector_is_the_part() {
        check_selectors("a_total", r#"a_total{code!~"5.."}"#, true);
        check_selectors(r#"a_total{code!~"5.."}"#, "a_total", false);
        check_selectors(r#"a{x="1"}"#, r#"a{x="1", code="200"}"#, true);
        check_selectors(r#"a{x="1"}"#, r#"a{x="2", code="200"}"#, false);
        check_selectors("a", r#"b{x="1"}"#, false);
        check_selectors("x_count", r#"x_bucket{le="0.3"}"#, true);
        check_selectors("x_count", r#"x_bucket{le="+Inf"}"#, false);
        check_selectors(
            "sum(rate(a_total[{{.window}}]))",
            r#"sum(rate(a_total{code!~"5.."}[{{.window}}]))"#,
            true,
        );
    }
}
