//! Objectives in Sloth's language: one document for each service, as a file or as a resource of
//! Kubernetes.
pub(crate) mod alerting;
mod form;

use super::{
    Origin,
    level::{self, Form, Plugin, Plugins, Sli},
};
use crate::{
    domains::slo::{
        model::Budgeting,
        prometheus_rules::standard::Identity,
        queries::Question,
        resolve::{Measurement, ResolvedObjective},
        spec::{Indicator, ServiceLevelObjective},
    },
    kernel::{
        measure::server::Part,
        source::Place,
        spec::{Catalog, Document, Field, Loss, Metadata, Optional},
    },
};
use std::collections::BTreeMap;

/// How documents are written.
#[derive(Clone, Debug)]
pub struct Options {
    /// As files or as resources.
    pub form: Form,
    /// Namespace of resources.
    pub namespace: Option<String>,
    /// What alerts of objectives are called that do not say.
    pub alert_name: String,
}

/// Documents of Sloth's, and what they do not say.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The documents; empty where no objective can be written.
    pub text: String,
    /// What our documents say and Sloth's cannot.
    pub losses: Vec<Loss>,
}

/// What the resource of a service is called.
pub(super) fn object_name(service: &str) -> String {
    form::object_name(service)
}

type Texts = BTreeMap<String, String>;

/// One objective.
#[derive(Debug)]
struct SlothObjective {
    name: String,
    description: Option<String>,
    /// In percent.
    objective: f64,
    plugins: Option<PluginList>,
    labels: Texts,
    sli: Measured,
    alerting: alerting::Alerting,
}

/// What is measured.
#[derive(Debug)]
enum Measured {
    Events { error: String, total: String },
    Raw(String),
    Plugin { id: String, options: Texts },
}

#[derive(Debug, Default)]
struct PluginList {
    override_previous: bool,
    chain: Vec<(String, Option<serde_json::Value>, Option<i64>)>,
}

/// Writes objectives, each of which is given once for each of its windows.
pub fn write(
    catalog: &Catalog,
    objectives: &[Vec<ResolvedObjective<'_>>],
    options: &Options,
) -> Written {
    let mut losses = Vec::new();
    let mut services: BTreeMap<String, Vec<SlothObjective>> = BTreeMap::new();
    for windows in objectives {
        let Some(first) = windows.first() else { continue };
        let written = match first.document.origin::<Origin>() {
            Some(origin) => from_sloth(origin),
            None => from_ours(catalog, windows, options, &mut losses),
        };
        if let Some((service, slo)) = written {
            services.entry(service).or_default().push(slo);
        }
    }
    Written { text: form::documents(services, options), losses }
}

/// An objective of a document of Sloth's as it stands there, with what the document says of all.
fn from_sloth(origin: &Origin) -> Option<(String, SlothObjective)> {
    let (level, objective) = (&origin.level, origin.objective());
    let mut labels = texts(&level.labels);
    labels.extend(texts(&objective.labels));
    let sli = match objective.sli.as_ref()? {
        Sli::Events { error_query, total_query } => Measured::Events {
            error: error_query.get()?.clone(),
            total: total_query.get()?.clone(),
        },
        Sli::Raw { error_ratio_query } => Measured::Raw(error_ratio_query.get()?.clone()),
        Sli::Plugin { id, options } => {
            Measured::Plugin { id: id.get()?.clone(), options: texts(options) }
        }
    };
    let slo = SlothObjective {
        name: objective.name.get()?.clone(),
        description: objective.description.value().cloned(),
        objective: *objective.objective.get()?,
        plugins: joined_plugins(level.plugins.as_ref(), objective.plugins.as_ref()),
        labels,
        sli,
        alerting: alerting::Alerting::of_sloth(&objective.alerting),
    };
    Some((level.service.get()?.clone(), slo))
}

/// The programs of an objective and those of its document, as one list.
fn joined_plugins(shared: Option<&Plugins>, own: Option<&Plugins>) -> Option<PluginList> {
    let own_overrides = own.is_some_and(|own| own.override_previous);
    let shared = shared.filter(|_| !own_overrides);
    let all: Vec<&Plugins> = shared.into_iter().chain(own).collect();
    let chain = all.iter().flat_map(|plugins| &plugins.chain);
    let one =
        |plugin: &Plugin| Some((plugin.id.get()?.clone(), plugin.config.clone(), plugin.priority));
    let list = PluginList {
        override_previous: all.iter().any(|plugins| plugins.override_previous),
        chain: chain.filter_map(one).collect(),
    };
    (!list.chain.is_empty()).then_some(list)
}

fn texts(texts: &level::Texts) -> Texts {
    level::read(texts).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Collects what is lost of one document.
struct Losing<'a> {
    document: &'a Document,
    losses: &'a mut Vec<Loss>,
}

impl Losing<'_> {
    fn lose(&mut self, place: Option<Place>, field: &str, reason: &str) {
        if let Some(place) = place {
            self.losses.push(Loss::new(place, field, reason));
        }
    }

    /// Loses the whole objective.
    fn all(&mut self, field: &str, reason: &str) {
        let place = self.document.name_place();
        self.losses.push(Loss::new(place, field, format!("{reason}: the objective is left out")));
    }
}

