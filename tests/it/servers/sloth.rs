//! Budgets of Sloth's documents, measured by a real Prometheus.
use super::{installed, prometheus};
use crate::cli::harness::{Files, Run};
use serde_json::Value;
use std::fmt::Write as _;

/// Where the history ends: a multiple of five minutes.
const END: i64 = 1_790_000_100_000;
const MINUTE: i64 = 60_000;

/// Two days. In the last one: twelve hours of 60 requests a minute, of which 6 fail in a hundred; an hour of
/// silence; eleven hours of 6 requests a minute, none of which fails.
fn history() -> String {
    let (mut good, mut bad) = (0.0, 0.0);
    let (mut good_lines, mut bad_lines) = (String::new(), String::new());
    for minute in 0..=2880 {
        let at = prometheus::time(END - (2880 - minute) * MINUTE);
        let rates = match minute {
            ..=2160 => (56.4, 3.6),
            2161..=2220 => (0.0, 0.0),
            _ => (6.0, 0.0),
        };
        good += rates.0;
        bad += rates.1;
        writeln!(good_lines, "requests_total{{code=\"200\"}} {good} {at}").unwrap();
        writeln!(bad_lines, "requests_total{{code=\"500\"}} {bad} {at}").unwrap();
    }
    format!("# TYPE requests counter\n{good_lines}{bad_lines}")
}

const SLOS: &str = r#"version: prometheus/v1
service: shop
slos:
  - name: events
    objective: 90
    sli:
      events:
        error_query: sum(rate(requests_total{code="500"}[{{ .window }}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting: {name: Shop}
  - name: raw
    objective: 90
    sli:
      raw:
        error_ratio_query: |
          sum(rate(requests_total{code="500"}[{{.window}}]))
          /
          sum(rate(requests_total[{{ .window }}])) # of all
    alerting: {name: Shop}
"#;

fn budget(files: &Files, url: &str) -> Value {
    let end = sre::kernel::time::rfc3339(chrono::DateTime::from_timestamp_millis(END).unwrap());
    let arguments = ["budget", "shop.yaml", "--no-cache", "--prometheus", url, "--at", &end];
    Run::new(&arguments).within(files).json()
}

#[test]
fn events_are_counted_and_ratios_are_counted_in_slices() {
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let server = prometheus::start(&history(), &[]);
    let url = format!("http://127.0.0.1:{}", server.http.port);
    let files = Files::new(&[("shop.yaml", SLOS), ("sre.yaml", "defaults: [{window: 1d}]\n")]);
    let answer = budget(&files, &url);
    let number = |item: usize, field: &str| {
        answer["items"][item][field].as_f64().unwrap_or_else(|| panic!("{field}: {answer:#}"))
    };
    assert_eq!(answer["items"][0]["name"], "shop-events");
    // 720 minutes of 3.6 failures, over 720 minutes of 60 and 660 of 6 requests.
    let expected = 1.0 - 2592.0 / (43_200.0 + 3960.0);
    assert!((number(0, "sli") - expected).abs() < 1e-3, "{answer:#}");
    assert_eq!(answer["items"][1]["name"], "shop-raw");
    // The mean of the shares of 144 slices with 6 % and 132 without failures; twelve had no traffic.
    let expected = 1.0 - 0.06 * 144.0 / 276.0;
    assert!((number(1, "sli") - expected).abs() < 1e-3, "{answer:#}");
    assert!((number(1, "total") - 276.0).abs() < 2.0, "{answer:#}");
}
