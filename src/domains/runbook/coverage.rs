//! Alerts against runbooks: which alert leads to what to do, and which runbook no alert leads to.
use super::spec::Runbook;
use crate::{
    domains::{
        service::spec::Service,
        slo::{model::Severity, resolve, spec::ServiceLevelObjective},
    },
    kernel::{
        settings::Settings,
        spec::{Catalog, Document, Optional as _, values},
    },
};
use std::collections::BTreeSet;

/// The alerts of an objective, which share what is to be done.
#[derive(Clone, Debug)]
pub struct Alert<'c> {
    /// The objective.
    pub document: &'c Document,
    /// Its tiers: name and whom it reaches.
    pub tiers: Vec<(String, Severity)>,
    /// Where it is said what to do.
    pub by: BTreeSet<By>,
}

/// Where it is said what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// In a runbook of this catalog.
    Runbook(String),
    /// Elsewhere.
    Address(String),
}

impl Alert<'_> {
    /// Whether somebody is woken by it.
    pub fn pages(&self) -> bool {
        self.tiers.iter().any(|(_, severity)| *severity == Severity::Page)
    }
}

/// Whether a text is the name of a document rather than an address or a sentence.
pub fn looks_like_a_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

/// The alerts of all objectives that can be resolved, by name, with what leads from them to what to do.
pub fn alerts<'c>(catalog: &'c Catalog, settings: &'c Settings) -> Vec<Alert<'c>> {
    let mut alerts = Vec::new();
    for (document, slo) in catalog.iter::<ServiceLevelObjective>() {
        let Ok(resolved) = resolve::resolve(catalog, settings, document, slo) else { continue };
        let Some(first) = resolved.first() else { continue };
        let tiers = first.alerting.tiers.iter();
        let mut by = BTreeSet::new();
        if let Some(text) = first.runbook.as_deref().map(str::trim).filter(|text| !text.is_empty())
        {
            if catalog.get::<Runbook>(text).is_some() {
                by.insert(By::Runbook(text.to_owned()));
            } else if !looks_like_a_name(text) {
                by.insert(By::Address(text.to_owned()));
            }
        }
        let service = first.service.and_then(|name| catalog.get::<Service>(name));
        for link in service.iter().flat_map(|(_, service)| values(&service.runbooks)) {
            by.extend(link.url.get().map(|url| By::Address(url.clone())));
        }
        for (runbook, spec) in catalog.iter::<Runbook>() {
            if values(&spec.slos).any(|named| named.name() == document.name()) {
                by.insert(By::Runbook(runbook.name().to_owned()));
            }
        }
        let tiers = tiers.map(|tier| (tier.name.clone(), tier.severity)).collect();
        alerts.push(Alert { document, tiers, by });
    }
    alerts
}

/// Whether an objective names that runbook.
pub fn is_named(catalog: &Catalog, runbook: &str) -> bool {
    catalog
        .iter::<ServiceLevelObjective>()
        .any(|(_, slo)| slo.runbook.value().is_some_and(|text| text.trim() == runbook))
}
