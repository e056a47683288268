//! An incident that was resolved, and nobody wrote when users were no longer touched.
use crate::{
    domains::incident::{engine::EventType, resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC009",
    name: "incident-resolved-not-mitigated",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-resolved-not-mitigated.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let clocks = &record.clocks;
    if let (Some(resolved), None, true) = (clocks.resolved, clocks.mitigated, record.counts()) {
        let place = super::event_place(incident, &record, EventType::Resolved, resolved);
        let message = "it was resolved, and nobody wrote when users were no longer touched";
        findings.push(Finding::new(&RULE, place.unwrap_or(document.name_place()), message).help(
            format!(
                "`sre incident mitigate {} --at INSTANT` adds it; it may be when it was resolved",
                document.name()
            ),
        ));
    }
}
