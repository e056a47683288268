//! What the language asks for beyond the types of its fields, as strictly as its own Go library.
//!
//! Where the language's own texts and examples break a rule, the finding is a warning; see [`super::rules`].
use super::{
    Version,
    duration::Shorthand,
    metadata::{Metadata, is_dns_label},
    rules as lenient,
    v1::{
        AlertConditionSpec, AlertPolicySpec, BudgetingMethod, InlineSli, Metric, Objective,
        RatioMetric, SliSpec, SloSpec, TimeWindow,
    },
};
use crate::kernel::{
    diagnostic::{Finding, Rule},
    source::Place,
    spec::{Alternatives, Count, Field, Optional as _, problem, rules},
};

/// The longest description.
const DESCRIPTION: usize = 1050;

/// Collects what is wrong with one document.
pub(super) struct Checks<'f> {
    /// The version of the language.
    pub(super) version: Version,
    /// What was found.
    pub(super) findings: &'f mut Vec<Finding>,
}

impl Checks<'_> {
    fn push(&mut self, rule: &'static Rule, place: Place, message: impl Into<String>, help: &str) {
        self.findings.push(Finding::new(rule, place, message).help(help));
    }

    /// A value that is not allowed.
    pub(super) fn invalid(&mut self, place: Place, message: impl Into<String>, help: &str) {
        self.push(&rules::INVALID_VALUE, place, message, help);
    }

    fn missing(&mut self, place: Place, field: &str, help: &str) {
        self.push(&rules::MISSING_FIELD, place, format!("missing field `{field}`"), help);
    }

    /// A name or a reference: a DNS label, capital letters put up with.
    pub(super) fn name(&mut self, field: &str, name: &Field<String>) {
        let Some((text, place)) = name.pair() else { return };
        if is_dns_label(text) {
            return;
        }
        let shown = problem::shorten(text);
        let lower = text.to_ascii_lowercase();
        if text.is_empty() {
            self.missing(place, field, "write a name");
        } else if is_dns_label(&lower) {
            let message = format!("`{field}`: `{shown}` has capital letters");
            let help = format!("write `{lower}`, and where it is referred to as well");
            self.push(&lenient::NAME_NOT_LOWER_CASE, place, message, &help);
        } else {
            let message = format!("`{field}`: `{shown}` is no DNS label");
            let help =
                "write up to 63 lower-case letters, digits and `-`, the first and the last no `-`";
            self.invalid(place, message, help);
        }
    }

    /// A text that is not too long.
    pub(super) fn at_most(&mut self, field: &str, text: &str, place: Place, most: usize) {
        let length = text.chars().count();
        if length > most {
            let message = format!("`{field}` has {length} characters, more than {most}");
            self.invalid(place, message, "shorten it");
        }
    }

    pub(super) fn description(&mut self, description: Option<&Field<String>>) {
        if let Some((text, place)) = description.and_then(Field::pair) {
            self.at_most("description", text, place, DESCRIPTION);
        }
    }

    /// A text that has to say something.
    pub(super) fn said(&mut self, field: &str, text: &Field<String>) {
        if let Some((text, place)) = text.pair()
            && text.is_empty()
        {
            self.missing(place, field, "write what it is");
        }
    }

    /// The words of this version for an indicator inside of an objective, and for the name of one.
    fn indicator_words(&self) -> [&'static str; 2] {
        match self.version {
            Version::V2Alpha => ["sli", "sliRef"],
            Version::V1 | Version::V1Alpha => ["indicator", "indicatorRef"],
        }
    }

    fn duration(&mut self, field: &str, written: &Field<Shorthand>) {
        let Some((duration, place)) = written.pair() else { return };
        match duration {
            Shorthand::Nothing => self.missing(place, field, "write a duration such as `28d`"),
            Shorthand::Of(_, unit)
                if self.version == Version::V2Alpha && !"mhdw".contains(unit.letter()) =>
            {
                let message = format!("`{field}`: `{}` is no unit of `v2alpha`", unit.letter());
                self.invalid(place, message, "the units are `m`, `h`, `d` and `w`");
            }
            Shorthand::Of(..) => {}
            Shorthand::Bare(number) if duration.length().is_some() => {
                let message = format!("`{field}`: `{number}` has no unit, and is read as minutes");
                let help = format!("write `{number}m`");
                self.push(&lenient::DURATION_WITHOUT_UNIT, place, message, &help);
            }
            Shorthand::Bare(number) => {
                let message = format!("`{field}`: `{number}` is no number of minutes");
                self.invalid(place, message, "write a duration such as `1m`");
            }
        }
    }

    fn within(&mut self, field: &str, number: Option<&Field<f64>>, range: &Range) {
        if let Some((number, place)) = number.and_then(Field::pair)
            && !range.contains(*number)
        {
            let message = format!("`{field}`: {number} is not {}", range.words);
            self.invalid(place, message, range.help);
        }
    }
}

