//! A path that exists on one machine.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::rules::paths,
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "SRC001",
    name: "source-path-absolute",
    level: Level::Note,
    fixable: false,
    page: include_str!("source-path-absolute.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (path, place) in paths(document) {
        let drive =
            path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
        if path.starts_with(['/', '\\']) || drive {
            findings.push(
                Finding::new(&RULE, place, "this path begins at the root of one machine")
                    .help("write it relative to this document, and give other places by `--data`"),
            );
        }
    }
}
