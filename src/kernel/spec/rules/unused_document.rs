//! A document that nothing leads to.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    settings::Settings,
    spec::{Optional, Ref, values},
};
use std::collections::HashSet;

pub(super) static RULE: Rule = Rule {
    code: "GEN002",
    name: "unused-document",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unused-document.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let defaults = named(context.settings);
    let documents = context.catalog.documents();
    for (id, document) in documents.iter().enumerate() {
        let unused = document.kind.used_by_reference
            && document.clean
            && context.catalog.referrers(id).is_empty()
            && !defaults.contains(document.name());
        // The second of two with one name is reported as such; documents are sorted by kind and name.
        let twice = id > 0
            && documents[id - 1].kind == document.kind
            && documents[id - 1].name() == document.name();
        if unused && !twice {
            let message = format!("no document refers to this {}", document.kind.name);
            findings.push(
                Finding::new(&RULE, document.name_place(), message)
                    .help("refer to it, or remove it"),
            );
        }
    }
}

/// Names that the settings use where documents say nothing.
fn named(settings: &Settings) -> HashSet<&str> {
    let defaults = values(&settings.defaults);
    let names = defaults.flat_map(|defaults| {
        let source = defaults.source.value().map(Ref::name);
        let texts = [defaults.alerting.value(), defaults.policy.value()];
        texts.into_iter().flatten().map(String::as_str).chain(source)
    });
    names.collect()
}
