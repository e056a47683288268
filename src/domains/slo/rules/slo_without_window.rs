//! An objective that does not say over which time.
use crate::{
    domains::slo::{resolve, spec::ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO007",
    name: "slo-without-window",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-without-window.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    if resolve::window(document, slo, context.settings).is_none() {
        let message = format!("`{}` has no window", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message).help(
                "say over which time: `window: 30d`, here or in the `defaults` of `sre.yaml`",
            ),
        );
    }
}
