//! What is promised: one document for each objective, and one for a composite of them.
use super::{
    super::{
        Body,
        v1::{BudgetingMethod, InlineSli, Objective, SliSpec, SloSpec},
    },
    Lowering, Objects, Outcome, RUNBOOK, alerts,
    indicators::{self, LoweredIndicator},
    window,
};
use crate::{
    domains::{
        service::spec::Service,
        slo::spec::{
            self, AlertPolicySpec, CompositePart, Indicator, Method, Notice, ServiceLevelObjective,
            WindowSpec,
        },
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Document, Either, Field, Metadata, Name, Optional as _, Ref, Reference, Target as _,
            rules,
        },
        units::{Duration, Ratio, RatioError},
    },
};
use std::collections::BTreeSet;

/// Annotations that keep what our documents have no field for, and that an export writes back.
pub(in super::super) const INDICATOR_NAME: &str = "openslo.com/indicator";
/// The name of the indicator as people read it.
pub(super) const INDICATOR_DISPLAY_NAME: &str = "openslo.com/indicator-display-name";
/// The name of the objective as people read it.
pub(in super::super) const OBJECTIVE_DISPLAY_NAME: &str = "openslo.com/objective-display-name";

/// What all objectives of a document share.
struct Common {
    metadata: Metadata,
    service: Option<Field<Ref<Service>>>,
    window: Option<Field<WindowSpec>>,
    alerting: Option<Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>>>,
    runbook: Option<Field<String>>,
    references: Vec<Reference>,
}

/// Adds the documents of one SLO.
pub(super) fn lower<'a>(
    lowering: &Lowering<'_, 'a>,
    slo: &'a SloSpec,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
    documents: &mut Vec<Document>,
) {
    let object = lowering.object;
    let metadata = object.metadata.lowered(slo.description.as_ref(), &mut outcome.losses);
    let window = slo.window().and_then(|(window, _)| {
        let path = "spec.timeWindow[0]";
        window::lowered(window, path, &mut outcome.losses)
    });
    let (mut metadata, references) = (metadata, Vec::new());
    let runbook = metadata.annotations.remove(RUNBOOK);
    let mut common =
        Common { metadata, service: None, window, alerting: None, runbook, references };
    if let Some((name, place)) = slo.service.pair() {
        common.service = Some(Field::new(Ref::to(name), place));
        let (kind, name) = (Service::KIND, name.clone());
        common.references.push(Reference { kind, name, place });
    }
    alerting(slo, &mut common, objects, outcome);
    let objectives: Vec<(&Objective, Place)> = slo.listed_objectives().collect();
    if objectives.is_empty() {
        let at = slo.objectives.as_ref().map_or(slo.service.place(), Field::place);
        outcome.losses.add(at, "spec.objectives", "without an objective, nothing is promised");
        if !object.clean {
            documents.push(without_objective(lowering, slo, common, at, objects, outcome));
        }
        return;
    }
    let own = objectives
        .iter()
        .any(|(objective, _)| objective.indicator.is_some() || objective.indicator_ref.is_some());
    let composite = own && !slo.separate;
    let names = names(object.metadata.name.get(), &objectives, composite);
    let mut parts = Vec::new();
    for (at, ((objective, place), name)) in objectives.iter().zip(names).enumerate() {
        let part = Part { slo, objective, place: *place, path: format!("spec.objectives[{at}]") };
        let (spec, mut references, annotations) = part.lowered(&common, objects, outcome);
        references.extend(common.references.iter().cloned());
        let mut metadata = common.metadata.clone();
        let name_place = metadata.name.place();
        metadata.name = name.map_or(Field::absent(name_place), |name| Field::new(name, name_place));
        metadata.annotations.extend(annotations);
        part.display(&mut metadata, objectives.len() > 1);
        let has_target = spec.target.get().is_some();
        if composite {
            let slo = metadata.name.clone().map(|name| Ref::to(name.as_str()));
            let weight = objective.composite_weight.clone();
            parts.push((
                Field::new(CompositePart { slo, weight }, *place),
                spec.target.clone(),
                spec.slice.clone(),
            ));
        } else if let Some(weight) = &objective.composite_weight {
            let reason = "without an indicator of its own, an objective is no part of a composite";
            let field = format!("spec.objectives[{at}].compositeWeight");
            outcome.losses.add(weight.place(), field, reason);
        }
        let mut document = lowering.document(&spec::SLO, metadata, references, spec);
        document.clean &= has_target;
        documents.push(document);
    }
    if composite {
        documents.extend(joined(lowering, slo, common, parts, outcome));
    }
}

