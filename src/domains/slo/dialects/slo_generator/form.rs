//! What slo-generator's documents hold.
use crate::{
    domains::slo::dialects::openslo::any::Any,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Field, decode::Reading, rules, tree::NodeId},
    },
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Free fields.
pub(super) type Fields = BTreeMap<String, Field<Any>>;

/// An objective.
#[derive(Debug)]
pub(super) struct Objective {
    pub(super) name: Field<String>,
    pub(super) labels: BTreeMap<String, Field<String>>,
    pub(super) description: Option<Field<String>>,
    pub(super) goal: Field<f64>,
    pub(super) backend: Field<String>,
    pub(super) method: Field<String>,
    pub(super) indicator: Field<Fields>,
    pub(super) policy: Option<Field<String>>,
    pub(super) exporters: Option<Field<Any>>,
    /// What the backend is told, where it is told in the objective itself.
    pub(super) backend_fields: Fields,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "apiVersion")]
    _api_version: Option<Field<String>>,
    #[serde(rename = "version")]
    _version: Option<Field<String>>,
    #[serde(rename = "kind")]
    _kind: Field<Kind>,
    metadata: Field<Metadata>,
    spec: Field<Spec>,
}

#[derive(Deserialize)]
enum Kind {
    ServiceLevelObjective,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: Field<String>,
    #[serde(default)]
    labels: BTreeMap<String, Field<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    description: Option<Field<String>>,
    goal: Field<f64>,
    backend: Field<String>,
    method: Field<String>,
    service_level_indicator: Field<Fields>,
    error_budget_policy: Option<Field<String>>,
    exporters: Option<Field<Any>>,
}

/// Reads an objective.
pub(super) fn objective(reading: &Reading<'_>, root: NodeId) -> Option<Objective> {
    let envelope: Envelope = reading.decode(root, None)?;
    let (metadata, spec) = (envelope.metadata.into_value()?, envelope.spec.into_value()?);
    if let Some((goal, place)) = spec.goal.pair()
        && !(0.0..=1.0).contains(goal)
    {
        let message = format!("`goal`: {goal} is not from 0 to 1");
        let finding = Finding::new(&rules::INVALID_VALUE, place, message);
        reading.report(finding.help("write a ratio such as `0.999`"));
    }
    Some(Objective {
        name: metadata.name,
        labels: metadata.labels,
        description: spec.description,
        goal: spec.goal,
        backend: spec.backend,
        method: spec.method,
        indicator: spec.service_level_indicator,
        policy: spec.error_budget_policy,
        exporters: spec.exporters,
        backend_fields: BTreeMap::new(),
    })
}

/// An objective as it was written before version 2.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OldObjective {
    service_name: Field<String>,
    feature_name: Field<String>,
    slo_name: Field<String>,
    slo_description: Option<Field<String>>,
    slo_target: Field<f64>,
    backend: Field<Fields>,
    exporters: Option<Field<Any>>,
}

impl From<OldObjective> for Objective {
    fn from(old: OldObjective) -> Self {
        let place = old.slo_name.place();
        let parts = [&old.service_name, &old.feature_name, &old.slo_name];
        let words: Vec<&str> = parts.iter().filter_map(|part| Some(part.get()?.as_str())).collect();
        let name = if words.len() == parts.len() {
            Field::new(words.join("-"), place)
        } else {
            Field::absent(place)
        };
        let keys = ["service_name", "feature_name", "slo_name"];
        let labels = keys.into_iter().map(str::to_owned).zip(parts.into_iter().cloned());
        let labels = labels.collect();
        let (backend_place, mut fields) =
            (old.backend.place(), old.backend.into_value().unwrap_or_default());
        let mut text = |key: &str| match fields.remove(key) {
            Some(field) => field.and_then(|value| match value {
                Any::Text(text) => Some(text),
                _ => None,
            }),
            None => Field::absent(backend_place),
        };
        let (backend, method) = (text("class"), text("method"));
        let indicator = match fields.remove("measurement") {
            Some(field) => field.and_then(|value| match value {
                Any::Map(fields) => Some(fields),
                _ => None,
            }),
            None => Field::new(BTreeMap::new(), backend_place),
        };
        Self {
            name,
            labels,
            description: old.slo_description,
            goal: old.slo_target,
            backend: backend.map(|class| class.to_ascii_lowercase()),
            method,
            indicator,
            policy: None,
            exporters: old.exporters,
            backend_fields: fields,
        }
    }
}

/// The shared configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    #[serde(default)]
    pub(super) backends: BTreeMap<String, Field<Any>>,
    pub(super) exporters: Option<Field<Any>>,
    pub(super) default_exporters: Option<Field<Any>>,
    #[serde(default)]
    pub(super) error_budget_policies: BTreeMap<String, Field<Steps>>,
}

/// The steps of an error budget policy.
#[derive(Debug)]
pub(super) struct Steps(pub(super) Vec<Field<Step>>);

impl<'de> Deserialize<'de> for Steps {
    /// A mapping with `steps`, or the list alone.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepsVisitor)
    }
}

struct StepsVisitor;

impl<'de> serde::de::Visitor<'de> for StepsVisitor {
    type Value = Steps;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`steps`, or a list of steps")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut access: A) -> Result<Steps, A::Error> {
        let mut steps = Vec::new();
        while let Some(step) = access.next_element()? {
            steps.push(step);
        }
        Ok(Steps(steps))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Steps, A::Error> {
        let mut steps = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            if key == "steps" {
                steps = access.next_value()?;
            } else {
                let message = format!("unknown field `{key}`; expected `steps`");
                return Err(serde::de::Error::custom(message));
            }
        }
        Ok(Steps(steps))
    }
}

/// A step of an error budget policy, in the words of either version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) name: Option<Field<String>>,
    pub(super) window: Option<Field<f64>>,
    pub(super) burn_rate_threshold: Option<Field<f64>>,
    pub(super) alert: Option<Field<bool>>,
    pub(super) message_alert: Option<Field<String>>,
    pub(super) message_ok: Option<Field<String>>,
    error_budget_policy_step_name: Option<Field<String>>,
    measurement_window_seconds: Option<Field<f64>>,
    alerting_burn_rate_threshold: Option<Field<f64>>,
    urgent_notification: Option<Field<bool>>,
    overburned_consequence_message: Option<Field<String>>,
    achieved_consequence_message: Option<Field<String>>,
}

impl Step {
    pub(super) fn name(&self) -> Option<&Field<String>> {
        self.name.as_ref().or(self.error_budget_policy_step_name.as_ref())
    }

    pub(super) fn window(&self) -> Option<&Field<f64>> {
        self.window.as_ref().or(self.measurement_window_seconds.as_ref())
    }

    pub(super) fn threshold(&self) -> Option<&Field<f64>> {
        self.burn_rate_threshold.as_ref().or(self.alerting_burn_rate_threshold.as_ref())
    }

    pub(super) fn alert(&self) -> Option<&Field<bool>> {
        self.alert.as_ref().or(self.urgent_notification.as_ref())
    }

    /// What is to follow where the threshold is passed.
    pub(super) fn consequence(&self) -> Option<&Field<String>> {
        self.message_alert.as_ref().or(self.overburned_consequence_message.as_ref())
    }

    /// What is said where all is well, and where.
    pub(super) fn praise(&self) -> Option<Place> {
        let praise = self.message_ok.as_ref().or(self.achieved_consequence_message.as_ref());
        praise.map(Field::place)
    }
}
