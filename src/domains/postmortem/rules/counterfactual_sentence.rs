//! A sentence about what did not happen.
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
    code: "PMT009",
    name: "counterfactual-sentence",
    level: Level::Warning,
    fixable: false,
    page: include_str!("counterfactual-sentence.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    for (passage, remark) in super::remarks(context, document, Flaw::Counterfactual) {
        let message = format!("{} tells of what did not happen", super::excerpt(&remark));
        findings.push(super::at_words(&RULE, &passage, &remark, message).help(remark.better));
    }
}
