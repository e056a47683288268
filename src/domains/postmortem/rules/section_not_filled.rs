//! A section that the template requires is empty.
use crate::{
    domains::postmortem::{
        filled,
        sections::ResolvedTemplate,
        spec::{PostMortem, Status},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT011",
    name: "section-not-filled",
    level: Level::Warning,
    fixable: false,
    page: include_str!("section-not-filled.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let status = spec.status.value().copied().unwrap_or_default();
    if status == Status::Draft {
        return;
    }
    let template = ResolvedTemplate::for_document(context.catalog, spec);
    for section in filled::missing(spec, &template) {
        let message =
            format!("the section `{}` is empty, and this is {}", section.name, status.name());
        let help = section.guidance.clone();
        findings.push(Finding::new(&RULE, document.name_place(), message).maybe_help(help));
    }
}
