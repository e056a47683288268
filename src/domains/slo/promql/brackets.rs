//! Brackets and quotes of PromQL.
use super::Refusal;
use std::ops::Range;

/// Brackets within brackets that are still read: beyond, a text is an attack and no query.
const DEPTH: usize = 100;

/// The first bracket or quote that does not close.
///
/// Source of the lexical rules: the Prometheus documentation, "Query language basics": strings in
/// single or double quotes with escapes, in backticks without; comments from `#` to the line's end.
pub(super) fn unclosed(text: &str) -> Option<Refusal> {
    let bytes = text.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => match end_of_string(bytes, at) {
                Some(end) => at = end,
                None => return Some(broken("this quote does not close", at..at + 1)),
            },
            b'#' => {
                let rest = &bytes[at..];
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            }
            b'(' | b'[' | b'{' if open.len() == DEPTH => {
                return Some(broken("brackets are nested too deeply", at..at + 1));
            }
            b'(' | b'[' | b'{' => open.push(at),
            b')' | b']' | b'}' => match open.pop() {
                Some(opening) if closes(bytes[opening], *byte) => {}
                Some(opening) => {
                    let message = format!(
                        "`{}` is closed by `{}`",
                        char::from(bytes[opening]),
                        char::from(*byte)
                    );
                    return Some(broken(&message, at..at + 1));
                }
                None => {
                    let message = format!("`{}` closes nothing", char::from(*byte));
                    return Some(broken(&message, at..at + 1));
                }
            },
            _ => {}
        }
        at += 1;
    }
    let opening = open.pop()?;
    let message = format!("this `{}` does not close", char::from(bytes[opening]));
    Some(broken(&message, opening..opening + 1))
}

fn broken(message: &str, at: Range<usize>) -> Refusal {
    Refusal::Broken { message: message.to_owned(), at }
}

fn closes(opening: u8, closing: u8) -> bool {
    matches!((opening, closing), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

/// Index of the quote that ends the string which begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = bytes[start];
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            byte if byte == quote => return Some(at),
            b'\\' if quote != b'`' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, usize)>) {
        let found = unclosed(text);
        let expected = expected
            .map(|(message, at)| Refusal::Broken { message: message.to_owned(), at: at..at + 1 });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        check(r#"sum(rate(a{b="}("}[5m])) # ("#, None);
        check(r#"a{b="\"{"}"#, None);
        check("a{b=`\\`}", None);
        check("", None);
    }

    #[test]
    fn the_innermost_open_bracket_is_shown() {
        check("sum(rate(a[5m])", Some(("this `(` does not close", 3)));
        check("sum(a))", Some(("`)` closes nothing", 6)));
        check("sum(a]", Some(("`(` is closed by `]`", 5)));
        check(r#"a{b="c}"#, Some(("this quote does not close", 4)));
        check(&"(".repeat(100_000), Some(("brackets are nested too deeply", 100)));
    }
}
