//! Whole queries, by way of the promql-parser crate.
use super::{
    Query, Read, Refusal, brackets, is_counter,
    selector::{Matcher, Operator, Selector},
};
use crate::kernel::units::Duration;
use promql_parser::{
    label::MatchOp,
    parser::{self, AggregateExpr, Call, Expr, LabelModifier, VectorSelector},
};

/// Longer texts are not looked at: operators nest without brackets, and the parser follows them on the
/// stack.
const LENGTH: usize = 4096;

/// Reads any PromQL.
pub(super) fn read(text: &str) -> Query {
    let refused = |refusal| Query { refusal: Some(refusal), ..Query::default() };
    if text.trim().is_empty() {
        let message = "there is no query".to_owned();
        return refused(Refusal::Broken { message, at: 0..text.len() });
    }
    if let Some(refusal) = brackets::unclosed(text) {
        return refused(refusal);
    }
    if text.len() > LENGTH {
        return refused(Refusal::Newer);
    }
    let (filled, windowed) = fill_window(text);
    match parser::parse(&filled) {
        Ok(expression) => {
            // A range can only follow a selector that stands alone.
            let plain = matches!(&expression, Expr::VectorSelector(vector)
                if vector.offset.is_none() && vector.at.is_none())
                && !windowed;
            let mut query = Query { plain, windowed, ..Query::default() };
            let written_range = Walk { counters: !plain, query: &mut query }.visit(&expression);
            query.fixed_range = written_range && !windowed;
            query.grouping = grouping(&expression);
            query
        }
        Err(_) if is_newer(text) => refused(Refusal::Newer),
        Err(message) if message.starts_with("expected type") => refused(Refusal::Types(message)),
        Err(message) => refused(Refusal::Refused(message)),
    }
}

/// What a query without `{{.window}}` reads; `None` where it is too long or not understood.
pub(in crate::domains::slo) fn reads(text: &str, default_step: Duration) -> Option<Vec<Read>> {
    if text.len() > LENGTH {
        return None;
    }
    Some(super::reads::reads(&parser::parse(text).ok()?, default_step))
}

/// `{{.window}}`, with or without spaces, replaced by a length of time; and whether there was one.
fn fill_window(text: &str) -> (String, bool) {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    let mut windowed = false;
    while let Some((before, tail)) = rest.split_once("{{") {
        let Some((".window", after)) =
            tail.split_once("}}").map(|(name, rest)| (name.trim(), rest))
        else {
            break;
        };
        filled.push_str(before);
        filled.push_str("5m");
        windowed = true;
        rest = after;
    }
    filled.push_str(rest);
    (filled, windowed)
}

/// Whether a text holds syntax that came after the parser: durations that are computed, modifiers of
/// selectors, trimming of histograms, digits in groups.
fn is_newer(text: &str) -> bool {
    let words = ["anchored", "smoothed", "step()", "</", ">/", "range()"];
    let computed = |text: &str| {
        text.split('[').skip(1).any(|part| {
            let inside = part.split(']').next().unwrap_or("");
            inside.contains(['+', '*', '/', '(', '%', '^']) || inside.trim().contains(" - ")
        })
    };
    let offset = text.split("offset").skip(1).any(|rest| rest.trim_start().starts_with('('));
    let grouped = text
        .as_bytes()
        .windows(3)
        .any(|three| three[0].is_ascii_digit() && three[1] == b'_' && three[2].is_ascii_digit());
    words.iter().any(|word| text.contains(word)) || computed(text) || offset || grouped
}

/// Without parentheses around it.
fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(paren) => strip(&paren.expr),
        other => other,
    }
}

/// Labels that the outermost aggregation keeps.
fn grouping(expression: &Expr) -> Option<Vec<String>> {
    let Expr::Aggregate(AggregateExpr { modifier, .. }) = strip(expression) else { return None };
    match modifier {
        None => Some(Vec::new()),
        Some(LabelModifier::Include(labels)) => {
            let mut labels = labels.labels.clone();
            labels.sort();
            Some(labels)
        }
        Some(LabelModifier::Exclude(_)) => None,
    }
}

/// Collects what the query names. How deep it goes is bounded by the length of the text.
struct Walk<'q> {
    counters: bool,
    query: &'q mut Query,
}

