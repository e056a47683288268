//! The rules that Sloth writes, byte by byte.
use super::golden;
use crate::{
    cli::harness::{Files, Ran, Run},
    servers::installed,
};
use std::path::Path;

const TESTDATA: &str = "test/integration/prometheus/testdata";

fn export(files: &Files, arguments: &[&str]) -> Ran {
    let run = ["export", "prometheus", "--mode", "sloth"];
    Run::new(&run).args(arguments.iter().copied()).within(files).go()
}

/// A template of Go's as the text that it becomes.
fn filled(template: &str, version: &str) -> String {
    let mut text = template.replace("{{ .version }}", version);
    // `{{"X"}}` is X.
    while let Some((before, rest)) = text.split_once("{{\"") {
        let (inside, after) = rest.split_once("\"}}").unwrap();
        text = format!("{before}\u{1}{inside}\u{2}{after}");
    }
    text.replace(['\u{1}', '\u{2}'], "")
}

/// Our flags for those of Sloth, and the files that it is given.
fn translated(folder: &Path, arguments: &str, files: &Files) -> Vec<String> {
    let mut words = arguments.split(' ');
    let mut ours = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap().to_owned();
        match word {
            "--input" => {
                files.write("in.yaml", golden::read(folder, &value()).as_bytes());
                ours.push("in.yaml".to_owned());
            }
            "--slo-period-windows-path" => {
                let path = format!("{}/7d.yaml", value());
                files.write("windows.yaml", golden::read(folder, &path).as_bytes());
            }
            "-l" => ours.extend(["--extra-label".to_owned(), value()]),
            "--default-slo-period" => ours.extend([word.to_owned(), value()]),
            other => ours.push(other.to_owned()),
        }
    }
    ours
}

#[test]
fn every_golden_file_is_written_byte_by_byte() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "cases/generate_cli.yaml");
    let (mut same, mut refused) = (0, 0);
    for case in cases.as_sequence().unwrap() {
        let files = Files::new(&[]);
        let arguments = case["args"].as_str().unwrap();
        // Programs of Sloth's.
        if arguments.contains("plugin") {
            continue;
        }
        let ours = translated(&folder, arguments, &files);
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let ran = export(&files, &[&ours[..], &["--separate-documents"]].concat());
        let name = case["case"].as_str().unwrap();
        let Some(expected) = case["expected"].as_str() else {
            assert_ne!(ran.code, 0, "{name}: {ran:?}");
            refused += 1;
            continue;
        };
        let expected = filled(&golden::read(&folder, expected), "v0.16.0");
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        if ran.stdout != expected {
            let differs = ran.stdout.lines().zip(expected.lines()).find(|(a, b)| a != b);
            panic!("{name}: {differs:?}");
        }
        same += 1;
    }
    assert_eq!((same, refused), (10, 1));
}

/// Sloth's own examples and what it made of them, where these are at hand.
#[test]
fn the_examples_are_written_byte_by_byte() {
    let Some(folder) = golden::folder() else { return };
    let examples = folder.join("sloth/examples");
    if !examples.is_dir() {
        return;
    }
    let mut same = 0;
    for name in [
        "getting-started.yml",
        "home-wifi.yml",
        "k8s-getting-started.yml",
        "k8s-home-wifi.yml",
        "k8s-multifile.yml",
        "kubernetes-apiserver.yml",
        "multifile.yml",
        "no-alerts.yml",
        "openslo-getting-started.yml",
        "openslo-kubernetes-apiserver.yml",
        "raw-home-wifi.yml",
        "victoria-metrics.yml",
    ] {
        let input = golden::read(&folder, &format!("examples/{name}"));
        let files = Files::new(&[("in.yaml", &input)]);
        let arguments = ["in.yaml", "--separate-documents", "--sloth-version", "dev"];
        let label = ["--extra-label", "cmd=examplesgen.sh"];
        let ran = export(&files, &[&arguments[..], &label].concat());
        let expected = golden::read(&folder, &format!("examples/_gen/{name}"));
        if ran.stdout != expected {
            let differs = ran.stdout.lines().zip(expected.lines()).find(|(a, b)| a != b);
            panic!("{name}: {differs:?} {}", ran.stderr);
        }
        same += 1;
    }
    assert_eq!(same, 12);
}

#[test]
fn programs_of_sloth_are_not_passed_over() {
    let Some(folder) = golden::folder() else { return };
    for (name, says) in [
        ("in-sli-plugin.yaml", "the query that the plugin `integration_test` makes"),
        ("in-slo-plugin.yaml", "what `integration-tests/plugin1` does to the rules"),
        ("in-slo-plugin-k8s.yaml", "what `integration-tests/plugin1` does to the rules"),
    ] {
        let input = golden::read(&folder, &format!("{TESTDATA}/{name}"));
        let files = Files::new(&[("in.yaml", &input)]);
        let ran = export(&files, &["in.yaml"]);
        assert_ne!(ran.code, 0, "{name}");
        assert!(ran.stderr.contains(says), "{name}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{name}");
    }
}

