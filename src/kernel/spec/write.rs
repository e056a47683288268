//! Documents as text: what [`load`](super::load) reads, written again.
//!
//! Values are written as users write them: ratios with a percent sign, durations with their units. What a
//! document does not say is left out. The text is in the canonical form of `sre fmt`.
use super::{
    API_VERSION, Document,
    core_schema::{CoreType, core_type},
    field::WRITTEN,
    format::format_text,
    tree::{NodeId, Style, Tree},
    yaml,
};
use crate::kernel::{source::SourceId, time::parse_instant};
use serde_yaml::{Mapping, Number, Value};

/// A document as plain values, fields in their order; `None` where a part of it could not be read.
pub fn values(document: &Document) -> Option<Value> {
    let metadata = serde_yaml::to_value(document.metadata.as_ref()?).ok()?;
    let spec = (document.kind.values)(&**document.spec.as_ref()?)?;
    let mut fields = Mapping::new();
    fields.insert("apiVersion".into(), API_VERSION.into());
    fields.insert("kind".into(), document.kind.name.into());
    fields.insert("metadata".into(), said(metadata).unwrap_or_else(empty));
    fields.insert("spec".into(), said(spec).unwrap_or_else(empty));
    Some(Value::Mapping(fields))
}

/// The text of a document, which is read as the same document; `None` where a part of it could not be
/// read.
pub fn text(document: &Document) -> Option<String> {
    let values = values(document)?;
    let text = serde_yaml::to_string(&values).ok()?;
    let text = format_text(SourceId::default(), &text, &[document.kind]).ok()?;
    if says(&text, &values) {
        return Some(text);
    }
    // A text of nothing but line ends, and other oddities: JSON has one way to write them.
    let text = serde_json::to_string_pretty(&values).ok()?;
    let text = format_text(SourceId::default(), &text, &[document.kind]).ok()?;
    says(&text, &values).then_some(text)
}

/// Whether a text is read as these values.
fn says(text: &str, values: &Value) -> bool {
    let stream = yaml::parse(text);
    match &stream.documents[..] {
        [document] => stream.errors.is_empty() && holds(&document.tree, document.tree.root, values),
        _ => false,
    }
}

fn holds(tree: &Tree<'_>, node: NodeId, value: &Value) -> bool {
    match value {
        Value::Null => tree.is_null(node),
        Value::Sequence(items) => tree.list(node).is_some_and(|nodes| {
            nodes.len() == items.len()
                && nodes.iter().zip(items).all(|(node, item)| holds(tree, *node, item))
        }),
        Value::Mapping(fields) => tree.map(node).is_some_and(|entries| {
            entries.len() == fields.len()
                && entries.iter().zip(fields).all(|(entry, (key, field))| {
                    holds(tree, entry.key, key) && holds(tree, entry.value, field)
                })
        }),
        Value::Tagged(_) => false,
        scalar => tree.scalar(node).is_some_and(|(text, style)| match (scalar, core_type(text)) {
            (Value::String(string), CoreType::Text) => text == string,
            (Value::String(string), _) => text == string && style != Style::Plain,
            (Value::Bool(one), CoreType::Bool(other)) => *one == other,
            (Value::Number(one), CoreType::Integer(other)) => one.as_f64() == Some(other as f64),
            (Value::Number(one), CoreType::Float(other)) => one.as_f64() == Some(other),
            _ => false,
        }),
    }
}

/// A part of a specification as plain values, as [`values`] writes them.
pub fn part(value: &impl serde::Serialize) -> Value {
    let value = serde_yaml::to_value(value).unwrap_or_default();
    said(value).unwrap_or_else(empty)
}

/// A value as one line of YAML, without what it does not say.
pub fn one_line(value: &impl serde::Serialize) -> String {
    written(&part(value))
}

