//! A post-mortem whose clocks are not those of its incident.
use crate::{
    domains::postmortem::{demand, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT022",
    name: "clocks-differ",
    level: Level::Warning,
    fixable: false,
    page: include_str!("clocks-differ.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let (Some(own), Some(incident)) =
        (spec.clocks.value(), demand::incident_of(context.catalog, spec))
    else {
        return;
    };
    let theirs = &incident.record.clocks;
    let pairs = [
        ("started", &own.started, theirs.started),
        ("detected", &own.detected, theirs.detected),
        ("declared", &own.declared, theirs.declared),
        ("acknowledged", &own.acknowledged, theirs.acknowledged),
        ("mitigated", &own.mitigated, theirs.mitigated),
        ("resolved", &own.resolved, theirs.resolved),
    ];
    for (name, own, theirs) in pairs {
        let (Some((own, place)), Some(theirs)) = (own.pair(), theirs) else { continue };
        if own.0 == theirs {
            continue;
        }
        let message = format!(
            "`{name}` is {} here and {} in `{}`",
            super::clock(own.0),
            super::clock(theirs),
            incident.document.name()
        );
        findings.push(
            Finding::new(&RULE, place, message)
                .related(incident.document.name_place(), "the incident")
                .help("correct the one that is wrong: the figures of incidents come from the incident"),
        );
    }
}
