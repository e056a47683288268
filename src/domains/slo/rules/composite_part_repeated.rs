//! A part that a composite names twice.
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
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    code: "SLO015",
    name: "composite-part-repeated",
    level: Level::Warning,
    fixable: false,
    page: include_str!("composite-part-repeated.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let mut seen = HashMap::new();
    for part in composite_parts(slo) {
        let first = *seen.entry(part.name).or_insert(part.place);
        if first != part.place {
            let message = format!("`{}` is a part twice", part.name);
            findings.push(
                Finding::new(&RULE, part.place, message)
                    .related(first, "the first time")
                    .help("name it once; give it a `weight` if it is to count for more"),
            );
        }
    }
}
