//! A part that counts events in a composite that counts slices.
use crate::{
    domains::slo::{
        model::Budgeting, resolve, rules::resolved::composite_parts, spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO018",
    name: "composite-part-without-slices",
    level: Level::Error,
    fixable: false,
    page: include_str!("composite-part-without-slices.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Ok(method) = resolve::budgeting(slo) else { return };
    let Some(slice) = method.slice() else { return };
    for part in composite_parts(slo) {
        // Parts that are measured are cut into the slices of the composite; a composite counts already.
        let inner = context.catalog.get::<ServiceLevelObjective>(part.name);
        let Some((inner_document, inner)) = inner.filter(|(_, inner)| !inner.composite.is_empty())
        else {
            continue;
        };
        let Ok(counts) = resolve::budgeting(inner) else { continue };
        if counts.slice() == Some(slice) {
            continue;
        }
        let counts = match counts {
            Budgeting::Occurrences => "events".to_owned(),
            Budgeting::Timeslices { slice, .. } | Budgeting::RatioTimeslices { slice, .. } => {
                format!("slices of `{slice}`")
            }
        };
        let message =
            format!("`{}` counts {counts}, `{}` slices of `{slice}`", part.name, document.name());
        findings.push(
            Finding::new(&RULE, part.place, message)
                .related(inner_document.name_place(), "this composite")
                .help(format!(
                    "give both the same slices: `method: {}`, `slice: {slice}`",
                    method.name()
                )),
        );
    }
}
