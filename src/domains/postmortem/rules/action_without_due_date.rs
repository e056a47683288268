//! An action without a day.
use crate::{
    domains::postmortem::{actions, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT004",
    name: "action-without-due-date",
    level: Level::Warning,
    fixable: false,
    page: include_str!("action-without-due-date.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for action in actions::of(document, spec).filter(actions::Action::is_open) {
        if action.due().is_none() {
            let message = format!("{} may take for ever", super::called(&action));
            findings.push(
                Finding::new(&RULE, action.place, message)
                    .help("write the last day on which it is in time: `due: 2027-01-31`"),
            );
        }
    }
}
