//! Pyrra's rules: burn rates with their alerts, increases with the alerts on absent metrics, and, on
//! request, generic rules.
//!
//! Names, labels, expressions and thresholds are those that Pyrra writes for the same objective, its
//! oddities included: `…:burnrate5m` is an error ratio, and thresholds are computed in binary. Dashboards
//! and Alertmanager routes made for Pyrra go on working. Source: Pyrra, `slo/rules.go`.
mod burnrates;
mod generic;
mod increases;
mod text;

use super::{Rule, RuleFile, RuleGroup, RuleKind, resource::PrometheusRule};
use crate::{
    domains::slo::{
        dialects::pyrra::{
            Burn, Metric, PROPAGATED, PartialResponse, PyrraIndicator, PyrraObjective, Raised,
            raise,
        },
        resolve::ResolvedObjective,
    },
    kernel::{
        spec::Loss,
        units::{Duration, Ratio},
    },
};
use std::collections::{BTreeMap, BTreeSet};

pub use text::{ExternalUrl, ExternalUrlError};

/// How rules are written.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where Pyrra's pages are; alerts lead there.
    pub external_url: Option<ExternalUrl>,
    /// Whether generic rules are written, whose names are the same for all objectives.
    pub generic: bool,
    /// Whether whole bounds of buckets match as both Prometheus 2 and Prometheus 3 write them.
    pub prometheus_3: bool,
}

/// The rules of one objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectiveRules {
    /// Its name.
    pub name: String,
    /// Where it lives in Kubernetes.
    pub namespace: Option<String>,
    /// Labels of the object that holds the rules.
    labels: BTreeMap<String, String>,
    short_labels: BTreeMap<String, String>,
    long_labels: BTreeMap<String, String>,
    increases: increases::Increases,
    /// Burn rates, and the alerts on them.
    pub burnrates: RuleGroup,
    /// Alerts that no error ratio can fire, with the arithmetic; Pyrra writes them all the same.
    pub silent: Vec<String>,
    /// Rules under names that all objectives share; `None` where not asked for, and with grouping, for
    /// which Pyrra has none.
    pub generic: Option<RuleGroup>,
}

impl ObjectiveRules {
    /// All increases and the alerts on absent metrics, in one group.
    pub fn increases(&self) -> RuleGroup {
        self.increases.joined()
    }

    /// All groups, as they stand in one file.
    pub fn groups(&self) -> Vec<RuleGroup> {
        let groups = [self.increases(), self.burnrates.clone()];
        groups.into_iter().chain(self.generic.clone()).collect()
    }

    /// The same as Kubernetes objects: one; or two where accuracy gives way to speed, one with the rules
    /// over short windows, for Prometheus, and one with those over the long window, for a ruler that has
    /// longer history.
    pub fn objects(&self) -> Vec<PrometheusRule> {
        let object = |suffix: &str, own: &BTreeMap<String, String>, groups| PrometheusRule {
            name: format!("{}{suffix}", self.name),
            namespace: self.namespace.clone(),
            labels: self.labels.iter().chain(own).map(|(k, v)| (k.clone(), v.clone())).collect(),
            groups,
        };
        match self.increases.split() {
            None => vec![object("", &BTreeMap::new(), self.groups())],
            Some((short, long)) => {
                let long = [long].into_iter().chain(self.generic.clone()).collect();
                let short = vec![short, self.burnrates.clone()];
                vec![
                    object("-short", &self.short_labels, short),
                    object("-long", &self.long_labels, long),
                ]
            }
        }
    }
}

/// The rules of an objective, and what of it Pyrra's rules do not hold.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rules; `None` where Pyrra cannot measure the objective, which is among the losses.
    pub rules: Option<ObjectiveRules>,
    /// What of the objective is lost.
    pub losses: Vec<Loss>,
}

/// Compiles an objective, over its first window, whichever language it is written in.
pub fn rules_of(objective: &ResolvedObjective<'_>, options: &Options) -> Compiled {
    let Raised { objective, losses } = raise(objective);
    Compiled { rules: objective.map(|objective| compile(&objective, options)), losses }
}

/// The rules of objectives as one file.
pub fn file(objectives: &[ObjectiveRules]) -> RuleFile {
    RuleFile { groups: objectives.iter().flat_map(ObjectiveRules::groups).collect() }
}

