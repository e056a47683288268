//! JSON Lines: one object per line. Keys are columns, those of nested objects joined by a point.
//!
//! Every line is checked completely: one that is not a JSON object in valid UTF-8 is a bad line. A
//! missing key and `null` are NULL; numbers and truth values keep their text; of a key that stands
//! twice the last one counts.
use std::ops::Range;

use super::{
    csv::trim_return,
    json::{Invalid, Scanner, Value, unescape},
    predicate::Field,
    record::{Line, RecordSink},
};

/// The keys that are needed.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Key of each slot.
    keys: Vec<String>,
    /// Whether any key may be that of a nested object.
    nested: bool,
}

/// Reads the records of blocks.
pub(super) struct Reader {
    layout: Layout,
    found: Vec<Found>,
    seen: Vec<bool>,
    /// Texts with their escapes undone.
    unescaped: Vec<u8>,
    /// Names of the objects that the scanner is in, joined by points.
    prefix: Vec<u8>,
    /// The keys of the latest line in their order, for most lines have the same ones.
    hints: Vec<Hint>,
}

/// A key as it stood in a line, and whose it is.
#[derive(Clone, Debug, Default)]
struct Hint {
    /// From the opening quote of the key to behind its colon; empty where there is no hint.
    text: Vec<u8>,
    slots: Vec<usize>,
}

/// Keys of a line that hints are kept for.
const MOST_HINTS: usize = 32;

/// Where the value of a slot is.
#[derive(Clone, Debug)]
enum Found {
    Nowhere,
    InLine(Range<usize>),
    Unescaped(Range<usize>),
}

impl Layout {
    pub(super) fn new(keys: Vec<String>) -> Self {
        let nested = keys.iter().any(|key| key.contains('.'));
        Self { keys, nested }
    }
}

