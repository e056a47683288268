//! A catalog's settings: the file `sre.yaml` at its root.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        engine::{Levels, find_rule},
    },
    measure::DataSource,
    source::SourceId,
    spec::{
        Field, Optional, Ref, Reference,
        decode::Reading,
        load::{syntax_findings, tree_finding},
        problem, rules, yaml,
    },
    time::Zone,
    units::Duration,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Settings of a catalog.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What documents mean where they do not say; later entries win over earlier ones.
    #[serde(default)]
    pub defaults: Vec<Field<Defaults>>,
    /// Levels of rules, by name or code: `slo-without-runbook: error`.
    #[serde(default)]
    pub rules: BTreeMap<String, Field<LevelName>>,
    /// The level from which `sre validate` fails; `error` unless said.
    pub fail_on: Option<Field<LevelName>>,
    /// The zone in which times are shown; UTC unless said.
    pub time_zone: Option<Field<Zone>>,
}

/// What documents mean where they do not say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The documents this is for: those that have all of these labels; all unless said.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<String>>,
    /// Window of objectives.
    pub window: Option<Field<Duration>>,
    /// Source of indicators.
    pub source: Option<Field<Ref<DataSource>>>,
    /// Alert policy of objectives.
    pub alerting: Option<Field<String>>,
    /// Error budget policy of objectives.
    pub policy: Option<Field<String>>,
    /// Who answers for a document.
    pub owner: Option<Field<String>>,
    /// Where to read what to do; `{name}` stands for the objective's name.
    pub runbook: Option<Field<String>>,
}

/// A level, as settings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelName {
    /// Not reported.
    Off,
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Wrong.
    Error,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Off => Self::Off,
            LevelName::Note => Self::Note,
            LevelName::Warning => Self::Warning,
            LevelName::Error => Self::Error,
        }
    }
}

impl Settings {
    /// Reads settings; what is wrong is among the findings.
    pub fn load(source: SourceId, text: &str) -> (Self, Vec<Finding>, Vec<Reference>) {
        let stream = yaml::parse(text);
        let mut findings = syntax_findings(source, text, &stream.errors);
        let mut documents =
            stream.documents.iter().filter(|document| !document.tree.is_null(document.tree.root));
        let Some(document) = documents.next() else {
            return (Self::default(), findings, Vec::new());
        };
        let tree = &document.tree;
        for problem in &document.problems {
            findings.push(tree_finding(tree, source, problem));
        }
        let reading = Reading::new(tree, source);
        if let Some(other) = documents.next() {
            let place = Reading::new(&other.tree, source).place(other.tree.root);
            reading.report(
                Finding::new(
                    &rules::INVALID_VALUE,
                    place,
                    "a catalog has one document of settings",
                )
                .help("move what this one says into the first"),
            );
        }
        let settings = reading.decode::<Self>(tree.root, None).unwrap_or_default();
        let sink = reading.into_sink();
        findings.extend(sink.findings);
        (settings, findings, sink.references)
    }

    /// The levels that the settings give to rules; rules that do not exist are findings.
    pub fn levels(&self, known: &[&'static Rule]) -> (Levels, Vec<Finding>) {
        let (mut levels, mut findings) = (Levels::default(), Vec::new());
        for (name, field) in &self.rules {
            let Some((level, place)) = field.pair() else { continue };
            if let Some(rule) = find_rule(known, name) {
                levels.set(rule, (*level).into());
                continue;
            }
            let names: Vec<&str> = known.iter().map(|rule| rule.name).collect();
            let near = problem::closest(name, &names);
            findings.push(
                Finding::new(&rules::INVALID_VALUE, place, format!("no rule is called `{name}`"))
                    .maybe_help(near.map(|near| format!("did you mean `{near}`?"))),
            );
        }
        (levels, findings)
    }

    /// The default that applies to a document with these labels: the last one that says something.
    pub fn default_for<'a, T>(
        &'a self,
        labels: &dyn Fn(&str) -> Option<&'a str>,
        read: impl Fn(&'a Defaults) -> Option<&'a T>,
    ) -> Option<&'a T> {
        self.defaults.iter().rev().filter_map(Field::get).find_map(|defaults| {
            let applies = defaults.labels.iter().all(|(key, value)| {
                value.get().is_some_and(|value| labels(key) == Some(value.as_str()))
            });
            if applies { read(defaults) } else { None }
        })
    }

    /// The level from which findings are failures.
    pub fn fail_on(&self) -> Level {
        self.fail_on.value().map_or(Level::Error, |name| (*name).into())
    }
}
