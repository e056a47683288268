//! slo-generator: what of it is imported, and what is said of the rest.
#![expect(clippy::disallowed_methods, reason = "reads the golden data")]
use crate::{
    cli::harness::{Files, Run},
    openslo::golden,
};
use std::{fs, path::Path};

const CONFIG: &str = "
default_exporters: [pubsub]
backends:
  prometheus: {url: 'http://prometheus.example.com'}
error_budget_policies:
  default:
    steps:
      - {name: 1 hour, window: 3600, burn_rate_threshold: 9, alert: true, message_alert: Defend it., message_ok: Fine.}
      - {name: 28 days, window: 2419200, burn_rate_threshold: 1.5, alert: false, message_alert: Freeze.}
";

fn slo(method: &str, indicator: &str) -> String {
    format!(
        "apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {{name: shop-web-availability, labels: {{service_name: shop}}}}
spec:
  description: Pages load.
  backend: prometheus
  method: {method}
  goal: 0.999
  service_level_indicator: {indicator}
"
    )
}

fn import(files: &[(&str, &str)]) -> (String, String, u8) {
    let files = Files::new(files);
    let ran = Run::new(&["import", ".", "--allow-loss"]).within(&files).go();
    (ran.stdout, ran.stderr, ran.code)
}

#[track_caller]
fn check(method: &str, indicator: &str, queries: &str) {
    let (stdout, stderr, code) =
        import(&[("slo.yaml", &slo(method, indicator)), ("config.yaml", CONFIG)]);
    assert_eq!(code, 0, "{stderr}");
    let sli = format!(
        "  sli:\n    source: prometheus\n    prometheus:\n{queries}  target: 99.9%\n  window: 4w\n  alerting: slo-generator-default\n"
    );
    assert!(stdout.contains(&sli), "{stdout}");
}

#[test]
fn methods_of_prometheus_are_queries_of_ours() {
    check(
        "good_bad_ratio",
        "{filter_good: 'a_total{code=~\"2..\"}', filter_valid: a_total}",
        "      good: a_total{code=~\"2..\"}\n      total: a_total\n",
    );
    check(
        "good_bad_ratio",
        "{filter_good: 'a_total', filter_bad: 'b_total[window]', operators: [rate, sum]}",
        "      good: sum(rate(a_total[{{.window}}]))\n      bad: sum(rate(b_total[{{.window}}]))\n",
    );
    check(
        "distribution_cut",
        "{expression: 'l_bucket{a=\"b\"}', threshold_bucket: 0.25}",
        "      good: l_bucket{a=\"b\",le=\"0.25\"}\n      total: l_count{a=\"b\"}\n",
    );
    check(
        "query_sli",
        "{expression: 'sum(rate(a[window])) / sum(rate(b[window]))'}",
        "      good: |-
        sum_over_time(((
        sum(rate(a[5m])) / sum(rate(b[5m]))
        ) >= 0)[{{.window}}:5m])
      total: |-
        count_over_time(((
        sum(rate(a[5m])) / sum(rate(b[5m]))
        ) >= 0)[{{.window}}:5m])
",
    );
}

