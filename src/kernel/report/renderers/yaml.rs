//! YAML: the machine form. `serde_yaml` writes by YAML 1.2; many readers still go by 1.1, where a plain
//! `no` is false, `12:00` is 720 and `2024-01-01` is a date. Such strings are quoted here, so that every
//! reader sees a string.
use crate::kernel::report::{Report, number::rounded};
use serde_json::Value;
use std::io;

/// Writes the machine form of `report`.
pub(in crate::kernel::report) fn write(
    report: &Report,
    out: &mut impl io::Write,
) -> io::Result<()> {
    out.write_all(to_yaml(&rounded(report.data()))?.as_bytes())
}

/// `value` as YAML that readers of 1.1 and of 1.2 understand alike.
///
/// `serde_yaml` lets nobody choose the style of a scalar. So what needs another style is written as a
/// word that occurs nowhere else, and the word is then exchanged for the scalar in its style.
fn to_yaml(value: &Value) -> io::Result<String> {
    let mut stand_ins = StandIns::for_value(value);
    let replaced = stand_ins.replace(value);
    let text = serde_yaml::to_string(&replaced).map_err(io::Error::other)?;
    Ok(stand_ins.resolve(&text))
}

/// Scalars in the style that they need, and the words that stand for them meanwhile.
struct StandIns {
    /// What every stand-in begins with; no string of the value contains it.
    prefix: String,
    scalars: Vec<String>,
}

impl StandIns {
    fn for_value(value: &Value) -> Self {
        let mut prefix = String::from("standin");
        while contains(value, &prefix) {
            prefix.push('x');
        }
        Self { prefix, scalars: Vec::new() }
    }

    fn stand_in(&mut self, scalar: String) -> String {
        // As long as the scalar, because a key's layout depends on its length.
        let padding = "q".repeat(scalar.len());
        self.scalars.push(scalar);
        format!("{}{}{padding}z", self.prefix, self.scalars.len() - 1)
    }

    fn replace(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.replace_text(text)),
            Value::Number(number) => match float_for_all(&number.to_string()) {
                Some(scalar) => Value::String(self.stand_in(scalar)),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.replace(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                let fields =
                    fields.map(|(key, value)| (self.replace_text(key), self.replace(value)));
                Value::Object(fields.collect())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn replace_text(&mut self, text: &str) -> String {
        if is_ambiguous(text) { self.stand_in(format!("'{text}'")) } else { text.to_owned() }
    }

    fn resolve(&self, text: &str) -> String {
        let mut resolved = String::with_capacity(text.len());
        let mut parts = text.split(self.prefix.as_str());
        resolved.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (number, rest) = part.split_once('z').unwrap_or((part, ""));
            let scalar = number
                .trim_end_matches('q')
                .parse::<usize>()
                .ok()
                .and_then(|at| self.scalars.get(at));
            resolved.push_str(scalar.expect("the prefix occurs in stand-ins alone"));
            resolved.push_str(rest);
        }
        resolved
    }
}

/// Whether a string or a key anywhere in `value` contains `word`.
fn contains(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text.contains(word),
        Value::Array(items) => items.iter().any(|item| contains(item, word)),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains(word) || contains(value, word))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `1e-7` as `1.0e-7` and `1.5e16` as `1.5e+16`: without a point and a sign, readers of YAML 1.1 see a
/// string. `None` where the number is fine as it is.
fn float_for_all(number: &str) -> Option<String> {
    let (digits, exponent) = number.split_once('e')?;
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    Some(format!("{digits}{point}e{sign}{exponent}"))
}

/// Whether some reader would see a string as something else if it stood there plain. Such a string
/// contains neither quotes nor control characters.
///
/// Source: the tag resolution of YAML 1.1 (yaml.org/type: bool, int, float, null, timestamp, merge,
/// value), read generously.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["y", "yes", "n", "no", "true", "false", "on", "off", "null", "~", "<<", "="];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || looks_numeric(text)
}

/// Whether `text` looks like a number, a time of day or a date of any kind.
fn looks_numeric(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some(first) = unsigned.bytes().next() else { return false };
    if !first.is_ascii_digit() && first != b'.' {
        return false;
    }
    let all = |text: &str, allowed: &str| text.chars().all(|letter| allowed.contains(letter));
    let based = |prefix: &str, digits: &str| {
        unsigned.to_ascii_lowercase().strip_prefix(prefix).is_some_and(|rest| all(rest, digits))
    };
    let date = || {
        let bytes = unsigned.as_bytes();
        let year = bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit);
        year && bytes[4] == b'-' && all(unsigned, "0123456789-:.+TtZz ")
    };
    all(unsigned, "0123456789_:,.+-eE")
        || based("0x", "0123456789abcdef_")
        || based("0o", "01234567_")
        || based("0b", "01_")
        || [".inf", ".nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word))
        || date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::report::testing::{any_value, printed};
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn quotes_what_old_readers_take_for_something_else() {
        let report = Report::new(
            "sre/x@1",
            json!({
                "answer": "no", "on": "Off", "time": "12:00", "day": "2024-01-01", "count": "1_000",
                "number": "1.10", "hex": "0x1F", "exponent": "1e3", "infinite": "-.inf", "none": "~",
                "window": "30d", "limit": "200ms", "target": "99.9%", "at": "2026-05-14T09:20:00Z",
                "text": "fine: it's plain", "tiny": 1e-7, "huge": 1e21, "true": true, "empty": "",
            }),
        );
        assert_eq!(
            printed(|out| write(&report, out)),
            "\
schema: sre/x@1
answer: 'no'
'on': 'Off'
time: '12:00'
day: '2024-01-01'
count: '1_000'
number: '1.10'
hex: '0x1F'
exponent: '1e3'
infinite: '-.inf'
none: '~'
window: 30d
limit: 200ms
target: 99.9%
at: '2026-05-14T09:20:00Z'
text: 'fine: it''s plain'
tiny: 1.0e-7
huge: 1.0e+21
'true': true
empty: ''
"
        );
    }

    #[test]
    fn lists_and_lines_keep_their_layout() {
        let value = json!({"items": [{"a": 1, "b": ["no", "yes"]}, []], "text": "one\ntwo\n"});
        assert_eq!(
            to_yaml(&value).unwrap(),
            "items:\n- a: 1\n  b:\n  - 'no'\n  - 'yes'\n- []\ntext: |\n  one\n  two\n"
        );
    }

    #[test]
    fn words_that_stand_in_may_occur_in_the_text() {
        let value = json!(["no", "standin0qz", "standinx"]);
        let back: Value = serde_yaml::from_str(&to_yaml(&value).unwrap()).unwrap();
        assert_eq!(back, value);
    }

    proptest! {
        #[test]
        fn reads_back(value in any_value()) {
            let value = rounded(&value);
            let text = to_yaml(&value).unwrap();
            let back: Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(back, value, "{}", text);
        }

        #[test]
        fn what_looks_like_a_number_is_read_as_text(text in "[-+.0-9a-fxob_:TZ '\n]{0,12}|2024-[-0-9:TZ '\"\n]{0,8}|[yYnNoOeEsSfFtTrRuUlLaA~]{1,5}") {
            let value = json!({ text.clone(): [text] });
            let yaml = to_yaml(&value).unwrap();
            let back: Value = serde_yaml::from_str(&yaml).unwrap();
            prop_assert_eq!(back, value, "{}", yaml);
        }
    }
}
