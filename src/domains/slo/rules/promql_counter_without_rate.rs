//! A counter that is read like a gauge.
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
    code: "SLI013",
    name: "promql-counter-without-rate",
    level: Level::Warning,
    fixable: false,
    page: include_str!("promql-counter-without-rate.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (text, place) in queries(document) {
        if let Some(counter) = promql::read(text).bare_counters.first() {
            let message =
                format!("`{counter}` is a counter, and its value since the last restart is used");
            findings.push(Finding::new(&RULE, place, message).help(format!(
                "take what was added in the window: `increase({counter}[{{{{.window}}}}])`"
            )));
        }
    }
}
