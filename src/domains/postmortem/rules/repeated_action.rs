//! Two actions with one id.
use crate::{
    domains::postmortem::spec::PostMortem,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    code: "PMT017",
    name: "repeated-action",
    level: Level::Error,
    fixable: false,
    page: include_str!("repeated-action.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let mut first = BTreeMap::new();
    let ids = values(&spec.action_items).filter_map(|item| item.id.pair());
    for (id, place) in ids {
        if let Some(before) = first.get(id) {
            findings.push(
                Finding::new(&RULE, place, format!("another action is called `{id}`"))
                    .related(*before, "it stands here")
                    .help("give each its own id: people speak of actions by them"),
            );
            continue;
        }
        first.insert(id, place);
    }
}
