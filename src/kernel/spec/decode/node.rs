//! One node of a tree as a serde `Deserializer`.
use super::super::{
    core_schema::{CoreType, core_type, integer},
    document::Reference,
    problem, rules,
    tree::{Entry, NodeId, Style, Value, is_null},
};
use super::{
    EITHER, Error, FIELD, REFERENCE, Reading, TEXT,
    access::{EitherAccess, FieldAccess, ListAccess, MappingAccess, StructAccess},
};
use serde::de::{self, IntoDeserializer as _, Visitor, value::StrDeserializer};
use std::fmt;

/// A node as a serde `Deserializer`.
#[expect(clippy::struct_field_names, reason = "`node` is the word for it")]
#[derive(Clone, Copy)]
pub struct Node<'r, 't> {
    pub(super) reading: &'r Reading<'t>,
    pub(super) node: NodeId,
    /// The key whose value this is.
    pub(super) key: Option<NodeId>,
}

impl<'r, 't> Node<'r, 't> {
    /// The node itself, aliases followed.
    fn target(self) -> NodeId {
        self.reading.tree.resolve(self.node)
    }

    fn value(self) -> &'r Value<'t> {
        &self.reading.tree.node(self.target()).value
    }

    pub(super) fn child(self, node: NodeId, key: Option<NodeId>) -> Self {
        Self { node, key, ..self }
    }

    /// What stands here, for "expected …, found …".
    fn found(self) -> String {
        match self.value() {
            Value::Scalar(text, Style::Plain) if is_null(text) => "no value".to_owned(),
            Value::Scalar(text, style) => problem::found_scalar(text, *style == Style::Plain),
            Value::List(..) => "a list".to_owned(),
            Value::Map(..) | Value::Alias(_) => "a mapping".to_owned(),
        }
    }

    fn mismatch(self, expected: &str) -> Error {
        let message = if self.reading.tree.is_null(self.node) {
            match self.key.and_then(|key| self.reading.tree.scalar(key)) {
                Some((key, _)) => format!("`{key}` has no value; expected {expected}"),
                None => format!("expected {expected}, found no value"),
            }
        } else {
            format!("expected {expected}, found {}", self.found())
        };
        let mut error = Error::new(&rules::WRONG_TYPE, message).at(self.node);
        error.place = Some(match self.value() {
            Value::Scalar(text, _) if !text.is_empty() => self.reading.place(self.node),
            _ => self.reading.short_place(self.node, self.key),
        });
        error
    }

    /// The scalar's text, whatever type it has; what was expected is asked for only if it has none.
    fn text(self, expected: impl FnOnce() -> String) -> Result<(&'r str, Style), Error> {
        self.reading.visit()?;
        match self.value() {
            Value::Scalar(text, style) if !(*style == Style::Plain && is_null(text)) => {
                self.reading.take_bytes(text)?;
                Ok((text, *style))
            }
            _ => Err(self.mismatch(&expected())),
        }
    }

    pub(super) fn entries(self) -> Option<&'r [Entry]> {
        self.reading.tree.map(self.node)
    }
}

macro_rules! number {
    ($method:ident, $visit:ident, $type:ty, $expected:literal) => {
        fn $method<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
            let (text, style) = self.text(|| $expected.to_owned())?;
            let parsed = if style == Style::Plain { integer(text) } else { None };
            match parsed.and_then(|number| <$type>::try_from(number).ok()) {
                Some(number) => visitor.$visit(number).map_err(|error: Error| error.at(self.node)),
                None => Err(self.mismatch($expected)),
            }
        }
    };
}

