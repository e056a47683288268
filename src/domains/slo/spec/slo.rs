//! The kind `SLO`.
use super::{AlertPolicySpec, ErrorBudgetPolicy, Indicator, ObjectiveTest, WindowSpec};
use crate::{
    domains::{
        service::spec::Service,
        slo::model::{NoData, NoTraffic},
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Either, Field, Kind, Optional, Ref, Spec, Spelling, Unit, rules,
        },
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A service level objective: how large a share of the events of a window is to be good.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SLO", transform = constrain)]
pub struct ServiceLevelObjective {
    /// The service it speaks of.
    pub service: Option<Field<Ref<Service>>>,
    /// The indicator: the name of an `SLI`, or one written here.
    pub sli: Option<Field<Either<Ref<Indicator>, Indicator>>>,
    /// Share of events that is to be good, such as `99.9%`; below 100 %.
    pub target: Field<Ratio>,
    /// The window: the length of a rolling one, such as `30d`, or a calendar period,
    /// `{calendar: month, time_zone: Europe/Berlin}`.
    pub window: Option<Field<WindowSpec>>,
    /// Several windows, instead of `window`; alerts are about the first.
    #[serde(default)]
    pub windows: Vec<Field<WindowSpec>>,
    /// How the budget is counted; by occurrences unless said otherwise.
    pub method: Option<Field<Method>>,
    /// Length of a slice of time, for methods that count slices; `5m` unless said.
    pub slice: Option<Field<Duration>>,
    /// Share of the events of a slice that is to be good for the slice to be good; for `timeslices`.
    pub slice_target: Option<Field<Ratio>>,
    /// What a slice without traffic counts as, for methods that count slices; `ignore` unless said.
    pub no_traffic: Option<Field<NoTraffic>>,
    /// What time counts as of which nothing was measured; `unknown` unless said.
    pub no_data: Option<Field<NoData>>,
    /// Share of the window that has to be measured for the answer to be more than `unknown`.
    pub minimum_coverage: Option<Field<Ratio>>,
    /// Labels of the measurements: one budget for each combination of their values.
    #[serde(default)]
    pub group_by: Vec<Field<String>>,
    /// The objectives that this one is composed of, instead of an indicator of its own.
    #[serde(default)]
    pub composite: Vec<Field<CompositePart>>,
    /// The time within which an event is good, for indicators of latency: `300ms`.
    pub threshold: Option<Field<Duration>>,
    /// When to alert: the name of an `AlertPolicy`, or one written here; the Site Reliability
    /// Workbook's four tiers unless said.
    pub alerting: Option<Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>>>,
    /// What follows when the budget runs out.
    pub policy: Option<Field<Ref<ErrorBudgetPolicy>>>,
    /// Where to read what to do when it is missed: the name of a `Runbook`, an address, or a path in the catalog.
    pub runbook: Option<Field<String>>,
    /// What its alerts and its budget are expected to do at given measurements, for `sre test`.
    #[serde(default)]
    pub tests: Vec<Field<ObjectiveTest>>,
}

/// How an error budget is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Bad events over all events.
    #[default]
    Occurrences,
    /// Bad slices of time over all slices; a slice is bad where less than `slice_target` of its events
    /// are good.
    Timeslices,
    /// The mean over all slices of the share of bad events in each.
    RatioTimeslices,
}

/// One objective of a composite.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompositePart {
    /// The objective.
    pub slo: Field<Ref<ServiceLevelObjective>>,
    /// How much it weighs against the others; 1 unless said.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1e9))]
    pub weight: Option<Field<f64>>,
}

/// Which fields need which, as far as that can be said of fields alone.
fn constrain(schema: &mut schemars::Schema) {
    let some = |field: &str| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}});
    let items = |field: &str| json!({"required": [field], "properties": {field: {"type": "array", "minItems": 1}}});
    let method =
        |names: &[&str]| json!({"required": ["method"], "properties": {"method": {"enum": names}}});
    let sliced = method(&["timeslices", "ratio_timeslices"]);
    let no_indicator =
        json!({"not": {"anyOf": [some("sli"), some("threshold"), items("group_by")]}});
    schema.insert(
        "allOf".to_owned(),
        json!([
            {"not": {"allOf": [some("window"), items("windows")]}},
            {
                "if": {"allOf": [method(&["timeslices"]), {"not": items("composite")}]},
                "then": some("slice_target"),
            },
            {"if": some("slice"), "then": sliced.clone()},
            {"if": some("no_traffic"), "then": sliced},
            {"if": some("slice_target"), "then": method(&["timeslices"])},
            {"if": items("composite"), "then": no_indicator},
        ]),
    );
}

const WINDOWS: Alternatives =
    Alternatives { fields: &["window", "windows"], count: Count::AtMostOne };

reference_target!(ServiceLevelObjective, "SLO");

