//! An incident without a severity.
use crate::{
    domains::incident::{resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC019",
    name: "incident-without-severity",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-without-severity.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let levels = resolve::levels_of(context.catalog, incident);
    if record.counts() && record.severity().is_none() && !levels.levels.is_empty() {
        let message = format!("nobody said how severe `{}` is", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("write `severity: ...`; when in doubt the worse"),
        );
    }
}