/// Numbers from `from` to `to`.
struct Range {
    from: f64,
    to: f64,
    with_from: bool,
    with_to: bool,
    words: &'static str,
    help: &'static str,
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        (number > self.from || (self.with_from && number >= self.from))
            && (number < self.to || (self.with_to && number <= self.to))
    }
}

const TARGET: Range = Range {
    from: 0.0,
    to: 1.0,
    with_from: true,
    with_to: false,
    words: "from 0 to below 1",
    help: "write a ratio such as `0.999`, or `targetPercent`",
};
const TARGET_PERCENT: Range = Range {
    from: 0.0,
    to: 100.0,
    with_from: true,
    with_to: false,
    words: "from 0 to below 100",
    help: "write a percentage without its sign such as `99.9`",
};
const SLICE_TARGET: Range = Range {
    from: 0.0,
    to: 1.0,
    with_from: false,
    with_to: true,
    words: "above 0 and at most 1",
    help: "write a ratio such as `0.95`",
};
/// `v1alpha` takes a target of 0 for slices.
const OLD_SLICE_TARGET: Range = Range { with_from: true, words: "from 0 to 1", ..SLICE_TARGET };
const WEIGHT: Range = Range {
    from: 0.0,
    to: f64::MAX,
    with_from: false,
    with_to: true,
    words: "above 0",
    help: "weights are compared with each other: `2` counts twice as much as `1`",
};

/// A field that stands there, for [`Alternatives::check`].
fn present<'n, T>(name: &'n str, field: Option<&Field<T>>) -> Option<(&'n str, Place)> {
    field.map(|field| (name, field.place()))
}

impl SliSpec {
    pub(super) fn check(&self, place: Place, checks: &mut Checks<'_>) {
        checks.description(self.description.as_ref());
        let ways = [
            present("ratioMetric", self.ratio_metric.as_ref()),
            present("thresholdMetric", self.threshold_metric.as_ref()),
        ];
        METRICS.check(&ways, place, checks.findings);
        if let Some(metric) = self.threshold_metric.value() {
            metric.check(checks);
        }
        if let Some((ratio, place)) = self.ratio_metric.pair() {
            ratio.check(place, checks);
        }
    }
}

const METRICS: Alternatives =
    Alternatives { fields: &["ratioMetric", "thresholdMetric"], count: Count::ExactlyOne };
const PARTS: Alternatives = Alternatives { fields: &["good", "bad"], count: Count::ExactlyOne };

const SOURCES: Alternatives =
    Alternatives { fields: &["dataSourceRef", "dataSourceSpec"], count: Count::ExactlyOne };

impl RatioMetric {
    fn check(&self, place: Place, checks: &mut Checks<'_>) {
        let sides = [&self.good, &self.bad, &self.total, &self.raw];
        for metric in sides.into_iter().filter_map(|side| side.value()) {
            metric.check(checks);
        }
        if let Some(raw) = &self.raw {
            for (name, other) in [("good", &self.good), ("bad", &self.bad), ("total", &self.total)]
            {
                if let Some(other) = other {
                    let message = format!("`{name}` cannot stand beside `raw`");
                    let help = "`raw` is the ratio already; remove one of the two";
                    checks.findings.push(
                        Finding::new(&rules::INVALID_VALUE, other.place(), message)
                            .related(raw.place(), "`raw` stands here")
                            .help(help),
                    );
                }
            }
            if self.raw_type.is_none() {
                let help = "say what the ratio is a share of: `rawType: success` or `failure`";
                checks.missing(raw.place(), "rawType", help);
            }
            return;
        }
        if let Some(raw_type) = &self.raw_type {
            let help = "remove it, or write the ratio as `raw`";
            checks.invalid(raw_type.place(), "`rawType` means nothing without `raw`", help);
        }
        let parts = [present("good", self.good.as_ref()), present("bad", self.bad.as_ref())];
        if self.total.is_none() {
            checks.missing(place, "total", "write what counts all events, or `raw`");
        }
        PARTS.check(&parts, place, checks.findings);
    }
}

