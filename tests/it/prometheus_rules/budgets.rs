//! Budgets in rules: silence, series that never were, traffic that is not even, calendars, slices, groups.
use super::{check, promtool, rules};

const SLO: &str = r#"apiVersion: sre/v1
kind: SLO
metadata: {name: shop-availability}
spec:
  service: shop
  target: 99.9%
  window: 30d
  sli:
    prometheus:
      bad: requests_total{job="shop", code=~"5.."}
      total: requests_total{job="shop"}
---
apiVersion: sre/v1
kind: Service
metadata: {name: shop}
spec: {}
"#;

/// Rules that average five-minute ratios lose the budget for 30 days after 20 silent minutes (0/0), have
/// none for a service without a single error, and say 48 % where 0.0989 % failed.
#[test]
fn silence_missing_errors_and_uneven_traffic_leave_the_budget_right() {
    if !promtool() {
        return;
    }
    check(
        &rules(SLO, &[]),
        "1m",
        r#"
- interval: 1m
  input_series:
  - {series: 'requests_total{job="shop",code="200"}', values: '0+60x60 3600+0x20 3600+60x120'}
  - {series: 'requests_total{job="shop",code="500"}', values: '0+0x202'}
  promql_expr_test:
  - {expr: 'sum(slo:period_error_budget_remaining:ratio)', eval_time: 30m, exp_samples: [{labels: '{}', value: 1}]}
  - {expr: 'sum(slo:period_error_budget_remaining:ratio)', eval_time: 75m, exp_samples: [{labels: '{}', value: 1}]}
  - {expr: 'sum(slo:period_error_budget_remaining:ratio)', eval_time: 200m, exp_samples: [{labels: '{}', value: 1}]}
  - {expr: 'count by (__name__) ({__name__=~"slo:.+"}) unless count by (__name__) ({__name__=~"slo:.+"} >= -Inf)', eval_time: 75m, exp_samples: []}
  - {expr: 'count by (__name__) ({__name__=~"slo:.+"}) unless count by (__name__) ({__name__=~"slo:.+"} >= -Inf)', eval_time: 200m, exp_samples: []}
- interval: 1m
  input_series:
  - {series: 'requests_total{job="shop",code="200"}', values: '0+60x120'}
  promql_expr_test:
  - {expr: 'slo:period_error_budget_remaining:ratio', eval_time: 100m, exp_samples: [{labels: 'slo:period_error_budget_remaining:ratio{sloth_id="shop-availability", sloth_service="shop", sloth_slo="availability"}', value: 1}]}
  - {expr: 'sum(slo:sli_error:ratio_rate5m)', eval_time: 100m, exp_samples: [{labels: '{}', value: 0}]}
- interval: 1m
  input_series:
  - {series: 'requests_total{job="shop",code="200"}', values: '0+1000x100 100000+0x100'}
  - {series: 'requests_total{job="shop",code="500"}', values: '0+0x100 0+1x100'}
  promql_expr_test:
  - {expr: 'sum(slo:sli_error:ratio_rate30d)', eval_time: 200m, exp_samples: [{labels: '{}', value: 9.89020869339354E-04}]}
  - {expr: 'sum(increase(requests_total{code="500"}[30d])) / sum(increase(requests_total[30d]))', eval_time: 200m, exp_samples: [{labels: '{}', value: 9.89020869339354E-04}]}
"#,
    );
}

/// A month that begins counts from nothing, and what it may lose is a share of all it will have.
#[test]
fn a_calendar_month_begins_anew() {
    if !promtool() {
        return;
    }
    let slo = SLO.replace("window: 30d", "window: {calendar: month, time_zone: UTC}");
    // 60 requests and half a bad one an hour, from 30 January 1970 on.
    check(
        &rules(&slo, &[]),
        "1h",
        r#"
- interval: 10m
  input_series:
  - {series: 'requests_total{job="shop",code="200"}', values: '_x4175 0+10x600'}
  - {series: 'requests_total{job="shop",code="500"}', values: '_x4175 0+0.05x600'}
  promql_expr_test:
  - {expr: 'round(sum(slo:sli_error:ratio_rate_month), 0.000001)', eval_time: 31d, exp_samples: []}
  - {expr: 'round(sum(slo:sli_error:ratio_rate_month), 0.000001)', eval_time: 31d3h, exp_samples: [{labels: '{}', value: 0.004975}]}
  - {expr: 'sum(slo:time_period:days)', eval_time: 31d3h, exp_samples: [{labels: '{}', value: 28}]}
  - {expr: 'round(sum(slo:time_period:expected_month), 1000)', eval_time: 31d3h, exp_samples: [{labels: '{}', value: 40000}]}
"#,
    );
}

