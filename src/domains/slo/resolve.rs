//! From what users write to what engines compute with: references followed, defaults applied.
use super::{
    model::{
        AlertPolicy, AlertTier, Budgeting, NoData, Objective, ObjectiveError, Severity, Window,
    },
    queries::{self, Question},
    spec::{
        AlertPolicySpec, Category, EventPredicates, Indicator, Method, Notice,
        ServiceLevelObjective, TierSpec, WindowSpec,
    },
};
use crate::{
    domains::service::spec::Service,
    kernel::{
        diagnostic::Finding,
        measure::DataSource,
        report::without_secrets,
        settings::{Defaults, Settings},
        source::Place,
        spec::{
            Catalog, Document, Either, Field, Optional, Ref, Target as _, catalog::DocumentId,
            rules, values,
        },
        time::Calendar,
        units::{BurnFactor, Duration, Ratio},
    },
};
use std::{collections::BTreeMap, fmt};

/// An objective with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedObjective<'a> {
    /// The document.
    pub document: &'a Document,
    /// The service it speaks of.
    pub service: Option<&'a str>,
    /// Who answers for it: the document says, or its service, or the settings.
    pub owner: Option<&'a str>,
    /// Target and length of the window; of a calendar window the nominal one.
    pub objective: Objective,
    /// The window.
    pub window: Window,
    /// Whether it is the first of the document's windows, the one that alerts are about.
    pub first_window: bool,
    /// How the budget is counted.
    pub budgeting: Budgeting,
    /// What time counts as of which nothing was measured.
    pub no_data: NoData,
    /// Share of the window that has to be measured.
    pub minimum_coverage: Option<Ratio>,
    /// Labels whose values tell budgets apart.
    pub group_by: Vec<&'a str>,
    /// The objectives that it is composed of, with their weights; empty for one with an indicator.
    pub composite: Vec<(&'a str, f64)>,
    /// When to alert.
    pub alerting: AlertPolicy,
    /// Whom an alert on a spent budget reaches, and one on an indicator that is not there.
    pub notices: Notices,
    /// Labels of these two alerts: those that a policy gives to all of its alerts.
    pub notice_labels: BTreeMap<String, String>,
    /// Name of the alert policy, `workbook` for the default; `None` for one written in place.
    pub alerting_name: Option<&'a str>,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// What is measured; `None` where the objective names no indicator.
    pub indicator: Option<ResolvedIndicator<'a>>,
}

/// Whom alerts reach that are about no burn rate; `None`: nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices {
    /// The budget is spent.
    pub budget_exhausted: Option<Severity>,
    /// The indicator counts no events because there is nothing to count.
    pub sli_absent: Option<Severity>,
}

impl Default for Notices {
    /// Tickets: neither is over before someone has got up.
    fn default() -> Self {
        let ticket = Some(Severity::Ticket);
        Self { budget_exhausted: ticket, sli_absent: ticket }
    }
}

impl Notices {
    /// Nobody is told.
    const NONE: Self = Self { budget_exhausted: None, sli_absent: None };

    /// What a policy says.
    fn of(spec: &AlertPolicySpec) -> Self {
        let or = |said: &Option<Field<Notice>>, default| match said.value() {
            None => default,
            Some(Notice::Page) => Some(Severity::Page),
            Some(Notice::Ticket) => Some(Severity::Ticket),
            Some(Notice::None) => None,
        };
        let default = Self::default();
        Self {
            budget_exhausted: or(&spec.budget_exhausted, default.budget_exhausted),
            sli_absent: or(&spec.sli_absent, default.sli_absent),
        }
    }
}

/// An indicator with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedIndicator<'a> {
    /// Its name; `None` for one written in place.
    pub name: Option<&'a str>,
    /// What it measures of the service.
    pub category: Option<Category>,
    /// The data source.
    pub source: Option<&'a str>,
    /// How it is measured; `None` where it does not say.
    pub measurement: Option<Measurement>,
}

