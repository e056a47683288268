//! An action of which nobody can say whether it is done.
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
    code: "PMT005",
    name: "action-without-end",
    level: Level::Warning,
    fixable: false,
    page: include_str!("action-without-end.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for action in actions::of(document, spec).filter(actions::Action::is_open) {
        let said = action.item.done_when.value();
        if said.is_some_and(|text| !text.trim().is_empty()) {
            continue;
        }
        let message = format!("nobody can say when {} is done", super::called(&action));
        findings.push(
            Finding::new(&RULE, action.place, message)
                .help("write what anybody can check: `done_when: the alert fires in the test of the pipeline`"),
        );
    }
}
