//! The queries of Sloth's two dashboards, over our rules.
use super::{check, promtool, rules};
use crate::sloth::golden;
use std::{fmt::Write as _, path::Path};

/// The objective whose rules the dashboards show.
pub(crate) const SLO: &str = r#"apiVersion: sre/v1
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

/// What each panel shows after two days in which 2 % fail.
fn shown(panel: &str) -> f64 {
    match panel {
        "name" | "objective" => 0.999,
        "sli" => 0.98,
        "objective_text" | "warning_alert" | "critical_alert" | "warning_alerts"
        | "critical_alerts" | "count_slos" | "count_services" => 1.0,
        "exceeded" | "burning" | "burn_heatmap" | "avg_burn" | "timeline" => 20.0,
        "remaining_30d" | "remaining" => -19.0,
        // 48 hours of 2 % out of the 31 days of January at 0.1 %.
        "month_burn_chart" => 1.0 - 48.0 * 0.02 / (31.0 * 24.0 * 0.001),
        other => panic!("an unknown panel: {other}"),
    }
}

/// The queries of both dashboards after those two days, each with the value that all of its series have.
pub(crate) fn queries(folder: &Path) -> Vec<(String, f64)> {
    let boards = golden::cases(folder, "cases/dashboard_queries.yaml");
    let windows = boards["detail"]["variables"]["sli_window"].as_str().unwrap();
    let mut queries = Vec::new();
    let mut ask = |panel: &str, query: &str| {
        let query = query
            .replace("${service}", "shop")
            .replace("${slo}", "availability")
            .replace("${min_burning_rate}", "1")
            .replace("${__to:date:M}", "1");
        assert!(!query.contains('$'), "{query}");
        queries.push((query, (shown(panel) * 1e4).round() / 1e4));
    };
    for board in [&boards["detail"]["panels"], &boards["high_level"]] {
        for (panel, query) in board.as_mapping().unwrap() {
            let (panel, query) = (panel.as_str().unwrap(), query.as_str().unwrap());
            if panel.contains("legend") {
                continue;
            }
            if query.contains("${sli_window}") {
                for window in windows.split(',') {
                    ask(panel, &query.replace("${sli_window}", window));
                }
            } else {
                ask(panel, query);
            }
        }
    }
    assert!(queries.len() >= 25, "{queries:?}");
    queries
}

/// What the variables of the dashboards list: a label and its only value.
pub(crate) const LISTED: [(&str, &str); 2] =
    [("sloth_service", "shop"), ("sloth_slo", "availability")];

#[test]
fn the_queries_of_sloths_dashboards_are_answered() {
    let Some(folder) = golden::folder() else { return };
    if !promtool() {
        return;
    }
    let mut tests = String::from(
        "- interval: 1m\n  input_series:\n\
        \x20 - {series: 'requests_total{job=\"shop\",code=\"200\"}', values: '0+980x2880'}\n\
        \x20 - {series: 'requests_total{job=\"shop\",code=\"500\"}', values: '0+20x2880'}\n\
        \x20 promql_expr_test:\n",
    );
    for (query, value) in queries(&folder) {
        let near = format!("count(abs(({query}) - {value}) < 0.0001)");
        write!(
            tests,
            "  - expr: '{}'\n    eval_time: 2d\n    exp_samples: [{{labels: '{{}}', value: 1}}]\n",
            near.replace('\'', "''")
        )
        .unwrap();
    }
    for (label, value) in LISTED {
        write!(
            tests,
            "  - expr: 'count by ({label}) (slo:objective:ratio)'\n    eval_time: 2d\n    \
             exp_samples: [{{labels: '{{{label}=\"{value}\"}}', value: 1}}]\n"
        )
        .unwrap();
    }
    check(&rules(SLO, &[]), "5m", &tests);
}
