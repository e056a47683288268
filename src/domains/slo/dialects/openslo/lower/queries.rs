//! What queries of OpenSLO mean as sides of our ratios.
//!
//! OpenSLO leaves open how a query is to be asked for a length of time. What a query lacks is filled in
//! where there is one way to read it, and said; where there is none, the query is not carried over.
use super::super::v1::Op;
use crate::{
    domains::slo::promql,
    kernel::{measure::server::with_window as fill_window, units::Duration},
};
use promql_parser::{
    label::MatchOp,
    parser::{self, AggregateExpr, BinaryExpr, Expr, LabelModifier, VectorSelector, token},
};
use std::fmt::Write as _;

/// A query as we ask it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    /// The text: a selector, or a query with `{{.window}}`.
    pub(super) text: String,
    /// What was filled in.
    pub(super) filled_in: Option<String>,
}

/// The two sides of a ratio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// Good or bad events.
    pub(super) part: String,
    /// All events.
    pub(super) total: String,
}

/// How the window is written here.
const WINDOW: &str = "{{.window}}";
/// How often a value is looked at where a query gives one for an instant.
const EVERY: &str = "1m";
/// How long the slices are where a query gives one for a window.
const SLICE: Duration = Duration::from_minutes(5);
/// Longer texts are not taken apart: operators nest, and they are followed on the stack.
const LONGEST: usize = 4096;

/// A query that counts events. `counter` says whether its metrics only grow.
///
/// # Errors
/// Why it cannot be asked for a window.
pub(super) fn counted(text: &str, counter: Option<bool>) -> Result<Carried, String> {
    let (text, mut filled_in) = with_window(text.trim());
    // A query that is not understood may hold the window all the same.
    if fill_window(&text, SLICE) != text {
        return Ok(Carried { text, filled_in });
    }
    let query = promql::read(&text);
    if text.len() > LONGEST {
        return Err("the query is too long to be understood, and has no `{{.window}}`".to_owned());
    }
    let by_name = || {
        let metrics = query.selectors.iter().filter_map(|selector| selector.metric.as_deref());
        let mut any = false;
        let all = metrics.inspect(|_| any = true).all(promql::is_counter);
        all && any
    };
    let counts_up = counter.unwrap_or_else(by_name);
    if counter.is_none() && !query.fixed_range {
        let what =
            if counts_up { "counters, by their names" } else { "no counters, by their names" };
        filled_in = Some(format!("`counter` is not said; the metrics are taken for {what}"));
    }
    if query.plain && counts_up {
        return Ok(Carried { text, filled_in });
    }
    let expression = parser::parse(&text).map_err(|_| {
        "the query has no `{{.window}}`, and is not understood well enough to be asked for one"
            .to_owned()
    })?;
    if query.plain && !counts_up {
        let text = format!("sum(sum_over_time({text}[{WINDOW}]))");
        return Ok(Carried { text, filled_in });
    }
    if (counts_up || query.fixed_range)
        && let Some(text) = over_window(&expression, counts_up)
    {
        let how = format!("it is asked as `{text}`");
        filled_in = Some(filled_in.map_or_else(|| how.clone(), |said| format!("{said}; {how}")));
        return Ok(Carried { text, filled_in });
    }
    if counts_up {
        return Err(
            "the query is no sum of counters, and has no `{{.window}}`: how much it grows \
                    over a window cannot be told"
                .to_owned(),
        );
    }
    let text = format!("sum_over_time({}[{WINDOW}:{EVERY}])", operand(&text));
    let how = format!("its values of each minute are added up: `{text}`");
    Ok(Carried {
        text,
        filled_in: Some(filled_in.map_or_else(|| how.clone(), |said| format!("{said}; {how}"))),
    })
}

/// The sides of a ratio that is computed elsewhere: the mean of it over time, every slice alike.
pub(super) fn raw(text: &str) -> (Sides, Option<String>) {
    let (text, every, filled_in) = sliced(text);
    let ratio = operand(&text);
    // A ratio of nothing is no number; no comparison holds for it, and it is left out.
    let over_time = |function: &str| format!("{function}(({ratio} >= 0)[{WINDOW}:{every}])");
    (Sides { part: over_time("sum_over_time"), total: over_time("count_over_time") }, filled_in)
}

