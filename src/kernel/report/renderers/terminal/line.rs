//! Lines of styled text: how wide they are, where they break, what is cut out of them.
use crate::kernel::report::{Bar, Inline, State, Style, Text, harmless};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text of one style, already harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    style: Style,
    text: String,
}

/// A line of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    runs: Vec<Run>,
}

/// The smallest part of a line that can stand alone: a character with all that combines with it.
#[derive(Clone, Copy)]
struct Atom<'a> {
    style: Style,
    text: &'a str,
    width: usize,
}

/// Marks of style inside text that a layout measures. They take no room, and `harmless` lets none of
/// them through from outside. The first is the end of any style.
const END: char = '\u{e01f0}';
const STARTS: [(Style, char, &str); 7] = [
    (Style::Good, '\u{e01f1}', "32"),
    (Style::Warning, '\u{e01f2}', "33"),
    (Style::Bad, '\u{e01f3}', "1;31"),
    (Style::Unknown, '\u{e01f4}', "35"),
    (Style::Muted, '\u{e01f5}', "2"),
    (Style::Strong, '\u{e01f6}', "1"),
    (Style::Name, '\u{e01f7}', "36"),
];

impl Line {
    /// The line that `text` is, all in one line.
    pub(super) fn of(text: &Text, unicode: bool) -> Self {
        let mut line = Self::default();
        for piece in text.pieces() {
            match piece {
                Inline::Span(style, text) => line.push(*style, text),
                Inline::State(state) => line.push_state(state, unicode),
                Inline::Bar(bar) => line.push_bar(*bar, unicode),
            }
        }
        line
    }

    /// A line of one style.
    pub(super) fn styled(style: Style, text: &str) -> Self {
        let mut line = Self::default();
        line.push(style, text);
        line
    }

    fn push(&mut self, style: Style, text: &str) {
        if !text.is_empty() {
            let text = begins_visibly(&harmless(text));
            self.runs.push(Run { style, text });
        }
    }

    fn push_state(&mut self, state: &State, unicode: bool) {
        let mark = state.mark.glyph(unicode);
        let gap = if state.word.is_empty() { "" } else { " " };
        self.push(state.style, &format!("{mark}{gap}{}", state.word));
    }

    fn push_bar(&mut self, bar: Bar, unicode: bool) {
        let (full, empty) = if unicode { ("█", "░") } else { ("#", ".") };
        match bar.filled() {
            Some(filled) => {
                self.push(bar.style, &full.repeat(filled));
                self.push(Style::Muted, &empty.repeat(bar.width - filled));
            }
            None => self.push_state(&State::unknown(""), unicode),
        }
    }

    /// Columns of a terminal that the line takes.
    pub(super) fn width(&self) -> usize {
        self.runs.iter().map(|run| run.text.width()).sum()
    }

    /// Width of the widest word: what the line needs if it may only break between words.
    pub(super) fn widest_word(&self) -> usize {
        let atoms = self.atoms();
        let words = atoms.split(|atom| atom.text == " ");
        words.map(|word| word.iter().map(|atom| atom.width).sum()).max().unwrap_or(0)
    }

    fn atoms(&self) -> Vec<Atom<'_>> {
        let mut atoms = Vec::new();
        for run in &self.runs {
            let texts = atom_ranges(&run.text).into_iter().map(|range| &run.text[range]);
            atoms.extend(texts.map(|text| Atom { style: run.style, text, width: text.width() }));
        }
        atoms
    }

    fn from_atoms(atoms: &[Atom<'_>]) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for atom in atoms {
            match runs.last_mut() {
                Some(run) if run.style == atom.style => run.text.push_str(atom.text),
                _ => runs.push(Run { style: atom.style, text: atom.text.to_owned() }),
            }
        }
        Self { runs }
    }

    /// The line in lines of at most `width` (which is at least 2), broken at spaces where there are
    /// some.
    pub(super) fn wrapped(self, width: usize) -> Vec<Self> {
        if self.width() <= width {
            return vec![self];
        }
        let atoms = self.atoms();
        let is_space = |at: &usize| atoms[*at].text == " ";
        let (mut lines, mut start) = (Vec::new(), 0);
        while start < atoms.len() {
            let end = start + fitting(atoms[start..].iter(), width);
            let space = (start + 1..=end.min(atoms.len() - 1)).rev().find(is_space);
            let cut = match space {
                _ if end == atoms.len() => end,
                Some(space) => space,
                None => end.max(start + 1),
            };
            let last = (start..cut).rev().find(|at| !is_space(at)).map_or(start, |at| at + 1);
            lines.push(Self::from_atoms(&atoms[start..last]));
            start = (cut..atoms.len()).find(|at| !is_space(at)).unwrap_or(atoms.len());
        }
        lines
    }

    /// The line with its end cut off, if it is wider than `width`.
    pub(super) fn without_end(self, width: usize, unicode: bool) -> Self {
        self.cut_out(width, unicode, |room| room)
    }

    /// The line with its middle cut out, if it is wider than `width`.
    pub(super) fn without_middle(self, width: usize, unicode: bool) -> Self {
        self.cut_out(width, unicode, |room| room.div_ceil(2))
    }

    /// The line cut to `width`, an ellipsis standing for what is gone; `head` says how much of the room
    /// belongs to the beginning.
    fn cut_out(self, width: usize, unicode: bool, head: impl Fn(usize) -> usize) -> Self {
        if self.width() <= width {
            return self;
        }
        let ellipsis = if unicode { "…" } else { ".." };
        let ellipsis = &ellipsis[..if ellipsis.width() <= width { ellipsis.len() } else { 0 }];
        let room = width - ellipsis.width();
        let atoms = self.atoms();
        let head_room = head(room);
        let head = fitting(atoms.iter(), head_room);
        let tail = fitting(atoms.iter().rev(), room - head_room);
        let style = atoms.get(head).map_or(Style::Plain, |atom| atom.style);
        let mut kept = atoms[..head].to_vec();
        kept.push(Atom { style, text: ellipsis, width: ellipsis.width() });
        kept.extend_from_slice(&atoms[atoms.len() - tail..]);
        Self::from_atoms(&kept)
    }

    /// The text, with marks of style if there is `colour`; [`painted`] turns them into colour.
    pub(super) fn marked(&self, colour: bool) -> String {
        let mut text = String::new();
        for run in &self.runs {
            match STARTS.iter().find(|(style, _, _)| colour && *style == run.style) {
                Some((_, start, _)) => {
                    text.push(*start);
                    text.push_str(&run.text);
                    text.push(END);
                }
                None => text.push_str(&run.text),
            }
        }
        text
    }
}

