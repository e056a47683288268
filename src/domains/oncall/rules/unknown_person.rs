//! Somebody who is on call and in no team.
use crate::{
    domains::oncall::{
        escalate,
        people::{self, People},
        spec::{EscalationPolicy, NOBODY, Rotation},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field, problem},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC011",
    name: "unknown-person",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-person.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let mut named: Vec<(String, Place)> = Vec::new();
    if let Some(rotation) = document.spec::<Rotation>() {
        named.extend(people::named(rotation));
    }
    if let Some(policy) = document.spec::<EscalationPolicy>() {
        named.extend(escalate::people(policy));
    }
    if named.is_empty() {
        return;
    }
    let people = People::of(context.catalog);
    // Without teams only who is in no roster, and takes over from somebody who is, can be a misspelling.
    let rosters;
    let known: Vec<&str> = if people.are_listed() {
        people.names().collect()
    } else if let Some(rotation) = document.spec::<Rotation>().filter(|it| it.layers.is_empty()) {
        rosters = people::members(rotation);
        let replaced = rotation.overrides.iter().filter_map(Field::get);
        let replaced = replaced.filter_map(|change| change.replaces.as_ref());
        named = replaced.filter_map(|it| Some((it.get()?.to_string(), it.place()))).collect();
        rosters.iter().map(String::as_str).collect()
    } else {
        return;
    };
    for (person, place) in named {
        if person == NOBODY || known.contains(&person.as_str()) {
            continue;
        }
        let help = match problem::closest(&person, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if people.are_listed() => "add them to the members of a team".to_owned(),
            None => "name somebody who is in the roster".to_owned(),
        };
        let whose = if people.are_listed() { "in no team" } else { "not in the roster" };
        findings.push(Finding::new(&RULE, place, format!("`{person}` is {whose}")).help(help));
    }
}
