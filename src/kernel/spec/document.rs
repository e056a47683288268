//! One document, decoded.
use super::{Dialect, Field, Kind, Name, Optional, dialect::Foreign, kind::Spec};
use crate::kernel::source::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{any::Any, collections::BTreeMap, fmt};

/// What every document says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The name by which other documents refer to this one; unique among its kind.
    pub name: Field<Name>,
    /// The name as people read it.
    pub display_name: Option<Field<String>>,
    /// What it is, in a sentence or two.
    pub description: Option<Field<String>>,
    /// Who answers for it: a team or a person.
    pub owner: Option<Field<String>>,
    /// Words to select by, such as `team: payments`.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<String>>,
    /// Anything else worth keeping; `sre` does not read it.
    #[serde(default)]
    pub annotations: BTreeMap<String, Field<String>>,
    /// Further reading.
    #[serde(default)]
    pub links: Vec<Field<Link>>,
}

impl Metadata {
    /// What a document with nothing but a name says of itself.
    pub fn named(name: Field<Name>) -> Self {
        Self {
            name,
            display_name: None,
            description: None,
            owner: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            links: Vec::new(),
        }
    }
}

/// A link to further reading.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it leads to.
    pub name: Field<String>,
    /// Its address.
    pub url: Field<String>,
}

/// The name of another document, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The kind of the other document.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub place: Place,
}

/// A document of a known kind.
pub struct Document {
    /// Its kind.
    pub kind: &'static Kind,
    /// What it says of itself; `None` where that could not be read.
    pub metadata: Option<Box<Metadata>>,
    /// The whole of it.
    pub place: Place,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// Whether it was read without an error.
    pub clean: bool,
    /// The language of another tool that it is written in; `None` for ours.
    pub dialect: Option<&'static Dialect>,
    pub(super) origin: Option<Foreign>,
    pub(super) spec: Option<Box<dyn Any + Send + Sync>>,
}

impl Document {
    /// Its name; empty where it has none.
    pub fn name(&self) -> &str {
        self.metadata.as_ref().and_then(|m| m.name.get()).map_or("", Name::as_str)
    }

    /// The name as people read it.
    pub fn display_name(&self) -> &str {
        let metadata = self.metadata.as_ref();
        metadata.and_then(|m| m.display_name.value()).map_or_else(|| self.name(), String::as_str)
    }

    /// Where its name stands; the document's beginning where it has none.
    pub fn name_place(&self) -> Place {
        self.metadata.as_ref().map_or(self.place, |metadata| metadata.name.place())
    }

    /// Who answers for it.
    pub fn owner(&self) -> Option<&str> {
        self.metadata.as_ref()?.owner.value().map(String::as_str)
    }

    /// The value of one of its labels.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata.as_ref()?.labels.get(key)?.get().map(String::as_str)
    }

    /// Its labels, as far as they could be read.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata
            .iter()
            .flat_map(|metadata| &metadata.labels)
            .filter_map(|(key, value)| value.get().map(|value| (key.as_str(), value.as_str())))
    }

    /// The same document with another specification.
    #[must_use]
    pub fn respecified<T: Spec>(&self, spec: T) -> Self {
        Self {
            kind: self.kind,
            metadata: self.metadata.clone(),
            place: self.place,
            references: self.references.clone(),
            clean: self.clean,
            dialect: self.dialect,
            origin: self.origin.clone(),
            spec: Some(Box::new(spec)),
        }
    }

    /// Its specification, if it is of that kind and could be read.
    pub fn spec<T: Spec>(&self) -> Option<&T> {
        self.spec.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.name, self.name())
    }
}
