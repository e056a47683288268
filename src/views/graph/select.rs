//! The part of a graph that is asked for.
use super::{Edge, Graph, NodeId, Relation};
use crate::kernel::spec::catalog::DocumentId;
use std::{collections::VecDeque, str::FromStr};

/// Which way references are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// To what a document needs. What a service needs includes what is promised for it.
    #[default]
    Needs,
    /// To what needs a document.
    NeededBy,
    /// Each of both, from where it begins.
    Both,
}

impl Direction {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["needs", "needed-by", "both"];

    /// The single directions that it stands for.
    pub(super) fn each(self) -> &'static [Self] {
        match self {
            Self::Needs => &[Self::Needs],
            Self::NeededBy => &[Self::NeededBy],
            Self::Both => &[Self::Needs, Self::NeededBy],
        }
    }
}

impl FromStr for Direction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "needs" => Ok(Self::Needs),
            "needed-by" => Ok(Self::NeededBy),
            "both" => Ok(Self::Both),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// What of a graph is asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The documents to begin at; all unless said.
    pub roots: Option<Vec<DocumentId>>,
    /// Which way references are followed.
    pub direction: Direction,
    /// How many references are followed; any number unless said.
    pub depth: Option<usize>,
    /// The kinds that are shown; all unless said. Where the documents to begin at are named, they are
    /// shown anyhow.
    pub kinds: Vec<&'static str>,
}

/// A part of a [`Graph`].
#[derive(Clone, Debug)]
pub struct Part {
    /// For each node, whether it is shown.
    shown: Vec<bool>,
    /// The nodes at which trees begin, where they were asked for.
    roots: Option<Vec<NodeId>>,
    pub(super) direction: Direction,
    pub(super) depth: Option<usize>,
}

impl Part {
    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.shown[node]
    }
}

impl Graph<'_> {
    /// The part that is asked for.
    pub fn select(&self, ask: &Ask) -> Part {
        let asked = ask
            .roots
            .as_ref()
            .map(|roots| -> Vec<NodeId> { roots.iter().filter_map(|id| self.node(*id)).collect() });
        let of_kind =
            |node: &super::Node<'_>| ask.kinds.is_empty() || ask.kinds.contains(&node.kind);
        let mut may: Vec<bool> = self.nodes.iter().map(of_kind).collect();
        for root in asked.iter().flatten() {
            may[*root] = true;
        }
        let mut part =
            Part { roots: asked, direction: ask.direction, depth: ask.depth, shown: may };
        if part.roots.is_some() || ask.depth.is_some() {
            part.shown = self.within_reach(&part);
        }
        part
    }

    /// The nodes at which the trees of that direction begin.
    pub(super) fn roots(&self, part: &Part, direction: Direction) -> Vec<NodeId> {
        part.roots.clone().unwrap_or_else(|| self.natural_roots(part, direction))
    }

    /// What one finds below a node, and through which edge.
    pub(super) fn below<'g>(
        &'g self,
        node: NodeId,
        direction: Direction,
        part: &'g Part,
    ) -> impl Iterator<Item = (usize, NodeId)> + 'g {
        let named_by = self.leading[node].iter().map(|at| (*at, self.edges[*at].from));
        let names = self.leaving[node].iter().map(|at| (*at, self.edges[*at].to));
        let needs = direction != Direction::NeededBy;
        let belongs = move |(at, _): &(usize, NodeId)| !needs || self.edges[*at].belongs();
        let found = named_by.filter(belongs).chain(names.filter(move |_| needs));
        found.filter(move |(_, other)| *other != node && part.holds(*other))
    }

    /// The nodes that stand below no other, and one of each circle that nothing leads to.
    fn natural_roots(&self, part: &Part, direction: Direction) -> Vec<NodeId> {
        let stands_below = |node: NodeId| {
            let above = |edge: &Edge| match direction {
                Direction::NeededBy => edge.from == node,
                _ if edge.belongs() => edge.from == node,
                _ => edge.to == node,
            };
            let edges = self.leading[node].iter().chain(&self.leaving[node]);
            edges.map(|at| &self.edges[*at]).any(|edge| {
                let other = if edge.from == node { edge.to } else { edge.from };
                other != node && part.holds(other) && above(edge)
            })
        };
        let shown = || (0..self.nodes.len()).filter(|node| part.holds(*node));
        let (below, mut roots): (Vec<NodeId>, Vec<NodeId>) =
            shown().partition(|node| stands_below(*node));
        let mut reached = vec![false; self.nodes.len()];
        for root in &roots {
            self.reach(*root, direction, part, &mut reached);
        }
        for node in below {
            if !reached[node] {
                roots.push(node);
                self.reach(node, direction, part, &mut reached);
            }
        }
        roots
    }

    fn reach(&self, root: NodeId, direction: Direction, part: &Part, reached: &mut [bool]) {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                open.extend(self.below(node, direction, part).map(|(_, other)| other));
            }
        }
    }

    /// The nodes that as many references as are asked for lead to.
    fn within_reach(&self, part: &Part) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        for direction in part.direction.each() {
            let mut nearest = vec![usize::MAX; self.nodes.len()];
            let mut open: VecDeque<NodeId> = self.roots(part, *direction).into();
            for root in &open {
                nearest[*root] = 0;
            }
            while let Some(node) = open.pop_front() {
                reached[node] = true;
                if part.depth.is_some_and(|depth| nearest[node] >= depth) {
                    continue;
                }
                for (_, other) in self.below(node, *direction, part) {
                    if nearest[other] == usize::MAX {
                        nearest[other] = nearest[node] + 1;
                        open.push_back(other);
                    }
                }
            }
        }
        reached
    }
}

impl Edge {
    /// Whether what names stands below what it names: an objective below its service.
    pub(super) fn belongs(&self) -> bool {
        self.relation == Relation::SpeaksOf
    }
}
