//! JSON Schema (draft 7) of the language, for editors.
//!
//! Made from the same types that decode documents, and from the same table of old spellings, so that
//! a document which an editor accepts is one that decodes cleanly. What no schema can say stays with
//! the decoder: references, duplicate keys, limits of values that are written as text.
use super::{API_VERSION, Kind, Metadata, Spelling, Unit};
use crate::kernel::units::Ratio;
use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::transform_subschemas,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Path of a definition: `#/definitions/` and its name.
const DEFINITIONS: &str = "#/definitions/";

/// The schema of a document of any of `kinds`; which one it is, `kind` says.
pub fn document_schema(kinds: &[&'static Kind]) -> Value {
    let mut generator = generator();
    let metadata = generator.subschema_for::<Metadata>().to_value();
    let specs: Vec<Value> =
        kinds.iter().map(|kind| (kind.schema)(&mut generator).to_value()).collect();
    let definitions = generator.take_definitions(true);
    let branches: Vec<Value> = kinds
        .iter()
        .zip(specs)
        .map(|(kind, spec)| {
            let properties = kind_properties(kind, kind.spellings, &spec, &definitions);
            json!({
                "if": {"properties": {"kind": {"enum": names(kind)}}, "required": ["kind"]},
                "then": {"properties": properties},
            })
        })
        .collect();
    let all: Vec<&str> = kinds.iter().flat_map(|kind| names(kind)).collect();
    let summaries: Vec<&str> =
        kinds.iter().flat_map(|kind| names(kind).into_iter().map(|_| kind.summary)).collect();
    let mut root = envelope("sre", "A document of the reliability of a system.", &metadata);
    root["properties"]["kind"]["enum"] = all.into();
    root["properties"]["kind"]["enumDescriptions"] = summaries.into();
    root["allOf"] = branches.into();
    finish(root, &definitions)
}

/// The schema of a document of one kind.
pub fn kind_schema(kind: &Kind) -> Value {
    schema_of(kind, kind.spellings)
}

/// The schema of a document of one kind, without the old spellings of its fields: for people to read.
pub fn current_schema(kind: &Kind) -> Value {
    schema_of(kind, &[])
}

fn schema_of(kind: &Kind, spellings: &'static [Spelling]) -> Value {
    let mut generator = generator();
    let metadata = generator.subschema_for::<Metadata>().to_value();
    let spec = (kind.schema)(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    let mut root = envelope(kind.name, &sentence(kind.summary), &metadata);
    root["properties"]["kind"]["enum"] = names(kind).into();
    for (name, schema) in kind_properties(kind, spellings, &spec, &definitions) {
        root["properties"][name] = schema;
    }
    finish(root, &definitions)
}

/// The schema of a file that is one `T` and no document, such as the settings of a catalog.
pub fn file_schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft07().with_transform(tidy).into_generator()
}

/// The names by which documents call a kind.
fn names(kind: &Kind) -> Vec<&'static str> {
    std::iter::once(kind.name).chain(kind.aliases.iter().copied()).collect()
}

/// `a thing: what it is` as a sentence.
pub fn sentence(summary: &str) -> String {
    let mut characters = summary.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).chain(['.']).collect()
}

/// What all documents have in common.
fn envelope(title: &str, description: &str, metadata: &Value) -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "description": description,
        "type": "object",
        "properties": {
            "apiVersion": {"description": "Version of the language.", "const": API_VERSION},
            "kind": {"description": "What the document is.", "type": "string"},
            "metadata": {"description": "What the document says of itself.", "allOf": [metadata]},
            "spec": {"description": "What it promises or describes.", "type": "object"},
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
    })
}

