//! An open incident of which nobody has told for too long how it stands.
use crate::{
    domains::incident::{answer::in_words, engine::updates::Cadence, resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC007",
    name: "incident-update-overdue",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-update-overdue.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let levels = resolve::levels_of(context.catalog, incident);
    let cadence = Cadence::of(&record, &levels, context.now);
    let Some(due) = cadence.next_due.filter(|due| *due < context.now) else { return };
    let message = format!("an update has been due for {}", in_words(context.now - due));
    findings.push(Finding::new(&RULE, document.name_place(), message).help(format!(
        "tell how it stands, then `sre incident update {} \"...\"`; or mitigate or resolve it",
        document.name()
    )));
}