impl Metric {
    fn check(&self, checks: &mut Checks<'_>) {
        let Some(source) = self.metric_source.get() else { return };
        let field = match checks.version {
            Version::V2Alpha => "dataSourceRef",
            Version::V1 | Version::V1Alpha => "metricSourceRef",
        };
        if let Some(name) = &source.metric_source_ref {
            checks.name(field, name);
        }
        if checks.version == Version::V2Alpha {
            let ways = [
                present("dataSourceRef", source.metric_source_ref.as_ref()),
                present("dataSourceSpec", source.type_.as_ref()),
            ];
            SOURCES.check(&ways, self.metric_source.place(), checks.findings);
        }
        if let Some((spec, place)) = source.spec.pair()
            && spec.is_empty()
        {
            checks.invalid(place, "`spec` of a metric is empty", "write what is asked: `query: …`");
        }
    }
}

impl InlineSli {
    fn check(&self, place: Place, checks: &mut Checks<'_>) {
        let [field, _] = checks.indicator_words();
        match &self.metadata {
            Some(metadata) => {
                if let Some(metadata) = metadata.get() {
                    metadata.check(checks);
                }
            }
            None if checks.version == Version::V1Alpha => {}
            None => {
                let message = format!("`{field}` has no `metadata`");
                let help = "give it a name: `metadata: {name: …}`";
                checks.push(&lenient::FIELD_LEFT_OUT, place, message, help);
            }
        }
        if let Some((spec, place)) = self.spec.pair() {
            spec.check(place, checks);
        }
    }

    /// Whether it is a threshold, or a ratio; `None` where that could not be read.
    fn is_threshold(&self) -> Option<bool> {
        let spec = self.spec.get()?;
        match (&spec.threshold_metric, &spec.ratio_metric) {
            (Some(_), None) => Some(true),
            (None, Some(_)) => Some(false),
            _ => None,
        }
    }
}

impl SloSpec {
    pub(super) fn check(&self, place: Place, checks: &mut Checks<'_>) {
        checks.description(self.description.as_ref());
        checks.said("service", &self.service);
        self.check_indicators(place, checks);
        self.check_windows(place, checks);
        let method = self.budgeting_method.get().copied();
        for (objective, place) in self.listed_objectives() {
            let indicator = objective.indicator.value().or(self.indicator.value());
            let by_name = objective.indicator_ref.is_some() || self.indicator_ref.is_some();
            let threshold = indicator.and_then(InlineSli::is_threshold).filter(|_| !by_name);
            objective.check(place, method, threshold, checks);
        }
        for (item, place) in
            self.alert_policies.value().into_iter().flatten().filter_map(Field::pair)
        {
            check_item(
                "alertPolicyRef",
                "AlertPolicy",
                &Item {
                    name: item.alert_policy_ref.as_ref(),
                    kind: item.kind.as_ref(),
                    metadata: item.metadata.as_ref(),
                    spec: item.spec.as_ref().map(Field::place),
                },
                place,
                checks,
            );
            if let Some(spec) = item.spec.value() {
                spec.check(checks);
            }
        }
    }

    /// Its objectives that could be read, and where they stand.
    pub(super) fn listed_objectives(&self) -> impl Iterator<Item = (&Objective, Place)> {
        self.objectives.value().into_iter().flatten().filter_map(Field::pair)
    }

    /// Its window, if it has exactly one that could be read.
    pub(super) fn window(&self) -> Option<(&TimeWindow, Place)> {
        match &self.time_window.value()?[..] {
            [window] => window.pair(),
            _ => None,
        }
    }

