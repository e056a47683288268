//! What a kind of document is: the declaration from which reading, schema, help and pages follow.
use super::{Field, Spelling, Target, decode::Reading, tree::NodeId};
use crate::kernel::{diagnostic::Finding, source::Place};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use std::{any::Any, fmt};

/// The `spec` of a kind of document.
pub trait Spec: DeserializeOwned + Serialize + JsonSchema + Target + Send + Sync + 'static {
    /// Old spellings of fields, which mean the same.
    const SPELLINGS: &'static [Spelling] = &[];

    /// Finds what a schema can say and a type cannot, such as "one of these fields".
    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        let _ = (place, findings);
    }
}

type Decoded = Option<Box<dyn Any + Send + Sync>>;

/// A kind of document.
pub struct Kind {
    /// Its name, as `kind:` has it.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// One sentence: what a document of this kind is.
    pub summary: &'static str,
    /// A complete, valid example with `{name}` for the name: what `sre new` writes.
    pub template: &'static str,
    /// Whether a document of this kind is of use only if another refers to it.
    pub used_by_reference: bool,
    /// Whether a name of this kind that resolves to nothing is an error rather than a warning.
    pub must_resolve: bool,
    /// Old spellings of its fields.
    pub spellings: &'static [Spelling],
    /// Reads a `spec`.
    pub decode: fn(&Reading<'_>, NodeId, Option<NodeId>) -> Decoded,
    /// A `spec` of this kind as plain values, fields in their order; what is absent is null. `None` for
    /// the `spec` of another kind.
    pub values: fn(&(dyn Any + Send + Sync)) -> Option<serde_yaml::Value>,
    /// The JSON Schema of its `spec`.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Kind {
    /// The kind whose `spec` is `T`.
    pub const fn of<T: Spec>(summary: &'static str, template: &'static str) -> Self {
        Self {
            name: T::KIND,
            aliases: &[],
            summary,
            template,
            used_by_reference: false,
            must_resolve: true,
            spellings: T::SPELLINGS,
            decode: decode::<T>,
            values: |spec| serde_yaml::to_value(spec.downcast_ref::<T>()?).ok(),
            schema: |generator| generator.subschema_for::<T>(),
        }
    }

    /// Other names that mean the same.
    #[must_use]
    pub const fn also_called(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }

    /// Documents of this kind are of use only if another refers to them.
    #[must_use]
    pub const fn used_by_reference(mut self) -> Self {
        self.used_by_reference = true;
        self
    }

    /// A name of this kind that resolves to nothing is a warning.
    #[must_use]
    pub const fn may_be_elsewhere(mut self) -> Self {
        self.must_resolve = false;
        self
    }

    /// Whether `name` means this kind.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

fn decode<T: Spec>(reading: &Reading<'_>, node: NodeId, key: Option<NodeId>) -> Decoded {
    let spec: Field<T> = reading.decode(node, key)?;
    let value = spec.get()?;
    let mut findings = Vec::new();
    let place = key.map_or(spec.place(), |key| reading.place(key));
    value.check(place, &mut findings);
    for finding in findings {
        reading.report(finding);
    }
    spec.into_value().map(|value| Box::new(value) as Box<dyn Any + Send + Sync>)
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}
