//! Things that lead back to themselves: services that need each other, objectives that contain each
//! other.
use crate::kernel::source::Place;
use std::collections::{HashMap, HashSet, VecDeque};

/// Members that are shown at each end of a circle: a message is to be read.
pub const SHOWN: usize = 8;

/// Circles that are found in one knot; the others appear once these are undone.
const CIRCLES_PER_KNOT: usize = 10;

/// That one thing names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index of what is named.
    pub to: usize,
    /// Where it is named.
    pub place: Place,
}

/// One step of a circle: who names, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index of who names.
    pub from: usize,
    /// What it names, and where.
    pub edge: Edge,
}

/// Short circles that together hold every edge on a circle, as far as a limit for each knot of them
/// goes; each begins with the least name that it can. `edges` are those of each thing, `names` what
/// they are called.
pub fn circles(names: &[&str], edges: &[Vec<Edge>]) -> Vec<Vec<Step>> {
    knots(names, edges).iter().flat_map(|knot| within(edges, knot)).collect()
}

/// `a → b → c → a`; of a long circle its beginning and its end.
pub fn chain(names: &[&str], circle: &[Step]) -> String {
    let first = circle.first().map(|step| names[step.from]);
    let reached = circle.iter().map(|step| names[step.edge.to]);
    let mut shown: Vec<&str> = first.into_iter().chain(reached).collect();
    if shown.len() > 2 * SHOWN + 1 {
        shown.splice(SHOWN..shown.len() - SHOWN, ["…"]);
    }
    shown.join(" → ")
}

/// Groups each member of which leads to all others, itself included, by the least name in each.
///
/// Tarjan's algorithm with its own stack: a chain may be as long as a catalog.
fn knots(names: &[&str], edges: &[Vec<Edge>]) -> Vec<Vec<usize>> {
    let mut search = Tarjan { order: vec![None; edges.len()], ..Tarjan::default() };
    search.low = vec![0; edges.len()];
    search.on_stack = vec![false; edges.len()];
    for node in 0..edges.len() {
        if search.order[node].is_none() {
            search.run(edges, node);
        }
    }
    for knot in &mut search.found {
        knot.sort_by_key(|node| names[*node]);
    }
    search.found.sort_by_key(|knot| names[knot[0]]);
    search.found
}

#[derive(Default)]
struct Tarjan {
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    visited: usize,
    found: Vec<Vec<usize>>,
}

impl Tarjan {
    fn run(&mut self, edges: &[Vec<Edge>], start: usize) {
        let mut open = vec![(start, 0)];
        self.enter(start);
        while let Some((node, next)) = open.last_mut() {
            let node = *node;
            let Some(edge) = edges[node].get(*next) else {
                open.pop();
                if let Some((parent, _)) = open.last() {
                    self.low[*parent] = self.low[*parent].min(self.low[node]);
                }
                self.leave(edges, node);
                continue;
            };
            *next += 1;
            match self.order[edge.to] {
                None => {
                    self.enter(edge.to);
                    open.push((edge.to, 0));
                }
                Some(order) if self.on_stack[edge.to] => {
                    self.low[node] = self.low[node].min(order);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = Some(self.visited);
        self.low[node] = self.visited;
        self.visited += 1;
        self.on_stack[node] = true;
        self.stack.push(node);
    }

    fn leave(&mut self, edges: &[Vec<Edge>], node: usize) {
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
        if knot.len() > 1 || edges[node].iter().any(|edge| edge.to == node) {
            self.found.push(knot);
        }
    }
}

/// The circles of one knot.
fn within(edges: &[Vec<Edge>], knot: &[usize]) -> Vec<Vec<Step>> {
    let members: HashSet<usize> = knot.iter().copied().collect();
    let mut covered: HashSet<Place> = HashSet::new();
    let mut found = Vec::new();
    for &node in knot {
        for edge in &edges[node] {
            if found.len() == CIRCLES_PER_KNOT {
                return found;
            }
            if !members.contains(&edge.to) || covered.contains(&edge.place) {
                continue;
            }
            if let Some(circle) = shortest(edges, &members, node, *edge) {
                covered.extend(circle.iter().map(|step| step.edge.place));
                found.push(circle);
            }
        }
    }
    found
}

/// The shortest circle that begins with `first`.
fn shortest(
    edges: &[Vec<Edge>],
    members: &HashSet<usize>,
    from: usize,
    first: Edge,
) -> Option<Vec<Step>> {
    let mut before: HashMap<usize, Step> = HashMap::new();
    let mut queue = VecDeque::from([first.to]);
    while let Some(node) = queue.pop_front() {
        if node == from {
            break;
        }
        for edge in edges[node].iter().filter(|edge| members.contains(&edge.to)) {
            if edge.to != first.to && !before.contains_key(&edge.to) {
                before.insert(edge.to, Step { from: node, edge: *edge });
                queue.push_back(edge.to);
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = from;
    while at != first.to {
        let step = *before.get(&at)?;
        steps.push(step);
        at = step.from;
    }
    steps.push(Step { from, edge: first });
    steps.reverse();
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

    fn graph(pairs: &[(usize, usize)]) -> Vec<Vec<Edge>> {
        let mut edges = vec![Vec::new(); NAMES.len()];
        for (at, (from, to)) in pairs.iter().enumerate() {
            let start = u32::try_from(at).unwrap();
            let place = Place { start, end: start + 1, ..Place::default() };
            edges[*from].push(Edge { to: *to, place });
        }
        edges
    }

    #[track_caller]
    fn check(pairs: &[(usize, usize)], expected: &[&str]) {
        let found = circles(&NAMES, &graph(pairs));
        let found: Vec<String> = found.iter().map(|circle| chain(&NAMES, circle)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn circles_are_found_however_short() {
        check(&[(0, 1), (1, 2)], &[]);
        check(&[(3, 3)], &["d → d"]);
        check(&[(2, 1), (1, 2), (2, 2)], &["b → c → b", "c → c"]);
        check(&[(5, 4), (4, 3), (3, 5), (0, 5)], &["d → f → e → d"]);
    }

    proptest! {
        /// A pair of things is on a circle exactly where the second leads back to the first.
        #[test]
        fn every_circle_is_one_and_every_knot_has_some(
            pairs in prop::collection::btree_set((0usize..6, 0usize..6), 0..14)
        ) {
            let pairs: Vec<_> = pairs.into_iter().collect();
            let edges = graph(&pairs);
            let mut reaches = [[false; 6]; 6];
            for (from, to) in &pairs {
                reaches[*from][*to] = true;
            }
            for through in 0..6 {
                for from in 0..6 {
                    for to in 0..6 {
                        reaches[from][to] |= reaches[from][through] && reaches[through][to];
                    }
                }
            }
            let found = circles(&NAMES, &edges);
            let mut on_some = [false; 6];
            for circle in &found {
                for (step, next) in circle.iter().zip(circle.iter().cycle().skip(1)) {
                    prop_assert!(edges[step.from].contains(&step.edge));
                    prop_assert_eq!(step.edge.to, next.from);
                    on_some[step.from] = true;
                }
            }
            let on_circles: Vec<bool> = (0..6).map(|node| reaches[node][node]).collect();
            // The limit of circles may leave out some of a knot that has very many.
            let cut = found.len() >= CIRCLES_PER_KNOT;
            prop_assert!(cut || on_circles == on_some, "{:?} {:?}", on_circles, on_some);
        }
    }
}
