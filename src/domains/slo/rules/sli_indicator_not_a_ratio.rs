//! An indicator in words that cannot be computed.
use crate::{
    domains::slo::{resolve::ratio_of_columns, rules::resolved::own_indicator},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI007",
    name: "sli-indicator-not-a-ratio",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sli-indicator-not-a-ratio.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    let measured =
        indicator.events.is_some() || indicator.counts.is_some() || indicator.prometheus.is_some();
    let Some((text, place)) = indicator.indicator.pair().filter(|_| !measured) else { return };
    if ratio_of_columns(text).is_none() {
        findings.push(Finding::new(&RULE, place, "this is not a ratio of two columns").help(
            "write good over total, such as `successful_requests / total_requests`, or measure \
                 it by `events`, `counts` or `prometheus`",
        ));
    }
}
