//! Languages of other tools, whose documents may stand where ours do.
//!
//! A dialect is read in two steps. [`Dialect::decode`] turns one document into the dialect's own types,
//! with places, and reports what is wrong with it. [`Dialect::lower`] then sees all documents of the
//! dialect at once, for they may refer to each other across files, and says the same in our kinds. From
//! there on nothing else needs to know where a document came from; what only the dialect can say stays
//! with the document as its [origin](Document::origin), for exports back into it.
use super::{Document, Kind, Metadata, Reference, Spec, decode::Reading, tree::Tree};
use crate::kernel::{diagnostic::Finding, settings::Settings, source::Place};
use std::{any::Any, fmt, sync::Arc};

/// A value of a type that only its dialect knows.
pub type Foreign = Arc<dyn Any + Send + Sync>;

/// The language of another tool.
pub struct Dialect {
    /// What people call it: `Sloth`, `OpenSLO v1`.
    pub name: &'static str,
    /// Whether a document is of this language, by its outermost keys.
    pub recognises: fn(&Tree<'_>) -> bool,
    /// Reads one document, and reports what is wrong with it. `None` where nothing of it could be read.
    pub decode: fn(&Reading<'_>) -> Option<Foreign>,
    /// Says what the documents of this dialect, in the order of their texts, mean in our kinds.
    pub lower: fn(&[&ForeignDocument], &Settings) -> Lowered,
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A document of another language.
#[derive(Debug)]
pub struct ForeignDocument {
    /// Its language.
    pub dialect: &'static Dialect,
    /// The whole of it.
    pub place: Place,
    /// Whether it was read without an error.
    pub clean: bool,
    pub(super) value: Option<Foreign>,
}

impl ForeignDocument {
    /// What was read, if it is of that type.
    pub fn value<T: Any>(&self) -> Option<&T> {
        self.value.as_ref()?.downcast_ref()
    }
}

/// What documents of a dialect mean in our kinds.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The documents.
    pub documents: Vec<Document>,
    /// What is wrong between the documents of the dialect.
    pub findings: Vec<Finding>,
    /// What could not be carried over.
    pub losses: Vec<Loss>,
}

/// A field that says something for which another language has no words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// Where the field stands.
    pub place: Place,
    /// Its path in the document: `spec.slos[0].plugins`.
    pub field: String,
    /// Why it cannot be carried over, and what becomes of it.
    pub reason: String,
}

impl Loss {
    /// The field at `place` is not carried over, because of `reason`.
    pub fn new(place: Place, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place, field: field.into(), reason: reason.into() }
    }
}

/// What all foreign documents mean in our kinds.
pub fn lower(documents: &[ForeignDocument], settings: &Settings) -> Lowered {
    let mut lowered = Lowered::default();
    let mut done: Vec<&'static str> = Vec::new();
    for document in documents {
        if done.contains(&document.dialect.name) {
            continue;
        }
        done.push(document.dialect.name);
        let same = documents.iter().filter(|other| other.dialect.name == document.dialect.name);
        let part = (document.dialect.lower)(&same.collect::<Vec<_>>(), settings);
        lowered.documents.extend(part.documents);
        lowered.findings.extend(part.findings);
        lowered.losses.extend(part.losses);
    }
    lowered.losses.sort();
    lowered
}

impl Document {
    /// The document of our language that a foreign one means.
    ///
    /// `references` are the names of other documents that stand in `spec`, which nothing has recorded.
    pub fn lowered<T: Spec>(
        kind: &'static Kind,
        foreign: &ForeignDocument,
        metadata: Metadata,
        references: Vec<Reference>,
        spec: T,
    ) -> Self {
        Self {
            kind,
            metadata: Some(Box::new(metadata)),
            place: foreign.place,
            references,
            clean: foreign.clean,
            dialect: Some(foreign.dialect),
            origin: None,
            spec: Some(Box::new(spec)),
        }
    }

    /// The same document, which remembers what its dialect said.
    #[must_use]
    pub fn with_origin(self, origin: Foreign) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// What the dialect that the document came from said of it, if it is of that type.
    pub fn origin<T: Any>(&self) -> Option<&T> {
        self.origin.as_ref()?.downcast_ref()
    }
}
