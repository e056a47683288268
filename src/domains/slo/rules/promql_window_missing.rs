//! A query that looks at one length of time only.
use crate::{
    domains::slo::{promql, rules::resolved::queries},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI014",
    name: "promql-window-missing",
    level: Level::Warning,
    fixable: false,
    page: include_str!("promql-window-missing.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (text, place) in queries(document) {
        if promql::read(text).fixed_range {
            findings.push(
                Finding::new(&RULE, place, "the query has a range of its own and no `{{.window}}`")
                    .help("write `[{{.window}}]` instead: every window asks with its own range"),
            );
        }
    }
}