    fn check_indicators(&self, place: Place, checks: &mut Checks<'_>) {
        let [field, name] = checks.indicator_words();
        let both = |indicator: Option<Place>,
                    reference: Option<&Field<String>>,
                    checks: &mut Checks<'_>| {
            if let (Some(first), Some(second)) = (indicator, reference) {
                let message = format!("`{name}` cannot stand beside `{field}`");
                checks.findings.push(
                    Finding::new(&rules::INVALID_VALUE, second.place(), message)
                        .related(first, format!("`{field}` stands here"))
                        .help("remove one of the two"),
                );
            }
            if let Some(reference) = reference {
                checks.name(name, reference);
            }
        };
        let own = self.indicator.as_ref().map(Field::place);
        both(own, self.indicator_ref.as_ref(), checks);
        if let Some((inline, place)) = self.indicator.pair() {
            inline.check(place, checks);
        }
        let own = own.or(self.indicator_ref.as_ref().map(Field::place));
        let mut any = false;
        for (objective, at) in self.listed_objectives() {
            let inline = objective.indicator.as_ref().map(Field::place);
            both(inline, objective.indicator_ref.as_ref(), checks);
            if let Some((inline, place)) = objective.indicator.pair() {
                inline.check(place, checks);
            }
            let Some(its) = inline.or(objective.indicator_ref.as_ref().map(Field::place)) else {
                continue;
            };
            any = true;
            if let Some(own) = own {
                let message = format!(
                    "an objective has an indicator of its own, and `{field}` or `{name}` stands in `spec` too"
                );
                checks.findings.push(
                    Finding::new(&rules::INVALID_VALUE, its, message)
                        .related(own, "the indicator of all objectives")
                        .help("remove one of the two"),
                );
            }
            let _ = at;
        }
        if own.is_none() && !any {
            let message = format!("neither `spec` nor an objective has `{field}` or `{name}`");
            let help =
                format!("write what is measured in `{field}`, or the name of an SLI in `{name}`");
            checks.push(&rules::MISSING_FIELD, place, message, &help);
        }
        if any {
            for (objective, at) in self.listed_objectives() {
                if objective.indicator.is_none()
                    && objective.indicator_ref.is_none()
                    && own.is_none()
                {
                    let message = format!(
                        "the other objectives have `{field}` or `{name}`, and this has none"
                    );
                    let help = "in a composite, every objective has an indicator of its own";
                    checks.push(&rules::MISSING_FIELD, at, message, help);
                }
            }
        }
    }

    fn check_windows(&self, place: Place, checks: &mut Checks<'_>) {
        let field = if checks.version == Version::V1Alpha { "timeWindows" } else { "timeWindow" };
        let Some(windows) = &self.time_window else {
            let message = format!("the objective has no `{field}`");
            let help = "say over which time it holds: `- {duration: 28d, isRolling: true}`";
            checks.push(&lenient::FIELD_LEFT_OUT, place, message, help);
            return;
        };
        let Some((list, place)) = windows.pair() else { return };
        if list.len() != 1 {
            let message = format!("`{field}` has {} entries; it has exactly one", list.len());
            checks.invalid(place, message, "write one document for each window");
        }
        for (window, place) in list.iter().filter_map(Field::pair) {
            window.check(place, checks);
        }
    }
}

impl TimeWindow {
    fn check(&self, place: Place, checks: &mut Checks<'_>) {
        checks.duration("duration", &self.duration);
        let rolling = self.is_rolling.value().copied();
        let is_misread = self.is_rolling.is_some() && rolling.is_none();
        match (&self.calendar, rolling) {
            _ if is_misread => {}
            (Some(calendar), Some(true)) => checks.invalid(
                calendar.place(),
                "`calendar` cannot be set when `isRolling` is true",
                "remove `calendar`, or write `isRolling: false`",
            ),
            // What is neither was written for tools that know rolling windows only.
            (None, None) if checks.version == Version::V1Alpha => checks.push(
                &lenient::FIELD_LEFT_OUT,
                place,
                "the window has neither `isRolling` nor `calendar`, and is read as a rolling one",
                "write `isRolling: true`",
            ),
            (None, Some(false) | None) => checks.invalid(
                self.is_rolling.as_ref().map_or(place, Field::place),
                "`calendar` must be set when `isRolling` is false",
                "write `isRolling: true`, or when the window begins: \
                 `calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}`",
            ),
            (Some(_), Some(false) | None) | (None, Some(true)) => {}
        }
        if let Some((Shorthand::Of(count, unit), at)) = self.duration.pair()
            && unit.letter() == 'm'
            && self.calendar.is_some()
        {
            let message = format!("`duration`: `{count}m` is {count} minutes, of no calendar");
            let help = format!("write `{count}M` for months");
            checks.push(&lenient::MINUTES_FOR_MONTHS, at, message, &help);
        }
    }
}

