//! Text of others, made fit to stand in a message.
use crate::kernel::report::harmless;

/// At most `limit` characters on one line: line breaks and control characters become spaces, several
/// spaces one, and the rest is made [`harmless`], which also hides passwords in addresses. What is cut off
/// is marked by `…`.
pub(super) fn printable(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_control() || letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let mut shown = harmless(&words.join(" ")).into_owned();
    if let Some((at, _)) = shown.char_indices().nth(limit) {
        shown.truncate(at);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_harmless_line() {
        assert_eq!(printable("a\x1b[31mb\r\n  c\u{202e}d\n", 80), r"a [31mb c\u{202e}d");
        assert!(!printable("see https://me:hunter2@h/", 80).contains("hunter2"));
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
        assert_eq!(printable("\n\t", 3), "");
    }

    proptest! {
        #[test]
        fn never_more_than_asked_for(text in any::<String>(), limit in 0usize..40) {
            let shown = printable(&text, limit);
            prop_assert!(shown.chars().count() <= limit + 1);
            prop_assert!(!shown.contains(char::is_control));
        }
    }
}
