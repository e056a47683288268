//! What programs print, as plain text: nothing in it is obeyed by a terminal.

/// The text of bytes: what is not UTF-8 becomes `U+FFFD`, escape sequences go, a carriage return ends a line as
/// progress bars mean it, and other control characters are shown as `\u{1}`.
pub fn plain(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let mut text = String::with_capacity(lossy.len());
    let mut letters = lossy.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_escape(&mut letters),
            // The same in one character, as eight-bit terminals have it.
            '\u{9b}' => skip_control_sequence(&mut letters),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut letters),
            '\r' => {
                letters.next_if_eq(&'\n');
                text.push('\n');
            }
            '\n' | '\t' => text.push(letter),
            // What backspaces overstrike is bold or underlined text on a printer.
            '\u{8}' => {
                if text.chars().next_back().is_some_and(|last| last != '\n') {
                    text.pop();
                }
            }
            letter if letter.is_control() || is_direction(letter) => {
                text.extend(letter.escape_default());
            }
            letter => text.push(letter),
        }
    }
    text
}

type Letters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// After an escape: a control sequence, a string, or two or three characters (ECMA-48, ISO 2022).
fn skip_escape(letters: &mut Letters<'_>) {
    match letters.next_if(|letter| letter.is_ascii() && !letter.is_control()) {
        Some('[') => skip_control_sequence(letters),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(letters),
        // Intermediate characters, and the final one.
        Some(' '..='/') => {
            while letters.next_if(|letter| (' '..='/').contains(letter)).is_some() {}
            letters.next_if(|letter| ('0'..='~').contains(letter));
        }
        _ => {}
    }
}

/// Parameters, then one final character.
fn skip_control_sequence(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| (' '..='?').contains(letter)).is_some() {}
    letters.next_if(|letter| ('@'..='~').contains(letter));
}

/// Up to the string terminator or the bell. A string that is never ended ends with its line: nothing that
/// follows may be hidden.
fn skip_string(letters: &mut Letters<'_>) {
    while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
        match letter {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                letters.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Marks that reverse or hide text.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(plain(bytes), expected);
    }

    #[test]
    fn escape_sequences_go_and_text_stays() {
        check(b"\x1b[1;31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain");
        check(b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link");
        check(b"\x1b(Bok\x1b=\x1b7", "ok");
        check(b"10%\r20%\r\n30%", "10%\n20%\n30%");
        check(b"a\x00b\x07c", "a\\u{0}b\\u{7}c");
        check(b"\xff\xfe ok", "\u{fffd}\u{fffd} ok");
        check(b"_\x08bold", "bold");
        check("a\u{202e}b".as_bytes(), "a\\u{202e}b");
        check("\u{9b}2Jclear".as_bytes(), "clear");
    }

    #[test]
    fn a_string_without_end_hides_one_line_at_most() {
        check(b"\x1b]0;never ended\nnext", "\nnext");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_obey(bytes in any::<Vec<u8>>()) {
            let text = plain(&bytes);
            prop_assert!(!text.chars().any(|letter| letter.is_control() && !"\n\t".contains(letter)));
            prop_assert_eq!(plain(text.as_bytes()), text);
        }
    }
}
