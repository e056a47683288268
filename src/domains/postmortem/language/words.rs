//! Markdown to sentences of words.
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A word of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// As it is written.
    pub(super) raw: &'t str,
    /// In small letters, with a straight apostrophe.
    pub(super) text: String,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
    /// Whether a comma, a colon, a bracket, a dash or something left out stands before it.
    pub(super) after_pause: bool,
}

impl Word<'_> {
    /// Whether it is that word.
    pub(super) fn is(&self, word: &str) -> bool {
        self.text == word
    }

    /// Whether it is one of these.
    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.contains(&self.text.as_str())
    }

    /// Whether it says how something was done: `quickly`, `also`.
    pub(super) fn is_adverb(&self) -> bool {
        const ADVERBS: &[&str] = &[
            "not", "never", "also", "always", "often", "once", "again", "then", "even", "just",
            "still", "first", "later", "soon", "both", "all", "almost", "perhaps", "maybe",
            "since",
        ];
        // "Family" and "reply" are nobody's manner.
        const OTHER: &[&str] = &[
            "family", "reply", "supply", "apply", "rely", "fly", "only", "ally", "assembly",
            "anomaly", "july", "multiply",
        ];
        self.is_one_of(ADVERBS)
            || (self.text.len() > 4 && self.text.ends_with("ly") && !self.is_one_of(OTHER))
    }

    /// Whether it helps a verb: `had`, `has`, `simply had`.
    pub(super) fn is_auxiliary(&self) -> bool {
        self.is_one_of(&[
            "had", "has", "have", "was", "were", "is", "are", "did", "does", "do", "been",
        ])
    }
}

/// Stands for the end of a block in the masked text.
const BLOCK_END: u8 = b'\n';
/// Stands for what was left out.
const LEFT_OUT: u8 = 0;

/// The sentences of a text as words. What is in quotes, in code or cited is left out.
pub(super) fn sentences(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut masked = prose(text);
    mask_quotes(text, &mut masked);
    split(text, &masked)
}

/// The bytes of the text that are prose; others are [`LEFT_OUT`], ends of blocks [`BLOCK_END`].
fn prose(text: &str) -> Vec<u8> {
    let mut masked = vec![LEFT_OUT; text.len()];
    // How many cited or code blocks are around.
    let mut exempt = 0_usize;
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::BlockQuote(_)) => exempt += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::BlockQuote(_)) => {
                exempt = exempt.saturating_sub(1);
                end_block(&mut masked, range.end);
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::TableCell,
            )
            | Event::Rule => end_block(&mut masked, range.end),
            Event::Start(Tag::Item | Tag::Paragraph | Tag::Heading { .. }) => {
                end_block(&mut masked, range.start);
            }
            Event::Text(_) if exempt == 0 => copy(text, &mut masked, range),
            // A line that ends is a space, whichever bytes it ends with.
            Event::SoftBreak | Event::HardBreak if exempt == 0 => fill(&mut masked, range, b' '),
            _ => {}
        }
    }
    masked
}

fn copy(text: &str, masked: &mut [u8], range: Range<usize>) {
    if let (Some(from), Some(to)) = (text.as_bytes().get(range.clone()), masked.get_mut(range)) {
        to.copy_from_slice(from);
    }
}

fn fill(masked: &mut [u8], range: Range<usize>, byte: u8) {
    if let Some(bytes) = masked.get_mut(range) {
        bytes.fill(byte);
    }
}

/// Ends the block at a byte: the byte before it, or the byte itself where that is prose.
fn end_block(masked: &mut [u8], at: usize) {
    let before = at.checked_sub(1).and_then(|at| masked.get(at)).copied();
    let at = match before {
        Some(LEFT_OUT | b' ' | BLOCK_END) => at - 1,
        _ => at,
    };
    if let Some(byte) = masked.get_mut(at)
        && *byte == LEFT_OUT
    {
        *byte = BLOCK_END;
    }
}

/// Quotes that come in pairs, opening and closing.
const QUOTES: [(char, char); 5] = [('“', '”'), ('„', '“'), ('«', '»'), ('‘', '’'), ('"', '"')];

/// Leaves out what is in quotes within a block.
fn mask_quotes(text: &str, masked: &mut [u8]) {
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| opening(rest, from, text, masked)) {
        let (at, quote) = start;
        let inner = at + quote.len_utf8();
        match closing(text, masked, inner, quote) {
            Some(end) => {
                fill(masked, at..end, LEFT_OUT);
                from = end;
            }
            None => from = inner,
        }
    }
}

/// The next mark that may open a quote: behind nothing, a space or a bracket.
fn opening(rest: &str, from: usize, text: &str, masked: &[u8]) -> Option<(usize, char)> {
    rest.char_indices().find_map(|(at, letter)| {
        let at = from + at;
        let opens = letter == '\'' || QUOTES.iter().any(|(open, _)| *open == letter);
        if !opens || masked.get(at).copied().unwrap_or(LEFT_OUT) == LEFT_OUT {
            return None;
        }
        let before = text.get(..at)?.chars().next_back();
        let free = before.is_none_or(|before| !before.is_alphanumeric());
        let next = text.get(at + letter.len_utf8()..)?.chars().next();
        (free && next.is_some_and(|next| !next.is_whitespace())).then_some((at, letter))
    })
}

