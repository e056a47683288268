//! A part of a graph as a tree for people.
//!
//! A document is taken apart where it is met first; later it is only named.
use super::{Criticality, Direction, Edge, Graph, NodeId, Part, Relation};
use crate::kernel::{
    report::{Block, Branch, State, Text, words},
    spec::Kind,
};
use std::sync::LazyLock;

/// Deeper than any real system; what stands below is counted.
const DEEPEST: usize = 50;

/// How a node was come to.
#[derive(Clone, Copy)]
struct Step {
    node: NodeId,
    /// The edge; none at the root.
    through: Option<usize>,
    depth: usize,
}

/// A tree that is being drawn.
struct Drawing<'g, 'c> {
    graph: &'g Graph<'c>,
    part: &'g Part,
    direction: Direction,
    /// Nodes that were taken apart.
    done: Vec<bool>,
    /// Nodes that lead to the one being taken apart.
    above: Vec<bool>,
    branches: Vec<Branch>,
}

impl Graph<'_> {
    /// The part as a tree; two where both directions are asked for.
    pub(super) fn tree(&self, part: &Part) -> Vec<Block> {
        let directions = part.direction.each();
        let trees = directions.iter().flat_map(|direction| {
            let heading = match direction {
                _ if directions.len() == 1 => None,
                Direction::NeededBy => Some(Block::heading("what needs it")),
                _ => Some(Block::heading("what it needs")),
            };
            heading.into_iter().chain([Block::Tree(self.draw(part, *direction))])
        });
        trees.collect()
    }

    fn draw(&self, part: &Part, direction: Direction) -> Vec<Branch> {
        let count = self.nodes.len();
        let mut drawing = Drawing {
            graph: self,
            part,
            direction,
            done: vec![false; count],
            above: vec![false; count],
            branches: Vec::new(),
        };
        for root in self.roots(part, direction) {
            if part.holds(root) && !drawing.done[root] {
                drawing.draw(root);
            }
        }
        drawing.branches
    }
}

impl Drawing<'_, '_> {
    /// Draws a root with all that is below it. A chain may be as long as a catalog, so nothing recurses.
    fn draw(&mut self, root: NodeId) {
        let mut open = vec![Step { node: root, through: None, depth: 0 }];
        let mut path: Vec<Step> = Vec::new();
        while let Some(step) = open.pop() {
            while path.last().is_some_and(|last| last.depth >= step.depth) {
                if let Some(left) = path.pop() {
                    self.above[left.node] = false;
                }
            }
            let below = self.below(step);
            let mut text = self.line(step);
            let limit = self.part.depth.unwrap_or(DEEPEST).min(DEEPEST);
            if self.above[step.node] && self.circular(step) {
                text = text.plain("  ").state(self.cycle(step));
            } else if below.is_empty() {
                self.done[step.node] = true;
            } else if self.done[step.node] {
                text = text.muted("  see above");
            } else if step.depth >= limit {
                text = text.muted(format!("  {} below", words::thousands(below.len() as u64)));
            } else {
                self.done[step.node] = true;
                self.above[step.node] = true;
                path.push(step);
                open.extend(below.into_iter().rev());
            }
            self.branches.push(Branch { depth: step.depth, text });
        }
        for left in path {
            self.above[left.node] = false;
        }
    }

    /// What stands below a node that was come to in that way.
    fn below(&self, step: Step) -> Vec<Step> {
        let found = self.graph.below(step.node, self.direction, self.part);
        let below = found.filter(|(at, other)| {
            let edge = &self.graph.edges[*at];
            // An objective stands below its service already, or will.
            let back = Some(*at) == step.through;
            let up = edge.belongs() && edge.to == *other && self.direction != Direction::NeededBy;
            !back && !(up && (step.through.is_some() || self.above[*other]))
        });
        below.map(|(at, node)| Step { node, through: Some(at), depth: step.depth + 1 }).collect()
    }

    fn circular(&self, step: Step) -> bool {
        step.through.is_some_and(|at| self.graph.edges[at].circular)
    }

    /// Services that fail with each other are worse than services that know each other.
    fn cycle(&self, step: Step) -> State {
        let soft = step.through.and_then(|at| self.graph.edges[at].dependency);
        match soft {
            Some((Criticality::Soft, _)) => State::warning("cycle"),
            _ => State::bad("cycle"),
        }
    }

    fn line(&self, step: Step) -> Text {
        let node = &self.graph.nodes[step.node];
        let edge = step.through.map(|at| &self.graph.edges[at]);
        let mut text = Text::new();
        if let Some(word) = edge.and_then(|edge| self.word(edge)) {
            text = text.muted(format!("{word} "));
        }
        text = text.plain(format!("{} ", node.kind)).name(node.name.clone());
        for fact in facts(node, edge) {
            text = text.muted(format!("  {fact}"));
        }
        if node.document.is_none() {
            return text.plain("  ").state(missing(node.kind));
        }
        match (node.promised.ceiling, node.promised.attainable()) {
            (Some(ceiling), Some(true)) => {
                text.plain("  ").state(State::good(format!("ceiling {ceiling}")))
            }
            (Some(ceiling), Some(false)) => {
                text.plain("  ").state(State::bad(format!("above ceiling {ceiling}")))
            }
            _ => text,
        }
    }

    /// What the document above has to do with the one below, where that does not go without saying.
    fn word(&self, edge: &Edge) -> Option<&'static str> {
        let down = self.direction != Direction::NeededBy;
        match edge.relation {
            Relation::DependsOn if down => Some("needs"),
            Relation::DependsOn => Some("needed by"),
            Relation::ComposedOf if down => Some("part"),
            Relation::ComposedOf => Some("part of"),
            Relation::SpeaksOf | Relation::RefersTo | Relation::ByDefault => None,
        }
    }
}

/// What is said of a node besides its name, and of the way to it.
pub(super) fn facts(node: &super::Node<'_>, edge: Option<&Edge>) -> Vec<String> {
    let mut facts = Vec::new();
    match edge.and_then(|edge| edge.dependency) {
        Some((criticality, copies)) if copies > 1 => {
            facts.push(format!("{}, {copies} copies", criticality.name()));
        }
        Some((Criticality::Soft, _)) => facts.push("soft".to_owned()),
        _ => {}
    }
    if let Some(weight) = edge.and_then(|edge| edge.weight) {
        facts.push(format!("weight {weight}"));
    }
    if edge.is_some_and(|edge| edge.relation == Relation::ByDefault) {
        facts.push("by default".to_owned());
    }
    facts.extend(node.promised.tier.map(|tier| format!("tier {tier}")));
    facts.extend(node.promised.target());
    facts
}

/// A name that belongs to no document: a mistake, unless its kind may be described elsewhere.
pub(super) fn missing(kind: &str) -> State {
    static KINDS: LazyLock<&Vec<&'static Kind>> = LazyLock::new(|| &crate::registry::KINDS);
    let elsewhere = KINDS.iter().any(|known| known.name == kind && !known.must_resolve);
    if elsewhere { State::warning("not in the catalog") } else { State::bad("not in the catalog") }
}
