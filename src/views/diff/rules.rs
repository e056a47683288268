//! Rules for Prometheus that came, went, or say something else.
use super::Side;
use crate::domains::slo::{
    prometheus_rules::{
        Rule, RuleKind,
        names::{SEVERITY_LABEL, TIER_LABEL, WINDOW_LABEL},
        standard,
    },
    resolve::ResolvedObjective,
};
use std::collections::BTreeMap;

/// What rules are told apart by: whether they record or alert, their name, and the labels that a rule
/// of the same name may differ in.
pub(super) type RuleName = (&'static str, String, Vec<(String, String)>);

/// Rules of an objective that are not what they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RuleChanges {
    pub(super) added: Vec<RuleName>,
    pub(super) removed: Vec<RuleName>,
    pub(super) changed: Vec<RuleName>,
    /// Why no rules can be made for it before.
    pub(super) refused_before: Option<String>,
    /// Why no rules can be made for it now.
    pub(super) refused_after: Option<String>,
}

impl RuleChanges {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `2 added, 1 removed, 14 changed`.
    pub(super) fn summary(&self) -> String {
        let counts = [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.changed.len(), "changed"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let mut parts: Vec<String> =
            counts.map(|(count, word)| format!("{count} {word}")).collect();
        parts.extend(self.refused_after.iter().map(|why| format!("none can be made: {why}")));
        parts.join(", ")
    }
}

/// The rule as people name it: `alert SLOErrorBudgetBurn (sloth_severity=page, slo_tier=page-1h)`.
pub(super) fn shown((kind, name, labels): &RuleName) -> String {
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if labels.is_empty() {
        format!("{kind} {name}")
    } else {
        format!("{kind} {name} ({})", labels.join(", "))
    }
}

type Rules = BTreeMap<RuleName, Vec<Rule>>;

/// What became of the rules that `sre export prometheus` makes of an objective.
pub(super) fn changes(
    before: Option<(&Side<'_>, &[ResolvedObjective<'_>])>,
    after: Option<(&Side<'_>, &[ResolvedObjective<'_>])>,
) -> RuleChanges {
    let (old, refused_before) = rules(before);
    let (new, refused_after) = rules(after);
    let names = |one: &Rules, other: &Rules| -> Vec<RuleName> {
        one.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
    };
    let changed =
        old.iter().filter(|(name, rules)| new.get(*name).is_some_and(|other| other != *rules));
    let mut found = RuleChanges {
        added: names(&new, &old),
        removed: names(&old, &new),
        changed: changed.map(|(name, _)| name.clone()).collect(),
        refused_before,
        refused_after,
    };
    if found.refused_before == found.refused_after {
        (found.refused_before, found.refused_after) = (None, None);
    }
    found
}

fn rules(side: Option<(&Side<'_>, &[ResolvedObjective<'_>])>) -> (Rules, Option<String>) {
    let Some((side, windows)) = side else { return (Rules::new(), None) };
    let options = standard::Options::default();
    let written = match standard::rules(side.catalog, &[windows.to_vec()], &options) {
        Ok(written) => written,
        Err(wrong) => {
            let messages: Vec<String> = wrong.into_iter().map(|one| one.message).collect();
            return (Rules::new(), Some(messages.join("; ")));
        }
    };
    let mut rules = Rules::new();
    for rule in written.file.groups.into_iter().flat_map(|group| group.rules) {
        rules.entry(name(&rule)).or_default().push(rule);
    }
    (rules, None)
}

fn name(rule: &Rule) -> RuleName {
    let kind = match rule.kind {
        RuleKind::Record { .. } => "record",
        RuleKind::Alert { .. } => "alert",
    };
    let telling = [SEVERITY_LABEL, TIER_LABEL, WINDOW_LABEL];
    let labels = rule.labels.iter().filter(|(key, _)| telling.contains(&key.as_str()));
    let labels = labels.map(|(key, value)| (key.clone(), value.clone()));
    (kind, rule.name().to_owned(), labels.collect())
}
