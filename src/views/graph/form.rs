//! The machine form of a part of a graph.
use super::{Criticality, Graph, Part};
use crate::{
    domains::service::attainability::Availability,
    kernel::{
        report::Form,
        source::{Place, SourceMap},
        units::Ratio,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Documents and what refers to what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphAnswer {
    /// The documents, and the names that belong to none.
    nodes: Vec<NodeItem>,
    /// The references between them.
    edges: Vec<EdgeItem>,
    /// Short circles of references: the nodes of each, in order.
    cycles: Vec<Vec<String>>,
}

impl Form for GraphAnswer {
    const SCHEMA: &'static str = "sre/graph@1";
}

/// A document, or a name that belongs to none.
#[derive(Debug, Serialize, JsonSchema)]
struct NodeItem {
    /// By which edges name it: `KIND/NAME`, and `#2` behind that for a second document of the name.
    id: String,
    /// Its kind.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Whether it is in the catalog.
    resolved: bool,
    /// Its name as people read it.
    display_name: Option<String>,
    /// Who answers for it, where it says so itself.
    owner: Option<String>,
    /// The language of another tool that it is written in.
    dialect: Option<&'static str>,
    /// File and line of its name.
    at: Option<String>,
    /// The service that it speaks of.
    service: Option<String>,
    /// How much depends on a service: 1 for what must not fail.
    tier: Option<u8>,
    /// Share of events that is to be good, of objectives and agreements.
    target: Option<f64>,
    /// Over which time: `over 30d`, `per month`.
    windows: Vec<String>,
    /// The best that the hard dependencies permit a service and its availability, if all of them just
    /// keep their objectives: the product of those. Null where none has one.
    ceiling: Option<f64>,
    /// Whether they permit the target.
    attainable: Option<bool>,
}

/// That one document refers to another.
#[derive(Debug, Serialize, JsonSchema)]
struct EdgeItem {
    /// The document that refers.
    from: String,
    /// What it refers to.
    to: String,
    /// What the reference means: `depends_on`, `composed_of`, `speaks_of`, `refers_to`, or `by_default`
    /// where the settings lead to it.
    relation: &'static str,
    /// Whether a service fails with the one that it needs, `hard`, or goes on, `soft`.
    criticality: Option<&'static str>,
    /// Independent copies of a needed service, any one of which is enough.
    redundancy: Option<u8>,
    /// How much a part of a composite weighs.
    weight: Option<f64>,
    /// Whether what it refers to is in the catalog.
    resolved: bool,
    /// Whether the reference is part of a circle.
    in_cycle: bool,
    /// File and line at which it stands; null for what the settings lead to.
    at: Option<String>,
}

pub(super) fn answer(graph: &Graph<'_>, part: &Part, sources: &SourceMap) -> GraphAnswer {
    let at =
        |place: Place| format!("{}:{}", sources.name(place.source), sources.position(place).line);
    let nodes =
        graph.nodes.iter().enumerate().filter(|(id, _)| part.holds(*id)).map(|(_, node)| {
            let promised = &node.promised;
            NodeItem {
                id: node.id.clone(),
                kind: node.kind,
                name: node.name.clone(),
                resolved: node.document.is_some(),
                display_name: node.document.map(|document| document.display_name().to_owned()),
                owner: node.document.and_then(|document| document.owner()).map(str::to_owned),
                dialect: node.document.and_then(|document| document.dialect).map(|one| one.name),
                at: node.document.map(|document| at(document.name_place())),
                service: promised.service.clone(),
                tier: promised.tier,
                target: promised.target.map(Ratio::as_f64),
                windows: promised.windows.clone(),
                ceiling: promised.ceiling.map(Availability::as_f64),
                attainable: promised.attainable(),
            }
        });
    let edges = graph.edges_of(part).map(|edge| EdgeItem {
        from: graph.nodes[edge.from].id.clone(),
        to: graph.nodes[edge.to].id.clone(),
        relation: edge.relation.name(),
        criticality: edge.dependency.map(|(one, _): (Criticality, u8)| one.name()),
        redundancy: edge.dependency.map(|(_, copies)| copies),
        weight: edge.weight,
        resolved: graph.nodes[edge.to].document.is_some(),
        in_cycle: edge.circular,
        at: edge.place.map(at),
    });
    let shown = |circle: &&Vec<usize>| circle.iter().all(|node| part.holds(*node));
    let cycles = graph
        .circles
        .iter()
        .filter(shown)
        .map(|circle| circle.iter().map(|node| graph.nodes[*node].id.clone()).collect());
    GraphAnswer { nodes: nodes.collect(), edges: edges.collect(), cycles: cycles.collect() }
}
