//! What every document of OpenSLO says of itself.
use super::{
    check::Checks,
    lower::{Losses, OWNER},
};
use crate::kernel::{
    source::Place,
    spec::{Field, Metadata as OurMetadata, Name, Optional as _},
};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// What a document says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Its name among its kind.
    pub name: Field<String>,
    /// The name as people read it.
    pub display_name: Option<Field<String>>,
    /// Words to select by.
    #[serde(default)]
    pub labels: BTreeMap<String, Field<LabelValue>>,
    /// Anything else.
    #[serde(default)]
    pub annotations: BTreeMap<String, Field<String>>,
}

/// The same in v2alpha: a label has one value, and there is no other name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataV2Alpha {
    name: Field<String>,
    #[serde(default)]
    labels: BTreeMap<String, Field<String>>,
    #[serde(default)]
    annotations: BTreeMap<String, Field<String>>,
}

impl From<MetadataV2Alpha> for Metadata {
    fn from(metadata: MetadataV2Alpha) -> Self {
        let labels = metadata.labels.into_iter().map(|(key, field)| {
            let place = field.place();
            let value = LabelValue::One(field.into_value().unwrap_or_default());
            (key, Field::new(value, place))
        });
        Self {
            name: metadata.name,
            display_name: None,
            labels: labels.collect(),
            annotations: metadata.annotations,
        }
    }
}

/// One value of a label, or several.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelValue {
    /// One.
    One(String),
    /// Several.
    Many(Vec<Field<String>>),
}

impl<'de> Deserialize<'de> for LabelValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelVisitor)
    }
}

struct LabelVisitor;

impl<'de> Visitor<'de> for LabelVisitor {
    type Value = LabelValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<LabelValue, E> {
        Ok(LabelValue::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<LabelValue, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(LabelValue::Many(values))
    }
}

/// The longest name that people read.
const DISPLAY_NAME: usize = 63;

impl Metadata {
    /// That of a document of which it could not be read.
    pub(super) fn unnamed(place: Place) -> Self {
        let (labels, annotations) = (BTreeMap::new(), BTreeMap::new());
        Self { name: Field::absent(place), display_name: None, labels, annotations }
    }

    /// Finds what is wrong with it.
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        checks.name("metadata.name", &self.name);
        if let Some((name, place)) = self.display_name.pair() {
            checks.at_most("metadata.displayName", name, place, DISPLAY_NAME);
        }
        for (key, value) in &self.labels {
            if !is_label_key(key) {
                let message = format!("`metadata.labels`: `{key}` is no key of a label");
                checks.invalid(value.place(), message, KEY_HELP);
            }
        }
        for (key, value) in &self.annotations {
            if !is_annotation_key(key) {
                let message = format!("`metadata.annotations`: `{key}` is no key of an annotation");
                checks.invalid(value.place(), message, ANNOTATION_HELP);
            }
        }
    }

    /// The same in our words; `None` without a usable name.
    pub(super) fn lowered(
        &self,
        description: Option<&Field<String>>,
        losses: &mut Losses,
    ) -> OurMetadata {
        let name = self.name.clone().and_then(|name| Name::new(name).ok());
        let mut metadata = OurMetadata::named(name);
        metadata.display_name.clone_from(&self.display_name);
        metadata.description = description.cloned();
        metadata.annotations.clone_from(&self.annotations);
        metadata.owner = metadata.annotations.remove(OWNER);
        for (key, field) in &self.labels {
            let Some((value, place)) = field.pair() else { continue };
            metadata
                .labels
                .insert(key.clone(), Field::new(joined(key, value, place, losses), place));
        }
        metadata
    }
}

/// The values of a label as one.
fn joined(key: &str, value: &LabelValue, place: Place, losses: &mut Losses) -> String {
    match value {
        LabelValue::One(text) => text.clone(),
        LabelValue::Many(values) => {
            let values: Vec<&str> =
                values.iter().filter_map(Field::get).map(String::as_str).collect();
            if values.len() > 1 {
                losses.add(
                    place,
                    format!("metadata.labels.{key}"),
                    "a label has one value here; they are joined with commas",
                );
            }
            values.join(",")
        }
    }
}

const KEY_HELP: &str =
    "write up to 63 letters, digits, `-`, `_` and `.`, the first and the last a letter or a digit";
const ANNOTATION_HELP: &str =
    "write up to 63 letters, digits, `-`, `_` and `.`, with a domain and `/` before it or without";

/// Letters and digits, with `-`, `_` and `.` between them, at most 63.
pub(super) fn is_label_key(key: &str) -> bool {
    let bytes = key.as_bytes();
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    (1..=63).contains(&bytes.len())
        && outer(bytes.first())
        && outer(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A key as of a label, perhaps with a domain before it.
pub(super) fn is_annotation_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_label_key(key),
        Some((domain, name)) => {
            domain.len() <= 253 && domain.split('.').all(is_dns_label) && is_label_key(name)
        }
    }
}

/// Lower-case letters and digits, with `-` between them, at most 63 (RFC 1123).
pub(super) fn is_dns_label(name: &str) -> bool {
    let bytes = name.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&bytes.len())
        && bytes.first().is_some_and(inner)
        && bytes.last().is_some_and(inner)
        && bytes.iter().all(|byte| inner(byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_kubernetes() {
        for good in ["net", "9net", "nEt", "net_.-this", &"l".repeat(63)] {
            assert!(is_label_key(good) && is_annotation_key(good), "{good}");
        }
        for bad in ["", "net_", "_net", "-net", ".net", "net.", "n t", &"l".repeat(64)] {
            assert!(!is_label_key(bad) && !is_annotation_key(bad), "{bad}");
        }
        for good in ["openslo.com/service", "domain/service.foo", "my-org.com/spec.indicator"] {
            assert!(is_annotation_key(good), "{good}");
        }
        for bad in ["openslo.com/", "openslo..com/x", "openslo_a.com/x", "Open.com/x", "a.com/b/c"]
        {
            assert!(!is_annotation_key(bad), "{bad}");
        }
    }
}
