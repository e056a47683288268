//! Documents as flat lists of fields, so that two can be compared whatever their kind.
use crate::kernel::report::without_secrets;
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// The values of a document by the path of their fields: `spec.tiers[page-1h].long`.
pub(super) type Fields = BTreeMap<String, String>;

/// That a field says something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldChange {
    /// Its path.
    pub(super) field: String,
    /// What it said; `None` where it was not there.
    pub(super) before: Option<String>,
    /// What it says; `None` where it is gone.
    pub(super) after: Option<String>,
}

/// The fields of a value.
///
/// Items of lists that have a name, or are about a service or an objective, are called by that: one more
/// at the front does not change the others.
pub(super) fn fields(value: &Value) -> Fields {
    let mut found = Fields::new();
    add(value, String::new(), &mut found);
    found
}

fn add(value: &Value, path: String, found: &mut Fields) {
    match value {
        Value::Mapping(fields) => {
            for (key, value) in fields {
                let key = text(key);
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                add(value, path, found);
            }
        }
        Value::Sequence(items) => {
            let names = names(items);
            for (at, item) in items.iter().enumerate() {
                let name = names.as_ref().and_then(|names| names.get(at).cloned());
                add(item, format!("{path}[{}]", name.unwrap_or_else(|| at.to_string())), found);
            }
        }
        Value::Null => {}
        scalar => {
            found.insert(path, without_secrets(&text(scalar)).into_owned());
        }
    }
}

/// What the items of a list are called, where each has a name of its own.
fn names(items: &[Value]) -> Option<Vec<String>> {
    let called = |item: &Value| {
        let Value::Mapping(fields) = item else { return None };
        let named = |key: &str| fields.get(key).filter(|value| value.is_string()).map(text);
        ["name", "service", "slo"].into_iter().find_map(named)
    };
    let names: Vec<String> = items.iter().map(called).collect::<Option<_>>()?;
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    (distinct.len() == names.len()).then_some(names)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim_end().to_owned(),
    }
}

/// The value at a path of keys.
pub(super) fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| match value {
        Value::Mapping(fields) => fields.get(*key),
        _ => None,
    })
}

/// The same mapping without some of its keys.
pub(super) fn without(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Mapping(fields) => {
            let kept = fields.iter().filter(|(key, _)| !keys.iter().any(|one| text(key) == *one));
            Value::Mapping(
                kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Mapping>(),
            )
        }
        other => other.clone(),
    }
}

/// What differs, by path.
pub(super) fn differences(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
        .into_iter()
        .map(|path| FieldChange {
            field: path.clone(),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &[(&str, Option<&str>, Option<&str>)]) {
        let read = |text: &str| fields(&serde_yaml::from_str(text).unwrap());
        let found = differences(&read(before), &read(after));
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.field.as_str(), one.before.as_deref(), one.after.as_deref()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_differs() {
        check("{a: 1, b: {c: x}}", "{b: {c: y}, a: 1}", &[("b.c", Some("x"), Some("y"))]);
        check("{a: 1}", "{a: 1, b: true}", &[("b", None, Some("true"))]);
    }

    #[test]
    fn named_items_are_called_by_their_names() {
        check(
            "[{name: a, x: 1}, {name: b, x: 2}]",
            "[{name: c, x: 0}, {name: a, x: 1}, {name: b, x: 3}]",
            &[
                ("[b].x", Some("2"), Some("3")),
                ("[c].name", None, Some("c")),
                ("[c].x", None, Some("0")),
            ],
        );
        check(
            "[{name: a}, {name: a}]",
            "[{name: a}]",
            &[
                ("[0].name", Some("a"), None),
                ("[1].name", Some("a"), None),
                ("[a].name", None, Some("a")),
            ],
        );
        check("[x, y]", "[x]", &[("[1]", Some("y"), None)]);
    }

    #[test]
    fn credentials_are_not_shown() {
        let found = fields(&serde_yaml::from_str("url: http://me:secret@host/").unwrap());
        assert!(!found["url"].contains("secret"), "{found:?}");
    }
}