/// What can be read of one whose objectives cannot be read: what it measures.
fn without_objective(
    lowering: &Lowering<'_, '_>,
    slo: &SloSpec,
    mut common: Common,
    at: Place,
    objects: &Objects<'_>,
    outcome: &mut Outcome,
) -> Document {
    let mut sli = None;
    if let Some((inline, place)) = slo.indicator.pair() {
        let ratio = inline.spec.get().filter(|spec| spec.ratio_metric.is_some());
        let path = "spec.indicator.spec";
        if let Some(lowered) = ratio.and_then(|it| indicators::of_sli(it, path, objects, outcome)) {
            common.references.extend(lowered.references);
            sli = Some(Field::new(Either::Mapping(Box::new(lowered.indicator)), place));
        }
    } else if let Some(name) = &slo.indicator_ref {
        objects.resolve("SLI", name, &mut outcome.findings);
    }
    let spec = ServiceLevelObjective {
        service: common.service,
        sli,
        window: common.window,
        alerting: common.alerting,
        ..ServiceLevelObjective::new(Field::absent(at))
    };
    lowering.document(&spec::SLO, common.metadata, common.references, spec)
}

/// The composite of objectives, where they have one target: then it is that of the whole.
fn joined(
    lowering: &Lowering<'_, '_>,
    slo: &SloSpec,
    common: Common,
    parts: Vec<Joined>,
    outcome: &mut Outcome,
) -> Option<Document> {
    let unread = |(part, target, _): &Joined| {
        target.get().is_none() || part.get().is_none_or(|part| part.slo.get().is_none())
    };
    if parts.iter().any(unread) {
        return None;
    }
    let (_, target, slice) = parts.first()?.clone();
    let at = slo.objectives.as_ref().map_or(target.place(), Field::place);
    let same = |other: &Option<Field<Duration>>| other.value() == slice.value();
    if parts.iter().any(|(_, other, other_slice)| other.get() != target.get() || !same(other_slice))
    {
        outcome.losses.add(
            at,
            "spec.objectives",
            "the parts of a composite have one target and one length of slices here; these are carried \
             over each for itself, without their composite",
        );
        return None;
    }
    let mut references = common.references;
    let mut composite = Vec::new();
    for (part, ..) in parts {
        if let Some((name, place)) = part.get().and_then(|part| part.slo.pair()) {
            let (kind, name) = (ServiceLevelObjective::KIND, name.name().to_owned());
            references.push(Reference { kind, name, place });
        }
        composite.push(part);
    }
    let method = method(slo);
    let slice = slice.filter(|_| method.value().is_some_and(|it| *it != Method::Occurrences));
    let spec = ServiceLevelObjective {
        service: common.service,
        window: common.window,
        method,
        slice,
        composite,
        alerting: common.alerting,
        runbook: common.runbook,
        ..ServiceLevelObjective::new(target)
    };
    Some(lowering.document(&spec::SLO, common.metadata, references, spec))
}

fn method(slo: &SloSpec) -> Option<Field<Method>> {
    let (method, place) = slo.budgeting_method.pair()?;
    let method = match method {
        BudgetingMethod::Occurrences => Method::Occurrences,
        BudgetingMethod::Timeslices => Method::Timeslices,
        BudgetingMethod::RatioTimeslices => Method::RatioTimeslices,
    };
    Some(Field::new(method, place))
}

