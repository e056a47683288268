//! Names of other documents; the type says the kind.
use super::decode::REFERENCE;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// What a reference can point at.
pub trait Target {
    /// Name of the kind.
    const KIND: &'static str;
    /// Newtype name under which the decoder hears of the reference: `$reference:` and the kind.
    const REQUEST: &'static str;
}

/// Declares a type as the target of references of a kind.
#[macro_export]
macro_rules! reference_target {
    ($type:ty, $kind:literal) => {
        impl $crate::kernel::spec::Target for $type {
            const KIND: &'static str = $kind;
            const REQUEST: &'static str = concat!("$reference:", $kind);
        }
    };
}

/// The name of a document of the kind `K`. Decoding one records it, so that the catalog can resolve it.
pub struct Ref<K> {
    name: String,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ref<K> {
    /// A reference that is not decoded, and so not recorded: whoever makes it says what it refers to.
    pub fn to(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: PhantomData }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Ref<K> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<K> fmt::Debug for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({})", self.name)
    }
}

impl<'de, K: Target> Deserialize<'de> for Ref<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        debug_assert!(K::REQUEST.starts_with(REFERENCE), "see `reference_target!`");
        deserializer.deserialize_newtype_struct(K::REQUEST, RefVisitor(PhantomData))
    }
}

impl<K> Serialize for Ref<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

struct RefVisitor<K>(PhantomData<K>);

impl<K: Target> Visitor<'_> for RefVisitor<K> {
    type Value = Ref<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a {}", K::KIND)
    }

    fn visit_str<E>(self, name: &str) -> Result<Ref<K>, E> {
        Ok(Ref { name: name.to_owned(), kind: PhantomData })
    }
}

impl<K: Target> JsonSchema for Ref<K> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Name", K::KIND).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": format!("Name of a document of kind `{}`.", K::KIND),
            "type": "string",
        })
    }
}
