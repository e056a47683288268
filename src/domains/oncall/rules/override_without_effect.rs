//! An override that changes nothing.
use crate::{
    domains::oncall::{
        engine::{Override, Schedule},
        resolve::Duty,
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
    code: "ONC007",
    name: "override-without-effect",
    level: Level::Warning,
    fixable: false,
    page: include_str!("override-without-effect.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    for (_, duty) in resolved.duties() {
        check_duty(duty, findings);
    }
}

/// How many overrides of the same time are told apart: each is tried without each.
const MOST: usize = 50;

fn check_duty(duty: &Duty, findings: &mut Vec<Finding>) {
    let all = &duty.schedule;
    for (at, (change, place)) in all.overrides.iter().zip(&duty.override_places).enumerate() {
        let meets = |other: &Override| {
            other.period.from < change.period.to && change.period.from < other.period.to
        };
        let others = || all.overrides.iter().enumerate().filter(|(_, other)| meets(other));
        // Of so many at the same time another rule tells.
        if others().count() > MOST {
            continue;
        }
        let others = others().filter(|(other, _)| *other != at);
        let without =
            Schedule { overrides: others.map(|(_, other)| other.clone()).collect(), ..all.clone() };
        if all.shifts(change.period) != without.shifts(change.period) {
            continue;
        }
        let why = match &change.replaces {
            Some(person) => format!("`{person}` is not on call then, or a later change counts"),
            None => "who is on call is the same without it, or a later change counts".to_owned(),
        };
        let message = format!("this override changes nothing: {why}");
        findings.push(
            Finding::new(&RULE, *place, message)
                .help("correct its time or its people, or take it out"),
        );
    }
}