/// How an indicator is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measurement {
    /// On single events.
    Events {
        /// Which events count, in SQL; all where not given.
        total: Option<String>,
        /// Which of them are good.
        good: Good,
        /// Where the condition stands.
        place: Place,
    },
    /// On columns of counts.
    Counts {
        /// Column of good events.
        good: Option<String>,
        /// Column of bad events.
        bad: Option<String>,
        /// Column of all events.
        total: Option<String>,
    },
    /// By queries to a server, or by their selectors on files of samples.
    Prometheus(Box<Question>),
}

/// What makes an event good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Good {
    /// The condition, in SQL, is true.
    If(String),
    /// The condition, in SQL, is false.
    Unless(String),
    /// The column holds a time no longer than this.
    Within(String, Duration),
}

/// Why an objective cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// What is missing or wrong.
    pub message: String,
    /// What to add.
    pub help: String,
    /// Where.
    pub place: Place,
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The windows of an objective: its own, else the settings'. Windows that could not be read are left
/// out.
pub fn windows(
    document: &Document,
    slo: &ServiceLevelObjective,
    settings: &Settings,
) -> Vec<Window> {
    let written = slo.written_windows().filter_map(|(window, _)| window_of(window));
    let windows: Vec<Window> = written.collect();
    if slo.window.is_some() || !slo.windows.is_empty() {
        return windows;
    }
    let default =
        settings.default_for(&|key| document.label(key), |defaults| defaults.window.value());
    default.map(|length| Window::Rolling(*length)).into_iter().collect()
}

/// A window as engines see it; `None` where a part of it could not be read.
pub(super) fn window_of(written: &WindowSpec) -> Option<Window> {
    match written {
        Either::Scalar(length) => Some(Window::Rolling(*length)),
        Either::Mapping(calendar) => {
            // A day that could not be read is no reason to count from another one.
            let anchor = match &calendar.anchor {
                Some(day) => Some(day.get()?.0),
                None => None,
            };
            let (unit, zone) = (*calendar.calendar.get()?, calendar.time_zone.get()?.clone());
            Some(Window::Calendar(Calendar { unit, zone, anchor }))
        }
    }
}

/// The length of an objective's first window.
pub fn window(
    document: &Document,
    slo: &ServiceLevelObjective,
    settings: &Settings,
) -> Option<Duration> {
    windows(document, slo, settings).first().map(Window::length)
}

/// Name of the data source of an indicator: its own, else the settings'. `document` is the one whose
/// labels choose among the settings.
pub fn source<'a>(
    document: &'a Document,
    indicator: &'a Indicator,
    settings: &'a Settings,
) -> Option<&'a str> {
    indicator.source.value().map(Ref::name).or_else(|| {
        settings
            .default_for(&|key| document.label(key), |defaults| defaults.source.value())
            .map(Ref::name)
    })
}

/// The alert policy that is written for an objective: its own, else the settings'; `None` for the
/// workbook's. With the name of the policy's document, where it has one.
fn written_policy<'a>(
    catalog: &'a Catalog,
    settings: &'a Settings,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
) -> Option<(&'a AlertPolicySpec, Option<&'a str>)> {
    let named = |name: &'a str| {
        let (document, spec) = catalog.get::<AlertPolicySpec>(name)?;
        Some((spec, Some(document.name())))
    };
    match slo.alerting.value() {
        Some(Either::Mapping(inline)) => Some((inline, None)),
        Some(Either::Scalar(name)) => named(name.name()),
        None => {
            default_text(document, settings, |defaults| defaults.alerting.value()).and_then(named)
        }
    }
}

fn default_text<'a>(
    document: &'a Document,
    settings: &'a Settings,
    read: fn(&Defaults) -> Option<&String>,
) -> Option<&'a str> {
    settings.default_for(&|key| document.label(key), read).map(String::as_str)
}

