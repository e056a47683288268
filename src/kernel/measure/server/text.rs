//! What others wrote, made short and harmless enough for a message.

/// The most letters of a reply that go into a message.
const LONGEST: usize = 200;

/// The beginning of a text that somebody else wrote, on one line: no control characters, no marks that
/// hide or turn what is written, at most 200 letters.
pub(super) fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    let mut letters = 0;
    for word in text.split_whitespace() {
        for letter in (!shown.is_empty()).then_some(' ').into_iter().chain(word.chars()) {
            if letters == LONGEST {
                shown.push('…');
                return shown;
            }
            letters += 1;
            if is_plain(letter) {
                shown.push(letter);
            } else {
                shown.extend(letter.escape_default());
            }
        }
    }
    shown
}

/// Whether the letter shows as itself. `char::escape_debug` knows what does not print, of which the
/// quotes and the backslash do.
fn is_plain(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '\\') || letter.escape_debug().len() == 1
}

/// A count of events for people: whole, or with at most three decimals.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn excerpts_are_short_and_plain() {
        assert_eq!(
            excerpt("a \n\t b\u{1b}[2J\u{202e}\u{200b}é 東 \"q\""),
            r#"a b\u{1b}[2J\u{202e}\u{200b}é 東 "q""#
        );
        assert_eq!(excerpt(&"x".repeat(300)).chars().count(), 201);
        assert_eq!(number(3.0), "3");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(2.625), "2.625");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_obey(text in any::<String>()) {
            prop_assert!(!excerpt(&text).contains(char::is_control));
        }
    }
}
