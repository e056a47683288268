//! A query that does not parse.
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
    code: "SLI010",
    name: "promql-unparsable",
    level: Level::Warning,
    fixable: false,
    page: include_str!("promql-unparsable.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (text, place) in promql_texts(document) {
        if let Some(Refusal::Refused(reason)) = &promql::read(text).refusal {
            let reason = reason.lines().next().unwrap_or_default();
            findings.push(
                Finding::new(&RULE, place, format!("the query does not parse: {reason}")).help(
                    "try it on the server; if it works there, it is newer than `sre`, and a comment \
                     may ignore this",
                ),
            );
        }
    }
}