/// The alert policies: one by its name, several as the tiers of one.
fn alerting(slo: &SloSpec, common: &mut Common, objects: &Objects<'_>, outcome: &mut Outcome) {
    let Some((items, place)) = slo.alert_policies.pair() else { return };
    if items.is_empty() {
        return;
    }
    if let [item] = &items[..]
        && let Some(name) = item.get().and_then(|item| item.alert_policy_ref.as_ref())
    {
        if objects.resolve("AlertPolicy", name, &mut outcome.findings).is_some()
            && let Some((name, place)) = name.pair()
        {
            common.alerting = Some(Field::new(Either::Scalar(Ref::to(name)), place));
            let (kind, name) = (AlertPolicySpec::KIND, name.clone());
            common.references.push(Reference { kind, name, place });
        }
        return;
    }
    let (mut tiers, mut no_data) = (Vec::new(), Notice::None);
    for (at, item) in items.iter().enumerate() {
        let path = format!("spec.alertPolicies[{at}]");
        let Some((item, item_place)) = item.pair() else { continue };
        let policy = if let Some(name) = &item.alert_policy_ref {
            let Some(object) = objects.resolve("AlertPolicy", name, &mut outcome.findings) else {
                continue;
            };
            let Body::AlertPolicy(policy) = &object.body else { continue };
            // What is lost of it is told where it stands.
            let mut told = Outcome::default();
            alerts::lowered(policy, Some(name), item_place, "spec", objects, &mut told)
        } else {
            let Some(policy) = item.spec.value() else { continue };
            let reason = "policies of an objective are tiers of one policy here";
            if let Some(metadata) = item.metadata.value() {
                let root = format!("{path}.");
                alerts::lose_metadata(metadata, &root, reason, &mut outcome.losses);
            }
            if let Some(description) = &policy.description {
                let field = format!("{path}.spec.description");
                outcome.losses.add(description.place(), field, reason);
            }
            let name = item.metadata.value().map(|metadata| &metadata.name);
            alerts::lowered(policy, name, item_place, &format!("{path}.spec"), objects, outcome)
        };
        // The more urgent of several stands.
        no_data = match (no_data, policy.sli_absent.value()) {
            (_, Some(Notice::Page)) | (Notice::Page, _) => Notice::Page,
            (_, Some(Notice::Ticket)) | (Notice::Ticket, _) => Notice::Ticket,
            (Notice::None, Some(Notice::None) | None) => Notice::None,
        };
        tiers.extend(policy.tiers.into_value().unwrap_or_default());
    }
    let policy = alerts::joined(tiers, no_data, place);
    common.alerting = Some(Field::new(Either::Mapping(Box::new(policy)), place));
}

/// Names of the documents of objectives: that of the document itself where there is one, else with what
/// the objective is called, or its number where that does not tell them apart.
fn names(
    document: Option<&String>,
    objectives: &[(&Objective, Place)],
    composite: bool,
) -> Vec<Option<Name>> {
    let Some(document) = document else { return vec![None; objectives.len()] };
    if objectives.len() == 1 && !composite {
        return vec![Name::new(document.as_str()).ok()];
    }
    let called: Vec<String> = objectives
        .iter()
        .map(|(objective, _)| slug(objective.display_name.value().map_or("", String::as_str)))
        .collect();
    let distinct: BTreeSet<&String> = called.iter().collect();
    let telling = distinct.len() == called.len() && called.iter().all(|name| !name.is_empty());
    let name = |(at, called): (usize, &String)| {
        let end = if telling { called.clone() } else { (at + 1).to_string() };
        Name::new(format!("{document}-{end}")).ok()
    };
    called.iter().enumerate().map(name).collect()
}

/// A name in lower case with dashes.
fn slug(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    words.join("-")
}

/// One objective of a document.
struct Part<'a> {
    slo: &'a SloSpec,
    objective: &'a Objective,
    place: Place,
    path: String,
}

type Annotations = Vec<(String, Field<String>)>;
/// An indicator, by name or written in place.
type Sli = Field<Either<Ref<Indicator>, Indicator>>;
/// A part of a composite with its target and the length of its slices.
type Joined = (Field<CompositePart>, Field<Ratio>, Option<Field<Duration>>);

