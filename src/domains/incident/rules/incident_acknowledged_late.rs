//! An incident that nobody took on in time.
use crate::{
    domains::incident::{
        answer::in_words,
        engine::response::{Outcome, Response},
        resolve,
        spec::Incident,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC006",
    name: "incident-acknowledged-late",
    level: Level::Note,
    fixable: false,
    page: include_str!("incident-acknowledged-late.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    if !record.counts() {
        return;
    }
    let levels = resolve::levels_of(context.catalog, incident);
    let response = Response::of(&record, &levels, context.now);
    let (Outcome::Breached, Some(severity), Some(limit), Some(took)) =
        (response.outcome, response.severity, response.limit, response.took)
    else {
        return;
    };
    let (limit, took) = (in_words(limit), in_words(took));
    let message = match record.clocks.acknowledged {
        Some(_) => format!("it was acknowledged after {took}, and {severity} allows {limit}"),
        None => format!("nobody has acknowledged it for {took}, and {severity} allows {limit}"),
    };
    findings.push(
        Finding::new(&RULE, document.name_place(), message).help(
            "`sre incident stats` shows how often; `sre escalate prove` whether it can be kept",
        ),
    );
}
