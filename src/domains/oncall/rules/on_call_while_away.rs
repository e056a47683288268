//! Somebody is on call while they are away or on a holiday.
use crate::{
    domains::oncall::{
        engine::{load::by_person, periods},
        people::People,
        resolve,
        spec::Rotation,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        time::Period,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC013",
    name: "on-call-while-away",
    level: Level::Warning,
    fixable: false,
    page: include_str!("on-call-while-away.md"),
    check: Check::Document(check),
};

/// How far ahead to look.
const AHEAD: TimeDelta = TimeDelta::days(365);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(rotation) = document.spec::<Rotation>() else { return };
    let people = People::of(context.catalog);
    if !people.are_listed() {
        return;
    }
    let Ok(resolved) = resolve::resolve(context.catalog, document, rotation) else { return };
    let period = Period { from: context.now, to: context.now + AHEAD };
    let shifts = resolved.primary.schedule.shifts(period);
    for (person, times) in by_person(&shifts) {
        let times = periods::union(times);
        for (away, why) in people.away(person, &resolved.zone) {
            let meets = periods::intersection(&times, &[away]);
            let Some(first) = meets.first() else { continue };
            let from = resolved.zone.local(first.from).format("%Y-%m-%d %H:%M");
            let reason =
                why.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let message = format!(
                "`{person}` is on call from {from} on and away from {} through {}{reason}",
                why.from, why.through
            );
            let mut finding = Finding::new(&RULE, document.name_place(), message).help(format!(
                "`sre oncall override {} --user NAME --replaces {person} …`",
                document.name()
            ));
            if let Some(place) = people.place(person) {
                finding = finding.related(place, "their absence");
            }
            findings.push(finding);
        }
    }
}
