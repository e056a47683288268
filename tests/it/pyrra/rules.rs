//! Objectives compiled into Pyrra's rules.
use super::{golden, read, text, yaml};
use crate::servers::installed;
use serde_yaml::Value;
use sre::{
    domains::slo::{
        prometheus_rules::{
            RuleFile, RuleGroup,
            pyrra::{self, Compiled, ObjectiveRules, Options},
            write,
        },
        resolve,
        spec::ServiceLevelObjective,
    },
    kernel::{
        settings::Settings,
        source::{SourceId, SourceMap},
        spec::{Catalog, load_text},
    },
    registry::KINDS,
};
use std::{path::Path, process::Command};

/// Compiles the first objective of a catalog.
fn compile_first(catalog: &Catalog, options: &Options) -> Compiled {
    let (document, slo) = catalog.iter::<ServiceLevelObjective>().next().unwrap();
    let settings = Settings::default();
    let resolved = resolve::resolve(catalog, &settings, document, slo).unwrap();
    pyrra::rules_of(&resolved[0], options)
}

/// Compiles a Pyrra document.
fn compile(text: &str, options: &Options) -> ObjectiveRules {
    let (_, lowered, _) = read(text);
    let (catalog, _) = Catalog::build(lowered.documents, &KINDS);
    let compiled = compile_first(&catalog, options);
    assert!(compiled.losses.is_empty(), "{:?}", compiled.losses);
    compiled.rules.unwrap()
}

/// Compiles an objective of ours, with the fields that are lost.
fn compile_ours(text: &str) -> (Option<ObjectiveRules>, Vec<(String, String)>) {
    let mut sources = SourceMap::default();
    let id: SourceId = sources.add("slo.yaml", text);
    let loaded = load_text(id, text, &KINDS, &[]);
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let (catalog, _) = Catalog::build(loaded.documents, &KINDS);
    let compiled = compile_first(&catalog, &Options::default());
    let losses = compiled.losses.into_iter();
    let losses = losses.map(|loss| (loss.field, sources.slice(loss.place).to_owned()));
    (compiled.rules, losses.collect())
}

fn options(case: &Value) -> Options {
    let options = &case["options"];
    Options {
        external_url: options["external_url"].as_str().map(|url| url.parse().unwrap()),
        generic: case["kind"] == "generic",
        prometheus_3: options["prometheus3_migration"] == true,
    }
}

/// The groups as YAML reads them, with `for` in milliseconds: Go writes one length in two ways.
fn groups(yaml: &str) -> Value {
    let mut file: Value = serde_yaml::from_str(yaml).unwrap();
    for group in file["groups"].as_sequence_mut().unwrap() {
        for rule in group["rules"].as_sequence_mut().unwrap() {
            if let Some(hold) = rule.get_mut("for") {
                let length = milliseconds(hold.as_str().unwrap());
                *hold = length.into();
            }
        }
    }
    file
}

fn milliseconds(length: &str) -> u64 {
    // Go writes zeros: `1h0m0s`.
    let mut total = 0;
    let mut number = String::new();
    for c in length.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'd' => 86_400_000,
            'h' => 3_600_000,
            'm' => 60_000,
            's' => 1000,
            other => panic!("{other} in {length}"),
        };
        total += number.parse::<u64>().unwrap() * unit;
        number.clear();
    }
    total
}

fn printed(group: RuleGroup) -> String {
    write::write(&RuleFile { groups: vec![group] })
}

/// What Pyrra's tests expect. Two of their inputs set the target to 0.999, which a document cannot: there
/// it is `99.9`, of which Pyrra computes 0.9990000000000001.
#[test]
fn cases_of_rules_are_compiled_as_by_pyrra() {
    let Some(folder) = golden() else { return };
    let cases = yaml(&folder.join("rules/cases.yaml"));
    let (mut compared, mut without) = (0, 0);
    for case in cases.as_sequence().unwrap() {
        let input = text(&folder.join(case["input"].as_str().unwrap()));
        let rules = compile(&input, &options(case));
        let group = match case["kind"].as_str().unwrap() {
            "burnrates" => Some(rules.burnrates),
            "increase" => Some(rules.increases()),
            _ => rules.generic,
        };
        let Some(expected) = case["expected"].as_str() else {
            assert_eq!(group, None, "{case:?}");
            without += 1;
            continue;
        };
        let mut found = printed(group.unwrap());
        if input.contains("target: '99.9'") {
            found = found.replace("0.9990000000000001", "0.999");
        }
        let expected = text(&folder.join(expected));
        assert_eq!(groups(&found), groups(&expected), "{case:?}\n{found}\n{expected}");
        compared += 1;
    }
    assert_eq!((compared, without), (52, 9));
}