impl Reader {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            found: vec![Found::Nowhere; layout.keys.len()],
            seen: vec![false; layout.keys.len()],
            layout,
            unescaped: Vec::new(),
            prefix: Vec::new(),
            hints: vec![Hint::default(); MOST_HINTS],
        }
    }

    /// Which slots had a key in any line.
    pub(super) fn seen(&self) -> &[bool] {
        &self.seen
    }

    /// Hands every record of a block to the sink.
    pub(super) fn read(&mut self, block: &[u8], sink: &mut impl RecordSink) {
        let all_valid = std::str::from_utf8(block).is_ok();
        let mut start = 0;
        while start < block.len() {
            let end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |n| start + n);
            let text = trim_return(&block[start..end]);
            let line = Line { block, start, text };
            start = end + 1;
            if text.trim_ascii().is_empty() {
                continue;
            }
            if !all_valid && std::str::from_utf8(text).is_err() {
                sink.bad(line, || "is not valid UTF-8".to_owned());
                continue;
            }
            if let Err(Invalid { expected, at }) = self.scan(text) {
                sink.bad(line, || {
                    format!("is not valid JSON: expected {expected} at byte {}", at + 1)
                });
                continue;
            }
            let mut few: [Field<'_>; 16] = [None; 16];
            let mut many = Vec::new();
            let fields = if let Some(fields) = few.get_mut(..self.found.len()) {
                fields
            } else {
                many.resize(self.found.len(), None);
                many.as_mut_slice()
            };
            for (field, found) in fields.iter_mut().zip(&self.found) {
                *field = self.field(found, text);
            }
            sink.record(line, fields);
        }
    }

    fn field<'f>(&'f self, found: &Found, text: &'f [u8]) -> Field<'f> {
        match found {
            Found::Nowhere => None,
            Found::InLine(range) => Some(&text[range.clone()]),
            Found::Unescaped(range) => Some(&self.unescaped[range.clone()]),
        }
    }

    /// Finds the needed keys of a line, which must be one object.
    fn scan(&mut self, text: &[u8]) -> Result<(), Invalid> {
        self.found.fill(Found::Nowhere);
        self.unescaped.clear();
        self.prefix.clear();
        let mut scanner = Scanner::new(text);
        if !scanner.take(b'{') {
            return scanner.invalid("an object: `{`");
        }
        let mut hints = std::mem::take(&mut self.hints);
        let result = self.line(text, &mut scanner, &mut hints);
        self.hints = hints;
        result?;
        scanner.skip_blanks();
        if scanner.at < text.len() { scanner.invalid("the end of the line") } else { Ok(()) }
    }

    /// The outermost object of a line, from behind its brace: like any, but with hints.
    fn line(
        &mut self,
        text: &[u8],
        scanner: &mut Scanner<'_>,
        hints: &mut [Hint],
    ) -> Result<(), Invalid> {
        if self.layout.nested {
            return self.object(text, scanner, 1);
        }
        if scanner.take(b'}') {
            return Ok(());
        }
        for index in 0.. {
            scanner.skip_blanks();
            let start = scanner.at;
            match hints.get_mut(index) {
                Some(hint) if !hint.text.is_empty() && text[start..].starts_with(&hint.text) => {
                    scanner.at += hint.text.len();
                    let value = scanner.value(1)?;
                    for slot in &hint.slots {
                        self.set(*slot, &value, text);
                    }
                }
                hint => {
                    let (key, escaped) = scanner.key()?;
                    if let Some(hint) = hint {
                        self.remember(hint, &text[start..scanner.at], &text[key.clone()], escaped);
                    }
                    let value = scanner.value(1)?;
                    self.keep(&text[key], escaped, &value, text);
                }
            }
            if scanner.take(b'}') {
                return Ok(());
            }
            if !scanner.take(b',') {
                return scanner.invalid("`,` or `}`");
            }
        }
        Ok(())
    }

    /// Makes a hint of a key, if it is a plain one.
    fn remember(&self, hint: &mut Hint, text: &[u8], key: &[u8], escaped: bool) {
        hint.text.clear();
        hint.slots.clear();
        if !escaped && text.len() <= 64 {
            let keys = self.layout.keys.iter().enumerate();
            hint.text.extend_from_slice(text);
            hint.slots.extend(keys.filter(|(_, own)| own.as_bytes() == key).map(|(slot, _)| slot));
        }
    }

    /// The rest of an object, from behind its opening brace.
    fn object(
        &mut self,
        text: &[u8],
        scanner: &mut Scanner<'_>,
        depth: usize,
    ) -> Result<(), Invalid> {
        if scanner.take(b'}') {
            return Ok(());
        }
        loop {
            let (key, escaped) = scanner.key()?;
            scanner.skip_blanks();
            if self.layout.nested && scanner.peek() == Some(b'{') && depth < 100 {
                let outer = self.prefix.len();
                self.extend_prefix(&text[key.clone()], escaped);
                self.prefix.push(b'.');
                let start = scanner.at;
                scanner.at += 1;
                self.object(text, scanner, depth + 1)?;
                self.prefix.truncate(outer);
                self.keep(&text[key], escaped, &Value::Nested(start..scanner.at), text);
            } else {
                let value = scanner.value(depth)?;
                self.keep(&text[key], escaped, &value, text);
            }
            if scanner.take(b'}') {
                return Ok(());
            }
            if !scanner.take(b',') {
                return scanner.invalid("`,` or `}`");
            }
        }
    }

    fn extend_prefix(&mut self, key: &[u8], escaped: bool) {
        if escaped {
            unescape(key, &mut self.prefix);
        } else {
            self.prefix.extend_from_slice(key);
        }
    }

    /// Puts a value into the slots of its key.
    fn keep(&mut self, key: &[u8], escaped: bool, value: &Value, text: &[u8]) {
        if !escaped && self.prefix.is_empty() {
            for slot in 0..self.layout.keys.len() {
                if self.layout.keys[slot].as_bytes() == key {
                    self.set(slot, value, text);
                }
            }
            return;
        }
        let outer = self.prefix.len();
        self.extend_prefix(key, escaped);
        for slot in 0..self.layout.keys.len() {
            if self.layout.keys[slot].as_bytes() == self.prefix {
                self.set(slot, value, text);
            }
        }
        self.prefix.truncate(outer);
    }

    fn set(&mut self, slot: usize, value: &Value, text: &[u8]) {
        self.seen[slot] = true;
        self.found[slot] = match value {
            Value::Null => Found::Nowhere,
            Value::Text(range, true) => {
                let start = self.unescaped.len();
                unescape(&text[range.clone()], &mut self.unescaped);
                Found::Unescaped(start..self.unescaped.len())
            }
            Value::Text(range, false) | Value::Plain(range) | Value::Nested(range) => {
                Found::InLine(range.clone())
            }
        };
    }
}

/// The keys of the first lines, in the order of their first appearance; those of nested objects with
/// their path. Lines that are no objects are passed over.
pub(super) fn sample_keys(head: &[u8], complete: bool) -> Vec<String> {
    const LINES: usize = 100;
    let mut keys: Vec<String> = Vec::new();
    let mut lines = head
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| complete || line.ends_with(b"\n"));
    for line in lines.by_ref().take(LINES) {
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(line) {
            add_keys("", &object, &mut keys);
        }
    }
    keys
}

fn add_keys(
    prefix: &str,
    object: &serde_json::Map<String, serde_json::Value>,
    keys: &mut Vec<String>,
) {
    const MOST: usize = 1000;
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        if let serde_json::Value::Object(inner) = value {
            add_keys(&format!("{name}."), inner, keys);
        }
        if keys.len() < MOST && !keys.contains(&name) {
            keys.push(name);
        }
    }
}