/// The tiers of a policy for objectives over `window`. Tiers that are switched off are left out, and so
/// are those with errors; they have been reported.
pub fn alert_policy(spec: &AlertPolicySpec, window: Duration) -> AlertPolicy {
    let written = spec.tiers.get().into_iter().flatten().filter_map(Field::get);
    let tiers = written.filter_map(|tier| tier_of(tier, window)).map(|mut tier| {
        inherit(&mut tier.labels, &spec.labels);
        inherit(&mut tier.annotations, &spec.annotations);
        tier
    });
    AlertPolicy { tiers: tiers.collect() }
}

/// Adds what a policy says of all its tiers where a tier does not say otherwise.
fn inherit(own: &mut BTreeMap<String, String>, shared: &BTreeMap<String, Field<String>>) {
    for (key, value) in texts(shared) {
        own.entry(key).or_insert(value);
    }
}

/// The texts of a mapping that could be read.
fn texts(
    written: &BTreeMap<String, Field<String>>,
) -> impl Iterator<Item = (String, String)> + use<'_> {
    written.iter().filter_map(|(key, value)| Some((key.clone(), value.get()?.clone())))
}

/// One tier as engines see it; `None` where it is switched off, or a part of it could not be read.
pub(super) fn tier_of(tier: &TierSpec, window: Duration) -> Option<AlertTier> {
    if tier.enabled.value() == Some(&false) {
        return None;
    }
    let (long, severity) = (*tier.long.get()?, *tier.severity.get()?);
    let twelfth = Duration::from_milliseconds(long.milliseconds() / 12);
    let short = tier.short.value().copied().unwrap_or(twelfth);
    let factor = match (tier.burn_rate.value(), tier.budget_share.value()) {
        (Some(factor), _) => *factor,
        (None, share) => BurnFactor::from_share(*share?, window, long)?,
    };
    let name = tier.name.value().cloned();
    Some(AlertTier {
        name: name.unwrap_or_else(|| format!("{}-{long}", severity.name())),
        hold: tier.hold.value().copied().unwrap_or_default(),
        minimum_events: tier.minimum_events.value().copied(),
        minimum_bad_events: tier.minimum_bad_events.value().copied(),
        confidence: tier.confidence.value().copied(),
        event_weighted: tier.event_weighted.value() == Some(&true),
        labels: texts(&tier.labels).collect(),
        annotations: texts(&tier.annotations).collect(),
        ..AlertTier::new(severity, long, short, factor)
    })
}

/// The documents that settings lead an objective to without its naming them.
pub fn by_default(
    catalog: &Catalog,
    settings: &Settings,
    document: &Document,
    slo: &ServiceLevelObjective,
) -> Vec<DocumentId> {
    let policy = match slo.alerting.value() {
        Some(_) => None,
        None => default_text(document, settings, |defaults| defaults.alerting.value()),
    };
    let source = indicator_of(catalog, document, slo).and_then(|(owner, spec)| {
        source(owner, spec, settings).or_else(|| source(document, spec, settings))
    });
    let policy = policy.and_then(|name| catalog.id_of(AlertPolicySpec::KIND, name));
    let source = source.and_then(|name| catalog.id_of(DataSource::KIND, name));
    policy.into_iter().chain(source).collect()
}

/// Alert policies that settings name and that do not exist.
pub fn unknown_defaults(catalog: &Catalog, settings: &Settings) -> Vec<Finding> {
    let kind = AlertPolicySpec::KIND;
    let named = settings.defaults.iter().filter_map(|defaults| defaults.get()?.alerting.pair());
    named
        .filter(|(name, _)| catalog.find(kind, name).is_none())
        .map(|(name, place)| {
            let message = format!("no {kind} is called `{name}`");
            Finding::new(&rules::UNRESOLVED_REFERENCE, place, message)
        })
        .collect()
}

