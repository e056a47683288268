//! Results as samples for OpenMetrics, so that a dashboard can show the same number.
use crate::kernel::units::Instant;

/// What kind of values a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Values that go up and down.
    Gauge,
    /// Values that only grow; its samples are named `…_total`.
    Counter,
    /// Facts in labels, always 1; its samples are named `…_info`.
    Info,
}

/// One sample of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
    pub(super) at: Option<Instant>,
}

impl Sample {
    /// A sample without labels. What was not measured has no sample.
    pub fn new(value: f64) -> Self {
        Self { labels: Vec::new(), value, at: None }
    }

    /// Adds a label; the first of several of the same name stands.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((name.into(), value.into()));
        self
    }

    /// When it was so, where that is not now.
    #[must_use]
    pub fn at(mut self, at: Instant) -> Self {
        self.at = Some(at);
        self
    }
}

/// Samples of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricFamily {
    pub(super) name: String,
    pub(super) kind: MetricKind,
    pub(super) unit: Option<String>,
    pub(super) help: String,
    pub(super) samples: Vec<Sample>,
}

impl MetricFamily {
    fn new(name: impl Into<String>, kind: MetricKind, help: impl Into<String>) -> Self {
        Self { name: name.into(), kind, unit: None, help: help.into(), samples: Vec::new() }
    }

    /// Values that go up and down.
    pub fn gauge(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name, MetricKind::Gauge, help)
    }

    /// Values that only grow, named without `_total`.
    pub fn counter(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name, MetricKind::Counter, help)
    }

    /// Facts in labels, named without `_info`.
    pub fn info(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name, MetricKind::Info, help)
    }

    /// The unit, such as `ratio` or `seconds`; the name must end with it.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Adds a sample.
    #[must_use]
    pub fn sample(mut self, sample: Sample) -> Self {
        self.samples.push(sample);
        self
    }

    /// Adds samples.
    #[must_use]
    pub fn samples(mut self, samples: impl IntoIterator<Item = Sample>) -> Self {
        self.samples.extend(samples);
        self
    }
}
