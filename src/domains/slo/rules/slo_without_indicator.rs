//! An objective that nothing measures.
use crate::{
    domains::slo::spec::ServiceLevelObjective,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO005",
    name: "slo-without-indicator",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-without-indicator.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    if slo.sli.is_none() && slo.composite.is_empty() {
        let message = format!("`{}` has no indicator: nothing measures it", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("name an SLI, or write one here: `sli: …`"),
        );
    }
}
