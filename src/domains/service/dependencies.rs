//! Which services fail with which: the graph of hard dependencies.
use super::spec::{Criticality, Dependency, Service};
use crate::kernel::{
    source::Place,
    spec::{Catalog, Field, Optional, values},
};
use std::collections::HashMap;

/// Services that are followed from one. Chains of a catalog's length would otherwise take quadratic time.
const REACH: usize = 1000;

/// Index of a service in [`Dependencies`].
pub type Node = usize;

/// One service that another cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The service that is needed.
    pub on: Node,
    /// Independent copies of it, any one of which is enough; 1 or more.
    pub copies: u8,
    /// Where it is named.
    pub place: Place,
}

/// A service that another needs, directly or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The service.
    pub node: Node,
    /// The step of [`Follow::from`] that led to it; `None` for what is needed directly.
    pub through: Option<usize>,
    /// Most copies that any of those who need it ask for.
    pub copies: u8,
    /// Where it is named by the service one step before.
    pub place: Place,
}

/// The hard dependencies of all services, whether or not those that are needed are described.
#[derive(Debug, Default)]
pub struct Dependencies<'c> {
    names: Vec<&'c str>,
    nodes: HashMap<&'c str, Node>,
    needs: Vec<Vec<Need>>,
}

/// Whether a service fails when that dependency does.
pub fn is_hard(dependency: &Dependency) -> bool {
    dependency.criticality.value().copied().unwrap_or_default() == Criticality::Hard
}

impl<'c> Dependencies<'c> {
    /// Those of a catalog. What a service says of itself is left out.
    pub fn of(catalog: &'c Catalog) -> Self {
        let mut graph = Self::default();
        for (document, service) in catalog.iter::<Service>() {
            let from = graph.add(document.name());
            for dependency in values(&service.depends_on).filter(|one| is_hard(one)) {
                let Some((on, place)) = dependency.service.pair() else { continue };
                let on = graph.add(on.name());
                if on != from {
                    let copies = dependency.redundancy.value().copied().unwrap_or(1).max(1);
                    graph.needs[from].push(Need { on, copies, place });
                }
            }
        }
        graph
    }

    fn add(&mut self, name: &'c str) -> Node {
        *self.nodes.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.needs.push(Vec::new());
            self.names.len() - 1
        })
    }

    /// How many services there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no service.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The service of that name.
    pub fn node(&self, name: &str) -> Option<Node> {
        self.nodes.get(name).copied()
    }

    /// The name of a service.
    pub fn name(&self, node: Node) -> &'c str {
        self.names[node]
    }

    /// What a service needs directly.
    pub fn needs(&self, node: Node) -> &[Need] {
        &self.needs[node]
    }
}

/// Follows dependencies from many services, one after the other.
#[derive(Debug)]
pub struct Follow<'g, 'c> {
    graph: &'g Dependencies<'c>,
    /// For each service, the round in which it was reached last, and the step that reached it.
    seen: Vec<(usize, usize)>,
    round: usize,
}

impl<'g, 'c> Follow<'g, 'c> {
    /// Follows the dependencies of `graph`.
    pub fn new(graph: &'g Dependencies<'c>) -> Self {
        Self { graph, seen: vec![(0, 0); graph.len()], round: 0 }
    }

    /// Everything that a service needs, however far, each once, near ones first; of what reaches
    /// further than any real system, the nearest part.
    pub fn from(&mut self, start: Node) -> Vec<Reached> {
        self.round += 1;
        let mut reached: Vec<Reached> = Vec::new();
        let mut at = None;
        loop {
            for need in self.graph.needs(at.map_or(start, |at: usize| reached[at].node)) {
                if need.on == start {
                    continue;
                }
                let (round, step) = &mut self.seen[need.on];
                if *round == self.round {
                    reached[*step].copies = reached[*step].copies.max(need.copies);
                } else {
                    (*round, *step) = (self.round, reached.len());
                    let Need { on: node, copies, place } = *need;
                    reached.push(Reached { node, through: at, copies, place });
                }
            }
            let next = at.map_or(0, |at| at + 1);
            if next >= reached.len() || reached.len() >= REACH {
                return reached;
            }
            at = Some(next);
        }
    }
}

/// The service that a dependency names, and where.
pub fn named(dependency: &Field<Dependency>) -> Option<(&str, Place)> {
    let (service, place) = dependency.get()?.service.pair()?;
    Some((service.name(), place))
}
