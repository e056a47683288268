//! The rules of OpenSLO's Go library, one case each: what it refuses is refused with a message that names
//! the field, what it takes is taken.
use super::{Read, golden};
use serde_yaml::{Mapping, Value};

const SLO: &str = "
apiVersion: openslo/v1
kind: SLO
metadata: {name: web-availability}
spec:
  service: web
  indicator:
    metadata: {name: ratio}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'http_requests{code=\"2xx\"}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: http_requests}}}
  timeWindow:
    - duration: 1w
      isRolling: false
      calendar: {startTime: '2022-01-03 00:00:00', timeZone: America/New_York}
  budgetingMethod: Timeslices
  objectives: [{displayName: Good, target: 0.995, timeSliceTarget: 0.95, timeSliceWindow: 1m}]
";
const SLI: &str = "
apiVersion: openslo/v1
kind: SLI
metadata: {name: ratio}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: Prometheus, spec: {query: good_total}}}
    total: {metricSource: {type: Prometheus, spec: {query: all_total}}}
";
const THRESHOLD: &str = "{thresholdMetric: {metricSource: {type: Prometheus, spec: {query: lag}}}}";

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// A document that is changed field by field; paths as in `spec.objectives.0.target`.
struct Edited(Value);

impl Edited {
    fn of(text: &str) -> Self {
        Self(yaml(text))
    }

    fn at(&mut self, path: &str) -> &mut Value {
        let steps = path.split('.').filter(|step| !step.is_empty());
        steps.fold(&mut self.0, |value, step| match step.parse::<usize>() {
            Ok(index) => &mut value[index],
            Err(_) => &mut value[step],
        })
    }

    fn set(mut self, path: &str, value: &str) -> Self {
        *self.at(path) = yaml(value);
        self
    }

    fn without(mut self, path: &str) -> Self {
        let (parent, field) = path.rsplit_once('.').unwrap();
        self.at(parent).as_mapping_mut().unwrap_or(&mut Mapping::new()).shift_remove(field);
        self
    }

    fn errors(&self) -> Vec<String> {
        let text = serde_yaml::to_string(&self.0).unwrap();
        // Names that are referred to are not what these cases are about.
        let others = [SLI.replace("name: ratio", "name: my-sli")];
        Read::of(&[&text, &others[0]]).errors()
    }
}

