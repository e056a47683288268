//! Conditions on labels: `severity="page"`, `team=~"a|b"`, in both syntaxes of Alertmanager.
//!
//! Up to version 0.26 there was one syntax, now called classic; since 0.27 there is a second one in which
//! names and values may hold any character when they are quoted. Alertmanager reads a text in both and
//! takes the classic meaning where there is one (its mode `fallback`, the default), and so does this.
use super::pattern;
use regex::Regex;
use std::{collections::BTreeMap, fmt};

/// The labels of an alert.
pub type Labels = BTreeMap<String, String>;

/// How a label is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Operator {
    /// Longer ones first: `=~` begins like `=`.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Matches, "=~"),
        (Self::NotEqual, "!="),
        (Self::MatchesNot, "!~"),
        (Self::Equal, "="),
    ];

    fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, sign)| sign)
    }

    /// The operator that a text begins with, and what stands behind it.
    fn first(text: &str) -> Option<(Self, &str)> {
        Self::ALL.iter().find_map(|(one, sign)| Some((*one, text.strip_prefix(sign)?)))
    }
}

/// A condition on one label.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: String,
    pattern: Option<Regex>,
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.label, self.operator, &self.value) == (&other.label, other.operator, &other.value)
    }
}

impl Eq for Matcher {}

impl Matcher {
    /// A condition.
    ///
    /// # Errors
    /// Words, where the value has to be a regular expression and is none.
    pub fn new(
        label: impl Into<String>,
        operator: Operator,
        value: impl Into<String>,
    ) -> Result<Self, String> {
        let value = value.into();
        let pattern = match operator {
            Operator::Matches | Operator::MatchesNot => Some(pattern::whole(&value)?),
            Operator::Equal | Operator::NotEqual => None,
        };
        Ok(Self { label: label.into(), operator, value, pattern })
    }

    /// The condition that a label has exactly that value.
    pub fn equal(label: impl Into<String>, value: impl Into<String>) -> Self {
        let (label, value) = (label.into(), value.into());
        Self { label, operator: Operator::Equal, value, pattern: None }
    }

    /// The condition that a label is there.
    pub fn not_empty(label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, operator: Operator::NotEqual, value: String::new(), pattern: None }
    }

    /// Whether labels meet it. A label that is not there is empty.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        let fits = || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(value));
        match self.operator {
            Operator::Equal => value == self.value,
            Operator::NotEqual => value != self.value,
            Operator::Matches => fits(),
            Operator::MatchesNot => !fits(),
        }
    }
}

/// Whether labels meet all of the conditions.
pub fn all_match(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels))
}

