//! An entry of somebody who is not in the team.
use crate::{
    domains::{oncall::spec::Team, toil::spec::ToilLog},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, problem, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI003",
    name: "unknown-toil-person",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-toil-person.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(log) = document.spec::<ToilLog>() else { return };
    let Some(name) = log.team.value() else { return };
    let Some((_, team)) = context.catalog.get::<Team>(name.name()) else { return };
    let members = team.members.get().map(Vec::as_slice).unwrap_or_default();
    let known: Vec<&str> =
        values(members).filter_map(|person| Some(person.name.get()?.as_str())).collect();
    for (person, place) in values(&log.entries).filter_map(|entry| entry.by.pair()) {
        if known.contains(&person.as_str()) {
            continue;
        }
        let help = problem::closest(person.as_str(), &known).map_or_else(
            || "add them to the team, or leave `by` out".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!(
            "`{person}` is not in `{}`: the toil counts, the working hours do not",
            name.name()
        );
        findings.push(Finding::new(&RULE, place, message).help(help));
    }
}
