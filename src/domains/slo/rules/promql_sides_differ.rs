//! Two sides of a ratio that look at different things.
use crate::{
    domains::slo::{
        promql::{self, Matcher, Operator, Query, Selector},
        rules::resolved::{Sides, own_indicator, sides},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "SLI012",
    name: "promql-sides-differ",
    level: Level::Warning,
    fixable: false,
    page: include_str!("promql-sides-differ.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    if indicator.prometheus.is_none() {
        return;
    }
    for Sides { good, bad, total } in sides(indicator) {
        for (side, part) in [("good", good), ("bad", bad)] {
            let (Some((part, place)), Some((total, total_place))) = (part, total) else { continue };
            if let Some(difference) = difference(&promql::read(part), &promql::read(total)) {
                let message =
                    format!("`{side}` and `total` look at different things: {difference}");
                findings.push(
                    Finding::new(&RULE, place, message)
                        .related(total_place, "`total`")
                        .help("let both sides select the same, up to what makes an event good"),
                );
            }
        }
    }
}

/// Labels that may differ: the bucket that holds all answers is `le="+Inf"`, and sides may be metrics
/// of different names.
const MAY_DIFFER: [&str; 2] = ["le", "__name__"];

/// In what the part is not a part of the whole.
fn difference(part: &Query, total: &Query) -> Option<String> {
    let labels: BTreeSet<&str> = total
        .selectors
        .iter()
        .flat_map(|selector| &selector.matchers)
        .filter(|matcher| must_hold(matcher))
        .map(|matcher| matcher.label.as_str())
        .collect();
    for label in labels {
        let (of_part, of_total) = (fixed(part, label), fixed(total, label));
        if let (Some(of_part), Some(of_total)) = (of_part, of_total)
            && of_part.is_disjoint(&of_total)
        {
            return Some(format!("{} and {}", shown(label, &of_part), shown(label, &of_total)));
        }
    }
    missing(&part.selectors, &total.selectors).or_else(|| by_grouping(part, total))
}

/// Whether a condition of the whole has to hold for its part.
fn must_hold(matcher: &Matcher) -> bool {
    matcher.operator == Operator::Equal && !MAY_DIFFER.contains(&matcher.label.as_str())
}

/// The values that all selectors of a query together allow for a label; `None` where one allows any.
fn fixed<'q>(query: &'q Query, label: &str) -> Option<BTreeSet<&'q str>> {
    let values: Option<BTreeSet<&str>> =
        query.selectors.iter().map(|selector| selector.fixed(label)).collect();
    values.filter(|values| !values.is_empty())
}

fn shown(label: &str, values: &BTreeSet<&str>) -> String {
    let shown: Vec<String> = values.iter().map(|value| format!("{label}=\"{value}\"")).collect();
    shown.join(", ")
}

/// A label that the whole fixes and the part of the same metric does not mention.
fn missing(part: &[Selector], total: &[Selector]) -> Option<String> {
    let ([part], [total]) = (part, total) else { return None };
    // Where the whole is the narrower one in all, the sides are swapped: another rule says so.
    if part.metric != total.metric || total.is_narrower_than(part) {
        return None;
    }
    let fixed = total.matchers.iter().filter(|matcher| must_hold(matcher));
    let unmentioned = |label: &str| part.matchers.iter().all(|matcher| matcher.label != label);
    let matcher = fixed.into_iter().find(|matcher| unmentioned(&matcher.label))?;
    let shown = format!("{}=\"{}\"", matcher.label, matcher.value);
    Some(format!("only `total` asks for {shown}"))
}

fn by_grouping(part: &Query, total: &Query) -> Option<String> {
    let (part, total) = (part.grouping.as_ref()?, total.grouping.as_ref()?);
    let by = |labels: &[String]| match labels {
        [] => "into one".to_owned(),
        labels => format!("by {}", labels.join(", ")),
    };
    (part != total).then(|| format!("one is summed {}, the other {}", by(part), by(total)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_difference(part: &str, total: &str, expected: Option<&str>) {
        let found = difference(&promql::read(part), &promql::read(total));
        assert_eq!(found.as_deref(), expected, "{part} / {total}");
    }

    #[test]
    fn labels_that_exclude_each_other_are_found() {
        let expected = r#"job="a" and job="b""#;
        check_difference(r#"x{job="a"}"#, r#"y{job="b"}"#, Some(expected));
        check_difference(
            r#"sum(rate(x{job="a"}[{{.window}}])) + sum(rate(y{job="a"}[{{.window}}]))"#,
            r#"sum(rate(x{job="b"}[{{.window}}]))"#,
            Some(expected),
        );
        check_difference(r#"x{job="a"}"#, r#"y{job=~"a|b"}"#, None);
        check_difference(r#"x_bucket{le="0.3"}"#, r#"x_bucket{le="+Inf"}"#, None);
        check_difference(r#"{__name__="good"}"#, r#"{__name__="all"}"#, None);
        check_difference(r#"sum(x{job="a"} + y{job="b"})"#, r#"sum(z{job="b"})"#, None);
    }

    #[test]
    fn a_label_that_only_the_whole_fixes_is_found_for_the_same_metric() {
        check_difference(
            r#"x{code!~"5.."}"#,
            r#"x{job="a"}"#,
            Some(r#"only `total` asks for job="a""#),
        );
        check_difference("good", r#"all{job="a"}"#, None);
        check_difference(
            r#"x{code="200"}"#,
            r#"x{job="a", code=~".+"}"#,
            Some(r#"only `total` asks for job="a""#),
        );
        // Swapped, which is said elsewhere.
        check_difference("x", r#"x{job="a"}"#, None);
    }

    #[test]
    fn different_groupings_do_not_match() {
        check_difference(
            "sum by (job) (rate(x[{{.window}}]))",
            "sum(rate(x[{{.window}}]))",
            Some("one is summed by job, the other into one"),
        );
        check_difference("sum by (b, a) (x)", "sum by (a, b) (x)", None);
        check_difference("sum without (a) (x)", "sum(x)", None);
        check_difference("x", "sum(x)", None);
    }
}