/// `text` with its marks of style as escape sequences.
pub(super) fn painted(text: &str) -> String {
    let mut painted = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == END {
            painted.push_str("\u{1b}[0m");
        } else if let Some((_, _, code)) = STARTS.iter().find(|(_, start, _)| *start == letter) {
            painted.push_str("\u{1b}[");
            painted.push_str(code);
            painted.push('m');
        } else {
            painted.push(letter);
        }
    }
    painted
}

/// How many of the atoms fit in `width`.
fn fitting<'a>(atoms: impl Iterator<Item = &'a Atom<'a>>, width: usize) -> usize {
    let mut used = 0;
    atoms
        .take_while(|atom| {
            used += atom.width;
            used <= width
        })
        .count()
}

/// Where the atoms of `text` lie.
fn atom_ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    const JOINER: char = '\u{200d}';
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::with_capacity(text.len());
    let mut after_joiner = false;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let combines = after_joiner || letter.width().unwrap_or(0) == 0;
        match ranges.last_mut().filter(|_| combines) {
            Some(range) => range.end = end,
            None => ranges.push(at..end),
        }
        after_joiner = letter == JOINER;
    }
    ranges
}

/// `text`, its first character shown as an escape if it would combine with what stands before it.
fn begins_visibly(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.width().unwrap_or(0) == 0 => {
            format!("{}{}", first.escape_unicode(), letters.as_str())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> Line {
        Line::of(&text.into(), true)
    }

    fn lines(text: &str, width: usize) -> Vec<String> {
        plain(text).wrapped(width).iter().map(|line| line.marked(false)).collect()
    }

    #[test]
    fn breaks_between_words_and_inside_only_when_it_must() {
        assert_eq!(lines("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(lines("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(lines("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(lines("a  b", 2), ["a", "b"]);
        assert_eq!(lines("東京都庁", 5), ["東京", "都庁"]);
        assert_eq!(lines("", 5), [""]);
    }

    #[test]
    fn names_lose_their_middle() {
        let shortened =
            |width| plain("checkout-latency-eu-west-1").without_middle(width, true).marked(false);
        assert_eq!(shortened(26), "checkout-latency-eu-west-1");
        assert_eq!(shortened(16), "checkout…-west-1");
        assert_eq!(shortened(1), "…");
        let ascii = plain("checkout-latency-eu-west-1").without_middle(16, false);
        assert_eq!(ascii.marked(false), "checkou..-west-1");
        assert_eq!(plain("a long explanation").without_end(7, true).marked(false), "a long…");
    }

    #[test]
    fn colour_ends_where_the_line_does() {
        let text = Text::new().plain("a ").bad("very bad").plain(" b");
        let lines = Line::of(&text, true).wrapped(6);
        let painted: Vec<_> = lines.iter().map(|line| painted(&line.marked(true))).collect();
        assert_eq!(painted, ["a \u{1b}[1;31mvery\u{1b}[0m", "\u{1b}[1;31mbad\u{1b}[0m b"]);
    }

    #[test]
    fn nothing_combines_across_runs() {
        let text = Text::new().plain("❤").good("\u{fe0f}x");
        assert_eq!(Line::of(&text, true).marked(false), r"❤\u{fe0f}x");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in any::<String>(), width in 2_usize..30) {
            for line in plain(&text).wrapped(width) {
                prop_assert!(line.marked(false).width() <= width, "{:?}", line);
            }
            for line in [plain(&text).without_middle(width, true), plain(&text).without_end(width, false)] {
                prop_assert!(line.marked(false).width() <= width, "{:?}", line);
            }
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[a-c漢👩\u{200d}💻 é]{0,40}", width in 2_usize..10) {
            let joined: String = lines(&text, width).concat().replace(' ', "");
            prop_assert_eq!(joined, plain(&text).marked(false).replace(' ', ""));
        }
    }
}
