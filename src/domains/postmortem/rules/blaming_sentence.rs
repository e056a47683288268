//! A sentence that judges a person.
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
    code: "PMT008",
    name: "blaming-sentence",
    level: Level::Warning,
    fixable: false,
    page: include_str!("blaming-sentence.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (passage, remark) in super::remarks(context, document, Flaw::Blame) {
        let message = format!("{} judges a person", super::excerpt(&remark));
        findings.push(super::at_words(&RULE, &passage, &remark, message).help(remark.better));
    }
}
