//! The configuration that follows from a catalog: who is told of which objective, what keeps what
//! silent, and when a maintenance does.
//!
//! Everything hangs on the labels that rules give to alerts, those of Sloth: `sloth_id`,
//! `sloth_service`, `sloth_severity`, and `slo_tier` for our own rules. What a team is to be told of is
//! matched by its services where all objectives of a service are the team's, so that an objective that is
//! written later is routed too, and by the objective else.
use super::{
    matcher::{Labels, Matcher, Operator},
    mutes::{self, Rhythm},
    time_interval::TimeInterval,
};
use crate::{
    domains::slo::{
        adjustments,
        model::Severity,
        prometheus_rules::{
            names::{ID_LABEL, SERVICE_LABEL, SEVERITY_LABEL, SLO_LABEL, TIER_LABEL},
            standard::{self, Identity},
        },
        resolve::{Incomplete, ResolvedObjective},
        spec::{AdjustmentMode, BudgetAdjustment, ServiceLevelObjective},
    },
    kernel::{
        report::words,
        spec::{Catalog, Document, Loss, Optional as _, Ref, values},
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// What names of our time intervals begin with, so that they meet no others.
const INTERVAL_PREFIX: &str = "sre-";

/// How far beyond the horizon is looked for what is not muted any more.
const BEYOND: TimeDelta = TimeDelta::days(3653);

/// By what alerts are routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteBy {
    /// Who answers for the objective: itself says, or its service, or the settings.
    Owner,
    /// The service.
    Service,
    /// A label of the objective.
    Label(String),
}

/// How a configuration is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// By what alerts are routed.
    pub by: RouteBy,
    /// Names of receivers: `{by}` and `{severity}` stand for what alerts are routed by.
    pub receiver: String,
    /// Labels besides the objective that have to be the same for an alert to keep another silent.
    pub equal: Vec<String>,
    /// The present moment.
    pub now: Instant,
    /// Until when a maintenance that has to be written with its dates is.
    pub horizon: Instant,
}

/// What is to stand in a configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Names of receivers.
    pub receivers: BTreeSet<String>,
    /// The routes, in their order.
    pub routes: Vec<PlannedRoute>,
    /// What keeps what silent.
    pub inhibitions: Vec<PlannedInhibition>,
    /// Time intervals, by name.
    pub intervals: BTreeMap<String, Vec<TimeInterval>>,
    /// What the documents say and the configuration cannot.
    pub losses: Vec<Loss>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// Alerts of some objectives and one severity.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRoute {
    /// Who is told.
    pub receiver: String,
    /// Their severity.
    pub severity: Severity,
    /// What the alerts are.
    pub matchers: Vec<Matcher>,
    /// Which of them are silent in which time intervals.
    pub mutes: Vec<(Matcher, Vec<String>)>,
}

/// A rule by which alerts keep others silent.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedInhibition {
    /// What it is for, in a line.
    pub comment: String,
    /// Which alerts keep silent.
    pub source: Vec<Matcher>,
    /// Which are kept silent.
    pub target: Vec<Matcher>,
    /// Labels that have to be the same in both.
    pub equal: Vec<String>,
}

