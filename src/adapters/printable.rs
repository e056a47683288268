//! Text of others, made fit to stand in a message.

/// At most `limit` characters on one line: control characters, line breaks and what turns the direction
/// of writing become spaces, several spaces one. What is cut off is marked by `…`.
pub(super) fn printable(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for (count, word) in text.split(|character: char| !is_harmless(character)).enumerate() {
        if word.is_empty() {
            continue;
        }
        if count > 0 && !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    match shown.char_indices().nth(limit) {
        Some((at, _)) => {
            shown.truncate(at);
            shown.push('…');
            shown
        }
        None => shown,
    }
}

fn is_harmless(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !(character.is_control() || character.is_whitespace() || turns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(printable("a\x1b[31mb\r\n  c\u{202e}d\n", 80), "a [31mb c d");
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
        assert_eq!(printable("\n\t", 3), "");
    }

    proptest! {
        #[test]
        fn never_more_than_asked_for(text in "\\PC*|[\\x00-\\x20a-z\u{202a}-\u{202e}]*", limit in 0usize..40) {
            let shown = printable(&text, limit);
            prop_assert!(shown.chars().count() <= limit + 1);
            prop_assert!(!shown.contains(char::is_control));
        }
    }
}
