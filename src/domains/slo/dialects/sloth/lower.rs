//! Sloth's documents in our kinds: an `SLO` for each objective, an `AlertPolicy` for each set of windows.
//!
//! Services are only named. Sloth has no documents for them, and one that was made up here would stand
//! beside the one that a catalog declares.
use super::{
    Parsed,
    level::{Alerting, Object, Objective, Plugins, RUNBOOK, ServiceLevel, Sli, Texts},
    template,
    windows::{AlertWindows, Tier, Windows, share_of},
    write,
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            model::Severity,
            prometheus_rules::names,
            rules::sloth_plugin_not_run,
            spec::{
                self, AlertPolicySpec, Indicator, Notice, Queries, ServiceLevelObjective, TierSpec,
            },
        },
    },
    kernel::{
        diagnostic::Finding,
        settings::Settings,
        source::Place,
        spec::{
            Document, Either, Field, ForeignDocument, Loss, Lowered, Metadata, Name, Optional, Ref,
            Reference, Target as _, rules::DUPLICATE_NAME,
        },
        units::Duration,
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// Sloth's period unless it is told another one.
pub(super) const PERIOD: Duration = Duration::from_days(30);

/// What Sloth says of an objective: the origin of the document that it is read as.
#[derive(Debug)]
pub struct Origin {
    /// The document that it stands in.
    pub level: Arc<ServiceLevel>,
    /// Which objective of it.
    pub index: usize,
}

impl Origin {
    /// The objective.
    pub fn objective(&self) -> &Objective {
        &self.level.slos[self.index]
    }
}

/// Says what the documents mean in our kinds.
pub(super) fn lower(documents: &[&ForeignDocument], settings: &Settings) -> Lowered {
    let mut lowering = Lowering { settings, windows: BTreeMap::new(), lowered: Lowered::default() };
    let parsed = || documents.iter().filter_map(|it| Some((*it, it.value::<Parsed>()?)));
    for (foreign, parsed) in parsed() {
        if let Parsed::Windows(windows) = parsed {
            lowering.windows(foreign, windows);
        }
    }
    for (foreign, parsed) in parsed() {
        if let Parsed::Level(level) = parsed {
            for index in 0..level.slos.len() {
                lowering.objective(foreign, level, index);
            }
        }
    }
    lowering.lowered
}

struct Lowering<'s> {
    settings: &'s Settings,
    /// By period: the windows, where they stand, and the name of their policy.
    windows: BTreeMap<Duration, (Windows, Place, String)>,
    lowered: Lowered,
}

/// What `kubectl apply` keeps for itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Begins the annotations that keep what a resource says of itself.
const OBJECT: &str = "resource.sloth.slok.dev/";

/// What a resource says of itself as annotations: its own that somebody wrote, its namespace and its labels.
fn kept(object: &Object) -> Texts {
    let Object { name: _, namespace, labels, annotations } = object;
    let written = annotations.iter().filter(|(key, _)| *key != LAST_APPLIED);
    let mut kept: Texts = written.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(namespace) = namespace {
        kept.insert(format!("{OBJECT}namespace"), namespace.clone());
    }
    for (key, value) in labels {
        kept.insert(format!("{OBJECT}label.{key}"), value.clone());
    }
    kept
}