/// Compiles an objective.
fn compile(objective: &PyrraObjective, options: &Options) -> ObjectiveRules {
    let compiler = Compiler { objective, options };
    ObjectiveRules {
        name: objective.name.clone(),
        namespace: objective.namespace.clone(),
        labels: objective.labels.clone(),
        short_labels: objective.rule_output.short_labels.clone(),
        long_labels: objective.rule_output.long_labels.clone(),
        increases: compiler.increases(),
        burnrates: compiler.burnrates(),
        silent: silent(objective),
        generic: options.generic.then(|| compiler.generic()).flatten(),
    }
}

/// Alerts whose threshold is 100 % or more.
fn silent(objective: &PyrraObjective) -> Vec<String> {
    let budget = objective.target.complement();
    // In parts of a ratio: exact.
    let threshold = |burn: Burn| u64::from(burn.factor()) * u64::from(budget.parts());
    Burn::ALL
        .into_iter()
        .filter(|burn| {
            objective.alerting.burnrates && threshold(*burn) >= u64::from(Ratio::PARTS)
        })
        .map(|burn| {
            let percent = threshold(burn) as f64 / f64::from(Ratio::ONE_PERCENT.parts());
            format!(
                "`{burn}` of `{}` never fires: {} × {} is {percent}%, and no error ratio is above 100%",
                objective.name,
                burn.factor(),
                budget.percent()
            )
        })
        .collect()
}

/// How often most groups are evaluated.
const INTERVAL: Duration = Duration::from_seconds(30);

/// What all rules of an objective are made from.
struct Compiler<'o> {
    objective: &'o PyrraObjective,
    options: &'o Options,
}

impl Compiler<'_> {
    fn group(&self, suffix: &str, interval: Duration, rules: Vec<Rule>) -> RuleGroup {
        let strategy = self.objective.partial_response.and_then(PartialResponse::name);
        RuleGroup {
            name: format!("{}{suffix}", self.objective.name),
            interval: Some(interval),
            partial_response_strategy: strategy.map(str::to_owned),
            rules,
        }
    }

    /// The metric that counts all events.
    fn total(&self) -> &Metric {
        match &self.objective.indicator {
            PyrraIndicator::Ratio { total, .. }
            | PyrraIndicator::Latency { total, .. }
            | PyrraIndicator::LatencyNative { total, .. } => total,
            PyrraIndicator::BoolGauge { metric } => metric,
        }
    }

    /// A metric of a classic histogram, whose bounds Prometheus 3 may write with a point.
    fn bounded(&self, metric: &Metric) -> Metric {
        let metric = metric.clone();
        if self.options.prometheus_3 { metric.for_prometheus_3() } else { metric }
    }

    /// The labels of every rule: the objective's name, and those that are to go there.
    fn common_labels(&self) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::from([("slo".to_owned(), self.objective.name.clone())]);
        labels.extend(propagated(&self.objective.labels));
        labels
    }

    /// The common labels, and those that all events have, but not those that the rules group by.
    fn labels(&self, grouping: &BTreeSet<&str>) -> BTreeMap<String, String> {
        let mut labels = self.common_labels();
        for (label, value) in self.total().fixed() {
            labels.insert(label.to_owned(), value.to_owned());
        }
        labels.retain(|label, _| !grouping.contains(label.as_str()));
        labels
    }

    /// The annotations of every alert.
    fn annotations(&self) -> BTreeMap<String, String> {
        propagated(&self.objective.annotations).collect()
    }

    /// The labels that are grouped by, sorted.
    fn grouping(&self) -> BTreeSet<&str> {
        self.objective.grouping.iter().map(String::as_str).collect()
    }
}

/// What goes on rules, under the names that it has there.
fn propagated(texts: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    texts
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(PROPAGATED)?.to_owned(), value.clone())))
}

/// A recording rule with labels.
fn record(name: String, expression: String, labels: &BTreeMap<String, String>) -> Rule {
    Rule { labels: labels.clone(), ..Rule::record(name, expression) }
}

/// An alerting rule with everything that it has.
fn alert(
    name: &str,
    expression: String,
    hold: Duration,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
) -> Rule {
    let hold = (!hold.is_zero()).then_some(hold);
    let kind = RuleKind::Alert { name: name.to_owned(), hold, annotations };
    Rule { kind, expression, labels }
}
