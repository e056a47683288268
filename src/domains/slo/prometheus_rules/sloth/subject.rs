//! What Sloth knows of an objective.
use super::super::{
    names::{ID_LABEL, SERVICE_LABEL, SLO_LABEL},
    standard::quoted,
};
use crate::{
    domains::slo::dialects::sloth::{
        level::ServiceLevel,
        windows::{Tier as Pair, Windows},
    },
    kernel::{source::Place, units::Duration},
};
use std::{collections::BTreeMap, sync::Arc};

/// Labels or annotations.
pub(super) type Texts = BTreeMap<String, String>;

/// An objective as Sloth has it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The document that it stands in.
    pub(super) document: Place,
    /// Which objective of the document.
    pub(super) index: usize,
    /// What the document becomes.
    pub(super) shape: Shape,
    /// Unique among all.
    pub(super) id: String,
    /// The service.
    pub(super) service: String,
    /// The name within the service.
    pub(super) name: String,
    /// Share of events that is to be good, in percent.
    pub(super) objective: f64,
    /// Window of the objective.
    pub(super) period: Duration,
    /// Labels of its series.
    pub(super) labels: Texts,
    /// What is measured.
    pub(super) measured: Measured,
    /// Windows of its recordings, sorted, without the period.
    pub(super) windows: Vec<Duration>,
    /// The window that says how fast the budget is spent now, and that makes up the period.
    pub(super) base: Duration,
    /// The alert that wakes someone.
    pub(super) page: Option<Alert>,
    /// The alert that is looked at in working hours.
    pub(super) ticket: Option<Alert>,
    /// Which rules there are.
    pub(super) parts: Parts,
    /// The language of its document.
    pub(super) spec: &'static str,
}

/// What a document of objectives becomes.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A part of a rule file. `mode` is how Sloth calls the way it came to it.
    RuleFile { mode: &'static str },
    /// A `PrometheusRule` of the same name.
    Resource(Arc<ServiceLevel>),
}

impl Shape {
    /// How Sloth calls the way in which it came to the rules.
    pub(super) fn mode(&self) -> &'static str {
        match self {
            Self::RuleFile { mode } => mode,
            Self::Resource(_) => "cli-gen-k8s",
        }
    }
}

/// What is measured: queries with `{{.window}}`.
#[derive(Clone, Debug)]
pub(super) enum Measured {
    /// Bad and all events.
    Events { error: String, total: String },
    /// The share of bad events.
    Ratio(String),
}

/// Which rules an objective has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Parts {
    /// Ratios of errors.
    pub(super) ratios: bool,
    /// Whether the ratio over the period is made of those over the shortest window.
    pub(super) optimized: bool,
    /// What is known without measuring.
    pub(super) about: bool,
    /// Alerts.
    pub(super) alerts: bool,
}

impl Parts {
    /// All of them.
    pub(super) const ALL: Self = Self { ratios: true, optimized: true, about: true, alerts: true };
}

/// One of the two alerts.
#[derive(Clone, Debug)]
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) labels: Texts,
    pub(super) annotations: Texts,
    /// Two pairs of windows, either of which makes it fire.
    pub(super) tiers: [Tier; 2],
}

/// A pair of windows and the burn rate that both have to exceed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tier {
    pub(super) short: Duration,
    pub(super) long: Duration,
    pub(super) factor: f64,
}

impl Tier {
    /// The burn rate at which a share of the period's budget is spent in the long window.
    ///
    /// In percent and hours, in this order of operations.
    pub(super) fn of(pair: &Pair, period: Duration) -> Self {
        let spent = pair.budget_percent * hours(period) / 100.0;
        Self { short: pair.short, long: pair.long, factor: spent / hours(pair.long) }
    }

    /// The two pairs of an alert.
    pub(super) fn pairs(pairs: &[Pair; 2], period: Duration) -> [Self; 2] {
        pairs.map(|pair| Self::of(&pair, period))
    }
}

/// Hours as Go's `time.Duration` has them: whole ones, and the rest of one.
pub(super) fn hours(length: Duration) -> f64 {
    const HOUR: u64 = 3_600_000;
    let milliseconds = length.milliseconds();
    (milliseconds / HOUR) as f64 + (milliseconds % HOUR) as f64 / HOUR as f64
}

/// The windows of all four pairs, sorted, each once.
pub(super) fn recorded(windows: &Windows) -> Vec<Duration> {
    distinct(windows.tiers().into_iter().flat_map(|tier| [tier.short, tier.long]))
}

/// Lengths sorted, each once.
pub(super) fn distinct(lengths: impl IntoIterator<Item = Duration>) -> Vec<Duration> {
    let mut lengths: Vec<Duration> = lengths.into_iter().collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

impl Subject {
    /// The three labels that tell it from all others.
    pub(super) fn identity(&self) -> Texts {
        let pairs = [(ID_LABEL, &self.id), (SERVICE_LABEL, &self.service), (SLO_LABEL, &self.name)];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
    }

    /// Those labels in braces, as a selector has them.
    pub(super) fn selector(&self) -> String {
        let identity = self.identity();
        let matchers: Vec<String> =
            identity.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect();
        format!("{{{}}}", matchers.join(", "))
    }
}
