//! Names of variables, and texts that YAML may take for something else.
use crate::{
    domains::runbook::engine::variables::is_name,
    kernel::spec::{
        problem::Explained,
        scalar::{self, Scalar},
    },
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A text, also where it looks like a number or a truth value: `5432`, `true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyText(pub String);

impl Scalar for AnyText {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, Explained> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl Serialize for AnyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for AnyText {
    fn schema_name() -> Cow<'static, str> {
        "AnyText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, also where it looks like a number or a truth value.",
            "type": ["string", "number", "boolean"],
        })
    }
}

/// The name of a parameter or of a captured value: that of the variable in which programs find it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableName(String);

impl VariableName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for VariableName {
    const EXPECTED: &'static str = "a name such as `database`";

    fn read(text: &str) -> Result<Self, Explained> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        let meant = text.replace(['-', '.', ' '], "_");
        let meant = Some(meant).filter(|meant| is_name(meant));
        Err(Explained {
            message: format!("`{text}` cannot be the name of a variable"),
            help: Some(match &meant {
                Some(meant) => format!("write letters, digits and `_`: `{meant}`"),
                None => "write letters, digits and `_`, and no digit first".to_owned(),
            }),
            meant,
        })
    }
}

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl Serialize for VariableName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for VariableName {
    fn schema_name() -> Cow<'static, str> {
        "VariableName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A name of letters, digits and `_`, as variables of the environment have it.",
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        })
    }
}
