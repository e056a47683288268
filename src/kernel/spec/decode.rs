//! From a tree to plain Rust types, with every problem in one pass.
//!
//! A [`Reading`] holds what a decoding run shares: the tree, and the sink into which problems and
//! references go. [`Node`] is a serde `Deserializer` over one node of the tree. Three tricks make it
//! report everything instead of stopping at the first mismatch:
//!
//! 1. `deserialize_struct` is given the names of the fields, so unknown keys are reported here and
//!    skipped, and absent fields are offered too, as an `Absent` that knows how to be missing;
//! 2. a [`super::Field`] asks for the newtype `FIELD`, and gets a place and the value, or the place
//!    alone once the problem with the value has been reported;
//! 3. other newtype names carry what a type wants to know about the text: `TEXT` the scalar as
//!    written, `EITHER` whether it is a mapping, `$reference:Kind` that it names a document.
use super::{
    core_schema::{CoreType, core_type, integer},
    document::Reference,
    problem::{self, Explained},
    rules,
    tree::{Entry, NodeId, Style, Tree, Value, is_null},
};
use crate::kernel::{
    diagnostic::{Finding, Level, Rule},
    source::{Place, SourceId},
};
use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer, U64Deserializer},
    },
};
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt,
};

/// Newtype name of [`super::Field`].
pub(super) const FIELD: &str = "$field";
/// Newtype name by which a type asks for the scalar's text, whatever type YAML gives it.
pub(super) const TEXT: &str = "$text";
/// Newtype name by which a type asks whether it stands on a mapping.
pub(super) const EITHER: &str = "$either";
/// Beginning of the newtype names of references; the kind's name follows.
pub(super) const REFERENCE: &str = "$reference:";

/// How often a document's nodes may be visited beyond their number: aliases revisit what they stand for.
const EXTRA_VISITS: u64 = 200_000;
/// How many bytes of text a document may be expanded to beyond four times its size.
const EXTRA_BYTES: u64 = 16 << 20;

/// What decoding one document shares.
pub struct Reading<'t> {
    tree: &'t Tree<'t>,
    source: SourceId,
    /// Values whose problem was told before decoding began.
    reported: HashSet<NodeId>,
    sink: RefCell<Sink>,
    /// Places and messages of the problems in the sink.
    told: RefCell<HashSet<(Place, String)>>,
    visits_left: Cell<u64>,
    bytes_left: Cell<u64>,
    /// Whether one of them is used up: nothing is read, and nothing missed, any more.
    exhausted: Cell<bool>,
}

/// What decoding found besides values.
#[derive(Debug, Default)]
pub struct Sink {
    /// Problems, in the order of the text.
    pub findings: Vec<Finding>,
    /// Names of other documents.
    pub references: Vec<Reference>,
}

impl<'t> Reading<'t> {
    /// A run over `tree`, whose text is `source`.
    pub fn new(tree: &'t Tree<'t>, source: SourceId) -> Self {
        let size = u64::from(tree.nodes.iter().map(|node| node.end).max().unwrap_or(0));
        Self {
            tree,
            source,
            reported: HashSet::new(),
            sink: RefCell::default(),
            told: RefCell::default(),
            visits_left: Cell::new(8 * tree.nodes.len() as u64 + EXTRA_VISITS),
            bytes_left: Cell::new(4 * size + EXTRA_BYTES),
            exhausted: Cell::new(false),
        }
    }

    /// Leaves out values whose problem is known: fields that hold them are absent, and no news.
    #[must_use]
    pub fn reported(mut self, values: impl IntoIterator<Item = NodeId>) -> Self {
        self.reported.extend(values);
        self
    }

    /// The tree.
    pub fn tree(&self) -> &'t Tree<'t> {
        self.tree
    }

    /// Reads the node at `node`, which is the value of `key`.
    pub fn decode<'r, T: Deserialize<'r>>(
        &'r self,
        node: NodeId,
        key: Option<NodeId>,
    ) -> Option<T> {
        match T::deserialize(Node { reading: self, node, key }) {
            Ok(value) => Some(value),
            Err(error) => {
                self.report_error(error, node);
                None
            }
        }
    }