#[test]
fn policies_are_tiers_with_what_follows() {
    let slo = slo("good_bad_ratio", "{filter_good: a_total, filter_valid: b_total}");
    let (stdout, stderr, code) = import(&[("slo.yaml", &slo), ("config.yaml", CONFIG)]);
    assert_eq!(code, 0, "{stderr}");
    let policy = "  name: slo-generator-default
spec:
  tiers:
    - name: 1 hour
      severity: page
      long: 1h
      short: 1h
      burn_rate: 9
      annotations:
        consequence: Defend it.
    - name: 28 days
      severity: ticket
      long: 4w
      short: 4w
      burn_rate: 1.5
      annotations:
        consequence: Freeze.
  budget_exhausted: none
  sli_absent: none
";
    assert!(stdout.contains(policy), "{stdout}");
    for lost in ["default_exporters", "steps[0].message_ok"] {
        assert!(stderr.contains(lost), "{stderr}");
    }
    let imported = Files::new(&[("ours.yaml", &stdout)]);
    let ran = Run::new(&["validate", ".", "--fail-on", "error"]).within(&imported).go();
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn what_is_wrong_or_lost_is_told() {
    let text = slo("magic", "{filter_good: '${METRIC}'}").replace("goal: 0.999", "goal: 99.9");
    let (_, stderr, code) = import(&[("slo.yaml", &text)]);
    assert!(code == 2 && stderr.contains("`goal`: 99.9 is not from 0 to 1"), "{stderr}");
    let (_, stderr, code) = import(&[("slo.yaml", &slo("magic", "{filter_good: '${METRIC}'}"))]);
    assert_eq!(code, 0);
    for said in ["`magic` is no method", "variables of the environment", "shared configuration"] {
        assert!(stderr.replace('\n', " ").contains(said), "{said}: {stderr}");
    }
    let unknown =
        slo("good_bad_ratio", "{}").replace("  goal:", "  error_budget_policy: none\n  goal:");
    let (_, stderr, code) = import(&[("slo.yaml", &unknown), ("config.yaml", CONFIG)]);
    assert!(code == 2 && stderr.contains("no error budget policy is called `none`"), "{stderr}");
}

/// Every file of slo-generator's samples and test data, beside a configuration of its own: imported, or
/// refused with a reason that names its place.
#[test]
fn every_file_of_slo_generator_is_imported_or_refused() {
    let Some(folder) = golden::folder() else { return };
    let mut files = Vec::new();
    collect(&folder.join("slo-generator/samples"), &mut files);
    collect(&folder.join("slo-generator/tests/unit/fixtures"), &mut files);
    files.sort();
    let config = golden::read(&folder, "slo-generator/samples/config.yaml");
    let (mut imported, mut refused) = (0, 0);
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let with_steps = text.contains("error_budget_policies");
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut written = vec![(name, text.as_str())];
        if !with_steps {
            written.push(("shared.yaml", &config));
        }
        let files = Files::new(&written);
        let ran = Run::new(&["import", name, "--allow-loss"]).within(&files).go();
        match ran.code {
            0 if ran.stdout.is_empty() => {
                assert!(ran.stderr.contains("not carried over"), "{ran:?}");
            }
            0 => {
                imported += 1;
                let ours = Files::new(&[("ours.yaml", &ran.stdout)]);
                let ran =
                    Run::new(&["validate", "ours.yaml", "--format", "concise"]).within(&ours).go();
                let errors: Vec<&str> = ran
                    .stdout
                    .lines()
                    // Policies and sources are imported with the configuration; its variables are kept.
                    .filter(|line| line.contains("error["))
                    .filter(|line| !line.contains("REF002") && !line.contains("SRC003"))
                    .collect();
                assert!(errors.is_empty(), "{}: {errors:?}", path.display());
            }
            2 => {
                refused += 1;
                assert!(ran.stderr.contains(name), "{}: {}", path.display(), ran.stderr);
            }
            other => panic!("{}: {other}: {ran:?}", path.display()),
        }
    }
    assert!(
        imported >= 48 && refused > 0,
        "{imported} imported, {refused} refused of {}",
        files.len()
    );
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "json") {
            files.push(path);
        }
    }
}

#[test]
fn a_policy_that_could_not_be_read_is_not_missed_as_well() {
    let config = CONFIG.replace("window: 3600", "windw: 3600");
    let slo = slo("query_sli", "{expression: 'a[window] / b[window]'}");
    let (_, stderr, code) = import(&[("config.yaml", &config), ("slo.yaml", &slo)]);
    assert_ne!(code, 0);
    assert!(stderr.contains("windw"), "{stderr}");
    assert!(!stderr.contains("no error budget policy is called"), "{stderr}");
    assert!(!stderr.contains("sre validate"), "{stderr}");
}

#[test]
fn that_slices_weigh_alike_is_told() {
    let slo = slo("query_sli", "{expression: 'a[window] / b[window]'}");
    let (_, stderr, _) = import(&[("config.yaml", CONFIG), ("slo.yaml", &slo)]);
    assert!(stderr.contains("spec.service_level_indicator.expression"), "{stderr}");
    assert!(stderr.contains("slices of five minutes"), "{stderr}");
}
