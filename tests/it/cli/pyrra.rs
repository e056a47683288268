//! `sre export pyrra`, and `sre export prometheus --mode pyrra`.
#![expect(clippy::disallowed_methods, reason = "starts promtool")]
use super::{
    export::CHECKOUT,
    harness::{Files, Run},
};
use crate::servers::installed;
use std::process::Command;

const PYRRA: &str = r#"apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: search-errors
  namespace: search
  labels:
    pyrra.dev/team: search
    role: alert-rules
spec:
  target: '99.5'
  window: 4w
  indicator:
    ratio:
      errors:
        metric: http_requests_total{code=~"5..",job="search"}
      total:
        metric: http_requests_total{job="search"}
  alerting:
    name: SearchBurns
    severities:
      slowBurn: low
  performanceOverAccuracy: true
"#;

fn export(files: &Files, target: &str, arguments: &[&str]) -> Run {
    let run = Run::new(&["export", target]).args(arguments.iter().copied());
    run.within(files)
}

/// A document of Pyrra's is written as it was, with everything that only Pyrra has words for.
#[test]
fn pyrra_documents_are_written_as_they_were() {
    let files = Files::new(&[("slo.yaml", PYRRA)]);
    let header = "# Made by `sre export pyrra`: change the objectives, not this file.\n";
    export(&files, "pyrra", &["slo.yaml"]).check(&format!("{header}{PYRRA}"), "", 0);
    let mode = ["slo.yaml", "--mode", "pyrra", "--pyrra-url", "https://pyrra.example.org"];
    let rules = export(&files, "prometheus", &mode).go();
    assert_eq!((rules.code, rules.stderr.as_str()), (0, ""), "{rules:?}");
    for part in [
        "- name: search-errors-increase\n",
        "alert: SearchBurns\n",
        "severity: low\n",
        "team: search\n",
        "https://pyrra.example.org/objectives?expr=",
        "http_requests:increase5m",
    ] {
        assert!(rules.stdout.contains(part), "{part}\n{}", rules.stdout);
    }
    assert!(!rules.stdout.contains("pyrra_availability"));
    let generic = [&mode[..], &["--generic-rules"]].concat();
    assert!(export(&files, "prometheus", &generic).go().stdout.contains("pyrra_availability"));
}

/// Our default alerts are not Pyrra's: that is told, and stops the run unless it is allowed.
#[test]
fn objectives_of_ours_are_written_and_what_is_lost_is_told() {
    let files = Files::new(&[("slo.yaml", CHECKOUT)]);
    for target in [&["pyrra"][..], &["prometheus", "--mode", "pyrra"]] {
        let run = |more: &[&str]| {
            let arguments = [&["slo.yaml"], &target[1..], more].concat();
            export(&files, target[0], &arguments).go()
        };
        let refused = run(&[]);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
        assert!(refused.stderr.contains("slo.yaml:8"), "{}", refused.stderr);
        assert!(refused.stderr.contains("spec.alerting.tiers"), "{}", refused.stderr);
        let ended = "nothing was written; --allow-loss goes on without\n";
        assert!(refused.stderr.ends_with(ended), "{}", refused.stderr);
        let allowed = run(&["--allow-loss"]);
        assert_eq!(allowed.code, 0, "{allowed:?}");
        assert!(allowed.stderr.contains("2 fields not carried over"), "{}", allowed.stderr);
        assert!(allowed.stdout.contains("checkout-availability"), "{}", allowed.stdout);
    }
}

#[test]
fn what_pyrra_cannot_measure_is_left_out() {
    let logged = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: logged}\n\
                  spec: {target: 99%, window: 28d, sli: {counts: {good: good, total: total}}}\n";
    let files = Files::new(&[("slo.yaml", logged)]);
    let ran = export(&files, "pyrra", &["slo.yaml", "--allow-loss"]).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("spec.sli"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("there is nothing to write\n"), "{}", ran.stderr);
}

/// Pyrra writes alerts that nothing can fire; so do we, and say it.
#[test]
fn alerts_that_never_fire_are_told() {
    let files = Files::new(&[("slo.yaml", &PYRRA.replace("99.5", "90"))]);
    let ran = export(&files, "prometheus", &["slo.yaml", "--mode", "pyrra"]).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = "`fastBurn` of `search-errors` never fires: 14 × 10% is 140%, and no error ratio \
                is above 100%\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!ran.stderr.contains("mediumBurn"), "{}", ran.stderr);
}

