//! Texts and places in them. Every problem, reference and edit points at bytes of a text kept here.
pub mod edit;
mod position;

pub use edit::Edit;
pub use position::Position;

/// One text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A stretch of bytes of one text: `start..end`.
///
/// Texts are limited to far less than 4 GiB (the file adapter refuses larger ones), so that a place
/// fits in twelve bytes and every decoded value can carry one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
}

impl Place {
    /// The stretch as a range of indexes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies within this place.
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The part of this place that is `inner` bytes into it; the whole place where that does not fit.
    #[must_use]
    pub fn within(self, inner: std::ops::Range<usize>) -> Self {
        let length = (self.end - self.start) as usize;
        if inner.start > inner.end || inner.end > length {
            return self;
        }
        let offset = |by: usize| self.start + u32::try_from(by).unwrap_or(0);
        Self { start: offset(inner.start), end: offset(inner.end), ..self }
    }
}

/// One text and what it is called.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// Path as the user would write it, or `<stdin>`.
    pub name: String,
    /// Contents.
    pub text: String,
}

/// All texts of a run, kept until the last problem has been printed.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    texts: Vec<SourceText>,
}

impl SourceMap {
    /// A map over texts; the id of each is its index.
    pub fn new(texts: Vec<SourceText>) -> Self {
        Self { texts }
    }

    /// Adds a text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(SourceText { name: name.into(), text: text.into() });
        id
    }

    /// The text with that id; ids come from this map only.
    pub fn get(&self, id: SourceId) -> &SourceText {
        &self.texts[id.0 as usize]
    }

    /// What the text is called.
    pub fn name(&self, id: SourceId) -> &str {
        &self.get(id).name
    }

    /// The bytes at a place.
    pub fn slice(&self, place: Place) -> &str {
        self.get(place.source).text.get(place.range()).unwrap_or("")
    }

    /// All texts with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceText)> {
        (0..).map(SourceId).zip(&self.texts)
    }

    /// Line and column of the first byte of a place.
    pub fn position(&self, place: Place) -> Position {
        Position::of(&self.get(place.source).text, place.start as usize)
    }
}
