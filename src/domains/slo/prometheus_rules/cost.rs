//! What rules cost: how many series they make, and how many samples they read.
//!
//! An evaluation of a rule reads, for each selector of its expression,
//! ```text
//! samples = series of the selector · steps of the subqueries around it · (range / time between samples)
//! ```
//! where the last factor is 1 for a selector without a range. Samples of a metric that the rules record
//! lie as far apart as rules are evaluated, those of all others as far as the server scrapes. That is what
//! a server counts as "samples queried", and what its time and memory for queries grow with; how many
//! series a selector of an indicator has, the rules do not say, so that its samples are counted for each
//! such series.
//!
//! Source: the Prometheus documentation, "Querying basics" (a range selector returns all samples of its
//! range, a subquery is evaluated at each of its steps) and "Query stats".
use super::{Rule, RuleGroup, RuleKind};
use crate::{domains::slo::promql, kernel::units::Duration};
use std::collections::BTreeSet;

/// How far samples are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// From scrape to scrape.
    pub scrape: Duration,
    /// From evaluation to evaluation, for groups that do not say.
    pub evaluation: Duration,
}

/// What a group of rules costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Series that it records, for each combination of the labels that budgets are grouped by.
    pub series: u64,
    /// Alerts that it may raise, counted in the same way.
    pub alerts: u64,
    /// Samples that one evaluation reads of each series of the indicator.
    pub of_each_series: f64,
    /// Samples that one evaluation reads of what the rules record.
    pub of_recorded: f64,
    /// Rules whose samples are not counted, because their PromQL is not understood here.
    pub unknown: u64,
    /// Seconds from one evaluation to the next.
    pub seconds: f64,
}

impl Cost {
    /// What the group costs.
    pub fn of(group: &RuleGroup, intervals: Intervals) -> Self {
        let evaluation = group.interval.unwrap_or(intervals.evaluation);
        let recorded: BTreeSet<&str> = group.rules.iter().map(Rule::name).collect();
        let mut cost = Self { seconds: evaluation.seconds(), ..Self::default() };
        for rule in &group.rules {
            match rule.kind {
                RuleKind::Record { .. } => cost.series += 1,
                RuleKind::Alert { .. } => cost.alerts += 1,
            }
            let Some(reads) = promql::reads(&rule.expression, evaluation) else {
                cost.unknown += 1;
                continue;
            };
            for read in reads {
                let is_recorded = read.metric.is_some_and(|name| recorded.contains(name.as_str()));
                let apart = if is_recorded { evaluation } else { intervals.scrape };
                let samples = read.range.map_or(1.0, |range| range.ratio(apart).max(1.0));
                let sum =
                    if is_recorded { &mut cost.of_recorded } else { &mut cost.of_each_series };
                *sum += read.times * samples;
            }
        }
        cost
    }

    /// Samples a second, with so many series for each selector of the indicator.
    pub fn samples_per_second(&self, series: u64) -> f64 {
        (self.of_each_series * series as f64 + self.of_recorded) / self.seconds.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(rules: Vec<Rule>) -> Cost {
        let group = RuleGroup { rules, ..RuleGroup::default() };
        let [scrape, evaluation] = [30, 60].map(Duration::from_seconds);
        Cost::of(&group, Intervals { scrape, evaluation })
    }

    #[test]
    fn samples_are_counted_by_range_and_step() {
        let of = |expression: &str| {
            let cost = cost(vec![Rule::record("a:b", expression)]);
            assert_eq!((cost.series, cost.unknown), (1, 0), "{expression}");
            (cost.of_each_series, cost.of_recorded)
        };
        assert_eq!(of("sum(rate(a[5m])) / sum(rate(b[5m]))"), (20.0, 0.0));
        assert_eq!(of("sum(a) + vector(time())"), (1.0, 0.0));
        assert_eq!(of("avg_over_time(a:b[1h])"), (0.0, 60.0));
        assert_eq!(of("sum_over_time(a:b{c=\"d\"}[1d:1h])"), (0.0, 25.0));
        assert_eq!(
            of("sum_over_time((a:b and on () (a offset 5m == on () a @ end()))[1h:5m])"),
            (26.0, 13.0)
        );
        assert_eq!(of("topk(5, sum by (x) (increase(a[1h])))"), (120.0, 0.0));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        let cost = cost(vec![Rule::record("a:b", "a[5m + 1m]"), Rule::alert("C", "a:b > 1")]);
        assert_eq!((cost.series, cost.alerts, cost.unknown), (1, 1, 1));
        assert!((cost.samples_per_second(3) - 1.0 / 60.0).abs() < 1e-12);
    }
}
