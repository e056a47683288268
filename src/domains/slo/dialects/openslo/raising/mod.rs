//! Our objectives in the words of `openslo/v1`, with what cannot be said there.
//!
//! Beside the objectives themselves, the services, indicators and servers that they name are written, so
//! that the text stands by itself. What our documents say and OpenSLO has no field for, but annotations can
//! keep, stands in annotations, and is read back from there.
mod alerts;
mod indicators;
mod names;

use super::{
    duration::{Shorthand, Unit},
    lower::{INDICATOR_NAME, OBJECTIVE_DISPLAY_NAME, OWNER, RUNBOOK},
    metadata::{is_annotation_key, is_label_key},
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            model::{Budgeting, NoData, NoTraffic, Window},
            resolve::{self, ResolvedObjective},
            spec::ServiceLevelObjective,
        },
    },
    kernel::{
        measure::DataSource,
        settings::Settings,
        source::Place,
        spec::{Catalog, Document, Field, Loss, Metadata, Optional as _},
        time::CalendarUnit,
        units::{Duration, Ratio},
    },
};
use indicators::Indicators;
use names::Names;
use serde_yaml::{Mapping, Value};
use std::collections::BTreeSet;

/// What objectives are in OpenSLO's words.
#[derive(Debug, Default)]
pub struct Raised {
    /// The documents as text; empty where none could be written.
    pub text: String,
    /// What is lost.
    pub losses: Vec<Loss>,
}

/// Writes objectives, each with all of its windows, of which the first one is written.
pub fn raise(
    objectives: &[Vec<ResolvedObjective<'_>>],
    catalog: &Catalog,
    settings: &Settings,
) -> Raised {
    let mut raising = Raising {
        catalog,
        settings,
        names: Names::default(),
        losses: Vec::new(),
        services: BTreeSet::new(),
        sources: BTreeSet::new(),
        indicators: Indicators::default(),
    };
    let mut written = Vec::new();
    for windows in objectives {
        if let Some(first) = windows.first() {
            written.extend(raising.objective(first, windows.get(1..).unwrap_or_default()));
        }
    }
    let mut documents = raising.named_documents();
    documents.extend(written);
    let texts: Vec<String> =
        documents.iter().filter_map(|document| serde_yaml::to_string(document).ok()).collect();
    let mut losses = raising.losses;
    losses.sort();
    losses.dedup();
    Raised { text: texts.join("---\n"), losses }
}

/// A mapping of the fields that there are.
fn mapping(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let fields = fields.into_iter().filter_map(|(key, value)| Some((key.into(), value?)));
    Value::Mapping(fields.collect::<Mapping>())
}

/// A document.
fn document(kind: &str, metadata: Value, spec: Value) -> Value {
    mapping([
        ("apiVersion", Some("openslo/v1".into())),
        ("kind", Some(kind.into())),
        ("metadata", Some(metadata)),
        ("spec", Some(spec)),
    ])
}

/// A number without a point where it is whole.
fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
    if value.fract() == 0.0 && value.abs() < 1e15 { (value as i64).into() } else { value.into() }
}

fn ratio(ratio: Ratio) -> Value {
    ratio.to_string().parse::<f64>().map_or(Value::Null, number)
}

/// The longest text of a field that people read.
const DISPLAY_NAME: usize = 63;
const DESCRIPTION: usize = 1050;

/// What is on its way.
struct Raising<'c> {
    catalog: &'c Catalog,
    settings: &'c Settings,
    names: Names,
    losses: Vec<Loss>,
    services: BTreeSet<String>,
    sources: BTreeSet<String>,
    indicators: Indicators,
}

