//! Texts that a shell reads, as far as quoting goes.

/// Where values are used without quotes, so that a shell splits them into words and takes `*` in them for files:
/// the names, each with its range of bytes. Arithmetic and plain assignments do not split.
pub(super) fn unquoted<'t>(
    text: &'t str,
    names: &[&str],
) -> Vec<(&'t str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    // What the text at hand is in: quotes, a command whose output is used, arithmetic.
    let mut inside: Vec<Inside> = Vec::new();
    let (mut at, mut word) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let now = inside.last().copied();
        match byte {
            b'\\' => at += 2,
            b'\'' if now != Some(Inside::Quotes) => {
                at = text[at + 1..].find('\'').map_or(text.len(), |end| at + 1 + end + 1);
            }
            b'"' => {
                if now == Some(Inside::Quotes) {
                    inside.pop();
                } else {
                    inside.push(Inside::Quotes);
                }
                at += 1;
            }
            b'$' if text[at..].starts_with("$((") => {
                inside.push(Inside::Arithmetic);
                at += 3;
            }
            b'$' if text[at..].starts_with("$(") => {
                inside.push(Inside::Command);
                at += 2;
                word = at;
            }
            b'$' => {
                let (name, end) = name(text, at);
                let quoted = matches!(now, Some(Inside::Quotes | Inside::Arithmetic));
                if !quoted && names.contains(&name) && !is_assignment(&text[word..at]) {
                    found.push((name, at..end));
                }
                at = end;
            }
            b')' if now == Some(Inside::Arithmetic) => {
                inside.pop();
                at += if text[at..].starts_with("))") { 2 } else { 1 };
            }
            b')' if now == Some(Inside::Command) => {
                inside.pop();
                at += 1;
            }
            b'#' if now != Some(Inside::Quotes) && word == at => {
                at = text[at..].find('\n').map_or(text.len(), |end| at + end);
            }
            b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b'<' | b'>'
                if now != Some(Inside::Quotes) =>
            {
                at += 1;
                word = at;
            }
            _ => at += 1,
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Quotes,
    Command,
    Arithmetic,
}

/// The name behind a dollar sign, and where it ends: `$name`, `${name}`, `${name:-x}`.
fn name(text: &str, dollar: usize) -> (&str, usize) {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let rest = &text[dollar + 1..];
    let (rest, braces) = match rest.strip_prefix('{') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    let name = &rest[..length];
    let start = dollar + 1 + usize::from(braces);
    let end = if braces {
        rest[length..].find('}').map_or(text.len(), |close| start + length + close + 1)
    } else {
        start + length
    };
    (name, end.max(dollar + 1))
}

/// Whether the word so far is `name=`, the value of which is not split.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    crate::domains::runbook::engine::variables::is_name(name)
}

/// Whether a text names a variable of the shell: `$name` or `${name…`.
pub(super) fn mentions(text: &str, wanted: &str) -> bool {
    text.match_indices('$').any(|(at, _)| name(text, at).0 == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            unquoted(text, &["a", "b"]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn quotes_count_and_what_does_not_split_is_fine() {
        check("rm $a", &["a"]);
        check("rm \"$a\" '$b' \\$a", &[]);
        check("rm \"x$(cat $b)\" ${a}", &["b", "a"]);
        check("x=$a; y=1 run $b", &["b"]);
        check("# $a\nrun #$b", &[]);
        check("echo $((a + $b)) $other $$ $", &[]);
        check("if [ $a = x ]; then true; fi", &["a"]);
        check("echo \"${a:-$b}\" 'it'\"$a\"'s'", &[]);
        check("unfinished '$a", &[]);
        check("ü\"$a\"ü$b", &["b"]);
    }

    #[test]
    fn names_are_found_whole() {
        assert!(mentions("echo ${token:?}", "token") && mentions("x$token", "token"));
        assert!(!mentions("echo $tokens token", "token"));
    }
}
