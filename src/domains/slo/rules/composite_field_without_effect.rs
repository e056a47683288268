//! A field of a composite that its method does not use.
use crate::{
    domains::slo::{
        rules::resolved::composite_parts,
        spec::{Method, ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO017",
    name: "composite-field-without-effect",
    level: Level::Warning,
    fixable: false,
    page: include_str!("composite-field-without-effect.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    if slo.composite.is_empty() || slo.method.value() != Some(&Method::Timeslices) {
        return;
    }
    let method = slo.method.as_ref().map(Field::place);
    let about = |place, message, help| {
        let finding = Finding::new(&RULE, place, message).help(help);
        match method {
            Some(method) => finding.related(method, "the method"),
            None => finding,
        }
    };
    for (_, place) in composite_parts(slo).filter_map(|part| part.weight) {
        findings.push(about(
            place,
            "this weight has no effect: a slice is bad if any part is bad in it",
            "remove it, or write `method: ratio_timeslices`, which adds shortfalls up by weight",
        ));
    }
    if let Some((_, place)) = slo.slice_target.pair() {
        findings.push(about(
            place,
            "this `slice_target` has no effect: parts are judged by their own",
            "remove it; a part without one is judged by its target",
        ));
    }
}