impl Raising<'_> {
    fn lose(&mut self, place: Place, field: impl Into<String>, reason: impl Into<String>) {
        self.losses.push(Loss::new(place, field, reason));
    }

    /// A name as OpenSLO takes it; that it is another one is told once.
    fn name(&mut self, kind: &'static str, name: &str, place: Place) -> String {
        let (written, is_new) = self.names.of(kind, name);
        if is_new && written != name {
            let reason = format!("names are DNS labels there; it is written as `{written}`");
            self.lose(place, "metadata.name", reason);
        }
        written
    }

    /// What a document says of itself.
    fn metadata(&mut self, kind: &'static str, document: &Document) -> Mapping {
        let name = self.name(kind, document.name(), document.name_place());
        let mut fields = Mapping::new();
        fields.insert("name".into(), name.into());
        let Some(metadata) = document.metadata.as_ref() else { return fields };
        let Metadata {
            name: _,
            display_name,
            description: _,
            owner,
            labels: written_labels,
            annotations: written_annotations,
            links,
        } = &**metadata;
        if let Some((name, place)) = display_name.pair() {
            if name.chars().count() <= DISPLAY_NAME {
                fields.insert("displayName".into(), name.as_str().into());
            } else {
                let reason = format!("it has more than {DISPLAY_NAME} characters");
                self.lose(place, "metadata.display_name", reason);
            }
        }
        let mut labels = Mapping::new();
        for (key, field) in written_labels {
            let Some((value, place)) = field.pair() else { continue };
            if is_label_key(key) {
                labels.insert(key.as_str().into(), value.as_str().into());
            } else {
                self.lose(
                    place,
                    format!("metadata.labels.{key}"),
                    "labels have no such keys there",
                );
            }
        }
        let mut annotations = Mapping::new();
        for (key, field) in written_annotations {
            let Some((value, place)) = field.pair() else { continue };
            if matches!(key.as_str(), INDICATOR_NAME | OBJECTIVE_DISPLAY_NAME) {
                continue;
            }
            if is_annotation_key(key) {
                annotations.insert(key.as_str().into(), value.as_str().into());
            } else {
                let reason = "annotations have no such keys there";
                self.lose(place, format!("metadata.annotations.{key}"), reason);
            }
        }
        if let Some(owner) = owner.value() {
            annotations.insert(OWNER.into(), owner.as_str().into());
        }
        if let Some(link) = links.first() {
            self.lose(link.place(), "metadata.links", "documents have no links there");
        }
        for (key, texts) in [("labels", labels), ("annotations", annotations)] {
            if !texts.is_empty() {
                fields.insert(key.into(), Value::Mapping(texts));
            }
        }
        fields
    }

    fn description(&mut self, document: &Document) -> Option<Value> {
        let (text, place) = document.metadata.as_ref()?.description.pair()?;
        if text.chars().count() > DESCRIPTION {
            let reason = format!("it has more than {DESCRIPTION} characters");
            self.lose(place, "metadata.description", reason);
            return None;
        }
        Some(text.as_str().into())
    }

    /// The document of one objective; `None` where it cannot be said at all.
    fn objective(
        &mut self,
        objective: &ResolvedObjective<'_>,
        others: &[ResolvedObjective<'_>],
    ) -> Option<Value> {
        let document_of = objective.document;
        let slo = document_of.spec::<ServiceLevelObjective>()?;
        let at = document_of.name_place();
        let Some(service) = objective.service else {
            let reason = "an objective has a service there; without one, it is not written";
            self.lose(at, "spec.service", reason);
            return None;
        };
        let service_place = slo.service.as_ref().map_or(at, Field::place);
        let service_name = self.name("Service", service, service_place);
        self.services.insert(service.to_owned());
        let mut metadata = self.metadata("SLO", document_of);
        if let Some(runbook) = slo.runbook.value() {
            annotate(&mut metadata, RUNBOOK, runbook);
        }
        self.lose_fields(slo, others);
        let window = self.window(&objective.window, slo, at)?;
        let (indicator, objectives) = if objective.composite.is_empty() {
            let indicator = self.indicator(objective, slo, at)?;
            let fields = self.promise(objective, slo, &indicator, objective.objective.target());
            (Some(indicator), vec![fields])
        } else {
            (None, self.composite(objective, at)?)
        };
        let method = match objective.budgeting {
            Budgeting::Occurrences => "Occurrences",
            Budgeting::Timeslices { .. } => "Timeslices",
            Budgeting::RatioTimeslices { .. } => "RatioTimeslices",
        };
        let policies = self.policies(objective, slo);
        let (inline, by_name) = indicator.map_or((None, None), |it| (it.inline, it.by_name));
        let spec = mapping([
            ("description", self.description(document_of)),
            ("service", Some(service_name.into())),
            ("indicator", inline),
            ("indicatorRef", by_name),
            ("timeWindow", Some(Value::Sequence(vec![window]))),
            ("budgetingMethod", Some(method.into())),
            ("objectives", Some(Value::Sequence(objectives))),
            ("alertPolicies", policies),
        ]);
        Some(document("SLO", Value::Mapping(metadata), spec))
    }

    /// Fields that there are no words for.
    fn lose_fields(&mut self, slo: &ServiceLevelObjective, others: &[ResolvedObjective<'_>]) {
        // What is not looked at here is written, or is a loss where it is to be written.
        let ServiceLevelObjective {
            service: _,
            sli: _,
            target: _,
            window: _,
            windows,
            method: _,
            slice: _,
            slice_target: _,
            no_traffic,
            no_data,
            minimum_coverage,
            group_by,
            composite: _,
            threshold: _,
            alerting: _,
            policy,
            runbook: _,
            tests,
        } = slo;
        let mut lost: Vec<(Place, &str, &str)> = Vec::new();
        if let Some(second) = windows.get(1).filter(|_| !others.is_empty()) {
            lost.push((second.place(), "spec.windows", "an objective has one window there"));
        }
        if let Some((value, place)) = no_traffic.pair()
            && *value != NoTraffic::Ignore
        {
            lost.push((
                place,
                "spec.no_traffic",
                "it is not said there what an empty slice counts as",
            ));
        }
        if let Some((value, place)) = no_data.pair()
            && *value != NoData::Unknown
        {
            lost.push((place, "spec.no_data", "it is not said there what missing data count as"));
        }
        if let Some(field) = minimum_coverage {
            lost.push((field.place(), "spec.minimum_coverage", "there is no such limit there"));
        }
        if let Some(first) = group_by.first() {
            lost.push((first.place(), "spec.group_by", "an objective has one budget there"));
        }
        if let Some(field) = policy {
            lost.push((field.place(), "spec.policy", "there are no policies on budgets there"));
        }
        if let Some(first) = tests.first() {
            lost.push((first.place(), "spec.tests", "nothing is said there of what is expected"));
        }
        for (place, field, reason) in lost {
            self.lose(place, field, reason);
        }
    }

    fn window(&mut self, window: &Window, slo: &ServiceLevelObjective, at: Place) -> Option<Value> {
        let at = slo.written_windows().next().map_or(at, |(_, place)| place);
        match window {
            Window::Rolling(length) => {
                let duration = self.shorthand(*length, at, "spec.window")?;
                Some(mapping([("duration", Some(duration)), ("isRolling", Some(true.into()))]))
            }
            Window::Calendar(calendar) => {
                let unit = match calendar.unit {
                    CalendarUnit::Week => Unit::Week,
                    CalendarUnit::Month => Unit::Month,
                    CalendarUnit::Quarter => Unit::Quarter,
                    CalendarUnit::Year => Unit::Year,
                };
                // A day on which a week, a month, a quarter and a year began.
                let start = calendar.anchor.map_or_else(
                    || "2024-01-01".to_owned(),
                    |day| day.format("%Y-%m-%d").to_string(),
                );
                let calendar = mapping([
                    ("startTime", Some(format!("{start} 00:00:00").into())),
                    ("timeZone", Some(calendar.zone.name().into())),
                ]);
                Some(mapping([
                    ("duration", Some(Shorthand::Of(1, unit).to_string().into())),
                    ("isRolling", Some(false.into())),
                    ("calendar", Some(calendar)),
                ]))
            }
        }
    }

    /// A length with one unit, of whole minutes.
    fn shorthand(&mut self, length: Duration, place: Place, field: &str) -> Option<Value> {
        let minutes = length.milliseconds() / 60_000;
        if minutes == 0 || length != Duration::from_minutes(minutes) {
            self.lose(place, field, format!("`{length}` is no whole number of minutes"));
            return None;
        }
        let units = [(7 * 24 * 60, Unit::Week), (24 * 60, Unit::Day), (60, Unit::Hour)];
        let (size, unit) = units
            .into_iter()
            .find(|(size, _)| minutes.is_multiple_of(*size))
            .unwrap_or((1, Unit::Minute));
        let count = u32::try_from(minutes / size).ok()?;
        Some(Shorthand::Of(count, unit).to_string().into())
    }

    /// What is promised, as the one objective of a document or one of several.
    fn promise(
        &mut self,
        objective: &ResolvedObjective<'_>,
        slo: &ServiceLevelObjective,
        indicator: &indicators::Raised,
        target: Ratio,
    ) -> Value {
        let metadata = objective.document.metadata.as_ref();
        let display = metadata.and_then(|it| it.annotations.get(OBJECTIVE_DISPLAY_NAME)?.get());
        let compared = indicator.compared;
        let (op, value) = compared.map_or((None, None), |(op, value)| (Some(op), Some(value)));
        let mut fields = vec![
            ("displayName", display.map(|name| name.as_str().into())),
            ("op", op.map(Into::into)),
            ("value", value.map(number)),
            ("target", Some(ratio(target))),
        ];
        let slice = match objective.budgeting {
            Budgeting::Occurrences => None,
            Budgeting::Timeslices { slice, target, .. } => {
                fields.push(("timeSliceTarget", Some(ratio(target))));
                Some(slice)
            }
            Budgeting::RatioTimeslices { slice, .. } => Some(slice),
        };
        if let Some(slice) = slice {
            let place = slo.slice.as_ref().map_or(objective.document.name_place(), Field::place);
            fields.push(("timeSliceWindow", self.shorthand(slice, place, "spec.slice")));
        }
        mapping(fields)
    }

    /// The objectives of a composite: its target, with the indicator and the weight of each part.
    fn composite(&mut self, composite: &ResolvedObjective<'_>, at: Place) -> Option<Vec<Value>> {
        let mut objectives = Vec::new();
        let slice = composite.budgeting.slice();
        for (name, weight) in &composite.composite {
            let (document, slo) = self.catalog.get::<ServiceLevelObjective>(name)?;
            let resolved = resolve::resolve(self.catalog, self.settings, document, slo).ok()?;
            let part = resolved.first()?;
            if !part.composite.is_empty() {
                let reason = format!("its part `{name}` is a composite itself; it is not written");
                self.lose(at, "spec.composite", reason);
                return None;
            }
            let indicator = self.indicator(part, slo, document.name_place())?;
            let slices = match (slice, composite.budgeting) {
                (Some(slice), Budgeting::Timeslices { no_traffic, .. }) => {
                    // A part is judged by its own share of a slice, or by its target where it has none.
                    let target = match part.budgeting {
                        Budgeting::Timeslices { target, .. } => target,
                        _ => part.objective.target(),
                    };
                    Budgeting::Timeslices { slice, target, no_traffic }
                }
                _ => composite.budgeting,
            };
            let judged = ResolvedObjective { budgeting: slices, ..part.clone() };
            let target = composite.objective.target();
            let mut fields = self.promise(&judged, slo, &indicator, target);
            if let Some(fields) = fields.as_mapping_mut() {
                let called = fields.contains_key("displayName");
                if !called {
                    fields.insert("displayName".into(), (*name).into());
                }
                for (key, value) in
                    [("indicator", indicator.inline), ("indicatorRef", indicator.by_name)]
                {
                    if let Some(value) = value {
                        fields.insert(key.into(), value);
                    }
                }
                fields.insert("compositeWeight".into(), number(*weight));
            }
            objectives.push(fields);
        }
        Some(objectives)
    }

    /// Services, servers and indicators that objectives name.
    fn named_documents(&mut self) -> Vec<Value> {
        let mut documents = Vec::new();
        for name in std::mem::take(&mut self.services) {
            let Some((found, spec)) = self.catalog.get::<Service>(&name) else { continue };
            let lost = [
                ("spec.tier", spec.tier.as_ref().map(Field::place)),
                ("spec.depends_on", spec.depends_on.first().map(Field::place)),
                ("spec.runbooks", spec.runbooks.first().map(Field::place)),
                ("spec.dashboards", spec.dashboards.first().map(Field::place)),
            ];
            for (field, place) in lost {
                if let Some(place) = place {
                    self.lose(place, field, "a service has a name and a description there");
                }
            }
            let metadata = self.metadata("Service", found);
            let spec = mapping([("description", self.description(found))]);
            documents.push(document("Service", Value::Mapping(metadata), spec));
        }
        for name in std::mem::take(&mut self.sources) {
            let Some((found, spec)) = self.catalog.get::<DataSource>(&name) else { continue };
            let Some(server) = spec.prometheus.value() else { continue };
            let Some(url) = server.url.get() else { continue };
            let lost = [
                ("credential", server.credential.as_ref().map(Field::place)),
                ("tenant", server.tenant.as_ref().map(Field::place)),
                ("thanos", server.thanos.as_ref().map(Field::place)),
                ("timeout", server.timeout.as_ref().map(Field::place)),
                ("concurrency", server.concurrency.as_ref().map(Field::place)),
                ("max_series", server.max_series.as_ref().map(Field::place)),
            ];
            for (field, place) in lost {
                if let Some(place) = place {
                    let reason = "what a server is told beside its address is its own matter there";
                    self.lose(place, format!("spec.prometheus.{field}"), reason);
                }
            }
            let metadata = self.metadata("DataSource", found);
            let spec = mapping([
                ("description", self.description(found)),
                ("type", Some("Prometheus".into())),
                ("connectionDetails", Some(mapping([("url", Some(url.as_str().into()))]))),
            ]);
            documents.push(document("DataSource", Value::Mapping(metadata), spec));
        }
        for (name, spec) in std::mem::take(&mut self.indicators.by_name) {
            let Some(found) = self.catalog.find("SLI", &name) else { continue };
            let metadata = self.metadata("SLI", found);
            let Value::Mapping(metric) = spec else { continue };
            let mut spec = Mapping::new();
            if let Some(description) = self.description(found) {
                spec.insert("description".into(), description);
            }
            spec.extend(metric);
            documents.push(document("SLI", Value::Mapping(metadata), Value::Mapping(spec)));
        }
        documents
    }
}

fn annotate(metadata: &mut Mapping, key: &str, value: &str) {
    if !metadata.contains_key("annotations") {
        metadata.insert("annotations".into(), Value::Mapping(Mapping::new()));
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_mapping_mut) {
        annotations.insert(key.into(), value.into());
    }
}
