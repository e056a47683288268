//! An indicator that does not say where its measurements are.
use crate::{
    domains::slo::{resolve, rules::resolved::own_indicator},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI002",
    name: "sli-without-source",
    level: Level::Note,
    fixable: false,
    page: include_str!("sli-without-source.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, place)) = own_indicator(document) else { return };
    let measured =
        indicator.events.is_some() || indicator.counts.is_some() || indicator.prometheus.is_some();
    if !measured || resolve::source(document, indicator, context.settings).is_some() {
        return;
    }
    // The labels of the objectives that use it may choose a default: then there is one, somewhere.
    if values(&context.settings.defaults).any(|defaults| defaults.source.value().is_some()) {
        return;
    }
    findings.push(Finding::new(&RULE, place, "the indicator has no data source").help(
        "name one, `source: …`, or a default in `sre.yaml`; without, every command needs `--data`",
    ));
}
