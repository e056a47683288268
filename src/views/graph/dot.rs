//! A part of a graph in the DOT language, for Graphviz.
//!
//! Source of the syntax: <https://graphviz.org/doc/info/lang.html>.
use super::{
    Criticality, Edge, Graph, Node, Part, Relation,
    mermaid::{edge_label, label},
};
use crate::{
    domains::{service::spec::Service, slo::spec::ServiceLevelObjective},
    kernel::{measure::DataSource, report::harmless, spec::Target as _},
};
use std::fmt::Write as _;

impl Graph<'_> {
    /// The part as the text of a DOT file.
    pub fn dot(&self, part: &Part) -> String {
        let mut text = String::from(
            "digraph sre {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", \
             fillcolor=\"#f8fafc\", fontname=\"Helvetica\", fontsize=10];\n  \
             edge [fontname=\"Helvetica\", fontsize=9];\n",
        );
        for node in self.nodes.iter().enumerate().filter(|(id, _)| part.holds(*id)).map(|(_, n)| n)
        {
            let lines: Vec<String> = label(node).iter().map(|line| escaped(line)).collect();
            let looks = looks(node);
            let _ = writeln!(text, "  {} [label=\"{}\"{looks}];", quoted(node), lines.join("\\n"));
        }
        for edge in self.edges_of(part) {
            let (from, to) = (&self.nodes[edge.from], &self.nodes[edge.to]);
            let _ = writeln!(text, "  {} -> {}{};", quoted(from), quoted(to), attributes(edge));
        }
        text.push_str("}\n");
        text
    }
}

fn looks(node: &Node<'_>) -> &'static str {
    if node.document.is_none() {
        return ", style=\"rounded,dashed\", color=\"#b91c1c\", fontcolor=\"#b91c1c\"";
    }
    match node.kind {
        _ if node.promised.attainable() == Some(false) => {
            ", fillcolor=\"#fee2e2\", color=\"#b91c1c\""
        }
        Service::KIND => ", style=\"filled\", fillcolor=\"#dbeafe\", color=\"#1d4ed8\"",
        ServiceLevelObjective::KIND => ", fillcolor=\"#dcfce7\", color=\"#15803d\"",
        DataSource::KIND => ", shape=cylinder, style=\"filled\"",
        _ => "",
    }
}

fn attributes(edge: &Edge) -> String {
    let mut attributes = Vec::new();
    let label = edge_label(edge);
    if !label.is_empty() {
        attributes.push(format!("label=\"{}\"", escaped(&label)));
    }
    match (edge.relation, edge.dependency) {
        (Relation::DependsOn, Some((Criticality::Soft, _))) => {
            attributes.push("style=dashed".into());
        }
        (Relation::DependsOn, _) => attributes.push("style=bold".into()),
        (Relation::ByDefault, _) => attributes.push("style=dotted".into()),
        _ => {}
    }
    if edge.circular {
        attributes.push("color=\"#b91c1c\"".into());
    }
    if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) }
}

fn quoted(node: &Node<'_>) -> String {
    format!("\"{}\"", escaped(&harmless(&node.id)))
}

/// Text inside quotes. Graphviz reads backslashes as the beginning of escapes, and references to
/// characters as HTML does.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '&' => escaped.push_str("&amp;"),
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
        assert_eq!(escaped("a\"];\\N&quot;"), "a\\\"];\\\\N&amp;quot;");
    }
}