    /// Where a node stands. For a mapping or list of several lines, its first key or item.
    pub fn place(&self, node: NodeId) -> Place {
        let node = self.tree.node(node);
        Place { source: self.source, start: node.start, end: node.end }
    }

    /// Reports a problem, once: aliases lead to the same place again and again.
    pub fn report(&self, finding: Finding) {
        let key = (finding.primary.place, finding.message.clone());
        if self.told.borrow_mut().insert(key) {
            self.sink.borrow_mut().findings.push(finding);
        }
    }

    /// How many errors were found so far.
    pub fn errors(&self) -> usize {
        let findings = &self.sink.borrow().findings;
        findings.iter().filter(|finding| finding.rule.level == Level::Error).count()
    }

    /// What was found, at the end.
    pub fn into_sink(self) -> Sink {
        self.sink.into_inner()
    }

    /// The most telling short place for what is wrong with a whole node: the key that leads to it,
    /// else the scalar itself, else the first key in it.
    fn short_place(&self, node: NodeId, key: Option<NodeId>) -> Place {
        if let Some(key) = key {
            return self.place(key);
        }
        match self.tree.map(node).and_then(|entries| entries.first()) {
            Some(entry) => self.place(entry.key),
            None => self.place(node),
        }
    }

    fn report_error(&self, error: Error, node: NodeId) {
        if error.reported {
            return;
        }
        let place = error.place.unwrap_or_else(|| self.place(error.node.unwrap_or(node)));
        let finding = Finding::new(error.rule, place, error.message).maybe_help(error.help);
        self.report(match error.meant {
            Some(meant) => finding.fix(place, meant),
            None => finding,
        });
    }

    fn visit(&self) -> Result<(), Error> {
        let left = self.visits_left.get();
        self.visits_left.set(left.saturating_sub(1));
        if left == 0 || self.exhausted.get() { Err(self.expands_too_far()) } else { Ok(()) }
    }

    fn take_bytes(&self, text: &str) -> Result<(), Error> {
        let left = self.bytes_left.get();
        self.bytes_left.set(left.saturating_sub(text.len() as u64));
        if left < text.len() as u64 { Err(self.expands_too_far()) } else { Ok(()) }
    }

    /// Reported once; every later read fails silently, so that the run ends soon.
    fn expands_too_far(&self) -> Error {
        if !self.exhausted.replace(true) {
            let error = Error::new(&rules::YAML_SYNTAX, "aliases expand this document too far")
                .help("write out what the aliases stand for, or use fewer of them");
            self.report_error(error, self.tree.root);
        }
        let mut error = Error::new(&rules::YAML_SYNTAX, "");
        error.reported = true;
        error
    }
}

/// Why a value could not be read; becomes a finding at the nearest field.
#[derive(Debug)]
pub struct Error {
    rule: &'static Rule,
    message: String,
    help: Option<String>,
    /// The text that was certainly meant.
    meant: Option<String>,
    node: Option<NodeId>,
    place: Option<Place>,
    reported: bool,
}

impl Error {
    fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule, message, help: None, meant: None, node: None, place: None, reported: false }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The text was meant, and lacks quotes.
    fn quoted(mut self, text: &str) -> Self {
        self.meant = Some(format!("\"{text}\""));
        self.help(format!("write it in quotes: \"{text}\""))
    }

    fn at(mut self, node: NodeId) -> Self {
        self.node.get_or_insert(node);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let Explained { message, help, meant } = Explained::parse(&message.to_string());
        Self { help, meant, ..Self::new(&rules::INVALID_VALUE, message) }
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = problem::found(&unexpected);
        Self::new(&rules::WRONG_TYPE, format!("expected {expected}, found {found}"))
    }
}

