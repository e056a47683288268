//! What Pyrra documents mean in our kinds.
//!
//! An objective is an `SLO` of the same name. Kubernetes tells objects of one name apart by their
//! namespace, and a catalog does not: the namespace becomes the label `namespace`, and where two
//! objectives share a name, they are called `namespace/name`.
//!
//! Labels that go on Pyrra's rules (`pyrra.dev/team`) are our labels (`team`); two of them have fields of
//! their own, `owner` and `service`. Other labels of the object stay as annotations.
use super::{
    Decoded,
    alerting::{Burn, Windows},
    document::{self as written, Text},
    objective::{PROPAGATED, PyrraIndicator, PyrraObjective},
    rules as lints,
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            model::Severity,
            spec::{
                AlertPolicySpec, Indicator, Notice, Queries, SLO, ServiceLevelObjective, TierSpec,
            },
        },
    },
    kernel::{
        diagnostic::Finding,
        settings::Settings,
        source::Place,
        spec::{
            Document, Either, Field, ForeignDocument, Loss, Lowered, Metadata, Name, Optional, Ref,
            Reference, Target as _,
        },
        units::{BurnFactor, Duration},
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// The annotation that alerts carry to say where to read what to do.
pub(super) const RUNBOOK: &str = "pyrra.dev/runbook_url";
/// Begins the annotations that keep labels of the object which do not go on rules.
pub(super) const OBJECT_LABEL: &str = "label.pyrra.dev/";
/// What `kubectl apply` keeps for itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Says what the documents mean in our kinds, those that could be read in part as well.
pub(super) fn lower(documents: &[&ForeignDocument], _: &Settings) -> Lowered {
    let mut lowered = Lowered::default();
    let decoded = || {
        documents.iter().filter_map(|document| {
            let decoded = document.value::<Decoded>()?;
            Some((*document, decoded, decoded.envelope.metadata.get()?))
        })
    };
    let mut namespaces: BTreeMap<&str, Vec<(&str, Place)>> = BTreeMap::new();
    for (_, _, metadata) in decoded() {
        if let Some((Text(name), place)) = metadata.name.pair() {
            namespaces.entry(name).or_default().push((namespace(metadata), place));
        }
    }
    for (document, decoded, metadata) in decoded() {
        let name = metadata.name.get().map_or("", |Text(name)| name.as_str());
        let shared = namespaces
            .get(name)
            .and_then(|all| all.iter().find(|(other, _)| *other != namespace(metadata)));
        if let Some((_, other)) = shared {
            lowered.findings.push(shares_its_name(name, metadata.name.place(), *other));
        }
        let losses = &mut lowered.losses;
        let Some(objective) = &decoded.objective else {
            lowered.documents.push(in_part(document, decoded, metadata, shared.is_some()));
            continue;
        };
        let named = Lowering { metadata, spec: decoded.envelope.spec.get(), objective };
        lowered.documents.extend(named.document(document, shared.is_some(), losses));
    }
    lowered
}

/// Where an object lives in Kubernetes; empty where it does not say.
fn namespace(metadata: &written::Metadata) -> &str {
    metadata.namespace.value().map_or("", |Text(namespace)| namespace)
}

fn shares_its_name(name: &str, place: Place, other: Place) -> Finding {
    let message = format!("`{name}` is also the name of an objective in another namespace");
    Finding::new(&lints::NAME_IN_TWO_NAMESPACES, place, message)
        .related(other, "the other one")
        .help("Pyrra's series carry the name alone; give each objective one of its own")
}

/// The name of the document of an object; `shared` if an object in another namespace has its name.
fn name(metadata: &written::Metadata, shared: bool) -> Field<Name> {
    metadata.name.clone().and_then(|Text(name)| {
        let namespace = namespace(metadata);
        let name =
            if shared && !namespace.is_empty() { format!("{namespace}/{name}") } else { name };
        Name::new(name).ok()
    })
}

/// A document that could be read in part, so that all that is wrong with it is told.
fn in_part(
    foreign: &ForeignDocument,
    decoded: &Decoded,
    metadata: &written::Metadata,
    shared: bool,
) -> Document {
    let metadata = Metadata::named(name(metadata, shared));
    let unread = metadata.name.place();
    let spec = decoded.envelope.spec.get();
    let parts = &decoded.parts;
    let read = |field: Option<&Field<Text>>| field.map_or(unread, Field::place);
    let target_at = read(spec.map(|spec| &spec.target));
    let target = parts.target.map(|target| Field::new(target, target_at));
    let window_at = read(spec.map(|spec| &spec.window));
    let indicator = spec.map(|spec| &spec.indicator).zip(parts.indicator.as_ref());
    let sli = indicator.and_then(|(written, (indicator, grouping))| {
        let (queries, _) = queries(written.get()?, indicator, grouping)?;
        let prometheus = Some(Field::new(queries, written.place()));
        let indicator = Indicator { prometheus, ..Indicator::default() };
        Some(Field::new(Either::Mapping(Box::new(indicator)), written.place()))
    });
    let slo = ServiceLevelObjective {
        sli,
        window: parts.window.map(|window| Field::new(Either::Scalar(window), window_at)),
        ..ServiceLevelObjective::new(target.unwrap_or(Field::absent(target_at)))
    };
    Document::lowered(&SLO, foreign, metadata, Vec::new(), slo)
}

/// One document on its way.
struct Lowering<'d> {
    metadata: &'d written::Metadata,
    spec: Option<&'d written::Spec>,
    objective: &'d PyrraObjective,
}

