//! What Prometheus would refuse of a rule file: with one rule that it does not take, it takes none of a
//! whole reload.
//!
//! Source: the checks of `promtool check rules`; a query whose syntax is newer than our parser passes.
use super::names::{self, ID_LABEL, SLO_LABEL};
use crate::domains::slo::promql::{self, Refusal};
use serde::Deserialize as _;
use serde_yaml::{Mapping, Value};
use std::collections::BTreeSet;

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

/// Finds what is wrong with the text of a rule file, of several documents or of one.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let Ok(value) = Value::deserialize(document) else {
            let message = "what was written is no YAML".to_owned();
            faults.push(Fault { at: "the file".to_owned(), objective: Vec::new(), message });
            // Behind what is no YAML there is no next document.
            break;
        };
        let groups = value.get("groups").or_else(|| value.get("spec")?.get("groups"));
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for group in groups.and_then(Value::as_sequence).into_iter().flatten() {
            let name = text_of(group, "name");
            if !names.insert(name) {
                let message = "another group has this name".to_owned();
                faults.push(Fault {
                    at: format!("group `{name}`"),
                    objective: Vec::new(),
                    message,
                });
            }
            for rule in group.get("rules").and_then(Value::as_sequence).into_iter().flatten() {
                let made = if rule.get("alert").is_some() { "alert" } else { "record" };
                let label = |key: &str| Some(rule.get("labels")?.get(key)?.as_str()?.to_owned());
                let told = [ID_LABEL, SLO_LABEL, "slo"].into_iter().filter_map(label);
                let ends = name.match_indices('-').map(|(at, _)| name[at + 1..].to_owned());
                let objective: Vec<String> = told.chain(ends).collect();
                let at = format!("`{}` in group `{name}`", text_of(rule, made));
                let fault =
                    |message| Fault { at: at.clone(), objective: objective.clone(), message };
                faults.extend(wrong_with(rule, made).into_iter().map(fault));
                let key = format!("{made} {} {:?}", text_of(rule, made), labels(rule));
                if !seen.insert(key) && made == "record" {
                    let message = "another rule makes the same series".to_owned();
                    faults.push(fault(message));
                }
            }
        }
    }
    faults
}

fn text_of<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn labels(rule: &Value) -> Vec<(String, String)> {
    let labels = rule.get("labels").and_then(Value::as_mapping);
    let mut labels: Vec<(String, String)> = labels.into_iter().flat_map(pairs).collect();
    labels.sort_unstable();
    labels
}

fn pairs(mapping: &Mapping) -> impl Iterator<Item = (String, String)> + '_ {
    mapping.iter().map(|(key, value)| {
        (key.as_str().unwrap_or("").to_owned(), value.as_str().unwrap_or("").to_owned())
    })
}

fn wrong_with(rule: &Value, made: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    match &promql::read(text_of(rule, "expr")).refusal {
        None | Some(Refusal::Newer) => {}
        Some(refusal) => wrong.push(format!("its query is refused: {}", refusal.words())),
    }
    let name = text_of(rule, made);
    if made == "record" && !names::is_metric(name) {
        wrong.push(format!("`{name}` is no name of a metric"));
    }
    for (kind, key) in [("label", "labels"), ("annotation", "annotations")] {
        let Some(mapping) = rule.get(key).and_then(Value::as_mapping) else { continue };
        for (name, value) in pairs(mapping) {
            if !names::is_label(&name) {
                wrong.push(format!("`{name}` is no name of a {kind}"));
            }
            if made == "alert" && !is_template(&value) {
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

    fn messages(rules: &str) -> Vec<String> {
        let text = format!("groups:\n- name: g\n  rules:\n{rules}");
        faults(&text).into_iter().map(|fault| format!("{}: {}", fault.at, fault.message)).collect()
    }

    #[test]
    fn what_prometheus_refuses_is_found() {
        let fine = "  - {record: 'a:b', expr: 'sum(rate(x[5m]))', labels: {sloth_id: x}}\n\
                    \x20 - {alert: A, expr: 'a:b > 1', labels: {a: '{{ $labels.a }}'}}\n";
        assert_eq!(messages(fine), [""; 0]);
        let wrong = "  - {record: 'a:b', expr: 'sum(rate(x[5m])'}\n\
                     \x20 - {record: 'a b', expr: x}\n\
                     \x20 - {alert: A, expr: nosuch(x), labels: {a-b: c}, annotations: {d: '{{ .x'}}\n\
                     \x20 - {alert: B, expr: 'sum(increase(1[5m]))'}\n\
                     \x20 - {record: 'a:b', expr: x}\n";
        let found = messages(wrong);
        assert_eq!(found.len(), 7, "{found:#?}");
        assert!(found.iter().all(|one| one.contains("group `g`")), "{found:#?}");
        assert!(found.iter().any(|one| one.contains("`a b` is no name of a metric")));
        assert!(found.iter().any(|one| one.contains("`a-b` is no name of a label")));
        assert!(found.iter().any(|one| one.contains("annotation `d` begins an action")));
        assert!(found.iter().any(|one| one.contains("another rule makes the same series")));
    }

    #[test]
    fn groups_of_the_same_name_are_found() {
        let group = "- {name: g, rules: [{record: a, expr: x}]}\n";
        let other = "- {name: g, rules: [{record: b, expr: x}]}\n";
        let found = faults(&format!("groups:\n{group}{other}"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, "group `g`");
    }
}
