//! A Prometheus rule file as data.
//!
//! Source of the shapes: the Prometheus documentation, "Recording rules" and "Alerting rules".
use crate::kernel::units::Duration;
use std::collections::BTreeMap;

/// Recording and alerting rules, in groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFile {
    /// The groups, in the order in which they are written.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleGroup {
    /// Its name, unique in a file.
    pub name: String,
    /// How often it is evaluated; the server's default where not said.
    pub interval: Option<Duration>,
    /// What a Thanos ruler does where an answer lacks a part: `abort` or `warn`. Prometheus itself does
    /// not know the field.
    pub partial_response_strategy: Option<String>,
    /// The rules, in the order in which they are evaluated.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it makes.
    pub kind: RuleKind,
    /// The PromQL, as it is to stand in the file.
    pub expression: String,
    /// Labels that it adds.
    pub labels: BTreeMap<String, String>,
}

/// What a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// A series.
    Record {
        /// Name of the metric.
        name: String,
    },
    /// An alert.
    Alert {
        /// Its name.
        name: String,
        /// How long the expression has to hold before it fires.
        hold: Option<Duration>,
        /// What is told with it.
        annotations: BTreeMap<String, String>,
    },
}

impl Rule {
    /// A recording rule.
    pub fn record(name: impl Into<String>, expression: impl Into<String>) -> Self {
        let kind = RuleKind::Record { name: name.into() };
        Self { kind, expression: expression.into(), labels: BTreeMap::new() }
    }

    /// An alerting rule.
    pub fn alert(name: impl Into<String>, expression: impl Into<String>) -> Self {
        let kind = RuleKind::Alert { name: name.into(), hold: None, annotations: BTreeMap::new() };
        Self { kind, expression: expression.into(), labels: BTreeMap::new() }
    }

    /// The name of the metric or the alert.
    pub fn name(&self) -> &str {
        match &self.kind {
            RuleKind::Record { name } | RuleKind::Alert { name, .. } => name,
        }
    }

    /// The same rule with one more label.
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }
}
