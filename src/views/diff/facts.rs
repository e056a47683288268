//! Everything that an objective is computed from, as facts that can be compared one by one.
use super::{
    Level,
    documents::{Key, Read, SETTINGS},
    fields,
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            behind::{self, Behind},
            dialects::beyond,
            model::{Budgeting, NoData, NoTraffic, Severity, Window},
            promises::promises_availability,
            resolve::{self, ResolvedObjective},
            spec::{
                AdjustmentMode, AlertPolicySpec, BudgetAdjustment, ErrorBudgetPolicy, Indicator,
                ServiceLevelObjective,
            },
        },
    },
    kernel::{
        measure::DataSource,
        spec::{Document, Either, Optional, Ref, Target as _, values},
        units::{Duration, Ratio},
    },
};
use serde_yaml::Value;

/// One fact about an objective.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// What it is about.
    pub(super) what: String,
    /// What is so.
    pub(super) text: String,
    /// The documents that say so, besides the objective's own.
    pub(super) said_by: Vec<Key>,
}

/// How much it matters that a fact is another.
pub(super) fn level(what: &str, before: Option<&str>, after: Option<&str>) -> Level {
    let is_below = |text: Option<&str>| text.is_some_and(|text| text.ends_with(BELOW));
    match what {
        // For people to read. What an alert policy says is told tier by tier.
        "ceiling" if is_below(after) && !is_below(before) => Level::Changed,
        "runbook" | "alert policy" | "indicator measurement_method" | "ceiling" => Level::Cosmetic,
        "threshold" => {
            let read = |text: Option<&str>| text.and_then(|text| text.parse::<Duration>().ok());
            match (read(before), read(after)) {
                (Some(before), Some(after)) => {
                    Level::by_order(after.cmp(&before), Level::Loosened, Level::Tightened)
                }
                _ => Level::Changed,
            }
        }
        // What forgives loosens where it comes; what counts time as bad does where it goes.
        what if what.starts_with("adjustment ") => match (before, after) {
            (None, Some(text)) if text.starts_with(AS_BAD) => Level::Tightened,
            (None, Some(_)) => Level::Loosened,
            (Some(text), None) if text.starts_with(AS_BAD) => Level::Loosened,
            (Some(_), None) => Level::Tightened,
            _ => Level::Changed,
        },
        _ => Level::Changed,
    }
}

/// Whether other events, or other shares of them, are counted where that fact is another.
pub(super) fn is_measured_by(what: &str) -> bool {
    let group = what.split_once(' ').map_or(what, |(group, _)| group);
    matches!(what, "method" | "missing data" | "group by" | "threshold")
        || matches!(group, "indicator" | "source" | "part" | "adjustment")
}

/// What stands behind a ceiling that is too low.
const BELOW: &str = "below the target";

/// How an adjustment begins that forgives nothing.
const AS_BAD: &str = "counts as bad";

/// The facts about an objective, in the order in which they are read.
pub(super) struct Facts<'r, 'c> {
    read: &'r Read<'c>,
    document: &'c Document,
    slo: &'c ServiceLevelObjective,
    found: Vec<Fact>,
}

/// The facts about an objective but for its target, its budget and its alerts.
pub(super) fn of<'c>(
    read: &Read<'c>,
    behind: &Behind<'c>,
    document: &'c Document,
    slo: &'c ServiceLevelObjective,
    windows: &[ResolvedObjective<'c>],
) -> Vec<Fact> {
    let mut facts = Facts { read, document, slo, found: Vec::new() };
    let Some(first) = windows.first() else { return Vec::new() };
    facts.counting(windows, first);
    facts.indicator(first);
    facts.policies(first);
    facts.adjustments();
    facts.people(first);
    for (field, text) in beyond::of(document) {
        facts.say(field, text, Vec::new());
    }
    facts.ceiling(behind, first);
    facts.found
}

impl Facts<'_, '_> {
    fn say(&mut self, what: impl Into<String>, text: impl Into<String>, said_by: Vec<Key>) {
        self.found.push(Fact { what: what.into(), text: text.into(), said_by });
    }

    /// As [`Self::say`], where there is something to say.
    fn maybe(&mut self, what: &str, text: Option<impl Into<String>>, said_by: Vec<Key>) {
        if let Some(text) = text {
            self.say(what, text, said_by);
        }
    }