/// The alerts that an objective can send: what each is called among its tiers, and its labels. Values of
/// the labels by which an objective is grouped are known only when it fires.
pub fn alerts_of(catalog: &Catalog, objective: &ResolvedObjective<'_>) -> Vec<(String, Labels)> {
    let identity = Identity::of(catalog, objective);
    let own = |alert: &str, severity: Severity, tier: &str| -> Labels {
        let labels = [
            ("alertname", alert),
            (ID_LABEL, &identity.id),
            (SERVICE_LABEL, &identity.service),
            (SLO_LABEL, &identity.slo),
            (SEVERITY_LABEL, severity.name()),
            (TIER_LABEL, tier),
        ];
        labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let tiers = objective.alerting.tiers.iter().map(|tier| {
        let mut labels = tier.labels.clone();
        labels.extend(own(standard::ALERT_NAME, tier.severity, &tier.name));
        (tier.name.clone(), labels)
    });
    let notices = [
        (objective.notices.budget_exhausted, standard::EXHAUSTED),
        (objective.notices.sli_absent, standard::ABSENT),
    ];
    let notices = notices.into_iter().filter_map(|(severity, (alert, tier))| {
        let mut labels = objective.notice_labels.clone();
        labels.extend(own(alert, severity?, tier));
        Some((tier.to_owned(), labels))
    });
    tiers.chain(notices).collect()
}

/// What is to stand in a configuration for these objectives, each with the window that alerts are about.
///
/// # Errors
/// An adjustment that cannot be read or followed.
pub fn plan(
    catalog: &Catalog,
    objectives: &[&ResolvedObjective<'_>],
    options: &Options,
) -> Result<Plan, Incomplete> {
    let mut plan = Plan::default();
    let subjects: Vec<Subject<'_>> = objectives
        .iter()
        .map(|objective| Subject {
            identity: Identity::of(catalog, objective),
            key: key(objective, &options.by),
            objective,
        })
        .collect();
    let muted = mutes(catalog, &subjects, options, &mut plan)?;
    routes(catalog, &subjects, &muted, options, &mut plan);
    inhibitions(&subjects, options, &mut plan);
    Ok(plan)
}

struct Subject<'a> {
    identity: Identity,
    /// What it is routed by; `None` where it says nothing.
    key: Option<String>,
    objective: &'a ResolvedObjective<'a>,
}

fn key(objective: &ResolvedObjective<'_>, by: &RouteBy) -> Option<String> {
    let key = match by {
        RouteBy::Owner => objective.owner,
        RouteBy::Service => objective.service,
        RouteBy::Label(label) => objective.document.label(label),
    };
    key.map(str::to_owned)
}

fn routes(
    catalog: &Catalog,
    subjects: &[Subject<'_>],
    muted: &BTreeMap<&str, Vec<String>>,
    options: &Options,
    plan: &mut Plan,
) {
    let mut by_key: BTreeMap<Option<&str>, Vec<&Subject<'_>>> = BTreeMap::new();
    for subject in subjects {
        by_key.entry(subject.key.as_deref()).or_default().push(subject);
    }
    for (key, group) in by_key {
        let (whole, single): (Vec<&Subject<'_>>, Vec<&Subject<'_>>) =
            group.iter().partition(|subject| is_whole(catalog, subject, &group));
        let Some(key) = key else {
            let names: Vec<&str> = group.iter().map(|one| one.objective.document.name()).collect();
            let count = words::plural(names.len() as u64, "objective");
            plan.notes.push(format!(
                "{count} without {} to route by: their alerts reach the receiver of the outermost route: {}",
                options.by.what(),
                names.join(", ")
            ));
            continue;
        };
        for severity in [Severity::Page, Severity::Ticket] {
            let receiver =
                options.receiver.replace("{by}", key).replace("{severity}", severity.name());
            for (some, label) in [(&single, ID_LABEL), (&whole, SERVICE_LABEL)] {
                let some: Vec<&Subject<'_>> =
                    some.iter().copied().filter(|one| one.alerts_with(severity)).collect();
                let values: BTreeSet<&str> = some
                    .iter()
                    .map(|one| match label {
                        ID_LABEL => one.identity.id.as_str(),
                        _ => one.identity.service.as_str(),
                    })
                    .collect();
                let Some(matcher) = any_of(label, &values) else { continue };
                plan.receivers.insert(receiver.clone());
                plan.routes.push(PlannedRoute {
                    receiver: receiver.clone(),
                    severity,
                    matchers: vec![Matcher::equal(SEVERITY_LABEL, severity.name()), matcher],
                    mutes: muted_routes(&some, muted),
                });
            }
        }
    }
}

impl RouteBy {
    fn what(&self) -> String {
        match self {
            Self::Owner => "an owner".to_owned(),
            Self::Service => "a service".to_owned(),
            Self::Label(label) => format!("a label `{label}`"),
        }
    }
}

impl Subject<'_> {
    fn alerts_with(&self, severity: Severity) -> bool {
        let notices = self.objective.notices;
        self.objective.alerting.tiers.iter().any(|tier| tier.severity == severity)
            || [notices.budget_exhausted, notices.sli_absent].contains(&Some(severity))
    }
}

/// Whether all objectives of the catalog that are about the subject's service are in the group.
fn is_whole(catalog: &Catalog, subject: &Subject<'_>, group: &[&Subject<'_>]) -> bool {
    let Some(service) = subject.objective.service else { return false };
    let of_service = |document: &Document, slo: &ServiceLevelObjective| {
        slo.service
            .value()
            .map_or(document.name() == service, |name: &Ref<_>| name.name() == service)
    };
    catalog
        .iter::<ServiceLevelObjective>()
        .filter(|(document, slo)| of_service(document, slo))
        .all(|(document, _)| group.iter().any(|one| std::ptr::eq(one.objective.document, document)))
}