/// An objective of ours, or of another tool than Sloth.
fn from_ours(
    catalog: &Catalog,
    windows: &[ResolvedObjective<'_>],
    options: &Options,
    losses: &mut Vec<Loss>,
) -> Option<(String, SlothObjective)> {
    let objective = windows.first()?;
    let document = objective.document;
    let slo = document.spec::<ServiceLevelObjective>()?;
    let mut losing = Losing { document, losses };
    let (sli, indicator) = measured(catalog, objective, slo, &mut losing)?;
    let identity = Identity::of(catalog, objective);
    for (what, name) in [("spec.service", &identity.service), ("metadata.name", &identity.slo)] {
        if !super::check::is_name(name) {
            losing.all(what, &format!("`{name}` is no name for Sloth"));
            return None;
        }
    }
    lost_of_objective(slo, windows, &mut losing);
    lost_of_indicator(indicator, &mut losing);
    let alerting = alerting::Alerting::of_ours(catalog, objective, options, &mut losing);
    let written = SlothObjective {
        name: identity.slo,
        description: document.metadata.as_ref().and_then(|it| it.description.value()).cloned(),
        objective: percent(objective),
        plugins: None,
        labels: labels(objective, &mut losing),
        sli,
        alerting,
    };
    Some((identity.service, written))
}

/// A target in percent, as the number that is nearest to what is written.
pub(crate) fn percent(objective: &ResolvedObjective<'_>) -> f64 {
    let target = objective.objective.target();
    let text = target.percent();
    text.trim_end_matches('%').parse().unwrap_or_else(|_| target.as_f64() * 100.0)
}

/// The queries for bad and for all events, with `{{.window}}`.
pub(crate) fn bad_and_total(question: &Question) -> (String, String) {
    let (total, part) = question.promql(&[]);
    let error = match part {
        Part::Bad(bad) => bad,
        // On lines of their own, for a query may end with a comment.
        Part::Good(good) => format!("(\n{total}\n)\n-\n(\n{good}\n)"),
    };
    let guard = |query: String| if query.contains('#') { format!("\n{query}\n") } else { query };
    (guard(error), guard(total))
}

fn measured<'c>(
    catalog: &'c Catalog,
    objective: &ResolvedObjective<'c>,
    slo: &'c ServiceLevelObjective,
    losing: &mut Losing<'_>,
) -> Option<(Measured, Option<&'c Indicator>)> {
    if !objective.composite.is_empty() {
        losing.all("spec.composite", "Sloth has no objectives that are composed of others");
        return None;
    }
    if !objective.group_by.is_empty() {
        losing.all("spec.group_by", "Sloth has one budget for each objective");
        return None;
    }
    let indicator = crate::domains::slo::resolve::indicator_of(catalog, objective.document, slo);
    let measurement = objective.indicator.as_ref().and_then(|it| it.measurement.as_ref());
    let Some(Measurement::Prometheus(question)) = measurement else {
        losing.all("spec.sli", "Sloth measures with queries to Prometheus only");
        return None;
    };
    let (error, total) = bad_and_total(question);
    if error == total || ![&error, &total].iter().all(|query| super::template::read(query).windowed)
    {
        losing.all("spec.sli", "its queries do not both depend on `{{.window}}`");
        return None;
    }
    Some((Measured::Events { error, total }, indicator.map(|(_, indicator)| indicator)))
}

