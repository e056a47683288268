//! What is read, refused and warned of.
use super::{files, golden, read, text, yaml};
use proptest::prelude::*;
use serde_yaml::{Mapping, Value};
use sre::{
    kernel::{
        diagnostic::Level,
        settings::Settings,
        source::SourceMap,
        spec::{dialect, load_text},
    },
    registry::{DIALECTS, KINDS},
};

/// What Pyrra's checks say and what ours say instead: the message names the field as it is written.
const ERRORS: &[(&str, &str)] = &[
    ("target must be set", "missing field `spec`"),
    ("name must be set", "missing field `metadata`"),
    ("target must be between 0 and 100", "`target` is `"),
    ("window must be set", "missing field `window`"),
    ("unknown unit \"t\" in duration \"2t\"", "`window` is `2t`: `t` is not a unit of time"),
    ("one of ratio, latency,", "missing field `indicator`"),
    ("ratio total metric must be set", "`ratio.total.metric` is empty"),
    ("ratio errors metric must be set", "`ratio.errors.metric` is empty"),
    ("failed to parse ratio total metric", "`ratio.total.metric` cannot be read: "),
    ("ratio total metric must be a vector", "`ratio.total.metric` is a query"),
    ("ratio errors metric must be a vector", "`ratio.errors.metric` is a query"),
    ("latency total metric must be set", "`latency.total.metric` is empty"),
    ("latency success metric must be set", "`latency.success.metric` is empty"),
    ("*any*", "`latency.success.metric` names no bucket"),
    ("failed to parse latency total metric", "`latency.total.metric` cannot be read: "),
    (
        "latency success metric must contain a le label matcher with",
        "`le` of `latency.success.metric`",
    ),
    ("latency success metric must contain a le", "`latency.success.metric` names no bucket"),
    ("latency success metric must be a vector", "`latency.success.metric` is a query"),
    ("latency total metric must be a vector", "`latency.total.metric` is a query"),
    ("latencyNative total metric must be set", "`latencyNative.total.metric` is empty"),
    ("latencyNative latency objective must be set", "`latencyNative.latency` is empty"),
    ("latencyNative latency objective must be a valid", "`latencyNative.latency` is `foo`: "),
    ("failed to parse latencyNative total metric", "`latencyNative.total.metric` cannot be read: "),
    ("boolGauge metric must be set", "`bool_gauge.metric` is empty"),
    ("failed to parse boolGauge metric", "`bool_gauge.metric` cannot be read: "),
];

/// What Pyrra's checks warn of, and the rule that does; `None` where it is an error of ours: a ratio of a
/// metric to itself is found wherever it is written, by a rule on our own indicators.
const WARNINGS: &[(&str, Option<&str>)] = &[
    ("namespace must be set", Some("pyrra-without-namespace")),
    ("target is from 0-100", Some("pyrra-target-below-one")),
    ("ratio errors metric should be different", None),
    ("latency success metric should be different", None),
    ("latency total metric should usually be a histogram count", Some("pyrra-histogram-suffix")),
    ("latency success metric should usually be a histogram bucket", Some("pyrra-histogram-suffix")),
];

/// Cases whose warnings differ, with the reason. Pyrra stops at the first error; we go on.
const MORE_WARNINGS: &[(&str, &str, &str)] = &[
    ("latency", "success empty", "`foo` is no count, which Pyrra does not come to say"),
    ("latency", "total empty", "`foo` is no bucket, likewise"),
    ("latency", "equal (error text not asserted upstream)", "`foo` is neither, likewise"),
    ("latency", "no le", "`foo` is neither, likewise"),
    ("latency", "le not float", "`foo` is neither, likewise"),
    ("latency", "success binary", "`foo` is no count, likewise"),
];

