//! How many samples a query reads.
use crate::kernel::units::Duration;
use promql_parser::parser::{Expr, VectorSelector};

/// A selector of a query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::domains::slo) struct Read {
    /// The metric; `None` where only labels say it.
    pub(in crate::domains::slo) metric: Option<String>,
    /// How far it looks back each time; `None` for the newest sample alone.
    pub(in crate::domains::slo) range: Option<Duration>,
    /// How often it is looked at in one evaluation: once for each step of the subqueries around it.
    pub(in crate::domains::slo) times: f64,
}

/// The selectors of an expression, in the order in which they stand. Steps of subqueries that say none
/// are as long as `default_step`.
pub(super) fn reads(expression: &Expr, default_step: Duration) -> Vec<Read> {
    let mut found = Vec::new();
    walk(expression, 1.0, default_step, &mut found);
    found
}

fn walk(expression: &Expr, times: f64, default_step: Duration, found: &mut Vec<Read>) {
    let mut go = |inner: &Expr, times: f64| walk(inner, times, default_step, found);
    match expression {
        Expr::VectorSelector(selector) => found.push(read(selector, None, times)),
        Expr::MatrixSelector(matrix) => {
            found.push(read(&matrix.vs, Some(length(matrix.range)), times));
        }
        Expr::Subquery(subquery) => {
            let step = subquery.step.map_or(default_step, length).milliseconds().max(1);
            let steps = length(subquery.range).milliseconds() / step;
            go(&subquery.expr, times * (steps + 1) as f64);
        }
        Expr::Aggregate(aggregate) => {
            go(&aggregate.expr, times);
            if let Some(parameter) = &aggregate.param {
                go(parameter, times);
            }
        }
        Expr::Binary(binary) => {
            go(&binary.lhs, times);
            go(&binary.rhs, times);
        }
        Expr::Call(call) => {
            for argument in &call.args.args {
                go(argument, times);
            }
        }
        Expr::Paren(inner) => go(&inner.expr, times),
        Expr::Unary(unary) => go(&unary.expr, times),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn read(selector: &VectorSelector, range: Option<Duration>, times: f64) -> Read {
    Read { metric: selector.name.clone(), range, times }
}

fn length(of: std::time::Duration) -> Duration {
    Duration::from_milliseconds(u64::try_from(of.as_millis()).unwrap_or(u64::MAX))
}
