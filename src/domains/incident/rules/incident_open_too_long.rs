//! An incident that has been open for very long.
use crate::{
    domains::incident::{answer::in_words, resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC008",
    name: "incident-open-too-long",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-open-too-long.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let Some(began) = record.began().filter(|_| record.clocks.status().is_open()) else { return };
    let allowed = super::level_spec(context, incident, record.severity())
        .and_then(|level| super::time(level.stale_after.as_ref()))
        .unwrap_or(super::STALE);
    let age = context.now - began;
    if age > allowed {
        let message = format!(
            "it has been open for {}, and is {}",
            in_words(age),
            record.clocks.status().name()
        );
        findings.push(Finding::new(&RULE, document.name_place(), message).help(format!(
            "if it is over, say since when: `sre incident resolve {} --at INSTANT`",
            document.name()
        )));
    }
}
