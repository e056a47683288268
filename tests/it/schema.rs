//! The JSON Schema says what the decoder does.
use serde_json::Value;
use sre::{kernel::spec::schema, registry::KINDS};

/// The schema of the language, and those of the kinds.
fn schemas() -> Vec<(&'static str, Value)> {
    let kinds = KINDS.iter().map(|kind| (kind.name, schema::kind_schema(kind)));
    [("sre", schema::document_schema(&KINDS))].into_iter().chain(kinds).collect()
}

#[test]
fn schemas_are_valid_and_stay_the_same() {
    for ((name, schema), (_, again)) in schemas().iter().zip(&schemas()) {
        assert!(jsonschema::draft7::meta::is_valid(schema), "{name}");
        assert_eq!(schema.to_string(), again.to_string(), "{name}");
    }
}

#[test]
fn every_property_has_a_description() {
    for (name, schema) in schemas() {
        describe(&schema, name);
        let definitions = schema["definitions"].as_object().unwrap();
        definitions.iter().for_each(|(name, definition)| describe(definition, name));
    }
}

fn describe(schema: &Value, path: &str) {
    // A mapping's own properties; those inside `oneOf` and `if` say conditions.
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let description = property["description"].as_str().unwrap_or("");
        assert!(!description.is_empty(), "{path}.{name}");
        assert!(!description.contains('\n'), "{path}.{name}: {description}");
        describe(property, &format!("{path}.{name}"));
        for inner in property["allOf"].as_array().into_iter().flatten() {
            describe(inner, &format!("{path}.{name}"));
        }
    }
}

#[test]
fn every_old_spelling_is_known_and_deprecated() {
    for kind in KINDS.iter() {
        let schema = schema::kind_schema(kind);
        for spelling in kind.spellings {
            let mut found = Vec::new();
            properties(&schema, spelling.old, &mut found);
            assert!(!found.is_empty(), "{}: {}", kind.name, spelling.old);
            assert!(found.iter().all(|property| property["deprecated"] == true));
        }
    }
}

/// All properties of that name, wherever they are.
fn properties<'a>(schema: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match schema {
        Value::Object(object) => {
            found.extend(schema["properties"].get(name));
            object.values().for_each(|value| properties(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, name, found)),
        _ => {}
    }
}
