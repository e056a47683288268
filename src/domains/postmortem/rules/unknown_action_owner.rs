//! An action of somebody who is in no team.
use crate::{
    domains::{
        oncall::{people::People, spec::Team},
        postmortem::{actions, spec::PostMortem},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, problem},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT021",
    name: "unknown-action-owner",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-action-owner.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let people = People::of(context.catalog);
    // Without teams nothing is said of who there is.
    if !people.are_listed() {
        return;
    }
    let teams = context.catalog.iter::<Team>().map(|(team, _)| team.name());
    let known: Vec<&str> = people.names().chain(teams).collect();
    for action in actions::of(document, spec).filter(actions::Action::is_open) {
        let Some((owner, place)) = action.item.owner.pair() else { continue };
        let shown = |name: &&str| people.shown(name) == owner.as_str();
        if owner.trim().is_empty() || known.contains(&owner.as_str()) || known.iter().any(shown) {
            continue;
        }
        let help = problem::closest(owner, &known).map_or_else(
            || "name a member of a team, or a team".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{owner}` is neither a team nor in one");
        findings.push(Finding::new(&RULE, place, message).help(help));
    }
}