impl Lowering<'_> {
    fn lose(&mut self, place: Place, field: &str, reason: &str) {
        self.lowered.losses.push(Loss::new(place, field, reason));
    }

    fn windows(&mut self, foreign: &ForeignDocument, written: &Arc<AlertWindows>) {
        let Some(windows) = written.complete().filter(|_| foreign.clean) else { return };
        let place = written.period.place();
        if let Some((other, first, _)) = self.windows.get(&windows.period) {
            if *other != windows {
                let message = format!("there are other windows for `{}`", windows.period);
                self.lowered.findings.push(
                    Finding::new(&DUPLICATE_NAME, place, message)
                        .related(*first, "they stand here")
                        .help("keep one of the two"),
                );
            }
            return;
        }
        let unnamed = || Field::new(format!("sloth-{}", windows.period), place);
        let object = written.object.as_ref();
        let name = object.map_or_else(unnamed, |object| object.name.clone());
        let Some(name) = name_of(name) else { return };
        let named = name.get().map(ToString::to_string).unwrap_or_default();
        self.windows.insert(windows.period, (windows, place, named));
        let tiers = tiers(&windows, &[Severity::Page, Severity::Ticket]);
        let policy = policy(&tiers, &Alerting::default(), place);
        let mut metadata = Metadata::named(name);
        if let Some(object) = object {
            metadata.annotations = kept(object);
        }
        let reason = "a policy is for windows of any length here: its shares of the budget are those of the \
                      window that it is used for";
        self.lose(place, "spec.sloPeriod", reason);
        let kind = &spec::ALERT_POLICY;
        let document = Document::lowered(kind, foreign, metadata, Vec::new(), policy);
        self.lowered.documents.push(document.with_origin(written.clone()));
    }

    fn objective(&mut self, foreign: &ForeignDocument, level: &Arc<ServiceLevel>, index: usize) {
        let objective = &level.slos[index];
        let at = objective.name.place();
        let name = level.id(objective).and_then(|name| name_of(Field::new(name, at)));
        let name = match name {
            Some(name) => name,
            None if foreign.clean => return,
            // All that is wrong with one whose name is wrong is told too.
            None => Field::absent(at),
        };
        let mut metadata = Metadata::named(name);
        metadata.description.clone_from(&objective.description);
        metadata.labels.clone_from(&level.labels);
        metadata.labels.extend(objective.labels.clone());
        metadata.owner = metadata.labels.get("owner").cloned();
        if let Some(object) = &level.object {
            metadata.annotations = kept(object);
            // An export names a resource after its service.
            let usual = level.service.get().map(|service| write::object_name(service));
            if object.name.get() != usual.as_ref() {
                metadata.annotations.insert(format!("{OBJECT}name"), object.name.clone());
            }
        }
        let label = |key: &str| metadata.labels.get(key).and_then(Field::get).map(String::as_str);
        let period = self.settings.default_for(&label, |defaults| defaults.window.value());
        let period = period.copied().unwrap_or(PERIOD);
        let mut references = Vec::new();
        references.extend(level.service.pair().map(|(name, place)| Reference {
            kind: Service::KIND,
            name: name.clone(),
            place,
        }));
        let alerting = self.alerting(objective, period, &mut references);
        let is_carried = alerting.is_some();
        let service = level.service.pair();
        let slo = ServiceLevelObjective {
            service: service.map(|(name, place)| Field::new(Ref::to(name), place)),
            sli: self.indicator(level, index),
            window: Some(Field::new(Either::Scalar(period), at)),
            alerting,
            runbook: runbook(&objective.alerting),
            ..ServiceLevelObjective::new(objective.objective.clone().and_then(share_of))
        };
        self.losses(level, index, is_carried);
        let origin = Origin { level: level.clone(), index };
        let kind = &spec::SLO;
        let document = Document::lowered(kind, foreign, metadata, references, slo);
        self.lowered.documents.push(document.with_origin(Arc::new(origin)));
    }

    /// What is measured. The share of a raw query is counted in slices of five minutes, as Sloth counts
    /// it over its period: a slice that is bad to one tenth is a tenth of a bad slice.
    fn indicator(
        &mut self,
        level: &ServiceLevel,
        index: usize,
    ) -> Option<Field<Either<Ref<Indicator>, Indicator>>> {
        let (bad, total, place) = match level.slos[index].sli.as_ref()? {
            Sli::Events { error_query, total_query } => {
                let normal = |query: &Field<String>| query.clone().map(|it| template::normal(&it));
                (normal(error_query), normal(total_query), error_query.place())
            }
            Sli::Raw { error_ratio_query } => {
                let (query, place) = error_ratio_query.pair()?;
                let counted = |function: &str| Field::new(slices(function, query), place);
                let field = level.path(index, &level.form.field("sli.raw.error_ratio_query"));
                let reason = "a ratio does not say how many events there are: slices of five minutes \
                              are counted instead, all alike";
                self.lowered.losses.push(Loss::new(place, field, reason));
                (counted("sum_over_time"), counted("count_over_time"), place)
            }
            Sli::Plugin { id, .. } => {
                if let Some((named, place)) = id.pair().filter(|(named, _)| !named.is_empty()) {
                    let message = format!("the query that `{named}` makes is not known to `sre`");
                    let finding = Finding::new(&sloth_plugin_not_run::RULE, place, message);
                    self.lowered.findings.push(finding.help(
                        "plugins are programs that only Sloth runs; write the query itself to have \
                         it measured",
                    ));
                }
                let field = level.path(index, "sli.plugin");
                let reason = "a plugin is a program that only Sloth runs: nothing is measured";
                self.lowered.losses.push(Loss::new(id.place(), field, reason));
                return None;
            }
        };
        let queries = Queries { bad: Some(bad), total: Some(total), ..Queries::default() };
        let prometheus = Some(Field::new(queries, place));
        let indicator = Indicator { prometheus, ..Indicator::default() };
        Some(Field::new(Either::Mapping(Box::new(indicator)), place))
    }

    fn alerting(
        &mut self,
        objective: &Objective,
        period: Duration,
        references: &mut Vec<Reference>,
    ) -> Option<Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>>> {
        let alerting = &objective.alerting;
        let place = alerting.place.unwrap_or(objective.name.place());
        let mut severities = Vec::new();
        severities.extend((!alerting.page.disable).then_some(Severity::Page));
        severities.extend((!alerting.ticket.disable).then_some(Severity::Ticket));
        let custom = self.windows.get(&period);
        let Some(windows) = custom.map(|(it, ..)| *it).or_else(|| Windows::built_in(period)) else {
            if severities.is_empty() {
                let silent = policy(&[], &Alerting::default(), place);
                return Some(Field::new(Either::Mapping(Box::new(silent)), place));
            }
            // Sloth refuses such a period; its file says nothing of it, so that nothing is wrong there.
            let reason = format!(
                "Sloth has no windows to alert on for a period of `{period}`: those of the Site \
                 Reliability Workbook are used, scaled to it"
            );
            self.lowered.losses.push(Loss::new(place, "alerting", reason));
            return None;
        };
        if let Some((_, _, name)) = custom.filter(|_| !severities.is_empty()) {
            let name = name.clone();
            references.push(Reference { kind: AlertPolicySpec::KIND, name: name.clone(), place });
            if severities.len() == 2 && !says_more(alerting) {
                return Some(Field::new(Either::Scalar(Ref::to(name)), place));
            }
        }
        let policy = policy(&tiers(&windows, &severities), alerting, place);
        Some(Field::new(Either::Mapping(Box::new(policy)), place))
    }

    /// What our kinds have no words for. `is_carried`: what alerts tell is carried over with their policy.
    fn losses(&mut self, level: &ServiceLevel, index: usize, is_carried: bool) {
        let objective = &level.slos[index];
        let alerting = &objective.alerting;
        let losses = &mut self.lowered.losses;
        let mut lose = |place: Option<Place>, field: String, reason: &str| {
            losses.extend(place.map(|place| Loss::new(place, field, reason)));
        };
        let first = |texts: &Texts| texts.values().next().map(Field::place);
        let path = |field: &str| level.path(index, field);
        let of_alert = "of use to rules in the manner of Sloth only";
        lose(alerting.name.as_ref().map(Field::place), path("alerting.name"), of_alert);
        let label = |labels: &Texts| {
            let mut wrong = labels.iter().filter(|(name, _)| names::wrong_label(name).is_some());
            if is_carried {
                let reason = "rules give themselves labels of that name";
                (wrong.next().map(|(_, value)| value.place()), reason)
            } else {
                (first(labels), of_alert)
            }
        };
        let (place, reason) = label(&alerting.labels);
        lose(place, path("alerting.labels"), reason);
        let is_lost = |annotations: &Texts| first(annotations).filter(|_| !is_carried);
        lose(is_lost(&alerting.annotations), path("alerting.annotations"), of_alert);
        let alerts = [("page_alert", &alerting.page), ("ticket_alert", &alerting.ticket)];
        for (name, alert) in alerts {
            let name = level.form.field(name);
            let [labels, annotations] =
                ["labels", "annotations"].map(|it| path(&format!("alerting.{name}.{it}")));
            if alert.disable {
                let off = "the alert is switched off";
                lose(first(&alert.labels), labels, off);
                lose(first(&alert.annotations), annotations, off);
            } else {
                let (place, reason) = label(&alert.labels);
                lose(place, labels, reason);
                lose(is_lost(&alert.annotations), annotations, of_alert);
            }
        }
        let shared = level.plugins.as_ref().filter(|_| index == 0);
        let shared = shared.map(|plugins| {
            (plugins, format!("{}{}", level.form.root(), level.form.field("slo_plugins")))
        });
        let own = objective.plugins.as_ref().map(|plugins| (plugins, path("plugins")));
        for (plugins, field) in shared.into_iter().chain(own) {
            let Plugins { place, chain, .. } = plugins;
            let unknown = chain.iter().find(|plugin| !plugin.is_usual());
            let Some(unknown) = unknown else { continue };
            lose(Some(*place), field, "plugins are programs that only Sloth runs");
            let Some((named, place)) = unknown.id.pair().filter(|(id, _)| !id.is_empty()) else {
                continue;
            };
            let message = format!("what `{named}` does to the rules is not known to `sre`");
            self.lowered.findings.push(
                Finding::new(&sloth_plugin_not_run::RULE, place, message).help(
                    "plugins are programs that only Sloth runs; budgets here are without them",
                ),
            );
        }
    }
}

