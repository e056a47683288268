//! Keys and texts as Go's YAML library writes them, for files that have to be the same byte by byte.
//!
//! Source: the behaviour of `gopkg.in/yaml.v2`, which writes what YAML 1.1 allows: texts plain where they
//! can be, folded behind the first space past column 80, and mappings sorted as people sort.
use regex::Regex;
use std::{cmp::Ordering, sync::LazyLock};

/// Lines are folded at the first space past this column.
const WIDTH: usize = 80;

/// A text as the value of a key: it begins at `column`, and its further lines are indented by `indent`.
pub fn scalar(text: &str, column: usize, indent: usize) -> String {
    let allowed = Allowed::of(text);
    let folding = Some(Folding { column, indent });
    if text.contains('\n') {
        return if allowed.block { literal(text, indent) } else { double_quoted(text, folding) };
    }
    one_line(text, allowed, folding)
}

/// A text as a key.
pub fn key(text: &str) -> String {
    one_line(text, Allowed::of(text), None)
}

fn one_line(text: &str, allowed: Allowed, folding: Option<Folding>) -> String {
    if is_no_text(text) {
        double_quoted(text, folding)
    } else if allowed.plain {
        folded(text, folding)
    } else if allowed.single_quotes {
        let folding = folding.map(|folding| Folding { column: folding.column + 1, ..folding });
        format!("'{}'", folded(&text.replace('\'', "''"), folding))
    } else {
        double_quoted(text, folding)
    }
}

/// Where a scalar begins, and where its further lines do.
#[derive(Clone, Copy)]
struct Folding {
    column: usize,
    indent: usize,
}

/// In which ways a text can be written.
#[derive(Clone, Copy)]
struct Allowed {
    plain: bool,
    single_quotes: bool,
    block: bool,
}

impl Allowed {
    fn of(text: &str) -> Self {
        let special = !text.chars().all(|c| c == '\n' || is_printable(c));
        let space_before_break = text.contains(" \n");
        let space_behind_break = text.contains("\n ");
        let edge = [' ', '\n'];
        let at_edge = text.starts_with(edge) || text.ends_with(edge);
        let broken = special || space_before_break;
        Self {
            plain: !(broken || at_edge || text.contains('\n') || has_indicator(text)),
            single_quotes: !(broken || space_behind_break),
            block: !(broken || text.ends_with(' ')),
        }
    }
}

/// What the library writes as it is: all of the basic plane but controls and two marks.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether a text holds what means something in a block outside of quotes.
fn has_indicator(text: &str) -> bool {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return false };
    let ends = |c: Option<char>| c.is_none_or(|c| c == ' ');
    "#,[]{}&*!|>'\"%@`".contains(first)
        || ("-?:".contains(first) && ends(letters.next()))
        || text.starts_with("---")
        || text.starts_with("...")
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
}

/// Whether a plain scalar would be read as something else than a text.
///
/// Source: YAML 1.1, and its types for booleans, numbers, timestamps and numbers to the base of 60.
fn is_no_text(text: &str) -> bool {
    const WORDS: [&str; 27] = [
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N",
        "no", "No", "NO", "off", "Off", "OFF", "true", "True", "TRUE", "false", "False", "FALSE",
    ];
    const PATTERNS: [&str; 5] = [
        r"^[-+]?(\.inf|\.Inf|\.INF)$|^(\.nan|\.NaN|\.NAN)$",
        r"^[-+]?(0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)$",
        r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$",
        r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?$",
        r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$",
    ];
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&PATTERNS.join("|")).expect("the patterns are written out above")
    });
    let is_other = |text: &str| OTHERS.is_match(text) && !is_no_day(text);
    WORDS.contains(&text)
        || is_other(text)
        || (text.starts_with(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && text.contains('_')
            && is_other(&text.replace('_', "")))
}

/// Whether a text has the form of a timestamp, and its day is not in the calendar.
fn is_no_day(text: &str) -> bool {
    let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let mut parts = day.split('-');
    let mut part = || parts.next().and_then(|part| part.parse().ok());
    // What has no year in front is no timestamp.
    match (part(), part(), part()) {
        (Some(year), Some(month), Some(day)) => i32::try_from(year)
            .ok()
            .and_then(|year| chrono::NaiveDate::from_ymd_opt(year, month, day))
            .is_none(),
        _ => false,
    }
}

/// A text on one line, folded: a single space past the last column becomes a line break.
fn folded(text: &str, folding: Option<Folding>) -> String {
    let Some(Folding { mut column, indent }) = folding else { return text.to_owned() };
    let mut written = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut behind_space = false;
    while let Some(letter) = letters.next() {
        let single = letter == ' ' && !behind_space && letters.peek().is_some_and(|c| *c != ' ');
        behind_space = letter == ' ';
        if single && column > WIDTH {
            written.push('\n');
            written.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            written.push(letter);
            column += 1;
        }
    }
    written
}

/// A literal block. Its first line says how many line breaks the text ends with, and how far it is
/// indented where that cannot be seen.
fn literal(text: &str, indent: usize) -> String {
    let hint = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let chomping = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    let mut block = format!("|{hint}{chomping}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.extend(std::iter::repeat_n(' ', indent));
            block.push_str(line);
        }
    }
    block
}