fn written(value: &Value) -> String {
    match value {
        Value::Mapping(fields) => {
            let field =
                |(key, value): (&Value, &Value)| format!("{}: {}", written(key), written(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if is_plain(text) || parse_instant(text).is_ok() => text.clone(),
        // JSON's quotes are YAML's double quotes.
        Value::String(text) => serde_json::Value::from(text.as_str()).to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// Whether a text means itself without quotes: a word that begins with a letter, and no keyword.
fn is_plain(text: &str) -> bool {
    let keywords = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !keywords.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn empty() -> Value {
    Value::Mapping(Mapping::new())
}

/// The value without what it does not say: absent fields, and empty lists and mappings that no field of
/// its own stands for. `None` where it says nothing. Whole numbers are written without a point.
fn said(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Number(number) => Some(Value::Number(whole(number))),
        Value::Sequence(items) if items.is_empty() => None,
        Value::Mapping(fields) if fields.is_empty() => None,
        Value::Tagged(field) if field.tag == WRITTEN => Some(inside(field.value)),
        other => Some(inside(other)),
    }
}

/// The value of a field that stands there, whatever is left of it.
fn inside(value: Value) -> Value {
    match value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().filter_map(said).collect()),
        Value::Mapping(fields) => {
            let said = fields.into_iter().filter_map(|(key, value)| Some((key, said(value)?)));
            Value::Mapping(said.collect())
        }
        Value::Number(number) => Value::Number(whole(number)),
        Value::Tagged(field) if field.tag == WRITTEN => inside(field.value),
        other @ (Value::Null | Value::Bool(_) | Value::String(_) | Value::Tagged(_)) => other,
    }
}

/// Numbers below this are whole in both forms.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn whole(number: Number) -> Number {
    match number.as_f64() {
        Some(value) if value.fract() == 0.0 && value.abs() < EXACT && number.is_f64() =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
            Number::from(value as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{
            spec::{Either, Field, Kind, Metadata, Name, Ref, Spec, load_text},
            units::{BurnFactor, Duration, Ratio},
        },
        reference_target,
    };
    use proptest::prelude::*;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Toy {
        share: Field<Ratio>,
        names: Field<Vec<Field<String>>>,
        #[serde(default)]
        more: Vec<Field<String>>,
        #[serde(default)]
        words: BTreeMap<String, Field<String>>,
        factor: Option<Field<BurnFactor>>,
        weight: Option<Field<f64>>,
        other: Option<Field<Either<Ref<Toy>, Inline>>>,
    }

    #[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Inline {
        length: Option<Field<Duration>>,
    }

    reference_target!(Toy, "Toy");
    impl Spec for Toy {}
    static TOY: Kind = Kind::of::<Toy>("a toy", "");

    fn field<T>(value: T) -> Field<T> {
        Field::new(value, crate::kernel::source::Place::default())
    }

    fn toy(spec: Toy) -> Document {
        Document {
            kind: &TOY,
            metadata: Some(Box::new(Metadata::named(field(Name::new("a").unwrap())))),
            place: crate::kernel::source::Place::default(),
            references: Vec::new(),
            clean: true,
            dialect: None,
            origin: None,
            spec: Some(Box::new(spec)),
        }
    }

    fn plain() -> Toy {
        Toy {
            share: field(Ratio::ONE_PERCENT),
            names: field(Vec::new()),
            more: Vec::new(),
            words: BTreeMap::new(),
            factor: None,
            weight: None,
            other: None,
        }
    }

    #[test]
    fn what_is_not_said_is_left_out_and_what_is_stays() {
        let head = "apiVersion: sre/v1\nkind: Toy\nmetadata:\n  name: a\nspec:\n  share: 1%\n";
        assert_eq!(text(&toy(plain())), Some(format!("{head}  names: []\n")));
        let spec = Toy {
            names: field(vec![field("1".to_owned()), field("no".to_owned())]),
            factor: Some(field("14.4".parse().unwrap())),
            weight: Some(field(2.0)),
            other: Some(field(Either::Mapping(Box::new(Inline { length: None })))),
            ..plain()
        };
        let rest = "  names:\n    - '1'\n    - no\n  factor: 14.4\n  weight: 2\n  other: {}\n";
        assert_eq!(text(&toy(spec)), Some(format!("{head}{rest}")));
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,20}",
            "[a-z:#\n {}\\[\\]'\"|>%-]{0,30}",
            prop::sample::select(vec![
                "~", "null", "0x1f", "1e3", "-", "? a", "!x", "&a", "*a", "é日"
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn same(a: &Toy, b: &Toy) -> bool {
        let list = |list: &[Field<String>]| -> Vec<Option<String>> {
            list.iter().map(|field| field.get().cloned()).collect()
        };
        let words = |toy: &Toy| -> Vec<(String, Option<String>)> {
            toy.words.iter().map(|(key, value)| (key.clone(), value.get().cloned())).collect()
        };
        let number = |field: &Option<Field<f64>>| field.as_ref().and_then(|f| f.get().copied());
        list(&a.more) == list(&b.more)
            && a.names.get().map(|names| list(names)) == b.names.get().map(|names| list(names))
            && words(a) == words(b)
            && number(&a.weight) == number(&b.weight)
            && a.factor.as_ref().map(Field::get) == b.factor.as_ref().map(Field::get)
            && a.share.get() == b.share.get()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(
            more in prop::collection::vec(texts(), 0..4),
            words in prop::collection::btree_map("[ -~]{1,20}", texts(), 0..4),
            parts in 0..=Ratio::PARTS,
            billionths in 1u64..1_000_000_000_000_000_000,
            weight in prop::num::f64::NORMAL,
        ) {
            let factor = format!("{}.{:09}", billionths / 1_000_000_000, billionths % 1_000_000_000);
            let spec = Toy {
                share: field(Ratio::from_parts(parts).unwrap()),
                names: field(more.iter().cloned().map(field).collect()),
                more: more.into_iter().map(field).collect(),
                words: words.into_iter().map(|(key, value)| (key, field(value))).collect(),
                factor: Some(field(factor.parse().unwrap())),
                weight: Some(field(weight)),
                other: Some(field(Either::Scalar(Ref::to("b")))),
            };
            let written = text(&toy(spec.clone())).unwrap();
            let loaded = load_text(SourceId::default(), &written, &[&TOY], &[]);
            prop_assert!(loaded.findings.is_empty(), "{:?}\n{}", loaded.findings, written);
            prop_assert!(same(loaded.documents[0].spec::<Toy>().unwrap(), &spec), "{}", written);
            let formatted = format_text(SourceId::default(), &written, &[&TOY]).unwrap();
            prop_assert_eq!(formatted, written);
        }
    }
}