impl fmt::Display for Matcher {
    /// A text that both syntaxes read as this condition; a name that the classic one does not know stands
    /// in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = self.operator.sign();
        if is_classic_name(&self.label) {
            write!(f, "{}{sign}{}", self.label, quoted(&self.value))
        } else {
            write!(f, "{}{sign}{}", quoted(&self.label), quoted(&self.value))
        }
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// Labels as they are shown: `{a="b", c="d"}`.
pub fn shown(labels: &Labels) -> String {
    let one = |(name, value): (&String, &String)| Matcher::equal(name, value).to_string();
    format!("{{{}}}", labels.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// The conditions of a text, such as `severity="page"` or `{team="a", severity=~"page|ticket"}`.
///
/// # Errors
/// Words that say what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Matcher>, String> {
    match classic(text) {
        Ok(matchers) => Ok(matchers),
        Err(error) => newer(text).map_err(|_| error),
    }
}

/// The labels of an alert as the command line has them: `a=b`, `a="b",c=d`.
///
/// # Errors
/// Words, where it is not names and their values.
pub fn labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let matchers = parse(text)?;
    // A name that is written in quotes is meant as it is.
    let is_name = |name: &str| is_label(name) || text.contains(&format!("\"{name}\""));
    let label = |matcher: Matcher| match matcher.operator {
        _ if !is_name(&matcher.label) => Err(format!(
            "`{}` is no name of a label: it has letters, digits and `_`, the first of them no digit",
            matcher.label
        )),
        Operator::Equal => Ok((matcher.label, matcher.value)),
        _ => Err(format!("an alert has labels and no conditions; `{matcher}` has to be `=`")),
    };
    matchers.into_iter().map(label).collect()
}

fn classic(text: &str) -> Result<Vec<Matcher>, String> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    let (mut tokens, mut token) = (Vec::new(), String::new());
    let (mut inside, mut escaped) = (false, false);
    for character in text.chars() {
        match character {
            ',' if !inside => {
                tokens.push(std::mem::take(&mut token));
                continue;
            }
            '"' if escaped => escaped = false,
            '"' => inside = !inside,
            '\\' => escaped = !escaped,
            // A comma in quotes leaves the escape as it is, as in Alertmanager.
            ',' => {}
            _ => escaped = false,
        }
        token.push(character);
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens.iter().map(|token| classic_one(token)).collect()
}

/// Whether every version of Prometheus takes a name for a label.
fn is_label(text: &str) -> bool {
    is_classic_name(text) && !text.contains(':')
}

fn is_classic_name(text: &str) -> bool {
    let mut characters = text.chars();
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    characters.next().is_some_and(first) && characters.all(|c| first(c) || c.is_ascii_digit())
}

/// What Go's `\s` takes for space.
fn trim(text: &str) -> &str {
    text.trim_matches(['\t', '\n', '\u{c}', '\r', ' '])
}

fn classic_one(text: &str) -> Result<Matcher, String> {
    let bad = || format!("`{text}` is not a matcher; write it like `severity=\"page\"`");
    let trimmed = trim(text);
    let end = trimmed
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .ok_or_else(bad)?;
    let (name, rest) = trimmed.split_at(end);
    if !is_classic_name(name) {
        return Err(bad());
    }
    let (operator, raw) = Operator::first(trim(rest)).ok_or_else(bad)?;
    Matcher::new(name, operator, unescaped(trim(raw))?)
}

/// The value of a classic matcher, with or without quotes around it.
fn unescaped(raw: &str) -> Result<String, String> {
    let quote =
        || format!("the quotes of `{raw}` do not match; write a quote in a value as `\\\"`");
    let (text, mut open) = match raw.strip_prefix('"') {
        Some(text) => (text, true),
        None => (raw, false),
    };
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        let is_last = at + 1 >= text.len();
        match character {
            '\\' if is_last => value.push('\\'),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => {}
            },
            '"' if open && is_last => open = false,
            '"' => return Err(quote()),
            other => value.push(other),
        }
    }
    if open { Err(quote()) } else { Ok(value) }
}

/// The syntax since version 0.27.
fn newer(text: &str) -> Result<Vec<Matcher>, String> {
    let mut rest = text.trim_start();
    let braces = rest.strip_prefix('{').inspect(|tail| rest = tail.trim_start()).is_some();
    let mut matchers = Vec::new();
    loop {
        if rest.is_empty() || rest.starts_with('}') {
            break;
        }
        let (name, tail) = word(rest)?;
        let (operator, tail) = Operator::first(tail.trim_start())
            .ok_or_else(|| format!("expected `=`, `!=`, `=~` or `!~` behind `{name}`"))?;
        let (value, tail) = word(tail.trim_start())?;
        matchers.push(Matcher::new(name, operator, value)?);
        rest = tail.trim_start();
        match rest.strip_prefix(',') {
            Some(tail) => rest = tail.trim_start(),
            None => break,
        }
    }
    let rest = match (braces, rest.strip_prefix('}')) {
        (true, Some(tail)) => tail.trim(),
        (false, None) => rest,
        _ => return Err("braces that do not match".to_owned()),
    };
    if rest.is_empty() { Ok(matchers) } else { Err(format!("unexpected `{rest}`")) }
}

