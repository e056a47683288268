//! A scanner of JSON text that is complete about what is valid and copies only what it must.
//!
//! It accepts exactly what RFC 8259 calls a value, in valid UTF-8 (checked by the caller) and at most
//! [`DEEPEST`] levels deep; numbers keep their text.
use std::ops::Range;

/// Levels of arrays and objects inside each other, as `serde_json` has it.
const DEEPEST: usize = 127;

/// What was expected instead of the byte at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) expected: &'static str,
    pub(super) at: usize,
}

/// A value as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// A string without its quotes; whether it has escapes.
    Text(Range<usize>, bool),
    /// `true`, `false` or a number.
    Plain(Range<usize>),
    /// An array or an object.
    Nested(Range<usize>),
}

/// A place in a text.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn invalid<T>(&self, expected: &'static str) -> Result<T, Invalid> {
        Err(Invalid { expected, at: self.at })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Goes past blanks.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Goes past blanks and one byte, if it is there.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next value, checked to its end.
    pub(super) fn value(&mut self, depth: usize) -> Result<Value, Invalid> {
        self.skip_blanks();
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let (range, escaped) = self.string()?;
                Ok(Value::Text(range, escaped))
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Ok(Value::Plain(start..self.at))
            }
            Some(b'{' | b'[') => {
                self.nested(depth)?;
                Ok(Value::Nested(start..self.at))
            }
            Some(b't') if self.word(b"true") => Ok(Value::Plain(start..self.at)),
            Some(b'f') if self.word(b"false") => Ok(Value::Plain(start..self.at)),
            Some(b'n') if self.word(b"null") => Ok(Value::Null),
            _ => self.invalid("a value"),
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Checks an array or an object.
    fn nested(&mut self, depth: usize) -> Result<(), Invalid> {
        if depth >= DEEPEST {
            return self.invalid("fewer levels inside each other");
        }
        let object = self.peek() == Some(b'{');
        let close = if object { b'}' } else { b']' };
        self.at += 1;
        if self.take(close) {
            return Ok(());
        }
        loop {
            if object {
                self.key()?;
            }
            self.value(depth + 1)?;
            if self.take(close) {
                return Ok(());
            }
            if !self.take(b',') {
                return self.invalid(if object { "`,` or `}`" } else { "`,` or `]`" });
            }
        }
    }

    /// A key and the colon behind it; whether the key has escapes.
    pub(super) fn key(&mut self) -> Result<(Range<usize>, bool), Invalid> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return self.invalid("a key in double quotes");
        }
        let key = self.string()?;
        if !self.take(b':') {
            return self.invalid("`:`");
        }
        Ok(key)
    }

    /// A string, from its opening quote on: what is between its quotes, and whether it has escapes.
    fn string(&mut self) -> Result<(Range<usize>, bool), Invalid> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(&self.text[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok((start..self.at - 1, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => {
                    return self.invalid("an escape, such as `\\t`, for a control character");
                }
                None => return self.invalid("the closing quote of a text"),
            }
        }
    }

    /// Checks an escape and goes past it; the character that it stands for.
    fn escape(&mut self) -> Result<char, Invalid> {
        let character = match self.text.get(self.at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return self.invalid("an escape"),
        };
        self.at += 2;
        Ok(character)
    }

    /// `\uXXXX`, or two of them that are a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char, Invalid> {
        let first = self.code_unit(self.at);
        let (code, length) = match first {
            Some(high @ 0xD800..=0xDBFF) => match self.code_unit(self.at + 6) {
                Some(low @ 0xDC00..=0xDFFF) => {
                    (Some(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
                }
                _ => (None, 0),
            },
            unit => (unit, 6),
        };
        match code.and_then(char::from_u32) {
            Some(character) => {
                self.at += length;
                Ok(character)
            }
            None => self.invalid("an escape such as `\\u00e9`"),
        }
    }

    fn code_unit(&self, at: usize) -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = self.text.get(at..at + 6)? else { return None };
        digits.iter().try_fold(0, |sum, byte| Some(sum * 16 + char::from(*byte).to_digit(16)?))
    }

    fn number(&mut self) -> Result<(), Invalid> {
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.invalid("a digit"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.some_digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), Invalid> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.invalid("a digit");
        }
        self.digits();
        Ok(())
    }
}

/// Appends a string, which has been scanned, with its escapes undone.
pub(super) fn unescape(text: &[u8], output: &mut Vec<u8>) {
    let mut scanner = Scanner::new(text);
    while scanner.at < text.len() {
        let plain = plain_length(&text[scanner.at..]);
        output.extend_from_slice(&text[scanner.at..scanner.at + plain]);
        scanner.at += plain;
        if scanner.at < text.len() {
            let Ok(character) = scanner.escape() else { return };
            output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// Bytes before the first quote, backslash or control character, eight at a time.
fn plain_length(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut length = 0;
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes([
            chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
        ]);
        // A byte's high bit is set where it is zero after the exclusive or, or below 0x20; a borrow
        // can set wrong bits only above the first right one.
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let found = (quote.wrapping_sub(ONES) & !quote
            | backslash.wrapping_sub(ONES) & !backslash
            | word.wrapping_sub(ONES * 0x20) & !word)
            & HIGH;
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = chunks.remainder();
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    length + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid(text: &[u8]) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.value(0).is_ok() && {
            scanner.skip_blanks();
            scanner.at == text.len()
        }
    }

    /// Texts that are nearly JSON.
    fn near_json() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\\u00e9",
            "\\",
            "\\ud83d\\ude00",
            "1",
            "-",
            "0",
            ".",
            "e+",
            "true",
            "null",
            "false",
            " ",
            "\u{1}",
            "ü",
            "\"k\":",
            "abcdefghij",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn deep_nesting_is_refused_and_not_recursed_into() {
        assert!(valid(&[b"[".repeat(100), b"]".repeat(100)].concat()));
        assert!(!valid(&b"[".repeat(100_000)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn accepts_what_serde_json_accepts(text in near_json()) {
            let expected = serde_json::from_str::<serde_json::Value>(&text);
            // A number out of range is an error there and a NULL here.
            prop_assert_eq!(valid(text.as_bytes()), expected.is_ok(), "{}", text);
        }

        #[test]
        fn strings_read_back(text: String) {
            let written = serde_json::to_string(&text).unwrap();
            let mut scanner = Scanner::new(written.as_bytes());
            let Ok(Value::Text(range, _)) = scanner.value(0) else { panic!("no string") };
            let mut output = Vec::new();
            unescape(&written.as_bytes()[range], &mut output);
            prop_assert_eq!(String::from_utf8(output).unwrap(), text);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            valid(&bytes);
            unescape(&bytes, &mut Vec::new());
        }
    }
}
