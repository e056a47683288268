//! The incident of a post-mortem, and which incidents need a post-mortem by when.
use super::{
    sections::ResolvedTemplate,
    spec::{PostMortem, PostMortemTemplate, TriggerSpec},
};
use crate::{
    domains::incident::{
        resolve::{self, ResolvedIncident},
        spec::{Incident, SeverityLevel},
    },
    kernel::{
        spec::{Catalog, Document, Field, Optional as _, Ref, values},
        units::{Duration, Instant},
    },
};
use std::collections::BTreeMap;

/// An incident that needs a post-mortem.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    /// The incident.
    pub incident: ResolvedIncident<'a>,
    /// Why it needs one, in words.
    pub because: String,
    /// When it is to be there; `None` where nobody says, or before the incident is resolved.
    pub due: Option<Instant>,
    /// Its post-mortem, where there is one.
    pub answer: Option<Answered<'a>>,
}

/// What there is of a post-mortem.
#[derive(Clone, Copy, Debug)]
pub enum Answered<'a> {
    /// A document of the catalog.
    Document(&'a Document, &'a PostMortem),
    /// An address elsewhere.
    Elsewhere(&'a str),
}

/// The incident of a post-mortem.
pub fn incident_of<'a>(catalog: &'a Catalog, spec: &PostMortem) -> Option<ResolvedIncident<'a>> {
    let name = spec.incident.value()?.name();
    let (document, incident) = catalog.get::<Incident>(name)?;
    Some(resolve::resolve(document, incident))
}

/// The post-mortems of a catalog by the names of their incidents; of several the first by name.
pub fn by_incident(catalog: &Catalog) -> BTreeMap<&str, (&Document, &PostMortem)> {
    let mut found = BTreeMap::new();
    for (document, spec) in catalog.iter::<PostMortem>() {
        if let Some(incident) = spec.incident.value().map(Ref::name) {
            found.entry(incident).or_insert((document, spec));
        }
    }
    found
}

/// The incidents that need a post-mortem, by name: those whose severity asks for one, and those that a
/// template of the catalog describes. What was no incident needs none.
pub fn all(catalog: &Catalog) -> Vec<Demand<'_>> {
    let templates: Vec<(&Document, &PostMortemTemplate)> = catalog.iter().collect();
    let answers = by_incident(catalog);
    let mut found = Vec::new();
    for incident in resolve::all(catalog) {
        if !incident.record.counts() {
            continue;
        }
        let by_severity = asked_by_severity(catalog, &incident);
        let by_template = templates.iter().find_map(|(document, spec)| {
            let trigger = values(&spec.required_for).find(|trigger| holds(trigger, &incident))?;
            let within = ResolvedTemplate::of(document.name(), spec).deadline;
            Some((reason(trigger, &incident), within))
        });
        let Some((because, within)) = by_severity.or(by_template) else { continue };
        let due = within.zip(incident.record.clocks.resolved);
        let elsewhere = incident.spec.post_mortem.value().map(String::as_str);
        let document = answers.get(incident.document.name());
        found.push(Demand {
            because,
            due: due.map(|(within, resolved)| resolved + within.to_chrono()),
            answer: document
                .map(|(document, spec)| Answered::Document(document, spec))
                .or(elsewhere.map(Answered::Elsewhere)),
            incident,
        });
    }
    found
}

/// What the severity of an incident asks for, as its response says.
fn asked_by_severity(
    catalog: &Catalog,
    incident: &ResolvedIncident<'_>,
) -> Option<(String, Option<Duration>)> {
    let severity = incident.record.severity()?;
    let (_, response) = resolve::response_of(catalog, incident.spec)?;
    let named =
        |level: &&SeverityLevel| level.name.get().is_some_and(|name| name.as_str() == severity);
    let level = values(response.severity_levels.get()?).find(named)?;
    let within = level.post_mortem_within.as_ref().and_then(Field::get)?;
    Some((format!("it is {severity}"), Some(*within)))
}

/// Whether an incident is one of those that a trigger describes.
pub fn holds(trigger: &TriggerSpec, incident: &ResolvedIncident<'_>) -> bool {
    let severity = incident.record.severity();
    let of_severity = trigger.severities.is_empty()
        || values(&trigger.severities).any(|name| Some(name.as_str()) == severity);
    let long = trigger
        .longer_than
        .value()
        .is_none_or(|least| length(incident).is_some_and(|length| length >= least.to_chrono()));
    let labels = trigger.labels.iter().all(|(key, value)| {
        value.get().is_some_and(|value| incident.document.label(key) == Some(value.as_str()))
    });
    of_severity && long && labels
}

/// How long it took until it was resolved.
fn length(incident: &ResolvedIncident<'_>) -> Option<chrono::TimeDelta> {
    Some(incident.record.clocks.resolved? - incident.record.began()?)
}

/// Why an incident is described, in words.
fn reason(trigger: &TriggerSpec, incident: &ResolvedIncident<'_>) -> String {
    let mut parts = Vec::new();
    if !trigger.severities.is_empty() {
        parts.extend(incident.record.severity().map(|severity| format!("it is {severity}")));
    }
    if let Some(least) = trigger.longer_than.value() {
        parts.push(format!("it took {least} or longer"));
    }
    for (key, value) in &trigger.labels {
        parts.extend(value.get().map(|value| format!("it is labelled `{key}: {value}`")));
    }
    parts.join(", and ")
}