/// The condition that a label has one of these values; `None` where there are none.
fn any_of(label: &str, values: &BTreeSet<&str>) -> Option<Matcher> {
    match values.iter().collect::<Vec<_>>().as_slice() {
        [] => None,
        [one] => Some(Matcher::equal(label, **one)),
        several => {
            let literal = |text: &&&str| {
                let special = |c: char| r"\.+*?()|[]{}^$".contains(c);
                let escaped = |c: char| if special(c) { format!("\\{c}") } else { c.to_string() };
                text.chars().map(escaped).collect::<String>()
            };
            let pattern = several.iter().map(literal).collect::<Vec<_>>().join("|");
            Matcher::new(label, Operator::Matches, pattern).ok()
        }
    }
}

/// The objectives that are silent at times, those with the same times together.
fn muted_routes(
    subjects: &[&Subject<'_>],
    muted: &BTreeMap<&str, Vec<String>>,
) -> Vec<(Matcher, Vec<String>)> {
    let mut by_intervals: BTreeMap<&[String], BTreeSet<&str>> = BTreeMap::new();
    for subject in subjects {
        if let Some(names) = muted.get(subject.objective.document.name()) {
            by_intervals.entry(names).or_default().insert(&subject.identity.id);
        }
    }
    by_intervals
        .into_iter()
        .filter_map(|(names, ids)| Some((any_of(ID_LABEL, &ids)?, names.to_vec())))
        .collect()
}

/// Names of the time intervals in which objectives are silent, by name of the objective.
fn mutes<'a>(
    catalog: &'a Catalog,
    subjects: &[Subject<'_>],
    options: &Options,
    plan: &mut Plan,
) -> Result<BTreeMap<&'a str, Vec<String>>, Incomplete> {
    let mut muted: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (document, spec) in catalog.iter::<BudgetAdjustment>() {
        let named: BTreeSet<&str> = values(spec.slos.get().map_or(&[][..], Vec::as_slice))
            .map(Ref::name)
            .filter(|name| subjects.iter().any(|one| one.objective.document.name() == *name))
            .collect();
        if named.is_empty() {
            continue;
        }
        let occurrences =
            |from: Instant, to: Instant| adjustments::periods(document, spec, from, to);
        let ahead = occurrences(options.now, options.now + BEYOND)?;
        if ahead.is_empty() {
            continue;
        }
        if spec.mode.get() == Some(&AdjustmentMode::Bad) {
            plan.notes.push(format!(
                "`{}` counts events as bad, and keeps no alert silent",
                document.name()
            ));
            continue;
        }
        let rhythm = rhythm(spec);
        let mute = mutes::mute(rhythm.as_ref(), options.now, options.horizon, occurrences)?;
        if !mute.endless {
            plan.losses.extend(beyond_horizon(document, spec, options, &ahead));
        }
        if mute.intervals.is_empty() {
            continue;
        }
        let name = format!("{INTERVAL_PREFIX}{}", document.name());
        for slo in named {
            muted.entry(slo).or_default().push(name.clone());
        }
        plan.intervals.insert(name, mute.intervals);
    }
    Ok(muted)
}

/// How an adjustment returns, if it does without an end of its own.
fn rhythm(spec: &BudgetAdjustment) -> Option<Rhythm<'_>> {
    let recurrence = spec.recurrence.value().filter(|recurrence| recurrence.until.is_none())?;
    let start = recurrence.start.get()?.0;
    let zone = recurrence.time_zone.value().cloned().unwrap_or(Zone::UTC);
    Some(Rhythm { rule: recurrence.rule.get()?, zone, start })
}

