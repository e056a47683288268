//! From what stands in a Pyrra document to an objective; everything that is wrong with it is reported.
use super::{
    alerting::{Burn, SHORTEST_WINDOW},
    document::{self as written, Alerting, Envelope, Grouping, Indicator, Text, Texts},
    objective::{
        ABSENT_SEVERITY, Metric, PROPAGATED, PyrraAlerting, PyrraIndicator, PyrraObjective,
        PyrraRuleOutput,
    },
    percent::{self, PercentError},
    rules as lints,
};
use crate::{
    domains::slo::promql::{self, Operator, Refusal},
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Field, Optional,
            core_schema::{CoreType, core_type},
            decode::Reading,
            problem, rules,
            scalar::Scalar,
            tree::Style,
        },
        units::{Duration, Ratio},
    },
};
use std::collections::BTreeMap;

/// The version of Pyrra's language that is read.
pub(super) const API_VERSION: &str = "pyrra.dev/v1alpha1";
/// The kind of document that is read.
pub(super) const KIND: &str = "ServiceLevelObjective";

const MEASURED_BY: Alternatives = Alternatives {
    fields: &["ratio", "latency", "latencyNative", "bool_gauge"],
    count: Count::ExactlyOne,
};

/// What a document says where each part stands for itself.
#[derive(Default)]
pub(super) struct Parts {
    /// Share of events that is to be good.
    pub(super) target: Option<Ratio>,
    /// Length of the window.
    pub(super) window: Option<Duration>,
    /// What is measured, and the labels to group by.
    pub(super) indicator: Option<(PyrraIndicator, Vec<String>)>,
}

/// The parts of a document that could be read, and its objective, unless one could not.
pub(super) fn objective(
    reading: &Reading<'_>,
    envelope: &Envelope,
) -> (Parts, Option<PyrraObjective>) {
    check_language(reading, envelope);
    check_quotes(reading);
    let head = envelope.metadata.get().and_then(|metadata| head(reading, metadata));
    let Some(spec) = envelope.spec.get() else { return (Parts::default(), None) };
    let target = target(reading, &spec.target);
    let window = window(reading, &spec.window);
    let indicator = spec.indicator.pair().and_then(|(indicator, place)| {
        check_alternatives(reading, indicator, place);
        self::indicator(reading, indicator)
    });
    let parts = Parts {
        target: target.as_ref().map(|(target, _)| *target),
        window,
        indicator: indicator.clone(),
    };
    (parts, joined(reading, envelope, spec, (head, target, window, indicator)))
}

/// The parts of an objective that it cannot do without.
type Needed = (
    Option<Head>,
    Option<(Ratio, String)>,
    Option<Duration>,
    Option<(PyrraIndicator, Vec<String>)>,
);

fn joined(
    reading: &Reading<'_>,
    envelope: &Envelope,
    spec: &written::Spec,
    (head, target, window, indicator): Needed,
) -> Option<PyrraObjective> {
    let metadata = envelope.metadata.get();
    let alerting = alerting(reading, spec.alerting.value());
    let output = spec.rule_output.value();
    let labels_of = |labels: fn(&written::RuleOutput) -> &Option<Field<Texts>>| {
        output.and_then(|output| labels(output).value()).map(texts).unwrap_or_default()
    };
    let (target, printed_target) = target?;
    let (indicator, grouping) = indicator?;
    let (name, labels, annotations) = head?;
    Some(PyrraObjective {
        name,
        namespace: metadata.and_then(|metadata| text(metadata.namespace.value())),
        labels,
        annotations,
        description: text(spec.description.value()).unwrap_or_default(),
        target,
        printed_target,
        window: window?,
        indicator,
        grouping,
        alerting,
        partial_response: spec.partial_response_strategy.value().copied(),
        performance_over_accuracy: spec.performance_over_accuracy.value().is_some_and(|on| *on),
        rule_output: PyrraRuleOutput {
            short_labels: labels_of(|output| &output.short_rules_labels),
            long_labels: labels_of(|output| &output.long_rules_labels),
            description_as_label: output
                .and_then(|output| output.enable_description_as_label.value())
                .is_some_and(|on| *on),
        },
    })
}

