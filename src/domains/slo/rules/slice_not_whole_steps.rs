//! Slices that measurements do not divide into.
use crate::{
    domains::slo::{
        model::Budgeting,
        resolve,
        rules::resolved::{composite_parts, declared_step},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO020",
    name: "slice-not-whole-steps",
    level: Level::Error,
    fixable: false,
    page: include_str!("slice-not-whole-steps.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some(slice) = resolve::budgeting(slo).ok().and_then(Budgeting::slice) else {
        return;
    };
    let written = slo.slice.as_ref().map(Field::place).or(slo.method.as_ref().map(Field::place));
    let Some(place) = written else { return };
    let own = declared_step(context, document, slo).map(|step| (step, None));
    let of_parts = composite_parts(slo).filter_map(|part| {
        let (document, slo) = context.catalog.get::<ServiceLevelObjective>(part.name)?;
        Some((declared_step(context, document, slo)?, Some(part)))
    });
    for ((step, step_place), part) in own.into_iter().chain(of_parts) {
        if step.is_zero() || slice.milliseconds().is_multiple_of(step.milliseconds()) {
            continue;
        }
        let of = part.map_or_else(String::new, |part| format!(" of `{}`", part.name));
        let message =
            format!("slices of `{slice}` cannot be made of measurements{of} in steps of `{step}`");
        let finding = Finding::new(&RULE, place, message)
            .related(step_place, "the step of the measurements")
            .help(format!("write a multiple of it, such as `slice: {step}`"));
        findings.push(match slo.slice {
            Some(_) => finding,
            None => finding.label(format!("slices are `{slice}` long unless `slice` is written")),
        });
    }
}