/// The byte behind the mark that closes a quote in the same block.
fn closing(text: &str, masked: &[u8], inner: usize, open: char) -> Option<usize> {
    let rest = text.get(inner..)?;
    for (at, letter) in rest.char_indices() {
        let at = inner + at;
        if masked.get(at) == Some(&BLOCK_END) {
            return None;
        }
        let closes = match open {
            '\'' => letter == '\'',
            // Some write „…”, some “…“.
            '„' => matches!(letter, '“' | '”'),
            '“' => matches!(letter, '”' | '“'),
            open => QUOTES.iter().any(|(one, other)| *one == open && *other == letter),
        };
        if !closes || masked.get(at) == Some(&LEFT_OUT) {
            continue;
        }
        // An apostrophe stands between letters.
        let next = rest.get(at - inner + letter.len_utf8()..)?.chars().next();
        if next.is_none_or(|next| !next.is_alphanumeric()) {
            return Some(at + letter.len_utf8());
        }
    }
    None
}

/// Words in sentences.
fn split<'t>(text: &'t str, masked: &[u8]) -> Vec<Vec<Word<'t>>> {
    let (mut sentences, mut sentence) = (Vec::new(), Vec::new());
    let mut pause = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let kept = masked.get(at).copied().unwrap_or(LEFT_OUT);
        if kept == BLOCK_END {
            sentences.push(std::mem::take(&mut sentence));
            pause = false;
            continue;
        }
        if kept == LEFT_OUT {
            pause = true;
            continue;
        }
        if is_letter(letter) {
            let mut end = at + letter.len_utf8();
            while let Some(&(next, letter)) = letters.peek() {
                let inside =
                    masked.get(next).is_some_and(|byte| !matches!(*byte, LEFT_OUT | BLOCK_END));
                if !inside || !(is_letter(letter) || joins(text, next, letter)) {
                    break;
                }
                end = next + letter.len_utf8();
                letters.next();
            }
            let raw = &text[at..end];
            sentence.push(Word {
                raw,
                text: raw.replace('’', "'").to_lowercase(),
                at: at..end,
                after_pause: std::mem::take(&mut pause),
            });
        } else if ends_sentence(text, at, letter) {
            sentences.push(std::mem::take(&mut sentence));
            pause = false;
        } else if !letter.is_whitespace() {
            pause = true;
        }
    }
    sentences.push(sentence);
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '@'
}

/// Whether a mark joins letters to one word: `on-call`, `didn't`, `v1.2`, `a/b`.
fn joins(text: &str, at: usize, letter: char) -> bool {
    matches!(letter, '\'' | '’' | '-' | '.' | '/')
        && text
            .get(at + letter.len_utf8()..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(char::is_alphanumeric)
}

fn ends_sentence(text: &str, at: usize, letter: char) -> bool {
    match letter {
        '!' | '?' => true,
        '.' => {
            // "e.g. this" goes on.
            let rest = text.get(at + 1..).unwrap_or_default();
            let next = rest.trim_start().chars().next();
            next.is_none_or(|next| !next.is_lowercase())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = sentences(text)
            .iter()
            .map(|words| words.iter().map(|word| word.raw).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn markdown_is_read_as_people_do() {
        check("One two. Three,\nfour!", &["One two", "Three four"]);
        check("- one\n- *two* three\n\n# Four\nfive", &["one", "two three", "Four", "five"]);
        check(
            "see [the page](https://e.org/a) of v1.2 (e.g. this)",
            &["see the page of v1.2 e.g this"],
        );
        check("on-call didn’t 50% a_b @bob", &["on-call didn’t 50 a_b @bob"]);
    }

    #[test]
    fn code_and_quotes_are_left_out() {
        check("run `should have` now", &["run now"]);
        check("a\n\n```\nshould have\n```\n\nb", &["a", "b"]);
        check("a\n\n> should have been\n\nb", &["a", "b"]);
        for quoted in ["\"b c\"", "“b c”", "„b c“", "«b c»", "'b c'", "‘b c’"] {
            check(&format!("a {quoted} d"), &["a d"]);
        }
        check("a 'b' the engineers' c", &["a the engineers c"]);
        // A quote that never ends is none.
        check("a \"b c", &["a b c"]);
        check("- a \"b\n- c\" d", &["a b", "c d"]);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "Ümläut `x` should have been.";
        let words = &sentences(text)[0];
        assert_eq!(&text[words[1].at.clone()], "should");
        assert!(words[1].after_pause && !words[2].after_pause);
    }

    #[test]
    fn odd_texts_do_no_harm() {
        for text in [
            "", "\n", "'", "\"", "`", "> ", "***", "a\u{0}b", "“”", "\r\n\r\n", "- \n-", "|a|\n|-|",
        ] {
            let _ = sentences(text);
        }
    }
}
