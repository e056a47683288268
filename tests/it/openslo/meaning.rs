//! What documents of OpenSLO mean in our kinds, and what the commands make of them.
use super::Read;
use crate::cli::harness::{Files, Run};
use sre::kernel::{diagnostic::Level, spec::write};

const HEAD: &str =
    "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: checkout}\nspec:\n  service: shop\n";
const RATIO: &str = "  indicator:
    metadata: {name: orders}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'orders_total{state=\"ok\"}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: orders_total}}}
";
const ROLLING: &str = "  timeWindow: [{duration: 28d, isRolling: true}]\n";

/// The text of each document of ours, and what is lost.
fn import(texts: &[&str]) -> (String, Vec<String>) {
    let read = Read::of(texts);
    assert_eq!(read.errors(), [""; 0]);
    let documents: Vec<String> =
        read.documents.iter().map(|document| write::text(document).unwrap()).collect();
    (documents.join("---\n"), read.lost())
}

#[track_caller]
fn check(text: &str, expected: &str, lost: &[&str]) {
    let (written, losses) = import(&[text]);
    assert_eq!(written, expected);
    assert_eq!(losses, lost);
}

#[test]
fn an_objective_on_counters_is_one_of_ours() {
    check(
        &format!(
            "{HEAD}{RATIO}{ROLLING}  budgetingMethod: Occurrences\n  objectives: [{{displayName: All, target: 0.999}}]\n"
        ),
        "apiVersion: sre/v1
kind: SLO
metadata:
  name: checkout
  display_name: All
  annotations:
    openslo.com/indicator: orders
    openslo.com/objective-display-name: All
spec:
  service: shop
  sli:
    prometheus:
      good: orders_total{state=\"ok\"}
      total: orders_total
  target: 99.9%
  window: 4w
  method: occurrences
",
        &[],
    );
}

#[test]
fn thresholds_and_several_objectives_are_one_document_each() {
    let text = format!(
        "{HEAD}  indicatorRef: age
  timeWindow:
    - duration: 1M
      isRolling: false
      calendar: {{startTime: 2026-01-15 00:00:00, timeZone: Europe/Berlin}}
  budgetingMethod: Timeslices
  objectives:
    - {{displayName: Fast enough, op: lte, value: 30, target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m}}
    - {{displayName: Alive, op: lt, value: 600, targetPercent: 99.95, timeSliceTarget: 1, timeSliceWindow: 5m}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: age}}
spec:
  thresholdMetric:
    metricSource: {{metricSourceRef: main, spec: {{query: max(queue_age_seconds)}}}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: main}}
spec:
  type: Prometheus
  connectionDetails: {{url: 'http://prometheus.example.com'}}
"
    );
    let (written, lost) = import(&[&text]);
    assert_eq!(lost, [""; 0]);
    let part = |name: &str, display: &str, condition: &str, target: &str, slice: &str| {
        format!(
            "apiVersion: sre/v1
kind: SLO
metadata:
  name: {name}
  display_name: {display}
  annotations:
    openslo.com/indicator: age
    openslo.com/objective-display-name: {display}
spec:
  service: shop
  sli:
    source: main
    prometheus:
      good: sum_over_time(sum((max(queue_age_seconds)) {condition})[{{{{.window}}}}:1m])
      total: sum_over_time(count((max(queue_age_seconds)))[{{{{.window}}}}:1m])
  target: {target}
  window:
    calendar: month
    time_zone: Europe/Berlin
    anchor: 2026-01-15
  method: timeslices
  slice: 5m
  slice_target: {slice}
---
"
        )
    };
    let expected = part("checkout-fast-enough", "Fast enough", "<= bool 30", "99%", "90%")
        + &part("checkout-alive", "Alive", "< bool 600", "99.95%", "100%")
        + "apiVersion: sre/v1
kind: DataSource
metadata:
  name: main
spec:
  prometheus:
    url: http://prometheus.example.com
";
    assert_eq!(written, expected);
}

