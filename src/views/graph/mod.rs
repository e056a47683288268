//! What refers to what: services, what they need, what is promised for them, and every other reference
//! between documents.
//!
//! | file | topic |
//! |---|---|
//! | this one | the graph of a catalog: nodes, edges, circles |
//! | `select` | the part of it that is asked for |
//! | `promise` | what stands beside a node: targets, and what dependencies permit |
//! | `tree`, `mermaid`, `dot` | the part as a tree for people and as texts for programs that draw |
//! | `form` | the machine form |
mod dot;
mod form;
mod mermaid;
mod promise;
mod select;
mod tree;

pub use form::GraphAnswer;
pub use select::{Ask, Direction, Part};

use crate::{
    domains::{
        service::{
            dependencies::is_hard,
            spec::{Dependency, Service},
        },
        slo::{
            behind::Behind,
            resolve,
            spec::{BudgetAdjustment, ErrorBudgetPolicy, ServiceLevelObjective},
        },
    },
    kernel::{
        circles,
        report::{Block, Cell, Column, Report, Table, Text, words},
        settings::Settings,
        source::{Place, SourceMap},
        spec::{Catalog, Document, Field, Optional, Ref, Target, catalog::DocumentId, values},
    },
};
use promise::Promised;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// Index of a node of a [`Graph`].
pub(in crate::views) type NodeId = usize;

/// The documents of a catalog and what refers to what.
#[derive(Debug)]
pub struct Graph<'c> {
    nodes: Vec<Node<'c>>,
    edges: Vec<Edge>,
    /// For each node, the edges that leave it, in the order in which the document has them.
    leaving: Vec<Vec<usize>>,
    /// For each node, the edges that lead to it.
    leading: Vec<Vec<usize>>,
    /// For each document, its node; documents without a name have none.
    of_document: Vec<Option<NodeId>>,
    /// Short circles: the nodes of each, in order.
    circles: Vec<Vec<NodeId>>,
    /// Documents that are left out because nothing can refer to them.
    nameless: usize,
}

/// A document, or a name that belongs to none.
#[derive(Debug)]
struct Node<'c> {
    /// `KIND/NAME`, with `#2` behind it for a second document of that name.
    id: String,
    kind: &'static str,
    name: String,
    document: Option<&'c Document>,
    promised: Promised,
}

/// That one document names another, or is led to it by the settings.
#[derive(Debug)]
struct Edge {
    from: NodeId,
    to: NodeId,
    relation: Relation,
    /// Where it is named; the settings have no place.
    place: Option<Place>,
    /// What a service loses with the other: of dependencies alone.
    dependency: Option<(Criticality, u8)>,
    /// How much the other weighs: of parts of composites alone.
    weight: Option<f64>,
    /// Whether it lies on a circle.
    circular: bool,
}

/// Whether a service fails when one that it needs does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Criticality {
    Hard,
    Soft,
}

/// What a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// A service needs another.
    DependsOn,
    /// An objective is composed of another.
    ComposedOf,
    /// A document is about a service, an adjustment about an objective.
    SpeaksOf,
    /// A document uses another.
    RefersTo,
    /// The settings lead a document to another.
    ByDefault,
}

impl Relation {
    fn of(from: &str, to: &str) -> Self {
        const SERVICE: &str = Service::KIND;
        const SLO: &str = ServiceLevelObjective::KIND;
        match (from, to) {
            (SERVICE, SERVICE) => Self::DependsOn,
            (SLO, SLO) => Self::ComposedOf,
            (_, SERVICE) | (BudgetAdjustment::KIND, SLO) => Self::SpeaksOf,
            _ => Self::RefersTo,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::DependsOn => "depends_on",
            Self::ComposedOf => "composed_of",
            Self::SpeaksOf => "speaks_of",
            Self::RefersTo => "refers_to",
            Self::ByDefault => "by_default",
        }
    }
}

impl Criticality {
    fn name(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
        }
    }
}

