//! A rotation leaves too little time for other work.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    report::words,
    spec::Document,
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "ONC017",
    name: "too-few-people",
    level: Level::Note,
    fixable: false,
    page: include_str!("too-few-people.md"),
    check: Check::Document(check),
};

/// The most of their time that people are on call, all roles together.
///
/// Source: Site Reliability Engineering, chapter 11, "Being On-Call".
const MOST_PERCENT: usize = 25;

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let layers = resolved.primary.schedule.all_layers();
    // Hours of the week leave nights, and are another matter.
    if layers.iter().any(|layer| !layer.windows.is_empty()) {
        return;
    }
    let rosters = layers.iter().filter_map(|layer| layer.versions.last());
    let people: BTreeSet<&String> =
        rosters.flat_map(|roster| &roster.members).flat_map(|member| &member.0).collect();
    let roles = resolved.duties().count();
    let needed = (100 * roles).div_ceil(MOST_PERCENT);
    // One alone has a rule of its own.
    if people.len() >= needed || people.len() < 2 {
        return;
    }
    let share = words::percent_with(roles as f64 / people.len() as f64, 0);
    let message = format!(
        "{} people share {}: each is on call {share} of the time",
        people.len(),
        if roles == 1 { "one role".to_owned() } else { format!("{roles} roles") }
    );
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help(format!("{needed} people bring that down to {MOST_PERCENT} %")),
    );
}