/// A name or a value, plain or in quotes, and what stands behind it.
fn word(text: &str) -> Result<(String, &str), String> {
    if text.starts_with('"') {
        return go_string(text);
    }
    let reserved = |c: char| c.is_whitespace() || "{}!=~,\\\"'`".contains(c);
    let end = text.find(reserved).unwrap_or(text.len());
    if end == 0 {
        return Err(format!("expected a name or a value before `{text}`"));
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

/// A string in double quotes as Go writes it, and what stands behind it.
fn go_string(text: &str) -> Result<(String, &str), String> {
    let wrong = || format!("`{text}` is not a text in double quotes");
    let mut bytes = Vec::new();
    let mut rest = text.strip_prefix('"').ok_or_else(wrong)?;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '"' => return Ok((String::from_utf8(bytes).map_err(|_| wrong())?, rest)),
            '\n' => return Err(wrong()),
            '\\' => rest = go_escape(rest, &mut bytes).ok_or_else(wrong)?,
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Err(wrong())
}

fn go_escape<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let kind = text.chars().next()?;
    let tail = &text[kind.len_utf8()..];
    let simple = match kind {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' => Some(b'\\'),
        '"' => Some(b'"'),
        _ => None,
    };
    if let Some(byte) = simple {
        bytes.push(byte);
        return Some(tail);
    }
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
    let character = |code: u32, bytes: &mut Vec<u8>| {
        let character = char::from_u32(code)?;
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    };
    let length = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '0'..='7' => {
            bytes.push(u8::try_from(number(text.get(..3)?, 8)?).ok()?);
            return text.get(3..);
        }
        _ => return None,
    };
    let code = number(tail.get(..length)?, 16)?;
    if kind == 'x' {
        bytes.push(u8::try_from(code).ok()?);
    } else {
        character(code, bytes)?;
    }
    tail.get(length..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<String> = parse(text).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn the_classic_syntax_is_read() {
        check("foo=bar", &[r#"foo="bar""#]);
        check(r#"foo="bar""#, &[r#"foo="bar""#]);
        check(r#" foo =~ "a|b" "#, &[r#"foo=~"a|b""#]);
        check(r#"{foo!="a",bar!~b}"#, &[r#"foo!="a""#, r#"bar!~"b""#]);
        check(r#"foo="a,b",c=d,"#, &[r#"foo="a,b""#, r#"c="d""#]);
        check("foo=", &[r#"foo="""#]);
        check(r"foo=a\nb\q\\", &[r#"foo="a\nb\\q\\""#]);
        check(r#"foo="a\"b""#, &[r#"foo="a\"b""#]);
        check("", &[]);
        check("foo=a b=c", &[r#"foo="a b=c""#]);
    }

    #[test]
    fn the_newer_syntax_is_read_where_the_classic_one_fails() {
        check(r#""foo.bar"="baz""#, &[r#""foo.bar"="baz""#]);
        check(r#"{ "a b" = "c" , d =~ e, }"#, &[r#""a b"="c""#, r#"d=~"e""#]);
        check("foo\u{1f642}=bar", &["\"foo\u{1f642}\"=\"bar\""]);
        check(r#""a"="\u00e4\x41\101\t""#, &["a=\"\u{e4}AA\t\""]);
        // The classic one reads this as a value with a brace.
        check("foo={bar", &[r#"foo="{bar""#]);
    }

    #[test]
    fn what_neither_reads_is_wrong() {
        for text in [
            "foo",
            "=bar",
            r#"foo="bar"#,
            r#"foo=b"ar"#,
            "foo~bar",
            "a=b,,c=d",
            "foo=~(",
            r#"{"a"="b""#,
            r#""a"="b"}"#,
            r#""a" "b""#,
            "a=b, ,c=d",
        ] {
            assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn a_missing_label_is_empty() {
        let labels: Labels = [("a".to_owned(), "b".to_owned())].into();
        let met = |text: &str| all_match(&parse(text).unwrap(), &labels);
        assert!(met(r#"a="b",c="",d!="x",e=~".*",a!~"c""#));
        assert!(!met(r#"c!="""#) && !met(r#"c=~".+""#) && !met("a=~c"));
    }

    #[test]
    fn alerts_have_labels_and_no_conditions() {
        assert_eq!(labels("a=b").unwrap(), [("a".to_owned(), "b".to_owned())]);
        assert!(labels("a!=b").unwrap_err().contains("has to be `=`"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_shown_is_read_back(name in "[a-z_:.\u{e4} ]{1,6}", value in "[ -~\n\u{e4}]{0,12}") {
            let matcher = Matcher::equal(name, value);
            prop_assert_eq!(parse(&matcher.to_string()).unwrap(), [matcher]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}a-c=!~,\"'`\\\\ nux0-9\u{e4}]{0,20}") {
            let _ = parse(&text);
        }
    }
}
