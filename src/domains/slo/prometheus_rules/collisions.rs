//! Rules that are there already, and what ours would do beside them.
//!
//! Two rules that record the same series overwrite each other's samples, or Prometheus drops those of
//! one of them; two alerts with the same name and labels are one alert that is told twice, or now for
//! this reason and now for that. A server refuses neither.
use super::{RuleFile, RuleKind};
use crate::kernel::{
    diagnostic::Finding,
    source::{Place, SourceId},
    spec::{
        load::syntax_findings,
        tree::{NodeId, Tree},
        yaml,
    },
};
use std::collections::BTreeMap;

/// A rule of a file that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRule {
    /// What it makes.
    pub makes: Makes,
    /// Its PromQL.
    pub expression: String,
    /// The group that it stands in.
    pub group: String,
    /// Where it stands: the name of what it makes.
    pub place: Place,
}

/// What a rule makes: series or alerts of that name and with these labels, and others from its PromQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Makes {
    /// Whether it is an alert.
    pub alert: bool,
    /// Name of the metric or the alert.
    pub name: String,
    /// The labels that the rule adds.
    pub labels: BTreeMap<String, String>,
}

/// One of our rules, and one that is there already and makes the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision<'e> {
    /// The group of our rule.
    pub group: String,
    /// The other rule, which makes the same as ours.
    pub existing: &'e ExistingRule,
    /// Whether it makes it in the same way.
    pub same_expression: bool,
}

impl Collision<'_> {
    /// What is wrong with it.
    pub fn reason(&self) -> &'static str {
        match (self.existing.makes.alert, self.same_expression) {
            (false, true) => "records the same series in the same way",
            (false, false) => "records the same series from another expression",
            (true, true) => "raises the same alert on the same condition",
            (true, false) => "raises the same alert on another condition",
        }
    }
}

/// The rules of a text: a rule file, or `PrometheusRule` objects. What is neither has none.
///
/// Never fails: where the text is not YAML is among the findings. A rule that is not as Prometheus wants
/// it is left out, for Prometheus does not load it either.
pub fn read(source: SourceId, text: &str) -> (Vec<ExistingRule>, Vec<Finding>) {
    let stream = yaml::parse(text);
    let findings = syntax_findings(source, text, &stream.errors);
    let mut rules = Vec::new();
    for (at, document) in stream.documents.iter().enumerate() {
        let tree = &document.tree;
        let mut reader = Reader { tree, source, rules: &mut rules };
        // Of a rule file, Prometheus reads the first document and no other.
        if at == 0 {
            reader.groups(tree.at(&["groups"]));
        }
        reader.object(tree.root);
        let items = tree.at(&["items"]).and_then(|items| tree.list(items));
        for item in items.unwrap_or_default() {
            reader.object(*item);
        }
    }
    (rules, findings)
}

struct Reader<'r, 't> {
    tree: &'r Tree<'t>,
    source: SourceId,
    rules: &'r mut Vec<ExistingRule>,
}

impl Reader<'_, '_> {
    fn object(&mut self, object: NodeId) {
        if self.text(object, "kind").as_deref() == Some("PrometheusRule") {
            let spec = self.tree.get(object, "spec");
            self.groups(spec.and_then(|spec| self.tree.get(spec, "groups")));
        }
    }

    fn groups(&mut self, groups: Option<NodeId>) {
        let groups = groups.and_then(|groups| self.tree.list(groups)).unwrap_or_default();
        for group in groups {
            let name = self.text(*group, "name").unwrap_or_default();
            let labels = self.labels(*group);
            let rules = self.tree.get(*group, "rules").and_then(|rules| self.tree.list(rules));
            let read = rules.unwrap_or_default().iter();
            let read = read.filter_map(|rule| self.rule(*rule, &name, &labels));
            self.rules.extend(read.collect::<Vec<_>>());
        }
    }

    fn rule(
        &self,
        rule: NodeId,
        group: &str,
        labels: &BTreeMap<String, String>,
    ) -> Option<ExistingRule> {
        let of = |key| Some((self.text(rule, key)?, self.tree.get(rule, key)?));
        let (alert, (name, node)) = match (of("record"), of("alert")) {
            (Some(record), None) => (false, record),
            (None, Some(alert)) => (true, alert),
            _ => return None,
        };
        let node = self.tree.node(node);
        let labels = labels.clone().into_iter().chain(self.labels(rule)).collect();
        Some(ExistingRule {
            makes: Makes { alert, name, labels },
            expression: self.text(rule, "expr")?,
            group: group.to_owned(),
            place: Place { source: self.source, start: node.start, end: node.end },
        })
    }

