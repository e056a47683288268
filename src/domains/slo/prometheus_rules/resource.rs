//! Rules as an object of Kubernetes: the `PrometheusRule` of the Prometheus Operator.
use super::{
    RuleGroup,
    write::{scalar, write_groups},
};
use std::{collections::BTreeMap, fmt::Write as _};

/// A `PrometheusRule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrometheusRule {
    /// Its name.
    pub name: String,
    /// Its namespace; that of whoever applies it where not said.
    pub namespace: Option<String>,
    /// Its labels, by which a Prometheus chooses its rules.
    pub labels: BTreeMap<String, String>,
    /// The groups of rules.
    pub groups: Vec<RuleGroup>,
}

/// How long the text of one object may be: the operator puts the rules of an object into a `ConfigMap`, of
/// which it fills no more than half of the mebibyte that Kubernetes takes. What it writes is not byte by
/// byte what stands here, so that some room is left.
///
/// Source: the Prometheus Operator, "maxConfigMapDataSize".
const LONGEST: usize = 400 * 1024;

/// Groups as objects that all have these metadata: one, or as many as it takes for none to be too long,
/// with numbers behind their names.
pub fn objects(whole: PrometheusRule, longest: Option<usize>) -> Vec<PrometheusRule> {
    let longest = longest.unwrap_or(LONGEST);
    let mut parts: Vec<Vec<RuleGroup>> = Vec::new();
    let mut length = usize::MAX;
    for group in whole.groups {
        let mut text = String::new();
        write_groups(&mut text, std::slice::from_ref(&group), 2);
        length = length.saturating_add(text.len());
        match parts.last_mut() {
            Some(part) if length <= longest => part.push(group),
            _ => {
                length = text.len();
                parts.push(vec![group]);
            }
        }
    }
    let several = parts.len() > 1;
    let object = |(at, groups): (usize, Vec<RuleGroup>)| PrometheusRule {
        name: if several { format!("{}-{at}", whole.name) } else { whole.name.clone() },
        namespace: whole.namespace.clone(),
        labels: whole.labels.clone(),
        groups,
    };
    (1..).zip(parts).map(object).collect()
}

impl PrometheusRule {
    /// The object as one YAML document.
    pub fn text(&self) -> String {
        let mut text = String::from("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n");
        let _ = writeln!(text, "metadata:\n  name: {}", scalar(&self.name, 4));
        if let Some(namespace) = &self.namespace {
            let _ = writeln!(text, "  namespace: {}", scalar(namespace, 4));
        }
        if !self.labels.is_empty() {
            text.push_str("  labels:\n");
            for (key, value) in &self.labels {
                let _ = writeln!(text, "    {}: {}", scalar(key, 6), scalar(value, 6));
            }
        }
        text.push_str("spec:\n  groups:");
        if self.groups.is_empty() {
            text.push_str(" []\n");
        } else {
            text.push('\n');
            write_groups(&mut text, &self.groups, 2);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::prometheus_rules::Rule;
    use serde_yaml::Value;

    #[test]
    fn groups_that_are_too_long_for_one_object_are_spread_over_several() {
        let group = |name: &str| RuleGroup {
            name: name.to_owned(),
            rules: vec![Rule::record("a:b", "sum(a)")],
            ..RuleGroup::default()
        };
        let whole = PrometheusRule {
            name: "slos".to_owned(),
            namespace: None,
            labels: BTreeMap::new(),
            groups: ["a", "b", "c"].map(group).to_vec(),
        };
        let names = |longest| -> Vec<(String, usize)> {
            let objects = objects(whole.clone(), longest);
            objects.into_iter().map(|object| (object.name, object.groups.len())).collect()
        };
        assert_eq!(names(None), [("slos".to_owned(), 3)]);
        let mut one = String::new();
        write_groups(&mut one, &whole.groups[..1], 2);
        let two = names(Some(2 * one.len()));
        assert_eq!(two, [("slos-1".to_owned(), 2), ("slos-2".to_owned(), 1)]);
        let each = names(Some(1));
        assert_eq!(each.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[test]
    fn an_object_holds_its_groups() {
        let group = RuleGroup {
            name: "a".to_owned(),
            rules: vec![Rule::record("a:b", "sum(a)").label("c", "1")],
            ..RuleGroup::default()
        };
        let mut object = PrometheusRule {
            name: "a".to_owned(),
            namespace: Some("shop".to_owned()),
            labels: BTreeMap::from([("example.org/role".to_owned(), "true".to_owned())]),
            groups: vec![group],
        };
        let read: Value = serde_yaml::from_str(&object.text()).unwrap();
        assert_eq!(read["kind"], "PrometheusRule");
        assert_eq!(read["metadata"]["namespace"], "shop");
        assert_eq!(read["metadata"]["labels"]["example.org/role"], "true");
        let rule = &read["spec"]["groups"][0]["rules"][0];
        assert_eq!((&rule["record"], &rule["labels"]["c"]), (&"a:b".into(), &"1".into()));
        object.groups.clear();
        let read: Value = serde_yaml::from_str(&object.text()).unwrap();
        assert_eq!(read["spec"]["groups"], Value::Sequence(Vec::new()));
    }
}
