//! An objective that the services behind it do not permit.
use crate::{
    domains::{
        service::{
            attainability::Availability,
            dependencies::{Dependencies, Follow, Reached},
        },
        slo::{
            rules::resolved::{Promise, availability_promises, promises_availability},
            spec::ServiceLevelObjective,
        },
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Catalog, Optional},
        units::Ratio,
    },
};
use std::collections::{BTreeMap, HashSet};

pub(super) static RULE: Rule = Rule {
    code: "SLO011",
    name: "slo-stricter-than-dependencies",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-stricter-than-dependencies.md"),
    check: Check::Catalog(check),
};

/// Chains, factors and places that are shown, and half of the steps of a chain: a message is to be
/// read.
const SHOWN: usize = 5;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let graph = Dependencies::of(context.catalog);
    let mut follow = Follow::new(&graph);
    let by_name = availability_promises(context.catalog);
    let by_node: Vec<Option<Promise<'_>>> =
        (0..graph.len()).map(|node| by_name.get(graph.name(node)).copied()).collect();
    for (service, objectives) in objectives(context.catalog) {
        if let Some(ceiling) = Ceiling::of(service, &graph, &mut follow, &by_node) {
            let stricter =
                objectives.into_iter().filter(|(target, _)| ceiling.permits.is_below(*target));
            findings.extend(stricter.map(|(target, place)| finding(&ceiling, target, place)));
        }
    }
}

/// The targets of availability of each service, and where they stand.
fn objectives(catalog: &Catalog) -> BTreeMap<&str, Vec<(Ratio, Place)>> {
    let mut objectives: BTreeMap<&str, Vec<(Ratio, Place)>> = BTreeMap::new();
    for (document, slo) in catalog.iter::<ServiceLevelObjective>() {
        if let (Some(service), Some((target, place))) = (slo.service.value(), slo.target.pair())
            && document.clean
            && promises_availability(catalog, document, slo)
        {
            objectives.entry(service.name()).or_default().push((*target, place));
        }
    }
    objectives
}

fn finding(ceiling: &Ceiling<'_>, target: Ratio, place: Place) -> Finding {
    let message = format!(
        "{} cannot be kept: {}: at most {}",
        target.percent(),
        ceiling.chains(),
        ceiling.permits
    );
    let finding = Finding::new(&RULE, place, message).label(ceiling.arithmetic());
    ceiling
        .promising()
        .take(SHOWN)
        .fold(finding, |finding, (part, promise)| {
            finding
                .related(part.place, format!("`{}` is needed here", ceiling.name(part)))
                .related(promise.place, format!("`{}`", promise.document.name()))
        })
        .help(
            "lower the target, raise those of the dependencies, or make one of them \
             `criticality: soft` or redundant",
        )
}

/// What the hard dependencies of a service permit.
struct Ceiling<'c> {
    service: &'c str,
    graph: &'c Dependencies<'c>,
    parts: Vec<(Reached, Option<Promise<'c>>)>,
    permits: Availability,
}

impl<'c> Ceiling<'c> {
    /// `None` where no service behind it promises anything.
    fn of(
        service: &'c str,
        graph: &'c Dependencies<'c>,
        follow: &mut Follow<'c, 'c>,
        promises: &[Option<Promise<'c>>],
    ) -> Option<Self> {
        let reached = follow.from(graph.node(service)?);
        let parts: Vec<_> = reached.into_iter().map(|part| (part, promises[part.node])).collect();
        let mut ceiling = Self { service, graph, parts, permits: Availability::FULL };
        let available = ceiling.promising().map(|(part, promise)| of_part(*part, promise.target));
        let permits = Availability::of_all(available);
        ceiling.permits = permits;
        (permits < Availability::FULL).then_some(ceiling)
    }

    fn promising(&self) -> impl Iterator<Item = (&Reached, &Promise<'c>)> {
        self.parts.iter().filter_map(|(part, promise)| Some((part, promise.as_ref()?)))
    }

    fn name(&self, part: &Reached) -> &'c str {
        self.graph.name(part.node)
    }

    /// `checkout → payments (99.9%) → ledger (99.9%)`; several chains stand side by side, and each
    /// service has its objective beside it where it is named first.
    fn chains(&self) -> String {
        let ends = self.ends();
        let mut seen = HashSet::new();
        let mut chains: Vec<String> = ends
            .iter()
            .take(SHOWN)
            .map(|end| {
                let names = self.way_to(*end).into_iter().map(|step| match step {
                    Some(at) => self.step(at, seen.insert(at)),
                    None => "…".to_owned(),
                });
                let chain: Vec<String> =
                    std::iter::once(self.service.to_owned()).chain(names).collect();
                chain.join(" → ")
            })
            .collect();
        if ends.len() > SHOWN {
            chains.push(format!("and {} more chains", ends.len() - SHOWN));
        }
        chains.join(", ")
    }

    /// The steps from the service to that part; `None` for those left out of the middle.
    fn way_to(&self, end: usize) -> Vec<Option<usize>> {
        let before = |at: &usize| self.parts[*at].0.through;
        let mut steps: Vec<Option<usize>> =
            std::iter::successors(Some(end), before).map(Some).collect();
        steps.reverse();
        if steps.len() > 2 * SHOWN {
            steps.splice(SHOWN..=steps.len() - SHOWN, [None]);
        }
        steps
    }

    fn step(&self, at: usize, first: bool) -> String {
        let (part, promise) = &self.parts[at];
        let name = self.name(part);
        match promise {
            Some(promise) if first => {
                let target = promise.target.percent();
                if part.copies > 1 {
                    let together = of_part(*part, promise.target);
                    format!("{name} ({} copies of {target} = {together})", part.copies)
                } else {
                    format!("{name} ({target})")
                }
            }
            None if first => format!("{name} (no objective)"),
            _ => name.to_owned(),
        }
    }

    /// The parts with a promise that are on the way to no further one.
    fn ends(&self) -> Vec<usize> {
        let mut leads_on = vec![false; self.parts.len()];
        for (at, (part, promise)) in self.parts.iter().enumerate().rev() {
            if let Some(before) = part.through {
                leads_on[before] |= promise.is_some() || leads_on[at];
            }
        }
        let end = |at: &usize| self.parts[*at].1.is_some() && !leads_on[*at];
        (0..self.parts.len()).filter(end).collect()
    }

    /// `99.9% × 99.9% = 99.8001%`.
    fn arithmetic(&self) -> String {
        let factors: Vec<String> = self
            .promising()
            .take(SHOWN)
            .map(|(part, promise)| of_part(*part, promise.target).to_string())
            .collect();
        let more = if self.promising().nth(SHOWN).is_some() { " × …" } else { "" };
        format!("{}{more} = {}", factors.join(" × "), self.permits)
    }
}

/// What the copies of a part that promises `target` each make available.
fn of_part(part: Reached, target: Ratio) -> Availability {
    Availability::from(target).copies(part.copies)
}
