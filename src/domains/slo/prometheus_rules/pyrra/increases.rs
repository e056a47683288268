//! Events of a whole window, and the alerts on absent metrics.
use super::{
    Compiler, INTERVAL, alert, record,
    text::{stem, sum, sum_by},
};
use crate::{
    domains::slo::{
        dialects::pyrra::{ABSENT_SEVERITY, Burn, Metric, PyrraIndicator, Windows},
        prometheus_rules::{Rule, RuleGroup},
        queries::seconds,
    },
    kernel::units::Duration,
};
use std::collections::{BTreeMap, BTreeSet};

/// Pyrra's name for the alert on an absent metric, unless an objective has its own.
const ALERT: &str = "SLOMetricAbsent";
/// The short window that long ones are summed up from.
const STEP: Duration = Duration::from_minutes(5);

/// Rules over short windows and over the long one, for they may be evaluated by different servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Increases {
    short: RuleGroup,
    long: RuleGroup,
    is_split: bool,
}

impl Increases {
    /// One group with all rules.
    pub(super) fn joined(&self) -> RuleGroup {
        let rules = self.short.rules.iter().chain(&self.long.rules).cloned().collect();
        RuleGroup { rules, ..self.long.clone() }
    }

    /// Two groups, where the rules are split.
    pub(super) fn split(&self) -> Option<(RuleGroup, RuleGroup)> {
        self.is_split.then(|| (self.short.clone(), self.long.clone()))
    }
}

/// What is counted over a window: a metric, how, and the name that it is recorded under.
struct Count<'m> {
    metric: &'m Metric,
    function: &'static str,
    /// Behind the metric's stem: `increase`, `count` or `sum`.
    word: &'static str,
    /// The metric without endings.
    stem: &'m str,
    /// More labels of the rules: the bound of a bucket.
    labels: BTreeMap<String, String>,
    /// A condition on what is recorded, which the metric does not have.
    recorded: Option<(&'static str, &'static str)>,
    /// Whether the metric's absence is alerted on.
    watched: bool,
}

impl<'m> Count<'m> {
    fn increase(metric: &'m Metric) -> Self {
        Self {
            metric,
            function: "increase",
            word: "increase",
            stem: stem(&metric.name, &["_total", "_count", "_bucket"]),
            labels: BTreeMap::new(),
            recorded: None,
            watched: true,
        }
    }

    fn samples(metric: &'m Metric, function: &'static str, word: &'static str) -> Self {
        Self { function, word, stem: &metric.name, watched: false, ..Self::increase(metric) }
    }

    fn name(&self, window: Duration) -> String {
        format!("{}:{}{window}", self.stem, self.word)
    }
}

impl Compiler<'_> {
    /// The group of increases.
    pub(super) fn increases(&self) -> Increases {
        let (short, long) = match &self.objective.indicator {
            PyrraIndicator::Ratio { errors, total } => self.ratio(errors, total),
            PyrraIndicator::Latency { success, total } => self.latency(success, total),
            PyrraIndicator::LatencyNative { total, latency } => {
                (Vec::new(), self.native(total, *latency))
            }
            PyrraIndicator::BoolGauge { metric } => self.gauge(metric),
        };
        Increases {
            is_split: !short.is_empty(),
            short: self.group("-increase", INTERVAL, short),
            long: self.group("-increase", interval(self.objective.window), long),
        }
    }

    fn ratio(&self, errors: &Metric, total: &Metric) -> (Vec<Rule>, Vec<Rule>) {
        let grouping = self.increase_grouping(errors, total);
        let mut rules = Rules::new(self, grouping);
        let total_count = Count::increase(total);
        rules.count(&total_count);
        rules.absent(&total_count);
        if errors.name != total.name {
            let errors = Count::increase(errors);
            rules.count(&errors);
            rules.absent(&errors);
        }
        rules.done()
    }

    fn latency(&self, success: &Metric, total: &Metric) -> (Vec<Rule>, Vec<Rule>) {
        let grouping = self.increase_grouping(success, total);
        let bound = success.matcher("le").map_or("", |bound| bound.value.as_str());
        let (success, total) = (self.bounded(success), self.bounded(total));
        let labels = BTreeMap::from([("le".to_owned(), bound.to_owned())]);
        // Both are recorded under one name, and the bound tells them apart.
        let total = Count { recorded: Some(("le", "")), ..Count::increase(&total) };
        let success = Count { labels, ..Count::increase(&success) };
        let mut rules = Rules::new(self, grouping);
        rules.count(&total);
        rules.count(&success);
        rules.absent(&total);
        rules.absent(&success);
        rules.done()
    }

    /// Native histograms are recorded as counts, for nothing else of them is needed. They are not split,
    /// and nothing watches for their absence.
    fn native(&self, total: &Metric, latency: Duration) -> Vec<Rule> {
        let window = self.objective.window;
        let name = Count::increase(total).name(window);
        let grouping = self.objective.grouping.iter().map(String::as_str);
        let histogram = sum(grouping, &format!("increase({total}[{window}])"));
        let bound = seconds(latency);
        let mut labels = self.labels(&BTreeSet::new());
        let all = record(name.clone(), format!("histogram_count({histogram})"), &labels);
        labels.insert("le".to_owned(), bound.clone());
        let fraction = format!("histogram_fraction(0, {bound}, {histogram})");
        let good = format!("{fraction} * histogram_count({histogram})");
        vec![all, record(name, good, &labels)]
    }

    fn gauge(&self, metric: &Metric) -> (Vec<Rule>, Vec<Rule>) {
        let mut grouping: BTreeSet<&str> = self.grouping();
        grouping.extend(metric.labels());
        let mut rules = Rules::new(self, grouping);
        rules.count(&Count::samples(metric, "count_over_time", "count"));
        rules.count(&Count::samples(metric, "sum_over_time", "sum"));
        rules.absent(&Count::increase(metric));
        rules.done()
    }

    /// What increases are grouped by: also labels that only the part has, and those that an expression
    /// chooses, so that what is recorded can be asked in the same words.
    fn increase_grouping<'m>(&'m self, part: &'m Metric, total: &'m Metric) -> BTreeSet<&'m str> {
        let mut grouping = self.grouping();
        let of_total = total.labels();
        grouping.extend(part.labels().difference(&of_total).filter(|label| **label != "le"));
        grouping.extend(total.expressions());
        grouping
    }

    /// For how long a metric has to be absent: as long as an outage takes to fire the most urgent alert.
    fn absent_for(&self) -> Duration {
        let Windows { long, hold, .. } = Burn::Fast.windows(self.objective.window);
        // Go cuts off to seconds what it computes from the target as it is printed.
        let target: f64 =
            self.objective.printed_target.parse().unwrap_or(self.objective.target.as_f64());
        let threshold = f64::from(Burn::Fast.factor()) * (1.0 - target);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "zero or more, and at most fourteen windows"
        )]
        let detected = (threshold * long.seconds()) as u64;
        let seconds = detected + hold.whole_seconds();
        Duration::from_minutes((seconds + 30) / 60)
    }
}

