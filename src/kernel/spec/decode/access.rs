//! What a node gives to the types that are read from it: places, items, entries, fields, and those that do not
//! stand there.
use super::super::{
    problem, rules,
    tree::{Entry, NodeId},
};
use super::{Error, FIELD, Node};
use crate::kernel::{
    diagnostic::Finding,
    source::{Place, SourceId},
};
use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, U64Deserializer},
    },
};

/// A [`Place`] on its way through serde.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in crate::kernel::spec) struct PlaceParts(Packed);

type Packed = (u64, u64);

impl PlaceParts {
    pub(in crate::kernel::spec) fn place(&self) -> Place {
        let half = |packed: u64| u32::try_from(packed & 0xffff_ffff).unwrap_or(0);
        Place {
            source: SourceId(half((self.0).0)),
            start: half((self.0).1 >> 32),
            end: half((self.0).1),
        }
    }
}

/// Gives a field its place, then its value, or nothing once a problem with it was reported.
pub(super) struct FieldAccess<'r, 't> {
    pub(super) node: Node<'r, 't>,
    pub(super) step: u8,
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
pub(super) struct PlaceDeserializer(pub(super) Place);

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

pub(super) struct PlaceAccess(Place, u8);

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
pub(super) struct EitherAccess<'r, 't> {
    pub(super) node: Node<'r, 't>,
    pub(super) step: u8,
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

pub(super) struct ListAccess<'r, 't> {
    pub(super) node: Node<'r, 't>,
    pub(super) items: std::slice::Iter<'r, NodeId>,
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
pub(super) struct MappingAccess<'r, 't> {
    pub(super) node: Node<'r, 't>,
    pub(super) entries: std::slice::Iter<'r, Entry>,
    pub(super) current: Option<Entry>,
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
pub(super) struct StructAccess<'r, 't> {
    pub(super) node: Node<'r, 't>,
    pub(super) fields: &'static [&'static str],
    pub(super) entries: std::slice::Iter<'r, Entry>,
    /// One bit per field that was there.
    pub(super) seen: u128,
    /// One bit per field that an unknown key was probably meant to be: its absence is no news.
    pub(super) misspelt: u128,
    /// The next field to be looked at as possibly absent.
    pub(super) absent: usize,
    pub(super) current: Option<Entry>,
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
pub(super) struct Absent<'r, 't> {
    pub(super) owner: Node<'r, 't>,
    pub(super) field: &'static str,
    /// Whether it was reported already, as a misspelt key.
    pub(super) misspelt: bool,
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
pub(super) struct MissingAccess(pub(super) Option<Place>);

impl<'r> SeqAccess<'r> for MissingAccess {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'r>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.0.take().map(|place| seed.deserialize(PlaceDeserializer(place))).transpose()
    }
}