#[test]
fn objectives_with_indicators_of_their_own_are_a_composite() {
    let part = |name: &str, weight: &str| {
        format!(
            "    - displayName: {name}
      target: 0.99
      compositeWeight: {weight}
      indicator:
        metadata: {{name: {name}}}
        spec:
          ratioMetric:
            counter: true
            bad: {{metricSource: {{type: prometheus, spec: {{query: {name}_failed_total}}}}}}
            total: {{metricSource: {{type: prometheus, spec: {{query: {name}_total}}}}}}
"
        )
    };
    let text = |second: &str| {
        format!(
            "{HEAD}{ROLLING}  budgetingMethod: Occurrences\n  objectives:\n{}{}",
            part("browse", "3"),
            part("pay", "1").replace("0.99", second)
        )
    };
    let (written, lost) = import(&[&text("0.99")]);
    assert!(
        written.ends_with(
            "  target: 99%
  window: 4w
  method: occurrences
  composite:
    - slo: checkout-browse
      weight: 3
    - slo: checkout-pay
      weight: 1
"
        ),
        "{written}"
    );
    assert_eq!((written.matches("kind: SLO").count(), lost.len()), (3, 0));
    let (written, lost) = import(&[&text("0.9")]);
    assert_eq!(written.matches("kind: SLO").count(), 2, "{written}");
    assert!(
        lost[0].contains("spec.objectives: the parts of a composite have one target"),
        "{lost:?}"
    );
}

#[test]
fn what_there_are_no_words_for_is_lost_field_by_field() {
    let text = format!(
        "{HEAD}  description: Orders are taken.
  indicator:
    metadata: {{name: orders, labels: {{team: [a, b]}}}}
    spec:
      ratioMetric:
        good: {{metricSource: {{type: Datadog, spec: {{query: 'sum:orders.ok'}}}}}}
        total: {{metricSource: {{type: Datadog, spec: {{query: 'sum:orders'}}}}}}
  timeWindow:
    - duration: 2w
      isRolling: false
      calendar: {{startTime: 2026-01-05 08:00:00, timeZone: UTC}}
  budgetingMethod: Occurrences
  objectives: [{{target: 0.9}}]
  alertPolicies:
    - kind: AlertPolicy
      metadata: {{name: fast}}
      spec:
        alertWhenBreaching: true
        alertWhenNoData: true
        conditions:
          - kind: AlertCondition
            metadata: {{name: c}}
            spec:
              severity: sev1
              condition: {{kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}}
        notificationTargets:
          - {{kind: AlertNotificationTarget, metadata: {{name: t}}, spec: {{target: email}}}}
"
    );
    let (written, lost) = import(&[&text]);
    let fields: Vec<&str> = lost.iter().map(|loss| loss.split(": ").next().unwrap()).collect();
    let condition = "spec.alertPolicies[0].spec.conditions[0].spec";
    assert_eq!(
        fields,
        [
            "spec.indicator.metadata.labels.team".to_owned(),
            "spec.indicator.spec.ratioMetric.good".to_owned(),
            "spec.indicator.spec.ratioMetric.total".to_owned(),
            "spec.timeWindow[0].calendar".to_owned(),
            format!("{condition}.severity"),
            format!("{condition}.condition.op"),
            "spec.alertPolicies[0].spec.notificationTargets[0]".to_owned(),
        ]
    );
    assert!(written.contains("  window: 2w\n"), "{written}");
    assert!(
        written.contains("measurement_method: 'Datadog: sum:orders.ok / Datadog: sum:orders'"),
        "{written}"
    );
    let tier = "    tiers:\n      - name: fast\n        severity: ticket\n        long: 1h\n        short: 1h\n        burn_rate: 14.4\n        for: 5m\n";
    assert!(written.contains(tier), "{written}");
}

#[test]
fn what_is_filled_in_is_told() {
    let ratio = RATIO
        .replace("'orders_total{state=\"ok\"}'", "'sum(rate(orders_total{state=\"ok\"}[5m]))'")
        .replace("query: orders_total}", "query: 'sum(rate(orders_total[5m]))'}");
    let end = "  budgetingMethod: Occurrences\n  objectives: [{target: 0.999}]\n";
    let text = format!("{HEAD}{ratio}{ROLLING}{end}");
    let read = Read::of(&[&text]);
    let warnings = read.messages(Level::Warning);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[1].contains("it is asked as `sum(rate(orders_total[{{.window}}]))`"),
        "{warnings:?}"
    );
}

#[test]
fn documents_of_v1alpha_mean_the_same() {
    let text = "
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: requests, displayName: Requests}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindows: [{unit: Day, count: 30, isRolling: true}]
  objectives:
    - target: 0.999
      value: 1
      ratioMetrics:
        incremental: true
        good: {source: prometheus, queryType: promql, query: 'ok_total'}
        total: {source: prometheus, queryType: promql, query: 'all_total'}
