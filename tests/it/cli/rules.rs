//! `sre export prometheus`: what is told of the rules, and objects instead of files.
use super::{
    export::CHECKOUT,
    harness::{Files, Run},
};
use serde_json::Value;

fn export(files: &Files, arguments: &[&str]) -> Run {
    Run::new(&["export", "prometheus", "slo.yaml"]).args(arguments.iter().copied()).within(files)
}

/// What is told on standard error, as JSON.
fn told(files: &Files, arguments: &[&str]) -> (Value, u8) {
    let ran = export(files, arguments).args(["-q", "--format", "json"]).go();
    (serde_json::from_str(&ran.stderr).unwrap_or_else(|error| panic!("{error}: {ran:?}")), ran.code)
}

#[test]
fn rules_that_are_there_already_are_named_with_their_places() {
    let files = Files::new(&[("slo.yaml", CHECKOUT)]);
    let rules = export(&files, &[]).go().stdout;
    // One rule of a file of three documents' worth of other things, and an object with an alert.
    let labels =
        "{sloth_id: checkout-availability, sloth_service: checkout, sloth_slo: availability}";
    let there = format!(
        "groups:\n- name: handmade\n  rules:\n  - record: slo:objective:ratio\n    expr: vector(0.99)\n    labels: {labels}\n  \
         - record: slo:objective:ratio\n    expr: vector(0.99)\n"
    );
    let object = "kind: PrometheusRule\nspec:\n  groups:\n  - name: operator\n    rules:\n    - alert: SLOErrorBudgetExhausted\n      \
         expr: vector(1)\n      labels:\n        sloth_severity: ticket\n        slo_tier: budget-exhausted\n        \
         sloth_id: checkout-availability\n        sloth_service: checkout\n        sloth_slo: availability\n";
    files.write("there/rules.yml", there.as_bytes());
    files.write("there/object.yaml", object.as_bytes());
    files.write("there/other.yaml", b"kind: ConfigMap\n");
    let (answer, code) = told(&files, &["--against", "there"]);
    assert_eq!((answer["schema"].as_str(), code), (Some("sre/rules@1"), 1));
    let found: Vec<(&str, u64, &str, bool)> = answer["collisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (
                text("path"),
                one["line"].as_u64().unwrap(),
                text("kind"),
                one["same_expression"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [("there/rules.yml", 4, "record", false), ("there/object.yaml", 6, "alert", false)]
    );
    let ran = export(&files, &["--against", "there", "-o", "out.yaml"]).go();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(
        ran.stderr.ends_with("2 rules would make what is made already: nothing was written\n"),
        "{}",
        ran.stderr
    );
    assert!(!files.path().join("out.yaml").exists());
    // The file that is written anew is not one of the others.
    files.write("there/ours.yaml", rules.as_bytes());
    let (answer, code) = told(&files, &["--against", "there/ours.yaml"]);
    assert_eq!((answer["collisions"].as_array().unwrap().len(), code), (31, 1));
    assert!(
        answer["collisions"].as_array().unwrap().iter().all(|one| one["same_expression"] == true)
    );
    let ran = export(&files, &["--against", "there/ours.yaml", "-o", "there/ours.yaml"]).go();
    assert_eq!((ran.stderr.as_str(), ran.code), ("there/ours.yaml is up to date\n", 0));
}

#[test]
fn what_is_no_rule_file_is_refused() {
    let files = Files::new(&[
        ("slo.yaml", CHECKOUT),
        ("broken.yml", "groups: [\n"),
        ("other.yml", "a: b\n"),
    ]);
    export(&files, &["--against", "nowhere"]).check(
        "",
        "error: `nowhere` does not exist\n  help: name a rule file, or a folder with rule files\n",
        2,
    );
    export(&files, &["--against", "other.yml"]).check(
        "",
        "error: `other.yml` holds no rules\n  help: name a rule file, or a file with `PrometheusRule` objects\n",
        2,
    );
    let ran = export(&files, &["--against", "broken.yml"]).go();
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains(" --> broken.yml:"), "{}", ran.stderr);
}

#[test]
fn costs_are_added_up() {
    let files = Files::new(&[("slo.yaml", CHECKOUT)]);
    let (answer, code) = told(&files, &["--cost"]);
    assert_eq!(code, 0);
    let cost = &answer["items"][0]["cost"];
    assert_eq!(
        (&cost["series"], &cost["alerts"], &cost["unknown"]),
        (&25.into(), &6.into(), &0.into())
    );
    assert_eq!(&answer["total"], cost);
    // 5m, 30m, 1h, 2h, 6h, 1d, 3d of good and bad, a sample every 30 seconds.
    let minutes = 5 + 30 + 60 + 120 + 360 + 1440 + 4320;
    let of_indicator = f64::from(2 * 2 * minutes);
    let all = cost["samples"].as_f64().unwrap();
    let recorded = all - of_indicator;
    assert!((2.0 * 720.0..3000.0).contains(&recorded), "{all}");
    let (twice, _) = told(&files, &["--cost", "--series-per-selector", "2"]);
    let samples = twice["total"]["samples"].as_f64().unwrap();
    assert!((samples - recorded - 2.0 * of_indicator).abs() < 1e-6, "{samples}");
    let (coarse, _) = told(&files, &["--cost", "--scrape-interval", "1m"]);
    let samples = coarse["total"]["samples"].as_f64().unwrap();
    assert!((samples - recorded - of_indicator / 2.0).abs() < 1e-6, "{samples}");
}

