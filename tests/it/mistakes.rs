//! A file with mistakes of every kind: one run tells them all, each with its place, whatever the language.
use crate::cli::harness::{Files, Run};

/// `sre validate` of the file alone says all of that, and nothing else.
#[track_caller]
fn check(name: &str, text: &str, expected: &str) {
    let files = Files::new(&[(name, text)]);
    let ran = Run::new(&["validate", name, "--format", "concise"]).within(&files).go();
    let found: Vec<&str> = ran.stdout.lines().collect();
    let expected: Vec<&str> = expected.trim().lines().collect();
    assert_eq!(found, expected, "{ran:?}");
    assert_eq!(ran.code, 1, "{ran:?}");
}

const SRE: &str = r#"apiVersion: sre/v1
kind: SLO
metadata: {nam: shop}
spec:
  service: shop
  target: 100%
  windw: 30d
  sli:
    prometheus:
      good: sum(rate(http_requests_total{code!~"5.."[{{.window}}]))
      total: sum(rate(http_requests_total[5m]))
  alerting:
    tiers:
    - {severity: page, long: 5m, short: 1h, burn_rate: fast}
  policy: nobody
"#;

#[test]
fn all_that_is_wrong_with_a_file_of_our_own_language_is_told_at_once() {
    check(
        "sre.yml",
        SRE,
        "
sre.yml:3:12: error[DOC003] unknown field `nam`
sre.yml:5:12: warning[REF003] no Service is called `shop`
sre.yml:6:11: error[SLO001] a target of 100% leaves no error budget
sre.yml:7:3: error[DOC003] unknown field `windw`
sre.yml:10:66: error[SLI009] `{` is closed by `)`
sre.yml:11:14: warning[SLI014] the query has a range of its own and no `{{.window}}`
sre.yml:14:41: error[ALR003] the short window of `1h` is longer than the long one of `5m`
sre.yml:14:56: error[DOC006] expected a burn rate such as `14.4`
sre.yml:15:11: error[REF002] no ErrorBudgetPolicy is called `nobody`
",
    );
}

const SLOTH: &str = r#"version: prometheus/v2
service: shop
owner: payments
labels:
  tier: ""
slo_plugins:
  chain:
  - id: ""
slos:
- name: everything
  objective: 100
  descripton: All answers.
  sli:
    events:
      error_query: sum(rate(http_requests_total{code=~"5.."[{{.window}}]))
      total_query: sum(rate(http_requests_total[{{.windw}}]))
  alerting:
    name: Everything
    page_alert:
      annotations:
        summary: "{{ $labels.sloth_slo"
    ticket_alert:
      disable: maybe
- objective: 99.9
  sli:
    raw:
      error_ratio_query: avg(probe_failed)
  alerting:
    name: Nameless
- name: counted
  objective: "99,9"
  sli:
    events:
      error_query: http_errors_total
      total_query: sum(rate(http_requests_total[{{.window}}]))
  alerting:
    labels: [a]
- name: counted
  objective: 120
  sli: {}
  alerting:
    page_alert: {disable: true}
    ticket_alert: {disable: true}
- name: "-odd"
  objective: 99
  sli:
    plugin: {}
  alerting: {name: Odd}
---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
metadata: {name: custom}
spec:
  sloPeriod: 0
  page: soon
  ticket:
    quick: {errorBudgetPercent: 200, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 2, shortWindow: 0, longwindow: 1h}
"#;

#[test]
fn all_that_is_wrong_with_a_file_of_sloth_is_told_at_once() {
    check(
        "sloth.yml",
        SLOTH,
        "
sloth.yml:1:10: error[DOC006] `prometheus/v2` is no `version` of Sloth's that is known
sloth.yml:3:1: error[DOC003] unknown field `owner`
sloth.yml:5:9: error[DOC006] the label `tier` in `labels` is empty
sloth.yml:8:9: error[DOC006] `id` of a plugin is empty
sloth.yml:11:14: error[SLO001] a target of 100% leaves no error budget
sloth.yml:12:3: error[DOC003] unknown field `descripton`
sloth.yml:15:73: error[DOC006] `error_query` is no PromQL: `{` is closed by `)`
sloth.yml:16:49: error[DOC006] `total_query` holds `{{.windw}}`, which Sloth does not fill in
sloth.yml:21:18: warning[STH003] the annotation `summary` is no template: `{{` without `}}`
sloth.yml:23:16: error[DOC005] expected `true` or `false`, found the text `maybe`
sloth.yml:24:3: error[DOC004] missing field `name`
sloth.yml:27:26: error[DOC006] `error_ratio_query` does not hold `{{.window}}`
sloth.yml:31:14: error[DOC005] expected a number, found the text `99,9`
sloth.yml:34:20: error[DOC006] `error_query` does not hold `{{.window}}`
sloth.yml:37:5: error[DOC005] expected a mapping, found a list
sloth.yml:37:5: error[DOC004] the alerts have no `name`
sloth.yml:38:9: error[REF001] another SLO is called `shop-counted`
sloth.yml:39:14: error[DOC006] an `objective` of 120 is no percentage
sloth.yml:40:8: error[DOC004] `sli` says nothing of what is measured
sloth.yml:44:9: error[DOC006] `-odd` is no `name` for Sloth
sloth.yml:47:5: error[DOC004] missing field `id`
sloth.yml:54:14: error[DOC006] `sloPeriod` has no length
sloth.yml:55:9: error[DOC005] expected a mapping with `quick`, `slow`, found the text `soon`
sloth.yml:57:33: error[DOC006] an `errorBudgetPercent` of 200 is no share of a budget
sloth.yml:58:48: error[DOC006] `shortWindow` has no length
sloth.yml:58:51: error[DOC003] unknown field `longwindow`
",
    );
}

const OPENSLO: &str = r#"apiVersion: openslo/v1
kind: SLO
metadata:
  displayName: No name
spec:
  descripton: All answers.
  service: ""
  indicatorRef: Answers
  budgetingMethod: Sometimes
  timeWindow:
  - duration: 30
    isRolling: yes
  objectives:
  - displayName: Good
    target: 1
  - displayName: Better
    target: 99.9%
  alertPolicies:
  - alertPolicyRef: nobody
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop
spec:
  service: shop
  indicator:
    metadata: {name: shop answers}
    spec:
      ratioMetric:
        counter: perhaps
        good:
          metricSource:
            type: Prometheus
            metricSourceRef: nowhere
            spec: {query: 'sum(rate(http_requests_total{code!~"5.."[{{.window}}]))'}
        total:
          metricSource:
            type: Prometheus
            spec: {query: http_requests_total}
  budgetingMethod: Timeslices
  timeWindow: []
  objectives: none
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast, labels: {team: [1]}}
spec:
  severity: page
  condition: {kind: burnrate, op: gt, threshold: x, lookbackWindow: 1h}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast}