/// A node as a serde `Deserializer`.
#[expect(clippy::struct_field_names, reason = "`node` is the word for it")]
#[derive(Clone, Copy)]
pub struct Node<'r, 't> {
    reading: &'r Reading<'t>,
    node: NodeId,
    /// The key whose value this is.
    key: Option<NodeId>,
}

impl<'r, 't> Node<'r, 't> {
    /// The node itself, aliases followed.
    fn target(self) -> NodeId {
        self.reading.tree.resolve(self.node)
    }

    fn value(self) -> &'r Value<'t> {
        &self.reading.tree.node(self.target()).value
    }

    fn child(self, node: NodeId, key: Option<NodeId>) -> Self {
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

    fn entries(self) -> Option<&'r [Entry]> {
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

/// A [`Place`] on its way through serde.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct PlaceParts(Packed);

type Packed = (u64, u64);

impl PlaceParts {
    pub(super) fn place(&self) -> Place {
        let half = |packed: u64| u32::try_from(packed & 0xffff_ffff).unwrap_or(0);
        Place {
            source: SourceId(half((self.0).0)),
            start: half((self.0).1 >> 32),
            end: half((self.0).1),
        }
    }
}

/// Gives a field its place, then its value, or nothing once a problem with it was reported.
struct FieldAccess<'r, 't> {
    node: Node<'r, 't>,
    step: u8,
}

impl<'r> SeqAccess<'r> for FieldAccess<'r, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.step += 1;
        let Node { reading, node, .. } = self.node;
        match self.step {
            1 => seed.deserialize(PlaceDeserializer(reading.place(node))).map(Some),
            2 if reading.reported.contains(&node) => Ok(None),
            2 => Ok(seed
                .deserialize(self.node)
                .map_err(|error| reading.report_error(error, node))
                .ok()),
            _ => Ok(None),
        }
    }
}

/// Gives a place as two numbers.
struct PlaceDeserializer(Place);

impl<'r> de::Deserializer<'r> for PlaceDeserializer {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(PlaceAccess(self.0, 0))
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'r>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct PlaceAccess(Place, u8);

impl<'r> SeqAccess<'r> for PlaceAccess {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.1 += 1;
        let part = match self.1 {
            1 => u64::from(self.0.source.0),
            _ => u64::from(self.0.start) << 32 | u64::from(self.0.end),
        };
        seed.deserialize(U64Deserializer::new(part)).map(Some)
    }
}

/// Gives whether the node is a mapping, then the node.
struct EitherAccess<'r, 't> {
    node: Node<'r, 't>,
    step: u8,
}

impl<'r> SeqAccess<'r> for EitherAccess<'r, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.step += 1;
        match self.step {
            1 => {
                let mapping = self.node.entries().is_some();
                seed.deserialize(mapping.into_deserializer()).map(Some)
            }
            _ => seed.deserialize(self.node).map(Some),
        }
    }
}

struct ListAccess<'r, 't> {
    node: Node<'r, 't>,
    items: std::slice::Iter<'r, NodeId>,
}

impl<'r> SeqAccess<'r> for ListAccess<'r, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        match self.items.next() {
            Some(&item) => seed.deserialize(self.node.child(item, None)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len().min(1024))
    }
}

/// Entries of a free mapping. Second occurrences of a key were reported with the tree.
struct MappingAccess<'r, 't> {
    node: Node<'r, 't>,
    entries: std::slice::Iter<'r, Entry>,
    current: Option<Entry>,
}

impl<'r> MapAccess<'r> for MappingAccess<'r, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some(&entry) = self.entries.next() else { return Ok(None) };
        self.current = Some(entry);
        seed.deserialize(self.node.child(entry.key, None)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'r>>(&mut self, seed: S) -> Result<S::Value, Error> {
        match self.current.take() {
            Some(entry) => seed.deserialize(self.node.child(entry.value, Some(entry.key))),
            None => Err(Error::new(&rules::WRONG_TYPE, "expected a value behind its key")),
        }
    }
}

