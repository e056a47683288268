//! An event that does not count, because it was there before.
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
    code: "INC016",
    name: "incident-event-twice",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-event-twice.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let mut seen: Vec<(EventType, usize)> = Vec::new();
    for event in &record.events {
        if event.event == EventType::Reopened {
            // What comes back may be mended again.
            seen.retain(|(event, _)| {
                !matches!(
                    event,
                    EventType::Mitigated
                        | EventType::Resolved
                        | EventType::Closed
                        | EventType::Cancelled
                )
            });
        }
        if !event.event.is_clock() {
            continue;
        }
        let earlier = seen.iter().find(|(other, _)| *other == event.event);
        let Some((_, first)) = earlier else {
            seen.push((event.event, event.position));
            continue;
        };
        let place = super::position_place(incident, event.position);
        let message = format!("it was {} before: this does not count", event.event.name());
        let finding = Finding::new(&RULE, place.unwrap_or(document.name_place()), message);
        let finding = match super::position_place(incident, *first) {
            Some(place) => finding.related(place, "this counts"),
            None => finding,
        };
        findings.push(
            finding.help(
                "take one of them out; or write a note, or that it was `reopened` in between",
            ),
        );
    }
}
