//! The patterns of `LIKE`: `%` is any text, `_` one character.
use std::borrow::Cow;

use memchr::memmem;

/// A pattern, cut into the form that is fastest to test.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    form: Form,
    /// `ILIKE`: both sides are compared in lower case.
    fold_case: bool,
}

#[derive(Clone, Debug)]
enum Form {
    Exact(Vec<u8>),
    Prefix(Vec<u8>),
    Suffix(Vec<u8>),
    Contains(Box<memmem::Finder<'static>>),
    General(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Bytes(Vec<u8>),
    One,
    Any,
}

impl Pattern {
    /// Reads a pattern; `None` if it ends in its escape character.
    pub(super) fn new(text: &str, escape: Option<char>, fold_case: bool) -> Option<Self> {
        let mut parts: Vec<Part> = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let literal = if Some(character) == escape {
                characters.next()?
            } else if character == '%' {
                if parts.last() != Some(&Part::Any) {
                    parts.push(Part::Any);
                }
                continue;
            } else if character == '_' {
                parts.push(Part::One);
                continue;
            } else {
                character
            };
            if !matches!(parts.last(), Some(Part::Bytes(_))) {
                parts.push(Part::Bytes(Vec::new()));
            }
            if let Some(Part::Bytes(bytes)) = parts.last_mut() {
                let mut buffer = [0; 4];
                let literal =
                    if fold_case { single(literal.to_lowercase(), literal) } else { literal };
                bytes.extend(literal.encode_utf8(&mut buffer).as_bytes());
            }
        }
        Some(Self { form: Form::of(parts), fold_case })
    }

    /// Whether the whole text fits the pattern.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let text = if self.fold_case { lower(text) } else { Cow::Borrowed(text) };
        match &self.form {
            Form::Exact(bytes) => *text == **bytes,
            Form::Prefix(bytes) => text.starts_with(bytes),
            Form::Suffix(bytes) => text.ends_with(bytes),
            Form::Contains(finder) => finder.find(&text).is_some(),
            Form::General(parts) => matches_parts(parts, &text),
        }
    }
}

impl Form {
    fn of(mut parts: Vec<Part>) -> Self {
        match parts.as_mut_slice() {
            [] => Self::Exact(Vec::new()),
            [Part::Any] => Self::Prefix(Vec::new()),
            [Part::Bytes(bytes)] => Self::Exact(std::mem::take(bytes)),
            [Part::Bytes(bytes), Part::Any] => Self::Prefix(std::mem::take(bytes)),
            [Part::Any, Part::Bytes(bytes)] => Self::Suffix(std::mem::take(bytes)),
            [Part::Any, Part::Bytes(bytes), Part::Any] => {
                Self::Contains(Box::new(memmem::Finder::new(bytes).into_owned()))
            }
            _ => Self::General(parts),
        }
    }
}

/// Greedy matching that goes back to the latest `%` only: time is the product of the lengths at most.
fn matches_parts(parts: &[Part], text: &[u8]) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let advanced = match parts.get(part) {
            Some(Part::Any) => {
                part += 1;
                retry = Some((part, at));
                continue;
            }
            Some(Part::One) if at < text.len() => Some(at + character_length(&text[at..])),
            Some(Part::Bytes(bytes)) if text[at..].starts_with(bytes) => Some(at + bytes.len()),
            None if at == text.len() => return true,
            _ => None,
        };
        if let Some(next) = advanced {
            part += 1;
            at = next;
            continue;
        }
        let Some((after, from)) = retry else { return false };
        if from >= text.len() {
            return false;
        }
        let from = from + character_length(&text[from..]);
        retry = Some((after, from));
        (part, at) = (after, from);
    }
}

/// Bytes of the first UTF-8 character; a stray byte counts as one.
fn character_length(text: &[u8]) -> usize {
    let length = match text[0] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    length.min(text.len())
}

/// The one character that another becomes in another case; itself where it becomes several, as
/// DuckDB has it (`ß` stays).
fn single(mut changed: impl Iterator<Item = char>, original: char) -> char {
    match (changed.next(), changed.next()) {
        (Some(character), None) => character,
        _ => original,
    }
}

/// Characters of a text; stray bytes count as one each.
pub(super) fn count_characters(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { String::from_utf8_lossy(text).chars().count() }
}

/// The text in lower case, borrowed where it already is.
pub(super) fn lower(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        if text.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        let characters = String::from_utf8_lossy(text);
        Cow::Owned(
            characters
                .chars()
                .map(|c| single(c.to_lowercase(), c))
                .collect::<String>()
                .into_bytes(),
        )
    }
}

/// The text in upper case.
pub(super) fn upper(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        let characters = String::from_utf8_lossy(text);
        Cow::Owned(
            characters
                .chars()
                .map(|c| single(c.to_uppercase(), c))
                .collect::<String>()
                .into_bytes(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = Pattern::new(pattern, None, false).unwrap();
        assert_eq!(pattern.matches(text.as_bytes()), expected, "{pattern:?} on {text:?}");
    }

    #[test]
    fn percent_is_any_text_and_underscore_one_character() {
        check("/health%", "/healthz", true);
        check("/health%", "/a/health", false);
        check("%.css", "/a.css", true);
        check("%api%", "/v1/api/x", true);
        check("", "", true);
        check("", "a", false);
        check("%", "", true);
        check("a_c", "abc", true);
        check("a_c", "aüc", true);
        check("a_c", "ac", false);
        check("a%b%c", "a-b-b-c", true);
        check("a%b%c", "a-c-b", false);
        check("_%_", "a", false);
        check("%a_", "aab", true);
    }

    #[test]
    fn an_escape_takes_the_next_character_literally() {
        let pattern = Pattern::new("100!%", Some('!'), false).unwrap();
        assert!(pattern.matches(b"100%") && !pattern.matches(b"1000"));
        assert!(Pattern::new("100!", Some('!'), false).is_none());
    }

    #[test]
    fn without_case() {
        let pattern = Pattern::new("ÄB%", None, true).unwrap();
        assert!(pattern.matches("äbc".as_bytes()));
    }

    proptest! {
        #[test]
        fn agrees_with_a_regular_expression(pattern in "[ab%_]{0,6}", text in "[abü]{0,8}") {
            let regex: String = pattern.chars().map(|c| match c {
                '%' => "(?s:.*)".to_owned(), '_' => "(?s:.)".to_owned(), c => c.to_string(),
            }).collect();
            let regex = regex::Regex::new(&format!("^{regex}$")).unwrap();
            let like = Pattern::new(&pattern, None, false).unwrap();
            prop_assert_eq!(like.matches(text.as_bytes()), regex.is_match(&text));
        }

        #[test]
        fn never_panics(pattern: String, bytes: Vec<u8>, fold: bool) {
            if let Some(pattern) = Pattern::new(&pattern, Some('x'), fold) {
                pattern.matches(&bytes);
            }
        }
    }
}
