//! The error of a person is taken for a cause.
use crate::{
    domains::postmortem::language::Flaw,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT010",
    name: "human-error-as-cause",
    level: Level::Warning,
    fixable: false,
    page: include_str!("human-error-as-cause.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (passage, remark) in super::remarks(context, document, Flaw::HumanError) {
        // Elsewhere the words may be about errors of people, as in a tool that prevents them.
        if !passage.is_cause {
            continue;
        }
        let message =
            format!("{} is where the question begins, and no cause", super::excerpt(&remark));
        findings.push(super::at_words(&RULE, &passage, &remark, message).help(remark.better));
    }
}
