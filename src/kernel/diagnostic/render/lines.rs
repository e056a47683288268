//! Lines and columns of many places, without reading a text again for each.
use crate::kernel::{
    diagnostic::{Diagnostic, Finding},
    source::{Place, Position, SourceId, SourceMap},
};
use std::collections::BTreeMap;

/// Every so many bytes the number of characters so far is kept, so that a column costs the same on a
/// line of a hundred megabytes as on a short one.
const BLOCK: usize = 4096;

/// The texts that findings point at, ready to be asked for positions.
pub(super) struct Lines<'a> {
    map: &'a SourceMap,
    texts: BTreeMap<SourceId, TextLines>,
}

/// Where the lines of one text begin, and how many characters come before each block.
struct TextLines {
    starts: Vec<usize>,
    characters: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Reads every text that one of `diagnostics` points at, once.
    pub(super) fn of(map: &'a SourceMap, diagnostics: &[Diagnostic]) -> Self {
        let mut texts = BTreeMap::new();
        for source in diagnostics.iter().flat_map(|diagnostic| sources(&diagnostic.finding)) {
            texts.entry(source).or_insert_with(|| TextLines::of(&map.get(source).text));
        }
        Self { map, texts }
    }

    /// What a text is called.
    pub(super) fn name(&self, source: SourceId) -> &'a str {
        self.map.name(source)
    }

    /// The text itself.
    pub(super) fn text(&self, source: SourceId) -> &'a str {
        &self.map.get(source).text
    }

    /// Where a place begins and ends; the end is behind the last character.
    pub(super) fn positions(&self, place: Place) -> (Position, Position) {
        let start = self.position(place.source, place.start as usize);
        (start, self.position(place.source, place.end.max(place.start) as usize))
    }

    /// The bytes of the place that stand on its first line, its line's bytes without the end of line,
    /// and the line's number.
    pub(super) fn first_line(&self, place: Place) -> FirstLine {
        let text = self.text(place.source);
        let start = floor(text, place.start as usize);
        let end = floor(text, place.end as usize);
        let number = self.line_number(place.source, start);
        let line_start = self.texts.get(&place.source).map_or(0, |lines| lines.starts[number - 1]);
        let rest = &text.as_bytes()[line_start..];
        let mut line_end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| line_start + at);
        if line_end > line_start && text.as_bytes()[line_end - 1] == b'\r' {
            line_end -= 1;
        }
        let start = start.min(line_end);
        FirstLine { number, whole: line_start..line_end, part: start..end.clamp(start, line_end) }
    }

    fn position(&self, source: SourceId, offset: usize) -> Position {
        let text = self.text(source);
        let offset = floor(text, offset);
        let Some(lines) = self.texts.get(&source) else { return Position::of(text, offset) };
        let line = self.line_number(source, offset);
        let before = |offset| lines.characters_before(text, offset);
        Position { line, column: before(offset) - before(lines.starts[line - 1]) + 1 }
    }

    fn line_number(&self, source: SourceId, offset: usize) -> usize {
        let Some(lines) = self.texts.get(&source) else {
            return Position::of(self.text(source), offset).line;
        };
        lines.starts.partition_point(|start| *start <= offset)
    }
}

/// A place's first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FirstLine {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Its bytes in the text, without the end of line.
    pub(super) whole: std::ops::Range<usize>,
    /// The place's bytes on it.
    pub(super) part: std::ops::Range<usize>,
}

impl TextLines {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1));
        let mut so_far = 0;
        let mut characters = vec![0];
        for block in bytes.chunks(BLOCK) {
            so_far += count_characters(block);
            characters.push(so_far);
        }
        Self { starts: starts.collect(), characters }
    }

    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + count_characters(&text.as_bytes()[block * BLOCK..offset])
    }
}

/// How many characters begin in these bytes of UTF-8.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// The nearest boundary of a character at or before `offset`, within the text.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn sources(finding: &Finding) -> impl Iterator<Item = SourceId> + '_ {
    std::iter::once(finding.primary.place.source)
        .chain(finding.related.iter().map(|label| label.place.source))
        .chain(finding.fix.iter().map(|edit| edit.place.source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::diagnostic::{Level, render::tests::RULE};
    use proptest::prelude::*;

    fn lines(map: &SourceMap, place: Place) -> Lines<'_> {
        let finding = Finding::new(&RULE, place, "");
        Lines::of(map, &[Diagnostic { level: Level::Error, finding }])
    }

    #[test]
    fn a_long_line_has_the_same_columns_as_counting_gives() {
        let text = format!("a: \"{}\"\nb: 1\n", "ü".repeat(10_000));
        let mut map = SourceMap::default();
        let source = map.add("x.yaml", text.as_str());
        for start in [0, 5, 8_191, 12_345, text.find('b').unwrap(), text.len()] {
            let start = u32::try_from(start).unwrap();
            let place = Place { source, start, end: start };
            assert_eq!(lines(&map, place).positions(place).0, map.position(place), "{start}");
        }
    }

    #[test]
    fn the_first_line_ends_before_its_line_end() {
        let mut map = SourceMap::default();
        let source = map.add("x.yaml", "a: 1\r\nb: 2\r\n");
        let place = Place { source, start: 3, end: 10 };
        let line = lines(&map, place).first_line(place);
        assert_eq!(line, FirstLine { number: 1, whole: 0..4, part: 3..4 });
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_counting(text in "[aü\r\n漢]{0,60}", start in 0_u32..120) {
            let mut map = SourceMap::default();
            let source = map.add("x.yaml", text);
            let place = Place { source, start, end: start };
            prop_assert_eq!(lines(&map, place).positions(place).0, map.position(place));
        }
    }
}
