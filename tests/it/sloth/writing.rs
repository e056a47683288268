//! Objectives written in Sloth's language.
use crate::cli::harness::{Files, Ran, Run};
use proptest::prelude::*;

const OURS: &str = r#"apiVersion: sre/v1
kind: SLO
metadata:
  name: checkout-availability
  display_name: Checkout is available
  owner: shop
  description: People can pay.
  labels: {team: shop}
spec:
  service: checkout
  target: 99.95%
  window: 30d
  runbook: https://wiki.example.org/checkout
  sli:
    category: availability
    prometheus:
      bad: http_requests_total{job="checkout",code=~"5.."}
      total: http_requests_total{job="checkout"}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout-latency, owner: shop}
spec:
  service: checkout
  target: 99%
  window: {calendar: month, time_zone: Europe/Berlin}
  threshold: 300ms
  minimum_coverage: 90%
  sli: {prometheus: {histogram: http_request_duration_seconds{job="checkout"}}}
  alerting: {tiers: [{severity: page, long: 1h, short: 5m, burn_rate: 10}]}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: logs, owner: shop}
spec:
  service: checkout
  target: 99%
  window: 30d
  sli: {events: {good: status < 500}}
"#;

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).within(files).go()
}

#[test]
fn what_sloth_has_no_words_for_is_told_field_by_field() {
    let ours =
        OURS.replace("http_request_duration_seconds{job=\"checkout\"}", "'h{job=\"checkout\"}'");
    let files = Files::new(&[("ours.yaml", &ours)]);
    let ran = run(&files, &["export", "sloth", "ours.yaml", "--format", "json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    let lost: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    let lost: Vec<(u64, &str)> = lost["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["line"].as_u64().unwrap(), item["field"].as_str().unwrap()))
        .collect();
    let expected = [
        (5, "metadata.display_name"),
        (15, "spec.sli.category"),
        (26, "spec.window"),
        (28, "spec.minimum_coverage"),
        (30, "spec.alerting (page)"),
        (34, "spec.sli"),
    ];
    assert_eq!(lost, expected);

    let ran = run(&files, &["export", "sloth", "ours.yaml", "--allow-loss", "-q"]);
    let expected = r#"# Made by `sre export sloth`: change the objectives, not this file.
version: prometheus/v1
service: checkout
slos:
- name: availability
  description: People can pay.
  objective: 99.95
  labels:
    owner: shop
    team: shop
  sli:
    events:
      error_query: sum(increase(http_requests_total{job="checkout",code=~"5.."}[{{.window}}]))
      total_query: sum(increase(http_requests_total{job="checkout"}[{{.window}}]))
  alerting:
    name: SLOErrorBudgetBurn
    annotations:
      runbook: https://wiki.example.org/checkout
- name: latency
  objective: 99
  labels:
    owner: shop
  sli:
    events:
      error_query: |-
        (
        sum(increase(h_count{job="checkout"}[{{.window}}]))
        )
        -
        (
        sum(increase(h_bucket{job="checkout",le="0.3"}[{{.window}}]))
        )
      total_query: sum(increase(h_count{job="checkout"}[{{.window}}]))
  alerting:
    name: SLOErrorBudgetBurn
    ticket_alert:
      disable: true
"#;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout, expected);

    // What was written is what Sloth reads.
    files.write("sloth/out.yaml", ran.stdout.as_bytes());
    let ran = run(&files, &["validate", "sloth/out.yaml", "--format", "concise"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("error"), "{ran:?}");
}

#[test]
fn resources_are_written_with_their_namespace() {
    let slo = OURS.split("---").next().unwrap();
    let slo = slo.replace("  display_name: Checkout is available\n", "");
    let slo = slo.replace("    category: availability\n", "");
    let files = Files::new(&[("ours.yaml", &slo)]);
    let export = ["export", "sloth", "ours.yaml", "--resource", "--namespace", "monitoring"];
    let ran = run(&files, &export);
    assert_eq!(ran.code, 0, "{ran:?}");
    let head = "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata:\n  \
                name: checkout\n  namespace: monitoring\nspec:\n  service: checkout\n";
    assert!(ran.stdout.contains(head), "{}", ran.stdout);
    assert!(ran.stdout.contains("errorQuery: sum(increase("), "{}", ran.stdout);
    files.write("out/sloth.yaml", ran.stdout.as_bytes());
    let ran = run(&files, &["validate", "out/sloth.yaml", "--format", "concise"]);
    assert!(ran.code == 0 && !ran.stdout.contains("error"), "{ran:?}");
}

/// Sloth's rules for a file.
fn rules(text: &str) -> String {
    let files = Files::new(&[("in.yaml", text)]);
    // Texts hold braces that are no templates.
    let ran = run(&files, &["export", "prometheus", "--mode", "sloth", "--unchecked", "in.yaml"]);
    assert_eq!(ran.code, 0, "{ran:?}\n{text}");
    ran.stdout
}

fn sloth(text: &str) -> String {
    let files = Files::new(&[("in.yaml", text)]);
    let ran = run(&files, &["export", "sloth", "in.yaml"]);
    assert_eq!(ran.code, 0, "{ran:?}\n{text}");
    ran.stdout
}

fn words() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9 .:#'\"{}%é-]{0,90}[a-z0-9]"
}

