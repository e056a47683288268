//! An event that stands behind a later one.
use crate::{
    domains::incident::spec::Incident,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _},
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC001",
    name: "incident-event-order",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-event-order.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let mut latest = None;
    for event in incident.timeline.get().into_iter().flatten().filter_map(Field::get) {
        let Some((at, place)) = event.at.pair() else { continue };
        match latest {
            Some((before, other)) if at.0 < before => {
                // Whoever says when it was written down knows that it was earlier.
                if event.recorded_at.value().is_none() {
                    let message =
                        format!("this was before the event above it, at {}", rfc3339(before));
                    findings.push(
                        Finding::new(&RULE, place, message)
                            .related(other, "which stands here")
                            .help("correct `at`; or say when it was written down: `recorded_at`"),
                    );
                }
            }
            _ => latest = Some((at.0, place)),
        }
    }
}
