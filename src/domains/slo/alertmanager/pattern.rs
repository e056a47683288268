//! Regular expressions as Go reads them (RE2, `regexp/syntax`), said in the words of the crate `regex`.
//!
//! The two languages are nearly one. They differ in what `\d`, `\w`, `\s` and `\b` mean (ASCII in Go),
//! in what is an operator inside of brackets, in braces that repeat nothing, and in `\Q…\E`.
use regex::Regex;

/// The expression that matches a whole value as Alertmanager's `=~` does.
///
/// # Errors
/// Words that say why it is none.
pub(super) fn whole(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    Regex::new(&format!("^(?:{translated})$")).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("the regular expression `{pattern}` is too large")
        }
        _ => format!("`{pattern}` is not a regular expression"),
    })
}

/// How often Go repeats at most.
const MOST_OFTEN: u32 = 1000;

fn is_too_often(count: &str) -> bool {
    count.parse::<u32>().map_or(true, |count| count > MOST_OFTEN)
}

const DIGIT: &str = "0-9";
const SPACE: &str = r"\t\n\x0C\r\x20";
const WORD: &str = "0-9A-Za-z_";

fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    // How many signs of repetition stand directly before: a second one may only be `?`.
    let mut repeated = 0;
    while let Some(character) = rest.chars().next() {
        let tail = &rest[character.len_utf8()..];
        let is_repetition =
            matches!(character, '*' | '+' | '?') || character == '{' && repeats(tail);
        if is_repetition && (repeated > 1 || repeated == 1 && character != '?') {
            return Err(format!("`{pattern}` repeats a repetition"));
        }
        repeated = if is_repetition { repeated + 1 } else { 0 };
        rest = match character {
            '{' if is_repetition => {
                let end = tail.find('}').map_or(tail.len(), |at| at + 1);
                let counts = tail[..end].split(|c: char| !c.is_ascii_digit());
                if counts.filter(|count| !count.is_empty()).any(is_too_often) {
                    return Err(format!("`{pattern}` repeats more than {MOST_OFTEN} times"));
                }
                out.push('{');
                out.push_str(&tail[..end]);
                &tail[end..]
            }
            '\\' => escape(tail, &mut out, false)?,
            '[' => class(tail, &mut out)?,
            '{' => {
                out.push_str(r"\{");
                tail
            }
            other => {
                out.push(other);
                tail
            }
        };
    }
    Ok(out)
}

/// What stands behind a backslash; gives back what stands behind it.
fn escape<'p>(rest: &'p str, out: &mut String, inside: bool) -> Result<&'p str, String> {
    let Some(character) = rest.chars().next() else {
        return Err("a regular expression cannot end with `\\`".to_owned());
    };
    let tail = &rest[character.len_utf8()..];
    let set = |members: &str, negated: bool| match (inside, negated) {
        (true, false) => members.to_owned(),
        (_, true) => format!("[^{members}]"),
        (false, false) => format!("[{members}]"),
    };
    match character {
        'd' => out.push_str(&set(DIGIT, false)),
        'D' => out.push_str(&set(DIGIT, true)),
        's' => out.push_str(&set(SPACE, false)),
        'S' => out.push_str(&set(SPACE, true)),
        'w' => out.push_str(&set(WORD, false)),
        'W' => out.push_str(&set(WORD, true)),
        'b' if !inside => out.push_str(r"(?-u:\b)"),
        'Q' if !inside => {
            let (literal, behind) = tail.split_once(r"\E").unwrap_or((tail, ""));
            out.push_str(&regex::escape(literal));
            return Ok(behind);
        }
        'C' => return Err(r"`\C`, one byte, cannot be followed here".to_owned()),
        '<' | '>' => out.push(character),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(tail)
}

/// A class from behind its `[`. What only the crate takes for an operator there (`[`, `&&`, `--`, `~~`)
/// is escaped.
fn class<'p>(mut rest: &'p str, out: &mut String) -> Result<&'p str, String> {
    out.push('[');
    if let Some(tail) = rest.strip_prefix('^') {
        out.push('^');
        rest = tail;
    }
    if let Some(tail) = rest.strip_prefix(']') {
        out.push_str(r"\]");
        rest = tail;
    }
    let mut after_dash = false;
    while let Some(character) = rest.chars().next() {
        let tail = &rest[character.len_utf8()..];
        let is_dash = character == '-';
        rest = match character {
            ']' => {
                out.push(']');
                return Ok(tail);
            }
            '[' if tail.starts_with(':') && tail.contains(":]") => {
                let end = tail.find(":]").map_or(tail.len(), |at| at + 2);
                out.push('[');
                out.push_str(&tail[..end]);
                &tail[end..]
            }
            '\\' => escape(tail, out, true)?,
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(character);
                tail
            }
            '-' if after_dash => {
                out.push_str(r"\-");
                tail
            }
            other => {
                out.push(other);
                tail
            }
        };
        after_dash = is_dash && !after_dash;
    }
    Err("a bracket `[` of the regular expression is not closed".to_owned())
}

/// Whether what stands behind a `{` repeats what stands before it: `{3}`, `{3,}`, `{3,5}`.
fn repeats(rest: &str) -> bool {
    let Some((inside, _)) = rest.split_once('}') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inside.split_once(',') {
        Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
        None => digits(inside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let regex = whole(pattern).unwrap();
        for text in matching {
            assert!(regex.is_match(text), "`{pattern}` matches `{text}`");
        }
        for text in other {
            assert!(!regex.is_match(text), "`{pattern}` does not match `{text}`");
        }
    }

    /// What Go 1.22 says of the same.
    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        check("foo|bar", &["foo", "bar"], &["foobar", "xfoo", ""]);
        check("", &[""], &["a"]);
        check(".*", &["", "abc"], &["a\nb"]);
        check("(?s).*", &["a\nb"], &[]);
        check("(?i)Page", &["PAGE", "page"], &["pages"]);
        check(r"\d+", &["12"], &["\u{661}", ""]);
        check(r"\w+", &["a_1"], &["\u{e4}"]);
        check(r"[\w-]+", &["a-b"], &["a b"]);
        check(r"[^\s]", &["\u{b}", "a"], &[" ", "\n"]);
        check(r"[\D]", &["a"], &["1"]);
        check("[[a]+", &["[a["], &["b"]);
        check("[a&&b]+", &["&", "ab&"], &["c"]);
        check("[]a]+", &["]a"], &["b"]);
        check("[^]a]", &["b"], &["]"]);
        check("[[:alpha:]]+", &["ab"], &["1"]);
        check("[+--]", &["+", ",", "-"], &["."]);
        check("a{,5}", &["a{,5}"], &["aaa"]);
        check("a{2,3}", &["aa", "aaa"], &["a"]);
        check("(?:a+?){2}?", &["aa", "aaa"], &["a"]);
        check("a{b", &["a{b"], &[]);
        check(r"\Qa.b\E.", &["a.bc"], &["axbc"]);
        check(r"a\.b\<\-", &["a.b<-"], &["axb<-"]);
        check(r"a\b.b", &["a b"], &["aab"]);
        check(r"a\Bb", &["ab"], &[]);
        check(r"\x41\x{42}", &["AB"], &[]);
        check(r"\pL+", &["\u{e4}b"], &["1"]);
    }

    #[test]
    fn what_is_no_pattern_is_said_to_be_none() {
        for pattern in ["(", "[a", "a**", "a+*", "a{2}{3}", "a*??", "*", r"a\", r"\C", "(?<x"] {
            assert!(whole(pattern).is_err(), "{pattern}");
        }
    }
}
