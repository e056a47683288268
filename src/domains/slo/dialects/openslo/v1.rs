//! The types of `openslo/v1`, which the other versions are read into.
use super::{
    any::Any,
    duration::{Shorthand, StartTime},
    metadata::Metadata,
};
use crate::kernel::{spec::Field, time::Zone};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `spec` of a `Service`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// What it is.
    pub description: Option<Field<String>>,
}

/// The `spec` of a `DataSource`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataSourceSpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// What is asked: `Prometheus`, `Datadog`.
    #[serde(rename = "type")]
    pub type_: Field<String>,
    /// How it is reached, in the words of what is asked.
    pub connection_details: Field<Any>,
}

/// The `spec` of an `SLI`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SliSpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// A value that objectives compare with theirs.
    pub threshold_metric: Option<Field<Metric>>,
    /// Good or bad events over all events, or a ratio.
    pub ratio_metric: Option<Field<RatioMetric>>,
}

/// What is measured.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metric {
    /// Where, and how it is asked.
    pub metric_source: Field<MetricSource>,
}

/// Where something is measured, and how it is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricSource {
    /// Name of a `DataSource`.
    pub metric_source_ref: Option<Field<String>>,
    /// What is asked, where no data source says it.
    #[serde(rename = "type")]
    pub type_: Option<Field<String>>,
    /// The question, in the words of what is asked.
    pub spec: Field<BTreeMap<String, Field<Any>>>,
    /// How an unnamed data source is reached, in versions that have it.
    #[serde(skip)]
    pub connection_details: Option<Field<Any>>,
}

/// Good or bad events over all events, or a ratio.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RatioMetric {
    /// Whether the metrics are counters, which only grow.
    pub counter: Option<Field<bool>>,
    /// Good events.
    pub good: Option<Field<Metric>>,
    /// Bad events.
    pub bad: Option<Field<Metric>>,
    /// All events.
    pub total: Option<Field<Metric>>,
    /// A ratio that is computed elsewhere.
    pub raw: Option<Field<Metric>>,
    /// What the ratio is a share of.
    pub raw_type: Option<Field<RawType>>,
}

/// What a ratio is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawType {
    /// Good events.
    Success,
    /// Bad events.
    Failure,
}

/// The `spec` of an `SLO`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SloSpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// The service it speaks of.
    pub service: Field<String>,
    /// What is measured, written here.
    pub indicator: Option<Field<InlineSli>>,
    /// Name of an `SLI`.
    pub indicator_ref: Option<Field<String>>,
    /// The window: exactly one.
    pub time_window: Option<Field<Vec<Field<TimeWindow>>>>,
    /// How the budget is counted.
    pub budgeting_method: Field<BudgetingMethod>,
    /// What is promised.
    pub objectives: Option<Field<Vec<Field<Objective>>>>,
    /// When to alert.
    pub alert_policies: Option<Field<Vec<Field<PolicyItem>>>>,
    /// Whether objectives with indicators of their own stand each for itself, as in `v1alpha`; else they
    /// make up a composite.
    #[serde(skip)]
    pub separate: bool,
}

/// An `SLI` that is written inside an `SLO`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InlineSli {
    /// What it says of itself.
    pub metadata: Option<Field<Metadata>>,
    /// What is measured.
    pub spec: Field<SliSpec>,
}

/// A window.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeWindow {
    /// Its length.
    pub duration: Field<Shorthand>,
    /// Whether it ends now.
    pub is_rolling: Option<Field<bool>>,
    /// When it begins, where it does not roll.
    pub calendar: Option<Field<Calendar>>,
}

/// When windows of a calendar begin.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Calendar {
    /// The beginning of one of them.
    pub start_time: Field<StartTime>,
    /// In which zone.
    pub time_zone: Field<Zone>,
}

