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
