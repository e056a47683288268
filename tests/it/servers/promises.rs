//! Agreements on what a server measures.
use super::{data, http::Http};
use crate::cli::harness::{Files, Run};
use serde_json::Value;

/// What `sre sla` says of the days of the history, whose month is over by the clock; `definition` is how
/// the contract counts.
fn month(http: &Http, definition: &str) -> Value {
    let files = Files::new(&[(
        "specs/shop.yaml",
        &format!(
            "apiVersion: sre/v1
kind: SLO
metadata: {{name: requests, owner: shop}}
spec:
  target: 99.9%
  window: 30d
  sli:
    prometheus:
      total: http_requests_total{{job=\"api\"}}
      bad: http_requests_total{{job=\"api\",code=~\"5..\"}}
---
apiVersion: sre/v1
kind: SLA
metadata: {{name: gold, owner: shop}}
spec: {{service: shop, slo: requests, target: 99%, period: month, time_zone: Asia/Kolkata, {definition}}}
---
apiVersion: sre/v1
kind: Service
metadata: {{name: shop, owner: shop}}
spec: {{tier: 1}}
"
        ),
    )]);
    let server = format!("http://127.0.0.1:{}", http.port);
    let run = Run::new(&["sla", "gold", "-q", "--period", "2026-03", "--prometheus", &server]);
    run.within(&files).json()["items"][0].clone()
}

/// A minute is a minute, also where the objective's own window would do with hours.
pub(crate) fn downtime_is_counted_by_the_minute(http: &Http) {
    let item = month(http, "definition: downtime, down_when: 5%");
    let total = item["total"].as_f64().unwrap_or_else(|| panic!("{item:#}"));
    // Three days without the twenty minutes of the gap, and what is lost at its edges and the ends.
    assert!((4285.0..=4300.0 + 10.0).contains(&total), "{item:#}");
    // A minute in which 2 of some 100 requests fail is none; only where few were asked for, or more
    // failed, it is.
    let bad = item["bad"].as_f64().unwrap();
    assert!(bad > 0.0 && bad < total / 10.0, "{item:#}");
    assert_eq!(item["period"]["from"], "2026-02-28T18:30:00Z");
}

/// Events are those of the month, whose first day begins within an hour of the server's clock.
pub(crate) fn events_of_a_month_are_true(http: &Http) {
    let item = month(http, "definition: events");
    let counters = data::counters();
    let api: Vec<_> = counters.iter().filter(|one| one.is_of("api")).collect();
    let (least, most) = data::truth(&api, data::start(), data::end());
    let total = item["total"].as_f64().unwrap_or_else(|| panic!("{item:#}"));
    // The gap is extrapolated away or not, as servers do.
    assert!((least * 0.98..=most * 1.01).contains(&total), "{total} of {least} to {most}");
}
