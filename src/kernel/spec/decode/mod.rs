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
mod access;
mod node;

pub(super) use access::PlaceParts;
pub use node::Node;

use super::{
    document::Reference,
    problem::{self, Explained},
    rules,
    tree::{NodeId, Tree},
};
use crate::kernel::{
    diagnostic::{Finding, Level, Rule},
    source::{Place, SourceId},
};
use serde::{Deserialize, de};
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
    pub fn report(&self, mut finding: Finding) {
        if finding.at_key {
            let place = finding.primary.place;
            finding.primary.place = self.key_before(place).unwrap_or(place);
        }
        let key = (finding.primary.place, finding.message.clone());
        if self.told.borrow_mut().insert(key) {
            self.sink.borrow_mut().findings.push(finding);
        }
    }

    /// Where the key stands that leads to the value at a place.
    fn key_before(&self, value: Place) -> Option<Place> {
        let mut entries = self.tree.entries.iter();
        let entry = entries.find(|entry| self.place(entry.value) == value)?;
        Some(self.place(entry.key))
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
