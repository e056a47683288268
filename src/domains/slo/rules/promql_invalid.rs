//! A query that is wrong for sure.
use crate::{
    domains::slo::{
        promql::{self, Refusal},
        rules::resolved::{part, promql_texts},
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
    code: "SLI009",
    name: "promql-invalid",
    level: Level::Error,
    fixable: false,
    page: include_str!("promql-invalid.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (text, place) in promql_texts(document) {
        let (message, at) = match &promql::read(text).refusal {
            Some(Refusal::Broken { message, at }) => {
                (message.clone(), part(place, text, at.clone()))
            }
            Some(Refusal::Types(message)) => (message.clone(), place),
            _ => continue,
        };
        findings.push(
            Finding::new(&RULE, at, message).help("try the query on the server, then copy it here"),
        );
    }
}
