//! A value that knows where it was written, and whether it could be read.
use super::decode::{FIELD, PlaceParts};
use crate::kernel::source::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// Name of the variant that says to [`super::write`] that a field stands there.
pub(super) const WRITTEN: &str = "$field";

/// A field of a document.
///
/// As a struct's field, `Field<T>` is required, `Option<Field<T>>` optional, and `Vec<Field<T>>` a
/// list that may be missing. A value that is missing or cannot be read has been reported when
/// decoding ends and is simply absent here, so that one mistake neither hides nor causes others.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<T> {
    value: Option<T>,
    place: Place,
}

impl<T> Field<T> {
    /// A value that stands at `place`.
    pub fn new(value: T, place: Place) -> Self {
        Self { value: Some(value), place }
    }

    /// A value that could not be read at `place`, which has been reported.
    pub fn absent(place: Place) -> Self {
        Self { value: None, place }
    }

    /// The value, unless it was missing or wrong.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The same field with its value converted.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Field<U> {
        self.and_then(|value| Some(convert(value)))
    }

    /// The same field with its value converted, and without one where that cannot be done.
    pub fn and_then<U>(self, convert: impl FnOnce(T) -> Option<U>) -> Field<U> {
        Field { value: self.value.and_then(convert), place: self.place }
    }

    /// The value itself.
    pub fn into_value(self) -> Option<T> {
        self.value
    }

    /// Where the value stands; for a missing one, where it was missed.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The value with its place.
    pub fn pair(&self) -> Option<(&T, Place)> {
        self.get().map(|value| (value, self.place))
    }
}

/// Reads through an optional field.
pub trait Optional<T> {
    /// The value, if there is one and it could be read.
    fn value(&self) -> Option<&T>;
    /// The value with its place.
    fn pair(&self) -> Option<(&T, Place)>;
}

impl<T> Optional<T> for Option<Field<T>> {
    fn value(&self) -> Option<&T> {
        self.as_ref().and_then(Field::get)
    }

    fn pair(&self) -> Option<(&T, Place)> {
        self.as_ref().and_then(Field::pair)
    }
}

/// The values of a list that could be read.
pub fn values<T>(list: &[Field<T>]) -> impl Iterator<Item = &T> {
    list.iter().filter_map(Field::get)
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(FIELD, FieldVisitor(PhantomData))
    }
}

impl<T: Serialize> Serialize for Field<T> {
    /// For [`super::write`], which takes off what is put around it here: a field that stands there stays,
    /// even where its value is an empty list, and a list that may be missing does not.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Some(value) => serializer.serialize_newtype_variant(WRITTEN, 0, WRITTEN, value),
            None => serializer.serialize_none(),
        }
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Field<T>, A::Error> {
        let place = access
            .next_element::<PlaceParts>()?
            .ok_or_else(|| A::Error::custom("a field has a place"))?
            .place();
        Ok(Field { value: access.next_element()?, place })
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