/// Resolves an objective: once for each of its windows, the first one first.
///
/// # Errors
/// Without a window, or with a target of 100 %.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    settings: &'a Settings,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
) -> Result<Vec<ResolvedObjective<'a>>, Incomplete> {
    let at = document.name_place();
    let incomplete = |message: &str, help: &str, place| Incomplete {
        message: format!("`{}` {message}", document.name()),
        help: help.to_owned(),
        place,
    };
    let without_window = || incomplete("has no window", "add `window: 30d`", at);
    let windows = windows(document, slo, settings);
    let first = windows.first().ok_or_else(without_window)?.length();
    let (target, place) =
        slo.target.pair().ok_or_else(|| incomplete("has no target", "add `target: 99.9%`", at))?;
    let objective_over = |length| {
        Objective::new(*target, length).map_err(|error| match error {
            ObjectiveError::NoBudget => incomplete(
                "has a target of 100%, which leaves no error budget",
                "choose a target below 100%",
                place,
            ),
            ObjectiveError::NoWindow => without_window(),
        })
    };
    let written = written_policy(catalog, settings, document, slo);
    let (policy, alerting_name) = written.map_or_else(
        || (AlertPolicy::workbook(first), Some("workbook")),
        |(spec, name)| (alert_policy(spec, first), name),
    );
    let service = slo.service.value().map(Ref::name);
    let runbook = slo.runbook.value().cloned().or_else(|| {
        default_text(document, settings, |defaults| defaults.runbook.value())
            .map(|text| text.replace("{name}", document.name()))
    });
    let runbook = runbook.map(|address| without_secrets(&address).into_owned());
    let resolved = ResolvedObjective {
        document,
        service,
        owner: owner(catalog, settings, document, service),
        objective: objective_over(first)?,
        window: windows[0].clone(),
        first_window: true,
        budgeting: budgeting(slo).map_err(|message| {
            incomplete(message, "say which share of a slice is to be good: `slice_target: 95%`", at)
        })?,
        no_data: slo.no_data.value().copied().unwrap_or_default(),
        minimum_coverage: slo.minimum_coverage.value().copied(),
        group_by: values(&slo.group_by).map(String::as_str).collect(),
        composite: values(&slo.composite)
            .filter_map(|part| {
                Some((part.slo.get()?.name(), part.weight.value().copied().unwrap_or(1.0)))
            })
            .collect(),
        alerting: policy,
        notices: written.map_or_else(Notices::default, |(spec, _)| Notices::of(spec)),
        notice_labels: written.map(|(spec, _)| texts(&spec.labels).collect()).unwrap_or_default(),
        alerting_name,
        runbook,
        indicator: indicator(catalog, settings, document, slo)?,
    };
    let others = windows[1..].iter().map(|window| {
        Ok(ResolvedObjective {
            objective: objective_over(window.length())?,
            window: window.clone(),
            first_window: false,
            alerting: AlertPolicy::default(),
            notices: Notices::NONE,
            notice_labels: BTreeMap::new(),
            ..resolved.clone()
        })
    });
    let others: Vec<_> = others.collect::<Result<_, Incomplete>>()?;
    Ok(std::iter::once(resolved).chain(others).collect())
}

/// Slices are as long as this unless an objective says otherwise.
const SLICE: Duration = Duration::from_minutes(5);

/// How the budget of an objective is counted.
///
/// # Errors
/// Time slices without a `slice_target`.
pub(super) fn budgeting(slo: &ServiceLevelObjective) -> Result<Budgeting, &'static str> {
    let slice = slo.slice.value().copied().unwrap_or(SLICE);
    let no_traffic = slo.no_traffic.value().copied().unwrap_or_default();
    Ok(match slo.method.value().copied().unwrap_or_default() {
        Method::Occurrences => Budgeting::Occurrences,
        // The slices of a composite are those of its parts.
        Method::Timeslices if !slo.composite.is_empty() => {
            Budgeting::Timeslices { slice, target: Ratio::ONE, no_traffic }
        }
        Method::Timeslices => {
            let target =
                *slo.slice_target.value().ok_or("counts timeslices without `slice_target`")?;
            Budgeting::Timeslices { slice, target, no_traffic }
        }
        Method::RatioTimeslices => Budgeting::RatioTimeslices { slice, no_traffic },
    })
}

