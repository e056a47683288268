//! Turns of months that begin on a day that some months do not have.
use crate::{
    domains::oncall::engine::Rhythm,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};
use chrono::Datelike as _;

pub(super) static RULE: Rule = Rule {
    code: "ONC021",
    name: "month-end-handoff",
    level: Level::Note,
    fixable: false,
    page: include_str!("month-end-handoff.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    for layer in &resolved.primary.schedule.layers {
        let day = layer.handoffs.anchor.day();
        if !matches!(layer.handoffs.rhythm, Rhythm::Months(_)) || day <= 28 {
            continue;
        }
        let place = resolved.spec.start.as_ref().map_or(document.name_place(), Field::place);
        let message = format!("turns begin on the {day}th: in shorter months on their last day");
        findings.push(
            Finding::new(&RULE, place, message.replace("31th", "31st"))
                .help("begin on a day that every month has, such as the 1st"),
        );
    }
}