impl Lowering<'_> {
    fn document(
        &self,
        foreign: &ForeignDocument,
        shared: bool,
        losses: &mut Vec<Loss>,
    ) -> Option<Document> {
        let name = name(self.metadata, shared);
        name.get()?;
        let metadata = self.metadata(name, losses);
        let spec = self.slo()?;
        self.output_losses(losses);
        self.alerting_losses(losses);
        let reference = |(name, place): (&str, Place)| Reference {
            kind: Service::KIND,
            name: name.to_owned(),
            place,
        };
        let references = self.service().map(reference).into_iter().collect();
        let document = Document::lowered(&SLO, foreign, metadata, references, spec);
        Some(document.with_origin(Arc::new(self.objective.clone())))
    }

    fn metadata(&self, name: Field<Name>, losses: &mut Vec<Loss>) -> Metadata {
        let mut metadata = Metadata::named(name);
        let description = self.spec.and_then(|spec| spec.description.pair());
        metadata.description = description
            .filter(|(text, _)| !text.0.is_empty())
            .map(|(text, place)| Field::new(text.0.clone(), place));
        for (key, value) in self.metadata.labels.value().into_iter().flatten() {
            match key.strip_prefix(PROPAGATED) {
                Some("owner") => metadata.owner = owned(value),
                // See `slo`.
                Some("service") => {}
                Some(key) => insert(&mut metadata.labels, key, value),
                None => insert(&mut metadata.annotations, &format!("{OBJECT_LABEL}{key}"), value),
            }
        }
        if let Some((Text(namespace), place)) =
            self.metadata.namespace.pair().filter(|(text, _)| !text.0.is_empty())
        {
            if metadata.labels.contains_key("namespace") {
                let reason = "a label is called `namespace` already";
                losses.push(Loss::new(place, "metadata.namespace", reason));
            } else {
                let namespace = Field::new(namespace.clone(), place);
                metadata.labels.insert("namespace".to_owned(), namespace);
            }
        }
        for (key, value) in self.metadata.annotations.value().into_iter().flatten() {
            if key != RUNBOOK && key != LAST_APPLIED {
                insert(&mut metadata.annotations, key, value);
            }
        }
        metadata
    }

    /// The service that a label names.
    fn service(&self) -> Option<(&str, Place)> {
        let labels = self.metadata.labels.value()?;
        let (Text(name), place) = labels.get(&format!("{PROPAGATED}service"))?.pair()?;
        Some((name.as_str(), place))
    }

    fn slo(&self) -> Option<ServiceLevelObjective> {
        let spec = self.spec?;
        let objective = self.objective;
        let at = spec.indicator.place();
        let (queries, threshold) =
            queries(spec.indicator.get()?, &objective.indicator, &objective.grouping)?;
        let prometheus = Some(Field::new(queries, at));
        let indicator = Indicator { prometheus, ..Indicator::default() };
        let grouping_at = self.grouping_place(spec).unwrap_or(at);
        let annotations = self.metadata.annotations.value();
        let runbook = annotations.and_then(|annotations| annotations.get(RUNBOOK));
        Some(ServiceLevelObjective {
            service: self.service().map(|(name, place)| Field::new(Ref::to(name), place)),
            sli: Some(Field::new(Either::Mapping(Box::new(indicator)), at)),
            window: Some(Field::new(Either::Scalar(objective.window), spec.window.place())),
            group_by: objective
                .grouping
                .iter()
                .map(|label| Field::new(label.clone(), grouping_at))
                .collect(),
            threshold,
            alerting: Some(self.alerting(spec)),
            runbook: runbook
                .and_then(|field| Some(Field::new(field.get()?.0.clone(), field.place()))),
            ..ServiceLevelObjective::new(Field::new(objective.target, spec.target.place()))
        })
    }

    fn grouping_place(&self, spec: &written::Spec) -> Option<Place> {
        let indicator = spec.indicator.get()?;
        let grouping = match &self.objective.indicator {
            PyrraIndicator::Ratio { .. } => &indicator.ratio.value()?.grouping,
            PyrraIndicator::Latency { .. } => &indicator.latency.value()?.grouping,
            PyrraIndicator::LatencyNative { .. } => &indicator.latency_native.value()?.grouping,
            PyrraIndicator::BoolGauge { .. } => &indicator.bool_gauge.value()?.grouping,
        };
        grouping.as_ref().map(Field::place)
    }

    fn alerting(
        &self,
        spec: &written::Spec,
    ) -> Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>> {
        let at = spec.alerting.as_ref().map_or(spec.window.place(), Field::place);
        let tiers = Burn::ALL.into_iter().filter(|_| self.objective.alerting.burnrates);
        let tier = |burn: Burn| {
            let Windows { long, short, hold } = burn.windows(self.objective.window);
            let factor: BurnFactor = burn.factor().to_string().parse().ok()?;
            let severity = severity(self.objective.alerting.severity(burn))
                .unwrap_or_else(|| usual_severity(burn));
            let spec = TierSpec {
                name: Some(Field::new(burn.key().to_owned(), at)),
                short: Some(Field::new(short, at)),
                burn_rate: Some(Field::new(factor, at)),
                hold: Some(Field::new(hold, at)),
                ..TierSpec::new(Field::new(severity, at), Field::new(long, at))
            };
            Some(Field::new(spec, at))
        };
        let tiers: Vec<_> = tiers.filter_map(tier).collect();
        let policy = AlertPolicySpec {
            budget_exhausted: Some(Field::new(Notice::None, at)),
            sli_absent: Some(Field::new(self.absent(), at)),
            ..AlertPolicySpec::of(Field::new(tiers, at))
        };
        Field::new(Either::Mapping(Box::new(policy)), at)
    }

    /// Whom the alert on absent metrics reaches. Pyrra has none for native histograms.
    fn absent(&self) -> Notice {
        let alerting = &self.objective.alerting;
        let native = matches!(self.objective.indicator, PyrraIndicator::LatencyNative { .. });
        if native || !alerting.absent {
            return Notice::None;
        }
        match alerting.absent_severity.as_deref().and_then(severity) {
            None | Some(Severity::Page) => Notice::Page,
            Some(Severity::Ticket) => Notice::Ticket,
        }
    }

    fn alerting_losses(&self, losses: &mut Vec<Loss>) {
        let Some(spec) = self.spec else { return };
        let Some(written) = spec.alerting.value() else { return };
        let names = [("name", &written.name), ("absentName", &written.absent_name)];
        for (field, value) in names {
            if let Some((text, place)) = value.pair().filter(|(text, _)| !text.0.is_empty()) {
                let reason = format!("no objective of ours names its alerts: `{}`", text.0);
                losses.push(Loss::new(place, format!("spec.alerting.{field}"), reason));
            }
        }
        let Some(severities) = written.severities.value() else { return };
        let written = [
            (Some(Burn::Fast), "fastBurn", &severities.fast_burn),
            (Some(Burn::Medium), "mediumBurn", &severities.medium_burn),
            (Some(Burn::Slow), "slowBurn", &severities.slow_burn),
            (Some(Burn::LongTerm), "longTermBurn", &severities.long_term_burn),
            (None, "absent", &severities.absent),
        ];
        for (burn, key, value) in written {
            let Some((Text(text), place)) = value.pair() else { continue };
            if text.is_empty() || severity(text).is_some() {
                continue;
            }
            let usual = burn.map_or(Severity::Page, usual_severity).name();
            let reason =
                format!("severities of ours are `page` and `ticket`; `{text}` becomes `{usual}`");
            losses.push(Loss::new(place, format!("spec.alerting.severities.{key}"), reason));
        }
    }

    /// What is said of Pyrra's rules and not of the objective.
    fn output_losses(&self, losses: &mut Vec<Loss>) {
        let Some(spec) = self.spec else { return };
        let mut lose = |place, field: &str, reason: &str| {
            losses.push(Loss::new(place, format!("spec.{field}"), reason));
        };
        if let Some((strategy, place)) = spec.partial_response_strategy.pair()
            && *strategy == written::PartialResponse::Warn
        {
            lose(place, "partial_response_strategy", "it speaks to a Thanos ruler");
        }
        if let Some((true, place)) =
            spec.performance_over_accuracy.pair().map(|(on, place)| (*on, place))
        {
            let reason = "it says how Pyrra computes long windows, not what is promised";
            lose(place, "performanceOverAccuracy", reason);
        }
        if let Some(place) = spec.rule_output.as_ref().map(Field::place) {
            lose(place, "ruleOutput", "it says how Pyrra writes its rules, not what is promised");
        }
    }
}

