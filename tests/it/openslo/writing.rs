//! Our objectives in the words of OpenSLO, and back.
use super::{Read, golden};
use crate::cli::harness::{Files, Run};
use proptest::prelude::*;
use sre::{
    domains::slo::{dialects::openslo, resolve, spec::ServiceLevelObjective},
    kernel::{
        settings::Settings,
        source::SourceId,
        spec::{Catalog, Document, load_text, write},
    },
    registry::KINDS,
};

/// Writes all objectives of these documents, which are read again: what is written, what is lost, and what
/// it is read as.
fn round_trip(documents: Vec<Document>) -> (String, Vec<String>, Read) {
    let (catalog, _) = Catalog::build(documents, &KINDS);
    let settings = Settings::default();
    let objectives: Vec<_> = catalog
        .iter::<ServiceLevelObjective>()
        .map(|(document, slo)| resolve::resolve(&catalog, &settings, document, slo).unwrap())
        .collect();
    let raised = openslo::raise(&objectives, &catalog, &settings);
    let lost =
        raised.losses.iter().map(|loss| format!("{}: {}", loss.field, loss.reason)).collect();
    let read = Read::of(&[&raised.text]);
    assert_eq!(read.errors(), [""; 0], "{}", raised.text);
    (raised.text, lost, read)
}

/// The documents as values, by kind and name.
fn values(documents: &[Document]) -> Vec<serde_yaml::Value> {
    let mut sorted: Vec<&Document> = documents.iter().collect();
    sorted.sort_by_key(|document| (document.kind.name, document.name()));
    sorted.into_iter().map(|document| write::values(document).unwrap()).collect()
}

fn ours(text: &str) -> Vec<Document> {
    let loaded = load_text(SourceId::default(), text, &KINDS, &[]);
    assert!(loaded.findings.is_empty(), "{:?}\n{text}", loaded.findings);
    loaded.documents
}

/// OpenSLO to ours to OpenSLO: what is written is read as the same documents of ours.
#[track_caller]
fn check_theirs(text: &str) {
    let read = Read::of(&[text]);
    assert_eq!(read.errors(), [""; 0], "{text}");
    let before = values(&read.documents);
    let (written, lost, again) = round_trip(read.documents);
    assert_eq!(lost, [""; 0], "{written}");
    assert_eq!(values(&again.documents), before, "{written}");
}

const SLO: &str = "apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout, displayName: Checkout, labels: {team: shop}, annotations: {sre/owner: shop}}
spec:
  description: Orders are taken.
  service: shop
";
const RATIO: &str = "{ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: bad_total}}}, \
                     total: {metricSource: {type: Prometheus, spec: {query: 'all_total{a=\"b\"}'}}}}}";
const RAW: &str = "{ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: 'a / b'}}}}}";
const THRESHOLD: &str =
    "{thresholdMetric: {metricSource: {type: Prometheus, spec: {query: max(lag)}}}}";

#[test]
fn documents_of_openslo_come_back_as_they_were() {
    let windows = [
        "{duration: 28d, isRolling: true}",
        "{duration: 36h, isRolling: true}",
        "{duration: 1M, isRolling: false, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}}",
        "{duration: 1Q, isRolling: false, calendar: {startTime: 2026-02-01 00:00:00, timeZone: UTC}}",
    ];
    let methods = [
        ("Occurrences", ""),
        ("Timeslices", ", timeSliceTarget: 0.95, timeSliceWindow: 5m"),
        ("RatioTimeslices", ", timeSliceWindow: 1m"),
    ];
    for window in windows {
        for (method, slices) in methods {
            for (metric, compared) in [(RATIO, ""), (RAW, ""), (THRESHOLD, ", op: lte, value: 2.5")]
            {
                check_theirs(&format!(
                    "{SLO}  timeWindow: [{window}]\n  budgetingMethod: {method}\n  indicator: {{metadata: \
                     {{name: sli}}, spec: {metric}}}\n  objectives: [{{target: 0.999{slices}{compared}}}]\n"
                ));
            }
        }
    }
}

