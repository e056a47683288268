//! One text for all that differ in their numbers, which no text is refused for.
use std::borrow::Cow;

/// The text with every run of digits made `1`, outside of names, of quoted texts in which digits mean
/// more than themselves (escapes, regular expressions), and of numbers that are not decimal.
pub(super) fn of(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut alike = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'"' | b'\'' | b'`' => end_of_quote(bytes, at),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' => end_of(bytes, at, is_part_of_name),
            b'0'..=b'9' => end_of(bytes, at, |byte| byte.is_ascii_alphanumeric()),
            _ => at + 1,
        };
        let piece = &text[at..end];
        let keeps_digits = match byte {
            b'"' | b'\'' => alike.trim_end().ends_with('~') || piece.contains('\\'),
            // `0x1f`, and what may come of `1e5`.
            b'0'..=b'9' => piece.contains(['x', 'X', 'e', 'E']),
            _ => true,
        };
        if keeps_digits {
            alike.push_str(piece);
        } else {
            push_without_digits(&mut alike, piece);
        }
        at = end;
    }
    Cow::Owned(alike)
}

fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':')
}

/// Where the bytes from `at` on end that are all alike; behind the first in any case.
fn end_of(bytes: &[u8], at: usize, is: fn(u8) -> bool) -> usize {
    let rest = bytes.iter().skip(at + 1);
    at + 1 + rest.take_while(|byte| is(**byte)).count()
}

/// Behind the quote that closes the one at `at`, or the end of the text.
fn end_of_quote(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut end = at + 1;
    while let Some(&byte) = bytes.get(end) {
        end += 1;
        if byte == b'\\' && quote != b'`' {
            end += 1;
        } else if byte == quote {
            break;
        }
    }
    end.min(bytes.len())
}

fn push_without_digits(alike: &mut String, piece: &str) {
    let mut was_digit = false;
    for char in piece.chars() {
        let is_digit = char.is_ascii_digit();
        if !is_digit {
            alike.push(char);
        } else if !was_digit {
            alike.push('1');
        }
        was_digit = is_digit;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::query, of};
    use proptest::prelude::*;

    #[test]
    fn numbers_become_one() {
        let text = r#"sum(rate(a_5m{b="c-12",d=~"(5..|429)"}[1h30m])) / 0.001 > log2(1e5) + 0x1f"#;
        let alike = r#"sum(rate(a_5m{b="c-1",d=~"(5..|429)"}[1h1m])) / 1.1 > log2(1e5) + 0x1f"#;
        assert_eq!(of(text), alike);
        assert_eq!(of(r#"a{b="\x41"} + 'c"#), r#"a{b="\x41"} + 'c"#);
    }

    proptest! {
        /// Random pieces of the language: what is refused, and how, is the same with other numbers.
        #[test]
        fn what_is_refused_does_not_depend_on_numbers(pieces in proptest::collection::vec(
            prop_oneof![
                "[a-z]{1,3}", "[0-9]{1,3}", Just("[5m]".to_owned()), Just("[90s:1m]".to_owned()),
                Just("rate(".to_owned()), Just(")".to_owned()), Just("{".to_owned()),
                Just("a=\"b12\"".to_owned()), Just("a=~\"5..|[3-1]\"".to_owned()),
                Just("}".to_owned()), Just(" + ".to_owned()), Just(" offset 90m".to_owned()),
                Just(".".to_owned()), Just(" > bool 22".to_owned()), Just("1e3".to_owned()),
                Just("log10(".to_owned()), Just("sum by (a) (".to_owned()), Just("'".to_owned()),
            ],
            0..8,
        )) {
            let text = pieces.concat();
            let kind = |text: &str| query::read(text).refusal.map(|refusal| std::mem::discriminant(&refusal));
            prop_assert_eq!(kind(&text), kind(&of(&text)), "{}", text);
        }
    }
}
