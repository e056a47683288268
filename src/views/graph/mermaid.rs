//! A part of a graph as a Mermaid flowchart, which GitHub, GitLab and many wikis draw.
//!
//! Source of the syntax: <https://mermaid.js.org/syntax/flowchart.html>.
use super::{Criticality, Edge, Graph, Node, NodeId, Part, Relation};
use crate::{
    domains::{service::spec::Service, slo::spec::ServiceLevelObjective},
    kernel::{measure::DataSource, report::harmless, spec::Target as _},
};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

impl Graph<'_> {
    /// The part as the text of a Mermaid flowchart.
    pub fn mermaid(&self, part: &Part) -> String {
        let names = identifiers(self, part);
        let mut text = String::from("flowchart LR\n");
        for (id, name) in &names.in_order {
            let node = &self.nodes[*id];
            let (open, close) = shape(node);
            let label: Vec<String> = label(node).iter().map(|line| escaped(line)).collect();
            let _ = writeln!(text, "  {name}{open}\"{}\"{close}", label.join("<br/>"));
        }
        for edge in self.edges_of(part) {
            if let (Some(from), Some(to)) = (names.of.get(&edge.from), names.of.get(&edge.to)) {
                let _ = writeln!(text, "  {from} {} {to}", arrow(edge));
            }
        }
        for (class, style, has) in CLASSES {
            let members: Vec<&str> = names
                .in_order
                .iter()
                .filter(|(id, _)| has(&self.nodes[*id]))
                .map(|(_, name)| name.as_str())
                .collect();
            if !members.is_empty() {
                let _ = writeln!(text, "  classDef {class} {style}");
                let _ = writeln!(text, "  class {} {class}", members.join(","));
            }
        }
        let circular = self.edges_of(part).enumerate().filter(|(_, edge)| edge.circular);
        let circular: Vec<String> = circular.map(|(at, _)| at.to_string()).collect();
        if !circular.is_empty() {
            let _ =
                writeln!(text, "  linkStyle {} stroke:#c22,stroke-width:2px", circular.join(","));
        }
        text
    }
}

/// A class of nodes: its name, how they look, and which they are.
type Class = (&'static str, &'static str, fn(&Node<'_>) -> bool);

const CLASSES: [Class; 4] = [
    ("service", "fill:#dbeafe,stroke:#1d4ed8,color:#111", |node| {
        node.document.is_some() && node.kind == Service::KIND
    }),
    ("slo", "fill:#dcfce7,stroke:#15803d,color:#111", |node| {
        node.kind == ServiceLevelObjective::KIND && node.promised.attainable() != Some(false)
    }),
    ("unattainable", "fill:#fee2e2,stroke:#b91c1c,color:#111", |node| {
        node.promised.attainable() == Some(false)
    }),
    ("missing", "fill:#fff,stroke:#b91c1c,stroke-dasharray:4,color:#b91c1c", |node| {
        node.document.is_none()
    }),
];

/// What stands in a node of a picture, line by line.
pub(super) fn label(node: &Node<'_>) -> Vec<String> {
    let mut lines = vec![format!("{} {}", node.kind, node.name)];
    lines.extend(super::tree::facts(node, None));
    if let Some(ceiling) = node.promised.ceiling {
        let above = if node.promised.attainable() == Some(false) { "above " } else { "" };
        lines.push(format!("{above}ceiling {ceiling}"));
    }
    if node.document.is_none() {
        lines.push("not in the catalog".to_owned());
    }
    lines.iter().map(|line| harmless(line).into_owned()).collect()
}

/// What stands beside an edge of a picture.
pub(super) fn edge_label(edge: &Edge) -> String {
    let mut words = Vec::new();
    match (edge.relation, edge.dependency) {
        (Relation::DependsOn, Some((Criticality::Soft, _))) => words.push("soft".to_owned()),
        (Relation::DependsOn, _) => words.push("needs".to_owned()),
        (Relation::ComposedOf, _) => words.push("part".to_owned()),
        (Relation::ByDefault, _) => words.push("by default".to_owned()),
        (Relation::SpeaksOf | Relation::RefersTo, _) => {}
    }
    if let Some((_, copies)) = edge.dependency.filter(|(_, copies)| *copies > 1) {
        words.push(format!("{copies} copies"));
    }
    if let Some(weight) = edge.weight {
        words.push(format!("weight {weight}"));
    }
    words.join(", ")
}

fn arrow(edge: &Edge) -> String {
    let soft = matches!(edge.dependency, Some((Criticality::Soft, _)));
    let line = match edge.relation {
        Relation::DependsOn if soft => "-.->",
        Relation::DependsOn => "==>",
        Relation::ByDefault => "-.->",
        Relation::ComposedOf | Relation::SpeaksOf | Relation::RefersTo => "-->",
    };
    match edge_label(edge) {
        label if label.is_empty() => line.to_owned(),
        label => format!("{line}|\"{}\"|", escaped(&label)),
    }
}

fn shape(node: &Node<'_>) -> (&'static str, &'static str) {
    match node.kind {
        Service::KIND => ("[", "]"),
        ServiceLevelObjective::KIND => ("([", "])"),
        DataSource::KIND => ("[(", ")]"),
        _ => ("(", ")"),
    }
}

/// Names of nodes in the text of a flowchart.
struct Identifiers {
    of: HashMap<NodeId, String>,
    in_order: Vec<(NodeId, String)>,
}

/// Names that say which document is meant and change with it alone, so that a picture under version
/// control changes where the catalog does.
fn identifiers(graph: &Graph<'_>, part: &Part) -> Identifiers {
    let mut taken: HashSet<String> = HashSet::new();
    let mut names = Identifiers { of: HashMap::new(), in_order: Vec::new() };
    for (id, node) in graph.nodes.iter().enumerate().filter(|(id, _)| part.holds(*id)) {
        let plain: String =
            node.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}_{number}");
            number += 1;
        }
        names.of.insert(id, name.clone());
        names.in_order.push((id, name));
    }
    names
}

/// Text inside quotes: what is not plain becomes a reference by number, which Mermaid has for any
/// character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '#' | ';' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | '~' | '[' | ']' | '{'
            | '}' | '(' | ')' | '|' => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_syntax() {
        assert_eq!(escaped("99.9% a-b"), "99.9% a-b");
        assert_eq!(escaped("a\"]; end"), "a#34;#93;#59; end");
    }
}
