//! A name that other tools will not take.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "GEN001",
    name: "name-not-portable",
    level: Level::Note,
    fixable: false,
    page: include_str!("name-not-portable.md"),
    check: Check::Document(check),
};

/// Longest label of a DNS name (RFC 1035, section 2.3.4), which Kubernetes takes for names of its own.
const LENGTH: usize = 63;

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let name = document.name();
    if name.is_empty() || is_portable(name) {
        return;
    }
    let finding =
        Finding::new(&RULE, document.name_place(), format!("`{name}` is not a portable name"))
            .label("names end up in labels, files and addresses");
    let better = portable(name);
    findings.push(finding.help(if better.is_empty() {
        "write lower-case letters, digits and dashes, and this text as `display_name`".to_owned()
    } else {
        format!("write `name: {better}`, and this text as `display_name`")
    }));
}

fn is_portable(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    name.len() <= LENGTH
        && bytes.iter().all(|byte| inner(*byte) || matches!(byte, b'-' | b'.'))
        && bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
}

/// The nearest portable name; empty where nothing of the name can be kept.
fn portable(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    let joined: String = words.join("-").chars().take(LENGTH).collect();
    joined.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_suggested_is_portable() {
        assert_eq!(portable("API 99.9% Availability"), "api-99-9-availability");
        assert_eq!(portable("checkout_latency"), "checkout-latency");
        assert_eq!(portable("日本"), "");
        for name in ["API 99.9%", &"long name ".repeat(20), "-a-", "Straße"] {
            assert!(!is_portable(name), "{name}");
            assert!(is_portable(&portable(name)), "{name}");
        }
    }
}