#[expect(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "a table: one arm for each case, in their order"
)]
/// The documents of a case, and the words that a message has to hold.
fn documents(case: &str) -> (Vec<Edited>, &'static str) {
    let slo = || Edited::of(SLO);
    let sli = || Edited::of(SLI);
    let one = "spec.objectives.0";
    let set = |field: &str, value: &str| vec![slo().set(&format!("{one}.{field}"), value)];
    let targets = |field: &str, value: &str| {
        vec![slo().without("spec.objectives.0.target").set(&format!("{one}.{field}"), value)]
    };
    let by_name = |name: &str| {
        let standard = slo().without("spec.indicator").set("spec.indicatorRef", name);
        let composite = slo().without("spec.indicator").set("spec.objectives.0.indicatorRef", name);
        vec![standard, composite]
    };
    let method = |name: &str| {
        slo().set("spec.budgetingMethod", name).without("spec.objectives.0.timeSliceTarget")
    };
    let windowless = |name: &str| {
        slo().set("spec.budgetingMethod", name).without("spec.objectives.0.timeSliceWindow")
    };
    let policy = |item: &str| vec![slo().set("spec.alertPolicies", &format!("[{item}]"))];
    let inline = "kind: AlertPolicy, metadata: {name: p}, spec: {alertWhenBreaching: true, \
                  conditions: [{kind: AlertCondition, metadata: {name: c}, spec: {severity: page, condition: \
                  {kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h}}}], notificationTargets: \
                  [{kind: AlertNotificationTarget, metadata: {name: t}, spec: {target: email}}]}";
    let everywhere = |path: &str, value: &str| {
        let standard = slo().set(&format!("spec.indicator.spec.{path}"), value);
        vec![sli().set(&format!("spec.{path}"), value), standard]
    };
    match case {
        "empty spec" => (vec![slo().set("spec", "{}")], "`service`"),
        "description 1050 chars" => (vec![slo().set("spec.description", &"l".repeat(1050))], ""),
        "description 1051 chars" => {
            (vec![slo().set("spec.description", &"l".repeat(1051))], "`description`")
        }
        "budgetingMethod invalid" => {
            (vec![slo().set("spec.budgetingMethod", "invalid")], "`RatioTimeslices`")
        }
        "budgetingMethod Occurrences" => {
            (vec![slo().set("spec.budgetingMethod", "Occurrences")], "")
        }
        "budgetingMethod Timeslices" => (vec![slo()], ""),
        "budgetingMethod RatioTimeslices" => {
            (vec![slo().set("spec.budgetingMethod", "RatioTimeslices")], "")
        }
        "service empty" => {
            (vec![slo().set("spec.service", "''"), slo().without("spec.service")], "`service`")
        }
        "no indicator anywhere" => (vec![slo().without("spec.indicator")], "`indicatorRef`"),
        "indicator on spec and objectives" => {
            (vec![slo().set("spec.objectives.0.indicatorRef", "my-sli")], "`indicator`")
        }
        "indicator and indicatorRef both" => {
            let both = slo().set("spec.indicatorRef", "my-sli");
            let metric = format!("{{metadata: {{name: x}}, spec: {THRESHOLD}}}");
            let inside = slo()
                .without("spec.indicator")
                .set("spec.objectives.0.indicatorRef", "my-sli")
                .set("spec.objectives.0.indicator", &metric)
                .set("spec.objectives.0.op", "gt")
                .set("spec.objectives.0.value", "1");
            (vec![both, inside], "`indicatorRef` cannot stand beside `indicator`")
        }
        "indicatorRef 'my-sli'" => (by_name("my-sli"), ""),
        "indicatorRef 'my sli'" => (by_name("my sli"), "`indicatorRef`"),
        "timeWindow empty list" => (vec![slo().set("spec.timeWindow", "[]")], "`timeWindow`"),
        "timeWindow two entries" => {
            let two = "[{duration: 1w, isRolling: true}, {duration: 2w, isRolling: true}]";
            (vec![slo().set("spec.timeWindow", two)], "`timeWindow`")
        }
        "timeWindow duration missing" => {
            let empty = slo().set("spec.timeWindow.0.duration", "''");
            (vec![slo().without("spec.timeWindow.0.duration"), empty], "`duration`")
        }
        "calendar with isRolling true" => (
            vec![slo().set("spec.timeWindow.0.isRolling", "true")],
            "`calendar` cannot be set when `isRolling` is true",
        ),
        "no calendar with isRolling false" => {
            let message = "`calendar` must be set when `isRolling` is false";
            (vec![slo().without("spec.timeWindow.0.calendar")], message)
        }
        "target 0.0" => (set("target", "0.0"), ""),
        "target 0.9999" => (set("target", "0.9999"), ""),
        "target 1.0" => (set("target", "1.0"), "`target`"),
        "target -0.1" => (set("target", "-0.1"), "`target`"),
        "targetPercent 0.0" => (targets("targetPercent", "0.0"), ""),
        "targetPercent 99.9999" => (targets("targetPercent", "99.9999"), ""),
        "targetPercent 100" => (targets("targetPercent", "100"), "`targetPercent`"),
        "targetPercent -0.1" => (targets("targetPercent", "-0.1"), "`targetPercent`"),
        "neither target nor targetPercent" => {
            (vec![slo().without("spec.objectives.0.target")], "`target` or `targetPercent`")
        }
        "both target and targetPercent" => {
            (set("targetPercent", "99"), "`targetPercent` cannot stand beside `target`")
        }
        "ratio SLO without op and value" => (vec![slo()], ""),
        "indicatorRef SLO without op and value" => (by_name("my-sli"), ""),
        "inline threshold SLO without op and value" => {
            (vec![slo().set("spec.indicator.spec", THRESHOLD)], "`op`|`value`")
        }
        "op lessThan" => (set("op", "lessThan"), "`lessThan` is not allowed here"),
        "compositeWeight 20" => (set("compositeWeight", "20"), ""),
        "compositeWeight 999999999999.9999" => (set("compositeWeight", "999999999999.9999"), ""),
        "compositeWeight 0" => (set("compositeWeight", "0"), "`compositeWeight`"),
        "compositeWeight -2" => (set("compositeWeight", "-2"), "`compositeWeight`"),
        "timeSliceTarget missing with Timeslices" => {
            (vec![method("Timeslices")], "`timeSliceTarget`")
        }
        "timeSliceTarget missing with Occurrences or RatioTimeslices" => {
            (vec![method("Occurrences"), method("RatioTimeslices")], "")
        }
        "timeSliceTarget 0.1" => (set("timeSliceTarget", "0.1"), ""),
        "timeSliceTarget 1.0" => (set("timeSliceTarget", "1.0"), ""),
        "timeSliceTarget 0" => (set("timeSliceTarget", "0"), "`timeSliceTarget`"),
        "timeSliceTarget 1.1" => (set("timeSliceTarget", "1.1"), "`timeSliceTarget`"),
        "timeSliceWindow missing with Timeslices or RatioTimeslices" => {
            (vec![windowless("Timeslices"), windowless("RatioTimeslices")], "`timeSliceWindow`")
        }
        "timeSliceWindow missing with Occurrences" => (vec![windowless("Occurrences")], ""),
        "no alertPolicies" => (vec![slo(), slo().set("spec.alertPolicies", "[]")], ""),
        "alert policy ref and inline" => (
            policy(&format!("{{alertPolicyRef: p, {inline}}}")),
            "`alertPolicyRef` cannot stand beside",
        ),
        "alertPolicyRef empty" => (policy("{alertPolicyRef: ''}"), "`alertPolicyRef`"),
        "alertPolicyRef 'invalid ref'" => {
            (policy("{alertPolicyRef: invalid ref}"), "`alertPolicyRef`")
        }
        "inline alert policy of kind DataSource" => {
            (policy(&format!("{{{}}}", inline.replacen("AlertPolicy", "DataSource", 1))), "`kind`")
        }
        "SLI with no metric" => (
            vec![sli().set("spec", "{}"), slo().set("spec.indicator.spec", "{}")],
            "`ratioMetric` or `thresholdMetric`",
        ),
        "SLI with both metrics" => (
            everywhere("thresholdMetric", "{metricSource: {type: Prometheus, spec: {query: lag}}}"),
            "`thresholdMetric` cannot stand beside `ratioMetric`",
        ),
        "rawType invalid" => {
            let raw =
                "{rawType: invalid, raw: {metricSource: {type: Prometheus, spec: {query: a}}}}";
            (
                everywhere("ratioMetric", raw),
                "`invalid` is not allowed here; expected `success` or `failure`",
            )
        }
        "metricSource empty" => (everywhere("ratioMetric.good.metricSource", "{}"), "`spec`"),
        "metricSource.spec empty map" => {
            (everywhere("ratioMetric.good.metricSource.spec", "{}"), "`spec`")
        }
        "metricSourceRef not a DNS label" => (
            everywhere("ratioMetric.good.metricSource.metricSourceRef", "not a label"),
            "`metricSourceRef`",
        ),
        other => panic!("nothing is known of the case `{other}`"),
    }
}