#[test]
fn names_severities_windows_and_bounds_are_those_of_pyrra() {
    let Some(folder) = golden() else { return };
    let options = Options::default();
    for case in yaml(&folder.join("rules/burnrate_names.yaml")).as_sequence().unwrap() {
        let rules = compile(&text(&folder.join(case["input"].as_str().unwrap())), &options);
        let stem = |name: &str| name.rsplit_once("burnrate").unwrap().0.to_owned();
        let expected = stem(case["burnrate_name"].as_str().unwrap());
        assert_eq!(stem(rules.burnrates.rules[0].name()), expected, "{case:?}");
    }
    let input = text(&folder.join("rules/inputs/http-ratio.yaml"));
    let label =
        |rule: &sre::domains::slo::prometheus_rules::Rule, name: &str| rule.labels[name].clone();
    for case in yaml(&folder.join("rules/severities.yaml")).as_sequence().unwrap() {
        let severities = serde_yaml::to_string(&case["severities"]).unwrap();
        let severities = severities.trim().replace('\n', ", ");
        let severities = format!("{{{}}}", severities.trim_matches(['{', '}']));
        let document = format!("{input}\n  alerting: {{severities: {severities}}}\n");
        let rules = compile(&document, &options);
        if let Some(burn) = case["expected"]["burn"].as_sequence() {
            let found: Vec<String> =
                rules.burnrates.rules[7..].iter().map(|rule| label(rule, "severity")).collect();
            let burn: Vec<&str> = burn.iter().map(|word| word.as_str().unwrap()).collect();
            assert_eq!(found, burn, "{case:?}");
        }
        if let Some(absent) = case["expected"]["absent"].as_str() {
            assert_eq!(label(&rules.increases().rules[1], "severity"), absent, "{case:?}");
        }
    }
    let rules = compile(&input, &options);
    let windows = yaml(&folder.join("rules/windows_28d.yaml"));
    let expected = windows.as_sequence().unwrap();
    assert_eq!(expected.len(), 4);
    for (rule, window) in rules.burnrates.rules[7..].iter().zip(expected) {
        for name in ["severity", "long", "short"] {
            assert_eq!(label(rule, name), window[name].as_str().unwrap(), "{window:?}");
        }
        assert!(rule.expression.contains(&format!("> ({} * ", window["factor"].as_u64().unwrap())));
        let sre::domains::slo::prometheus_rules::RuleKind::Alert { hold, .. } = &rule.kind else {
            panic!("{rule:?}")
        };
        assert_eq!(hold.unwrap().to_string(), window["for"].as_str().unwrap());
    }
    let bound = |value: &str| {
        let document = format!(
            "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {{name: a}}\n\
             spec:\n  target: '99'\n  window: 4w\n  indicator:\n    latency:\n      \
             success: {{metric: 'a_bucket{{le=\"{value}\"}}'}}\n      total: {{metric: a_count}}\n"
        );
        let options = Options { prometheus_3: true, ..Options::default() };
        let expression = compile(&document, &options).burnrates.rules[0].expression.clone();
        let (_, rest) = expression.split_once("a_bucket{").unwrap();
        rest.split_once("}[").unwrap().0.to_owned()
    };
    let cases = yaml(&folder.join("rules/prometheus3_le_matchers.yaml"));
    let mut compared = 0;
    for case in cases.as_sequence().unwrap() {
        let (matcher, expected) = (&case["matcher"], &case["expected"]);
        let value = matcher["value"].as_str().unwrap();
        // A document has one bound, which is a number; other matchers stay as they are.
        if matcher["name"] != "le" || matcher["type"] != "=" || value.parse::<f64>().is_err() {
            assert_eq!(matcher, expected);
            continue;
        }
        let kind = expected["type"].as_str().unwrap();
        let value_printed = expected["value"].as_str().unwrap().replace('\\', "\\\\");
        assert_eq!(bound(value), format!("le{kind}\"{value_printed}\""), "{case:?}");
        compared += 1;
    }
    assert_eq!(compared, 7);
}

