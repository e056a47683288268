//! What services promise of their availability.
use super::{
    resolve,
    spec::{Category, Indicator, ServiceLevelObjective as Objective},
};
use crate::kernel::{
    source::Place,
    spec::{Catalog, Document, Optional},
    units::Ratio,
};
use std::collections::HashMap;

/// The histograms of an indicator: under which field, as written, and where.
pub fn histograms(indicator: &Indicator) -> impl Iterator<Item = (&str, &str, Place)> {
    let queries = indicator.prometheus.value().into_iter();
    let fields = queries.flat_map(|way| {
        [("histogram", &way.histogram), ("native_histogram", &way.native_histogram)]
    });
    fields
        .filter_map(|(name, field)| field.pair().map(|(text, place)| (name, text.as_str(), place)))
}

/// Where an indicator names what the objective's threshold limits: a column of times, or a histogram.
pub fn judges_latency(indicator: &Indicator) -> Option<Place> {
    let column = indicator.events.value().and_then(|events| events.latency.pair());
    let histogram = || histograms(indicator).next().map(|(_, _, place)| place);
    column.map(|(_, place)| place).or_else(histogram)
}

/// Whether an objective speaks of a service that answers at all, as opposed to fast, fresh or right
/// answers. Where nothing says, it does; a composite, of which some parts may be of either, does not.
pub fn promises_availability(catalog: &Catalog, document: &Document, slo: &Objective) -> bool {
    if !slo.composite.is_empty() {
        return false;
    }
    let indicator = resolve::indicator_of(catalog, document, slo).map(|(_, indicator)| indicator);
    match indicator.and_then(|indicator| indicator.category.value()) {
        Some(category) => *category == Category::Availability,
        None => slo.threshold.is_none() && indicator.and_then(judges_latency).is_none(),
    }
}

/// A promise of availability.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'c> {
    /// The objective.
    pub document: &'c Document,
    /// What is promised.
    pub target: Ratio,
    /// Where that stands.
    pub place: Place,
}

/// What each service promises for its availability; of several promises the strictest one.
pub fn availability_promises(catalog: &Catalog) -> HashMap<&str, Promise<'_>> {
    let mut promises: HashMap<&str, Promise<'_>> = HashMap::new();
    for (document, slo) in catalog.iter::<Objective>() {
        let (Some(service), Some((target, place))) = (slo.service.value(), slo.target.pair())
        else {
            continue;
        };
        if !document.clean || !promises_availability(catalog, document, slo) {
            continue;
        }
        let promise = Promise { document, target: *target, place };
        let best = promises.entry(service.name()).or_insert(promise);
        if best.target < promise.target {
            *best = promise;
        }
    }
    promises
}
