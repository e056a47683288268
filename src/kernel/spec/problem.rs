//! The words in which problems with documents are told.
use super::rules;
use crate::kernel::{diagnostic::Finding, source::Place};
use serde::de::Unexpected;
use std::fmt;

/// A message with what to do about it, as one text: serde's errors carry nothing else.
pub struct Explained {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The text that was certainly meant.
    pub meant: Option<String>,
}

/// Stands between message and help; no message of ours contains it.
const SEPARATOR: char = '\u{1f}';

impl Explained {
    /// Splits what [`fmt::Display`] joined.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        let message = parts.next().unwrap_or_default();
        let mut part = || parts.next().filter(|part| !part.is_empty());
        Self { message, help: part(), meant: part() }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        write!(f, "{}{SEPARATOR}{}{SEPARATOR}{}", self.message, text(&self.help), text(&self.meant))
    }
}

/// Bytes of the longest text that is compared with names.
const LONGEST_NAME: usize = 100;

/// The candidate that `text` is most likely meant to be, if any is near enough.
pub fn closest<'a>(text: &str, candidates: &[&'a str]) -> Option<&'a str> {
    // The distance costs the product of both lengths; no name that is meant is that long.
    if text.len() > LONGEST_NAME {
        return None;
    }
    let limit = 1 + text.chars().count() / 4;
    candidates
        .iter()
        .map(|candidate| {
            let same = candidate.eq_ignore_ascii_case(text)
                || candidate.replace('_', "") == text.replace(['_', '-'], "").to_ascii_lowercase();
            let distance = if same { 0 } else { strsim::damerau_levenshtein(text, candidate) };
            (distance, *candidate)
        })
        .filter(|(distance, candidate)| *distance <= limit && !candidate.is_empty())
        .min()
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b` or `c` ``.
pub fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// "a mapping with …", for a struct with these fields.
pub fn mapping_with(fields: &[&str]) -> String {
    match fields {
        [] => "a mapping".to_owned(),
        [a, b, c, _, ..] => format!("a mapping with `{a}`, `{b}`, `{c}` …"),
        few => {
            let names: Vec<String> = few.iter().map(|field| format!("`{field}`")).collect();
            format!("a mapping with {}", names.join(", "))
        }
    }
}

/// An unknown key of a struct with `fields`.
pub fn unknown_field(key: &str, place: Place, fields: &[&str]) -> Finding {
    let finding =
        Finding::new(&rules::UNKNOWN_FIELD, place, format!("unknown field `{}`", shorten(key)));
    match closest(key, fields) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(place, near),
        None => finding.help(format!("the fields here are {}", list(fields))),
    }
}

/// `` `a`, `b`, `c` ``.
pub fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A text cut to what fits into a message, on one line.
pub fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    // No more is looked at than is shown: aliases can bring a long text here many times.
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LIMIT + 1).collect();
    if line.chars().count() <= LIMIT {
        return line;
    }
    line.chars().take(LIMIT - 1).chain(['…']).collect()
}

/// A scalar, as "found …".
pub fn found_scalar(text: &str, plain: bool) -> String {
    use super::core_schema::{CoreType, core_type};
    let shown = shorten(text);
    match if plain { core_type(text) } else { CoreType::Text } {
        CoreType::Null => "no value".to_owned(),
        CoreType::Bool(_) => format!("the boolean `{shown}`"),
        CoreType::Integer(_) | CoreType::Float(_) => format!("the number `{shown}`"),
        CoreType::Text => format!("the text `{shown}`"),
    }
}

/// What serde saw instead, in words of YAML.
pub fn found(unexpected: &Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Bool(value) => format!("the boolean `{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(text) => format!("the text `{}`", shorten(text)),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map | Unexpected::StructVariant => "a mapping".to_owned(),
        Unexpected::Unit | Unexpected::Option => "no value".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let fields = ["target", "window", "depends_on"];
        assert_eq!(closest("targt", &fields), Some("target"));
        assert_eq!(closest("dependsOn", &fields), Some("depends_on"));
        assert_eq!(closest("Window", &fields), Some("window"));
        assert_eq!(closest("colour", &fields), None);
    }
}
