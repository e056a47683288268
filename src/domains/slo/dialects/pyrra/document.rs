//! What stands in a Pyrra document.
//!
//! Source of the fields: Pyrra, `kubernetes/api/v1alpha1`, and Kubernetes, `ObjectMeta`.
use crate::kernel::spec::{
    Field,
    problem::Explained,
    scalar::{self, Scalar},
};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use std::collections::BTreeMap;

/// A text, which Pyrra also takes from a number or a boolean without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl Scalar for Text {
    const EXPECTED: &'static str = "text";

    fn read(text: &str) -> Result<Self, Explained> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

/// Names with texts, as labels and annotations are.
pub(super) type Texts = BTreeMap<String, Field<Text>>;

/// The outermost keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    #[serde(rename = "apiVersion")]
    pub(super) api_version: Field<Text>,
    pub(super) kind: Field<Text>,
    pub(super) metadata: Field<Metadata>,
    pub(super) spec: Field<Spec>,
    /// What the operator noted; it says nothing of the objective.
    #[serde(rename = "status")]
    _status: Option<Field<Status>>,
}

/// What Kubernetes says of every object. What it keeps for itself is passed over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) name: Field<Text>,
    pub(super) namespace: Option<Field<Text>>,
    pub(super) labels: Option<Field<Texts>>,
    pub(super) annotations: Option<Field<Texts>>,
    #[serde(rename = "generateName")]
    _generate_name: Option<IgnoredAny>,
    #[serde(rename = "creationTimestamp")]
    _creation_timestamp: Option<IgnoredAny>,
    #[serde(rename = "deletionGracePeriodSeconds")]
    _deletion_grace_period_seconds: Option<IgnoredAny>,
    #[serde(rename = "deletionTimestamp")]
    _deletion_timestamp: Option<IgnoredAny>,
    #[serde(rename = "finalizers")]
    _finalizers: Option<IgnoredAny>,
    #[serde(rename = "generation")]
    _generation: Option<IgnoredAny>,
    #[serde(rename = "managedFields")]
    _managed_fields: Option<IgnoredAny>,
    #[serde(rename = "ownerReferences")]
    _owner_references: Option<IgnoredAny>,
    #[serde(rename = "resourceVersion")]
    _resource_version: Option<IgnoredAny>,
    #[serde(rename = "selfLink")]
    _self_link: Option<IgnoredAny>,
    #[serde(rename = "uid")]
    _uid: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    pub(super) description: Option<Field<Text>>,
    pub(super) target: Field<Text>,
    pub(super) window: Field<Text>,
    pub(super) indicator: Field<Indicator>,
    pub(super) alerting: Option<Field<Alerting>>,
    pub(super) partial_response_strategy: Option<Field<PartialResponse>>,
    #[serde(rename = "performanceOverAccuracy")]
    pub(super) performance_over_accuracy: Option<Field<bool>>,
    #[serde(rename = "ruleOutput")]
    pub(super) rule_output: Option<Field<RuleOutput>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    #[serde(rename = "type")]
    _kind: Option<Field<Text>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Indicator {
    pub(super) ratio: Option<Field<Ratio>>,
    pub(super) latency: Option<Field<Latency>>,
    #[serde(rename = "latencyNative")]
    pub(super) latency_native: Option<Field<LatencyNative>>,
    pub(super) bool_gauge: Option<Field<BoolGauge>>,
}

pub(super) type Grouping = Option<Field<Vec<Field<Text>>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ratio {
    pub(super) errors: Field<Query>,
    pub(super) total: Field<Query>,
    pub(super) grouping: Grouping,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Latency {
    pub(super) success: Field<Query>,
    pub(super) total: Field<Query>,
    pub(super) grouping: Grouping,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LatencyNative {
    pub(super) total: Field<Query>,
    pub(super) latency: Field<Text>,
    pub(super) grouping: Grouping,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoolGauge {
    pub(super) metric: Field<Text>,
    pub(super) grouping: Grouping,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    pub(super) metric: Field<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alerting {
    pub(super) disabled: Option<Field<bool>>,
    pub(super) burnrates: Option<Field<bool>>,
    pub(super) absent: Option<Field<bool>>,
    pub(super) name: Option<Field<Text>>,
    #[serde(rename = "absentName")]
    pub(super) absent_name: Option<Field<Text>>,
    pub(super) severities: Option<Field<Severities>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Severities {
    pub(super) absent: Option<Field<Text>>,
    pub(super) fast_burn: Option<Field<Text>>,
    pub(super) medium_burn: Option<Field<Text>>,
    pub(super) slow_burn: Option<Field<Text>>,
    pub(super) long_term_burn: Option<Field<Text>>,
}

/// What a Thanos ruler does where an answer lacks a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::domains::slo) enum PartialResponse {
    /// The rule fails.
    Abort,
    /// The rule goes on with what there is.
    Warn,
    /// The ruler's default.
    #[serde(rename = "")]
    Unsaid,
}

impl PartialResponse {
    /// The word for it; `None` where the ruler's default is meant.
    pub(in crate::domains::slo) fn name(self) -> Option<&'static str> {
        match self {
            Self::Abort => Some("abort"),
            Self::Warn => Some("warn"),
            Self::Unsaid => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RuleOutput {
    pub(super) short_rules_labels: Option<Field<Texts>>,
    pub(super) long_rules_labels: Option<Field<Texts>>,
    pub(super) enable_description_as_label: Option<Field<bool>>,
}