fn map() -> impl Strategy<Value = serde_json::Value> {
    proptest::collection::btree_map("[a-z][a-z0-9_]{0,8}", words(), 0..3)
        .prop_map(|map| serde_json::to_value(map).unwrap())
}

fn alert() -> impl Strategy<Value = serde_json::Value> {
    (any::<bool>(), map(), map()).prop_map(|(disable, labels, annotations)| {
        serde_json::json!({"disable": disable, "labels": labels, "annotations": annotations})
    })
}

fn query(metric: &str) -> impl Strategy<Value = String> + use<> {
    let plain = format!("sum(rate({metric}[{{{{.window}}}}]))");
    let lines = format!("sum(\n  rate({metric}{{code=~\"5..\"}}[{{{{ .window }}}}])\n)\n");
    prop_oneof![Just(plain), Just(lines)]
}

prop_compose! {
    fn objective()(
        percent in 1_u32..10_000_000,
        description in words(),
        labels in map(),
        error in query("bad_total"),
        total in query("all_total"),
        raw in any::<bool>(),
        (name, shared, annotations) in ("[A-Za-z]{2,9}", map(), map()),
        (page, ticket) in (alert(), alert()),
    ) -> serde_json::Value {
        let sli = if raw {
            serde_json::json!({"raw": {"error_ratio_query": format!("{error}/{total}")}})
        } else {
            serde_json::json!({"events": {"error_query": error, "total_query": total}})
        };
        serde_json::json!({
            "objective": f64::from(percent) / 100_000.0, "description": description, "labels": labels, "sli": sli,
            "alerting": {"name": name, "labels": shared, "annotations": annotations,
                         "page_alert": page, "ticket_alert": ticket},
        })
    }
}

prop_compose! {
    fn document()(
        service in "[a-z][a-z0-9_.-]{0,6}[a-z0-9]",
        labels in map(),
        objectives in proptest::collection::btree_map("[a-z][a-z0-9_.]{0,6}[a-z0-9]", objective(), 1..4),
    ) -> String {
        let slos: Vec<serde_json::Value> = objectives
            .into_iter()
            .map(|(name, mut slo)| {
                slo["name"] = name.into();
                slo
            })
            .collect();
        let level = serde_json::json!({
            "version": "prometheus/v1", "service": service, "labels": labels, "slos": slos,
        });
        serde_json::to_string_pretty(&level).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A document of Sloth's that is written again means the same to Sloth: its rules are the same.
    #[test]
    fn documents_of_sloth_keep_their_meaning(text in document()) {
        let again = sloth(&text);
        prop_assert_eq!(rules(&again), rules(&text), "{}\n{}", text, again);
        prop_assert_eq!(sloth(&again), again);
    }

    /// An objective of ours that says no more than Sloth can is the same after it was Sloth's.
    #[test]
    fn objectives_of_ours_come_back_the_same(
        percent in 1_u32..10_000_000,
        description in words(),
        labels in map(),
        (bad, total) in (query("bad_total"), query("all_total")),
        silent in any::<bool>(),
    ) {
        let mut labels = labels;
        labels["owner"] = "shop".into();
        let mut slo = serde_json::json!({
            "apiVersion": "sre/v1",
            "kind": "SLO",
            "metadata": {
                "name": "shop-web", "owner": "shop", "description": description, "labels": labels,
            },
            "spec": {
                "service": "shop", "target": format!("{}%", f64::from(percent) / 100_000.0), "window": "30d",
                "sli": {"prometheus": {"bad": bad, "total": total}},
            },
        });
        if silent {
            slo["spec"]["alerting"] = serde_json::json!({"tiers": []});
        }
        let ours = serde_json::to_string_pretty(&slo).unwrap();
        let theirs = sloth(&ours);
        let answer = |text: &str| {
            let files = Files::new(&[("in.yaml", text)]);
            let list = Run::new(&["list", "--path", "in.yaml"]).within(&files).json();
            let mut item = list["items"][0].clone();
            item["line"] = 0.into();
            let show = ["show", "shop-web", "--effective", "--specs", "."];
            let mut shown = Run::new(&show).within(&files).json()["items"][0]["effective"].clone();
            shown["alerting"] = serde_json::Value::Null;
            (item, shown)
        };
        prop_assert_eq!(answer(&theirs), answer(&ours), "{}", theirs);
        // The queries, as rules show them; the names of the language and of the alert differ.
        let bodies = |text: &str| -> Vec<String> {
            let rules = rules(text);
            let lines = rules.lines().filter(|line| line.contains("_total"));
            lines.map(|line| line.trim().to_owned()).collect()
        };
        let spaceless = |lines: Vec<String>| lines.concat().replace(' ', "");
        prop_assert_eq!(spaceless(bodies(&theirs)), spaceless(bodies(&ours)));
    }
}