#[test]
fn indicators_and_servers_of_their_own_come_back() {
    check_theirs(&format!(
        "{SLO}  timeWindow: [{{duration: 28d, isRolling: true}}]\n  budgetingMethod: Occurrences\n  \
         indicatorRef: orders\n  objectives: [{{displayName: Most, target: 0.999}}]\n---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: orders}}
spec:
  ratioMetric:
    counter: true
    good: {{metricSource: {{metricSourceRef: main, type: Prometheus, spec: {{query: good_total}}}}}}
    total: {{metricSource: {{metricSourceRef: main, type: Prometheus, spec: {{query: all_total}}}}}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: main}}
spec: {{type: Prometheus, connectionDetails: {{url: 'http://prometheus.example.com'}}}}
---
apiVersion: openslo/v1
kind: Service
metadata: {{name: shop, displayName: The shop}}
spec: {{description: Sells.}}
"
    ));
}

/// The examples of OpenSLO that ask Prometheus lose nothing that was not lost when they were read.
#[test]
fn examples_come_back() {
    let Some(folder) = golden::folder() else { return };
    for path in [
        "openslo/go-sdk/pkg/openslo/v1/examples/slos.yaml",
        "slokit/tests/fixtures/openslo/ratio.yaml",
    ] {
        check_theirs(&golden::read(&folder, path));
    }
}

#[test]
fn alerts_come_back_with_their_one_window() {
    let text = "apiVersion: sre/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  sli: {prometheus: {bad: bad_total, total: all_total}}
  target: 99.9%
  window: 30d
  alerting:
    tiers:
      - {name: fast, severity: page, long: 1h, short: 1h, burn_rate: 14.4}
      - {severity: ticket, long: 3d, budget_share: 10%, minimum_events: 5}
    sli_absent: page
";
    let (written, lost, read) = round_trip(ours(text));
    let fields: Vec<&str> = lost.iter().map(|loss| loss.split(':').next().unwrap()).collect();
    let expected = [
        "spec.alerting.budget_exhausted",
        "spec.alerting.tiers[1].long",
        "spec.alerting.tiers[1].minimum_events",
    ];
    assert_eq!(fields, expected);
    let slo = read.documents[0].spec::<ServiceLevelObjective>().unwrap();
    let alerting = slo.alerting.as_ref().unwrap().get().unwrap().mapping().unwrap();
    let tiers = alerting.tiers.get().unwrap();
    let factors: Vec<String> = tiers
        .iter()
        .map(|tier| tier.get().unwrap().burn_rate.as_ref().unwrap().get().unwrap().to_string())
        .collect();
    assert_eq!(factors, ["14.4", "1"], "{written}");
    assert!(written.contains("alertWhenNoData: true"), "{written}");
}

#[test]
fn composites_are_written_with_their_parts() {
    let part = |name: &str| {
        format!(
            "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}}}\nspec: {{service: shop, target: 99%, \
             window: 30d, sli: {{prometheus: {{good: {name}_good_total, total: {name}_total}}}}}}\n---\n"
        )
    };
    let whole = "apiVersion: sre/v1
kind: SLO
metadata: {name: all}
spec:
  service: shop
  target: 99%
  window: 30d
  composite: [{slo: browse, weight: 3}, {slo: pay}]
";
    let (written, lost, read) =
        round_trip(ours(&format!("{}{}{whole}", part("browse"), part("pay"))));
    assert_eq!(lost, [""; 0]);
    let composite = read.documents.iter().find(|document| document.name() == "all").unwrap();
    let slo = composite.spec::<ServiceLevelObjective>().unwrap();
    let parts: Vec<(String, Option<f64>)> = slo
        .composite
        .iter()
        .map(|part| {
            let part = part.get().unwrap();
            let weight = part.weight.as_ref().and_then(|weight| weight.get().copied());
            (part.slo.get().unwrap().name().to_owned(), weight)
        })
        .collect();
    let expected = [("all-browse".to_owned(), Some(3.0)), ("all-pay".to_owned(), Some(1.0))];
    assert_eq!(parts, expected, "{written}");
}

