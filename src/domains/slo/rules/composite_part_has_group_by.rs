//! A part that has many budgets.
use crate::{
    domains::slo::{rules::resolved::composite_parts, spec::ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO016",
    name: "composite-part-has-group-by",
    level: Level::Error,
    fixable: false,
    page: include_str!("composite-part-has-group-by.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    for part in composite_parts(slo) {
        let Some((_, objective)) = context.catalog.get::<ServiceLevelObjective>(part.name) else {
            continue;
        };
        if let Some(label) = objective.group_by.first() {
            let message = format!(
                "`{}` has a budget for each group, and no single one to be a part with",
                part.name
            );
            findings.push(
                Finding::new(&RULE, part.place, message)
                    .related(label.place(), "grouped here")
                    .help("name an objective without `group_by` over the same indicator"),
            );
        }
    }
}
