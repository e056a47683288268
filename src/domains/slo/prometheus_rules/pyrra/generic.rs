//! Rules under names that all objectives share, for dashboards over many of them.
use super::{Compiler, INTERVAL, record, text::stem};
use crate::domains::slo::{
    dialects::pyrra::{Metric, PyrraIndicator},
    prometheus_rules::RuleGroup,
    queries::seconds,
};

impl Compiler<'_> {
    /// The group of generic rules. `None` for an objective with grouping, for which Pyrra has none; it
    /// does have them for native histograms, then over all groups.
    pub(super) fn generic(&self) -> Option<RuleGroup> {
        let native = matches!(self.objective.indicator, PyrraIndicator::LatencyNative { .. });
        if !native && !self.objective.grouping.is_empty() {
            return None;
        }
        let mut labels = self.common_labels();
        if self.objective.rule_output.description_as_label {
            labels.insert("description".to_owned(), self.objective.description.clone());
        }
        let objective = self.objective;
        let mut rules = vec![
            ("pyrra_objective", objective.printed_target.clone()),
            ("pyrra_window", objective.window.whole_seconds().to_string()),
        ];
        match &objective.indicator {
            PyrraIndicator::Ratio { errors, total } => {
                let (errors_over, total_over) = (self.increased(errors), self.increased(total));
                let availability =
                    format!("1 - sum({errors_over} or vector(0)) / sum({total_over})");
                let rate = |metric| format!("sum(rate({metric}[5m]))");
                rules.push(("pyrra_availability", availability));
                rules.push(("pyrra_requests:rate5m", rate(total)));
                rules.push(("pyrra_errors:rate5m", format!("{} or vector(0)", rate(errors))));
            }
            PyrraIndicator::Latency { success, total } => {
                let good = self.bounded(&self.increased(success));
                let all = self.bounded(&self.increased(total)).with("le", "");
                let rate = |metric| format!("sum(rate({}[5m]))", self.bounded(metric));
                let availability = format!("sum({good} or vector(0)) / sum({all})");
                rules.push(("pyrra_availability", availability));
                rules.push(("pyrra_requests:rate5m", rate(total)));
                let errors = format!("{} - {}", rate(total), rate(success));
                rules.push(("pyrra_errors:rate5m", errors));
            }
            PyrraIndicator::LatencyNative { total, latency } => {
                let all = self.increased(total);
                let good = all.clone().with("le", &seconds(*latency));
                let all = all.with("le", "");
                let availability = format!("sum({good} or vector(0)) / sum({all})");
                rules.push(("pyrra_availability", availability));
            }
            PyrraIndicator::BoolGauge { metric } => {
                let over = |word| {
                    let name = format!("{}:{word}{}", metric.name, objective.window);
                    format!("sum({})", metric.called(name).with("slo", &objective.name))
                };
                let (count, up) = (over("count"), over("sum"));
                rules.push(("pyrra_availability", format!("{up} / {count}")));
                rules.push(("pyrra_requests:rate5m", count.clone()));
                rules.push(("pyrra_errors:rate5m", format!("{count} - {up}")));
            }
        }
        let rules = rules.into_iter().map(|(name, text)| record(name.to_owned(), text, &labels));
        Some(self.group("-generic", INTERVAL, rules.collect()))
    }

    /// What of a metric was recorded over the window.
    fn increased(&self, metric: &Metric) -> Metric {
        let stem = stem(&metric.name, &["_total", "_count", "_bucket"]);
        let name = format!("{stem}:increase{}", self.objective.window);
        metric.called(name).with("slo", &self.objective.name)
    }
}