const TARGETS: Alternatives =
    Alternatives { fields: &["target", "targetPercent"], count: Count::ExactlyOne };

impl Objective {
    fn check(
        &self,
        place: Place,
        method: Option<BudgetingMethod>,
        threshold: Option<bool>,
        checks: &mut Checks<'_>,
    ) {
        let old = checks.version == Version::V1Alpha;
        if let Some((name, place)) = self.display_name.pair() {
            let most = if old { DESCRIPTION } else { usize::MAX };
            checks.at_most("displayName", name, place, most);
        }
        let targets = [
            present("target", self.target.as_ref()),
            present("targetPercent", self.target_percent.as_ref()),
        ];
        if old {
            if self.target.is_none() {
                checks.missing(place, "target", TARGET.help);
            }
        } else {
            TARGETS.check(&targets, place, checks.findings);
        }
        checks.within("target", self.target.as_ref(), &TARGET);
        checks.within("targetPercent", self.target_percent.as_ref(), &TARGET_PERCENT);
        let slice_target = if old { &OLD_SLICE_TARGET } else { &SLICE_TARGET };
        checks.within("timeSliceTarget", self.time_slice_target.as_ref(), slice_target);
        checks.within("compositeWeight", self.composite_weight.as_ref(), &WEIGHT);
        self.check_slices(place, method, checks);
        self.check_comparison(place, threshold, checks);
    }

    fn check_slices(&self, place: Place, method: Option<BudgetingMethod>, checks: &mut Checks<'_>) {
        if method == Some(BudgetingMethod::Timeslices) && self.time_slice_target.is_none() {
            let help = "say which share of a slice is to be good: `timeSliceTarget: 0.95`";
            checks.missing(place, "timeSliceTarget", help);
        }
        let sliced = method.is_some_and(|method| method != BudgetingMethod::Occurrences);
        if sliced && checks.version != Version::V1Alpha && self.time_slice_window.is_none() {
            checks.missing(
                place,
                "timeSliceWindow",
                "say how long a slice is: `timeSliceWindow: 5m`",
            );
        }
        if let Some(window) = &self.time_slice_window {
            checks.duration("timeSliceWindow", window);
        }
    }

    fn check_comparison(&self, place: Place, threshold: Option<bool>, checks: &mut Checks<'_>) {
        let fields = [
            ("op", self.op.as_ref().map(Field::place)),
            ("value", self.value.as_ref().map(Field::place)),
        ];
        for (name, at) in fields {
            match (threshold, at) {
                (Some(true), None) => {
                    let help = "say what the threshold is compared with: `op: lte`, `value: 0.5`";
                    checks.missing(place, name, help);
                }
                // `v1alpha` asks for `value` wherever it stands.
                (Some(false), None) if name == "value" && checks.version == Version::V1Alpha => {
                    let message = "the objective has no `value`, which `v1alpha` asks for";
                    let help = "write `value: 1`; it has no effect beside a ratio";
                    checks.push(&lenient::FIELD_LEFT_OUT, place, message, help);
                }
                (Some(false), Some(at)) if name == "op" || checks.version != Version::V1Alpha => {
                    let message = format!("`{name}` means nothing beside a ratio");
                    let help = "remove it: a threshold is compared, a ratio is not";
                    checks.push(&lenient::FIELD_WITHOUT_EFFECT, at, message, help);
                }
                _ => {}
            }
        }
    }
}

