//! An indicator that measures nothing.
use crate::{
    domains::slo::rules::resolved::own_indicator,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI001",
    name: "sli-without-measurement",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sli-without-measurement.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, place)) = own_indicator(document) else { return };
    let measured =
        indicator.events.is_some() || indicator.counts.is_some() || indicator.prometheus.is_some();
    if !measured && indicator.indicator.is_none() {
        findings
            .push(Finding::new(&RULE, place, "the indicator does not say how it is measured").help(
            "write `events`, `counts` or `prometheus`, or describe it: `indicator: good / total`",
        ));
    }
}
