//! Text of other people made harmless for a terminal.
use super::secret::without_secrets;
use std::borrow::Cow;

/// `text` with control characters, escape sequences and invisible direction marks shown instead of
/// obeyed: a name in a document must not clear a screen, hide a line or reverse what it says. Credentials
/// in addresses are hidden.
///
/// ```
/// use sre::kernel::report::harmless;
/// assert_eq!(harmless("\u{1b}[31mred\n"), r"\u{1b}[31mred\n");
/// assert_eq!(harmless("Zürich 東京"), "Zürich 東京");
/// ```
pub fn harmless(text: &str) -> Cow<'_, str> {
    let hidden = without_secrets(text);
    if !hidden.contains(is_harmful) {
        return hidden;
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in hidden.chars() {
        if is_harmful(letter) { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    Cow::Owned(shown)
}

/// A line to be copied, [`harmless`] but for its tabs, which stay.
pub(super) fn harmless_line(line: &str) -> String {
    line.split('\t').map(harmless).collect::<Vec<_>>().join("\t")
}

/// Whether a terminal would obey the character or show nothing where something stands.
fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            // Line and paragraph separators; embeddings, overrides and isolates of direction.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            // Musical controls, tags, and all that Unicode reserves for more of their kind.
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_what_would_deceive() {
        assert_eq!(harmless("a\tb\r\0\u{9b}2J"), r"a\tb\r\u{0}\u{9b}2J");
        assert_eq!(harmless_line("\ta\u{7}\tb"), "\ta\\u{7}\tb");
        assert_eq!(harmless("abc\u{202e}fed"), r"abc\u{202e}fed");
        assert_eq!(harmless("👩\u{200d}💻 ❤\u{fe0f}"), "👩\u{200d}💻 ❤\u{fe0f}");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_obey(text in any::<String>()) {
            let shown = harmless(&text);
            prop_assert!(!shown.contains(char::is_control));
            prop_assert_eq!(harmless(&shown), shown.as_ref());
        }
    }
}
