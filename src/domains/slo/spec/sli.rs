//! The kind `SLI`.
use crate::{
    kernel::{
        diagnostic::Finding,
        measure::DataSource,
        source::Place,
        spec::{Alternatives, Count, Field, Kind, Ref, Spec, rules},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A service level indicator: which events count, and which of them are good.
///
/// Measured by exactly one of `events`, `counts`, `prometheus`, or described by `indicator`. The default says
/// nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SLI", transform = constrain)]
pub struct Indicator {
    /// What users get from the service that this measures.
    pub category: Option<Field<Category>>,
    /// Good over total in words, `successful_requests / total_requests`: two columns of counts.
    pub indicator: Option<Field<String>>,
    /// How it is measured, for people to read.
    pub measurement_method: Option<Field<String>>,
    /// Where the measurements come from; the catalog's default source unless said.
    pub source: Option<Field<Ref<DataSource>>>,
    /// Measured on single events, such as the lines of an access log.
    pub events: Option<Field<EventPredicates>>,
    /// Measured on counts per step of time.
    pub counts: Option<Field<CountColumns>>,
    /// Measured by queries to a Prometheus-compatible server.
    pub prometheus: Option<Field<Queries>>,
}

/// What users get from a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// It answers.
    Availability,
    /// It answers fast enough.
    Latency,
    /// It does enough at a time.
    Throughput,
    /// What it shows is recent.
    Freshness,
    /// What it answers is right.
    Correctness,
    /// It looks at all of its input.
    Coverage,
    /// What it stores stays.
    Durability,
}

/// Conditions on single events, in SQL: `status < 500 AND path NOT LIKE '/health%'`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain_events)]
pub struct EventPredicates {
    /// Which events count; all unless said.
    pub total: Option<Field<String>>,
    /// Which of them are good.
    pub good: Option<Field<String>>,
    /// Which of them are bad, instead of `good`.
    pub bad: Option<Field<String>>,
    /// The column that must not exceed the objective's threshold, instead of `good`: a time in seconds.
    pub latency: Option<Field<String>>,
}

/// Columns of counts. Two of the three say the third.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountColumns {
    /// The column that counts good events.
    pub good: Option<Field<String>>,
    /// The column that counts bad events.
    pub bad: Option<Field<String>>,
    /// The column that counts all events.
    pub total: Option<Field<String>>,
}

/// What a Prometheus-compatible server is asked: series selectors such as
/// `http_requests_total{job="api"}`, or whole queries in which `{{.window}}` stands for the window. The default
/// asks nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain_queries)]
pub struct Queries {
    /// Good events.
    pub good: Option<Field<String>>,
    /// Bad events.
    pub bad: Option<Field<String>>,
    /// All events.
    pub total: Option<Field<String>>,
    /// A classic histogram, without `_bucket`, instead of these: `http_request_duration_seconds{job="api"}`.
    /// Events within the objective's threshold are good; the threshold must be one of its buckets.
    pub histogram: Option<Field<String>>,
    /// A native histogram, likewise; any threshold will do.
    pub native_histogram: Option<Field<String>>,
}

const ASKED_BY: Alternatives =
    Alternatives { fields: &["total", "histogram", "native_histogram"], count: Count::AtMostOne };
const MEASURED_BY: Alternatives =
    Alternatives { fields: &["events", "counts", "prometheus"], count: Count::AtMostOne };
const JUDGED_BY: Alternatives =
    Alternatives { fields: &["good", "bad", "latency"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    MEASURED_BY.constrain(schema);
}

fn constrain_events(schema: &mut schemars::Schema) {
    JUDGED_BY.constrain(schema);
}

fn constrain_queries(schema: &mut schemars::Schema) {
    ASKED_BY.constrain(schema);
    let some = |field: &str| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}});
    schema.insert("if".to_owned(), json!({"anyOf": [some("histogram"), some("native_histogram")]}));
    schema.insert("then".to_owned(), json!({"not": {"anyOf": [some("good"), some("bad")]}}));
}

/// A field's name and place, if it stands there.
fn present<'a, T>(name: &'a str, field: Option<&Field<T>>) -> Option<(&'a str, Place)> {
    field.map(|field| (name, field.place()))
}

impl Indicator {
    /// Finds fields that exclude each other.
    pub(super) fn check_alternatives(&self, place: Place, findings: &mut Vec<Finding>) {
        let ways = [
            present("events", self.events.as_ref()),
            present("counts", self.counts.as_ref()),
            present("prometheus", self.prometheus.as_ref()),
        ];
        MEASURED_BY.check(&ways, place, findings);
        if let Some(field) = &self.events
            && let Some(events) = field.get()
        {
            let ways = [
                present("good", events.good.as_ref()),
                present("bad", events.bad.as_ref()),
                present("latency", events.latency.as_ref()),
            ];
            JUDGED_BY.check(&ways, field.place(), findings);
        }
        if let Some(field) = &self.prometheus
            && let Some(queries) = field.get()
        {
            let ways = [
                present("total", queries.total.as_ref()),
                present("histogram", queries.histogram.as_ref()),
                present("native_histogram", queries.native_histogram.as_ref()),
            ];
            ASKED_BY.check(&ways, field.place(), findings);
            let [_, histogram, native_histogram] = ways;
            let sides =
                [present("good", queries.good.as_ref()), present("bad", queries.bad.as_ref())];
            if let Some((histogram, at)) = histogram.or(native_histogram) {
                for (side, place) in sides.into_iter().flatten() {
                    let message = format!("`{side}` cannot stand beside `{histogram}`");
                    findings.push(
                        Finding::new(&rules::INVALID_VALUE, place, message)
                            .related(at, format!("`{histogram}` stands here"))
                            .help(
                                "a histogram is both sides; the objective's threshold parts them",
                            ),
                    );
                }
            }
        }
    }
}

reference_target!(Indicator, "SLI");

impl Spec for Indicator {
    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        self.check_alternatives(place, findings);
    }
}

/// The kind.
pub(in crate::domains::slo) static KIND: Kind = Kind::of::<Indicator>(
    "a service level indicator: which events count, and which of them are good",
    include_str!("sli.yaml"),
)
.used_by_reference();
