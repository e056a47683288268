//! `sre export`: where texts go, and what cannot be carried over.
use super::harness::{Files, Run};

/// An objective that Prometheus can count.
pub(crate) const CHECKOUT: &str = r#"apiVersion: sre/v1
kind: Service
metadata: {name: checkout, owner: shop}
spec: {tier: 1}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout-availability}
spec:
  service: checkout
  target: 99.9%
  window: 30d
  runbook: https://runbooks.example.com/checkout
  sli:
    prometheus:
      bad: http_requests_total{job="checkout", code=~"5.."}
      total: http_requests_total{job="checkout"}
"#;

/// One that it cannot.
const LOGGED: &str = "apiVersion: sre/v1
kind: SLO
metadata: {name: logged}
spec:
  target: 99%
  window: 30d
  sli: {counts: {good: good, total: total}}
";

fn export(files: &Files, arguments: &[&str]) -> Run {
    Run::new(&["export", "prometheus"]).args(arguments.iter().copied()).within(files)
}

#[test]
fn a_file_is_written_and_written_anew_but_nothing_else_is_overwritten() {
    let files = Files::new(&[("slo.yaml", CHECKOUT), ("mine.yaml", "groups: []\n")]);
    let arguments = ["slo.yaml", "--output", "out/rules.yaml"];
    export(&files, &arguments).check("", "wrote out/rules.yaml\n", 0);
    let text = files.read("out/rules.yaml");
    assert_eq!(export(&files, &["slo.yaml"]).go().stdout, text);
    export(&files, &arguments).check("", "out/rules.yaml is up to date\n", 0);
    export(&files, &[&arguments[..], &["--interval", "30s"]].concat()).check(
        "",
        "wrote out/rules.yaml\n",
        0,
    );
    assert!(files.read("out/rules.yaml").contains("  interval: 30s\n"));
    export(&files, &["slo.yaml", "-o", "mine.yaml"]).check(
        "",
        "error: `mine.yaml` exists, and was not made by this command\n\
           \x20 help: write to another file, or overwrite it with --force\n",
        2,
    );
    assert_eq!(files.read("mine.yaml"), "groups: []\n");
    export(&files, &["slo.yaml", "-o", "mine.yaml", "--force"]).check("", "wrote mine.yaml\n", 0);
    assert_eq!(files.read("mine.yaml"), text);
}

#[test]
fn what_cannot_be_carried_over_stops_the_run_unless_it_is_allowed() {
    let files = Files::new(&[("slos/a.yaml", CHECKOUT), ("slos/b.yaml", LOGGED)]);
    let arguments = ["slos/", "-o", "rules.yaml"];
    let ran = export(&files, &arguments).go();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("slos/b.yaml:3"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(
        "1 field cannot be carried over: nothing was written; --allow-loss goes on without\n"
    ));
    assert!(!files.path().join("rules.yaml").exists());
    let ran = export(&files, &[&arguments[..], &["--allow-loss"]].concat()).go();
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("1 field not carried over\n"), "{}", ran.stderr);
    let text = files.read("rules.yaml");
    assert!(text.contains("checkout-availability") && !text.contains("logged"));
    let ran = export(&files, &[&arguments[..], &["--format", "json"]].concat()).go();
    let losses: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(losses["schema"], "sre/losses@1");
    assert_eq!(losses["items"][0]["field"], "spec.sli");
    assert_eq!(losses["items"][0]["line"], 3);
}

#[test]
fn a_tier_that_can_never_fire_is_refused_with_the_arithmetic() {
    let files = Files::new(&[("slo.yaml", &CHECKOUT.replace("99.9%", "90%"))]);
    let ran = export(&files, &["slo.yaml"]).go();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 2));
    assert!(
        ran.stderr.contains("burn rate 14.4 × error budget 10% = 144% of events"),
        "{}",
        ran.stderr
    );
}

#[test]
fn labels_that_rules_give_themselves_are_refused() {
    let files = Files::new(&[("slo.yaml", CHECKOUT)]);
    for label in ["sloth_id=a", "1a=b", "a-b=c"] {
        assert_eq!(export(&files, &["slo.yaml", "--extra-label", label]).go().code, 2, "{label}");
    }
    let text = export(&files, &["slo.yaml", "--extra-label", "cluster=eu"]).go().stdout;
    assert_eq!(text.matches("cluster: eu\n").count(), text.matches("sloth_slo:").count());
}

