//! A recurrence that nothing can read.
use crate::{
    domains::slo::{
        rules::{recurrence, resolved::part},
        spec::{BudgetAdjustment, Recurrence as RecurrenceSpec},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
        time::{Recurrence, Zone},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ006",
    name: "adjustment-rule-invalid",
    level: Level::Error,
    fixable: false,
    page: include_str!("adjustment-rule-invalid.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    let Some(recurrence) = adjustment.recurrence.value() else { return };
    let Some((rule, place)) = recurrence.rule.pair() else { return };
    let finding = match recurrence::parse(rule) {
        Err(error) => Finding::new(&RULE, part(place, rule, error.at), error.message),
        // Well written, and still nothing that can be followed, such as `FREQ=SECONDLY`.
        Ok(_) => match followed(recurrence, rule) {
            Some(Err(message)) => Finding::new(&RULE, place, message),
            Some(Ok(_)) | None => return,
        },
    };
    findings.push(finding.help("write it like `FREQ=WEEKLY;BYDAY=SU`"));
}

/// The recurrence as budgets follow it; `None` where other parts of it could not be read.
fn followed(spec: &RecurrenceSpec, rule: &str) -> Option<Result<Recurrence, String>> {
    let zone = spec.time_zone.value().cloned().unwrap_or(Zone::UTC);
    let until = spec.until.value().map(|until| until.0);
    Some(Recurrence::new(spec.start.get()?.0, rule, zone, *spec.duration.get()?, until))
}