impl Spec for ServiceLevelObjective {
    const SPELLINGS: &'static [Spelling] = &[
        Spelling { path: &["spec"], old: "target_percent", new: "target", unit: Unit::Ratio },
        Spelling {
            path: &["spec"],
            old: "threshold_ms",
            new: "threshold",
            unit: Unit::Milliseconds,
        },
    ];

    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        if let Some((sli, at)) = self.sli.as_ref().and_then(Field::pair)
            && let Some(inline) = sli.mapping()
        {
            inline.check_alternatives(at, findings);
        }
        if let Some(alerting) = self.alerting.as_ref().and_then(Field::get)
            && let Some(inline) = alerting.mapping()
        {
            inline.check(place, findings);
        }
        self.check_windows(place, findings);
        self.check_method(place, findings);
        self.check_composite(findings);
        self.tests.iter().filter_map(Field::get).for_each(|test| test.check(findings));
    }
}

impl ServiceLevelObjective {
    /// An objective of that target, which says nothing else.
    pub fn new(target: Field<Ratio>) -> Self {
        Self {
            service: None,
            sli: None,
            target,
            window: None,
            windows: Vec::new(),
            method: None,
            slice: None,
            slice_target: None,
            no_traffic: None,
            no_data: None,
            minimum_coverage: None,
            group_by: Vec::new(),
            composite: Vec::new(),
            threshold: None,
            alerting: None,
            policy: None,
            runbook: None,
            tests: Vec::new(),
        }
    }

    /// Its windows as they are written, the first one first.
    pub fn written_windows(&self) -> impl Iterator<Item = (&WindowSpec, Place)> {
        self.window.iter().chain(&self.windows).filter_map(Field::pair)
    }

    fn check_windows(&self, place: Place, findings: &mut Vec<Finding>) {
        let present = [
            self.window.as_ref().map(|field| ("window", field.place())),
            self.windows.first().map(|field| ("windows", field.place())),
        ];
        WINDOWS.check(&present, place, findings);
        for (window, at) in self.written_windows() {
            if window.scalar().is_some_and(|length| *length < SHORTEST_WINDOW) {
                let message = format!("a window is at least `{SHORTEST_WINDOW}` long");
                findings.push(
                    Finding::new(&rules::INVALID_VALUE, at, message)
                        .help("`30d` and `28d` are usual"),
                );
            }
        }
    }

    fn check_method(&self, place: Place, findings: &mut Vec<Finding>) {
        let method = self.method.value().copied().unwrap_or_default();
        if method == Method::Timeslices && self.slice_target.is_none() && self.composite.is_empty()
        {
            let at = self.method.as_ref().map_or(place, Field::place);
            findings.push(
                Finding::new(&rules::MISSING_FIELD, at, "`timeslices` need `slice_target`")
                    .help("say which share of a slice's events is to be good: `slice_target: 95%`"),
            );
        }
        let sliced = [
            (self.slice.as_ref().map(Field::place), "slice", method != Method::Occurrences),
            (
                self.slice_target.as_ref().map(Field::place),
                "slice_target",
                method == Method::Timeslices,
            ),
            (
                self.no_traffic.as_ref().map(Field::place),
                "no_traffic",
                method != Method::Occurrences,
            ),
        ];
        for (at, name, used) in sliced {
            if let Some(at) = at.filter(|_| !used) {
                let help = "write `method: timeslices` to count slices of time, or remove it";
                let message = format!("`{name}` means nothing where `method` does not use it");
                findings.push(Finding::new(&rules::INVALID_VALUE, at, message).help(help));
            }
        }
        if let Some((slice, at)) = self.slice.as_ref().and_then(Field::pair)
            && (slice.is_zero()
                || slice.milliseconds() % 60_000 != 0
                || *slice > Duration::from_days(1))
        {
            let message = format!("a slice of `{slice}` is no whole number of minutes up to a day");
            findings.push(
                Finding::new(&rules::INVALID_VALUE, at, message).help("`1m` and `5m` are usual"),
            );
        }
    }

    fn check_composite(&self, findings: &mut Vec<Finding>) {
        let Some(first) = self.composite.first() else { return };
        let excluded = [
            self.sli.as_ref().map(|field| ("sli", field.place())),
            self.threshold.as_ref().map(|field| ("threshold", field.place())),
            self.group_by.first().map(|field| ("group_by", field.place())),
        ];
        for (name, at) in excluded.into_iter().flatten() {
            findings.push(
                Finding::new(
                    &rules::INVALID_VALUE,
                    at,
                    format!("`{name}` cannot stand beside `composite`"),
                )
                .related(first.place(), "the composite")
                .help("a composite is measured by its parts; remove one of the two"),
            );
        }
        for (weight, at) in
            self.composite.iter().filter_map(|part| part.get()?.weight.as_ref()?.pair())
        {
            if !(weight.is_finite() && *weight > 0.0 && *weight <= 1e9) {
                findings.push(
                    Finding::new(&rules::INVALID_VALUE, at, "a weight is a number above 0").help(
                        "weights are compared with each other: `2` counts twice as much as `1`",
                    ),
                );
            }
        }
    }
}

/// Shorter windows hold too little to be promised.
const SHORTEST_WINDOW: Duration = Duration::from_minutes(5);

/// The kind.
pub(in crate::domains::slo) static KIND: Kind = Kind::of::<ServiceLevelObjective>(
    "a service level objective: how large a share of the events of a window is to be good",
    include_str!("slo.yaml"),
);
