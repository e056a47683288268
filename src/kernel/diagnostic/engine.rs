//! Runs the checks, and gives every finding its level.
use super::{
    Diagnostic, Finding,
    rule::{Check, Context, Level, Rule},
    suppress::{self, Suppression},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Levels that differ from the rules' own, by name of the rule.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    by_name: BTreeMap<String, Level>,
}

impl Levels {
    /// Sets a level; a later call wins over an earlier one.
    pub fn set(&mut self, rule: &Rule, level: Level) {
        self.by_name.insert(rule.name.to_owned(), level);
    }

    /// The level of a rule.
    pub fn of(&self, rule: &Rule) -> Level {
        self.by_name.get(rule.name).copied().unwrap_or(rule.level)
    }
}

/// The rule with that name or code.
pub fn find_rule(rules: &[&'static Rule], name: &str) -> Option<&'static Rule> {
    rules.iter().copied().find(|rule| rule.name == name || rule.code.eq_ignore_ascii_case(name))
}

/// Everything that the rules find in the catalog of `context`.
///
/// Of documents that could be read in part only, values are checked, so that one run tells all that is wrong
/// with them; what is missing there is no finding.
pub fn check(context: &Context<'_>, rules: &[&'static Rule], levels: &Levels) -> Vec<Finding> {
    let active: Vec<&Rule> =
        rules.iter().copied().filter(|rule| levels.of(rule) != Level::Off).collect();
    let of_documents = || -> Vec<Finding> {
        let documents = context.catalog.documents().par_iter();
        let found = documents.flat_map_iter(|document| {
            let mut found = Vec::new();
            for rule in &active {
                match rule.check {
                    Check::Values(check) => check(context, document, &mut found),
                    Check::Document(check) if document.clean => {
                        check(context, document, &mut found);
                    }
                    _ => {}
                }
            }
            found
        });
        found.collect()
    };
    let of_catalog = || -> Vec<Finding> {
        let rules = active.par_iter().with_max_len(1);
        let found = rules.flat_map_iter(|rule| {
            let mut found = Vec::new();
            if let Check::Catalog(check) = rule.check {
                check(context, &mut found);
            }
            found
        });
        found.collect()
    };
    let (mut findings, further) = rayon::join(of_documents, of_catalog);
    findings.extend(further);
    findings
}

/// Findings with their levels, silenced ones taken out, in the order in which they are printed.
pub fn finish(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
    rules: &[&'static Rule],
    levels: &Levels,
    now: crate::kernel::units::Instant,
) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = suppress::apply(findings, suppressions, rules, now)
        .into_iter()
        .map(|finding| Diagnostic { level: levels.of(finding.rule), finding })
        .filter(|diagnostic| diagnostic.level != Level::Off)
        .collect();
    diagnostics.sort_by(Diagnostic::order);
    diagnostics.dedup();
    diagnostics
}