impl<'a> Part<'a> {
    fn lowered(
        &self,
        common: &Common,
        objects: &Objects<'a>,
        outcome: &mut Outcome,
    ) -> (ServiceLevelObjective, Vec<Reference>, Annotations) {
        let (sli, references, annotations) = self.indicator(objects, outcome);
        let target = self.target(&mut outcome.findings).unwrap_or(Field::absent(self.place));
        let method = method(self.slo);
        let sliced = method.value().is_some_and(|method| *method != Method::Occurrences);
        let timeslices = method.value() == Some(&Method::Timeslices);
        let spec = ServiceLevelObjective {
            service: common.service.clone(),
            sli,
            window: common.window.clone(),
            slice: if sliced { self.slice(outcome) } else { None },
            slice_target: if timeslices { self.slice_target(&mut outcome.findings) } else { None },
            method,
            alerting: common.alerting.clone(),
            runbook: common.runbook.clone(),
            ..ServiceLevelObjective::new(target)
        };
        (spec, references, annotations)
    }

    /// How the document of the objective is called for people.
    fn display(&self, metadata: &mut Metadata, several: bool) {
        let Some((own, place)) = self.objective.display_name.pair() else { return };
        let whole = metadata.display_name.value();
        if several || whole.is_none() {
            let text = whole.map_or_else(|| own.clone(), |whole| format!("{whole}: {own}"));
            metadata.display_name = Some(Field::new(text, place));
        }
        let key = OBJECTIVE_DISPLAY_NAME.to_owned();
        metadata.annotations.insert(key, Field::new(own.clone(), place));
    }

    fn target(&self, findings: &mut Vec<Finding>) -> Option<Field<Ratio>> {
        let (text, place) = match (&self.objective.target, &self.objective.target_percent) {
            (Some(target), _) => target.pair().map(|(number, at)| (number.to_string(), at)),
            (None, percent) => percent.pair().map(|(number, at)| (format!("{number}%"), at)),
        }?;
        // A target of 1 was told when it was read, as others out of their range were.
        let target = ratio(&text, "target", place, findings);
        target.filter(|target| target.get().is_some_and(|target| *target < Ratio::ONE))
    }

    fn slice_target(&self, findings: &mut Vec<Finding>) -> Option<Field<Ratio>> {
        let (number, place) = self.objective.time_slice_target.pair()?;
        ratio(&number.to_string(), "timeSliceTarget", place, findings)
    }

    /// The length of a slice: a whole number of minutes up to a day.
    fn slice(&self, outcome: &mut Outcome) -> Option<Field<Duration>> {
        let Some((written, place)) = self.objective.time_slice_window.pair() else {
            if self.slo.separate {
                let reason = "`v1alpha` does not say how long a slice is; five minutes are taken";
                outcome.losses.add(self.place, format!("{}.timeSliceTarget", self.path), reason);
            }
            return None;
        };
        let length = written.length()?;
        if length > Duration::from_days(1) {
            let message = format!("`timeSliceWindow`: a slice of `{written}` is longer than a day");
            let finding = Finding::new(&rules::INVALID_VALUE, place, message);
            outcome.findings.push(finding.help("`1m` and `5m` are usual"));
            return None;
        }
        Some(Field::new(length, place))
    }

