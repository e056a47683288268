//! From an incident as it is written to what is computed with.
mod levels;

pub use levels::levels;

use super::{
    engine::{
        Clocks, Event, Impact, Record,
        levels::{CountedFrom, Levels, SeverityAt},
    },
    spec::{EventSpec, ImpactSpec, Incident, IncidentResponse},
};
use crate::kernel::spec::{Catalog, Document, Field, Moment, Name, Optional as _, values};
use std::collections::BTreeMap;

/// An incident with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedIncident<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a Incident,
    /// What is computed with.
    pub record: Record,
}

/// Resolves an incident. What could not be read of it was told, and is missing here.
pub fn resolve<'a>(document: &'a Document, spec: &'a Incident) -> ResolvedIncident<'a> {
    let record = Record {
        id: document.name().to_owned(),
        title: spec.title.get().cloned().unwrap_or_default(),
        first_severity: spec.severity.value().map(ToString::to_string),
        services: values(&spec.services).map(|service| service.name().to_owned()).collect(),
        slos: values(&spec.slos).map(|slo| slo.name().to_owned()).collect(),
        causes: values(&spec.causes).map(ToString::to_string).collect(),
        impact: values(&spec.impact).filter_map(impact).collect(),
        events: Vec::new(),
        clocks: Clocks::default(),
    };
    let timeline = spec.timeline.get().map_or(&[][..], Vec::as_slice);
    let events = timeline.iter().enumerate();
    let events = events.filter_map(|(position, spec)| event(position, spec.get()?)).collect();
    ResolvedIncident { document, spec, record: record.with_events(events) }
}

fn event(position: usize, spec: &EventSpec) -> Option<Event> {
    let instant = |moment: &Option<Field<Moment>>| moment.value().map(|moment| moment.0);
    let name = |name: &Option<Field<Name>>| name.value().map(ToString::to_string);
    Some(Event {
        at: spec.at.get()?.0,
        event: *spec.event.get()?,
        by: spec.by.value().cloned(),
        note: spec.note.value().cloned(),
        severity: name(&spec.severity),
        role: name(&spec.role).zip(spec.person.value().cloned()),
        link: spec.link.value().cloned(),
        recorded_at: instant(&spec.recorded_at),
        position,
    })
}

fn impact(spec: &ImpactSpec) -> Option<Impact> {
    Some(Impact {
        from: spec.from.get()?.0,
        to: spec.to.value().map(|moment| moment.0),
        slo: spec.slo.value().map(|slo| slo.name().to_owned()),
        bad_fraction: spec.bad_fraction.value().copied(),
        bad_events: spec.bad_events.value().copied(),
    })
}

/// All incidents of a catalog, by name.
pub fn all(catalog: &Catalog) -> Vec<ResolvedIncident<'_>> {
    catalog.iter::<Incident>().map(|(document, spec)| resolve(document, spec)).collect()
}

/// What the severities of an incident mean: what it names, else the only one of the catalog.
pub fn response_of<'a>(
    catalog: &'a Catalog,
    spec: &Incident,
) -> Option<(&'a Document, &'a IncidentResponse)> {
    if let Some(name) = &spec.response {
        return catalog.get(name.get()?.name());
    }
    let mut all = catalog.iter();
    all.next().filter(|_| all.next().is_none())
}

/// The severities of an incident; none where it is not known which it has.
pub fn levels_of(catalog: &Catalog, spec: &Incident) -> Levels {
    let response = response_of(catalog, spec);
    response.map(|(_, response)| levels(catalog, response)).unwrap_or_default()
}

/// The severities of all incidents of a catalog, each resolved once.
#[derive(Clone, Debug, Default)]
pub struct Severities {
    named: BTreeMap<String, Levels>,
    only: Levels,
}

impl Severities {
    /// Those of a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let all = catalog.iter::<IncidentResponse>();
        let named: BTreeMap<String, Levels> = all
            .map(|(document, response)| (document.name().to_owned(), levels(catalog, response)))
            .collect();
        let mut values = named.values();
        let only = values.next().filter(|_| named.len() == 1).cloned().unwrap_or_default();
        Self { named, only }
    }

    /// Those of an incident; none where it is not known which it has.
    pub fn of_incident(&self, spec: &Incident) -> &Levels {
        static NONE: Levels = Levels {
            levels: Vec::new(),
            counted_from: CountedFrom::Detected,
            severity_at: SeverityAt::AtLimit,
        };
        match &spec.response {
            None => &self.only,
            Some(name) => name.get().and_then(|name| self.named.get(name.name())).unwrap_or(&NONE),
        }
    }
}
