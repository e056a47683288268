//! Services that need each other in a circle.
use crate::{
    domains::service::dependencies::Dependencies,
    kernel::{
        circles::{self, Edge, SHOWN, Step},
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC002",
    name: "dependency-cycle",
    level: Level::Error,
    fixable: false,
    page: include_str!("dependency-cycle.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let graph = Dependencies::of(context.catalog);
    let names: Vec<&str> = (0..graph.len()).map(|node| graph.name(node)).collect();
    let needs = |node| graph.needs(node).iter().map(|need| Edge { to: need.on, place: need.place });
    let edges: Vec<Vec<Edge>> = (0..graph.len()).map(|node| needs(node).collect()).collect();
    findings.extend(circles::circles(&names, &edges).iter().map(|circle| finding(&names, circle)));
}

fn finding(names: &[&str], circle: &[Step]) -> Finding {
    let chain = circles::chain(names, circle);
    let message = format!("`{}` needs itself in the end: {chain}", names[circle[0].from]);
    let text = |step: &Step| format!("`{}` needs `{}`", names[step.from], names[step.edge.to]);
    let start = Finding::new(&RULE, circle[0].edge.place, message).label(text(&circle[0]));
    circle[1..]
        .iter()
        .take(2 * SHOWN)
        .fold(start, |finding, step| finding.related(step.edge.place, text(step)))
        .help("make one of these dependencies `criticality: soft`, or remove it")
}
