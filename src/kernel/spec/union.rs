//! The two ways in which a field may be written in more than one form.
use super::{decode::EITHER, problem, rules};
use crate::kernel::{diagnostic::Finding, source::Place};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::json;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A scalar of one type, or a mapping of another: a name or an inline definition.
#[derive(Clone, Debug, PartialEq)]
pub enum Either<S, M> {
    /// The scalar form.
    Scalar(S),
    /// The mapping form.
    Mapping(Box<M>),
}

impl<S, M> Either<S, M> {
    /// The scalar form.
    pub fn scalar(&self) -> Option<&S> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            Self::Mapping(_) => None,
        }
    }

    /// The mapping form.
    pub fn mapping(&self) -> Option<&M> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            Self::Scalar(_) => None,
        }
    }
}

impl<'de, S: Deserialize<'de>, M: Deserialize<'de>> Deserialize<'de> for Either<S, M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(EITHER, EitherVisitor(PhantomData))
    }
}

impl<S: Serialize, M: Serialize> Serialize for Either<S, M> {
    fn serialize<R: Serializer>(&self, serializer: R) -> Result<R::Ok, R::Error> {
        match self {
            Self::Scalar(scalar) => scalar.serialize(serializer),
            Self::Mapping(mapping) => mapping.serialize(serializer),
        }
    }
}

struct EitherVisitor<S, M>(PhantomData<(S, M)>);

impl<'de, S: Deserialize<'de>, M: Deserialize<'de>> Visitor<'de> for EitherVisitor<S, M> {
    type Value = Either<S, M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar or a mapping")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Either<S, M>, A::Error> {
        let missing = || A::Error::custom("expected a value");
        if access.next_element::<bool>()?.ok_or_else(missing)? {
            let mapping = access.next_element()?.ok_or_else(missing)?;
            Ok(Either::Mapping(Box::new(mapping)))
        } else {
            Ok(Either::Scalar(access.next_element()?.ok_or_else(missing)?))
        }
    }
}

impl<S: JsonSchema, M: JsonSchema> JsonSchema for Either<S, M> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}_or_{}", S::schema_name(), M::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (scalar, mapping) = (generator.subschema_for::<S>(), generator.subschema_for::<M>());
        json_schema!({ "anyOf": [scalar, mapping] })
    }
}

/// How many of a group of fields a mapping must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    ExactlyOne,
    /// At most one.
    AtMostOne,
}

/// A group of fields of one mapping of which only one may stand there.
#[derive(Clone, Copy, Debug)]
pub struct Alternatives {
    /// Names of the fields.
    pub fields: &'static [&'static str],
    /// How many must stand there.
    pub count: Count,
}

impl Alternatives {
    /// Reports what is wrong when `fields` stand there, each with its place, in the mapping at `owner`.
    pub fn check(
        &self,
        fields: &[Option<(&str, Place)>],
        owner: Place,
        findings: &mut Vec<Finding>,
    ) {
        let mut present = fields.iter().flatten();
        let Some((first, first_place)) = present.next() else {
            if self.count == Count::ExactlyOne {
                let message = format!("expected one of {}", problem::one_of(self.fields));
                findings.push(Finding::new(&rules::MISSING_FIELD, owner, message));
            }
            return;
        };
        for (other, place) in present {
            let message = format!("`{other}` cannot stand beside `{first}`");
            findings.push(
                Finding::new(&rules::INVALID_VALUE, *place, message)
                    .related(*first_place, format!("`{first}` stands here"))
                    .help(format!("keep only one of {}", problem::one_of(self.fields))),
            );
        }
    }

    /// The same for a JSON Schema: changes the schema of the mapping.
    pub fn constrain(&self, schema: &mut Schema) {
        self.constrain_to(schema, &json!({"not": {"type": "null"}}));
    }

    /// The same where an empty list is as good as none.
    pub fn constrain_lists(&self, schema: &mut Schema) {
        self.constrain_to(schema, &json!({"not": {"type": "null"}, "minItems": 1}));
    }

    fn constrain_to(&self, schema: &mut Schema, present: &serde_json::Value) {
        let present = |field: &&str| json!({"required": [field], "properties": {*field: present}});
        let mut choices: Vec<serde_json::Value> = self.fields.iter().map(present).collect();
        if self.count == Count::AtMostOne {
            let none: Vec<serde_json::Value> = self.fields.iter().map(present).collect();
            choices.push(json!({"not": {"anyOf": none}}));
        }
        schema.insert("oneOf".to_owned(), choices.into());
    }
}