/// An objective that puts speed before accuracy is two objects, in its namespace and with its labels.
#[test]
fn rules_are_written_as_objects_too() {
    let files = Files::new(&[("slo.yaml", PYRRA)]);
    let arguments = ["slo.yaml", "--mode", "pyrra", "--prometheus-rule"];
    let ran = export(&files, "prometheus", &arguments).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    let objects: Vec<serde_yaml::Value> = serde_yaml::Deserializer::from_str(&ran.stdout)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect();
    let names: Vec<&str> =
        objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search-errors-short", "search-errors-long"]);
    for object in &objects {
        assert_eq!(object["kind"], "PrometheusRule");
        assert_eq!(object["metadata"]["namespace"], "search");
        assert_eq!(object["metadata"]["labels"]["role"], "alert-rules");
        assert!(!object["spec"]["groups"].as_sequence().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_address_and_names_twice_are_refused() {
    let other = PYRRA.replace("namespace: search", "namespace: shop");
    let files = Files::new(&[("slo.yaml", &format!("{PYRRA}---\n{other}"))]);
    let ran = export(&files, "prometheus", &["slo.yaml", "--mode", "pyrra"]).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("two objectives are called `search-errors`"), "{}", ran.stderr);
    let ran = export(&files, "prometheus", &["--mode", "pyrra", "--pyrra-url", "pyrra"]).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("https://pyrra.example.org"), "{}", ran.stderr);
}

/// What is written is what Prometheus loads.
#[test]
fn promtool_takes_what_is_written() {
    if !installed(&["promtool"]) {
        return;
    }
    let files = Files::new(&[("a.yaml", PYRRA), ("b.yaml", CHECKOUT)]);
    let arguments = [".", "--mode", "pyrra", "--allow-loss", "--generic-rules", "-o", "rules.yaml"];
    let ran = export(&files, "prometheus", &arguments).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    let path = files.path().join("rules.yaml");
    let output = Command::new("promtool").args(["check", "rules"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", files.read("rules.yaml"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("SUCCESS"), "{output:?}");
}

/// Prometheus fires the alert just above its threshold, and not just below: 7 % for 14 times 0.5 %. The one
/// beside it fires at half of that, after fifteen minutes.
#[test]
fn alerts_fire_above_their_thresholds_and_not_below() {
    if !installed(&["promtool"]) {
        return;
    }
    let files = Files::new(&[("slo.yaml", PYRRA)]);
    let arguments = ["slo.yaml", "--mode", "pyrra", "-o", "rules.yaml"];
    assert_eq!(export(&files, "prometheus", &arguments).go().code, 0);
    let mut tests = String::from("rule_files: [rules.yaml]\nevaluation_interval: 30s\ntests:\n");
    for (failed, firing) in [(69, "[mediumBurn]"), (71, "[fastBurn, mediumBurn]")] {
        let good = 1000 - failed;
        tests += &format!(
            "- interval: 30s\n  input_series:\n  \
             - {{series: 'http_requests_total{{job=\"search\",code=\"200\"}}', values: '0+{good}x60'}}\n  \
             - {{series: 'http_requests_total{{job=\"search\",code=\"500\"}}', values: '0+{failed}x60'}}\n  \
             promql_expr_test:\n"
        );
        for (name, short) in [("fastBurn", "5m"), ("mediumBurn", "30m")] {
            let samples = if firing.contains(name) { "[{labels: '{}', value: 1}]" } else { "[]" };
            tests += &format!(
                "  - expr: count(ALERTS{{alertname=\"SearchBurns\",alertstate=\"firing\",short=\"{short}\"}})\n    \
                 eval_time: 20m\n    exp_samples: {samples}\n"
            );
        }
    }
    files.write("tests.yaml", tests.as_bytes());
    let mut command = Command::new("promtool");
    let output =
        command.args(["test", "rules", "tests.yaml"]).current_dir(files.path()).output().unwrap();
    assert!(output.status.success(), "{}\n{tests}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_selector_that_depends_on_the_window_is_no_metric() {
    let ours = r#"apiVersion: sre/v1
kind: SLO
metadata: {name: odd, owner: a}
spec:
  service: s
  target: 99%
  window: 30d
  sli:
    prometheus:
      bad: sum(rate(e_total{a="{{.window}}"}[{{.window}}]))
      total: sum(rate(t_total[{{.window}}]))
"#;
    let files = Files::new(&[("ours.yaml", ours)]);
    let command = ["export", "prometheus", "--mode", "pyrra", "ours.yaml", "--allow-loss"];
    let ran = Run::new(&command).within(&files).go();
    assert!(!ran.stdout.contains(".window"), "{ran:?}");
    assert!(ran.stderr.contains("Pyrra counts plain selectors"), "{ran:?}");
}

#[test]
fn the_remedy_for_a_silent_tier_is_one_that_pyrra_has() {
    let theirs = "apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: half, namespace: ns}
spec:
  target: '50'
  window: 2w
  indicator: {ratio: {errors: {metric: 'e_total'}, total: {metric: 't_total'}}}
";
    let files = Files::new(&[("theirs.yaml", theirs)]);
    let ran = Run::new(&["export", "prometheus", "theirs.yaml"]).within(&files).go();
    assert!(ran.stderr.contains("burnrates: false"), "{ran:?}");
    assert!(!ran.stderr.contains("enabled: false"), "{ran:?}");
}