/// What is asked, and the time within which an event is good.
fn queries(
    indicator: &written::Indicator,
    read: &PyrraIndicator,
    grouping: &[String],
) -> Option<(Queries, Option<Field<Duration>>)> {
    let mut queries = Queries::default();
    let mut threshold = None;
    let metric = |query: &Field<written::Query>| {
        query.get().map_or(query.place(), |query| query.metric.place())
    };
    match read {
        PyrraIndicator::Ratio { errors, total } => {
            let written = indicator.ratio.value()?;
            queries.bad = Some(Field::new(errors.to_string(), metric(&written.errors)));
            queries.total = Some(Field::new(total.to_string(), metric(&written.total)));
        }
        PyrraIndicator::Latency { success, total } => {
            let written = indicator.latency.value()?;
            // As Pyrra's own rules do: servers of either version answer.
            let success = success.clone().for_prometheus_3();
            queries.good = Some(Field::new(success.to_string(), metric(&written.success)));
            queries.total = Some(Field::new(total.to_string(), metric(&written.total)));
        }
        PyrraIndicator::LatencyNative { total, latency } => {
            let written = indicator.latency_native.value()?;
            let at = metric(&written.total);
            queries.native_histogram = Some(Field::new(total.to_string(), at));
            threshold = Some(Field::new(*latency, written.latency.place()));
        }
        PyrraIndicator::BoolGauge { metric } => {
            let at = indicator.bool_gauge.value()?.metric.place();
            let sum = if grouping.is_empty() {
                "sum".to_owned()
            } else {
                format!("sum by ({}) ", grouping.join(", "))
            };
            let over = |function: &str| {
                Field::new(format!("{sum}({function}({metric}[{{{{.window}}}}]))"), at)
            };
            queries.good = Some(over("sum_over_time"));
            queries.total = Some(over("count_over_time"));
        }
    }
    Some((queries, threshold))
}

fn owned(value: &Field<Text>) -> Option<Field<String>> {
    value.pair().map(|(Text(text), place)| Field::new(text.clone(), place))
}

fn insert(texts: &mut BTreeMap<String, Field<String>>, key: &str, value: &Field<Text>) {
    if let Some((Text(text), place)) = value.pair() {
        texts.insert(key.to_owned(), Field::new(text.clone(), place));
    }
}

/// Whom an alert of that severity reaches, where the word is usual.
pub(super) fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "critical" | "page" => Some(Severity::Page),
        "warning" | "ticket" => Some(Severity::Ticket),
        _ => None,
    }
}

/// Whom an alert reaches unless said otherwise.
pub(super) fn usual_severity(burn: Burn) -> Severity {
    match burn {
        Burn::Fast | Burn::Medium => Severity::Page,
        Burn::Slow | Burn::LongTerm => Severity::Ticket,
    }
}
