//! What Sloth's alerts say beside their windows: read, written, compared, and told where it is lost.
use crate::cli::harness::{Files, Ran, Run};

const THEIRS: &str = r#"version: prometheus/v1
service: checkout
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(errors_total[{{.window}}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting:
      name: CheckoutFails
      labels: {team: shop}
      annotations: {dashboard: "https://boards.example.org/1", runbook: "https://wiki.example.org/1"}
      page_alert: {labels: {channel: phone}, annotations: {note: wake}}
      ticket_alert: {labels: {channel: mail}}
"#;

const OURS: &str = r#"apiVersion: sre/v1
kind: SLO
metadata: {name: checkout-availability, owner: shop, annotations: {kept: "no"}}
spec:
  service: checkout
  target: 99.9%
  window: 30d
  runbook: https://wiki.example.org/1
  alerting:
    labels: {team: shop}
    annotations: {dashboard: "https://boards.example.org/1"}
    budget_exhausted: page
    sli_absent: page
    tiers:
      - {severity: page, long: 1h, short: 5m, burn_rate: 14.4, minimum_bad_events: 3, labels: {tier: quick, channel: phone}}
      - {severity: page, long: 6h, short: 30m, burn_rate: 6, confidence: 95%, labels: {channel: phone}}
      - {severity: ticket, long: 1d, short: 2h, burn_rate: 3, event_weighted: true}
      - {severity: ticket, long: 3d, short: 6h, burn_rate: 1, labels: {channel: mail}}
  sli: {prometheus: {bad: 'h_total{code=~"5.."}', total: h_total}}
"#;

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).within(files).go()
}

