//! Clocks of an incident that contradict each other.
use crate::{
    domains::{
        incident::engine::{Clocks, Disorder, EventType},
        postmortem::spec::{ClocksSpec, PostMortem},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field, Moment, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT019",
    name: "clocks-out-of-order",
    level: Level::Warning,
    fixable: false,
    page: include_str!("clocks-out-of-order.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let Some(written) = spec.clocks.value() else { return };
    let moment = |field: &Option<Field<Moment>>| field.value().map(|moment| moment.0);
    let clocks = Clocks {
        started: moment(&written.started),
        detected: moment(&written.detected),
        declared: moment(&written.declared),
        acknowledged: moment(&written.acknowledged),
        mitigated: moment(&written.mitigated),
        resolved: moment(&written.resolved),
        ..Clocks::default()
    };
    for Disorder { first, second } in clocks.disorders() {
        let places = place(written, first.0).zip(place(written, second.0));
        let Some((first_place, second_place)) = places else { continue };
        let message = format!(
            "`{}` is {} and `{}` {}",
            second.0.name(),
            super::clock(second.1),
            first.0.name(),
            super::clock(first.1)
        );
        findings.push(
            Finding::new(&RULE, second_place, message)
                .related(first_place, "this comes first")
                .help("an incident starts, is detected, acknowledged, mitigated and resolved"),
        );
    }
}

fn place(clocks: &ClocksSpec, event: EventType) -> Option<Place> {
    let field = match event {
        EventType::Started => &clocks.started,
        EventType::Detected => &clocks.detected,
        EventType::Declared => &clocks.declared,
        EventType::Acknowledged => &clocks.acknowledged,
        EventType::Mitigated => &clocks.mitigated,
        EventType::Resolved => &clocks.resolved,
        _ => return None,
    };
    field.as_ref().map(Field::place)
}
