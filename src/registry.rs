//! Joins what the domains declare: kinds, dialects and rules.
use crate::{
    domains::{incident, oncall, postmortem, recovery, runbook, service, slo, toil},
    kernel::{
        diagnostic::{Rule, suppress},
        measure::{self, data_source},
        spec::{Dialect, Kind, rules as reading},
    },
};
use std::sync::LazyLock;

/// All kinds of documents, in the order in which they are listed.
pub static KINDS: LazyLock<Vec<&'static Kind>> = LazyLock::new(|| {
    [&service::spec::KIND, &data_source::KIND]
        .into_iter()
        .chain(slo::spec::KINDS)
        .chain(oncall::spec::KINDS)
        .chain(runbook::spec::KINDS)
        .chain(incident::spec::KINDS)
        .chain(postmortem::spec::KINDS)
        .chain(recovery::spec::KINDS)
        .chain(toil::spec::KINDS)
        .collect()
});

/// The languages of other tools that are read. A document is of the first that recognises it.
pub static DIALECTS: &[&Dialect] = slo::dialects::DIALECTS;

/// The languages that are imported: those that are read, and those whose documents never stand for ours.
pub static IMPORTED: LazyLock<Vec<&'static Dialect>> =
    LazyLock::new(|| [DIALECTS, slo::dialects::IMPORTED, oncall::dialects::IMPORTED].concat());

/// All rules, by code.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&'static Rule> = [
        reading::RULES,
        reading::GENERAL,
        suppress::RULES,
        measure::rules::RULES,
        service::rules::RULES,
        slo::rules::RULES,
        oncall::rules::RULES,
        postmortem::rules::RULES,
        runbook::rules::RULES,
        recovery::rules::RULES,
        toil::rules::RULES,
        incident::rules::RULES,
        slo::dialects::pyrra::rules::RULES,
        slo::dialects::openslo::rules::RULES,
    ]
    .concat();
    rules.sort_by_key(|rule| rule.code);
    rules
});
