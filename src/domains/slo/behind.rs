//! What stands behind a service, and what that left for the service's own objectives.
//!
//! The services are those that [`crate::domains::service::dependencies`] follows; each is judged by the
//! strictest objective of availability that it has, the one whose target counts in the product of what
//! is declared. See [`ceiling`] for what is made of the measurements.
use super::{
    engine::ceiling::{self, Ceiling, Part},
    promises::{self, Promise},
};
use crate::{
    domains::service::{
        attainability::Availability,
        dependencies::{Dependencies, Follow},
    },
    kernel::{
        series::{EventCount, EventSeries},
        spec::{Catalog, Document},
        units::{Instant, Ratio},
    },
};
use std::collections::HashMap;

/// What the services of a catalog need and promise.
#[derive(Debug)]
pub struct Behind<'c> {
    graph: Dependencies<'c>,
    promises: HashMap<&'c str, Promise<'c>>,
}

/// A service that another needs.
#[derive(Clone, Copy, Debug)]
pub struct Need<'c> {
    /// Its name.
    pub service: &'c str,
    /// Independent copies of it, any one of which is enough; 1 or more.
    pub copies: u8,
    /// Its strictest objective of availability, and the target of that.
    pub objective: Option<(&'c Document, Ratio)>,
}

impl<'c> Behind<'c> {
    /// That of a catalog.
    pub fn of(catalog: &'c Catalog) -> Self {
        Self {
            graph: Dependencies::of(catalog),
            promises: promises::availability_promises(catalog),
        }
    }

    /// Everything that a service cannot do without, near ones first; nothing for an unknown one.
    pub fn needs(&self, service: &str) -> Vec<Need<'c>> {
        let Some(node) = self.graph.node(service) else { return Vec::new() };
        let reached = Follow::new(&self.graph).from(node).into_iter();
        let need = reached.map(|reached| {
            let service = self.graph.name(reached.node);
            let promise = self.promises.get(service);
            let objective = promise.map(|promise| (promise.document, promise.target));
            Need { service, copies: reached.copies, objective }
        });
        need.collect()
    }
}

/// The product of what `needs` promise, each with its copies; `None` where none promises anything.
pub fn declared(needs: &[Need<'_>]) -> Option<Availability> {
    let promised: Vec<Availability> = needs
        .iter()
        .filter_map(|need| Some(Availability::from(need.objective?.1).copies(need.copies)))
        .collect();
    (!promised.is_empty()).then(|| Availability::of_all(promised))
}

/// What the dependencies of a service left for an objective of it, over its window.
#[derive(Clone, Debug)]
pub struct Left {
    /// The target of the objective.
    pub target: Ratio,
    /// The product of what is declared; `None` where nothing is.
    pub declared: Option<Availability>,
    /// How good a service could be that fails with all of those that were measured; `None` without any.
    pub ceiling: Option<Ceiling>,
    /// The dependencies, near ones first.
    pub dependencies: Vec<LeftBy>,
}

/// One dependency, and what is known of it.
#[derive(Clone, Debug)]
pub struct LeftBy {
    /// The service.
    pub service: String,
    /// The objective by which it is judged.
    pub objective: Option<String>,
    /// The target of that.
    pub target: Option<Ratio>,
    /// Independent copies of it, any one of which is enough; 1 or more.
    pub copies: u8,
    /// What was measured, or why nothing is known.
    pub measured: Result<Lost, String>,
}

/// What one dependency lost over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Its events.
    pub events: EventCount,
    /// What it lost of the time, alone and with others.
    pub part: Part,
}

/// Whether dependencies permit a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attainable {
    /// However their losses overlap.
    Yes,
    /// Only if their losses overlap enough within the steps that were measured.
    Perhaps,
    /// However their losses overlap, they lost more than the target permits.
    No,
    /// Nothing was measured.
    Unknown,
}

impl Left {
    /// What `needs` left for an objective over `[from, to)`; `series` finds the events of a need, or says
    /// why there are none.
    ///
    /// Of a service with several independent copies, what is measured are the events of all of them; when
    /// all failed at once is not known, so it has no part in the ceiling, in favour of the service.
    pub fn of<'s>(
        needs: &[Need<'_>],
        target: Ratio,
        window: (Instant, Instant),
        series: impl Fn(&Need<'_>) -> Result<Vec<&'s EventSeries>, String>,
    ) -> Self {
        let found: Vec<_> = needs
            .iter()
            .map(|need| match (need.objective, need.copies) {
                (None, _) => Err("it has no objective of availability".to_owned()),
                (Some(_), 2..) => {
                    Err("when all of its copies failed at once is not measured".to_owned())
                }
                (Some(_), _) => series(need).and_then(|series| {
                    let any = series.iter().any(|one| one.window(window.0, window.1).measured > 0);
                    let none = || "nothing was measured in the window".to_owned();
                    any.then_some(series).ok_or_else(none)
                }),
            })
            .collect();
        let measured: Vec<_> = needs
            .iter()
            .zip(&found)
            .filter_map(|(need, found)| {
                Some(ceiling::Dependency { name: need.service, series: found.as_ref().ok()? })
            })
            .collect();
        let ceiling = ceiling::measured(&measured, window, ceiling::Loss::Share);
        let mut parts = ceiling.iter().flat_map(|ceiling| &ceiling.parts);
        let dependencies = needs.iter().zip(&found).map(|(need, found)| {
            let measured = found.as_ref().map_err(Clone::clone).and_then(|series| {
                let counts = series.iter().map(|one| one.window(window.0, window.1).events);
                let events = counts.fold(EventCount::default(), |sum, events| sum + events);
                let part = parts.next().cloned();
                part.map(|part| Lost { events, part }).ok_or_else(|| "not measured".to_owned())
            });
            LeftBy {
                service: need.service.to_owned(),
                objective: need.objective.map(|(document, _)| document.name().to_owned()),
                target: need.objective.map(|(_, target)| target),
                copies: need.copies,
                measured,
            }
        });
        let dependencies = dependencies.collect();
        Self { target, declared: declared(needs), ceiling, dependencies }
    }

    /// Whether the target is attainable with what was measured.
    pub fn attainable(&self) -> Attainable {
        // A target has nine digits; sums of many losses are less exact by far less than that.
        const SLACK: f64 = 1e-12;
        let Some(ceiling) = &self.ceiling else { return Attainable::Unknown };
        let target = self.target.as_f64() - SLACK;
        if target <= ceiling.at_least {
            Attainable::Yes
        } else if target <= ceiling.at_most {
            Attainable::Perhaps
        } else {
            Attainable::No
        }
    }

    /// Whether the product of what is declared permits the target; `None` where nothing is declared.
    pub fn attainable_as_declared(&self) -> Option<bool> {
        self.declared.map(|declared| !declared.is_below(self.target))
    }

    /// How many dependencies were measured.
    pub fn measured(&self) -> usize {
        self.dependencies.iter().filter(|one| one.measured.is_ok()).count()
    }
}
