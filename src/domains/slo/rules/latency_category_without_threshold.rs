//! An objective of latency that does not say how fast.
use crate::{
    domains::slo::{
        rules::resolved::{indicator_of, judges_latency},
        spec::{Category, Indicator, ServiceLevelObjective},
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
    code: "SLO009",
    name: "latency-category-without-threshold",
    level: Level::Warning,
    fixable: false,
    page: include_str!("latency-category-without-threshold.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((_, place)) = slo.sli.pair() else { return };
    let Some(indicator) = indicator_of(context.catalog, document, slo) else { return };
    let latency = indicator.category.value() == Some(&Category::Latency);
    if latency && slo.threshold.is_none() && !says_a_limit(indicator) {
        let message = format!("`{}` does not say how fast is fast enough", document.name());
        findings.push(
            Finding::new(&RULE, place, message)
                .help("write the longest time that is still good: `threshold: 300ms`"),
        );
    }
}

/// Whether the indicator has its own limit, such as `le="0.3"` or `duration <= 0.3`; one that leaves
/// it to the objective is `latency-slo-without-threshold`'s business.
fn says_a_limit(indicator: &Indicator) -> bool {
    let events = indicator.events.value();
    let prometheus = indicator.prometheus.value();
    let texts = [
        events.and_then(|events| events.good.value()),
        events.and_then(|events| events.bad.value()),
        prometheus.and_then(|queries| queries.good.value()),
        prometheus.and_then(|queries| queries.bad.value()),
    ];
    let limit = |text: &String| text.bytes().any(|byte| byte.is_ascii_digit());
    judges_latency(indicator).is_some() || texts.into_iter().flatten().any(limit)
}