/// The fields that a command tells as lost.
fn lost(files: &Files, arguments: &[&str]) -> Vec<String> {
    let ran = run(files, &[arguments, &["--format", "json"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    let told: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    let items = told["items"].as_array().unwrap().iter();
    items.map(|item| item["field"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn labels_and_annotations_of_alerts_are_those_of_tiers() {
    let files = Files::new(&[("theirs.yaml", THEIRS)]);
    assert_eq!(lost(&files, &["import", "theirs.yaml"]), ["slos[0].alerting.name"]);
    let written = run(&files, &["import", "theirs.yaml", "--allow-loss", "-q"]).stdout;
    assert!(!written.contains("  annotations: {runbook"), "{written}");
    let ours = Files::new(&[("ours.yaml", &written)]);
    let rules = ["export", "prometheus", "--specs", ".", "--allow-loss", "-q"];
    let (read, imported) = (run(&files, &rules).stdout, run(&ours, &rules).stdout);
    assert_eq!(read, imported, "read and imported they mean the same");
    for part in [
        "      channel: phone\n",
        "      channel: mail\n",
        "      team: shop\n",
        "      dashboard: https://boards.example.org/1\n",
        "      note: wake\n",
        "      runbook_url: https://wiki.example.org/1\n",
    ] {
        assert!(read.contains(part), "{part}\n{read}");
    }
}

#[test]
fn what_all_tiers_of_a_severity_say_is_written_and_the_rest_told() {
    let files = Files::new(&[("ours.yaml", OURS)]);
    let guards = [
        "spec.alerting (page-1h).labels",
        "spec.alerting (page-1h).minimum_bad_events",
        "spec.alerting (page-6h).confidence",
        "spec.alerting (ticket-1d).event_weighted",
        "spec.alerting (ticket-3d).labels",
        "spec.alerting.budget_exhausted",
        "spec.alerting.sli_absent",
    ];
    for command in [&["export", "sloth"][..], &["export", "prometheus", "--mode", "sloth"]] {
        let told = lost(&files, &[command, &["ours.yaml"]].concat());
        for field in guards {
            assert!(told.iter().any(|one| one == field), "{field}: {told:?}");
        }
        let all = [command, &["ours.yaml", "--allow-loss", "-q"]].concat();
        let written = run(&files, &all).stdout;
        for part in
            ["channel: phone\n", "team: shop\n", "dashboard: https://boards.example.org/1\n"]
        {
            assert!(written.contains(part), "{part}\n{written}");
        }
        assert!(!written.contains("tier: quick"), "{written}");
    }
    let told = lost(&files, &["export", "sloth", "ours.yaml"]);
    assert!(told.contains(&"metadata.annotations.kept".to_owned()), "{told:?}");
}

#[test]
fn how_slices_are_counted_is_told() {
    let slices = OURS.replace(
        "  window: 30d\n",
        "  window: 30d\n  method: timeslices\n  slice: 5m\n  slice_target: 95%\n  no_traffic: bad\n",
    );
    let files = Files::new(&[("ours.yaml", &slices)]);
    for tool in ["sloth", "pyrra"] {
        let told = lost(&files, &["export", tool, "ours.yaml"]);
        for field in ["spec.method", "spec.slice", "spec.slice_target", "spec.no_traffic"] {
            assert!(told.iter().any(|one| one == field), "{tool} {field}: {told:?}");
        }
    }
}

#[test]
fn what_a_resource_says_of_itself_is_kept_or_told() {
    let resource = "apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: other, namespace: shop, labels: {a: b}, annotations: {note: kept}}
spec:
  service: checkout
  slos:
    - name: availability
      objective: 99.9
      sli: {events: {errorQuery: 'a[{{.window}}]', totalQuery: 'b[{{.window}}]'}}
      alerting: {pageAlert: {disable: true}, ticketAlert: {disable: true, labels: {c: d}}}
---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
metadata: {name: month, labels: {e: f}}
spec:
  sloPeriod: 30d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
";
    let files = Files::new(&[("theirs.yaml", resource)]);
    let expected = ["spec.slos[0].alerting.ticketAlert.labels", "spec.sloPeriod"];
    assert_eq!(lost(&files, &["import", "theirs.yaml"]), expected);
    let written = run(&files, &["import", "theirs.yaml", "--allow-loss", "-q"]).stdout;
    for part in [
        "note: kept",
        "resource.sloth.slok.dev/name: other",
        "resource.sloth.slok.dev/namespace: shop",
        "resource.sloth.slok.dev/label.a: b",
        "resource.sloth.slok.dev/label.e: f",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
}

#[test]
fn a_change_that_only_sloth_says_is_seen() {
    for (from, to, field) in [
        ("channel: phone", "channel: pager", "tier page-1h"),
        ("team: shop", "team: web", "tier page-1h"),
        ("CheckoutFails", "CheckoutBurns", "alerting.name"),
        (
            "    alerting:\n",
            "    plugins: {overridePrevious: true, chain: [{id: a.example.org/b/v1}]}\n    alerting:\n",
            "plugins",
        ),
    ] {
        let changed = THEIRS.replacen(from, to, 1);
        assert_ne!(changed, THEIRS);
        let files = Files::new(&[("a/theirs.yaml", THEIRS), ("b/theirs.yaml", &changed)]);
        let found = run(&files, &["diff", "a", "b", "--format", "json"]).stdout;
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["level"], "changed", "{field}: {found:#}");
        assert!(found["objectives"].to_string().contains(field), "{field}: {found:#}");
    }
}

#[test]
fn a_document_of_which_only_labels_changed_is_counted() {
    let changed = OURS.replace("owner: shop,", "owner: shop, labels: {a: b},");
    let files = Files::new(&[("a/ours.yaml", OURS), ("b/ours.yaml", &changed)]);
    let ran = run(&files, &["diff", "a", "b"]);
    assert!(ran.stdout.contains("1 document changed, and no objective with them"), "{ran:?}");
}

#[test]
fn ways_of_measuring_that_are_too_many_are_each_looked_at() {
    let wrong = THEIRS
        .replace("errors_total[{{.window}}]", "errors_total[5m]")
        .replace("requests_total[{{.window}}]))", "requests_total[{{.window}}])")
        .replace(
            "    alerting:\n",
            "      raw: {error_ratio_query: 'x[{{.window}}]'}\n    alerting:\n",
        );
    let files = Files::new(&[("theirs.yaml", &wrong)]);
    let ran = run(&files, &["validate", "theirs.yaml", "--format", "concise"]);
    for part in ["does not hold `{{.window}}`", "`total_query` is no PromQL", "cannot stand beside"]
    {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
}

#[test]
fn a_neighbour_of_the_same_name_does_not_stop_an_import() {
    let files = Files::new(&[("a.yaml", THEIRS), ("b.yaml", THEIRS)]);
    for name in ["a.yaml", "b.yaml"] {
        let ran = run(&files, &["import", name, "--allow-loss", "-q"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("name: checkout-availability"), "{ran:?}");
    }
    let both = run(&files, &["import", "a.yaml", "b.yaml", "--allow-loss"]);
    assert!(both.code != 0 && both.stderr.contains("another SLO is called"), "{both:?}");
}

#[test]
fn why_there_are_no_rules_is_said() {
    let plugins = THEIRS.replace(
        "slos:\n",
        "slo_plugins: {overridePrevious: true, chain: [{id: a.example.org/b/v1}]}\nslos:\n",
    );
    let files = Files::new(&[("theirs.yaml", &plugins)]);
    let command = ["export", "prometheus", "--mode", "sloth", "theirs.yaml", "--allow-loss"];
    let ran = run(&files, &command);
    assert!(ran.stderr.contains("what cannot be carried over"), "{ran:?}");
    assert!(!ran.stderr.contains("--disable-alerts"), "{ran:?}");
}

#[test]
fn names_that_prometheus_refuses_are_told_where_they_stand() {
    let odd = THEIRS
        .replace("labels: {team: shop}", "labels: {te-am: shop}")
        .replace("annotations: {note: wake}", "annotations: {note: '{{ .x'}");
    let files = Files::new(&[("theirs.yaml", &odd)]);
    let ran = run(&files, &["validate", "theirs.yaml", "--format", "concise"]);
    assert!(ran.stdout.contains("theirs.yaml:12:16"), "{ran:?}");
    assert!(ran.stdout.contains("`te-am` is no name of a label"), "{ran:?}");
    assert!(ran.stdout.contains("`{{` without `}}`"), "{ran:?}");
    let ours = OURS.replace("labels: {team: shop}", "labels: {te-am: shop}");
    let files = Files::new(&[("ours.yaml", &ours)]);
    let ran = run(&files, &["validate", "ours.yaml", "--format", "concise"]);
    assert!(ran.stdout.contains("ours.yaml:10:14"), "the key is meant: {ran:?}");
}