#[test]
fn objectives_and_indicators_are_held_to_what_the_library_asks_for() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "openslo/cases/v1_slo_validation.yaml");
    let cases = cases.as_sequence().unwrap();
    assert_eq!(cases.len(), 55);
    for case in cases {
        let name = case["case"].as_str().unwrap();
        let valid = case.get("code").is_some_and(Value::is_null);
        let (documents, words) = documents(name);
        for document in documents {
            let errors = document.errors();
            if valid {
                assert_eq!(errors, [""; 0], "{name}");
            } else {
                assert!(!words.is_empty(), "{name}");
                for word in words.split('|') {
                    assert!(errors.iter().any(|it| it.contains(word)), "{name}: {errors:#?}");
                }
            }
        }
    }
}

#[test]
fn durations_are_those_of_the_library() {
    let Some(folder) = golden::folder() else { return };
    for case in golden::cases(&folder, "openslo/cases/durations_v1.yaml").as_sequence().unwrap() {
        let text = case["text"].as_str().map_or_else(
            || {
                let number = case["value"].as_i64().unwrap();
                format!("{number}{}", case["unit"].as_str().unwrap())
            },
            str::to_owned,
        );
        let document = Edited::of(SLO)
            .set("spec.timeWindow.0", &format!("{{duration: '{text}', isRolling: true}}"));
        let errors = document.errors();
        let seconds = case.get("seconds").and_then(Value::as_u64);
        // What is no time at all is missing where there has to be some.
        let valid = seconds.is_some_and(|seconds| seconds > 0);
        assert_eq!(errors.is_empty(), valid, "{text}: {errors:?}");
        assert!(valid || errors.iter().any(|it| it.contains("duration")), "{text}: {errors:?}");
    }
}

