//! A password in a file that many read.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::DataSource,
    spec::{Document, Optional, rules::part},
};
use std::ops::Range;

/// An address holds credentials.
pub static RULE: Rule = Rule {
    code: "SRC004",
    name: "source-url-with-credentials",
    level: Level::Error,
    fixable: false,
    page: include_str!("source-url-with-credentials.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let Some((url, place)) = source.prometheus.value().and_then(|server| server.url.pair()) else {
        return;
    };
    if let Some(at) = user_info(url).or_else(|| secret_parameter(url)) {
        findings.push(
            Finding::new(&RULE, part(place, url, at), "the address holds credentials").help(
                "take them out of the catalog and change them: whoever can read the repository has \
                 them",
            ),
        );
    }
}

/// `user:password` before `@`.
fn user_info(url: &str) -> Option<Range<usize>> {
    let start = url.find("://")? + 3;
    let authority = url[start..].split(['/', '?', '#']).next()?;
    let length = authority.rfind('@')?;
    (length > 0).then_some(start..start + length)
}

/// Names of parameters whose values are secrets.
const SECRETS: [&str; 7] =
    ["token", "access_token", "password", "passwd", "api_key", "apikey", "secret"];

/// `token=…` behind `?`.
fn secret_parameter(url: &str) -> Option<Range<usize>> {
    let mut start = url.find('?')? + 1;
    for parameter in url[start..].split('&') {
        let name = parameter.split('=').next()?;
        if SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
            return Some(start..start + parameter.len());
        }
        start += parameter.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_where_addresses_have_them() {
        let url = "http://user:word@host:9090/";
        assert_eq!(user_info(url).map(|at| &url[at]), Some("user:word"));
        let url = "http://host/?a=1&Token=x&b";
        assert_eq!(secret_parameter(url).map(|at| &url[at]), Some("Token=x"));
        for url in ["http://host/@path", "http://host/?a=@", "host@", "http://@host", "?tokens=1"] {
            assert_eq!(user_info(url).or(secret_parameter(url)), None, "{url}");
        }
    }
}