fn name_of(name: Field<String>) -> Option<Field<Name>> {
    let name = name.and_then(|name| Name::new(name).ok());
    name.get().is_some().then_some(name)
}

/// Where to read what to do: the annotation that alerts carry it in.
fn runbook(alerting: &Alerting) -> Option<Field<String>> {
    let all = [&alerting.annotations, &alerting.page.annotations, &alerting.ticket.annotations];
    all.into_iter().find_map(|texts| RUNBOOK.into_iter().find_map(|name| texts.get(name)).cloned())
}

/// A share of bad events, taken every five minutes, counted by a function over time.
///
/// Slices without traffic have no share, or one that is no number, which the comparison leaves out.
fn slices(function: &str, query: &str) -> String {
    let query = template::replaced(query, SLICE);
    format!("{function}(((\n{}\n) >= 0)[{{{{.window}}}}:{SLICE}])", query.trim_end())
}

/// The window of a raw query whose values make up those over longer times, as in Sloth.
const SLICE: &str = "5m";

/// The tiers of those severities.
fn tiers(windows: &Windows, severities: &[Severity]) -> Vec<(Severity, Tier)> {
    let of = |severity: &Severity| match severity {
        Severity::Page => windows.page.map(|tier| (Severity::Page, tier)),
        Severity::Ticket => windows.ticket.map(|tier| (Severity::Ticket, tier)),
    };
    severities.iter().flat_map(of).collect()
}

