//! The kind `PostMortemTemplate`.
use crate::{
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Either, Field, Name, Spec, problem, rules as reading},
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a post-mortem has to say.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMortemTemplate {
    /// The shipped sections that it begins with; none unless said.
    pub based_on: Option<Field<SectionSet>>,
    /// The sections in their order: shipped ones by name, others with what is to be written there. Beside
    /// `based_on`, what changes one of its sections or comes behind them. Those of `standard` unless said.
    #[serde(default)]
    pub sections: Vec<Field<Either<Name, SectionSpec>>>,
    /// Incidents that need a post-mortem: those that one of these describes; none unless said.
    #[serde(default)]
    pub required_for: Vec<Field<TriggerSpec>>,
    /// Within how long after the incident was resolved the post-mortem is to be `final`.
    pub deadline: Option<Field<Duration>>,
    /// The longest time of a timeline, until the incident was resolved, of which nothing may be said; 30m
    /// unless said.
    pub longest_gap: Option<Field<Duration>>,
    /// The share of an error budget above which an incident needs an action that prevents the next one, or
    /// one of priority P0; 20% unless said.
    pub preventing_above: Option<Field<Ratio>>,
}

/// Sections that are shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SectionSet {
    /// Summary, timeline, impact, root cause, resolution, action items.
    Standard,
    /// Those of the example in Google's book on site reliability engineering.
    Google,
    /// Those of `PagerDuty`'s post-mortem process.
    Pagerduty,
}

/// A section.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionSpec {
    /// Its name: one of the shipped sections, or one of its own, whose text is under `sections` of a post-mortem.
    pub name: Field<Name>,
    /// Its heading.
    pub title: Option<Field<String>>,
    /// Whether a post-mortem that is not a draft any more has to fill it; it does unless said.
    pub required: Option<Field<bool>>,
    /// What is to be written there: a comment in new post-mortems.
    pub guidance: Option<Field<String>>,
}

/// Incidents of which all of this is true.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = says_something)]
pub struct TriggerSpec {
    /// They are of one of these severities.
    #[serde(default)]
    pub severities: Vec<Field<String>>,
    /// They took at least that long, from when they started until they were resolved.
    pub longer_than: Option<Field<Duration>>,
    /// They have all of these labels.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<String>>,
}

/// What a trigger may say.
const CONDITIONS: [&str; 3] = ["severities", "longer_than", "labels"];

fn says_something(schema: &mut schemars::Schema) {
    let present = |field: &str| {
        let mut condition = serde_json::json!({"not": {"type": "null"}});
        match field {
            "severities" => condition["minItems"] = 1.into(),
            "labels" => condition["minProperties"] = 1.into(),
            _ => {}
        }
        serde_json::json!({"required": [field], "properties": {field: condition}})
    };
    schema.insert("anyOf".to_owned(), CONDITIONS.map(present).to_vec().into());
}

reference_target!(PostMortemTemplate, "PostMortemTemplate");

impl Spec for PostMortemTemplate {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        for (trigger, place) in self.required_for.iter().filter_map(Field::pair) {
            let says = !trigger.severities.is_empty()
                || trigger.longer_than.is_some()
                || !trigger.labels.is_empty();
            if !says {
                let message = format!("expected one of {}", problem::one_of(&CONDITIONS));
                findings.push(Finding::new(&reading::MISSING_FIELD, place, message));
            }
        }
    }
}