#[test]
fn objects_hold_the_same_groups() {
    let files = Files::new(&[("slo.yaml", CHECKOUT)]);
    let arguments = ["--prometheus-rule", "--namespace", "shop", "--object-label", "role=rules"];
    let object: serde_yaml::Value =
        serde_yaml::from_str(&export(&files, &arguments).go().stdout).unwrap();
    let file: serde_yaml::Value = serde_yaml::from_str(&export(&files, &[]).go().stdout).unwrap();
    assert_eq!(object["spec"]["groups"], file["groups"]);
    let metadata = &object["metadata"];
    assert_eq!(metadata["name"], "slo-rules");
    assert_eq!(
        (&metadata["namespace"], &metadata["labels"]["role"]),
        (&"shop".into(), &"rules".into())
    );
    let ran = export(&files, &["--prometheus-rule", "--object-name", "No Name"]).go();
    assert_eq!(ran.code, 2);
    let ran = export(&files, &["--prometheus-rule", "--mode", "sloth"]).go();
    assert!(ran.code == 2 && ran.stderr.contains("rule file only"), "{}", ran.stderr);
    let ran = export(&files, &["--cost", "--mode", "pyrra"]).go();
    assert!(ran.code == 2 && ran.stderr.contains("a flag of our own rules"), "{}", ran.stderr);
}

/// 60 events an hour for 20 days: the workbook's first tier would page 44 times a month by chance.
#[test]
fn guards_are_chosen_by_traffic_and_explained() {
    let slo = CHECKOUT.replace(
        "  runbook:",
        "  alerting: {tiers: [{severity: page, long: 1h, short: 5m, burn_rate: 14.4}]}\n  runbook:",
    );
    let mut metrics = String::from("# TYPE http_requests counter\n");
    for code in ["200", "500"] {
        for minute in 0..20 * 1440_u64 {
            let value = if code == "200" { minute } else { 0 };
            let at = 1_790_812_800 + 60 * minute;
            metrics +=
                &format!("http_requests_total{{job=\"checkout\",code=\"{code}\"}} {value} {at}\n");
        }
    }
    let files = Files::new(&[("slo.yaml", &slo), ("data.om", &format!("{metrics}# EOF\n"))]);
    let arguments = ["--guard-by-traffic", "--data", "data.om"];
    let (answer, code) = told(&files, &arguments);
    let guard = &answer["items"][0]["guards"][0];
    assert_eq!((code, &guard["guard"]), (0, &"confidence: 95%".into()), "{answer}");
    assert!((30.0..60.0).contains(&guard["by_chance"].as_f64().unwrap()), "{guard}");
    assert!(guard["by_chance_guarded"].as_f64().unwrap() <= 0.1, "{guard}");
    let rules = export(&files, &arguments).args(["-q"]).go().stdout;
    let reason = guard["reason"].as_str().unwrap();
    assert!(reason.starts_with("60 events in 1h on average: chance alone would raise"), "{reason}");
    assert!(rules.contains(&format!("Chosen by traffic: {reason}.")), "{rules}");
    assert!(rules.contains("sqrt("), "the tier is guarded");
    let plain = export(&files, &[]).go().stdout;
    assert!(!plain.contains("sqrt("));
}

#[test]
fn alerts_of_sloths_documents_keep_their_labels_and_annotations() {
    let sloth = r#"version: prometheus/v1
service: basket
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(errors_total[{{.window}}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting:
      name: BasketFails
      labels: {channel: shop, sloth_id: other}
      annotations: {wiki: https://wiki.example.com/basket}
      page_alert:
        labels: {team: first}
        annotations: {wake: "yes"}
      ticket_alert:
        labels: {team: second}
"#;
    let files = Files::new(&[("slo.yaml", sloth)]);
    let (answer, code) = told(&files, &[]);
    let lost: Vec<(&str, &str)> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["field"].as_str().unwrap(), one["reason"].as_str().unwrap()))
        .collect();
    let expected = [
        ("slos[0].alerting.name", "of use to rules in the manner of Sloth only"),
        ("slos[0].alerting.labels", "rules give themselves labels of that name"),
    ];
    assert_eq!((lost.as_slice(), code), (&expected[..], 1));
    let rules: serde_yaml::Value =
        serde_yaml::from_str(&export(&files, &["--allow-loss", "-q"]).go().stdout).unwrap();
    let rules = rules["groups"][0]["rules"].as_sequence().unwrap();
    let tiers: Vec<_> = rules.iter().filter(|rule| rule["alert"] == "SLOErrorBudgetBurn").collect();
    assert_eq!(tiers.len(), 4);
    for rule in tiers {
        let (labels, told) = (&rule["labels"], &rule["annotations"]);
        let page = labels["sloth_severity"] == "page";
        assert_eq!(labels["team"], if page { "first" } else { "second" });
        assert_eq!(
            (&labels["channel"], &labels["sloth_id"]),
            (&"shop".into(), &"basket-availability".into())
        );
        assert_eq!(told["wiki"], "https://wiki.example.com/basket");
        assert_eq!(told["wake"].is_null(), !page);
    }
}
