//! Services that need each other in a circle.
use crate::{
    domains::service::dependencies::{Dependencies, Need, Node},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
    },
};
use std::collections::{HashMap, HashSet, VecDeque};

pub(super) static RULE: Rule = Rule {
    code: "SVC002",
    name: "dependency-cycle",
    level: Level::Error,
    fixable: false,
    page: include_str!("dependency-cycle.md"),
    check: Check::Catalog(check),
};

/// Services that are shown at each end of a circle: a message is to be read.
const SHOWN: usize = 8;

/// Circles that are printed of one knot of services; the others appear once these are undone.
const CYCLES_PER_KNOT: usize = 10;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let graph = Dependencies::of(context.catalog);
    for knot in knots(&graph) {
        findings.extend(cycles(&graph, &knot).iter().map(|cycle| finding(&graph, cycle)));
    }
}

/// One step of a circle: who needs, and what.
type Step = (Node, Need);

fn finding(graph: &Dependencies<'_>, cycle: &[Step]) -> Finding {
    let first = graph.name(cycle[0].0);
    let message = format!("`{first}` needs itself in the end: {}", chain(graph, cycle));
    let text = |step: &Step| format!("`{}` needs `{}`", graph.name(step.0), graph.name(step.1.on));
    let start = Finding::new(&RULE, cycle[0].1.place, message).label(text(&cycle[0]));
    cycle[1..]
        .iter()
        .take(2 * SHOWN)
        .fold(start, |finding, step| finding.related(step.1.place, text(step)))
        .help("make one of these dependencies `criticality: soft`, or remove it")
}

/// `a → b → c → a`; of a long circle its beginning and its end.
fn chain(graph: &Dependencies<'_>, cycle: &[Step]) -> String {
    let needed = cycle.iter().map(|(_, need)| graph.name(need.on));
    let mut names: Vec<&str> = std::iter::once(graph.name(cycle[0].0)).chain(needed).collect();
    if names.len() > 2 * SHOWN + 1 {
        names.splice(SHOWN..names.len() - SHOWN, ["…"]);
    }
    names.join(" → ")
}

/// Groups of two and more services each of which needs all others, by the least name in each.
///
/// Tarjan's algorithm with its own stack: a chain of dependencies may be as long as the catalog.
fn knots(graph: &Dependencies<'_>) -> Vec<Vec<Node>> {
    let mut search = Tarjan { order: vec![None; graph.len()], ..Tarjan::default() };
    search.low = vec![0; graph.len()];
    search.on_stack = vec![false; graph.len()];
    for node in 0..graph.len() {
        if search.order[node].is_none() {
            search.run(graph, node);
        }
    }
    for knot in &mut search.found {
        knot.sort_by_key(|node| graph.name(*node));
    }
    search.found.sort_by_key(|knot| graph.name(knot[0]));
    search.found
}

#[derive(Default)]
struct Tarjan {
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<Node>,
    visited: usize,
    found: Vec<Vec<Node>>,
}

impl Tarjan {
    fn run(&mut self, graph: &Dependencies<'_>, start: Node) {
        let mut open = vec![(start, 0)];
        self.enter(start);
        while let Some((node, next)) = open.last_mut() {
            let node = *node;
            let Some(need) = graph.needs(node).get(*next) else {
                open.pop();
                if let Some((parent, _)) = open.last() {
                    self.low[*parent] = self.low[*parent].min(self.low[node]);
                }
                self.leave(node);
                continue;
            };
            *next += 1;
            match self.order[need.on] {
                None => {
                    self.enter(need.on);
                    open.push((need.on, 0));
                }
                Some(order) if self.on_stack[need.on] => {
                    self.low[node] = self.low[node].min(order);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: Node) {
        self.order[node] = Some(self.visited);
        self.low[node] = self.visited;
        self.visited += 1;
        self.on_stack[node] = true;
        self.stack.push(node);
    }

    fn leave(&mut self, node: Node) {
        if self.order[node] != Some(self.low[node]) {
            return;
        }
        let mut knot = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            knot.push(member);
            if member == node {
                break;
            }
        }
        if knot.len() > 1 {
            self.found.push(knot);
        }
    }
}

/// Short circles that together hold every dependency within the knot, as far as the limit goes.
fn cycles(graph: &Dependencies<'_>, knot: &[Node]) -> Vec<Vec<Step>> {
    let members: HashSet<Node> = knot.iter().copied().collect();
    let mut covered: HashSet<Place> = HashSet::new();
    let mut found = Vec::new();
    for &node in knot {
        for need in graph.needs(node) {
            if found.len() == CYCLES_PER_KNOT {
                return found;
            }
            if !members.contains(&need.on) || covered.contains(&need.place) {
                continue;
            }
            if let Some(cycle) = shortest_cycle(graph, &members, node, *need) {
                covered.extend(cycle.iter().map(|(_, need)| need.place));
                found.push(cycle);
            }
        }
    }
    found
}

/// The shortest circle that begins with `first`.
fn shortest_cycle(
    graph: &Dependencies<'_>,
    members: &HashSet<Node>,
    from: Node,
    first: Need,
) -> Option<Vec<Step>> {
    let mut before: HashMap<Node, Step> = HashMap::new();
    let mut queue = VecDeque::from([first.on]);
    while let Some(node) = queue.pop_front() {
        if node == from {
            break;
        }
        for need in graph.needs(node).iter().filter(|need| members.contains(&need.on)) {
            if need.on != first.on && !before.contains_key(&need.on) {
                before.insert(need.on, (node, *need));
                queue.push_back(need.on);
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = from;
    while at != first.on {
        let step = *before.get(&at)?;
        steps.push(step);
        at = step.0;
    }
    steps.push((from, first));
    steps.reverse();
    Some(steps)
}
