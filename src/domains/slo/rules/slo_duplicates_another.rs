//! Two objectives that say the same.
use crate::{
    domains::slo::{
        model::Window, resolve, rules::resolved::composite_parts, spec::ServiceLevelObjective,
    },
    kernel::diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    kernel::spec::{Optional, Ref, values},
};
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    code: "SLO012",
    name: "slo-duplicates-another",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-duplicates-another.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for (document, slo) in context.catalog.iter::<ServiceLevelObjective>() {
        let indicator = slo.sli.value().and_then(|sli| sli.scalar()).map(Ref::name);
        let mut parts: Vec<(&str, u64)> = composite_parts(slo)
            .map(|part| (part.name, part.weight.map_or(1.0, |(weight, _)| weight).to_bits()))
            .collect();
        if !document.clean || (indicator.is_none() && parts.is_empty()) {
            continue;
        }
        parts.sort_unstable();
        let service = slo.service.value().map(Ref::name);
        let windows = resolve::windows(document, slo, context.settings);
        let windows: Vec<String> = windows.iter().map(Window::to_string).collect();
        let groups: Vec<&String> = values(&slo.group_by).collect();
        let method = (slo.method.value(), slo.slice.value(), slo.slice_target.value());
        let missing = (slo.no_traffic.value(), slo.no_data.value(), slo.minimum_coverage.value());
        let promise = (slo.target.get().copied(), slo.threshold.value(), method, missing);
        let key = (indicator, parts, service, promise, windows, groups);
        let first = *seen.entry(key).or_insert(document);
        // Two documents of one name are reported as such.
        if first.name() != document.name() {
            let message = format!("`{}` promises the same as `{}`", document.name(), first.name());
            findings.push(
                Finding::new(&RULE, document.name_place(), message)
                    .label("same service, indicator, target, window and threshold")
                    .related(first.name_place(), "the other one")
                    .help("remove one of the two, or change what it copied by mistake"),
            );
        }
    }
}