impl Walk<'_> {
    /// Whether there is a range below.
    fn visit(&mut self, expression: &Expr) -> bool {
        match expression {
            Expr::VectorSelector(vector) => {
                if self.counters {
                    self.bare(vector);
                }
                self.query.selectors.push(selector(vector));
                false
            }
            Expr::MatrixSelector(matrix) => {
                self.query.selectors.push(selector(&matrix.vs));
                true
            }
            Expr::Subquery(subquery) => {
                self.visit(&subquery.expr);
                true
            }
            Expr::Aggregate(aggregate) => {
                // How many series there are does not depend on their values.
                let name = aggregate.op.to_string();
                self.below(matches!(name.as_str(), "count" | "group"), [&*aggregate.expr])
            }
            Expr::Call(Call { func, args }) => {
                let blind = ["absent", "present_over_time", "timestamp"].contains(&func.name);
                self.below(blind, args.args.iter().map(|argument| &**argument))
            }
            Expr::Unary(unary) => self.visit(&unary.expr),
            Expr::Paren(paren) => self.visit(&paren.expr),
            Expr::Binary(binary) => {
                let left = self.visit(&binary.lhs);
                self.visit(&binary.rhs) || left
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => false,
        }
    }

    fn below<'e>(&mut self, blind: bool, parts: impl IntoIterator<Item = &'e Expr>) -> bool {
        let before = self.counters;
        self.counters &= !blind;
        let mut range = false;
        for part in parts {
            range |= self.visit(part);
        }
        self.counters = before;
        range
    }

    fn bare(&mut self, vector: &VectorSelector) {
        // A difference with an earlier value is an increase by hand.
        let name = vector.name.as_deref().filter(|name| is_counter(name));
        if let Some(name) = name.filter(|_| vector.offset.is_none() && vector.at.is_none()) {
            self.query.bare_counters.push(name.to_owned());
        }
    }
}

fn selector(vector: &VectorSelector) -> Selector {
    let matchers = vector.matchers.matchers.iter().map(|matcher| Matcher {
        label: matcher.name.clone(),
        operator: match matcher.op {
            MatchOp::Equal => Operator::Equal,
            MatchOp::NotEqual => Operator::NotEqual,
            MatchOp::Re(_) => Operator::Matches,
            MatchOp::NotRe(_) => Operator::MatchesNot,
        },
        value: matcher.value.clone(),
    });
    Selector::new(vector.name.clone(), matchers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_with_a_window_are_read() {
        let text = r#"sum by (job) (rate(a_total{code!~"5.."}[{{.window}}]))"#;
        let query = read(text);
        assert_eq!(query.refusal, None);
        assert!(query.windowed && !query.plain && !query.fixed_range);
        assert_eq!(query.bare_counters, [""; 0]);
        assert_eq!(query.grouping.as_deref(), Some(&["job".to_owned()][..]));
        assert_eq!(query.selectors[0].metric.as_deref(), Some("a_total"));
        assert!(read("sum(rate(a_total[{{ .window }}]))").windowed);
    }

    #[test]
    fn counters_are_bare_unless_a_rate_or_a_difference_is_taken() {
        let bare = |text: &str| read(text).bare_counters;
        assert_eq!(bare("sum(a_total)"), ["a_total"]);
        assert_eq!(bare("sum(a_total) - sum(rate(b_total[5m]))"), ["a_total"]);
        assert_eq!(bare("count(a_total)"), [""; 0]);
        assert_eq!(bare("sum(a)"), [""; 0]);
        assert_eq!(bare("sum(job:a_total)"), [""; 0]);
        assert_eq!(bare("a_total offset 5m"), [""; 0]);
    }

    #[track_caller]
    fn check_refusal(text: &str, expected: &Refusal) {
        assert_eq!(read(text).refusal.as_ref(), Some(expected), "{text}");
    }

    #[test]
    fn what_is_wrong_for_sure_is_told_from_what_is_new() {
        let message = "expected type matrix in call to function 'rate', got vector";
        check_refusal("rate(a_total)", &Refusal::Types(message.to_owned()));
        for text in ["rate(a[5m + 1m])", "a offset (5m*2)", "rate(a[5m] smoothed)", "1_000 * a"] {
            check_refusal(text, &Refusal::Newer);
        }
        assert!(matches!(read("sum by job a").refusal, Some(Refusal::Refused(_))));
        assert!(matches!(read("a{b=~5..}").refusal, Some(Refusal::Refused(_))));
        assert!(matches!(read(" ").refusal, Some(Refusal::Broken { .. })));
    }

    #[test]
    fn deeply_nested_operators_fit_on_the_stack() {
        for text in ["-".repeat(LENGTH - 1) + "a", "a+".repeat(LENGTH / 2 - 1) + "a"] {
            assert!(text.len() <= LENGTH);
            read(&text);
        }
        assert_eq!(read(&"a+".repeat(LENGTH)).refusal, Some(Refusal::Newer));
    }

    #[test]
    fn only_a_selector_that_a_range_can_follow_is_plain() {
        for text in ["a", "a{b=\"\\n\"}", "{__name__=\"a\"}"] {
            assert!(read(text).plain, "{text}");
        }
        for text in ["(a)", "a offset 5m", "a @ 0", "-a", "a[5m]", "sum(a)"] {
            assert!(!read(text).plain, "{text}");
        }
    }

    #[test]
    fn ranges_that_are_written_out_are_seen() {
        assert!(read("sum(rate(a_total[5m]))").fixed_range);
        assert!(read("a_total[5m]").fixed_range);
        assert!(!read("sum(a)").fixed_range);
    }
}
