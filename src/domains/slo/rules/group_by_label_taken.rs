//! Groups by a label that rules for Prometheus give themselves.
use crate::{
    domains::slo::{
        prometheus_rules::names, rules::resolved::indicator_of, spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO024",
    name: "group-by-label-taken",
    level: Level::Error,
    fixable: false,
    page: include_str!("group-by-label-taken.md"),
    check: Check::Values(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some(indicator) = indicator_of(context.catalog, document, slo) else { return };
    if indicator.prometheus.is_none() {
        return;
    }
    for (label, place) in slo.group_by.iter().filter_map(Field::pair) {
        if let Some((message, help)) = names::wrong_label(label) {
            findings.push(Finding::new(&RULE, place, message).help(match help {
                "choose another name" => {
                    "group by another label, or rename it in the query with `label_replace`"
                }
                other => other,
            }));
        }
    }
}
