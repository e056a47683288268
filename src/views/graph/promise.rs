//! What documents promise, and what the services behind them permit.
use super::service_of;
use crate::{
    domains::{
        service::{attainability::Availability, spec::Service},
        slo::{
            behind::{self, Behind},
            model::Window,
            promises::promises_availability,
            resolve,
            spec::{ServiceLevelAgreement, ServiceLevelObjective, SlaPeriod},
        },
    },
    kernel::{
        settings::Settings,
        spec::{Catalog, Document, Optional},
        units::Ratio,
    },
};
use std::collections::HashMap;

/// What stands beside a document of a graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Promised {
    /// How much depends on a service: 1 for what must not fail.
    pub(super) tier: Option<u8>,
    /// Share of events that is to be good.
    pub(super) target: Option<Ratio>,
    /// Over which time, as people read it: `over 30d`, `per month`.
    pub(super) windows: Vec<String>,
    /// The product of what the hard dependencies of a service promise: of services, and of objectives of
    /// their availability.
    pub(super) ceiling: Option<Availability>,
    /// The service that the document speaks of.
    pub(super) service: Option<String>,
}

impl Promised {
    pub(super) fn of(
        catalog: &Catalog,
        settings: &Settings,
        document: &Document,
        ceilings: &mut Ceilings<'_, '_>,
    ) -> Self {
        let service = service_of(document).map(str::to_owned);
        if let Some(spec) = document.spec::<Service>() {
            return Self {
                tier: spec.tier.value().copied(),
                ceiling: ceilings.of(document.name()),
                ..Self::default()
            };
        }
        if let Some(slo) = document.spec::<ServiceLevelObjective>() {
            let windows = resolve::windows(document, slo, settings);
            let availability = promises_availability(catalog, document, slo);
            return Self {
                target: slo.target.get().copied(),
                windows: windows.iter().map(window).collect(),
                ceiling: service
                    .as_deref()
                    .filter(|_| availability)
                    .and_then(|name| ceilings.of(name)),
                service,
                ..Self::default()
            };
        }
        if let Some(agreement) = document.spec::<ServiceLevelAgreement>() {
            let period = agreement.period.get().map(|period| match period {
                SlaPeriod::Month => "per month".to_owned(),
                SlaPeriod::Quarter => "per quarter".to_owned(),
                SlaPeriod::Year => "per year".to_owned(),
            });
            return Self {
                target: agreement.target.get().copied(),
                windows: period.into_iter().collect(),
                service,
                ..Self::default()
            };
        }
        Self { service, ..Self::default() }
    }

    /// Whether the services behind permit the target; `None` where nothing is known of them.
    pub(super) fn attainable(&self) -> Option<bool> {
        Some(!self.ceiling?.is_below(self.target?))
    }

    /// `99.9% over 30d`; `None` without a target.
    pub(super) fn target(&self) -> Option<String> {
        let mut text = self.target?.percent();
        if !self.windows.is_empty() {
            text.push(' ');
            text.push_str(&self.windows.join(", "));
        }
        Some(text)
    }
}

fn window(window: &Window) -> String {
    match window {
        Window::Rolling(_) => format!("over {window}"),
        Window::Calendar(_) => format!("per {window}"),
    }
}

/// What the hard dependencies of services permit, each service computed once.
pub(super) struct Ceilings<'b, 'c> {
    behind: &'b Behind<'c>,
    known: HashMap<String, Option<Availability>>,
}

impl<'b, 'c> Ceilings<'b, 'c> {
    pub(super) fn new(behind: &'b Behind<'c>) -> Self {
        Self { behind, known: HashMap::new() }
    }

    fn of(&mut self, service: &str) -> Option<Availability> {
        if let Some(known) = self.known.get(service) {
            return *known;
        }
        let ceiling = behind::declared(&self.behind.needs(service));
        self.known.insert(service.to_owned(), ceiling);
        ceiling
    }
}