#[test]
fn cases_of_validation_are_refused_warned_of_and_accepted_as_by_pyrra() {
    let Some(folder) = golden() else { return };
    let cases = yaml(&folder.join("validation/cases.yaml"));
    let list = cases["cases"].as_sequence().unwrap();
    assert_eq!(list.len(), 48);
    for case in list {
        let (base, name) = (case["base"].as_str().unwrap(), case["case"].as_str().unwrap());
        let mut document = cases["bases"][base].clone();
        if let Value::Null = document {
            document = Value::Mapping(Mapping::new());
        }
        set(&mut document, "apiVersion", "pyrra.dev/v1alpha1".into());
        set(&mut document, "kind", "ServiceLevelObjective".into());
        for (path, value) in case["set"].as_mapping().unwrap() {
            set(&mut document, path.as_str().unwrap(), value.clone());
        }
        let text = serde_yaml::to_string(&document).unwrap();
        let (_, lowered, found) = read(&text);
        let messages = |level| -> Vec<&str> {
            let of_level = found.iter().filter(|diagnostic| diagnostic.level == level);
            of_level.map(|diagnostic| diagnostic.finding.message.as_str()).collect()
        };
        match case["error"].as_str() {
            None => {
                assert_eq!(messages(Level::Error), [""; 0], "{base}, {name}");
                assert_eq!(lowered.documents.len(), 1, "{base}, {name}");
            }
            Some(error) => {
                let (_, ours) =
                    ERRORS.iter().find(|(theirs, _)| error.starts_with(theirs)).unwrap();
                let errors = messages(Level::Error);
                let said = errors.iter().any(|message| message.starts_with(ours));
                assert!(said, "{base}, {name}: {ours} is not in {errors:?}");
                assert!(lowered.documents.iter().all(|it| !it.clean), "{base}, {name}");
            }
        }
        let mut expected: Vec<&str> = case["warnings"]
            .as_sequence()
            .unwrap()
            .iter()
            .filter_map(|warning| {
                let warning = warning.as_str().unwrap();
                WARNINGS.iter().find(|(theirs, _)| warning.starts_with(theirs)).unwrap().1
            })
            .collect();
        // Nothing of an object stands there: neither does the key that is missed.
        if name == "no name" {
            expected.clear();
        }
        let warnings: Vec<&str> = found
            .iter()
            .filter(|diagnostic| diagnostic.level == Level::Warning)
            .map(|diagnostic| diagnostic.finding.rule.name)
            .collect();
        if MORE_WARNINGS.iter().any(|(b, n, _)| (*b, *n) == (base, name)) {
            assert!(expected.iter().all(|rule| warnings.contains(rule)), "{base}, {name}");
            assert!(warnings.iter().all(|rule| *rule == "pyrra-histogram-suffix"), "{warnings:?}");
        } else {
            expected.sort_unstable();
            let mut warnings = warnings;
            warnings.sort_unstable();
            assert_eq!(warnings, expected, "{base}, {name}: {found:#?}");
        }
    }
}

/// Puts a value at a path of keys.
fn set(document: &mut Value, path: &str, value: Value) {
    let mut at = document;
    for key in path.split('.') {
        if at.is_null() {
            *at = Value::Mapping(Mapping::new());
        }
        at = at.as_mapping_mut().unwrap().entry(key.into()).or_insert(Value::Null);
    }
    *at = value;
}

#[test]
fn cases_of_parsing_and_examples_are_read_cleanly() {
    let Some(folder) = golden() else { return };
    let mut count = 0;
    let paths = [files(&folder.join("parse")), files(&folder.join("repo/examples"))].concat();
    for path in paths.iter().chain(&files(&folder.join("rules/inputs"))) {
        let text = text(path);
        // Examples of other programs stand among them.
        if !text.contains("pyrra.dev/v1alpha1") {
            continue;
        }
        let (_, lowered, found) = read(&text);
        let errors: Vec<_> =
            found.iter().filter(|diagnostic| diagnostic.level == Level::Error).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        assert!(lowered.findings.is_empty(), "{}", path.display());
        count += lowered.documents.len();
    }
    assert_eq!(count, 6 + 43 + 27, "objectives");
}

const WRONG: &str = r#"apiVersion: pyrra.dev/v1
kind: ServiceLevelObjective
metadata:
  name: checkout
  namspace: shop
  labels:
    pyrra.dev/on-call: shop