/// The sides of a threshold: slices of time in which the value is as it should be, over all slices in
/// which there is one.
pub(super) fn threshold(text: &str, op: Op, value: f64) -> (Sides, Option<String>) {
    let (text, every, filled_in) = sliced(text);
    let operand = operand(&text);
    let op = op.promql();
    let sides = Sides {
        part: format!("sum_over_time(sum({operand} {op} bool {value})[{WINDOW}:{every}])"),
        total: format!("sum_over_time(count({operand})[{WINDOW}:{every}])"),
    };
    (sides, filled_in)
}

/// The query, operator and value of which [`threshold`] makes these sides.
pub(in super::super) fn threshold_of<'q>(
    part: &'q str,
    total: &'q str,
) -> Option<(&'q str, Op, f64)> {
    let end = format!(")[{WINDOW}:{EVERY}])");
    let operand = total.strip_prefix("sum_over_time(count(")?.strip_suffix(end.as_str())?;
    let part = part.strip_prefix("sum_over_time(sum(")?.strip_suffix(end.as_str())?;
    let (op, rest) = part.strip_prefix(operand)?.strip_prefix(' ')?.split_once(' ')?;
    let op = Op::ALL.into_iter().find(|other| other.promql() == op)?;
    Some((query_of(operand)?, op, rest.strip_prefix("bool ")?.parse().ok()?))
}

/// The query of which [`raw`] makes these sides.
pub(in super::super) fn raw_of<'q>(part: &'q str, total: &'q str) -> Option<&'q str> {
    let end = format!(" >= 0)[{WINDOW}:{EVERY}])");
    let operand = total.strip_prefix("count_over_time((")?.strip_suffix(end.as_str())?;
    let part = part.strip_prefix("sum_over_time((")?.strip_suffix(end.as_str())?;
    if part == operand { query_of(operand) } else { None }
}

/// The query that [`operand`] made this of.
fn query_of(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let lines = inner.and_then(|rest| rest.strip_prefix('\n')?.strip_suffix('\n'));
    [lines, inner, Some(text)].into_iter().flatten().find(|query| operand(query) == text)
}

/// The query as one value at a time, how often it is looked at, and what was done for that: one that
/// depends on the window is asked for slices of five minutes.
fn sliced(text: &str) -> (String, &'static str, Option<String>) {
    let (text, _) = with_window(text.trim());
    let filled = fill_window(&text, SLICE);
    if filled == text {
        return (text, EVERY, None);
    }
    let said = "the query is asked for each five minutes, and these count alike".to_owned();
    (filled, "5m", Some(said))
}

/// The query as a part of another: it may hold operators that bind less, and end with a comment.
fn operand(text: &str) -> String {
    if promql::read(text).plain {
        text.to_owned()
    } else if text.contains('#') {
        format!("(\n{text}\n)")
    } else {
        format!("({text})")
    }
}

/// What dashboards and other tools write for the window, longest first.
const PLACEHOLDERS: [&str; 8] = [
    "${__rate_interval}",
    "$__rate_interval",
    "${__interval}",
    "$__interval",
    "${__range}",
    "$__range",
    "{{window}}",
    "{{ window }}",
];

/// The query with `{{.window}}` where it has another word for the window, and what was done.
fn with_window(text: &str) -> (String, Option<String>) {
    let mut result = text.to_owned();
    let mut found = Vec::new();
    for word in PLACEHOLDERS {
        let range = format!("[{word}]");
        if result.contains(&range) {
            result = result.replace(&range, &format!("[{WINDOW}]"));
            found.push(word);
        }
    }
    for word in ["[window]", "[$window]", "[${window}]", "[WINDOW]"] {
        if result.contains(word) {
            result = result.replace(word, &format!("[{WINDOW}]"));
            found.push(word.trim_matches(['[', ']']));
        }
    }
    let said = found.first().map(|word| format!("`{word}` is taken for the window"));
    (result, said)
}

