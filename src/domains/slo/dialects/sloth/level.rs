//! What a document of Sloth's says of objectives, whichever form it is written in.
use crate::kernel::{source::Place, spec::Field};
use std::collections::BTreeMap;

/// The annotations of alerts that say where to read what to do, by how common they are.
pub const RUNBOOK: [&str; 3] = ["runbook", "runbook_url", "runbookUrl"];

/// Texts by key, each with its place.
pub type Texts = BTreeMap<String, Field<String>>;

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file with `version: prometheus/v1`, whose fields are in snake case.
    File,
    /// A resource of Kubernetes, whose fields are in camel case.
    Resource,
}

impl Form {
    /// A field as this form writes it, given in snake case.
    pub fn field(self, name: &str) -> String {
        match self {
            Self::File => name.to_owned(),
            Self::Resource => camel_case(name),
        }
    }

    /// What stands before the path of a field: all of a resource lies in its `spec`.
    pub fn root(self) -> &'static str {
        match self {
            Self::File => "",
            Self::Resource => "spec.",
        }
    }
}

/// `error_query` as `errorQuery`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// A document: the objectives of one service.
#[derive(Debug)]
pub struct ServiceLevel {
    /// How it is written.
    pub form: Form,
    /// The whole document.
    pub place: Place,
    /// What a resource says of itself; `None` in files.
    pub object: Option<Object>,
    /// The service.
    pub service: Field<String>,
    /// Labels of all its rules that record.
    pub labels: Texts,
    /// Programs that change the rules of all its objectives.
    pub plugins: Option<Plugins>,
    /// The objectives.
    pub slos: Vec<Objective>,
}

/// What a resource of Kubernetes says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its name.
    pub name: Field<String>,
    /// Its namespace.
    pub namespace: Option<Field<String>>,
    /// Its labels.
    pub labels: Texts,
    /// Its annotations.
    pub annotations: Texts,
}

/// One objective.
#[derive(Debug)]
pub struct Objective {
    /// The whole of it.
    pub place: Place,
    /// Its name, unique in its service.
    pub name: Field<String>,
    /// What it is.
    pub description: Option<Field<String>>,
    /// Share of events that is to be good, in percent.
    pub objective: Field<f64>,
    /// Programs that change its rules.
    pub plugins: Option<Plugins>,
    /// Labels of its rules that record.
    pub labels: Texts,
    /// What is measured; `None` where that could not be read.
    pub sli: Option<Sli>,
    /// What is measured in other ways as well, which is refused.
    pub others: Vec<Sli>,
    /// Its alerts.
    pub alerting: Alerting,
}

/// What is measured.
#[derive(Debug)]
pub enum Sli {
    /// Bad events and all events.
    Events {
        /// Counts the bad ones.
        error_query: Field<String>,
        /// Counts all.
        total_query: Field<String>,
    },
    /// The share of bad events as a whole.
    Raw {
        /// Gives the share.
        error_ratio_query: Field<String>,
    },
    /// A program that makes the query.
    Plugin {
        /// Its name.
        id: Field<String>,
        /// What it is told.
        options: Texts,
    },
}

/// Alerts of an objective.
#[derive(Debug, Default)]
pub struct Alerting {
    /// Where it stands.
    pub place: Option<Place>,
    /// Name of both alerts.
    pub name: Option<Field<String>>,
    /// Labels of both alerts.
    pub labels: Texts,
    /// Annotations of both alerts.
    pub annotations: Texts,
    /// The alert that wakes someone.
    pub page: Alert,
    /// The alert that is looked at in working hours.
    pub ticket: Alert,
}

/// One of the two alerts.
#[derive(Debug, Default)]
pub struct Alert {
    /// Where it stands.
    pub place: Option<Place>,
    /// Whether it is left out.
    pub disable: bool,
    /// Its labels.
    pub labels: Texts,
    /// Its annotations.
    pub annotations: Texts,
}

/// Programs that make or change rules.
#[derive(Debug)]
pub struct Plugins {
    /// Where they stand.
    pub place: Place,
    /// Whether the usual ones are left out.
    pub override_previous: bool,
    /// The programs, in the order in which they are written.
    pub chain: Vec<Plugin>,
}

/// One program.
#[derive(Debug)]
pub struct Plugin {
    /// Its name.
    pub id: Field<String>,
    /// What it is told; only the program knows the shape.
    pub config: Option<serde_json::Value>,
    /// Where it runs: lower ones first, the usual ones at 0.
    pub priority: Option<i64>,
}

impl Plugin {
    /// Whether it is one of those that make Sloth's usual rules, or only looks at what is written.
    pub fn is_usual(&self) -> bool {
        let known = ["validate", "sli_rules", "metadata_rules", "alert_rules"];
        let looks = "sloth.dev/contrib/validate_victoria_metrics/v1";
        let usual = known.iter().any(|name| self.is_core(name))
            || self.id.get().is_some_and(|id| id == looks);
        usual && (self.config.is_none() || self.is_not_optimized())
    }

    /// Whether it is that one of Sloth's own.
    pub fn is_core(&self, name: &str) -> bool {
        let core = self.id.get().and_then(|id| id.strip_prefix("sloth.dev/core/"));
        core.and_then(|rest| rest.strip_suffix("/v1")) == Some(name)
    }

    /// Whether it makes the ratio over the period of all events, and not of shorter ratios.
    pub fn is_not_optimized(&self) -> bool {
        let only = serde_json::json!({"disableOptimized": true});
        self.is_core("sli_rules") && self.config.as_ref() == Some(&only)
    }
}

impl ServiceLevel {
    /// The name by which Sloth tells an objective from all others; `None` where a part of it is missing.
    pub fn id(&self, objective: &Objective) -> Option<String> {
        Some(format!("{}-{}", self.service.get()?, objective.name.get()?))
    }

    /// The path of a field of an objective: `spec.slos[0].plugins`.
    pub fn path(&self, index: usize, field: &str) -> String {
        format!("{}slos[{index}].{field}", self.form.root())
    }
}

/// The texts of a mapping that could be read.
pub fn read(texts: &Texts) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().filter_map(|(key, text)| text.get().map(|text| (key.as_str(), text.as_str())))
}
