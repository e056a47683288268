//! Groups of what has no labels.
use crate::{
    domains::slo::{
        promql,
        rules::resolved::{indicator_of, query_sides},
        spec::{Indicator, ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO019",
    name: "group-by-without-labels",
    level: Level::Error,
    fixable: false,
    page: include_str!("group-by-without-labels.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some(first) = slo.group_by.first() else { return };
    let Some(indicator) = indicator_of(context.catalog, document, slo) else { return };
    if let Some(queries) = &indicator.prometheus {
        findings.extend(queries.get().into_iter().flat_map(|_| lost(slo, indicator)));
        return;
    }
    let measured = [
        (indicator.events.as_ref().map(Field::place), "events"),
        (indicator.counts.as_ref().map(Field::place), "counts"),
        (indicator.indicator.as_ref().map(Field::place), "counts"),
    ];
    if let Some((place, what)) = measured.into_iter().find_map(|(place, what)| Some((place?, what)))
    {
        let message = format!("`group_by` needs labels, and {what} have none");
        findings.push(
            Finding::new(&RULE, first.place(), message).related(place, "measured here").help(
                "measure it by `prometheus`, or write an objective for each group, with an \
                 indicator of its own",
            ),
        );
    }
}

/// Labels that whole queries sum away. Of what says which labels go, rather than which stay, nothing
/// certain is known.
fn lost(slo: &ServiceLevelObjective, indicator: &Indicator) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (side, text, place) in query_sides(indicator) {
        let query = promql::read(text);
        let Some(kept) = query.grouping.as_ref().filter(|_| !query.plain) else { continue };
        let lost = |label: &&Field<String>| label.get().is_some_and(|label| !kept.contains(label));
        if let Some(label) = slo.group_by.iter().find(lost) {
            let name = label.get().map_or("", String::as_str);
            let labels: Vec<&str> = values(&slo.group_by).map(String::as_str).collect();
            findings.push(
                Finding::new(&RULE, place, format!("`{side}` does not keep the label `{name}`"))
                    .related(label.place(), "grouped by it here")
                    .help(format!("write `sum by ({}) (…)`", labels.join(", "))),
            );
        }
    }
    findings
}