fn beyond_horizon(
    document: &Document,
    spec: &BudgetAdjustment,
    options: &Options,
    ahead: &[Period],
) -> Option<Loss> {
    let last = ahead.iter().map(|period| period.to).max()?;
    if last <= options.horizon {
        return None;
    }
    let (place, field) = match (&spec.recurrence, &spec.interval) {
        (Some(recurrence), _) => {
            let place = recurrence.get().map_or(recurrence.place(), |spec| spec.rule.place());
            (place, "spec.recurrence.rule")
        }
        (None, Some(interval)) => (interval.place(), "spec.interval"),
        (None, None) => (document.place, "spec"),
    };
    let until = options.horizon.format("%Y-%m-%d");
    let reason = format!(
        "a time interval cannot say it without dates: occurrences are written up to {until}, and alerts \
         are not silent after that until this is exported anew"
    );
    Some(Loss::new(place, field, reason))
}

fn inhibitions(subjects: &[Subject<'_>], options: &Options, plan: &mut Plan) {
    let mut equal = vec![ID_LABEL.to_owned()];
    // A label that an alert does not have is the same as in another that does not either.
    let groups: BTreeSet<&str> =
        subjects.iter().flat_map(|one| one.objective.group_by.iter().copied()).collect();
    for label in groups.into_iter().chain(options.equal.iter().map(String::as_str)) {
        if !equal.iter().any(|other| other == label) {
            equal.push(label.to_owned());
        }
    }
    let both =
        |one: &Subject<'_>| one.alerts_with(Severity::Page) && one.alerts_with(Severity::Ticket);
    if subjects.iter().any(both) {
        plan.inhibitions.push(PlannedInhibition {
            comment: "Who is paged needs no ticket about the same objective.".to_owned(),
            source: vec![Matcher::equal(SEVERITY_LABEL, Severity::Page.name())],
            target: vec![Matcher::equal(SEVERITY_LABEL, Severity::Ticket.name())],
            equal: equal.clone(),
        });
    }
    plan.inhibitions.extend(tier_inhibitions(subjects, &equal));
}

/// The rules by which a fast tier keeps slower ones of its severity silent.
///
/// Tiers are known by their names. Where policies disagree on which of two names is the faster one, the
/// rule is for the objectives of a policy alone.
fn tier_inhibitions(subjects: &[Subject<'_>], equal: &[String]) -> Vec<PlannedInhibition> {
    /// Severity, the faster tier, the slower one.
    type Pair<'a> = (Severity, &'a str, &'a str);
    /// Severity, length and name of a tier, and the objectives that the rule is for alone.
    type Source<'a> = (Severity, Duration, &'a str, Option<BTreeSet<&'a str>>);
    let mut pairs: BTreeMap<Pair<'_>, BTreeSet<&str>> = BTreeMap::new();
    let mut lengths: BTreeMap<&str, Duration> = BTreeMap::new();
    for subject in subjects {
        let tiers = &subject.objective.alerting.tiers;
        for fast in tiers {
            let shortest = lengths.entry(&fast.name).or_insert(fast.long);
            *shortest = fast.long.min(*shortest);
            for slow in tiers.iter().filter(|slow| slow.severity == fast.severity) {
                if fast.long < slow.long && fast.name != slow.name {
                    let pair = (fast.severity, fast.name.as_str(), slow.name.as_str());
                    pairs.entry(pair).or_default().insert(&subject.identity.id);
                }
            }
        }
    }
    // Slower tiers of the same faster one and the same objectives stand in one rule.
    let mut rules: BTreeMap<Source<'_>, BTreeSet<&str>> = BTreeMap::new();
    for ((severity, fast, slow), ids) in &pairs {
        let disputed = pairs.contains_key(&(*severity, *slow, *fast));
        let only = disputed.then(|| ids.clone());
        let length = lengths.get(fast).copied().unwrap_or_default();
        rules.entry((*severity, length, *fast, only)).or_default().insert(*slow);
    }
    rules
        .into_iter()
        .filter_map(|((severity, _, fast, only), slower)| {
            let severity = Matcher::equal(SEVERITY_LABEL, severity.name());
            let only = only.as_ref().and_then(|ids| any_of(ID_LABEL, ids));
            let side = |tier: Matcher| {
                let conditions = [Some(severity.clone()), Some(tier), only.clone()];
                conditions.into_iter().flatten().collect::<Vec<_>>()
            };
            Some(PlannedInhibition {
                comment: format!("Whoever knows of `{fast}` needs no slower alert."),
                source: side(Matcher::equal(TIER_LABEL, fast)),
                target: side(any_of(TIER_LABEL, &slower)?),
                equal: equal.to_vec(),
            })
        })
        .collect()
}