spec:
  severity: ""
  condition: {kind: burnrate, op: gt, threshold: 2, lookbackWindow: 1h}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: policy}
spec:
  alertWhenNoData: 1
  conditions: [{conditionRef: slow}]
  notificationTargets: []
"#;

#[test]
fn all_that_is_wrong_with_a_file_of_openslo_is_told_at_once() {
    check(
        "openslo.yml",
        OPENSLO,
        "
openslo.yml:3:1: error[DOC004] missing field `name`
openslo.yml:6:3: error[DOC003] unknown field `descripton`
openslo.yml:7:12: error[DOC004] missing field `service`
openslo.yml:8:17: warning[OSL001] `indicatorRef`: `Answers` has capital letters
openslo.yml:8:17: error[REF002] no SLI is called `Answers`
openslo.yml:9:20: error[DOC006] `Sometimes` is not allowed here; expected `Occurrences`, `Timeslices` or `RatioTimeslices`
openslo.yml:11:15: warning[OSL003] `duration`: `30` has no unit, and is read as minutes
openslo.yml:12:16: error[DOC005] expected `true` or `false`, found the text `yes`
openslo.yml:15:13: error[DOC006] `target`: 1 is not from 0 to below 1
openslo.yml:17:13: error[DOC005] expected a number, found the text `99.9%`
openslo.yml:19:21: error[REF002] no AlertPolicy is called `nobody`
openslo.yml:28:22: error[DOC006] `metadata.name`: `shop answers` is no DNS label
openslo.yml:31:18: error[DOC005] expected `true` or `false`, found the text `perhaps`
openslo.yml:36:81: error[SLI009] `{` is closed by `)`
openslo.yml:40:27: warning[OSL006] `counter` is not said; the metrics are taken for counters, by their names
openslo.yml:42:15: error[DOC006] `timeWindow` has 0 entries; it has exactly one
openslo.yml:43:15: error[DOC005] expected a list, found the text `none`
openslo.yml:47:40: error[DOC005] expected text, found the number `1`
openslo.yml:50:50: error[DOC005] expected a number, found the text `x`
openslo.yml:54:18: error[REF001] another AlertCondition is called `fast`
openslo.yml:56:13: error[DOC004] missing field `severity`
openslo.yml:63:20: error[DOC005] expected `true` or `false`, found the number `1`
openslo.yml:64:31: error[REF002] no AlertCondition is called `slow`
openslo.yml:65:24: error[DOC006] `notificationTargets` is empty
",
    );
}