/// A slice without traffic counts as nothing, as good, or as bad.
#[test]
fn slices_count_as_the_objective_says() {
    if !promtool() {
        return;
    }
    // Of the twelve slices four are silent and two of the other eight are bad.
    for (no_traffic, hour) in [("ignore", "3000"), ("good", "2000"), ("bad", "6000")] {
        let method = format!(
            "method: timeslices\n  slice_target: 95%\n  no_traffic: {no_traffic}\n  window: 30d"
        );
        let slo = SLO.replace("window: 30d", &method).replace("target: 99.9%", "target: 99%");
        check(
            &rules(&slo, &[]),
            "5m",
            &format!(
                r#"
- interval: 1m
  input_series:
  - {{series: 'requests_total{{job="shop",code="200"}}', values: '0+10x40 400+0x20'}}
  - {{series: 'requests_total{{job="shop",code="500"}}', values: '0+0x30 0+1x9 9+0x20'}}
  promql_expr_test:
  - {{expr: 'round(12000 * sum(slo:sli_error:ratio_rate1h))', eval_time: 60m, exp_samples: [{{labels: '{{}}', value: {hour}}}]}}
  - {{expr: 'count(slo:sli_error:ratio_rate1h) or vector(0)', eval_time: 60m, exp_samples: [{{labels: '{{}}', value: 1}}]}}
"#
            ),
        );
    }
}

/// Of four routes two have budgets of their own, and the other two have one together.
#[test]
fn groups_beyond_the_cap_are_counted_together() {
    if !promtool() {
        return;
    }
    let slo = SLO.replace("window: 30d", "window: 30d\n  group_by: [route]");
    let tests = |ratios: &str| {
        format!(
            r#"
- interval: 1m
  input_series:
  - {{series: 'requests_total{{job="shop",code="200",route="a"}}', values: '0+40x90'}}
  - {{series: 'requests_total{{job="shop",code="200",route="b"}}', values: '0+27x90'}}
  - {{series: 'requests_total{{job="shop",code="500",route="b"}}', values: '0+3x90'}}
  - {{series: 'requests_total{{job="shop",code="200",route="c"}}', values: '0+9x90'}}
  - {{series: 'requests_total{{job="shop",code="500",route="c"}}', values: '0+1x90'}}
  - {{series: 'requests_total{{job="shop",code="500",route="d"}}', values: '0+2x90'}}
  promql_expr_test:
  - {{expr: 'round(sum by (route) (slo:sli_error:ratio_rate1h), 0.001)', eval_time: 80m, exp_samples: [{ratios}]}}
  - {{expr: 'round(sum by (route) (slo:sli_error:ratio_rate30d), 0.001)', eval_time: 80m, exp_samples: [{ratios}]}}
"#
        )
    };
    let ratio =
        |route: &str, value: &str| format!("{{labels: '{{route=\"{route}\"}}', value: {value}}}");
    let capped = [ratio("a", "0"), ratio("b", "0.1"), ratio("other", "0.25")].join(", ");
    check(&rules(&slo, &["--max-groups", "2"]), "1m", &tests(&capped));
    let all = [ratio("a", "0"), ratio("b", "0.1"), ratio("c", "0.1"), ratio("d", "1")].join(", ");
    check(&rules(&slo, &["--max-groups", "0"]), "1m", &tests(&all));
    check(&rules(&slo, &[]), "1m", &tests(&all));
}
