//! What Prometheus would refuse of a rule file: with one rule that it does not take, it takes none of a
//! whole reload.
//!
//! Source: the checks of `promtool check rules`; a query whose syntax is newer than our parser passes.
use super::{
    Rule, RuleGroup, RuleKind,
    names::{self, ID_LABEL, SLO_LABEL},
};
use crate::domains::slo::promql::{self, Refusal};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// What is wrong with one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The group, and the rule in it: its metric or alert.
    pub at: String,
    /// What its objective is called, as its labels and its group say: the id, the name within the service,
    /// and ends of the group's name.
    pub objective: Vec<String>,
    /// What is wrong.
    pub message: String,
}

/// Finds what is wrong with the groups of a rule file, or of an object of Kubernetes.
pub fn faults(groups: &[RuleGroup]) -> Vec<Fault> {
    // What a rule says by itself takes long, for its query is read.
    let alone: Vec<Vec<Alone>> =
        groups.par_iter().map(|group| group.rules.iter().map(Alone::of).collect()).collect();
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    let mut seen: HashMap<u64, Vec<&Rule>> = HashMap::new();
    for (group, alone) in groups.iter().zip(alone) {
        let name = &group.name;
        if !names.insert(name) {
            let message = "another group has this name".to_owned();
            let at = format!("group `{name}`");
            faults.push(Fault { at, objective: Vec::new(), message });
        }
        for (rule, Alone { mut wrong, series }) in group.rules.iter().zip(alone) {
            if let Some(series) = series {
                let alike = seen.entry(series).or_default();
                if alike.iter().any(|other| is_same_series(other, rule)) {
                    wrong.push("another rule makes the same series".to_owned());
                } else {
                    alike.push(rule);
                }
            }
            let fault = |message| Fault {
                at: format!("`{}` in group `{name}`", rule.name()),
                objective: objective(rule, name),
                message,
            };
            faults.extend(wrong.into_iter().map(fault));
        }
    }
    faults
}

/// What a rule says by itself.
struct Alone {
    /// What is wrong with it.
    wrong: Vec<String>,
    /// A hash of the series that it records.
    series: Option<u64>,
}

impl Alone {
    fn of(rule: &Rule) -> Self {
        let series = matches!(rule.kind, RuleKind::Record { .. }).then(|| {
            let mut hasher = DefaultHasher::new();
            (rule.name(), &rule.labels).hash(&mut hasher);
            hasher.finish()
        });
        Self { wrong: wrong_with(rule), series }
    }
}

fn is_same_series(one: &Rule, other: &Rule) -> bool {
    one.name() == other.name() && one.labels == other.labels
}

/// What the objective of a rule may be called.
fn objective(rule: &Rule, group: &str) -> Vec<String> {
    let label = |key: &str| rule.labels.get(key).cloned();
    let told = [ID_LABEL, SLO_LABEL, "slo"].into_iter().filter_map(label);
    let ends = group.match_indices('-').map(|(at, _)| group[at + 1..].to_owned());
    told.chain(ends).collect()
}

fn wrong_with(rule: &Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    match promql::refusal(&rule.expression) {
        None | Some(Refusal::Newer) => {}
        Some(refusal) => wrong.push(format!("its query is refused: {}", refusal.words())),
    }
    let none = BTreeMap::new();
    let (is_alert, annotations) = match &rule.kind {
        RuleKind::Record { name } => {
            if !names::is_metric(name) {
                wrong.push(format!("`{name}` is no name of a metric"));
            }
            (false, &none)
        }
        RuleKind::Alert { annotations, .. } => (true, annotations),
    };
    for (kind, texts) in [("label", &rule.labels), ("annotation", annotations)] {
        for (name, value) in texts {
            if !names::is_label(name) {
                wrong.push(format!("`{name}` is no name of a {kind}"));
            }
            if is_alert && !is_template(value) {
                wrong
                    .push(format!("the {kind} `{name}` begins an action `{{{{` that does not end"));
            }
        }
    }
    wrong
}

/// Whether every action of a template ends. What stands in it is for Prometheus to judge.
fn is_template(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, action)) = rest.split_once("{{") {
        let Some((_, after)) = action.split_once("}}") else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(rules: Vec<Rule>) -> Vec<String> {
        let group = RuleGroup { name: "g".to_owned(), rules, ..RuleGroup::default() };
        let found = faults(&[group]);
        found.into_iter().map(|fault| format!("{}: {}", fault.at, fault.message)).collect()
    }

    #[test]
    fn what_prometheus_refuses_is_found() {
        let fine = vec![
            Rule::record("a:b", "sum(rate(x[5m]))").label("sloth_id", "x"),
            Rule::alert("A", "a:b > 1").label("a", "{{ $labels.a }}"),
        ];
        assert_eq!(messages(fine), [""; 0]);
        let mut described = Rule::alert("A", "nosuch(x)").label("a-b", "c");
        if let RuleKind::Alert { annotations, .. } = &mut described.kind {
            annotations.insert("d".to_owned(), "{{ .x".to_owned());
        }
        let found = messages(vec![
            Rule::record("a:b", "sum(rate(x[5m])"),
            Rule::record("a b", "x"),
            described,
            Rule::alert("B", "sum(increase(1[5m]))"),
            Rule::record("a:b", "x"),
        ]);
        assert_eq!(found.len(), 7, "{found:#?}");
        assert!(found.iter().all(|one| one.contains("group `g`")), "{found:#?}");
        assert!(found.iter().any(|one| one.contains("`a b` is no name of a metric")));
        assert!(found.iter().any(|one| one.contains("`a-b` is no name of a label")));
        assert!(found.iter().any(|one| one.contains("annotation `d` begins an action")));
        assert!(found.iter().any(|one| one.contains("another rule makes the same series")));
    }

    #[test]
    fn groups_of_the_same_name_are_found() {
        let group = |record: &str| RuleGroup {
            name: "g".to_owned(),
            rules: vec![Rule::record(record, "x")],
            ..RuleGroup::default()
        };
        let found = faults(&[group("a"), group("b")]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "group `g`");
    }
}