const PYRRA: &str = r#"apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: shop
  namespace: monitoring
  labels:
    pyrra.dev/1st: x
spec:
  target: "100"
  window: 1x
  descripton: All answers.
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{code=~"5.."'}
      total: {metric: sum(http_requests_total)}
      grouping: [code, 1st]
    latency:
      success: {metric: http_request_duration_seconds_bucket}
      total: {}
  alerting:
    disabled: perhaps
    severities: {fastBurn: [page]}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: shop
  namespace: monitoring
spec:
  target: "101"
  window: 4w
  indicator:
    bool_gauge: {metric: up}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  namespace: monitoring
spec:
  target: "0.999"
  window: ""
  indicator:
    ratio:
      errors: {metric: http_requests_total}
      total: {metric: 'http_requests_total{code=~"5.."}'}
"#;

#[test]
fn all_that_is_wrong_with_a_file_of_pyrra_is_told_at_once() {
    check(
        "pyrra.yml",
        PYRRA,
        "
pyrra.yml:7:20: warning[PYR007] `1st` of the label `pyrra.dev/1st` is no name of a label in Prometheus
pyrra.yml:9:11: error[SLO001] a target of 100% leaves no error budget
pyrra.yml:10:11: error[DOC006] `window` is `1x`: `x` is not a unit of time
pyrra.yml:11:3: error[DOC003] unknown field `descripton`
pyrra.yml:14:44: error[DOC006] `ratio.errors.metric` cannot be read: this `{` does not close
pyrra.yml:15:23: error[DOC006] `ratio.total.metric` is a query; Pyrra counts series selectors
pyrra.yml:16:24: error[DOC006] `grouping` has `1st`, which is no label
pyrra.yml:18:7: error[DOC006] `latency` cannot stand beside `ratio`
pyrra.yml:18:25: error[DOC006] `latency.success.metric` names no bucket
pyrra.yml:19:7: error[DOC004] missing field `metric`
pyrra.yml:21:15: error[DOC005] expected `true` or `false`, found the text `perhaps`
pyrra.yml:22:18: error[DOC005] expected text, found a list
pyrra.yml:27:9: error[REF001] another SLO is called `shop`
pyrra.yml:30:11: error[DOC006] `target` is `101`; it lies between 0 and 100
pyrra.yml:37:1: error[DOC004] missing field `name`
pyrra.yml:40:11: warning[PYR002] `target` is `0.999`, which means 0.999%
pyrra.yml:40:11: warning[SLO002] a target of 0.999% lets 99.001% of all events fail
pyrra.yml:41:11: error[DOC006] `window` is empty
pyrra.yml:44:24: warning[SLI006] `bad` and `total` seem to be swapped: `total` selects a part of what `bad` selects
",
    );
}
