//! The text of a rule file: one YAML document, for Prometheus reads only the first of a file.
//!
//! The layout is that of Go's YAML library, as the tools of this field write it: lists are not indented,
//! texts are plain where they can be, and texts of several lines stand in literal blocks.
use super::{Rule, RuleFile, RuleGroup, RuleKind, go_yaml};
use crate::kernel::spec::core_schema::{CoreType, core_type};
use rayon::prelude::*;
use std::{collections::BTreeMap, fmt::Write as _};

/// How a file is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One text, one line, however long.
    #[default]
    Readable,
    /// Byte by byte as Go's YAML library writes the same.
    Go,
    /// The same with fields in the order of their names, as resources of Kubernetes are written.
    GoSorted,
}

/// The file as YAML.
pub fn write(file: &RuleFile) -> String {
    write_as(file, Layout::Readable)
}

/// The file as YAML in that layout.
pub fn write_as(file: &RuleFile, layout: Layout) -> String {
    if file.groups.is_empty() {
        return "groups: []\n".to_owned();
    }
    let mut text = String::from("groups:\n");
    write_groups_as(&mut text, &file.groups, 0, layout);
    text
}

/// A list of groups, indented by so many spaces.
pub fn write_groups(text: &mut String, groups: &[RuleGroup], indent: usize) {
    write_groups_as(text, groups, indent, Layout::Readable);
}

/// A list of groups, indented by so many spaces, in that layout.
pub fn write_groups_as(text: &mut String, groups: &[RuleGroup], indent: usize, layout: Layout) {
    let written: Vec<String> = groups
        .par_iter()
        .map(|group| {
            let mut text = String::new();
            layout.group(&mut text, group, indent);
            text
        })
        .collect();
    text.extend(written);
}

