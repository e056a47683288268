//! One person is on call in two rotations at once.
use crate::{
    domains::oncall::{
        engine::{load::by_person, periods},
        resolve,
        spec::Role,
    },
    kernel::diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "ONC012",
    name: "double-booked",
    level: Level::Warning,
    fixable: false,
    page: include_str!("double-booked.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let period = super::year_ahead(context);
    let rotations = resolve::all(context.catalog);
    // What is a part of another rotation is on call in both, and means to.
    let parts: BTreeSet<&str> = rotations
        .iter()
        .flat_map(|rotation| &rotation.primary.schedule.nested)
        .map(|nested| nested.name.as_str())
        .collect();
    let own = rotations.iter().filter(|one| !parts.contains(one.document.name()));
    let own: Vec<_> =
        own.map(|rotation| (rotation, rotation.primary.schedule.shifts(period))).collect();
    for (at, (one, shifts)) in own.iter().enumerate() {
        let times = by_person(shifts);
        for (other, others) in &own[at + 1..] {
            let theirs = by_person(others);
            let both = times.iter().filter_map(|(person, times)| {
                let both = periods::intersection(
                    &periods::union(times.clone()),
                    &periods::union(theirs.get(person)?.clone()),
                );
                Some((*person, *both.first()?))
            });
            let Some((person, when)) = both.min_by_key(|(_, when)| when.from) else { continue };
            let at = super::clock(&one.zone, when.from);
            let message = format!(
                "`{person}` is {} here and in `{}` at once, first at {at}",
                Role::Primary.name(),
                other.document.name()
            );
            findings.push(
                Finding::new(&RULE, other.document.name_place(), message)
                    .related(one.document.name_place(), "the other rotation")
                    .help("move one of the rosters, or exchange the turns that meet"),
            );
        }
    }
}