/// An expression that adds up counters, or their rates over a range of its own, over the window instead;
/// `None` where it does something else, for which the whole is not the sum of its parts.
fn over_window(expression: &Expr, counter: bool) -> Option<String> {
    match expression {
        Expr::VectorSelector(vector) if counter => {
            Some(format!("increase({}[{WINDOW}])", selector(vector)?))
        }
        Expr::Paren(paren) => Some(format!("({})", over_window(&paren.expr, counter)?)),
        Expr::Aggregate(aggregate) => sum(aggregate, counter),
        Expr::Call(call) if matches!(call.func.name, "rate" | "increase") => {
            let [argument] = &call.args.args[..] else { return None };
            let Expr::MatrixSelector(matrix) = &**argument else { return None };
            Some(format!("{}({}[{WINDOW}])", call.func.name, selector(&matrix.vs)?))
        }
        Expr::Binary(binary) => combined(binary, counter),
        _ => None,
    }
}

fn sum(aggregate: &AggregateExpr, counter: bool) -> Option<String> {
    if aggregate.op.id() != token::T_SUM {
        return None;
    }
    let modifier = match &aggregate.modifier {
        None => String::new(),
        Some(LabelModifier::Include(labels)) => format!(" by ({}) ", labels.labels.join(", ")),
        Some(LabelModifier::Exclude(labels)) => {
            format!(" without ({}) ", labels.labels.join(", "))
        }
    };
    Some(format!("sum{modifier}({})", over_window(&aggregate.expr, counter)?))
}

fn combined(binary: &BinaryExpr, counter: bool) -> Option<String> {
    if binary.modifier.is_some() {
        return None;
    }
    let number = |expression: &Expr| match expression {
        Expr::NumberLiteral(number) => Some(number.val.to_string()),
        _ => None,
    };
    let (left, right) = (&*binary.lhs, &*binary.rhs);
    let (op, left, right) = match binary.op.id() {
        token::T_ADD => ("+", over_window(left, counter)?, over_window(right, counter)?),
        token::T_SUB => ("-", over_window(left, counter)?, over_window(right, counter)?),
        token::T_MUL => match number(left) {
            Some(number) => ("*", number, over_window(right, counter)?),
            None => ("*", over_window(left, counter)?, number(right)?),
        },
        token::T_DIV => ("/", over_window(left, counter)?, number(right)?),
        _ => return None,
    };
    Some(format!("{left} {op} {right}"))
}

