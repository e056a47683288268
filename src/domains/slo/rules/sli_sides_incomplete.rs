//! A ratio of which a side is missing.
use crate::{
    domains::slo::rules::resolved::{Sides, histograms, own_indicator, sides},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI008",
    name: "sli-sides-incomplete",
    level: Level::Error,
    fixable: false,
    page: include_str!("sli-sides-incomplete.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    // A histogram is both sides.
    if histograms(indicator).next().is_some() {
        return;
    }
    let place = |counts: Option<Place>, queries: Option<Place>| counts.or(queries);
    let Some(place) = place(
        indicator.counts.as_ref().map(Field::place),
        indicator.prometheus.as_ref().map(Field::place),
    ) else {
        return;
    };
    for Sides { good, bad, total } in sides(indicator) {
        let known: Vec<(&str, Place)> = [("good", good), ("bad", bad), ("total", total)]
            .into_iter()
            .filter_map(|(name, side)| Some((name, side?.1)))
            .collect();
        let (message, at) = match known.as_slice() {
            [] => ("two of `good`, `bad` and `total` are needed, there is none".to_owned(), place),
            [(name, at)] => (
                format!("two of `good`, `bad` and `total` are needed, there is only `{name}`"),
                *at,
            ),
            _ => continue,
        };
        findings.push(
            Finding::new(&RULE, at, message).help("add a second one: the third follows from two"),
        );
    }
}
