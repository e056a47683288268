//! A runbook that does not say what an alert means, or what users feel.
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Field, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN017",
    name: "missing-section",
    level: Level::Note,
    fixable: false,
    page: include_str!("missing-section.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    let sections = spec.sections.value();
    let blank = |text: Option<&String>| text.is_none_or(|text| text.trim().is_empty());
    let missing: Vec<&str> = [
        ("meaning", blank(sections.and_then(|sections| sections.meaning.value()))),
        ("impact", blank(sections.and_then(|sections| sections.impact.value()))),
        ("diagnosis", blank(sections.and_then(|sections| sections.diagnosis.value()))),
        ("mitigation", blank(sections.and_then(|sections| sections.mitigation.value()))),
    ]
    .into_iter()
    .filter_map(|(name, missing)| missing.then_some(name))
    .collect();
    if !missing.is_empty() {
        let place = spec.sections.as_ref().map_or(document.name_place(), Field::place);
        let message = format!("nothing is said of its {}", missing.join(", "));
        findings.push(Finding::new(&RULE, place, message).help(
            "write `sections` with `meaning`, `impact`, `diagnosis` and `mitigation`: whoever is woken by it reads them first",
        ));
    }
}