fn names() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,20}[a-z0-9]"
}

/// Objectives that OpenSLO has all the words for.
fn objectives() -> impl Strategy<Value = String> {
    let windows = prop_oneof![
        (1_u32..400).prop_map(|days| format!("{days}d")),
        (1_u32..2000).prop_map(|hours| format!("{hours}h")),
        prop::sample::select(vec!["week", "month", "quarter", "year"])
            .prop_map(|unit| format!("{{calendar: {unit}, time_zone: America/New_York}}")),
    ];
    let methods = prop_oneof![
        Just("method: occurrences".to_owned()),
        (1_u32..1440, 1_u32..=1_000).prop_map(|(slice, target)| format!(
            "method: timeslices\n  slice: {slice}m\n  slice_target: 0.{target:04}"
        )),
        (1_u32..1440).prop_map(|slice| format!("method: ratio_timeslices\n  slice: {slice}m")),
    ];
    let queries = prop::sample::select(vec![
        "good: a_total\n      total: b_total",
        "bad: 'a_total{b=\"c\"}'\n      total: b_total",
        "bad: sum(rate(a_total[{{.window}}]))\n      total: sum(rate(b_total[{{.window}}]))",
    ]);
    (names(), names(), "[ -~]{0,40}", 0_u32..1_000_000_000, windows, methods, queries).prop_map(
        |(name, service, description, parts, window, method, queries)| {
            let description = serde_json::Value::from(description);
            format!(
                "apiVersion: sre/v1\nkind: SLO\nmetadata:\n  name: {name}\n  description: {description}\n  \
                 owner: team-{service}\n  labels:\n    team: {service}\nspec:\n  service: {service}\n  \
                 sli:\n    prometheus:\n      {queries}\n  target: 0.{parts:09}\n  window: {window}\n  \
                 {method}\n  runbook: https://example.com/{name}\n"
            )
        },
    )
}

proptest! {
    #[test]
    fn objectives_of_ours_come_back_as_they_were(text in objectives()) {
        let documents = ours(&text);
        let before = values(&documents);
        let (written, lost, read) = round_trip(documents);
        prop_assert!(lost.is_empty(), "{:?}", lost);
        let mut after = values(&read.documents);
        // The name that an indicator in place has to have there is kept.
        for document in &mut after {
            if let Some(metadata) = document["metadata"].as_mapping_mut() {
                metadata.shift_remove("annotations");
            }
        }
        prop_assert_eq!(after, before, "{}", written);
    }
}

#[test]
fn what_cannot_be_written_is_told() {
    let files = Files::new(&[(
        "slo.yaml",
        "apiVersion: sre/v1
kind: SLO
metadata: {name: Checkout Availability, links: [{name: a, url: 'https://example.com'}]}
spec:
  service: shop
  sli: {prometheus: {histogram: latency_seconds}}
  threshold: 300ms
  target: 99.9%
  windows: [30d, 7d]
  no_data: bad
---
apiVersion: sre/v1
kind: SLO
metadata: {name: logs}
spec: {service: shop, target: 99%, window: 7d, sli: {events: {good: status < 500}}}
",
    )]);
    let ran = Run::new(&["export", "openslo", "--specs", "."]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    for field in ["metadata.name", "metadata.links", "spec.windows", "spec.no_data", "spec.sli"] {
        assert!(ran.stderr.contains(field), "{field}: {}", ran.stderr);
    }
    let ran =
        Run::new(&["export", "openslo", "--specs", ".", "--allow-loss", "-q"]).within(&files).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("name: checkout-availability\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("query: latency_seconds_bucket{le=\"0.3\"}\n"), "{}", ran.stdout);
    let theirs = Files::new(&[("slos/theirs.yaml", &ran.stdout)]);
    let ran = Run::new(&["validate", "slos", "--fail-on", "error"]).within(&theirs).go();
    assert_eq!(ran.code, 0, "{ran:?}");
}
