//! The queries of Sloth's two dashboards, on a Prometheus that has what our rules record.
use super::{Server, backtest, http, installed, prometheus};
use crate::{
    prometheus_rules::{
        dashboards::{LISTED, SLO, queries},
        rules,
    },
    sloth::golden,
};
use serde_json::Value;
use std::fmt::Write as _;

/// Two days of minutes.
const MINUTES: i64 = 2880;
/// 2026-01-01T00:00:00Z: a month of 31 days begins.
const BEGIN: i64 = 1_767_225_600;

/// Two days in which 2 % of a thousand requests a minute fail.
fn history() -> String {
    let mut text = String::from("# TYPE requests_total counter\n");
    for (code, each) in [("200", 980), ("500", 20)] {
        for minute in 0..=MINUTES {
            let (value, time) = (each * minute, BEGIN + 60 * minute);
            writeln!(text, "requests_total{{job=\"shop\",code=\"{code}\"}} {value} {time}")
                .unwrap();
        }
    }
    text
}

/// What a query is at the end of the two days.
fn answer(server: &Server, query: &str) -> Vec<Value> {
    let time = BEGIN + 60 * MINUTES;
    let form = http::form(&[("query", query.to_owned()), ("time", time.to_string())]);
    let (status, _, body) = server.http.send("POST", "/api/v1/query", &form).unwrap();
    assert_eq!(status, 200, "{query}: {}", String::from_utf8_lossy(&body));
    let answer: Value = serde_json::from_slice(&body).unwrap();
    answer["data"]["result"].as_array().unwrap().clone()
}

#[test]
fn the_queries_of_sloths_dashboards_are_answered_by_a_server() {
    let Some(folder) = golden::folder() else { return };
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let times = BEGIN..=BEGIN + 60 * MINUTES;
    let rules = rules(SLO, &[]);
    let mut text = backtest::with_recorded(&history(), &rules, &times);
    let server = prometheus::start(&text, &[]);
    let file: serde_yaml::Value = serde_yaml::from_str(&rules).unwrap();
    let all = file["groups"][0]["rules"].as_sequence().unwrap();
    for alert in all.iter().filter(|rule| rule["for"].is_null() && !rule["alert"].is_null()) {
        text += &backtest::recorded(&server, alert, &times);
    }
    let server = prometheus::start(&text, &[]);
    for (query, expected) in queries(&folder) {
        let series = answer(&server, &query);
        assert_eq!(series.len(), 1, "{query}: {series:?}");
        let value: f64 = series[0]["value"][1].as_str().unwrap().parse().unwrap();
        assert!((value - expected).abs() < 1e-4, "{query}: {value} instead of {expected}");
    }
    for (label, value) in LISTED {
        let listed = answer(&server, &format!("count by ({label}) (slo:objective:ratio)"));
        let values: Vec<&Value> = listed.iter().map(|series| &series["metric"][label]).collect();
        assert_eq!(values, [value]);
    }
}
