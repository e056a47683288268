//! A section that the template does not know.
use crate::{
    domains::postmortem::{
        sections::{ResolvedTemplate, canonical},
        spec::PostMortem,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, problem},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT020",
    name: "section-not-in-template",
    level: Level::Note,
    fixable: false,
    page: include_str!("section-not-in-template.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let template = ResolvedTemplate::for_document(context.catalog, spec);
    let known: Vec<&str> = template.sections.iter().map(|section| section.name.as_str()).collect();
    for (name, text) in &spec.sections {
        if known.contains(&canonical(name)) {
            continue;
        }
        let near = problem::closest(name, &known);
        let which =
            template.name.map_or("the shipped template".to_owned(), |name| format!("`{name}`"));
        let message = format!("{which} has no section `{name}`: it comes behind all others");
        let help = near.map_or_else(
            || "add it to the `sections` of the template".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        findings.push(Finding::new(&RULE, text.place(), message).help(help));
    }
}