/// Whether alerts say more than their windows.
fn says_more(alerting: &Alerting) -> bool {
    let all = [
        &alerting.labels,
        &alerting.annotations,
        &alerting.page.labels,
        &alerting.page.annotations,
        &alerting.ticket.labels,
        &alerting.ticket.annotations,
    ];
    all.iter().any(|texts| !texts.is_empty())
}

/// A policy of those tiers, with what Sloth's alerts say.
fn policy(tiers: &[(Severity, Tier)], alerting: &Alerting, place: Place) -> AlertPolicySpec {
    let tier = |(severity, tier): &(Severity, Tier)| {
        let long = Field::new(tier.long, place);
        let alert = match severity {
            Severity::Page => &alerting.page,
            Severity::Ticket => &alerting.ticket,
        };
        let spec = TierSpec {
            short: Some(Field::new(tier.short, place)),
            budget_share: tier.budget_share().map(|share| Field::new(share, place)),
            labels: labels(&alert.labels),
            annotations: annotations(alerting, &alert.annotations),
            ..TierSpec::new(Field::new(*severity, place), long)
        };
        Field::new(spec, place)
    };
    AlertPolicySpec {
        // Sloth alerts on burn rates, and on nothing else.
        budget_exhausted: Some(Field::new(Notice::None, place)),
        sli_absent: Some(Field::new(Notice::None, place)),
        labels: labels(&alerting.labels),
        annotations: annotations(alerting, &alerting.annotations),
        ..AlertPolicySpec::of(Field::new(tiers.iter().map(tier).collect(), place))
    }
}

/// The labels that alerts of ours can have; the others are told as lost.
fn labels(texts: &Texts) -> Texts {
    let known = texts.iter().filter(|(key, _)| names::wrong_label(key).is_none());
    known.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Annotations without the one that is the runbook of the objective, which all alerts tell.
fn annotations(alerting: &Alerting, texts: &Texts) -> Texts {
    let runbook = runbook(alerting);
    let runbook = runbook.value();
    let is_runbook =
        |key: &str, value: &Field<String>| RUNBOOK.contains(&key) && value.get() == runbook;
    let others = texts.iter().filter(|(key, value)| !is_runbook(key, value));
    others.map(|(key, value)| (key.clone(), value.clone())).collect()
}
