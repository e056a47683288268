//! A link that leads nowhere.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, problem::shorten, values},
};

pub(super) static RULE: Rule = Rule {
    code: "GEN005",
    name: "link-not-an-address",
    level: Level::Warning,
    fixable: false,
    page: include_str!("link-not-an-address.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(metadata) = &document.metadata else { return };
    for (url, place) in values(&metadata.links).filter_map(|link| link.url.pair()) {
        if !is_address(url) {
            let message = format!("`{}` is not an address", shorten(url));
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("write the whole address, such as `https://wiki.example.org/checkout`"),
            );
        }
    }
}

/// A scheme and something behind it (RFC 3986, section 3), without spaces.
fn is_address(url: &str) -> bool {
    let letters = |scheme: &str| {
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && scheme.starts_with(|character: char| character.is_ascii_alphabetic())
    };
    url.split_once(':')
        .is_some_and(|(scheme, rest)| letters(scheme) && !rest.is_empty() && rest != "//")
        && !url.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_scheme() {
        for url in ["https://example.org/a?b=c", "mailto:shop@example.org", "slack://channel"] {
            assert!(is_address(url), "{url}");
        }
        for url in ["", "wiki/checkout", "https://", "see wiki: checkout", "//host", "1a:b"] {
            assert!(!is_address(url), "{url}");
        }
    }
}