/// How a budget is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum BudgetingMethod {
    /// By events.
    Occurrences,
    /// By good slices of time.
    Timeslices,
    /// By the mean of the slices' ratios.
    RatioTimeslices,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Below.
    Lt,
    /// Not above.
    Lte,
    /// Above.
    Gt,
    /// Not below.
    Gte,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Lt, Self::Lte, Self::Gt, Self::Gte];

    /// The operator of PromQL.
    pub fn promql(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
        }
    }
}

/// What is promised.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Objective {
    /// What people call it.
    pub display_name: Option<Field<String>>,
    /// How a threshold is compared with `value`.
    pub op: Option<Field<Op>>,
    /// What a threshold is compared with.
    pub value: Option<Field<f64>>,
    /// Share that is to be good, below 1.
    pub target: Option<Field<f64>>,
    /// The same in percent, below 100.
    pub target_percent: Option<Field<f64>>,
    /// Share of a slice that is to be good for the slice to be.
    pub time_slice_target: Option<Field<f64>>,
    /// Length of a slice.
    pub time_slice_window: Option<Field<Shorthand>>,
    /// What is measured, in a composite.
    pub indicator: Option<Field<InlineSli>>,
    /// Name of an `SLI`, in a composite.
    pub indicator_ref: Option<Field<String>>,
    /// How much it weighs in a composite.
    pub composite_weight: Option<Field<f64>>,
}

/// An `AlertPolicy`, by name or written here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyItem {
    /// Its name.
    pub alert_policy_ref: Option<Field<String>>,
    /// `AlertPolicy`.
    pub kind: Option<Field<String>>,
    /// What it says of itself.
    pub metadata: Option<Field<Metadata>>,
    /// When to alert.
    pub spec: Option<Field<AlertPolicySpec>>,
}

/// The `spec` of an `AlertPolicy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlertPolicySpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// Whether it alerts where nothing is measured.
    pub alert_when_no_data: Option<Field<bool>>,
    /// Whether it tells that it is over.
    pub alert_when_resolved: Option<Field<bool>>,
    /// Whether it alerts where its condition holds.
    pub alert_when_breaching: Option<Field<bool>>,
    /// The condition: exactly one.
    pub conditions: Field<Vec<Field<ConditionItem>>>,
    /// Whom it tells: at least one.
    pub notification_targets: Field<Vec<Field<TargetItem>>>,
}

/// An `AlertCondition`, by name or written here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionItem {
    /// Its name.
    pub condition_ref: Option<Field<String>>,
    /// `AlertCondition`.
    pub kind: Option<Field<String>>,
    /// What it says of itself.
    pub metadata: Option<Field<Metadata>>,
    /// When to alert.
    pub spec: Option<Field<AlertConditionSpec>>,
}

/// The `spec` of an `AlertCondition`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertConditionSpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// How urgent it is.
    pub severity: Field<String>,
    /// When it holds.
    pub condition: Field<Condition>,
}

/// When an alert condition holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    /// What is looked at.
    pub kind: Field<ConditionKind>,
    /// How it is compared.
    pub op: Field<Op>,
    /// With what.
    pub threshold: Field<f64>,
    /// Over which time up to now.
    pub lookback_window: Field<Shorthand>,
    /// How long it has to hold.
    pub alert_after: Option<Field<Shorthand>>,
}

/// What an alert condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ConditionKind {
    /// The burn rate.
    #[serde(rename = "burnrate")]
    BurnRate,
}

/// An `AlertNotificationTarget`, by name or written here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetItem {
    /// Its name.
    pub target_ref: Option<Field<String>>,
    /// `AlertNotificationTarget`.
    pub kind: Option<Field<String>>,
    /// What it says of itself.
    pub metadata: Option<Field<Metadata>>,
    /// Whom it tells.
    pub spec: Option<Field<TargetSpec>>,
}

/// The `spec` of an `AlertNotificationTarget`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// What it is.
    pub description: Option<Field<String>>,
    /// Whom it tells: `email`, `slack`.
    pub target: Field<String>,
}