#[test]
fn help_knows_commands_below_commands() {
    let help = Run::new(&["help", "export", "prometheus"]).go();
    assert!(help.stdout.contains("sre export prometheus"), "{}", help.stdout);
    assert_eq!(Run::new(&["help", "export", "nowhere"]).go().code, 2);
}

#[test]
fn guards_and_labels_of_tiers_are_checked() {
    let policy = "apiVersion: sre/v1
kind: AlertPolicy
metadata: {name: policy}
spec:
  tiers:
    - {severity: page, long: 1h, burn_rate: 14.4, confidence: 40%, labels: {sloth_id: x}}
    - {severity: page, long: 6h, burn_rate: 6, labels: {a-b: x}, annotations: {a-b: y}}
    - {name: sli-absent, severity: page, long: 2h, burn_rate: 8}
    - {name: budget-exhausted, severity: page, long: 3h, burn_rate: 7}
  labels: {alertname: x}
";
    let files = Files::new(&[("policy.yaml", policy)]);
    let found = Run::new(&["validate", "policy.yaml"]).within(&files).json();
    let found: Vec<&str> = found["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|d| d["message"].as_str())
        .collect();
    for message in [
        "a confidence of `40%` is not from 50% to below 100%",
        "`sloth_id` is a label that rules give themselves",
        "`a-b` is no name of a label",
        "`sli-absent` is the tier of an alert that objectives have anyway",
        "`budget-exhausted` is the tier of an alert that objectives have anyway",
        "`alertname` is a label that rules give themselves",
    ] {
        assert_eq!(
            found.iter().filter(|text| **text == message).count(),
            1,
            "{message}: {found:?}"
        );
    }
}

#[test]
fn labels_of_a_policy_are_on_all_of_its_alerts() {
    let policy = "  runbook: https://runbooks.example.com/checkout
  alerting:
    labels: {team: payments}
    tiers: [{severity: page, long: 1h, burn_rate: 14.4, labels: {channel: loud}}]
";
    let runbook = "  runbook: https://runbooks.example.com/checkout\n";
    let document = CHECKOUT.replace(runbook, policy);
    let files = Files::new(&[("sre.yaml", ""), ("slo.yaml", &document)]);
    let rules = export(&files, &["slo.yaml"]).go();
    assert_eq!(rules.code, 0, "{}", rules.stderr);
    let alerts: Vec<&str> = rules.stdout.split("- alert: ").skip(1).collect();
    assert_eq!(alerts.len(), 3, "{}", rules.stdout);
    for alert in alerts {
        assert!(alert.contains("team: payments"), "{alert}");
        assert_eq!(alert.contains("channel: loud"), alert.starts_with("SLOErrorBudgetBurn"));
    }
    files.write("alertmanager.yml", b"route: {receiver: all}\nreceivers: [{name: all}]\n");
    let routed = Run::new(&["route", "--config", "alertmanager.yml"]).within(&files).json();
    let items = routed["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{routed:#}");
    assert!(items.iter().all(|item| item["labels"]["team"] == "payments"), "{routed:#}");
}

/// An objective with these queries, and what else its spec says.
fn objective(name: &str, bad: &str, more: &str) -> String {
    format!(
        "apiVersion: sre/v1
kind: SLO
metadata: {{name: {name}}}
spec:
  target: 99%
  window: 30d
  sli: {{prometheus: {{bad: '{bad}', total: 'sum(rate(all[{{{{.window}}}}]))'}}}}
  {more}
---
"
    )
}

fn bad(metric: &str) -> String {
    format!("sum(rate({metric}[{{{{.window}}}}]))")
}

/// Prometheus takes nothing of a reload in which one rule is wrong.
#[test]
fn rules_that_prometheus_would_refuse_are_not_written() {
    let good = bad("failed");
    let own = |more: &str| {
        format!(
            "alerting: {{{more}, tiers: [{{severity: page, long: 1h, short: 5m, burn_rate: 14}}]}}"
        )
    };
    for (text, why) in [
        (objective("a", "sum(rate(failed[{{.window}}])", ""), "error[SLI009]"),
        (objective("a", &bad("failed{code=~\"(\"}"), ""), "its query is refused"),
        (objective("a", "nosuch(failed[{{.window}}])", ""), "its query is refused"),
        (objective("a", &good, &own("annotations: {note: \"{{ .x\"}")), "does not end"),
        (objective("a", &good, &own("annotations: {b-c: x}")), "`b-c` is no name of a"),
        (objective("a", &good, "group_by: [a-b]"), "`a-b` is no name of a label"),
        (objective("a", &good, "group_by: [sloth_id]"), "a label that rules give themselves"),
        (
            objective(
                "a",
                &good,
                "alerting: {tiers: [{severity: page, long: 5m, short: 1h, burn_rate: 14}]}",
            ),
            "error[ALR003]",
        ),
    ] {
        let files = Files::new(&[("sre.yaml", ""), ("slo.yaml", &text)]);
        for mode in ["standard", "sloth"] {
            let ran = export(&files, &["--mode", mode, "--allow-loss"]).go();
            // What Sloth has no words for is not in its rules.
            let lost = mode == "sloth" && ran.code == 0 && ran.stderr.contains("not carried over");
            assert!(lost || (ran.code, ran.stdout.as_str()) == (2, ""), "{mode} {text}: {ran:?}");
            assert!(lost || ran.stderr.contains(why), "{why}: {}", ran.stderr);
            assert!(lost || ran.stderr.contains("slo.yaml:"), "{}", ran.stderr);
        }
    }
    let newer = objective("a", "nosuch(failed[{{.window}}])", "");
    let files = Files::new(&[("sre.yaml", ""), ("slo.yaml", &newer)]);
    let ran = export(&files, &["--unchecked", "-q"]).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("nosuch("));
}

