//! What documents of OpenSLO mean in our kinds.
mod alerts;
mod indicators;
pub(super) mod queries;
mod slos;
mod sources;
mod window;

use super::{Body, File, Object, Version};
use crate::{
    domains::{
        service::{self, spec::Service},
        slo::spec,
    },
    kernel::{
        diagnostic::Finding,
        measure::data_source::{self, DataSource},
        settings::Settings,
        source::Place,
        spec::{
            Document, Field, ForeignDocument, Kind, Loss, Lowered, Metadata, Reference, Spec,
            problem, rules,
        },
    },
};
use indicators::LoweredIndicator;
pub(super) use slos::{INDICATOR_NAME, OBJECTIVE_DISPLAY_NAME};
use std::{collections::BTreeMap, sync::Arc};

/// The annotation that keeps who answers for a document, for which there is no field.
pub(super) const OWNER: &str = "sre/owner";
/// The annotation that keeps where to read what to do.
pub(super) const RUNBOOK: &str = "sre/runbook";

/// Fields that could not be carried over.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    /// The field at `place` is lost.
    pub(super) fn add(
        &mut self,
        place: Place,
        field: impl Into<String>,
        reason: impl Into<String>,
    ) {
        self.0.push(Loss::new(place, field, reason));
    }
}

/// What lowering one object gives besides its documents.
#[derive(Debug, Default)]
struct Outcome {
    losses: Losses,
    findings: Vec<Finding>,
}

/// All objects, by kind and name.
#[derive(Default)]
struct Objects<'a> {
    by_name: BTreeMap<(&'static str, &'a str), &'a Object>,
}

impl<'a> Objects<'a> {
    fn find(&self, kind: &'static str, name: &str) -> Option<&'a Object> {
        self.by_name.get(&(kind, name)).copied()
    }

    /// The object of that name; where there is none, that is told.
    fn resolve(
        &self,
        kind: &'static str,
        name: &Field<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<&'a Object> {
        let (text, place) = name.pair()?;
        let found = self.find(kind, text);
        if found.is_none() {
            let names = self.by_name.keys().filter(|(other, _)| *other == kind);
            let names: Vec<&str> = names.map(|(_, name)| *name).collect();
            let message = format!("no {kind} is called `{text}`");
            let finding = Finding::new(&rules::UNRESOLVED_REFERENCE, place, message);
            findings.push(match problem::closest(text, &names) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!(
                    "write a document of kind `{kind}` with this name, or correct the name"
                )),
            });
        }
        found
    }
}

/// One object on its way.
struct Lowering<'l, 'a> {
    foreign: &'l ForeignDocument,
    object: &'a Arc<Object>,
}

impl Lowering<'_, '_> {
    fn document<T: Spec>(
        &self,
        kind: &'static Kind,
        metadata: Metadata,
        references: Vec<Reference>,
        spec: T,
    ) -> Document {
        let mut document = Document::lowered(kind, self.foreign, metadata, references, spec)
            .with_origin(Arc::clone(self.object) as _);
        // A file may hold a list of objects, of which others may be wrong.
        document.place = self.object.place;
        document.clean = self.object.clean && !document.name().is_empty();
        document
    }
}

/// All documents of the dialect in our kinds.
pub(super) fn lower(foreign: &[&ForeignDocument], _: &Settings) -> Lowered {
    let mut lowered = Lowered::default();
    let files = foreign.iter().filter_map(|document| Some((*document, document.value::<File>()?)));
    let all: Vec<(&ForeignDocument, &Arc<Object>)> = files
        .flat_map(|(document, file)| file.objects.iter().map(move |object| (document, object)))
        .collect();
    let objects = index(&all, &mut lowered.findings);
    let conditions = used_conditions(&all);
    for (foreign, object) in &all {
        let mut outcome = Outcome::default();
        let lowering = Lowering { foreign, object };
        lowering.lower(&objects, &conditions, &mut outcome, &mut lowered.documents);
        lowered.findings.extend(outcome.findings);
        lowered.losses.extend(
            outcome
                .losses
                .0
                .into_iter()
                .map(|loss| Loss { field: as_written(object.version, &loss.field), ..loss }),
        );
    }
    lowered
}

/// The path of a field in the words of the version that its document is written in: all are read into the
/// types of `v1`, metrics without what stands between a metric and its question.
fn as_written(version: Version, field: &str) -> String {
    let metrics = ["good", "bad", "total", "raw", "thresholdMetric"];
    match version {
        Version::V1 => metrics.iter().fold(field.to_owned(), |field, metric| {
            let inside = |field: String, key: &str| {
                field.replace(&format!(".{metric}.{key}"), &format!(".{metric}.metricSource.{key}"))
            };
            inside(inside(field, "spec"), "metricSourceRef")
        }),
        Version::V1Alpha => {
            let field = metrics.iter().fold(field.to_owned(), |field, metric| {
                field.replace(&format!(".{metric}.spec.query"), &format!(".{metric}.query"))
            });
            field
                .replace("timeWindow[", "timeWindows[")
                .replace(".indicator.spec.ratioMetric", ".ratioMetrics")
                .replace(".indicator.spec.", ".indicator.")
        }
        Version::V2Alpha => {
            field.replace(".indicator.", ".sli.").replace(".metricSourceRef", ".dataSourceRef")
        }
    }
}