";
    let (written, lost) = import(&[text]);
    assert_eq!(lost, [""; 0]);
    let spec = "spec:
  service: shop
  sli:
    prometheus:
      good: ok_total
      total: all_total
  target: 99.9%
  window: 30d
  method: occurrences
";
    assert!(written.ends_with(spec), "{written}");
}

fn shop() -> Files {
    let slo = format!(
        "{HEAD}{RATIO}{ROLLING}  budgetingMethod: Occurrences\n  objectives: [{{target: 0.99}}]\n"
    );
    let files = Files::new(&[("slos/checkout.yaml", &slo)]);
    let mut samples = String::from("# TYPE orders counter\n");
    for minute in 0..=300_u32 {
        let at = 1_790_000_000 + 60 * minute;
        samples += &format!("orders_total{{state=\"ok\"}} {} {at}\n", 99 * minute);
        samples += &format!("orders_total{{state=\"bad\"}} {minute} {at}\n");
    }
    samples += "# EOF\n";
    files.write("orders.om", samples.as_bytes());
    files
}

#[test]
fn commands_work_on_documents_of_openslo() {
    let files = shop();
    let ran = Run::new(&["validate", "slos", "--fail-on", "error"]).within(&files).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    let list = Run::new(&["list", "--specs", "slos"]).within(&files).json();
    assert_eq!(list["items"][0]["name"], "checkout", "{list}");
    let ran = Run::new(&["show", "checkout", "--specs", "slos"]).within(&files).go();
    assert!(ran.stdout.contains("checkout") && ran.code == 0, "{ran:?}");
    let asked = ["budget", "slos/checkout.yaml", "--data", "orders.om", "--fail-on", "never"];
    let budget = Run::new(&asked).within(&files).json();
    assert_eq!(budget["items"][0]["total"].as_f64().map(f64::round), Some(30_000.0), "{budget}");
    assert_eq!(budget["items"][0]["good"].as_f64().map(f64::round), Some(29_700.0), "{budget}");
    let asked = ["burn", "slos/checkout.yaml", "--data", "orders.om", "--fail-on", "never"];
    let burn = Run::new(&asked).within(&files).json();
    assert_eq!(burn["items"][0]["name"], "checkout", "{burn}");
}

#[test]
fn imported_documents_give_the_same_budget() {
    let files = shop();
    let ran = Run::new(&["import", "slos", "--out", "ours"]).within(&files).go();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "wrote 1 file into ours\n"));
    let budget = |folder: &str| {
        let file = if folder == "ours" { "ours/slo/checkout.yaml" } else { "slos/checkout.yaml" };
        let asked = ["budget", file, "--data", "orders.om", "--fail-on", "never"];
        Run::new(&asked).within(&files).json()
    };
    assert_eq!(budget("ours"), budget("slos"));
    let again = Run::new(&["import", "slos", "--out", "ours"]).within(&files).go();
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("`ours/slo/checkout.yaml` exists"), "{}", again.stderr);
    let forced = Run::new(&["import", "slos", "--out", "ours", "--force"]).within(&files).go();
    assert_eq!(forced.code, 0, "{forced:?}");
    let formatted = Run::new(&["fmt", "--check", "ours"]).within(&files).go();
    assert_eq!(formatted.code, 0, "{formatted:?}");
}

