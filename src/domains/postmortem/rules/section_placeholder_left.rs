//! A text that was to be replaced.
use crate::{
    domains::postmortem::{prose::passages, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{
            Document, problem,
            rules::{mark_in, part},
        },
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT012",
    name: "section-placeholder-left",
    level: Level::Warning,
    fixable: false,
    page: include_str!("section-placeholder-left.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for passage in passages(spec) {
        let Some((at, mark)) = mark_in(passage.text) else { continue };
        let rest = passage.text.get(at + mark.len()..).unwrap_or_default();
        let rest = rest.trim_start_matches([':', ' ']).lines().next().unwrap_or_default();
        let message = format!("`{mark}` still stands in `{}`", passage.part);
        let help = if rest.trim().is_empty() {
            "write what is true here, or leave the section out".to_owned()
        } else {
            format!("to be written: {}", problem::shorten(rest.trim()))
        };
        let place = part(passage.place, passage.text, at..at + mark.len());
        findings.push(Finding::new(&RULE, place, message).help(help));
    }
}