fn owner<'a>(
    catalog: &'a Catalog,
    settings: &'a Settings,
    document: &'a Document,
    service: Option<&str>,
) -> Option<&'a str> {
    document
        .owner()
        .or_else(|| catalog.get::<Service>(service?).and_then(|(service, _)| service.owner()))
        .or_else(|| default_text(document, settings, |defaults| defaults.owner.value()))
}

/// The indicator of an objective: a document, or written in place.
pub fn indicator_of<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
) -> Option<(&'a Document, &'a Indicator)> {
    match slo.sli.value()? {
        Either::Mapping(inline) => Some((document, inline)),
        Either::Scalar(name) => catalog.get::<Indicator>(name.name()),
    }
}

fn indicator<'a>(
    catalog: &'a Catalog,
    settings: &'a Settings,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
) -> Result<Option<ResolvedIndicator<'a>>, Incomplete> {
    let Some((owner, spec)) = indicator_of(catalog, document, slo) else { return Ok(None) };
    let inline = std::ptr::eq(owner, document);
    Ok(Some(ResolvedIndicator {
        name: (!inline).then(|| owner.name()),
        category: spec.category.value().copied(),
        source: source(owner, spec, settings).or_else(|| source(document, spec, settings)),
        measurement: measurement(document, slo, spec)?,
    }))
}

fn measurement(
    document: &Document,
    slo: &ServiceLevelObjective,
    spec: &Indicator,
) -> Result<Option<Measurement>, Incomplete> {
    if let Some(events) = spec.events.value() {
        return events_of(document, slo, events);
    }
    if let Some(counts) = spec.counts.value() {
        return Ok(Some(Measurement::Counts {
            good: counts.good.value().cloned(),
            bad: counts.bad.value().cloned(),
            total: counts.total.value().cloned(),
        }));
    }
    if let Some(written) = spec.prometheus.value() {
        let question = queries::question(document, slo, written)?;
        return Ok(question.map(|question| Measurement::Prometheus(Box::new(question))));
    }
    let columns = spec.indicator.value().and_then(|text| ratio_of_columns(text));
    Ok(columns.map(|(good, total)| Measurement::Counts {
        good: Some(good.to_owned()),
        bad: None,
        total: Some(total.to_owned()),
    }))
}

fn events_of(
    document: &Document,
    slo: &ServiceLevelObjective,
    events: &EventPredicates,
) -> Result<Option<Measurement>, Incomplete> {
    let total = events.total.value().cloned();
    if let Some((column, place)) = events.latency.pair() {
        let Some(threshold) = slo.threshold.value() else {
            return Err(Incomplete {
                message: format!("`{}` measures latency and has no threshold", document.name()),
                help: "add the time within which an event is good, such as `threshold: 300ms`"
                    .into(),
                place,
            });
        };
        let good = Good::Within(column.clone(), *threshold);
        return Ok(Some(Measurement::Events { total, good, place }));
    }
    if let Some((good, place)) = events.good.pair() {
        return Ok(Some(Measurement::Events { total, good: Good::If(good.clone()), place }));
    }
    // An event of which it is not known whether it is bad does not count as good.
    Ok(events.bad.pair().map(|(bad, place)| Measurement::Events {
        total,
        good: Good::Unless(bad.clone()),
        place,
    }))
}

/// The two columns of `good / total`.
pub fn ratio_of_columns(text: &str) -> Option<(&str, &str)> {
    let (good, total) = text.split_once('/')?;
    let (good, total) = (good.trim(), total.trim());
    let column = |name: &str| {
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'))
    };
    (column(good) && column(total)).then_some((good, total))
}