/// Fields of a struct: those that stand there, then those that do not.
struct StructAccess<'r, 't> {
    node: Node<'r, 't>,
    fields: &'static [&'static str],
    entries: std::slice::Iter<'r, Entry>,
    /// One bit per field that was there.
    seen: u128,
    /// One bit per field that an unknown key was probably meant to be: its absence is no news.
    misspelt: u128,
    /// The next field to be looked at as possibly absent.
    absent: usize,
    current: Option<Entry>,
}

impl StructAccess<'_, '_> {
    /// The next field that stands there; unknown and repeated keys are passed over.
    fn next_present(&mut self) -> Option<&'static str> {
        let Node { reading, .. } = self.node;
        loop {
            let entry = *self.entries.next()?;
            if reading.visit().is_err() {
                return None;
            }
            let Some((key, _)) = reading.tree.scalar(entry.key) else {
                let place = reading.place(entry.key);
                reading.report(Finding::new(&rules::WRONG_TYPE, place, "a key must be text"));
                continue;
            };
            let Some(at) = self.fields.iter().position(|field| *field == key) else {
                reading.report(problem::unknown_field(key, reading.place(entry.key), self.fields));
                let near = problem::closest(key, self.fields);
                if let Some(at) = self.fields.iter().position(|field| Some(*field) == near) {
                    self.misspelt |= 1 << (at % 128);
                }
                continue;
            };
            let bit = 1_u128 << (at % 128);
            if self.seen & bit != 0 {
                continue;
            }
            self.seen |= bit;
            self.current = Some(entry);
            return Some(self.fields[at]);
        }
    }

    fn next_absent(&mut self) -> Option<&'static str> {
        while self.absent < self.fields.len() {
            let at = self.absent;
            self.absent += 1;
            if self.seen & (1_u128 << (at % 128)) == 0 {
                return Some(self.fields[at]);
            }
        }
        None
    }
}

impl<'r> MapAccess<'r> for StructAccess<'r, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        match self.next_present().or_else(|| self.next_absent()) {
            Some(field) => seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'r>>(&mut self, seed: S) -> Result<S::Value, Error> {
        if let Some(entry) = self.current.take() {
            return seed.deserialize(self.node.child(entry.value, Some(entry.key)));
        }
        let at = self.absent.saturating_sub(1);
        let misspelt = self.misspelt & (1_u128 << (at % 128)) != 0;
        seed.deserialize(Absent { owner: self.node, field: self.fields[at], misspelt })
    }
}

/// A field that does not stand there.
struct Absent<'r, 't> {
    owner: Node<'r, 't>,
    field: &'static str,
    /// Whether it was reported already, as a misspelt key.
    misspelt: bool,
}

impl<'r> de::Deserializer<'r> for Absent<'r, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, _visitor: V) -> Result<V::Value, Error> {
        let Node { reading, node, key } = self.owner;
        let mut error =
            Error::new(&rules::MISSING_FIELD, format!("missing field `{}`", self.field));
        error.place = Some(reading.short_place(node, key));
        Err(error)
    }

    fn deserialize_option<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
    }

    fn deserialize_seq<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(ListAccess { node: self.owner, items: [].iter() })
    }

    fn deserialize_map<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MappingAccess { node: self.owner, entries: [].iter(), current: None })
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != FIELD {
            return self.deserialize_any(visitor);
        }
        let Node { reading, node, key } = self.owner;
        let place = reading.short_place(node, key);
        if !self.misspelt && !reading.exhausted.get() {
            let message = format!("missing field `{}`", self.field);
            reading.report(Finding::new(&rules::MISSING_FIELD, place, message));
        }
        visitor.visit_seq(MissingAccess(Some(place)))
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'r>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct tuple tuple_struct struct enum identifier ignored_any
    }
}

/// Gives a missing field its place and no value.
struct MissingAccess(Option<Place>);

impl<'r> SeqAccess<'r> for MissingAccess {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.0.take().map(|place| seed.deserialize(PlaceDeserializer(place))).transpose()
    }
}