    /// The labels of a rule, or of all rules of a group.
    fn labels(&self, of: NodeId) -> BTreeMap<String, String> {
        let labels = self.tree.get(of, "labels").and_then(|labels| self.tree.map(labels));
        let text = |node| self.tree.scalar(node).map(|(text, _)| text.to_owned());
        let labels = labels.unwrap_or_default().iter();
        labels.filter_map(|entry| Some((text(entry.key)?, text(entry.value)?))).collect()
    }

    fn text(&self, map: NodeId, key: &str) -> Option<String> {
        let value = self.tree.get(map, key)?;
        self.tree.scalar(value).map(|(text, _)| text.to_owned())
    }
}

/// Which of our rules make what another one makes already, in the order of our rules.
pub fn find<'e>(ours: &RuleFile, existing: &'e [ExistingRule]) -> Vec<Collision<'e>> {
    let mut made: BTreeMap<&Makes, Vec<&ExistingRule>> = BTreeMap::new();
    for rule in existing {
        made.entry(&rule.makes).or_default().push(rule);
    }
    let mut found = Vec::new();
    for group in &ours.groups {
        for rule in &group.rules {
            let makes = Makes {
                alert: matches!(rule.kind, RuleKind::Alert { .. }),
                name: rule.name().to_owned(),
                labels: rule.labels.clone(),
            };
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            found.extend(made.get(&makes).into_iter().flatten().map(|existing| Collision {
                group: group.name.clone(),
                existing,
                same_expression: words(&existing.expression) == words(&rule.expression),
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{super::RuleGroup, *};
    use crate::domains::slo::prometheus_rules::Rule;

    const FILE: &str = "groups:
- name: a
  labels: {team: shop}
  rules:
  - record: a:b
    expr: |
      sum(a)
    labels: {c: \"1\"}
  - alert: Down
    expr: up == 0
    labels: {team: payments}
  - alert: neither
    record: nor
    expr: up
---
groups:
- name: never read
  rules: [{record: d, expr: e}]
---
kind: PrometheusRule
spec: {groups: [{name: b, rules: [{record: 'a:b', expr: sum(b), labels: {c: 1, team: shop}}]}]}
---
kind: List
items:
- kind: PrometheusRule
  spec: {groups: [{name: c, rules: [{alert: Down, expr: up == 0, labels: {team: payments}}]}]}
";

    #[test]
    fn rules_are_read_as_prometheus_loads_them() {
        let (rules, findings) = read(SourceId(0), FILE);
        assert!(findings.is_empty());
        let groups: Vec<&str> = rules.iter().map(|rule| rule.group.as_str()).collect();
        assert_eq!(groups, ["a", "a", "b", "c"]);
        assert_eq!(&FILE[rules[0].place.range()], "a:b");
        let (rules, findings) = read(SourceId(0), "groups: [");
        assert!(rules.is_empty() && !findings.is_empty());
        assert_eq!(read(SourceId(0), "kind: SLO\n").0, []);
    }

    #[test]
    fn what_makes_the_same_collides_and_nothing_else() {
        let (existing, _) = read(SourceId(0), FILE);
        let series = |name: &str, expression: &str| {
            Rule::record(name, expression).label("c", "1").label("team", "shop")
        };
        let alert = Rule::alert("Down", "up ==  0").label("team", "payments");
        let rules = vec![
            series("a:b", "sum(a)"),
            series("a:c", "sum(a)"),
            Rule::record("a:b", "sum(a)"),
            alert.clone().label("d", "1"),
            alert,
        ];
        let ours = RuleFile {
            groups: vec![RuleGroup { name: "ours".to_owned(), rules, ..RuleGroup::default() }],
        };
        let found = find(&ours, &existing);
        let found: Vec<(&str, &str)> =
            found.iter().map(|it| (it.existing.group.as_str(), it.reason())).collect();
        let expected = [
            ("a", "records the same series in the same way"),
            ("b", "records the same series from another expression"),
            ("a", "raises the same alert on the same condition"),
            ("c", "raises the same alert on the same condition"),
        ];
        assert_eq!(found, expected);
    }
}