/// Finds objects by name. Those that become documents of ours are compared with each other there.
fn index<'a>(
    all: &[(&ForeignDocument, &'a Arc<Object>)],
    findings: &mut Vec<Finding>,
) -> Objects<'a> {
    let mut objects = Objects::default();
    for (_, object) in all {
        let (Some(name), kind) = (object.metadata.name.get(), object.body.kind()) else { continue };
        let Some(first) = objects.by_name.get(&(kind, name.as_str())) else {
            objects.by_name.insert((kind, name.as_str()), object);
            continue;
        };
        if matches!(object.body, Body::AlertCondition(_) | Body::AlertNotificationTarget(_)) {
            let message = format!("another {kind} is called `{name}`");
            findings.push(
                Finding::new(&rules::DUPLICATE_NAME, object.metadata.name.place(), message)
                    .related(first.metadata.name.place(), "it stands here")
                    .help("rename one of the two, or remove it"),
            );
        }
    }
    objects
}

/// The names of conditions that policies refer to.
fn used_conditions<'a>(all: &[(&ForeignDocument, &'a Arc<Object>)]) -> Vec<&'a str> {
    let policies = all.iter().flat_map(|(_, object)| match &object.body {
        Body::AlertPolicy(policy) => vec![&**policy],
        Body::Slo(slo) => {
            let items = slo.alert_policies.iter().filter_map(Field::get).flatten();
            items.filter_map(|item| item.get()?.spec.as_ref()?.get()).collect()
        }
        _ => Vec::new(),
    });
    let items = policies.flat_map(|policy| policy.conditions.get().into_iter().flatten());
    let mut names: Vec<&str> = items
        .filter_map(|item| Some(item.get()?.condition_ref.as_ref()?.get()?.as_str()))
        .collect();
    names.sort_unstable();
    names
}

impl<'a> Lowering<'_, 'a> {
    fn lower(
        &self,
        objects: &Objects<'a>,
        conditions: &[&str],
        outcome: &mut Outcome,
        documents: &mut Vec<Document>,
    ) {
        let object = self.object;
        match &object.body {
            Body::Service(spec) => {
                let metadata =
                    object.metadata.lowered(spec.description.as_ref(), &mut outcome.losses);
                let (depends_on, runbooks, dashboards) = (Vec::new(), Vec::new(), Vec::new());
                let spec = Service { tier: None, depends_on, runbooks, dashboards };
                documents.push(self.document(&service::spec::KIND, metadata, Vec::new(), spec));
            }
            Body::DataSource(spec) => {
                let metadata =
                    object.metadata.lowered(spec.description.as_ref(), &mut outcome.losses);
                let source: Option<DataSource> = sources::lowered(spec, &mut outcome.losses);
                if let Some(source) = source {
                    documents.push(self.document(&data_source::KIND, metadata, Vec::new(), source));
                }
            }
            Body::Sli(_) => self.lower_sli(objects, outcome, documents),
            Body::Slo(slo) => slos::lower(self, slo, objects, outcome, documents),
            Body::AlertPolicy(policy) => {
                let metadata =
                    object.metadata.lowered(policy.description.as_ref(), &mut outcome.losses);
                let place = policy.conditions.place();
                let spec = alerts::lowered(policy, None, place, "spec", objects, outcome);
                documents.push(self.document(&spec::ALERT_POLICY, metadata, Vec::new(), spec));
            }
            Body::AlertCondition(_) => {
                let name = object.metadata.name.get().map_or("", String::as_str);
                if conditions.binary_search(&name).is_err() {
                    let reason =
                        "no AlertPolicy refers to this condition; it is a part of policies here";
                    outcome.losses.add(object.place, "spec", reason);
                }
            }
            Body::AlertNotificationTarget(target) => outcome.losses.add(
                target.target.place(),
                "spec.target",
                "whom an alert reaches is said by the routes of Alertmanager",
            ),
        }
    }

    /// An SLI of its own. A threshold is a part of the objectives that refer to it, for they say what it is
    /// compared with.
    fn lower_sli(
        &self,
        objects: &Objects<'a>,
        outcome: &mut Outcome,
        documents: &mut Vec<Document>,
    ) {
        let Body::Sli(sli) = &self.object.body else { return };
        if sli.ratio_metric.is_none() {
            return;
        }
        let metadata = self.object.metadata.lowered(sli.description.as_ref(), &mut outcome.losses);
        let lowered = indicators::of_sli(sli, "spec", objects, outcome);
        if let Some(LoweredIndicator { indicator, references }) = lowered {
            documents.push(self.document(&spec::SLI, metadata, references, indicator));
        }
    }
}