    fn indicator(
        &self,
        objects: &Objects<'a>,
        outcome: &mut Outcome,
    ) -> (Option<Sli>, Vec<Reference>, Annotations) {
        let (inline, name, path) = match (&self.objective.indicator, &self.objective.indicator_ref)
        {
            (None, None) => (&self.slo.indicator, &self.slo.indicator_ref, "spec".to_owned()),
            (inline, name) => (inline, name, self.path.clone()),
        };
        if let Some((inline, place)) = inline.pair() {
            let annotations = annotations(inline, &format!("{path}.indicator"), outcome);
            let path = format!("{path}.indicator.spec");
            let lowered =
                indicators::lowered(&inline.spec, &path, self.objective, objects, outcome);
            let Some(LoweredIndicator { indicator, references }) = lowered else {
                return (None, Vec::new(), annotations);
            };
            let inline = Field::new(Either::Mapping(Box::new(indicator)), place);
            return (Some(inline), references, annotations);
        }
        let Some(name) = name else { return (None, Vec::new(), Vec::new()) };
        let found = objects.resolve("SLI", name, &mut outcome.findings);
        let Some((Body::Sli(sli), (name, place))) =
            found.map(|object| &object.body).zip(name.pair())
        else {
            return (None, Vec::new(), Vec::new());
        };
        if sli.ratio_metric.is_some() {
            let (kind, text) = (Indicator::KIND, name.clone());
            let references = vec![Reference { kind, name: text, place }];
            return (
                Some(Field::new(Either::Scalar(Ref::to(name)), place)),
                references,
                Vec::new(),
            );
        }
        self.threshold(sli, name, place, objects, outcome)
    }

    /// A threshold that is written elsewhere, with what this objective compares it with.
    fn threshold(
        &self,
        sli: &'a SliSpec,
        name: &str,
        place: Place,
        objects: &Objects<'a>,
        outcome: &mut Outcome,
    ) -> (Option<Sli>, Vec<Reference>, Annotations) {
        for (field, missing) in
            [("op", self.objective.op.is_none()), ("value", self.objective.value.is_none())]
        {
            if missing {
                let message = format!("missing field `{field}`: the SLI `{name}` is a threshold");
                outcome.findings.push(
                    Finding::new(&rules::MISSING_FIELD, self.place, message)
                        .help("say what it is compared with: `op: lte`, `value: 0.5`"),
                );
            }
        }
        let lowered = indicators::threshold(sli, "spec", self.objective, place, objects, outcome);
        let key = INDICATOR_NAME.to_owned();
        let annotations = vec![(key, Field::new(name.to_owned(), place))];
        let Some(LoweredIndicator { indicator, references }) = lowered else {
            return (None, Vec::new(), annotations);
        };
        let inline = Field::new(Either::Mapping(Box::new(indicator)), place);
        (Some(inline), references, annotations)
    }
}

/// What an indicator that is written in place says of itself.
fn annotations(inline: &InlineSli, path: &str, outcome: &mut Outcome) -> Annotations {
    let mut annotations = Vec::new();
    if let Some(description) = &inline.spec.get().and_then(|spec| spec.description.clone()) {
        let reason = "an indicator that is written in place has no description here";
        outcome.losses.add(description.place(), format!("{path}.spec.description"), reason);
    }
    let Some(metadata) = inline.metadata.value() else { return annotations };
    if let Some((name, place)) = metadata.name.pair() {
        annotations.push((INDICATOR_NAME.to_owned(), Field::new(name.clone(), place)));
    }
    if let Some((name, place)) = metadata.display_name.pair() {
        annotations.push((INDICATOR_DISPLAY_NAME.to_owned(), Field::new(name.clone(), place)));
    }
    let labels = metadata.labels.iter().map(|(key, value)| ("labels", key, value.place()));
    let others =
        metadata.annotations.iter().map(|(key, value)| ("annotations", key, value.place()));
    for (field, key, place) in labels.chain(others) {
        let reason = "an indicator that is written in place says nothing of itself here";
        outcome.losses.add(place, format!("{path}.metadata.{field}.{key}"), reason);
    }
    annotations
}

/// A number as one of our exact ratios.
fn ratio(
    text: &str,
    field: &str,
    place: Place,
    findings: &mut Vec<Finding>,
) -> Option<Field<Ratio>> {
    match text.parse::<Ratio>() {
        Ok(ratio) => Some(Field::new(ratio, place)),
        Err(error @ RatioError::TooFine(_)) => {
            let message = format!("`{field}`: {error}");
            findings.push(Finding::new(&rules::INVALID_VALUE, place, message));
            None
        }
        // What is out of its range was told when it was read.
        Err(_) => None,
    }
}
