//! A calendar without a zone.
use crate::{
    domains::slo::spec::ServiceLevelAgreement,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA006",
    name: "sla-without-time-zone",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-without-time-zone.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    if sla.time_zone.is_none() {
        findings.push(
            Finding::new(&RULE, sla.period.place(), "it is not said by whose clocks this begins")
                .label("taken to be that of UTC")
                .help("name the zone of the contract: `time_zone: Europe/Berlin`"),
        );
    }
}
