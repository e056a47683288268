//! A path that leaves the catalog.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::rules::paths,
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "SRC002",
    name: "source-path-outside",
    level: Level::Note,
    fixable: false,
    page: include_str!("source-path-outside.md"),
    check: Check::Document(check),
};

/// Folders that a path may climb: a catalog in `specs` beside its data in `data` is usual.
const CLIMB: usize = 1;

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (path, place) in paths(document) {
        let climbed = path
            .split(['/', '\\'])
            .take_while(|part| matches!(*part, ".." | "."))
            .filter(|part| *part == "..")
            .count();
        if climbed > CLIMB {
            let message = format!("this path climbs {climbed} folders above its document");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("keep the data in or beside the catalog, or give its place by `--data`"),
            );
        }
    }
}