    /// Over which time and how events are counted.
    fn counting(&mut self, windows: &[ResolvedObjective<'_>], first: &ResolvedObjective<'_>) {
        let own = self.slo.window.is_some() || !self.slo.windows.is_empty();
        let names: Vec<String> = windows.iter().map(|one| window(&one.window)).collect();
        self.say("window", names.join(", "), if own { Vec::new() } else { vec![settings()] });
        self.say("method", method(first.budgeting), Vec::new());
        let no_data = match first.no_data {
            NoData::Unknown => None,
            NoData::Good => Some("counts as good"),
            NoData::Bad => Some("counts as bad"),
        };
        self.maybe("missing data", no_data, Vec::new());
        let coverage = first.minimum_coverage.map(Ratio::percent);
        self.maybe("minimum coverage", coverage, Vec::new());
        if !first.group_by.is_empty() {
            self.say("group by", first.group_by.join(", "), Vec::new());
        }
        self.maybe("threshold", self.slo.threshold.value().map(ToString::to_string), Vec::new());
        for (part, weight) in &first.composite {
            self.say(format!("part {part}"), format!("weight {weight}"), Vec::new());
        }
    }

    /// What is measured, and where.
    fn indicator(&mut self, first: &ResolvedObjective<'_>) {
        let slo = self.slo;
        let Some((owner, spec)) = resolve::indicator_of(self.read.side.catalog, self.document, slo)
        else {
            return;
        };
        let inline = std::ptr::eq(owner, self.document);
        let said_by =
            if inline { Vec::new() } else { vec![(Indicator::KIND, owner.name().to_owned())] };
        let name = if inline { "written in place" } else { owner.name() };
        self.say("indicator", name, said_by.clone());
        let read = self.read;
        let value = if inline {
            read.spec(ServiceLevelObjective::KIND, self.document.name())
                .and_then(|spec| fields::at(spec, &["sli"]))
        } else {
            read.spec(Indicator::KIND, owner.name())
        };
        self.group(
            "indicator",
            value.map(|value| fields::without(value, &["source"])).as_ref(),
            &said_by,
        );
        let Some(source) = first.indicator.as_ref().and_then(|indicator| indicator.source) else {
            return;
        };
        let mut by_name = said_by;
        if spec.source.is_none() {
            by_name.push(settings());
        }
        self.say("source", source, by_name);
        let said_by = vec![(DataSource::KIND, source.to_owned())];
        self.group("source", read.spec(DataSource::KIND, source), &said_by);
    }

    /// Each field of a value as a fact.
    fn group(&mut self, group: &str, value: Option<&Value>, said_by: &[Key]) {
        for (field, text) in value.map(fields::fields).unwrap_or_default() {
            self.say(format!("{group} {field}"), text, said_by.to_vec());
        }
    }

    /// Which policies there are; what the alert policy says is told tier by tier.
    fn policies(&mut self, first: &ResolvedObjective<'_>) {
        let (catalog, by_settings) = (self.read.side.catalog, self.read.side.settings);
        let document = self.document;
        let said_by = alert_policy(self.slo, first);
        self.say(
            "alert policy",
            first.alerting_name.unwrap_or("written in place"),
            said_by.clone(),
        );
        let notices = [
            ("alert on a spent budget", first.notices.budget_exhausted),
            ("alert on an absent indicator", first.notices.sli_absent),
        ];
        for (what, severity) in notices {
            self.say(what, severity.map_or("none", Severity::name), said_by.clone());
        }
        let own = self.slo.policy.value().map(Ref::name);
        let default = by_settings.default_for(&|key| document.label(key), |one| one.policy.value());
        let Some(name) = own.or(default.map(String::as_str)) else { return };
        let mut said_by = vec![(ErrorBudgetPolicy::KIND, name.to_owned())];
        self.group("policy", self.read.spec(ErrorBudgetPolicy::KIND, name), &said_by);
        if own.is_none() {
            said_by.push(settings());
        }
        if catalog.find(ErrorBudgetPolicy::KIND, name).is_some() {
            self.say("policy", name, said_by);
        }
    }

    /// The times that are seen otherwise than they were measured.
    fn adjustments(&mut self) {
        let name = self.document.name();
        let catalog = self.read.side.catalog;
        for (document, spec) in catalog.iter::<BudgetAdjustment>() {
            let about = |slo: &Ref<ServiceLevelObjective>| slo.name() == name;
            if !values(spec.slos.get().map_or(&[][..], Vec::as_slice)).any(about) {
                continue;
            }
            let mode = match spec.mode.get() {
                Some(AdjustmentMode::Exclude) => "excludes",
                Some(AdjustmentMode::Good) => "counts as good",
                Some(AdjustmentMode::Bad) => AS_BAD,
                None => "adjusts",
            };
            let time = self.read.spec(BudgetAdjustment::KIND, document.name()).map(|value| {
                let about = ["slos", "mode", "reason", "ticket", "approved_by"];
                let time = fields::fields(&fields::without(value, &about));
                time.values().cloned().collect::<Vec<_>>().join(" ")
            });
            let text = format!("{mode} {}", time.unwrap_or_default());
            let said_by = vec![(BudgetAdjustment::KIND, document.name().to_owned())];
            self.say(format!("adjustment {}", document.name()), text, said_by);
        }
    }

    /// Whom it concerns.
    fn people(&mut self, first: &ResolvedObjective<'_>) {
        self.maybe("service", first.service, Vec::new());
        let owner_of_service = match (self.document.owner(), first.service) {
            (Some(_), _) => Vec::new(),
            (None, Some(service)) => vec![(Service::KIND, service.to_owned()), settings()],
            (None, None) => vec![settings()],
        };
        self.maybe("owner", first.owner, owner_of_service);
        let own = self.slo.runbook.is_some();
        let said_by = if own { Vec::new() } else { vec![settings()] };
        self.maybe("runbook", first.runbook.clone(), said_by);
    }

    /// What the services behind it permit, and whether that is enough.
    fn ceiling(&mut self, behind: &Behind<'_>, first: &ResolvedObjective<'_>) {
        let catalog = self.read.side.catalog;
        if !promises_availability(catalog, self.document, self.slo) {
            return;
        }
        let needs = first.service.map(|service| behind.needs(service)).unwrap_or_default();
        let Some(ceiling) = behind::declared(&needs) else { return };
        let mut said_by = Vec::new();
        for need in &needs {
            said_by.push((Service::KIND, need.service.to_owned()));
            said_by
                .extend(need.objective.map(|(document, _)| {
                    (ServiceLevelObjective::KIND, document.name().to_owned())
                }));
        }
        let target = first.objective.target();
        let is_below = ceiling.is_below(target);
        let text = if is_below { format!("{ceiling}, {BELOW}") } else { ceiling.to_string() };
        self.say("ceiling", text, said_by);
    }
}

/// The documents that say when an objective alerts.
pub(super) fn alert_policy(slo: &ServiceLevelObjective, first: &ResolvedObjective<'_>) -> Vec<Key> {
    let name = || first.alerting_name.map(|name| (AlertPolicySpec::KIND, name.to_owned()));
    match slo.alerting.value() {
        Some(Either::Mapping(_)) => Vec::new(),
        Some(Either::Scalar(_)) => name().into_iter().collect(),
        None => name().into_iter().chain([settings()]).collect(),
    }
}

fn settings() -> Key {
    (SETTINGS.0, SETTINGS.1.to_owned())
}

/// A window with everything that tells it from others.
pub(super) fn window(window: &Window) -> String {
    match window {
        Window::Rolling(length) => length.to_string(),
        Window::Calendar(calendar) => {
            let anchor = calendar.anchor.map(|day| format!(", from {day}")).unwrap_or_default();
            format!("{} in {}{anchor}", calendar.unit.name(), calendar.zone)
        }
    }
}

fn method(budgeting: Budgeting) -> String {
    let silence = |no_traffic| match no_traffic {
        NoTraffic::Ignore => "",
        NoTraffic::Good => ", silence is good",
        NoTraffic::Bad => ", silence is bad",
    };
    match budgeting {
        Budgeting::Occurrences => "occurrences".to_owned(),
        Budgeting::Timeslices { slice, target, no_traffic } => {
            format!("timeslices of {slice} with {} good{}", target.percent(), silence(no_traffic))
        }
        Budgeting::RatioTimeslices { slice, no_traffic } => {
            format!("ratio_timeslices of {slice}{}", silence(no_traffic))
        }
    }
}
