//! An action for which nobody answers.
use crate::{
    domains::postmortem::{actions, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT003",
    name: "action-without-owner",
    level: Level::Warning,
    fixable: false,
    page: include_str!("action-without-owner.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for action in actions::of(document, spec).filter(actions::Action::is_open) {
        let said = action.item.owner.value();
        if said.is_some_and(|text| !text.trim().is_empty()) {
            continue;
        }
        let message = format!("nobody answers for {}", super::called(&action));
        findings.push(
            Finding::new(&RULE, action.place, message)
                .help("name one person or team: `owner: alice`"),
        );
    }
}
