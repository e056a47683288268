//! Burn rates, and the alerts on them.
use super::{
    Compiler, INTERVAL, alert, record,
    text::{stem, sum_by},
};
use crate::{
    domains::slo::{
        dialects::pyrra::{Burn, PyrraIndicator, Windows, print, quote},
        prometheus_rules::RuleGroup,
        promql::Operator,
        queries::seconds,
    },
    kernel::units::Duration,
};
use std::collections::BTreeSet;

/// Pyrra's name for the alerts, unless an objective has its own.
const ALERT: &str = "ErrorBudgetBurn";

impl Compiler<'_> {
    /// The group of burn rates.
    pub(super) fn burnrates(&self) -> RuleGroup {
        let windows = Burn::ALL.map(|burn| burn.windows(self.objective.window));
        let recorded: BTreeSet<Duration> =
            windows.iter().flat_map(|windows| [windows.short, windows.long]).collect();
        let labels = self.labels(&self.grouping());
        let record =
            |window: &Duration| record(self.name(*window), self.burnrate(*window), &labels);
        let mut rules: Vec<_> = recorded.iter().map(record).collect();
        if self.objective.alerting.burnrates {
            rules.extend(Burn::ALL.map(|burn| self.burn_alert(burn)));
        }
        self.group("", INTERVAL, rules)
    }

    /// The series of a burn rate, which is a share of bad events.
    fn name(&self, window: Duration) -> String {
        format!("{}:burnrate{window}", stem(&self.total().name, &["_total", "_count"]))
    }

    /// The share of bad events over a window.
    fn burnrate(&self, window: Duration) -> String {
        let grouping = self.grouping();
        let sum = |of: String| sum_by(&grouping, &of);
        match &self.objective.indicator {
            PyrraIndicator::Ratio { errors, total } => {
                let rate = |metric| sum(format!("rate({metric}[{window}])"));
                format!("{} / {}", rate(errors), rate(total))
            }
            PyrraIndicator::Latency { success, total } => {
                let rate = |metric| sum(format!("rate({}[{window}])", self.bounded(metric)));
                let (success, total) = (rate(success), rate(total));
                format!("({total} - {success}) / {total}")
            }
            PyrraIndicator::LatencyNative { total, latency } => {
                let rate = sum(format!("rate({total}[{window}])"));
                format!("1 - histogram_fraction(0, {}, {rate})", seconds(*latency))
            }
            PyrraIndicator::BoolGauge { metric } => {
                let over = |function| sum(format!("{function}({metric}[{window}])"));
                let (count, up) = (over("count_over_time"), over("sum_over_time"));
                format!("({count} - {up}) / {count}")
            }
        }
    }

    fn burn_alert(&self, burn: Burn) -> super::Rule {
        let Windows { long, short, hold } = burn.windows(self.objective.window);
        let grouping = self.grouping();
        // Labels that only an expression chooses are not recorded.
        let recorded = self.total().matchers.iter().filter(|matcher| {
            grouping.contains(matcher.label.as_str())
                || matches!(matcher.operator, Operator::Equal | Operator::NotEqual)
        });
        let mut matchers: Vec<String> = recorded.map(print).collect();
        matchers.push(format!("slo={}", quote(&self.objective.name)));
        matchers.sort();
        let matchers = matchers.join(",");
        let above = |window| {
            let (name, target) = (self.name(window), &self.objective.printed_target);
            format!("{name}{{{matchers}}} > ({} * (1-{target}))", burn.factor())
        };
        let mut labels = self.labels(&grouping);
        // The whole budget lasts that long, in full seconds.
        let window = self.objective.window.milliseconds();
        let exhaustion = Duration::from_seconds(window / 1000 / u64::from(burn.factor()));
        labels.insert("short".to_owned(), short.to_string());
        labels.insert("long".to_owned(), long.to_string());
        labels.insert("severity".to_owned(), self.objective.alerting.severity(burn).to_owned());
        labels.insert("exhaustion".to_owned(), exhaustion.to_string());
        let mut annotations = self.annotations();
        if let Some(url) = &self.options.external_url {
            let page = url.page(&self.objective.name, &self.objective.grouping);
            annotations.insert("pyrra_url".to_owned(), page);
        }
        let name = self.objective.alerting.name.as_deref().unwrap_or(ALERT);
        let expression = format!("{} and {}", above(short), above(long));
        alert(name, expression, hold, labels, annotations)
    }
}