/// A text that says something.
fn text(written: Option<&Text>) -> Option<String> {
    written.map(|text| text.0.clone()).filter(|text| !text.is_empty())
}

fn texts(written: &Texts) -> BTreeMap<String, String> {
    let value = |(key, value): (&String, &Field<Text>)| Some((key.clone(), value.get()?.0.clone()));
    written.iter().filter_map(value).collect()
}

fn wrong(place: Place, message: String) -> Finding {
    Finding::new(&rules::INVALID_VALUE, place, message)
}

fn check_language(reading: &Reading<'_>, envelope: &Envelope) {
    if let Some((version, place)) = envelope.api_version.pair().filter(|(v, _)| v.0 != API_VERSION)
    {
        let message = format!("`{}` is no version of Pyrra's that is read", version.0);
        reading.report(wrong(place, message).help(format!("write `apiVersion: {API_VERSION}`")));
    }
    if let Some((kind, place)) = envelope.kind.pair().filter(|(kind, _)| kind.0 != KIND) {
        let message = format!("unknown kind `{}`", problem::shorten(&kind.0));
        let help = format!("the only kind of Pyrra's that is read is `{KIND}`");
        reading.report(Finding::new(&rules::UNKNOWN_KIND, place, message).help(help));
    }
}

/// Finds numbers where Kubernetes wants text. Only there does it matter, and only for these two is it
/// usual.
fn check_quotes(reading: &Reading<'_>) {
    let tree = reading.tree();
    for field in ["target", "window"] {
        let Some(node) = tree.at(&["spec", field]) else { continue };
        if let Some((text, Style::Plain)) = tree.scalar(node)
            && matches!(core_type(text), CoreType::Integer(_) | CoreType::Float(_))
        {
            let message = format!("`{field}` is a number, which Kubernetes refuses");
            let help = format!("write it in quotes: \"{text}\"");
            let place = reading.place(node);
            reading.report(Finding::new(&lints::NUMBER_AS_TEXT, place, message).help(help));
        }
    }
}

type Head = (String, BTreeMap<String, String>, BTreeMap<String, String>);

fn head(reading: &Reading<'_>, metadata: &written::Metadata) -> Option<Head> {
    if text(metadata.namespace.value()).is_none() && !is_misspelt(reading) {
        let place = metadata.namespace.as_ref().map_or(metadata.name.place(), Field::place);
        reading.report(
            Finding::new(&lints::WITHOUT_NAMESPACE, place, "no `namespace` is set")
                .help("say in which namespace of the cluster the objective lives"),
        );
    }
    for (field, kind) in [(&metadata.labels, "label"), (&metadata.annotations, "annotation")] {
        for (key, value) in field.value().into_iter().flatten() {
            check_propagated(reading, key, kind, value.place());
        }
    }
    let (name, place) = metadata.name.pair()?;
    if name.0.trim().is_empty() {
        reading
            .report(wrong(place, "`name` is empty".to_owned()).help("give the objective a name"));
        return None;
    }
    if name.0.trim() != name.0
        || name.0.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | '/'))
    {
        let message = format!("`name` is `{}`, which no rule can carry", problem::shorten(&name.0));
        let help = "write lower-case letters, digits and dashes, as Kubernetes wants it";
        reading.report(wrong(place, message).help(help));
        return None;
    }
    let texts = |field: &Option<Field<Texts>>| field.value().map(texts).unwrap_or_default();
    Some((name.0.clone(), texts(&metadata.labels), texts(&metadata.annotations)))
}

/// Whether a key of `metadata` is probably meant to be `namespace`; it was reported as unknown.
fn is_misspelt(reading: &Reading<'_>) -> bool {
    let tree = reading.tree();
    let keys = tree.at(&["metadata"]).and_then(|node| tree.map(node)).unwrap_or_default();
    keys.iter().any(|entry| {
        let key = tree.scalar(entry.key).map_or("", |(key, _)| key);
        key != "namespace" && problem::closest(key, &["namespace"]).is_some()
    })
}

