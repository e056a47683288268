//! The series that a test feeds to an indicator.
use super::examples::{self, Labels};
use crate::domains::slo::{
    promql::{self, Selector},
    queries::{Question, Side},
};
use regex::Regex;
use std::sync::LazyLock;

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    All,
    Good,
    Bad,
}

/// A series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) metric: String,
    pub(super) labels: Labels,
    pub(super) counts: Counts,
}

/// The series of an indicator of counters; `None` where they cannot be told from its text.
pub(super) fn of(question: &Question, group_by: &[&str]) -> Option<Vec<Input>> {
    let part = selector(&question.part)?;
    let counted = if question.part_is_good { Counts::Good } else { Counts::Bad };
    let rest = if question.part_is_good { Counts::Bad } else { Counts::Good };
    let mut inputs = match &question.total {
        Side::Sum(one, _) => {
            let other = selector(one)?;
            let labels = if other.metric == part.metric {
                examples::matching_only(&other, &part)?
            } else {
                examples::matching(&other)?
            };
            vec![input(&other, labels, rest)?, input(&part, examples::matching(&part)?, counted)?]
        }
        total => {
            let total = selector(total)?;
            if total.metric == part.metric {
                // Of all that is counted, one series is of the part and one is not.
                let both = Selector {
                    metric: part.metric.clone(),
                    matchers: [total.matchers.clone(), part.matchers.clone()].concat(),
                };
                vec![
                    input(&part, examples::matching(&both)?, counted)?,
                    input(&total, examples::matching_only(&total, &part)?, rest)?,
                ]
            } else {
                vec![
                    input(&total, examples::matching(&total)?, Counts::All)?,
                    input(&part, examples::matching(&part)?, counted)?,
                ]
            }
        }
    };
    for input in &mut inputs {
        for label in group_by {
            input.labels.entry((*label).to_owned()).or_insert_with(|| "a".to_owned());
        }
    }
    Some(inputs)
}

/// The selectors of all that the indicator counts; `None` as [`of`].
pub(super) fn watched(question: &Question) -> Option<Vec<Selector>> {
    let total = match &question.total {
        Side::Sum(one, other) => vec![selector(one)?, selector(other)?],
        total => vec![selector(total)?],
    };
    Some(total.into_iter().chain([selector(&question.part)?]).collect())
}

/// A sum of the increase or the rate of one counter, spaces left out.
static SUM_OF_ONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^sum(by\([^)]*\))?\((increase|rate)\((?<counter>.*)\[\{\{\.window\}\}\]\)\)(by\([^)]*\))?$",
    )
    .expect("an expression that is right")
});

/// The counter that a side counts, alone; `None` where it counts in another way.
fn selector(side: &Side) -> Option<Selector> {
    let text = match side {
        Side::Counter(text) => text.as_str(),
        Side::Query { text, .. } => {
            let compact: String = text.split_whitespace().collect();
            SUM_OF_ONE.is_match(&compact).then_some(text.as_str())?
        }
        Side::Sum(..) | Side::NativeHistogram { .. } => return None,
    };
    match promql::read(text).selectors.as_slice() {
        [selector] => Some(selector.clone()),
        _ => None,
    }
}

fn input(selector: &Selector, mut labels: Labels, counts: Counts) -> Option<Input> {
    let named = labels.remove("__name__");
    let metric = selector.metric.clone().or(named)?;
    Some(Input { metric, labels, counts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_over_one_counter_is_known_whichever_way_it_is_written() {
        let counter = |text: &str| {
            let side = Side::Query { text: text.to_owned(), per_second: true };
            selector(&side).and_then(|selector| selector.metric)
        };
        let known = [
            "sum(rate(a_total[{{.window}}]))",
            "sum by (route) (\n  increase( a_total{code=~\"(4|5)..\"}[{{ .window }}] )\n)",
            "sum(rate(a_total[{{.window}}])) by (route)",
        ];
        for text in known {
            assert_eq!(counter(text).as_deref(), Some("a_total"), "{text}");
        }
        let unknown = [
            "sum(rate(a_total[{{.window}}])) - sum(rate(b_total[{{.window}}]))",
            "sum(rate(a_total[{{.window}}] offset 1m))",
            "max(rate(a_total[{{.window}}]))",
            "sum(rate(a_total[{{.window}}])) # all",
        ];
        for text in unknown {
            assert_eq!(counter(text), None, "{text}");
        }
    }
}
