//! `sre budget --dependencies`.
#![expect(clippy::disallowed_methods, reason = "reads the tables of the example")]
use super::harness::{Files, Run};
use serde_json::{Value, json};

fn dependencies(folder: &Files, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = ["budget", "--dependencies", "--fail-on", "never"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    Run::new(&arguments).within(folder).json()["items"][0]["dependencies"].clone()
}

#[track_caller]
fn assert_close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// A shop that needs payments, which need a ledger, and a cache with two copies; and what else is said.
///
/// A hundred minutes. Payments fail altogether in the minutes 10 to 19, the ledger in 15 to 17 and, of
/// half its events, in 50 to 53.
fn shop(target: &str, more: &str) -> Files {
    let mut csv = String::from("time,orders,payments,payments_failed,entries,entries_failed\n");
    for minute in 0..100 {
        let payments = if (10..20).contains(&minute) { 7 } else { 0 };
        let entries = match minute {
            15..=17 => 4,
            50..=53 => 2,
            _ => 0,
        };
        let (hour, minute) = (8 + minute / 60, minute % 60);
        csv += &format!("2026-05-14T{hour:02}:{minute:02}:00Z,10,7,{payments},4,{entries}\n");
    }
    let slo = |service: &str, target: &str, counts: &str| {
        format!(
            "---
apiVersion: sre/v1
kind: SLO
metadata: {{name: {service}-slo, owner: us}}
spec:
  service: {service}
  target: {target}
  window: 100m
  sli: {{category: availability, source: counts, counts: {counts}}}
"
        )
    };
    let catalog = format!(
        "apiVersion: sre/v1
kind: DataSource
metadata: {{name: counts, owner: us}}
spec: {{files: {{paths: [../counts.csv], format: csv, records: counts, step: 1m}}}}
---
apiVersion: sre/v1
kind: Service
metadata: {{name: shop, owner: us}}
spec:
  depends_on:
    - {{service: payments}}
    - {{service: cache, redundancy: 2}}
    - {{service: mail, criticality: soft}}
---
apiVersion: sre/v1
kind: Service
metadata: {{name: payments, owner: us}}
spec: {{depends_on: [{{service: ledger}}, {{service: bank}}]}}
{}{}{}{}{more}",
        slo("shop", target, "{good: orders, total: orders}"),
        slo("payments", "90%", "{bad: payments_failed, total: payments}"),
        slo("ledger", "99%", "{bad: entries_failed, total: entries}"),
        slo("cache", "90%", "{bad: entries_failed, total: entries}"),
    );
    Files::new(&[("specs/shop.yaml", &catalog), ("counts.csv", &csv)])
}

#[test]
fn losses_that_overlap_count_once() {
    let found = dependencies(&shop("85%", ""), &["shop-slo"]);
    // Ten minutes of payments, three of which the ledger lost as well, and four halves of the ledger.
    let measured = &found["measured"];
    assert_close(&measured["at_most"], 0.88);
    assert_close(&measured["at_least"], 0.88);
    assert_close(&measured["independent"], 0.9 * 0.95);
    assert_eq!((&measured["step"], &measured["steps"]), (&json!("1m"), &json!(100)));
    // The cache counts with 1 − 0.1², as it does for `sre validate`.
    assert_close(&found["declared"], 0.9 * 0.99 * 0.99);
    assert_eq!(found["attainable"], "yes");
    assert_eq!(found["attainable_as_declared"], true);
    let items = found["items"].as_array().unwrap();
    let names: Vec<_> = items.iter().map(|item| item["service"].as_str().unwrap()).collect();
    assert_eq!(names, ["payments", "cache", "ledger", "bank"]);
    let (payments, ledger) = (&items[0], &items[2]);
    for (item, [sli, lost, alone, shared]) in
        [(payments, [0.9, 10.0, 7.0, 3.0]), (ledger, [0.95, 5.0, 2.0, 3.0])]
    {
        assert_close(&item["sli"], sli);
        assert_close(&item["lost_minutes"], lost);
        assert_close(&item["alone_minutes"], alone);
        assert_close(&item["shared_minutes"], shared);
        assert_eq!((&item["coverage"], &item["reason"]), (&json!(1), &json!(null)));
    }
    let unknown = |at: usize| items[at]["reason"].as_str().unwrap();
    assert_eq!(unknown(1), "when all of its copies failed at once is not measured");
    assert_eq!(unknown(3), "it has no objective of availability");
    assert_eq!(items[1]["copies"], 2);
}

#[test]
fn a_target_above_what_was_measured_is_not_attainable() {
    let found = dependencies(&shop("88.2%", ""), &["shop-slo"]);
    assert_eq!(
        (&found["attainable"], &found["attainable_as_declared"]),
        (&json!("no"), &json!(true))
    );
    let found = dependencies(&shop("88%", ""), &["shop-slo"]);
    assert_eq!(found["attainable"], "yes", "exactly what was left");
    let shown = Run::new(&["budget", "shop-slo", "--dependencies", "-q"])
        .within(&shop("88.2%", ""))
        .go()
        .stdout;
    let expected = "attainable  88.2% is not, with dependencies as they were; what they declare would \
                    permit it; 2 of 4 dependencies were measured, the others count as perfect\n";
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn what_overlaps_within_a_step_is_not_known() {
    // Both fail half of what they do in one of the ten steps.
    let rows = |step: usize| {
        if step == 3 {
            "2026-05-14T08:30:00Z,10,5,10,5\n".to_owned()
        } else {
            format!("2026-05-14T{:02}:{:02}:00Z,10,0,10,0\n", 8 + step / 6, step % 6 * 10)
        }
    };
    let csv = "time,a,a_failed,b,b_failed\n".to_owned() + &(0..10).map(rows).collect::<String>();
    let slo = |name: &str, target: &str, bad: &str| {
        format!(
            "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}-slo, owner: us}}\nspec:\n  \
             service: {name}\n  target: {target}\n  window: 100m\n  sli: {{source: counts, counts: \
             {{bad: {bad}, total: a}}}}\n"
        )
    };
    let catalog = |target: &str| {
        format!(
            "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: counts, owner: us}}\nspec: {{files: \
             {{paths: [../c.csv], records: counts, step: 10m}}}}\n---\napiVersion: sre/v1\nkind: \
             Service\nmetadata: {{name: web, owner: us}}\nspec: {{depends_on: [{{service: a}}, {{service: \
             b}}]}}\n{}{}{}",
            slo("web", target, "a_failed"),
            slo("a", "90%", "a_failed"),
            slo("b", "90%", "b_failed"),
        )
    };
    for (target, attainable) in
        [("90%", "yes"), ("92%", "perhaps"), ("95%", "perhaps"), ("96%", "no")]
    {
        let folder = Files::new(&[("specs/web.yaml", &catalog(target)), ("c.csv", &csv)]);
        let found = dependencies(&folder, &["web-slo"]);
        assert_close(&found["measured"]["at_least"], 0.9);
        assert_close(&found["measured"]["at_most"], 0.95);
        assert_eq!(found["attainable"], attainable, "{target}");
    }
}

#[test]
fn the_window_is_that_of_the_objective_asked_about() {
    let folder = shop("85%", "");
    let found = dependencies(
        &folder,
        &["shop-slo", "--from", "2026-05-14T08:40:00Z", "--to", "2026-05-14T09:40:00Z"],
    );
    // Of the sixty minutes, the ledger lost half of four.
    assert_close(&found["measured"]["at_most"], 1.0 - 2.0 / 60.0);
    assert_close(&found["items"][2]["alone_minutes"], 2.0);
    assert_eq!(found["measured"]["steps"], 60);
    // A dependency is read as far back as the objective looks, not only as far as its own window.
    let short = folder.read("specs/shop.yaml").replacen("window: 100m", "window: 20m", 4);
    let short = short.replacen("window: 20m", "window: 100m", 1);
    folder.write("specs/shop.yaml", short.as_bytes());
    assert_close(&dependencies(&folder, &["shop-slo"])["measured"]["at_most"], 0.88);
}

#[test]
fn what_is_not_asked_for_is_not_measured() {
    let folder = shop("85%", "");
    let answer = Run::new(&["budget", "shop-slo"]).within(&folder).json();
    assert_eq!(answer["items"][0]["dependencies"], json!(null));
    let answer = Run::new(&["budget", "ledger-slo", "--dependencies"]).within(&folder).json();
    let found = &answer["items"][0]["dependencies"];
    assert_eq!(found["items"], json!([]), "nothing stands behind the ledger");
    assert_eq!((&found["attainable"], &found["measured"]), (&json!("unknown"), &json!(null)));
}

#[test]
fn dependencies_that_cannot_be_measured_are_unknown() {
    let more = "---
apiVersion: sre/v1
kind: DataSource
metadata: {name: nowhere, owner: us}
spec: {files: {paths: [../nowhere.csv], records: counts, step: 1m}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: bank-slo, owner: us}
spec:
  service: bank
  target: 99%
  window: 1d
  sli: {source: nowhere, counts: {bad: bad, total: all}}
";
    let folder = shop("85%", more);
    let answer =
        Run::new(&["budget", "shop-slo", "--dependencies", "--fail-on", "never"]).within(&folder);
    let answer = answer.json();
    let found = &answer["items"][0]["dependencies"];
    let bank = &found["items"][3];
    assert_eq!((&bank["objective"], &bank["sli"]), (&json!("bank-slo"), &json!(null)));
    assert_eq!(bank["reason"], "`nowhere.csv` cannot be read: no such file");
    assert_close(&found["measured"]["at_most"], 0.88);
    assert_close(&found["declared"], 0.9 * 0.99 * 0.99 * 0.99);
}

#[test]
fn groups_of_a_dependency_count_together() {
    // Two regions of the ledger; in the smaller one, the first ten minutes fail.
    let mut samples = String::new();
    for (region, share, failing) in [("small", 10, 10), ("large", 90, 0)] {
        for (name, until) in [("bad_total", failing), ("all_total", 60)] {
            for minute in 0..=60 {
                let (value, time) = (minute.min(until) * share, 1_778_745_600 + minute * 60);
                samples += &format!("{name}{{region=\"{region}\"}} {value} {time}\n");
            }
        }
    }
    samples += "# EOF\n";
    let catalog = "apiVersion: sre/v1
kind: DataSource
metadata: {name: samples, owner: us}
spec: {files: {paths: [../samples.txt], format: openmetrics}}
---
apiVersion: sre/v1
kind: Service
metadata: {name: web, owner: us}
spec: {depends_on: [{service: ledger}]}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: web-slo, owner: us}
spec:
  service: web
  target: 98%
  window: 1h
  sli: {source: samples, prometheus: {bad: 'bad_total', total: 'all_total'}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: ledger-slo, owner: us}
spec:
  service: ledger
  target: 99%
  window: 1h
  group_by: [region]
  sli: {source: samples, prometheus: {bad: 'bad_total', total: 'all_total'}}
";
    let folder = Files::new(&[("specs/web.yaml", catalog), ("samples.txt", &samples)]);
    let found = dependencies(&folder, &["web-slo"]);
    // A tenth of ten minutes of sixty.
    assert_close(&found["items"][0]["lost_minutes"], 1.0);
    assert_close(&found["measured"]["at_most"], 1.0 - 1.0 / 60.0);
    assert_close(&found["items"][0]["sli"], 1.0 - 1.0 / 60.0);
}

/// The example's numbers, from its tables by plain arithmetic.
#[test]
fn the_example_is_what_its_tables_say() {
    let text = std::fs::read_to_string("specs/data/platform.csv").unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect())
        .collect();
    // Thirty days, by the hour.
    let month = &rows[rows.len() - 720..];
    let lost: Vec<(f64, f64)> =
        month.iter().map(|row| (1.0 - row[1] / row[0], row[3] / row[2])).collect();
    let sum = |of: fn(&(f64, f64)) -> f64| lost.iter().map(of).sum::<f64>();
    let answer =
        Run::new(&["budget", "checkout-availability", "--dependencies", "--fail-on", "never"])
            .json();
    let found = &answer["items"][0]["dependencies"];
    let measured = &found["measured"];
    assert_close(&measured["at_most"], 1.0 - sum(|(a, b)| a.max(*b)) / 720.0);
    assert_close(&measured["at_least"], 1.0 - sum(|(a, b)| a + b) / 720.0);
    let alone = sum(|(a, b)| (a - b).max(0.0));
    assert_close(&found["items"][0]["alone_minutes"], alone * 60.0);
    assert_close(&found["items"][1]["lost_minutes"], sum(|(_, b)| *b) * 60.0);
}