fn check_propagated(reading: &Reading<'_>, key: &str, kind: &str, place: Place) {
    let Some(name) = key.strip_prefix(PROPAGATED).filter(|name| !is_label_name(name)) else {
        return;
    };
    let message = format!("`{name}` of the {kind} `{key}` is no name of a label in Prometheus");
    reading.report(
        Finding::new(&lints::LABEL_NOT_PROPAGATED, place, message)
            .help("write letters, digits and underscores behind `pyrra.dev/`"),
    );
}

/// Whether Prometheus 2 takes the name for a label (`[a-zA-Z_][a-zA-Z0-9_]*`).
pub(super) fn is_label_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn target(reading: &Reading<'_>, field: &Field<Text>) -> Option<(Ratio, String)> {
    let (Text(text), place) = field.pair()?;
    let refuse = |message: String, help: &str| {
        reading.report(wrong(place, message).help(help));
        None
    };
    let usual = "write a percentage without its sign, such as `'99.9'`";
    if text.is_empty() {
        return refuse("`target` is empty".to_owned(), usual);
    }
    let ratio = match percent::parse(text) {
        Ok(ratio) => ratio,
        Err(PercentError::Syntax) => {
            return refuse(
                format!("`target` is `{}`, which is no number", problem::shorten(text)),
                usual,
            );
        }
        Err(PercentError::OutOfRange) => {
            return refuse(
                format!("`target` is `{}`; it lies between 0 and 100", problem::shorten(text)),
                usual,
            );
        }
        Err(PercentError::TooFine) => {
            return refuse(
                format!("`target` is `{}`, finer than it can be held", problem::shorten(text)),
                "write at most seven digits behind the point",
            );
        }
    };
    if ratio > Ratio::ZERO && ratio < Ratio::ONE_PERCENT {
        let meant = percent::parse(&format!("{text}e2")).map(percent::write);
        let message = format!("`target` is `{text}`, which means {}", ratio.percent());
        let finding = Finding::new(&lints::TARGET_BELOW_ONE, place, message);
        reading.report(match meant {
            Ok(meant) => finding.help(format!("write `'{meant}'` if that is meant")),
            Err(_) => finding.help(usual),
        });
    }
    Some((ratio, percent::as_pyrra_prints(text, ratio)))
}

/// A length of time that is written in the field called `name`.
fn duration(reading: &Reading<'_>, field: &Field<Text>, name: &str) -> Option<(Duration, Place)> {
    let (Text(text), place) = field.pair()?;
    if text.is_empty() {
        let finding = wrong(place, format!("`{name}` is empty"));
        reading.report(finding.help("write a duration such as `4w`, `28d` or `200ms`"));
        return None;
    }
    match Duration::read(text) {
        Ok(duration) => Some((duration, place)),
        Err(explained) => {
            let message =
                format!("`{name}` is `{}`: {}", problem::shorten(text), explained.message);
            reading.report(wrong(place, message).maybe_help(explained.help));
            None
        }
    }
}

fn window(reading: &Reading<'_>, field: &Field<Text>) -> Option<Duration> {
    let (window, place) = duration(reading, field, "window")?;
    if window < SHORTEST_WINDOW {
        let message = format!(
            "`window` is `{window}`: Pyrra rounds its shortest alert window, an 8064th of that, to \
             nothing, and Prometheus refuses the rules"
        );
        reading.report(wrong(place, message).help(format!("`{SHORTEST_WINDOW}` is the shortest")));
        return None;
    }
    Some(window)
}

fn check_alternatives(reading: &Reading<'_>, indicator: &Indicator, place: Place) {
    let present = [
        indicator.ratio.as_ref().map(|field| ("ratio", field.place())),
        indicator.latency.as_ref().map(|field| ("latency", field.place())),
        indicator.latency_native.as_ref().map(|field| ("latencyNative", field.place())),
        indicator.bool_gauge.as_ref().map(|field| ("bool_gauge", field.place())),
    ];
    let mut findings = Vec::new();
    MEASURED_BY.check(&present, place, &mut findings);
    for finding in findings {
        reading.report(finding);
    }
}