#[test]
fn what_documents_say_of_themselves_is_held_to_the_rules_of_kubernetes() {
    let Some(folder) = golden::folder() else { return };
    let cases = golden::cases(&folder, "openslo/cases/metadata_v1.yaml");
    let l = |count: usize| "l".repeat(count);
    let domain = |last: usize| format!("{0}.{0}.{0}.{1}", l(63), l(last));
    let text = |value: &Value| -> String {
        let Some(text) = value.as_str() else {
            return l(usize::try_from(value["repeat"].as_u64().unwrap()).unwrap());
        };
        match text {
            "prefix of three 63-char labels joined by '.' + '/' + 63 chars" => {
                format!("{0}.{0}.{0}/{0}", l(63))
            }
            "254 chars + /net" => format!("{}/net", domain(62)),
            "253 chars + / + 64 chars" => format!("{}/{}", domain(61), l(64)),
            "254 chars + / + 63 chars" => format!("{}/{}", domain(62), l(63)),
            text => text.to_owned(),
        }
    };
    for (field, value) in [("labels", "[a, b]"), ("annotations", "a")] {
        for (list, valid) in [("valid", true), ("invalid", false)] {
            for case in cases[field][list].as_sequence().unwrap() {
                let key = text(case);
                let document = Edited::of(SLO)
                    .set(&format!("metadata.{field}"), &format!("{{'{key}': {value}}}"));
                let errors = document.errors();
                assert_eq!(errors.is_empty(), valid, "{key}: {errors:?}");
                let names = errors.iter().all(|it| it.contains(&format!("`metadata.{field}`")));
                assert!(names, "{errors:?}");
            }
        }
    }
    let display = |count| Edited::of(SLO).set("metadata.displayName", &l(count)).errors();
    assert!(display(63).is_empty());
    assert!(display(64)[0].contains("`metadata.displayName`"));
}

/// One document with one of every mistake: all of them are told in one run.
#[test]
fn all_mistakes_are_told_at_once() {
    let document = Edited::of(SLO)
        .set("metadata.name", "not a name")
        .set("spec.unknown", "1")
        .set("spec.service", "''")
        .set("spec.budgetingMethod", "Timeslices")
        .set("spec.timeWindow.0.calendar.timeZone", "Mars/Olympus")
        .set("spec.objectives.0.target", "2")
        .set("spec.objectives.0.timeSliceTarget", "none")
        .set("spec.objectives.0.timeSliceWindow", "1s")
        .set("spec.objectives.0.op", "above")
        .set("spec.indicator.spec.ratioMetric.good.metricSource.spec", "{}");
    let errors = document.errors();
    let words = [
        "`not a name` is no DNS label",
        "unknown field `unknown`",
        "missing field `service`",
        "`Mars/Olympus` is not a time zone",
        "`target`: 2",
        "expected a number, found the text `none`",
        "`1s` is no duration",
        "`above` is not allowed here",
        "`spec` of a metric is empty",
    ];
    for word in words {
        assert!(errors.iter().any(|error| error.contains(word)), "{word}: {errors:#?}");
    }
    assert_eq!(errors.len(), words.len(), "{errors:#?}");
}
