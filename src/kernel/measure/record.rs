//! Between the formats and what is done with their records.
use super::{
    blocks::{Place, count_newlines},
    predicate::Field,
    report::LINES_SHOWN,
};

/// One record of a block, as it stands there.
#[derive(Clone, Copy)]
pub(super) struct Line<'b> {
    pub(super) block: &'b [u8],
    /// Where it begins in the block.
    pub(super) start: usize,
    /// Its bytes, without the newline.
    pub(super) text: &'b [u8],
}

/// Takes what a format finds in a block, from its first line to its last.
pub(super) trait RecordSink {
    /// A block begins.
    fn begin(&mut self, place: Place);
    /// A block ends.
    fn end(&mut self);
    /// A record: the needed columns, each in its slot, the time in slot 0. Says whether it could be
    /// read; where it could not, the sink has noted a bad line.
    fn record(&mut self, line: Line<'_>, fields: &[Field<'_>]) -> bool;
    /// A line that cannot be read.
    fn bad(&mut self, line: Line<'_>, reason: impl FnOnce() -> String);
    /// A line that is partly broken, whose record could be read.
    fn repaired(&mut self, line: Line<'_>, reason: impl FnOnce() -> String);
}

/// Slot of the time among the needed columns.
pub(super) const TIME: usize = 0;

/// The text, or NULL for an empty one.
pub(super) fn nonempty(text: &[u8]) -> Field<'_> {
    if text.is_empty() { None } else { Some(text) }
}

/// Lines of one sort in one input: how many, and the first few with their places.
#[derive(Clone, Debug, Default)]
pub(super) struct LineList {
    pub(super) count: u64,
    pub(super) first: Vec<FoundLine>,
}

/// A line, what is wrong with it and how it begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoundLine {
    pub(super) line: u64,
    pub(super) reason: String,
    pub(super) excerpt: String,
}

impl LineList {
    /// Notes a line; `number` and `reason` are asked for only if it will be shown.
    pub(super) fn add(
        &mut self,
        text: &[u8],
        number: impl FnOnce() -> u64,
        reason: impl FnOnce() -> String,
    ) {
        self.count += 1;
        if self.first.len() < LINES_SHOWN {
            self.first.push(FoundLine { line: number(), reason: reason(), excerpt: excerpt(text) });
        }
    }

    /// Adds the lines that another thread found; the first of both remain.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.first.sort();
        self.first.truncate(LINES_SHOWN);
    }
}

/// Counts the lines of a block as far as they are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineCounter {
    first_line: u64,
    offset: usize,
    newlines: u64,
}

impl LineCounter {
    pub(super) fn new(place: Place) -> Self {
        Self { first_line: place.line, offset: 0, newlines: 0 }
    }

    /// Number of a line; lines must come in their order.
    pub(super) fn number(&mut self, line: Line<'_>) -> u64 {
        self.newlines += count_newlines(&line.block[self.offset..line.start]);
        self.offset = line.start;
        self.first_line + self.newlines
    }
}

/// The start of a line, as text that fits on one.
fn excerpt(line: &[u8]) -> String {
    const LENGTH: usize = 120;
    let text = String::from_utf8_lossy(&line[..line.len().min(4 * LENGTH)]);
    let mut excerpt: String = text
        .chars()
        .take(LENGTH)
        .map(|character| if character.is_control() { '\u{fffd}' } else { character })
        .collect();
    if text.chars().count() > LENGTH || line.len() > 4 * LENGTH {
        excerpt.push('…');
    }
    excerpt
}
