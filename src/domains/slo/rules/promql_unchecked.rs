//! A query that is newer than what reads it.
use crate::{
    domains::slo::{
        promql::{self, Refusal},
        rules::resolved::promql_texts,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI011",
    name: "promql-unchecked",
    level: Level::Note,
    fixable: false,
    page: include_str!("promql-unchecked.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (text, place) in promql_texts(document) {
        if promql::read(text).refusal == Some(Refusal::Newer) {
            findings.push(
                Finding::new(&RULE, place, "this query could not be checked")
                    .label("its syntax is newer than `sre`, or it is very long")
                    .help("try it on the server"),
            );
        }
    }
}