#[test]
fn a_loss_stops_an_import_unless_it_is_allowed() {
    let text = format!(
        "{HEAD}{}{ROLLING}  budgetingMethod: Occurrences\n  objectives: [{{target: 0.99}}]\n",
        RATIO.replace("Prometheus", "Datadog")
    );
    let files = Files::new(&[("slo.yaml", &text)]);
    let ran = Run::new(&["import", "slo.yaml"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("slo.yaml:11"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 fields cannot be carried over"), "{}", ran.stderr);
    let ran = Run::new(&["import", "slo.yaml", "--format", "json"]).within(&files).go();
    let losses: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(losses["schema"], "sre/losses@1");
    assert_eq!(losses["items"][0]["field"], "spec.indicator.spec.ratioMetric.good");
    let ran = Run::new(&["import", "slo.yaml", "--allow-loss"]).within(&files).go();
    assert!(ran.code == 0 && ran.stdout.starts_with("apiVersion: sre/v1\nkind: SLO\n"), "{ran:?}");
}

#[test]
fn what_cannot_be_imported_is_said() {
    let files = Files::new(&[
        ("other.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("wrong.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a b}\nspec: {}\n"),
        ("empty.yaml", ""),
    ]);
    let import = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["import"].iter().chain(arguments).copied().collect();
        Run::new(&arguments).within(&files).go()
    };
    let ran = import(&["other.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("other.yaml:1: v1 Pod is not of a known tool"), "{}", ran.stderr);
    let ran = import(&["wrong.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`a b` is no DNS label"), "{}", ran.stderr);
    let ran = import(&["wrong.yaml", "--from", "sloth"]);
    assert!(ran.stderr.contains("openslo/v1 Service is not Sloth"), "{}", ran.stderr);
    let ran = import(&["empty.yaml"]);
    assert!(ran.code == 2 && ran.stderr.contains("there are no documents"), "{}", ran.stderr);
    let ran = import(&["x.yaml", "--from", "nagios"]);
    assert!(ran.code == 2 && ran.stderr.contains("`openslo`, `sloth`"), "{}", ran.stderr);
}

#[test]
fn what_an_alert_says_of_itself_is_told_and_so_is_a_weight_without_effect() {
    let text = format!(
        "{HEAD}{RATIO}{ROLLING}  budgetingMethod: Occurrences
  objectives: [{{target: 0.9, compositeWeight: 3}}]
  alertPolicies:
    - kind: AlertPolicy
      metadata: {{name: fast, displayName: Fast, labels: {{a: b}}, annotations: {{c: d}}}}
      spec:
        description: Alerts.
        alertWhenBreaching: true
        conditions:
          - kind: AlertCondition
            metadata: {{name: c, displayName: C, labels: {{a: b}}}}
            spec:
              description: Burns.
              severity: critical
              condition: {{kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h}}
        notificationTargets:
          - {{kind: AlertNotificationTarget, metadata: {{name: t}}, spec: {{target: email}}}}
"
    );
    let (_, mut lost) = import(&[&text]);
    lost.sort();
    let fields: Vec<&str> = lost.iter().map(|loss| loss.split(": ").next().unwrap()).collect();
    let (policy, condition) = ("spec.alertPolicies[0]", "spec.alertPolicies[0].spec.conditions[0]");
    assert_eq!(
        fields,
        [
            format!("{policy}.metadata.annotations"),
            format!("{policy}.metadata.displayName"),
            format!("{policy}.metadata.labels"),
            format!("{condition}.metadata.displayName"),
            format!("{condition}.metadata.labels"),
            format!("{condition}.spec.description"),
            format!("{condition}.spec.severity"),
            format!("{policy}.spec.description"),
            format!("{policy}.spec.notificationTargets[0]"),
            "spec.objectives[0].compositeWeight".to_owned(),
        ]
    );
}

#[test]
fn a_data_source_that_is_not_there_is_told() {
    let end = "  budgetingMethod: Occurrences\n  objectives: [{target: 0.999}]\n";
    let with_type = RATIO.replace("type: Prometheus", "metricSourceRef: thanos, type: Prometheus");
    let read = Read::of(&[&format!("{HEAD}{with_type}{ROLLING}{end}")]);
    assert_eq!(read.errors(), [""; 0]);
    let lost = read.lost();
    assert!(lost[0].contains("good.metricSource.metricSourceRef: no server"), "{lost:?}");
    let alone = RATIO.replace("type: Prometheus", "metricSourceRef: thanos");
    assert_ne!(alone, RATIO);
    let read = Read::of(&[&format!("{HEAD}{alone}{ROLLING}{end}")]);
    assert_eq!(read.errors(), [""; 0]);
    assert!(read.lost()[0].contains("no DataSource is called `thanos`"), "{:?}", read.lost());
}

#[test]
fn fields_are_named_as_their_version_names_them() {
    let text = "
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: requests}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindows: [{unit: Week, count: 2, isRolling: false, calendar: {startTime: 2026-01-05 08:00:00, timeZone: UTC}}]
  objectives:
    - target: 0.999
      ratioMetrics:
        incremental: true
        good: {source: datadog, queryType: other, query: 'ok_total'}
        total: {source: datadog, queryType: other, query: 'all_total'}
";
    let (_, lost) = import(&[text]);
    let fields: Vec<&str> = lost.iter().map(|loss| loss.split(": ").next().unwrap()).collect();
    assert!(fields.contains(&"spec.timeWindows[0].calendar"), "{fields:?}");
    assert!(fields.contains(&"spec.objectives[0].ratioMetrics.good"), "{fields:?}");
}