/// Every input, and everything that rules can have beside: `promtool` takes what is written.
#[test]
fn promtool_takes_the_rules() {
    let Some(folder) = golden() else { return };
    if !installed(&["promtool"]) {
        return;
    }
    let inputs = super::files(&folder.join("rules/inputs"));
    let examples = super::files(&folder.join("repo/examples"));
    let mut checked = 0;
    for path in inputs.iter().chain(&examples) {
        let text = text(path);
        if !text.contains("pyrra.dev/v1alpha1") {
            continue;
        }
        let options = Options {
            external_url: Some("https://pyrra.example.org".parse().unwrap()),
            generic: true,
            prometheus_3: true,
        };
        let rules = compile(&text, &options);
        promtool(&write::write(&pyrra::file(std::slice::from_ref(&rules))), path);
        for part in rules.objects() {
            promtool(&write::write(&RuleFile { groups: part.groups }), path);
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

#[expect(clippy::disallowed_methods, reason = "writes a file for promtool")]
fn promtool(rules: &str, of: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    // The field is a Thanos ruler's.
    let lines = rules.lines().filter(|line| !line.contains("partial_response_strategy"));
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let output = Command::new("promtool").args(["check", "rules"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}\n{rules}", of.display());
}

const OURS: &str = r#"apiVersion: sre/v1
kind: SLO
metadata:
  name: checkout-errors
  owner: shop
  description: Requests to the checkout succeed.
spec:
  target: 99.9%
  window: 28d
  sli:
    prometheus:
      good: http_requests_total{job="checkout",code!~"5.."}
      total: http_requests_total{job="checkout"}
  alerting:
    tiers:
      - {name: fastBurn, severity: page, long: 1h, short: 5m, burn_rate: 14, for: 2m}
      - {name: mediumBurn, severity: page, long: 6h, short: 30m, burn_rate: 7, for: 15m}
      - {name: slowBurn, severity: ticket, long: 1d, short: 2h, burn_rate: 2, for: 1h}
      - {name: longTermBurn, severity: page, long: 4d, short: 6h, burn_rate: 1, for: 3h}
    budget_exhausted: none
    sli_absent: ticket
"#;

/// Good events among all are errors among all where one condition tells them apart.
#[test]
fn objectives_of_ours_are_compiled_too() {
    let (rules, losses) = compile_ours(OURS);
    assert_eq!(losses, []);
    let rules = rules.unwrap();
    let first = &rules.burnrates.rules[0];
    assert_eq!(first.name(), "http_requests:burnrate5m");
    let expected = "sum(rate(http_requests_total{code=~\"5..\",job=\"checkout\"}[5m])) / \
                    sum(rate(http_requests_total{job=\"checkout\"}[5m]))";
    assert_eq!(first.expression, expected);
    let alert = &rules.burnrates.rules[7];
    // The target is exact where Pyrra's own is binary.
    assert!(alert.expression.contains("> (14 * (1-0.999))"), "{}", alert.expression);
    assert_eq!(alert.labels["owner"], "shop");
    let severities: Vec<&str> =
        rules.burnrates.rules[7..].iter().map(|rule| rule.labels["severity"].as_str()).collect();
    assert_eq!(severities, ["critical", "critical", "warning", "critical"]);
    assert_eq!(rules.increases().rules[1].labels["severity"], "warning");
}

#[test]
fn rules_are_split_in_two_objects_where_speed_goes_before_accuracy() {
    let Some(folder) = golden() else { return };
    let input = text(&folder.join("rules/inputs/http-ratio-grouping-less-accurate.yaml"));
    let input =
        input.replace("metadata:\n", "metadata:\n  namespace: shop\n  labels: {role: rules}\n");
    let parts = compile(&input, &Options::default()).objects();
    let said: Vec<_> = parts
        .iter()
        .map(|part| {
            let groups: Vec<&str> = part.groups.iter().map(|group| group.name.as_str()).collect();
            let interval = part.groups[0].interval.unwrap().to_string();
            (part.name.as_str(), part.labels["prometheus"].as_str(), groups, interval)
        })
        .collect();
    let name = "monitoring-http-errors";
    let increase = "monitoring-http-errors-increase";
    let expected = [
        ("monitoring-http-errors-short", "k8s", vec![increase, name], "30s".to_owned()),
        ("monitoring-http-errors-long", "thanos-k8s", vec![increase], "2m30s".to_owned()),
    ];
    assert_eq!(said, expected);
    assert!(parts.iter().all(|part| part.labels["role"] == "rules"));
    assert!(parts.iter().all(|part| part.namespace.as_deref() == Some("shop")));
}