/// The indicator, with its grouping. All that stand there are checked; the first one counts, as in Pyrra.
fn indicator(reading: &Reading<'_>, written: &Indicator) -> Option<(PyrraIndicator, Vec<String>)> {
    let ratio = written.ratio.value().map(|ratio| {
        let errors = query(reading, &ratio.errors, "ratio.errors.metric");
        let total = query(reading, &ratio.total, "ratio.total.metric");
        let grouping = grouping(reading, &ratio.grouping);
        Some((PyrraIndicator::Ratio { errors: errors?, total: total? }, grouping?))
    });
    let latency = written.latency.value().map(|latency| self::latency(reading, latency));
    let native = written.latency_native.value().map(|native| {
        let total = query(reading, &native.total, "latencyNative.total.metric");
        let limit = limit(reading, &native.latency);
        let grouping = grouping(reading, &native.grouping);
        if let (Some(total), Some(grouping), Some(query)) = (&total, &grouping, native.total.get())
        {
            check_native(reading, total, grouping, query.metric.place());
        }
        Some((PyrraIndicator::LatencyNative { total: total?, latency: limit? }, grouping?))
    });
    let gauge = written.bool_gauge.value().map(|gauge| {
        let metric = metric(reading, &gauge.metric, "bool_gauge.metric");
        let grouping = grouping(reading, &gauge.grouping);
        Some((PyrraIndicator::BoolGauge { metric: metric? }, grouping?))
    });
    ratio.or(latency).or(native).or(gauge).flatten()
}

fn latency(
    reading: &Reading<'_>,
    written: &written::Latency,
) -> Option<(PyrraIndicator, Vec<String>)> {
    let success = query(reading, &written.success, "latency.success.metric");
    let total = query(reading, &written.total, "latency.total.metric");
    let grouping = grouping(reading, &written.grouping);
    let place = |field: &Field<written::Query>| {
        field.get().map_or(field.place(), |query| query.metric.place())
    };
    let suffix = |metric: &Metric, suffix: &str, name: &str, what: &str, at| {
        if !metric.name.ends_with(suffix) {
            let message = format!("`{name}` is `{}`, not a {what}", metric.name);
            let help = format!("the {what} of a histogram ends with `{suffix}`");
            reading.report(Finding::new(&lints::HISTOGRAM_SUFFIX, at, message).help(help));
        }
    };
    if let Some(total) = &total {
        suffix(total, "_count", "latency.total.metric", "count", place(&written.total));
    }
    let success = success.and_then(|success| {
        let at = place(&written.success);
        suffix(&success, "_bucket", "latency.success.metric", "bucket", at);
        has_bound(reading, &success, at).then_some(success)
    });
    Some((PyrraIndicator::Latency { success: success?, total: total? }, grouping?))
}

/// Whether the metric says up to which bound observations are good.
fn has_bound(reading: &Reading<'_>, success: &Metric, place: Place) -> bool {
    let message = match success.matcher("le") {
        None => "`latency.success.metric` names no bucket".to_owned(),
        Some(bound) if bound.operator != Operator::Equal => {
            "`latency.success.metric` names more than one bucket".to_owned()
        }
        Some(bound) if bound.value.parse::<f64>().is_err() => {
            format!("`le` of `latency.success.metric` is `{}`, which is no number", bound.value)
        }
        Some(_) => return true,
    };
    let help = "say which bucket holds the good events, such as `le=\"0.3\"`";
    reading.report(wrong(place, message).help(help));
    false
}

fn limit(reading: &Reading<'_>, field: &Field<Text>) -> Option<Duration> {
    let (limit, place) = duration(reading, field, "latencyNative.latency")?;
    if limit.is_zero() {
        let message = "`latencyNative.latency` is `0s`, within which nothing happens".to_owned();
        reading.report(wrong(place, message).help("write a duration such as `200ms`"));
        return None;
    }
    Some(limit)
}