impl<'c> Graph<'c> {
    /// That of a catalog.
    pub fn of(catalog: &'c Catalog, settings: &Settings) -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            leaving: Vec::new(),
            leading: Vec::new(),
            of_document: Vec::new(),
            circles: Vec::new(),
            nameless: 0,
        };
        let mut ids = graph.add_documents(catalog);
        for (at, document) in catalog.documents().iter().enumerate() {
            if let Some(from) = graph.of_document[at] {
                graph.add_references(document, from, &mut ids);
                graph.add_defaults(catalog, settings, document, from);
            }
        }
        graph.promise(catalog, settings);
        graph.find_circles();
        graph
    }

    /// Adds a node for each document; returns the nodes by kind and name.
    fn add_documents(&mut self, catalog: &'c Catalog) -> HashMap<(&'static str, String), NodeId> {
        let mut ids: HashMap<(&'static str, String), NodeId> = HashMap::new();
        let mut copies: HashMap<NodeId, usize> = HashMap::new();
        for document in catalog.documents() {
            if document.name().is_empty() {
                self.of_document.push(None);
                self.nameless += 1;
                continue;
            }
            let key = (document.kind.name, document.name().to_owned());
            let mut id = format!("{}/{}", key.0, key.1);
            if let Some(first) = ids.get(&key) {
                let copies = copies.entry(*first).or_insert(1);
                *copies += 1;
                id = format!("{id}#{copies}");
            }
            let node = self.add(id, key.0, &key.1, Some(document));
            ids.entry(key).or_insert(node);
            self.of_document.push(Some(node));
        }
        ids
    }

    fn add(
        &mut self,
        id: String,
        kind: &'static str,
        name: &str,
        document: Option<&'c Document>,
    ) -> NodeId {
        let promised = Promised::default();
        self.nodes.push(Node { id, kind, name: name.to_owned(), document, promised });
        self.leaving.push(Vec::new());
        self.leading.push(Vec::new());
        self.nodes.len() - 1
    }

    /// Adds what a document names; what is named and not there becomes a node of its own.
    fn add_references(
        &mut self,
        document: &Document,
        from: NodeId,
        ids: &mut HashMap<(&'static str, String), NodeId>,
    ) {
        let dependencies = document.spec::<Service>().map_or(&[][..], |one| &one.depends_on);
        let parts = document.spec::<ServiceLevelObjective>().map_or(&[][..], |one| &one.composite);
        let mut named = BTreeSet::new();
        for reference in &document.references {
            let key = (reference.kind, reference.name.clone());
            let to = ids.get(&key).copied().unwrap_or_else(|| {
                let id = format!("{}/{}", key.0, key.1);
                let to = self.add(id, key.0, &key.1, None);
                ids.insert(key, to);
                to
            });
            let relation = Relation::of(document.kind.name, reference.kind);
            let dependency = values(dependencies)
                .find(|one| one.service.place() == reference.place)
                .map(dependency);
            let weight = values(parts)
                .find(|one| one.slo.place() == reference.place)
                .map(|one| one.weight.value().copied().unwrap_or(1.0));
            // What is named for each of many, such as the holidays of people, is one thing that is referred to.
            if !named.insert(to) && dependency.is_none() && weight.is_none() {
                continue;
            }
            let place = Some(reference.place);
            self.connect(Edge { from, to, relation, place, dependency, weight, circular: false });
        }
    }

    /// Adds what the settings lead an objective to.
    fn add_defaults(
        &mut self,
        catalog: &Catalog,
        settings: &Settings,
        document: &Document,
        from: NodeId,
    ) {
        let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
        let mut ids = resolve::by_default(catalog, settings, document, slo);
        let policy = settings.default_for(&|key| document.label(key), |one| one.policy.value());
        if let Some(name) = policy.filter(|_| slo.policy.is_none()) {
            ids.extend(catalog.id_of(ErrorBudgetPolicy::KIND, name));
        }
        let already: BTreeSet<NodeId> =
            self.leaving[from].iter().map(|at| self.edges[*at].to).collect();
        for id in ids {
            let Some(to) = self.node(id) else { continue };
            // The source that an indicator names itself is reached through the indicator.
            if already.contains(&to) || self.reaches_in_two(from, to) {
                continue;
            }
            self.connect(Edge {
                from,
                to,
                relation: Relation::ByDefault,
                place: None,
                dependency: None,
                weight: None,
                circular: false,
            });
        }
    }

    /// Whether a document that `from` names names `to`.
    fn reaches_in_two(&self, from: NodeId, to: NodeId) -> bool {
        let steps = |node: NodeId| self.leaving[node].iter().map(|at| self.edges[*at].to);
        steps(from).any(|middle| {
            let document = self.nodes[middle].document;
            let node = (self.nodes[to].kind, self.nodes[to].name.as_str());
            document.is_some_and(|one| {
                one.references.iter().any(|other| (other.kind, other.name.as_str()) == node)
            })
        })
    }

    fn connect(&mut self, edge: Edge) {
        let at = self.edges.len();
        self.leaving[edge.from].push(at);
        self.leading[edge.to].push(at);
        self.edges.push(edge);
    }

    /// Adds what the documents promise, and what the services that they need permit.
    fn promise(&mut self, catalog: &Catalog, settings: &Settings) {
        let behind = Behind::of(catalog);
        let mut ceilings = promise::Ceilings::new(&behind);
        for node in &mut self.nodes {
            if let Some(document) = node.document {
                node.promised = Promised::of(catalog, settings, document, &mut ceilings);
            }
        }
    }

    fn find_circles(&mut self) {
        let names: Vec<&str> = self.nodes.iter().map(|node| node.id.as_str()).collect();
        let to = |at: &usize| circles::Edge {
            to: self.edges[*at].to,
            place: self.edges[*at].place.unwrap_or_default(),
        };
        let edges: Vec<Vec<circles::Edge>> =
            self.leaving.iter().map(|leaving| leaving.iter().map(to).collect()).collect();
        let found = circles::circles(&names, &edges);
        let steps: BTreeSet<(NodeId, NodeId)> =
            found.iter().flatten().map(|step| (step.from, step.edge.to)).collect();
        self.circles =
            found.iter().map(|circle| circle.iter().map(|step| step.from).collect()).collect();
        for edge in &mut self.edges {
            edge.circular = steps.contains(&(edge.from, edge.to));
        }
    }

    /// The answer: a tree for people, edges for CSV, nodes and edges for machines.
    pub fn report(&self, part: &Part, sources: &SourceMap) -> Report {
        self.answer(part, sources).blocks(self.tree(part)).blocks(self.footer(part))
    }

    /// The answer with a picture for people who read it where Mermaid is drawn: on a pull request, say.
    pub fn report_with_mermaid(&self, part: &Part, sources: &SourceMap) -> Report {
        let picture = Block::code("mermaid", self.mermaid(part));
        self.answer(part, sources).block(picture).blocks(self.footer(part))
    }

    fn answer(&self, part: &Part, sources: &SourceMap) -> Report {
        Report::of(&form::answer(self, part, sources)).block(self.table(part))
    }

    /// The edges as CSV has them.
    fn table(&self, part: &Part) -> Table {
        let headings = ["From", "Relation", "To", "Criticality", "Redundancy", "Resolved"];
        let mut table =
            Table::new().columns(headings.map(|heading| Column::new(heading).for_machines()));
        for edge in self.edges_of(part) {
            let (criticality, copies) = edge.dependency.unzip();
            table.push([
                Cell::text(self.nodes[edge.from].id.clone()),
                Cell::text(edge.relation.name()),
                Cell::text(self.nodes[edge.to].id.clone()),
                criticality.map_or(Cell::Missing, |one| Cell::text(one.name())),
                copies.map_or(Cell::Missing, |copies| Cell::count(u64::from(copies))),
                Cell::text(self.nodes[edge.to].document.is_some().to_string()),
            ]);
        }
        table
    }

    /// The edges between the nodes of a part.
    fn edges_of<'g>(&'g self, part: &'g Part) -> impl Iterator<Item = &'g Edge> {
        self.edges.iter().filter(|edge| part.holds(edge.from) && part.holds(edge.to))
    }

    /// How much is shown, and what is wrong with it.
    fn footer(&self, part: &Part) -> Vec<Block> {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        let mut missing = 0;
        for node in self.nodes.iter().enumerate().filter(|(id, _)| part.holds(*id)).map(|(_, n)| n)
        {
            match node.document {
                Some(_) => *kinds.entry(node.kind).or_default() += 1,
                None => missing += 1,
            }
        }
        let documents = words::plural(kinds.values().sum(), "document");
        let references = words::plural(self.edges_of(part).count() as u64, "reference");
        let mut text = Text::new().muted(format!("{documents}, {references}"));
        if missing > 0 {
            text = text.muted(", ").warning(format!("{missing} not in the catalog"));
        }
        if self.nameless > 0 {
            text = text.muted(format!(", {} without a name left out", self.nameless));
        }
        let circles: Vec<Text> = self
            .circles
            .iter()
            .filter(|circle| circle.iter().all(|node| part.holds(*node)))
            .map(|circle| self.circle(circle))
            .collect();
        let mut blocks = vec![Block::paragraph(text)];
        if !circles.is_empty() {
            blocks.push(Block::heading("cycles"));
            blocks.push(Block::list(circles));
        }
        blocks
    }

    /// `a -> b -> a`, of a long circle its beginning and its end.
    fn circle(&self, circle: &[NodeId]) -> Text {
        let mut names: VecDeque<&str> = circle
            .iter()
            .chain(circle.first())
            .map(|node| self.nodes[*node].name.as_str())
            .collect();
        if names.len() > 2 * circles::SHOWN + 1 {
            let end = names.split_off(names.len() - circles::SHOWN);
            names.truncate(circles::SHOWN);
            names.push_back("...");
            names.extend(end);
        }
        let shown: Vec<&str> = names.into_iter().collect();
        Text::new().warning(shown.join(" -> "))
    }

    /// The node of a document.
    pub fn node(&self, id: DocumentId) -> Option<usize> {
        self.of_document.get(id).copied().flatten()
    }
}

/// What a service loses with one that it needs, and how many copies of that there are.
fn dependency(dependency: &Dependency) -> (Criticality, u8) {
    let criticality = if is_hard(dependency) { Criticality::Hard } else { Criticality::Soft };
    (criticality, dependency.redundancy.value().copied().unwrap_or(1).max(1))
}

/// The service that a document speaks of, by its references.
fn service_of(document: &Document) -> Option<&str> {
    if let Some(slo) = document.spec::<ServiceLevelObjective>() {
        return slo.service.as_ref().and_then(Field::get).map(Ref::name);
    }
    let mut services = document.references.iter().filter(|one| one.kind == Service::KIND);
    services.next().filter(|_| document.kind.name != Service::KIND).map(|one| one.name.as_str())
}