/// What a field holds.
enum Value<'a> {
    Text(&'a str),
    /// A text that needs no quotes.
    Plain(String),
    Map(&'a BTreeMap<String, String>),
    Rules(&'a [Rule]),
}

impl Layout {
    fn group(self, text: &mut String, group: &RuleGroup, indent: usize) {
        let mut fields = vec![("name", Value::Text(&group.name))];
        fields.extend(group.interval.map(|it| ("interval", Value::Plain(it.to_string()))));
        let strategy = group.partial_response_strategy.as_deref();
        fields.extend(strategy.map(|it| ("partial_response_strategy", Value::Text(it))));
        fields.push(("rules", Value::Rules(&group.rules)));
        self.item(text, fields, indent);
    }

    /// A mapping as an item of a list, whose dash is indented by so many spaces.
    fn item(self, text: &mut String, mut fields: Vec<(&str, Value<'_>)>, indent: usize) {
        if self == Self::GoSorted {
            fields.sort_by_key(|(key, _)| *key);
        }
        let pad = " ".repeat(indent);
        let mut mark = "- ";
        for (key, value) in fields {
            if matches!(value, Value::Map(map) if map.is_empty()) {
                continue;
            }
            let _ = write!(text, "{pad}{mark}{key}:");
            mark = "  ";
            let column = indent + key.len() + 4;
            match value {
                Value::Text(value) => {
                    let _ = writeln!(text, " {}", self.scalar(value, column, indent + 4));
                }
                Value::Plain(value) => {
                    let _ = writeln!(text, " {value}");
                }
                Value::Map(map) => {
                    text.push('\n');
                    self.map(text, map, indent + 4);
                }
                Value::Rules(rules) => {
                    text.push('\n');
                    for rule in rules {
                        self.rule(text, rule, indent + 2);
                    }
                }
            }
        }
    }

    fn rule(self, text: &mut String, rule: &Rule, indent: usize) {
        let key = match rule.kind {
            RuleKind::Record { .. } => "record",
            RuleKind::Alert { .. } => "alert",
        };
        let mut fields =
            vec![(key, Value::Text(rule.name())), ("expr", Value::Text(&rule.expression))];
        if let RuleKind::Alert { hold: Some(hold), .. } = rule.kind {
            fields.push(("for", Value::Plain(hold.to_string())));
        }
        fields.push(("labels", Value::Map(&rule.labels)));
        if let RuleKind::Alert { annotations, .. } = &rule.kind {
            fields.push(("annotations", Value::Map(annotations)));
        }
        self.item(text, fields, indent);
    }

    /// The entries of a mapping of texts, indented by so many spaces.
    pub(super) fn map(self, text: &mut String, map: &BTreeMap<String, String>, indent: usize) {
        let mut entries: Vec<_> = map.iter().collect();
        if self != Self::Readable {
            entries.sort_by(|(one, _), (other, _)| go_yaml::order(one, other));
        }
        let pad = " ".repeat(indent);
        for (key, value) in entries {
            let key = match self {
                Self::Readable => scalar(key, indent + 2),
                Self::Go | Self::GoSorted => go_yaml::key(key),
            };
            let column = indent + key.chars().count() + 2;
            let _ = writeln!(text, "{pad}{key}: {}", self.scalar(value, column, indent + 2));
        }
    }

    /// A text that begins at a column, and whose further lines are indented by so many spaces.
    pub(super) fn scalar(self, text: &str, column: usize, indent: usize) -> String {
        match self {
            Self::Readable => scalar(text, indent),
            Self::Go | Self::GoSorted => go_yaml::scalar(text, column, indent),
        }
    }
}

/// A text as a YAML scalar, lines behind the first indented by so many spaces.
pub fn scalar(text: &str, indent: usize) -> String {
    let begins_with_text = !text.starts_with([' ', '\n', '\t']);
    if text.contains('\n') && is_printable(text) && begins_with_text {
        return block(text, indent);
    }
    if may_be_plain(text) {
        if matches!(core_type(text), CoreType::Text) && !is_old_boolean(text) {
            return text.to_owned();
        }
        return format!("\"{text}\"");
    }
    if !text.is_empty() && is_printable(text) && !text.contains('\n') && text.trim() == text {
        return format!("'{}'", text.replace('\'', "''"));
    }
    double_quoted(text)
}

/// A literal block: its first line says how many line breaks the text ends with.
fn block(text: &str, indent: usize) -> String {
    let chomping = match text.len() - text.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let pad = " ".repeat(indent);
    let mut block = format!("|{chomping}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.push_str(&pad);
            block.push_str(line);
        }
    }
    block
}

fn is_printable(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{feff}')
}

/// Words that YAML 1.1 reads as booleans.
fn is_old_boolean(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text can stand in a block without quotes (YAML 1.2.2, section 7.3.3).
fn may_be_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator = "#,[]{}&*!|>'\"%@`".contains(first)
        || ("-?:".contains(first) && text.chars().nth(1).is_none_or(char::is_whitespace));
    let document_mark = text.starts_with("---") || text.starts_with("...");
    !indicator
        && !document_mark
        && text.trim() == text
        && !text.contains(": ")
        && !text.ends_with(':')
        && !text.contains(" #")
        && !text.contains('\n')
        && is_printable(text)
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || c == '\u{feff}' => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(scalar(text, 2), expected);
    }

    #[test]
    fn texts_are_quoted_where_they_would_mean_something_else() {
        check("sum(rate(a[5m])) > 1", "sum(rate(a[5m])) > 1");
        check("99.9", "\"99.9\"");
        check("true", "\"true\"");
        check("yes", "\"yes\"");
        check("", "\"\"");
        check("a: b", "'a: b'");
        check("'quoted'", "'''quoted'''");
        check("{{ $labels.x }}", "'{{ $labels.x }}'");
        check("a\n  b\n", "|\n  a\n    b");
        check("a\nb", "|-\n  a\n  b");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in "[ -~\n\t\u{e4}]{0,40}") {
            let yaml = format!("k: {}\n", scalar(&text, 2));
            let read: BTreeMap<String, String> = serde_yaml::from_str(&yaml)
                .map_err(|error| TestCaseError::fail(format!("{yaml:?}: {error}")))?;
            prop_assert_eq!(&read["k"], &text, "{}", yaml);
        }
    }
}