fn double_quoted(text: &str, folding: Option<Folding>) -> String {
    let mut quoted = String::from("\"");
    let mut column = folding.map_or(0, |folding| folding.column + 1);
    let mut behind_space = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != ' ' {
            let escaped = escape(letter);
            column += escaped.chars().count();
            quoted.push_str(&escaped);
            behind_space = false;
            continue;
        }
        let next = letters.peek().map(|(_, next)| *next);
        match folding.filter(|_| at > 0 && next.is_some() && !behind_space && column > WIDTH) {
            None => {
                quoted.push(' ');
                column += 1;
            }
            Some(folding) => {
                quoted.push('\n');
                quoted.extend(std::iter::repeat_n(' ', folding.indent));
                column = folding.indent;
                // A space that begins a line has to be told from its indentation.
                if next == Some(' ') {
                    quoted.push('\\');
                    column += 1;
                }
            }
        }
        behind_space = true;
    }
    quoted + "\""
}

/// A letter within double quotes.
fn escape(letter: char) -> String {
    match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\0' => "\\0".to_owned(),
        '\u{7}' => "\\a".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        '\u{b}' => "\\v".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\r' => "\\r".to_owned(),
        '\u{1b}' => "\\e".to_owned(),
        '\u{85}' => "\\N".to_owned(),
        '\u{2028}' => "\\L".to_owned(),
        '\u{2029}' => "\\P".to_owned(),
        letter if is_printable(letter) => letter.to_string(),
        letter => match u32::from(letter) {
            code @ ..=0xff => format!("\\x{code:02X}"),
            code @ ..=0xffff => format!("\\u{code:04X}"),
            code => format!("\\U{code:08X}"),
        },
    }
}

/// The order of keys: letters behind everything else, and numbers by their value.
pub fn order(one: &str, other: &str) -> Ordering {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let Some(at) = one.iter().zip(&other).position(|(a, b)| a != b) else {
        return one.len().cmp(&other.len());
    };
    let (a, b) = (one[at], other[at]);
    match (a.is_alphabetic(), b.is_alphabetic()) {
        (true, true) => return a.cmp(&b),
        (false, true) => return Ordering::Less,
        (true, false) => return Ordering::Greater,
        (false, false) => {}
    }
    let digits = |letters: &[char]| letters[at..].iter().take_while(|c| c.is_numeric()).count();
    let value = |letters: &[char], count| {
        let number = letters[at..at + count].iter().filter_map(|c| c.to_digit(10));
        // A zero within a number counts for what stands before it.
        let before = &letters[..at];
        let within = before.iter().rev().take_while(|c| c.is_numeric()).any(|c| *c != '0');
        let start = u64::from((a == '0' || b == '0') && within);
        number.fold(start, |sum, digit| sum.saturating_mul(10).saturating_add(digit.into()))
    };
    let (first, second) = (digits(&one), digits(&other));
    value(&one, first).cmp(&value(&other, second)).then(first.cmp(&second)).then(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(scalar(text, 10, 4), expected);
    }

    #[test]
    fn texts_are_quoted_where_they_would_mean_something_else() {
        check("sum(rate(a[5m])) > 1", "sum(rate(a[5m])) > 1");
        for text in
            ["99.9", "yes", "", "0x1f", "1_000", "2026-01-01", "12:30", "~", "1e+06", "+.inf"]
        {
            check(text, &format!("\"{text}\""));
        }
        for text in ["yEs", "1.2.3", "0x", "12:90", "-a", "?a", ":a", "a:b", "a#b"] {
            check(text, text);
        }
        check("a: b", "'a: b'");
        check("'quoted'", "'''quoted'''");
        check("{{ $labels.x }}", "'{{ $labels.x }}'");
        check(" a", "' a'");
        check("a\tb", "\"a\\tb\"");
        check("\u{1f525}", "\"\\U0001F525\"");
    }

    #[test]
    fn lines_stand_in_blocks() {
        check("a\n  b\n", "|\n    a\n      b");
        check("a\nb", "|-\n    a\n    b");
        check("a\n\n", "|+\n    a\n");
        check(" a\n", "|2\n     a");
        check("a \nb", "\"a \\nb\"");
    }

    #[test]
    fn long_lines_are_folded_at_the_first_space_past_the_width() {
        let long = format!("{} b c", "a".repeat(71));
        check(&long, &format!("{}\n    b c", "a".repeat(71)));
        let shorter = format!("{} b c", "a".repeat(70));
        check(&shorter, &format!("{} b\n    c", "a".repeat(70)));
        let two = format!("{}  b c", "a".repeat(71));
        check(&two, &format!("{}  b\n    c", "a".repeat(71)));
    }

    #[test]
    fn keys_are_sorted_as_people_sort() {
        let mut keys = vec!["b", "a10", "a2", "a_b", "aab", "a", "B", "a-b"];
        keys.sort_by(|a, b| order(a, b));
        assert_eq!(keys, ["B", "a", "a-b", "a_b", "a2", "a10", "aab", "b"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in "[ -~\n\t\u{e4}\u{1f525}]{0,200}") {
            let yaml = format!("{}: {}\n", key("k"), scalar(&text, 3, 2));
            let read: BTreeMap<String, String> = serde_yaml::from_str(&yaml)
                .map_err(|error| TestCaseError::fail(format!("{yaml:?}: {error}")))?;
            prop_assert_eq!(&read["k"], &text, "{}", yaml);
        }

        #[test]
        fn keys_have_one_order(a in "[a-b0-1_.]{0,5}", b in "[a-b0-1_.]{0,5}") {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &b) == Ordering::Equal, a == b);
        }
    }
}