impl<'r> de::Deserializer<'r> for Node<'r, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value() {
            Value::Scalar(text, Style::Plain) => match core_type(text) {
                CoreType::Null => visitor.visit_unit(),
                CoreType::Bool(value) => visitor.visit_bool(value),
                CoreType::Integer(value) => match i64::try_from(value) {
                    Ok(value) => visitor.visit_i64(value),
                    Err(_) => visitor.visit_i128(value),
                },
                CoreType::Float(value) => visitor.visit_f64(value),
                CoreType::Text => self.deserialize_str(visitor),
            },
            Value::Scalar(..) => self.deserialize_str(visitor),
            Value::List(..) => self.deserialize_seq(visitor),
            Value::Map(..) | Value::Alias(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let (text, style) = self.text(|| "text".to_owned())?;
        if style == Style::Plain && !matches!(core_type(text), CoreType::Text) {
            return Err(self.mismatch("text").quoted(text));
        }
        visitor.visit_borrowed_str(text).map_err(|error: Error| error.at(self.node))
    }

    fn deserialize_string<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let (text, style) = self.text(|| "`true` or `false`".to_owned())?;
        match core_type(text) {
            CoreType::Bool(value) if style == Style::Plain => visitor.visit_bool(value),
            _ => Err(self.mismatch("`true` or `false`")),
        }
    }

    number!(deserialize_u8, visit_u8, u8, "a whole number from 0 to 255");
    number!(deserialize_u16, visit_u16, u16, "a whole number from 0 to 65535");
    number!(deserialize_u32, visit_u32, u32, "a whole number, 0 or more");
    number!(deserialize_u64, visit_u64, u64, "a whole number, 0 or more");
    number!(deserialize_i64, visit_i64, i64, "a whole number");

    fn deserialize_f64<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let (text, style) = self.text(|| "a number".to_owned())?;
        let number = match core_type(text) {
            CoreType::Integer(number) => Some(number as f64),
            CoreType::Float(number) => Some(number),
            _ => None,
        };
        match number.filter(|number| number.is_finite() && style == Style::Plain) {
            Some(number) => visitor.visit_f64(number).map_err(|error: Error| error.at(self.node)),
            None => Err(self.mismatch("a number")),
        }
    }

    fn deserialize_option<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.reading.tree.is_null(self.node) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            FIELD => visitor.visit_seq(FieldAccess { node: self, step: 0 }),
            EITHER => visitor.visit_seq(EitherAccess { node: self, step: 0 }),
            TEXT => {
                let (text, _) = self.text(|| Expecting(&visitor).to_string())?;
                visitor.visit_borrowed_str(text).map_err(|error: Error| error.at(self.node))
            }
            _ => match name.strip_prefix(REFERENCE) {
                Some(kind) => self.reference(kind, visitor),
                None => visitor.visit_newtype_struct(self),
            },
        }
    }

    fn deserialize_seq<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.reading.visit()?;
        match self.reading.tree.list(self.node) {
            Some(items) => visitor.visit_seq(ListAccess { node: self, items: items.iter() }),
            None => Err(self.mismatch("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.reading.visit()?;
        match self.entries() {
            Some(entries) => visitor.visit_map(MappingAccess {
                node: self,
                entries: entries.iter(),
                current: None,
            }),
            None => Err(self.mismatch("a mapping")),
        }
    }

    fn deserialize_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.reading.visit()?;
        match self.entries() {
            Some(entries) => visitor.visit_map(StructAccess {
                node: self,
                fields,
                entries: entries.iter(),
                seen: 0,
                misspelt: 0,
                absent: 0,
                current: None,
            }),
            None => Err(self.mismatch(&problem::mapping_with(fields))),
        }
    }

    fn deserialize_enum<V: Visitor<'r>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (text, _) = self.text(|| problem::one_of(variants))?;
        if !variants.contains(&text) {
            let expected = problem::one_of(variants);
            let error = Error::new(
                &rules::INVALID_VALUE,
                format!("`{}` is not allowed here; expected {expected}", problem::shorten(text)),
            );
            return Err(match problem::closest(text, variants) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            }
            .at(self.node));
        }
        let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
        visitor.visit_enum(deserializer).map_err(|error: Error| error.at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'r>>
        i8 i16 i32 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

impl<'r> Node<'r, '_> {
    fn reference<V: Visitor<'r>>(self, kind: &'static str, visitor: V) -> Result<V::Value, Error> {
        let expected = || format!("the name of a {kind}");
        let (name, style) = self.text(expected)?;
        if style == Style::Plain && !matches!(core_type(name), CoreType::Text) {
            return Err(self.mismatch(&expected()).quoted(name));
        }
        let place = self.reading.place(self.node);
        let reference = Reference { kind, name: name.to_owned(), place };
        self.reading.sink.borrow_mut().references.push(reference);
        visitor.visit_borrowed_str(name)
    }
}

/// Prints what a visitor expects.
struct Expecting<'a, V>(&'a V);

impl<'r, V: Visitor<'r>> fmt::Display for Expecting<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}
