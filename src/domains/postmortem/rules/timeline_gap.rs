//! Time of which a timeline says nothing.
use crate::{
    domains::postmortem::{sections::ResolvedTemplate, spec::PostMortem, timeline},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        report::words,
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT002",
    name: "timeline-gap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("timeline-gap.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let template = ResolvedTemplate::for_document(context.catalog, spec);
    let over = super::resolved_at(context, spec);
    for (gap, event) in timeline::gaps(&timeline::events(spec), template.longest_gap, over) {
        let message = format!(
            "nothing is said of the {} before {}",
            words::span(gap.length()),
            super::clock(gap.to)
        );
        let help = format!(
            "say what went on from {} on, or how long the event before lasted (`until`); up to {} is put up with",
            super::clock(gap.from),
            words::span(template.longest_gap)
        );
        findings.push(Finding::new(&RULE, event.place, message).help(help));
    }
}