/// Something by name, or written here.
struct Item<'a> {
    name: Option<&'a Field<String>>,
    kind: Option<&'a Field<String>>,
    metadata: Option<&'a Field<Metadata>>,
    spec: Option<Place>,
}

fn check_item(
    reference: &'static str,
    kind: &str,
    item: &Item<'_>,
    place: Place,
    checks: &mut Checks<'_>,
) {
    let inline = item.kind.map(Field::place).or(item.metadata.map(Field::place)).or(item.spec);
    if let Some(name) = item.name {
        checks.name(reference, name);
        if let Some(inline) = inline {
            let message =
                format!("`{reference}` cannot stand beside a {kind} that is written here");
            checks.findings.push(
                Finding::new(&rules::INVALID_VALUE, name.place(), message)
                    .related(inline, "it is written here")
                    .help("remove one of the two"),
            );
        }
        return;
    }
    if inline.is_none() {
        let message = format!("expected `{reference}`, or a {kind} that is written here");
        let help = format!("write `{reference}: …`, or `kind: {kind}` with `metadata` and `spec`");
        checks.push(&rules::MISSING_FIELD, place, message, &help);
        return;
    }
    match item.kind.map(|field| field.pair()) {
        None => checks.missing(place, "kind", &format!("write `kind: {kind}`")),
        Some(Some((found, at))) if found != kind => {
            let message = format!("`kind`: `{}` cannot stand here", problem::shorten(found));
            checks.invalid(at, message, &format!("write `kind: {kind}`"));
        }
        Some(_) => {}
    }
    match item.metadata {
        None => checks.missing(place, "metadata", "give it a name: `metadata: {name: …}`"),
        Some(metadata) => {
            if let Some(metadata) = metadata.get() {
                metadata.check(checks);
            }
        }
    }
    if item.spec.is_none() {
        checks.missing(place, "spec", &format!("write the `spec` of the {kind}"));
    }
}

impl AlertPolicySpec {
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        checks.description(self.description.as_ref());
        if let Some((conditions, place)) = self.conditions.pair() {
            if conditions.len() != 1 {
                let message =
                    format!("`conditions` has {} entries; it has exactly one", conditions.len());
                checks.invalid(place, message, "write one policy for each condition");
            }
            for (item, place) in conditions.iter().filter_map(Field::pair) {
                let parts = Item {
                    name: item.condition_ref.as_ref(),
                    kind: item.kind.as_ref(),
                    metadata: item.metadata.as_ref(),
                    spec: item.spec.as_ref().map(Field::place),
                };
                check_item("conditionRef", "AlertCondition", &parts, place, checks);
                if let Some(spec) = item.spec.value() {
                    spec.check(checks);
                }
            }
        }
        if let Some((targets, place)) = self.notification_targets.pair() {
            if targets.is_empty() {
                let help = "name whom to tell: `- targetRef: …`";
                checks.invalid(place, "`notificationTargets` is empty", help);
            }
            for (item, place) in targets.iter().filter_map(Field::pair) {
                let parts = Item {
                    name: item.target_ref.as_ref(),
                    kind: item.kind.as_ref(),
                    metadata: item.metadata.as_ref(),
                    spec: item.spec.as_ref().map(Field::place),
                };
                check_item("targetRef", "AlertNotificationTarget", &parts, place, checks);
                if let Some(spec) = item.spec.value() {
                    checks.description(spec.description.as_ref());
                    checks.said("target", &spec.target);
                }
            }
        }
    }
}

impl AlertConditionSpec {
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        checks.description(self.description.as_ref());
        checks.said("severity", &self.severity);
        let Some(condition) = self.condition.get() else { return };
        checks.duration("lookbackWindow", &condition.lookback_window);
        match &condition.alert_after {
            Some(after) if after.get() != Some(&Shorthand::Nothing) => {
                checks.duration("alertAfter", after);
            }
            None if checks.version == Version::V2Alpha => {
                let place = condition.lookback_window.place();
                checks.missing(
                    place,
                    "alertAfter",
                    "say how long it has to hold: `alertAfter: 5m`",
                );
            }
            _ => {}
        }
    }
}