/// Rules in the making.
struct Rules<'c, 'o> {
    compiler: &'c Compiler<'o>,
    grouping: BTreeSet<&'c str>,
    labels: BTreeMap<String, String>,
    short: Vec<Rule>,
    long: Vec<Rule>,
}

impl<'c, 'o> Rules<'c, 'o> {
    fn new(compiler: &'c Compiler<'o>, grouping: BTreeSet<&'c str>) -> Self {
        let labels = compiler.labels(&grouping);
        Self { compiler, grouping, labels, short: Vec::new(), long: Vec::new() }
    }

    fn labels(&self, count: &Count<'_>) -> BTreeMap<String, String> {
        self.labels.clone().into_iter().chain(count.labels.clone()).collect()
    }

    /// Records a count over the window: directly, or summed up from counts over short windows.
    fn count(&mut self, count: &Count<'_>) {
        let window = self.compiler.objective.window;
        let labels = self.labels(count);
        let over = |window| {
            sum_by(&self.grouping, &format!("{}({}[{window}])", count.function, count.metric))
        };
        if !self.compiler.objective.performance_over_accuracy {
            self.long.push(record(count.name(window), over(window), &labels));
            return;
        }
        self.short.push(record(count.name(STEP), over(STEP), &labels));
        let mut recorded = count.metric.called(count.name(STEP));
        if let Some((label, value)) = count.recorded {
            recorded = recorded.with(label, value);
        }
        let summed = format!("sum_over_time({recorded}[{window}:{STEP}])");
        self.long.push(record(count.name(window), sum_by(&self.grouping, &summed), &labels));
    }

    /// Alerts on the absence of a metric, if that is asked for.
    fn absent(&mut self, count: &Count<'_>) {
        let alerting = &self.compiler.objective.alerting;
        if !alerting.absent || !count.watched {
            return;
        }
        let mut labels = self.labels(count);
        let severity = alerting.absent_severity.as_deref().unwrap_or(ABSENT_SEVERITY);
        labels.insert("severity".to_owned(), severity.to_owned());
        let rule = alert(
            alerting.absent_name.as_deref().unwrap_or(ALERT),
            format!("absent({}) == 1", count.metric),
            self.compiler.absent_for(),
            labels,
            self.compiler.annotations(),
        );
        if self.compiler.objective.performance_over_accuracy {
            self.short.push(rule);
        } else {
            self.long.push(rule);
        }
    }

    fn done(self) -> (Vec<Rule>, Vec<Rule>) {
        (self.short, self.long)
    }
}

/// How often increases over a window are computed: half a minute more for every week.
fn interval(window: Duration) -> Duration {
    let weeks = window.milliseconds() / Duration::from_days(7).milliseconds();
    Duration::from_seconds(30 * (1 + weeks.min(7)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_windows_are_computed_less_often() {
        let interval = |days| interval(Duration::from_days(days)).whole_seconds();
        assert_eq!(
            [6, 7, 13, 14, 21, 28, 35, 42, 48, 49, 400].map(interval),
            [30, 60, 60, 90, 120, 150, 180, 210, 210, 240, 240]
        );
    }
}
