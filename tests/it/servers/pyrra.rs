//! Pyrra's objectives over a real Prometheus, as they are written.
use super::{installed, prometheus};
use crate::cli::harness::{Files, Run};
use serde_json::Value;

/// Seconds of the first scrape: 2026-03-01.
const START: i64 = 1_772_323_200;
/// Minutes of history: 29 days.
const MINUTES: i64 = 29 * 24 * 60;

/// Ten requests a minute, of which one fails in two hours of the last day; of two instances, one is down
/// for three hours of it.
fn history() -> String {
    let last = |hours: i64| MINUTES - hours * 60;
    let mut text = String::from("# TYPE http_requests counter\n");
    let mut series = |name: &str, value: &dyn Fn(i64) -> i64| {
        for minute in 0..=MINUTES {
            let time = START + minute * 60;
            text += &format!("{name} {} {time}\n", value(minute));
        }
    };
    let failed = |minute: i64| (minute - last(12)).clamp(0, 120);
    series("http_requests_total{job=\"api\",code=\"200\"}", &|minute| 10 * minute - failed(minute));
    series("http_requests_total{job=\"api\",code=\"500\"}", &failed);
    text += "# TYPE up gauge\n";
    let mut series = |name: &str, value: &dyn Fn(i64) -> i64| {
        for minute in 0..=MINUTES {
            let time = START + minute * 60;
            text += &format!("{name} {} {time}\n", value(minute));
        }
    };
    let down = |minute: i64| minute > last(6) && minute <= last(3);
    series("up{job=\"api\",instance=\"a\"}", &|_| 1);
    series("up{job=\"api\",instance=\"b\"}", &|minute| i64::from(!down(minute)));
    text
}

fn objective(name: &str, indicator: &str) -> String {
    format!(
        "---\napiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n\
         metadata: {{name: {name}, namespace: shop}}\n\
         spec:\n  target: '99.9'\n  window: 4w\n  indicator: {indicator}\n"
    )
}

#[track_caller]
fn check(item: &Value, total: f64, bad: f64, tolerance: f64) {
    for (name, expected) in [("total", total), ("bad", bad)] {
        let found = item[name].as_f64().unwrap_or_else(|| panic!("{item:#}"));
        assert!((found - expected).abs() <= tolerance, "{name} is {found}, not {expected}");
    }
}

#[test]
fn budgets_of_pyrra_documents_are_those_of_the_history() {
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let server = prometheus::start(&history(), &[]);
    let ratio = "{ratio: {errors: {metric: 'http_requests_total{job=\"api\",code=~\"5..\"}'}, \
                 total: {metric: 'http_requests_total{job=\"api\"}'}}}";
    let gauge = "{bool_gauge: {metric: 'up{job=\"api\"}'}}";
    let grouped = "{bool_gauge: {metric: 'up{job=\"api\"}', grouping: [instance]}}";
    let text = [objective("errors", ratio), objective("up", gauge), objective("each", grouped)];
    let files = Files::new(&[("specs/pyrra.yaml", &text.concat())]);
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let run = |command: &str, name: &str| {
        let at = "2026-03-30T00:00:00Z";
        let run = Run::new(&[command, name, "--at", at, "--no-cache", "--prometheus", &url]);
        let answer = run.within(&files).json();
        answer["items"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone()
    };
    // A scrape and a counter's estimate at the edge of a window.
    let minutes = 28.0 * 24.0 * 60.0;
    let errors = &run("budget", "errors")[0];
    check(errors, 10.0 * minutes, 120.0, 11.0);
    // 403,200 requests may have 403.2 failures.
    let remaining = errors["budget"]["remaining_ratio"].as_f64().unwrap();
    assert!((remaining - (1.0 - 120.0 / 403.2)).abs() < 0.01, "{errors:#}");
    check(&run("budget", "up")[0], 2.0 * minutes, 180.0, 4.0);
    let each = run("budget", "each");
    let groups: Vec<&Value> = each.iter().map(|item| &item["group"]["instance"]).collect();
    assert_eq!(groups, ["a", "b"]);
    check(&each[0], minutes, 0.0, 2.0);
    check(&each[1], minutes, 180.0, 2.0);
    let burn = &run("burn", "up")[0];
    let tiers: Vec<&str> =
        burn["alerts"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(tiers, ["fastBurn", "mediumBurn", "slowBurn", "longTermBurn"]);
    // 180 of 2,880 samples of the day before were 0, and none of the last two hours.
    let slow = &burn["alerts"][2];
    let rate = slow["long_burn_rate"].as_f64().unwrap();
    assert!((rate - 62.5).abs() < 0.5, "{slow:#}");
    assert_eq!(slow["state"], "recovering", "{slow:#}");
}