#[test]
fn objectives_whose_series_would_be_one_are_refused() {
    let (one, other) = (
        objective("web-a-b", &bad("failed"), "service: web-a"),
        objective("a-b", &bad("broken"), "service: web"),
    );
    let files = Files::new(&[("sre.yaml", ""), ("slo.yaml", &format!("{one}{other}"))]);
    for command in [&["export", "prometheus"][..], &["export", "alertmanager"]] {
        let ran = Run::new(command).within(&files).go();
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains("sloth_id=\"web-a-b\""), "{}", ran.stderr);
        assert!(ran.stderr.contains("`a-b` of `web`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("`web-a-b` of `web-a`"), "{}", ran.stderr);
    }
    assert_eq!(export(&files, &["a-b", "-q"]).go().code, 0);
}

/// What was lost while a document of another tool was read is lost in what is written as well.
#[test]
fn losses_of_reading_are_told_in_every_other_language() {
    let pyrra = "apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: web, namespace: shop}
spec:
  target: '99'
  window: 4w
  partial_response_strategy: warn
  indicator: {ratio: {errors: {metric: 'failed{code=~\"5..\"}'}, total: {metric: all}}}
";
    let files = Files::new(&[("sre.yaml", ""), ("web.yaml", pyrra)]);
    let lost = Run::new(&["import", "web.yaml"]).within(&files).go();
    assert!(lost.stderr.contains("partial_response_strategy"), "{}", lost.stderr);
    for language in ["openslo", "sloth"] {
        let ran = Run::new(&["export", language, "web.yaml"]).within(&files).go();
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("partial_response_strategy"), "{language}: {}", ran.stderr);
    }
    let ran = Run::new(&["export", "pyrra", "web.yaml"]).within(&files).go();
    assert!(!ran.stderr.contains("partial_response_strategy"), "{}", ran.stderr);
    assert!(ran.stdout.contains("partial_response_strategy: warn"), "{ran:?}");
}

#[test]
fn credentials_in_addresses_are_written_nowhere() {
    let openslo = "apiVersion: openslo/v1
kind: DataSource
metadata: {name: prom}
spec: {type: Prometheus, connectionDetails: {url: 'http://bob:hunter2@127.0.0.1:9'}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: web}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{target: 0.99}]
  indicator:
    metadata: {name: ok}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {metricSourceRef: prom, type: Prometheus, spec: {query: 'ok_total'}}}
        total: {metricSource: {metricSourceRef: prom, type: Prometheus, spec: {query: 'all_total'}}}
";
    let files = Files::new(&[("sre.yaml", ""), ("a.yaml", openslo)]);
    for command in [
        &["import", "a.yaml", "--allow-loss"][..],
        &["export", "openslo", "a.yaml", "--allow-loss"],
        &["show", "DataSource/prom"],
    ] {
        let ran = Run::new(command).within(&files).go();
        assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{ran:?}");
        if command[0] != "show" {
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
            assert!(ran.stderr.contains("SRC004"), "{}", ran.stderr);
        }
    }
}
