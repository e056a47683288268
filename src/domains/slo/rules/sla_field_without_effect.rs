//! A part of a definition that the definition does not use.
use crate::{
    domains::slo::spec::{ServiceLevelAgreement, SlaDefinition},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA008",
    name: "sla-field-without-effect",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-field-without-effect.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    let definition = sla.definition.value().copied().unwrap_or_default();
    let interval = sla.interval.as_ref().map(Field::place);
    let down_when = sla.down_when.as_ref().map(Field::place);
    let unused = match definition {
        SlaDefinition::Events => [("interval", interval), ("down_when", down_when)],
        SlaDefinition::IntervalMean => [("interval", None), ("down_when", down_when)],
        SlaDefinition::Downtime => [("interval", None), ("down_when", None)],
    };
    for (field, place) in unused {
        let Some(place) = place else { continue };
        let finding = Finding::new(&RULE, place, format!("`{field}` changes nothing here"));
        let finding = match sla.definition.as_ref() {
            Some(written) => finding.related(written.place(), "this definition does not use it"),
            None => finding.label("availability is that of events"),
        };
        findings.push(finding.help("write `definition: downtime`, or remove it"));
    }
}