/// What an objective says besides its target, its indicator and its alerts.
fn lost_of_objective(
    slo: &ServiceLevelObjective,
    windows: &[ResolvedObjective<'_>],
    losing: &mut Losing<'_>,
) {
    // What is not looked at here is written, or is a loss where it is to be written.
    let ServiceLevelObjective {
        service: _,
        sli: _,
        target: _,
        window: _,
        windows: several,
        slice,
        slice_target,
        method,
        no_traffic,
        no_data,
        minimum_coverage,
        group_by: _,
        composite: _,
        threshold: _,
        alerting: _,
        policy,
        runbook: _,
        tests,
    } = slo;
    if windows.len() > 1 {
        let at = several.get(1).map(Field::place);
        losing.lose(
            at,
            "spec.windows",
            "Sloth has one window for an objective: the first is meant",
        );
    }
    if let Some(objective) = windows.first() {
        let at = slo.written_windows().next().map_or(losing.document.name_place(), |(_, at)| at);
        let length = objective.objective.window();
        if objective.window.calendar().is_some() {
            let reason = "Sloth has no calendar: its window rolls";
            losing.lose(Some(at), "spec.window", reason);
        } else if length != super::lower::PERIOD {
            let reason = format!(
                "Sloth's documents do not say their window: run it with `--default-slo-period {length}`"
            );
            losing.lose(Some(at), "spec.window", &reason);
        }
        if !matches!(objective.budgeting, Budgeting::Occurrences) {
            let at = method.as_ref().map(Field::place);
            let reason = "Sloth counts the mean of ratios, whatever is written";
            losing.lose(at, "spec.method", reason);
        }
    }
    let slices = [
        (slice.as_ref().map(Field::place), "spec.slice"),
        (slice_target.as_ref().map(Field::place), "spec.slice_target"),
        (no_traffic.as_ref().map(Field::place), "spec.no_traffic"),
    ];
    for (at, field) in slices {
        losing.lose(at, field, "Sloth does not count slices of time this way");
    }
    let fields = [
        (no_data.as_ref().map(Field::place), "spec.no_data"),
        (minimum_coverage.as_ref().map(Field::place), "spec.minimum_coverage"),
        (policy.as_ref().map(Field::place), "spec.policy"),
        (tests.first().map(Field::place), "spec.tests"),
    ];
    for (at, field) in fields {
        losing.lose(at, field, "Sloth has nothing like it");
    }
    let Some(metadata) = &losing.document.metadata else { return };
    let Metadata { name: _, display_name, description: _, owner, labels, annotations: _, links } =
        &**metadata;
    let display_name = display_name.as_ref().map(Field::place);
    let links = links.first().map(Field::place);
    let owner = owner.pair().filter(|(owner, _)| {
        labels.get("owner").and_then(Field::get).is_some_and(|label| label != *owner)
    });
    let owner = owner.map(|(_, place)| place);
    losing.lose(display_name, "metadata.display_name", "Sloth has one name for an objective");
    losing.lose(links, "metadata.links", "Sloth has nothing like it");
    losing.lose(owner, "metadata.owner", "a label `owner` says something else");
}

fn lost_of_indicator(indicator: Option<&Indicator>, losing: &mut Losing<'_>) {
    let Some(indicator) = indicator else { return };
    let Indicator {
        category,
        indicator,
        measurement_method,
        source,
        // How it is measured: Sloth's queries say it, or the objective is left out.
        events: _,
        counts: _,
        prometheus: _,
    } = indicator;
    let fields = [
        (category.as_ref().map(Field::place), "category"),
        (indicator.as_ref().map(Field::place), "indicator"),
        (measurement_method.as_ref().map(Field::place), "measurement_method"),
        (source.as_ref().map(Field::place), "source"),
    ];
    for (at, field) in fields {
        losing.lose(at, &format!("spec.sli.{field}"), "Sloth has nothing like it");
    }
}

/// Labels of the document, and its owner among them.
fn labels(objective: &ResolvedObjective<'_>, losing: &mut Losing<'_>) -> Texts {
    let mut labels = Texts::new();
    let Some(metadata) = &objective.document.metadata else { return labels };
    for (key, value) in &metadata.labels {
        let Some((text, place)) = value.pair() else { continue };
        if key.is_empty() || key == "__name__" || text.is_empty() {
            let field = format!("metadata.labels.{key}");
            losing.lose(Some(place), &field, "Prometheus cannot carry such a label");
        } else {
            labels.insert(key.clone(), text.clone());
        }
    }
    if let Some(owner) = metadata.owner.value().filter(|owner| !owner.is_empty()) {
        labels.entry("owner".to_owned()).or_insert_with(|| owner.clone());
    }
    labels
}
