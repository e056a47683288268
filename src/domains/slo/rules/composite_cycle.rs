//! Objectives that are composed of themselves.
use crate::{
    domains::slo::{rules::resolved::composite_parts, spec::ServiceLevelObjective as Objective},
    kernel::{
        circles::{self, Edge, SHOWN, Step},
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    code: "SLO014",
    name: "composite-cycle",
    level: Level::Error,
    fixable: false,
    page: include_str!("composite-cycle.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let composites: Vec<(&Document, &Objective)> = context
        .catalog
        .iter::<Objective>()
        .filter(|(document, slo)| document.clean && !slo.composite.is_empty())
        .collect();
    let names: Vec<&str> = composites.iter().map(|(document, _)| document.name()).collect();
    // Of two with one name the first counts; that there are two is reported as such.
    let nodes: HashMap<&str, usize> =
        names.iter().enumerate().rev().map(|(at, name)| (*name, at)).collect();
    let parts = |slo| {
        let parts = composite_parts(slo).map(|part| (part.name, part.place));
        parts.filter_map(|(name, place)| Some(Edge { to: *nodes.get(name)?, place })).collect()
    };
    let edges: Vec<Vec<Edge>> = composites.iter().map(|(_, slo)| parts(slo)).collect();
    findings.extend(circles::circles(&names, &edges).iter().map(|circle| finding(&names, circle)));
}

fn finding(names: &[&str], circle: &[Step]) -> Finding {
    let chain = circles::chain(names, circle);
    let message = format!("`{}` contains itself: {chain}", names[circle[0].from]);
    let text = |step: &Step| format!("`{}` contains `{}`", names[step.from], names[step.edge.to]);
    let start = Finding::new(&RULE, circle[0].edge.place, message).label(text(&circle[0]));
    circle[1..]
        .iter()
        .take(2 * SHOWN)
        .fold(start, |finding, step| finding.related(step.edge.place, text(step)))
        .help("compose objectives of such as are measured, and remove one of these parts")
}
