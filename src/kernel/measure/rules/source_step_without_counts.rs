//! A step that single events do not have.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::{DataSource, data_source::Records},
    spec::{Document, Field, Optional},
};

pub(super) static RULE: Rule = Rule {
    code: "SRC005",
    name: "source-step-without-counts",
    level: Level::Warning,
    fixable: false,
    page: include_str!("source-step-without-counts.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let files = source.files.value().map(|files| (&files.step, &files.records));
    let command = source.command.value().map(|command| (&command.step, &command.records));
    let Some((step, records)) = files.or(command) else { return };
    let Some((_, place)) = step.pair() else { return };
    if records.value().copied().unwrap_or_default() == Records::Events {
        let finding = Finding::new(&RULE, place, "single events have no step")
            .help("write `records: counts`, or remove the step");
        findings.push(match records.as_ref().map(Field::place) {
            Some(records) => finding.related(records, "what a record is"),
            None => finding,
        });
    }
}
