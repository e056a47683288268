//! The machine form of an answer as a type, so that its JSON Schema can be published.
use super::Report;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Value, json};

/// The machine form of an answer.
pub trait Form: Serialize + JsonSchema {
    /// Name and version, such as `sre/budget@1`. The version rises when a field changes its meaning or
    /// goes; new fields may come without.
    const SCHEMA: &'static str;
}

/// A form as the list of all forms has it.
#[derive(Clone, Copy, Debug)]
pub struct FormKind {
    /// Name and version.
    pub schema: &'static str,
    /// The JSON Schema.
    pub json_schema: fn() -> Value,
}

impl FormKind {
    /// The entry of a form.
    pub const fn of<T: Form>() -> Self {
        Self { schema: T::SCHEMA, json_schema: json_schema::<T> }
    }

    /// The name without version: `budget`.
    pub fn name(&self) -> &'static str {
        let name = self.schema.strip_prefix("sre/").unwrap_or(self.schema);
        name.split('@').next().unwrap_or(name)
    }
}

impl Report {
    /// A report with that machine form.
    pub fn of<T: Form>(form: &T) -> Self {
        // Forms are plain structs of our own: serde_json has nothing to refuse in them.
        Self::new(T::SCHEMA, serde_json::to_value(form).unwrap_or(Value::Null))
    }
}

/// JSON Schema (draft 7) of a form, its field `schema` included.
fn json_schema<T: Form>() -> Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    schema["title"] = T::SCHEMA.into();
    let name = json!({"description": "Name and version of this form.", "const": T::SCHEMA});
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.shift_insert(0, "schema".to_owned(), name);
    }
    if let Some(required) = schema["required"].as_array_mut() {
        required.retain(|field| field != "schema");
        required.insert(0, "schema".into());
    }
    schema
}