spec:
  target: '99,9'
  window: 1d
  indicator:
    ratio:
      errors: {metric: 'rate(http_requests_total{code=~"5.."}[5m])'}
      total: {metric: 'http_requests_total offset 5m'}
      grouping: [handler, 'http-code']
    latency:
      success: {metric: 'http_seconds_bucket{le=~"1|2"}'}
      total: {metric: '{job="checkout"}'}
  alerting:
    disabled: maybe
    severities: {fastburn: page}
  partial_response_strategy: retry
"#;

/// Every mistake is told at once, each at its place.
#[test]
fn a_document_with_every_mistake_gives_all_of_them() {
    let (sources, lowered, found) = read(WRONG);
    assert!(lowered.documents.iter().all(|document| !document.clean));
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|diagnostic| {
            let finding = &diagnostic.finding;
            (sources.slice(finding.primary.place), finding.message.as_str())
        })
        .collect();
    let expected: &[(&str, &str)] = &[
        ("pyrra.dev/v1", "`pyrra.dev/v1` is no version of Pyrra's that is read"),
        ("namspace", "unknown field `namspace`"),
        ("shop", "`on-call` of the label `pyrra.dev/on-call` is no name of a label in Prometheus"),
        ("'99,9'", "`target` is `99,9`, which is no number"),
        (
            "1d",
            "`window` is `1d`: Pyrra rounds its shortest alert window, an 8064th of that, to \
             nothing, and Prometheus refuses the rules",
        ),
        (
            "'rate(http_requests_total{code=~\"5..\"}[5m])'",
            "`ratio.errors.metric` is a query; Pyrra counts series selectors",
        ),
        (
            "'http_requests_total offset 5m'",
            "`ratio.total.metric` is a query; Pyrra counts series selectors",
        ),
        ("'http-code'", "`grouping` has `http-code`, which is no label"),
        (
            "success: {metric: 'http_seconds_bucket{le=~\"1|2\"}'}\n      \
             total: {metric: '{job=\"checkout\"}'}",
            "`latency` cannot stand beside `ratio`",
        ),
        (
            "'http_seconds_bucket{le=~\"1|2\"}'",
            "`latency.success.metric` names more than one bucket",
        ),
        (
            "'{job=\"checkout\"}'",
            "`latency.total.metric` does not name its metric in front of the braces",
        ),
        ("maybe", "expected `true` or `false`, found the text `maybe`"),
        ("fastburn", "unknown field `fastburn`"),
        ("retry", "`retry` is not allowed here; expected `abort`, `warn` or ``"),
    ];
    assert_eq!(found, expected, "{found:#?}");
}

const FINE: &str = r#"apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: checkout, namespace: shop, labels: {pyrra.dev/team: shop}}
spec:
  description: Requests succeed.
  target: '99.9'
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{job="api",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="api"}'}
      grouping: [handler]
  alerting: {name: Burns, severities: {fastBurn: page}}
"#;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands there is read without a panic; it means something exactly where nothing is wrong.
    #[test]
    fn damaged_documents_are_refused_or_read(
        from in 0_usize..FINE.len(), length in 0_usize..30, put in "[ -~\n]{0,8}"
    ) {
        let mut text = FINE.as_bytes().to_vec();
        let to = (from + length).min(text.len());
        text.splice(from..to, put.bytes());
        let text = String::from_utf8(text).unwrap();
        let mut sources = SourceMap::default();
        let source = sources.add("pyrra.yaml", text.as_str());
        let loaded = load_text(source, &text, &KINDS, DIALECTS);
        let lowered = dialect::lower(&loaded.dialects, &Settings::default());
        let wrong = loaded.findings.iter().filter(|finding| finding.rule.level == Level::Error);
        if loaded.dialects.len() == 1 && loaded.foreign.is_empty() && wrong.count() == 0 {
            prop_assert_eq!(lowered.documents.len(), 1, "{}", text);
            prop_assert!(lowered.documents[0].clean, "{}", text);
        }
        for document in lowered.documents.iter().filter(|document| document.clean) {
            prop_assert!(!document.name().is_empty(), "{}", text);
        }
    }
}