/// Pyrra records a native histogram without the labels that only a regular expression chooses, and then
/// asks for them.
fn check_native(reading: &Reading<'_>, total: &Metric, grouping: &[String], place: Place) {
    let lost = total.expressions().find(|label| !grouping.iter().any(|other| other == label));
    if let Some(label) = lost {
        let message = format!(
            "Pyrra loses the label `{label}` while it records, and shows no budget for this objective"
        );
        reading.report(
            Finding::new(&lints::NATIVE_LABEL_LOST, place, message)
                .help(format!("add `{label}` to `grouping`, or choose its values with `=`")),
        );
    }
}

fn query(reading: &Reading<'_>, field: &Field<written::Query>, name: &str) -> Option<Metric> {
    metric(reading, &field.get()?.metric, name)
}

/// Reads a plain selector that names its metric.
fn metric(reading: &Reading<'_>, field: &Field<Text>, name: &str) -> Option<Metric> {
    const USUAL: &str =
        "write a metric with its labels, such as `http_requests_total{job=\"api\"}`";
    let (Text(text), place) = field.pair()?;
    let refuse = |place, why: &str| {
        reading.report(wrong(place, format!("`{name}` {why}")).help(USUAL));
        None
    };
    if text.trim().is_empty() {
        return refuse(place, "is empty");
    }
    let query = promql::read(text);
    match &query.refusal {
        None => {}
        Some(Refusal::Broken { message, at }) => {
            let place = rules::part(place, text, at.clone());
            return refuse(place, &format!("cannot be read: {message}"));
        }
        Some(Refusal::Types(message) | Refusal::Refused(message)) => {
            return refuse(place, &format!("cannot be read: {message}"));
        }
        Some(Refusal::Newer) => return refuse(place, "is no series selector that can be read"),
    }
    if !query.plain {
        return refuse(place, "is a query; Pyrra counts series selectors");
    }
    match Metric::parse(text) {
        Some(metric) => Some(metric),
        None => refuse(place, "does not name its metric in front of the braces"),
    }
}

/// Labels to group by, each once; `None` where one is no label.
fn grouping(reading: &Reading<'_>, written: &Grouping) -> Option<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    let mut clean = true;
    for (Text(label), place) in written.value().into_iter().flatten().filter_map(Field::pair) {
        if !is_label_name(label) {
            let message =
                format!("`grouping` has `{}`, which is no label", problem::shorten(label));
            let help = "a label has letters, digits and underscores, and begins with no digit";
            reading.report(wrong(place, message).help(help));
            clean = false;
        } else if !labels.contains(label) {
            labels.push(label.clone());
        }
    }
    clean.then_some(labels)
}

fn alerting(reading: &Reading<'_>, written: Option<&Alerting>) -> PyrraAlerting {
    let Some(written) = written else { return PyrraAlerting::default() };
    let disabled = written.disabled.pair();
    if let Some((_, place)) = disabled {
        let message = "`alerting.disabled` is deprecated";
        let help = "write `burnrates: false` for no alerts on burn rates";
        reading.report(Finding::new(&lints::DISABLED_DEPRECATED, place, message).help(help));
    }
    let on = |field: &Option<Field<bool>>| field.value().is_none_or(|on| *on);
    let severities = written.severities.value();
    let severity = |burn: Burn| {
        let severities = severities?;
        let field = match burn {
            Burn::Fast => &severities.fast_burn,
            Burn::Medium => &severities.medium_burn,
            Burn::Slow => &severities.slow_burn,
            Burn::LongTerm => &severities.long_term_burn,
        };
        // What is said without need is not said.
        Some((burn, text(field.value()).filter(|word| word != burn.severity())?))
    };
    PyrraAlerting {
        burnrates: on(&written.burnrates) && disabled.is_none_or(|(disabled, _)| !*disabled),
        absent: on(&written.absent),
        name: text(written.name.value()),
        absent_name: text(written.absent_name.value()),
        severities: Burn::ALL.into_iter().filter_map(severity).collect(),
        absent_severity: severities
            .and_then(|severities| text(severities.absent.value()))
            .filter(|word| word != ABSENT_SEVERITY),
    }
}
