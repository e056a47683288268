//! A threshold that nothing uses.
use crate::{
    domains::slo::{
        rules::resolved::{indicator_of, judges_latency},
        spec::{Category, ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO010",
    name: "threshold-without-latency",
    level: Level::Warning,
    fixable: false,
    page: include_str!("threshold-without-latency.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((threshold, place)) = slo.threshold.pair() else { return };
    let Some(indicator) = indicator_of(context.catalog, document, slo) else { return };
    let latency = judges_latency(indicator).is_some()
        || indicator.category.value() == Some(&Category::Latency);
    // Counts and descriptions may be of latency without saying so.
    let measured = indicator.events.is_some() || indicator.category.is_some();
    if measured && !latency {
        let message = format!("no event is compared with the threshold of `{threshold}`");
        let finding = Finding::new(&RULE, place, message).help(if indicator.prometheus.is_some() {
            "write `histogram: <metric>` in the indicator's `prometheus`, or remove the threshold"
        } else {
            "write `latency: <column>` in the indicator's `events`, or remove the threshold"
        });
        findings.push(match slo.sli.pair() {
            Some((sli, at)) if sli.scalar().is_some() => finding.related(at, "this indicator"),
            _ => finding,
        });
    }
}
