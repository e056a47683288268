//! Somebody is on call while they are away or on a holiday.
use crate::{
    domains::oncall::{
        engine::{Shift, load::by_person, periods},
        people::People,
        resolve::ResolvedRotation,
        spec::Role,
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
    code: "ONC013",
    name: "on-call-while-away",
    level: Level::Warning,
    fixable: false,
    page: include_str!("on-call-while-away.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let people = People::of(context.catalog);
    if !people.are_listed() {
        return;
    }
    let period = super::year_ahead(context);
    for (role, duty) in resolved.duties() {
        check_role(&resolved, role, &duty.schedule.shifts(period), &people, findings);
    }
}

fn check_role(
    rotation: &ResolvedRotation<'_>,
    role: Role,
    shifts: &[Shift],
    people: &People,
    findings: &mut Vec<Finding>,
) {
    let document = rotation.document;
    for (person, times) in by_person(shifts) {
        let times = periods::union(times);
        for (away, why) in people.away(person, &rotation.zone) {
            let meets = periods::intersection(&times, &[away]);
            let Some(first) = meets.first() else { continue };
            let from = super::clock(&rotation.zone, first.from);
            let reason =
                why.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let message = format!(
                "`{person}` is {} from {from} on and away from {} through {}{reason}",
                role.name(),
                why.from,
                why.through
            );
            let flag = if role == Role::Secondary { " --secondary" } else { "" };
            let mut finding = Finding::new(&RULE, document.name_place(), message).help(format!(
                "`sre oncall override {}{flag} --user NAME --replaces {person} …`",
                document.name()
            ));
            if let Some(place) = people.place(person) {
                finding = finding.related(place, "their absence");
            }
            findings.push(finding);
        }
    }
}
