//! The text of a rule file: one YAML document, for Prometheus reads only the first of a file.
//!
//! The layout is that of Go's YAML library, as the tools of this field write it: lists are not indented,
//! texts are plain where they can be, and texts of several lines stand in literal blocks.
use super::{Rule, RuleFile, RuleGroup, RuleKind};
use crate::kernel::spec::core_schema::{CoreType, core_type};
use std::{collections::BTreeMap, fmt::Write as _};

/// The file as YAML.
pub fn write(file: &RuleFile) -> String {
    if file.groups.is_empty() {
        return "groups: []\n".to_owned();
    }
    let mut text = String::from("groups:\n");
    write_groups(&mut text, &file.groups, 0);
    text
}

/// A list of groups, indented by so many spaces.
pub fn write_groups(text: &mut String, groups: &[RuleGroup], indent: usize) {
    let pad = " ".repeat(indent);
    for group in groups {
        let _ = writeln!(text, "{pad}- name: {}", scalar(&group.name, indent + 4));
        if let Some(interval) = group.interval {
            let _ = writeln!(text, "{pad}  interval: {interval}");
        }
        if let Some(strategy) = &group.partial_response_strategy {
            let strategy = scalar(strategy, indent + 4);
            let _ = writeln!(text, "{pad}  partial_response_strategy: {strategy}");
        }
        let _ = writeln!(text, "{pad}  rules:");
        for rule in &group.rules {
            write_rule(text, rule, indent + 2);
        }
    }
}

fn write_rule(text: &mut String, rule: &Rule, indent: usize) {
    let pad = " ".repeat(indent);
    let key = match rule.kind {
        RuleKind::Record { .. } => "record",
        RuleKind::Alert { .. } => "alert",
    };
    let _ = writeln!(text, "{pad}- {key}: {}", scalar(rule.name(), indent + 4));
    let _ = writeln!(text, "{pad}  expr: {}", scalar(&rule.expression, indent + 4));
    if let RuleKind::Alert { hold: Some(hold), .. } = rule.kind {
        let _ = writeln!(text, "{pad}  for: {hold}");
    }
    write_map(text, "labels", &rule.labels, indent + 2);
    if let RuleKind::Alert { annotations, .. } = &rule.kind {
        write_map(text, "annotations", annotations, indent + 2);
    }
}

/// A mapping of texts under a key; nothing where it is empty.
fn write_map(text: &mut String, key: &str, map: &BTreeMap<String, String>, indent: usize) {
    if map.is_empty() {
        return;
    }
    let pad = " ".repeat(indent);
    let _ = writeln!(text, "{pad}{key}:");
    for (key, value) in map {
        let (key, value) = (scalar(key, indent + 4), scalar(value, indent + 4));
        let _ = writeln!(text, "{pad}  {key}: {value}");
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
