//! An address that nothing can be asked at.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::DataSource,
    spec::{Document, Optional, rules::part},
};

pub(super) static RULE: Rule = Rule {
    code: "SRC003",
    name: "source-url-invalid",
    level: Level::Error,
    fixable: false,
    page: include_str!("source-url-invalid.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let Some((url, place)) = source.prometheus.value().and_then(|server| server.url.pair()) else {
        return;
    };
    let scheme = ["http://", "https://"].into_iter().find(|scheme| url.starts_with(scheme));
    let Some(rest) = scheme.and_then(|scheme| url.strip_prefix(scheme)) else {
        findings.push(
            Finding::new(&RULE, place, "an address begins with `http://` or `https://`")
                .help("write it like `http://prometheus.example.org:9090`"),
        );
        return;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    if host.rsplit('@').next().is_none_or(str::is_empty) || url.contains(char::is_whitespace) {
        findings.push(
            Finding::new(&RULE, place, "the address names no server")
                .help("write it like `http://prometheus.example.org:9090`"),
        );
    } else if let Some(at) = url.find("/api/v1") {
        findings.push(
            Finding::new(&RULE, part(place, url, at..url.len()), "`/api/v1` is added by `sre`")
                .help("write the address up to here"),
        );
    }
}
