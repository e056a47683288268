//! A rotation in which one person has every turn.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::Document,
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "ONC008",
    name: "rotation-of-one",
    level: Level::Warning,
    fixable: false,
    page: include_str!("rotation-of-one.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    // The rosters that are still to be worked with.
    let rosters = resolved
        .primary
        .schedule
        .all_layers()
        .into_iter()
        .filter_map(|layer| layer.versions.last());
    let people: BTreeSet<&String> =
        rosters.flat_map(|roster| &roster.members).flat_map(|member| &member.0).collect();
    if people.len() > 1 {
        return;
    }
    let message = match people.first() {
        Some(person) => format!("`{person}` is on call all the time"),
        None => "nobody is ever on call".to_owned(),
    };
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("name at least one more person who can take a turn"),
    );
}