/// A selector as text; `None` with an offset, which is another time.
fn selector(vector: &VectorSelector) -> Option<String> {
    if vector.offset.is_some() || vector.at.is_some() || !vector.matchers.or_matchers.is_empty() {
        return None;
    }
    let mut text = vector.name.clone().unwrap_or_default();
    let named = vector.name.is_some();
    let matchers = vector.matchers.matchers.iter().filter(|it| !(named && it.name == "__name__"));
    let matchers: Vec<String> = matchers
        .map(|matcher| {
            let op = match matcher.op {
                MatchOp::Equal => "=",
                MatchOp::NotEqual => "!=",
                MatchOp::Re(_) => "=~",
                MatchOp::NotRe(_) => "!~",
            };
            let mut value = String::with_capacity(matcher.value.len() + 2);
            for character in matcher.value.chars() {
                match character {
                    '\\' => value.push_str("\\\\"),
                    '"' => value.push_str("\\\""),
                    '\n' => value.push_str("\\n"),
                    other => value.push(other),
                }
            }
            format!("{}{op}\"{value}\"", matcher.name)
        })
        .collect();
    if !matchers.is_empty() {
        let _ = write!(text, "{{{}}}", matchers.join(","));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, counter: Option<bool>, expected: &str, is_filled_in: bool) {
        let carried = counted(text, counter).unwrap();
        assert_eq!((carried.text.as_str(), carried.filled_in.is_some()), (expected, is_filled_in));
    }

    #[test]
    fn queries_that_say_everything_stay_as_they_are() {
        check("a_total{b=\"c\"}", Some(true), "a_total{b=\"c\"}", false);
        let whole = "sum(rate(a_total[{{.window}}]))";
        check(whole, Some(true), whole, false);
        check(whole, None, whole, false);
        let strange = "max(a) / on(b) max(newer(c[{{ .window }}:5m]))";
        check(strange, Some(false), strange, false);
    }

    #[test]
    fn what_counters_lack_is_filled_in() {
        let over = "sum(increase(http_requests{code=~\"2xx|4xx\"}[{{.window}}]))";
        check("sum(http_requests{code=~\"2xx|4xx\"})", Some(true), over, true);
        check("a_total", None, "a_total", true);
        let rate = "sum(rate(a_total{b=\"c\\\\d\"}[5m]))";
        check(rate, None, "sum(rate(a_total{b=\"c\\\\d\"}[{{.window}}]))", true);
        check(
            "sum by (x) (rate(a[1m])) + 2 * sum by (x) (rate(b[1m]))",
            Some(true),
            "sum by (x) (rate(a[{{.window}}])) + 2 * sum by (x) (rate(b[{{.window}}]))",
            true,
        );
        check("sum(rate(a[$__range]))", Some(true), "sum(rate(a[{{.window}}]))", true);
        check("sum(rate(a[window]))", None, "sum(rate(a[{{.window}}]))", true);
    }

    #[test]
    fn what_is_no_counter_is_added_up() {
        check("up", Some(false), "sum(sum_over_time(up[{{.window}}]))", false);
        check("up", None, "sum(sum_over_time(up[{{.window}}]))", true);
        let count = "sum_over_time((count(up == 1))[{{.window}}:1m])";
        check("count(up == 1)", Some(false), count, true);
    }

    #[test]
    fn what_cannot_be_told_is_not_carried() {
        for text in [
            "max(a_total)",
            "sum(a_total) / sum(b_total)",
            "sum(a_total offset 1h)",
            "rate(a_total)",
        ] {
            assert!(counted(text, Some(true)).is_err(), "{text}");
        }
    }

    #[test]
    fn thresholds_are_shares_of_time() {
        let (sides, filled_in) = threshold("a{b=\"c\"}", Op::Lte, 0.3);
        assert_eq!(sides.part, "sum_over_time(sum(a{b=\"c\"} <= bool 0.3)[{{.window}}:1m])");
        assert_eq!(sides.total, "sum_over_time(count(a{b=\"c\"})[{{.window}}:1m])");
        assert_eq!(filled_in, None);
        let (sides, _) = threshold("a - b # c", Op::Gt, -1.0);
        assert_eq!(sides.part, "sum_over_time(sum((\na - b # c\n) > bool -1)[{{.window}}:1m])");
        let (sides, filled_in) = threshold("rate(a[{{.window}}])", Op::Lt, 1.0);
        assert_eq!(sides.total, "sum_over_time(count((rate(a[5m])))[{{.window}}:5m])");
        assert!(filled_in.is_some());
    }

    #[test]
    fn ratios_count_every_slice_alike() {
        let (sides, filled_in) = raw("a / b");
        assert_eq!(sides.part, "sum_over_time(((a / b) >= 0)[{{.window}}:1m])");
        assert_eq!(sides.total, "count_over_time(((a / b) >= 0)[{{.window}}:1m])");
        assert_eq!(filled_in, None);
        let (sides, filled_in) = raw("rate(a[{{ .window }}])");
        assert_eq!(sides.part, "sum_over_time(((rate(a[5m])) >= 0)[{{.window}}:5m])");
        assert!(filled_in.is_some());
    }

    #[test]
    fn what_was_made_of_thresholds_and_ratios_is_seen() {
        for query in ["lag", "max(lag)", "a - b # c", "(a)", "((a) + (b))"] {
            let (sides, _) = threshold(query, Op::Gte, -0.5);
            assert_eq!(threshold_of(&sides.part, &sides.total), Some((query, Op::Gte, -0.5)));
            assert_eq!(raw_of(&sides.part, &sides.total), None);
            let (sides, _) = raw(query);
            assert_eq!(raw_of(&sides.part, &sides.total), Some(query));
            assert_eq!(threshold_of(&sides.part, &sides.total), None);
        }
    }
}