/// The properties of a document that its kind decides.
fn kind_properties(
    kind: &Kind,
    spellings: &'static [Spelling],
    spec: &Value,
    definitions: &Map<String, Value>,
) -> Map<String, Value> {
    let spec = json!({"description": sentence(kind.summary), "allOf": [spec]});
    let mut document = json!({"properties": {"spec": spec}});
    for ((path, new), spellings) in grouped(spellings) {
        edit(&mut document, path, definitions, &|object| accept(object, new, &spellings));
    }
    match document["properties"].take() {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

type Keys = &'static [&'static str];

/// Old spellings by the field they stand for, and where.
fn grouped(
    spellings: &'static [Spelling],
) -> BTreeMap<(Keys, &'static str), Vec<&'static Spelling>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for spelling in spellings {
        groups.entry((spelling.path, spelling.new)).or_default().push(spelling);
    }
    groups
}

/// Changes the schema of the mapping at `path`; whether there is one.
///
/// Definitions on the way are copied: the same type elsewhere does not have the old spelling.
fn edit(
    schema: &mut Value,
    path: &[&str],
    definitions: &Map<String, Value>,
    change: &dyn Fn(&mut Map<String, Value>),
) -> bool {
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some(name) = reference.and_then(|path| path.strip_prefix(DEFINITIONS)) {
        let mut copy = definitions.get(name).cloned().unwrap_or_default();
        let changed = edit(&mut copy, path, definitions, change);
        if changed {
            *schema = copy;
        }
        return changed;
    }
    let Some(object) = schema.as_object_mut() else { return false };
    let mut changed = false;
    for branches in ["allOf", "anyOf", "oneOf"] {
        let branches = object.get_mut(branches).and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten() {
            changed |= edit(branch, path, definitions, change);
        }
    }
    let inner = match path {
        [] if object.contains_key("properties") => {
            change(object);
            return true;
        }
        [] => None,
        ["*", rest @ ..] => object.get_mut("items").map(|items| (items, rest)),
        [key, rest @ ..] => object
            .get_mut("properties")
            .and_then(|properties| properties.get_mut(key))
            .map(|property| (property, rest)),
    };
    inner.map_or(changed, |(schema, rest)| edit(schema, rest, definitions, change) || changed)
}

/// Lets a mapping have `new` under its old spellings too, but only under one of all.
fn accept(object: &mut Map<String, Value>, new: &str, spellings: &[&Spelling]) {
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    let Some(properties) = properties else { return };
    let present = properties.get(new).cloned().unwrap_or_default();
    for spelling in spellings {
        properties.insert(spelling.old.to_owned(), old_property(&present, spelling));
    }
    let names: Vec<&str> =
        std::iter::once(new).chain(spellings.iter().map(|spelling| spelling.old)).collect();
    let required = object.get_mut("required").and_then(Value::as_array_mut);
    let is_required = required.is_some_and(|required| {
        let before = required.len();
        required.retain(|name| name != new);
        required.len() < before
    });
    let constraints = object.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
    let Some(constraints) = constraints.as_array_mut() else { return };
    if is_required {
        let choices: Vec<Value> = names.iter().map(|name| json!({"required": [name]})).collect();
        constraints.push(json!({"oneOf": choices}));
    } else {
        let pairs = names.iter().enumerate().flat_map(|(at, one)| {
            names[at + 1..].iter().map(move |other| json!({"not": {"required": [one, other]}}))
        });
        constraints.extend(pairs);
    }
}

/// The schema of a field under an old spelling.
fn old_property(present: &Value, spelling: &Spelling) -> Value {
    let Spelling { new, unit, .. } = spelling;
    let mut schema = match unit {
        Unit::Same => present.clone(),
        unit => unit_schema(*unit),
    };
    let description = match unit {
        Unit::Same => format!("Old spelling of `{new}`."),
        unit => format!("Old spelling of `{new}`: {}.", unit.expected()),
    };
    schema["description"] = description.into();
    schema["deprecated"] = true.into();
    schema["deprecationMessage"] = format!("write `{new}`").into();
    schema
}

/// Values without a unit, as [`Unit::convert`] takes them.
fn unit_schema(unit: Unit) -> Value {
    match unit {
        Unit::Same => json!({}),
        Unit::Ratio => Ratio::json_schema(&mut generator()).to_value(),
        Unit::Percent => json!({"anyOf": [
            {"type": "number", "minimum": 0, "maximum": 100},
            {"type": "string", "pattern": format!("^{}\\s*$", super::scalar::PERCENT_PATTERN)},
        ]}),
        Unit::Milliseconds => json!({"anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^([0-9]+(\\.0*)?|\\.0+)$"},
        ]}),
        Unit::Minutes | Unit::Hours => json!({"anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$"},
        ]}),
    }
}

/// Whole numbers get the limits of their type instead of its name, and texts lose their line ends.
fn tidy(schema: &mut Schema) {
    let limits = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => Some((0, u64::from(u8::MAX))),
        Some("uint16") => Some((0, u64::from(u16::MAX))),
        Some("uint32") => Some((0, u64::from(u32::MAX))),
        Some("uint64") => Some((0, u64::MAX)),
        Some("int64") => Some((i64::MIN, i64::MAX.unsigned_abs())),
        _ => None,
    };
    if let Some((minimum, maximum)) = limits {
        schema.remove("format");
        schema.ensure_object().entry("minimum").or_insert(minimum.into());
        schema.ensure_object().entry("maximum").or_insert(maximum.into());
    }
    if schema.get("format").and_then(Value::as_str) == Some("double") {
        schema.remove("format");
    }
    if let Some(description) = schema.get("description").and_then(Value::as_str) {
        let text = unwrap_lines(description);
        schema.insert("description".to_owned(), text.into());
    }
    transform_subschemas(&mut tidy, schema);
}

/// Paragraphs of one line each.
fn unwrap_lines(text: &str) -> String {
    text.split("\n\n").map(|block| block.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

/// Adds the definitions that are used, by name.
fn finish(mut root: Value, definitions: &Map<String, Value>) -> Value {
    let mut used: BTreeMap<String, Value> = BTreeMap::new();
    let mut queue = Vec::new();
    references(&root, &mut queue);
    while let Some(name) = queue.pop() {
        if let Some(definition) = definitions.get(&name).filter(|_| !used.contains_key(&name)) {
            references(definition, &mut queue);
            used.insert(name, definition.clone());
        }
    }
    root["definitions"] = Value::Object(used.into_iter().collect());
    root
}

/// Collects the names of the definitions that a schema refers to.
fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            names.extend(
                reference.and_then(|path| path.strip_prefix(DEFINITIONS)).map(str::to_owned),
            );
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