#[test]
fn factors_are_those_of_sloth() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "cases/mwmb_factors.yaml");
    let windows_7d = golden::read(&folder, "test/integration/prometheus/windows/7d.yaml");
    let mut looked_at = 0;
    for case in cases.as_sequence().unwrap() {
        // A catalogue here adds to the windows that are known, and never takes any away.
        if case["catalogue"].as_str() == Some("empty") {
            continue;
        }
        let slo = format!(
            "version: prometheus/v1\nservice: shop\nslos:\n- name: web\n  objective: {}\n  \
             sli: {{events: {{error_query: \"sum(rate(a[{{{{.window}}}}]))\", total_query: \"sum(rate(b[{{{{.window}}}}]))\"}}}}\n  \
             alerting: {{name: A}}\n",
            case["objective"].as_f64().unwrap()
        );
        let files = Files::new(&[("in.yaml", &slo), ("windows.yaml", &windows_7d)]);
        let period = case["period"].as_str().unwrap();
        let ran = export(&files, &["in.yaml", "--default-slo-period", period]);
        let name = case["case"].as_str().unwrap();
        looked_at += 1;
        if case["error"].as_bool() == Some(true) {
            assert_eq!(ran.code, 2, "{name}: {ran:?}");
            assert!(ran.stderr.contains("no windows to alert on"), "{name}: {ran:?}");
            continue;
        }
        for tier in ["page_quick", "page_slow", "ticket_quick", "ticket_slow"] {
            let tier = &case["expected"][tier];
            let factor = serde_yaml::to_string(&tier["factor"]).unwrap();
            let budget = tier["error_budget_percent_of_events"].as_f64().unwrap() / 100.0;
            for window in ["short", "long"] {
                let window = tier[window].as_str().unwrap();
                let condition = format!(
                    "max(slo:sli_error:ratio_rate{window}{{sloth_id=\"shop-web\", \
                     sloth_service=\"shop\", sloth_slo=\"web\"}} > ({} * {budget}))",
                    factor.trim()
                );
                assert!(ran.stdout.contains(&condition), "{name}: {condition}\n{}", ran.stdout);
            }
        }
    }
    assert_eq!(looked_at, 4);
}

const OURS: &str = r#"apiVersion: sre/v1
kind: SLO
metadata:
  name: checkout-availability
  owner: shop
  labels: {team: shop, app.example.org/part: web}
spec:
  service: checkout
  target: 99.9%
  window: 28d
  runbook: https://wiki.example.org/checkout
  sli:
    prometheus:
      good: http_requests_total{job="checkout",code!~"5.."}
      total: http_requests_total{job="checkout"}
  alerting:
    tiers:
      - {severity: page, long: 1h, short: 5m, burn_rate: 14.4}
      - {severity: ticket, long: 3d, short: 6h, burn_rate: 1, minimum_events: 10}
"#;

#[test]
fn our_own_objectives_become_rules_and_what_sloth_lacks_is_told() {
    let files = Files::new(&[("ours.yaml", OURS)]);
    let ran = export(&files, &["ours.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    for lost in ["app.example.org/part", "spec.alerting (ticket-3d)"] {
        assert!(ran.stderr.contains(lost), "{lost}: {}", ran.stderr);
    }
    let ran = export(&files, &["ours.yaml", "--allow-loss"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "- record: slo:sli_error:ratio_rate5m\n",
        "slo:sli_error:ratio_rate4w\n",
        "sum(increase(http_requests_total{job=\"checkout\",code!~\"5..\"}[5m]))",
        "sloth_id: checkout-availability\n",
        "sloth_slo: availability\n",
        "sloth_spec: sre/v1\n",
        "team: shop\n",
        "> (14.4 * 0.0009999999999999432)",
        "runbook_url: https://wiki.example.org/checkout\n",
    ] {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
}

#[test]
fn several_documents_become_one_that_prometheus_reads_unless_asked_otherwise() {
    let slo = |service: &str| {
        format!(
            "version: prometheus/v1\nservice: {service}\nslos:\n- name: web\n  objective: 99.9\n  \
             sli: {{events: {{error_query: \"sum(rate(a[{{{{.window}}}}]))\", \
             total_query: \"sum(rate(b[{{{{.window}}}}]))\"}}}}\n  alerting: {{name: \"{service}\"}}\n"
        )
    };
    let both = format!("{}---\n{}", slo("shop"), slo("bank"));
    let files = Files::new(&[("in.yaml", &both)]);
    let one = export(&files, &["in.yaml"]).stdout;
    assert_eq!(one.matches("\n---\n").count(), 1);
    assert_eq!(one.matches("- name: sloth-slo-").count(), 6);
    let shop = one.find("sloth-slo-alerts-shop-web").unwrap();
    assert!(shop < one.find("sloth-slo-alerts-bank-web").unwrap(), "in the order of the file");
    let two = export(&files, &["in.yaml", "--separate-documents"]).stdout;
    assert_eq!(two.matches("\n---\n").count(), 2);
    if installed(&["promtool"]) {
        files.write("rules.yaml", one.as_bytes());
        let checked = std::process::Command::new("promtool")
            .args(["check", "rules"])
            .arg(files.path().join("rules.yaml"))
            .output()
            .unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        assert!(String::from_utf8_lossy(&checked.stdout).contains("34 rules found"), "{checked:?}");
    }
    let ran =
        Run::new(&["export", "prometheus", "in.yaml", "--disable-alerts"]).within(&files).go();
    assert_eq!(ran.code, 2, "{ran:?}");
}
