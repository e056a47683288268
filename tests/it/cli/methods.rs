//! Windows, budgeting methods, adjustments, missing data and composites, through the command line. The
//! numbers are small enough to be counted by hand.
use super::harness::{Files, Run};
use serde_json::Value;

/// Counts per minute of one service: `minutes` rows from `start`, each `good,total` as `row` says.
fn counts(start: &str, minutes: i64, row: impl Fn(i64) -> Option<(u32, u32)>) -> String {
    let start: chrono::DateTime<chrono::Utc> = start.parse().unwrap();
    let mut text = "time,good,total\n".to_owned();
    for minute in 0..minutes {
        if let Some((good, total)) = row(minute) {
            let time = start + chrono::TimeDelta::minutes(minute);
            text.push_str(&format!("{},{good},{total}\n", time.format("%Y-%m-%dT%H:%M:%SZ")));
        }
    }
    text
}

/// A catalog of one source `counts` over `counts.csv`, and these documents.
fn catalog(documents: &str, csv: &str) -> Files {
    let source = "\
apiVersion: sre/v1
kind: DataSource
metadata: {name: counts}
spec: {files: {paths: [counts.csv], records: counts, step: 1m}}
---
";
    let documents = format!("{source}{documents}");
    Files::new(&[("sre.yaml", ""), ("slos.yaml", &documents), ("counts.csv", csv)])
}

const SLI: &str = "sli: {source: counts, counts: {good: good, total: total}}";

fn slo(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}}}\nspec:\n  {}\n",
        spec.replace('\n', "\n  ")
    )
}

fn items(files: &Files, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["budget", "--no-forecast"];
    all.extend(arguments);
    Run::new(&all).within(files).json()["items"].as_array().unwrap().clone()
}

/// Two days of ten requests a minute, of which in the minutes 600 to 659 of the first day half fail.
fn two_days(minute: i64) -> (u32, u32) {
    if (600..660).contains(&minute) { (5, 10) } else { (10, 10) }
}

#[test]
fn one_item_for_each_window() {
    let spec = format!(
        "target: 99%\nwindows: [1d, {{calendar: week, time_zone: UTC}}, \
         {{calendar: month, time_zone: America/New_York}}]\n{SLI}"
    );
    // Monday and Tuesday.
    let csv = counts("2026-03-02T00:00:00Z", 2880, |minute| Some(two_days(minute)));
    let items = items(&catalog(&slo("api", &spec), &csv), &[]);
    let windows: Vec<(&str, &str, &str, &str)> = items
        .iter()
        .map(|item| {
            let text = |field: &str| item["window"][field].as_str().unwrap();
            (text("type"), text("length"), text("from"), text("to"))
        })
        .collect();
    assert_eq!(
        windows,
        [
            ("rolling", "1d", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"),
            ("calendar", "1w", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"),
            // March in New York has an hour less: clocks are put forward on the 8th.
            ("calendar", "30d23h", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
        ]
    );
    assert_eq!((&items[0]["bad"], &items[0]["total"]), (&0.into(), &14_400.into()));
    let week = &items[1];
    assert_eq!((&week["bad"], &week["total"]), (&300.into(), &28_800.into()));
    // Ten a minute are expected for the rest: 100,800 in all, of which 1008 may fail.
    assert_eq!(week["expected"]["total"], 100_800);
    assert_eq!(week["budget"]["allowed"], 1008);
    assert_eq!(week["budget"]["remaining"], 708);
    assert_eq!(week["window"]["time_zone"], "UTC");
    // Alerts are about the first window.
    assert!(items[1]["alerts"].as_array().unwrap().is_empty());
    assert!(!items[0]["alerts"].as_array().unwrap().is_empty());
}

#[test]
fn a_period_that_has_ended_allows_what_was_counted() {
    let spec = format!("target: 99%\nwindow: {{calendar: week, time_zone: UTC}}\n{SLI}");
    let csv = counts("2026-03-02T00:00:00Z", 7 * 1440, |minute| Some(two_days(minute)));
    let items = items(&catalog(&slo("api", &spec), &csv), &["--at", "2026-03-09T00:00:00Z"]);
    assert_eq!(items[0]["window"]["from"], "2026-03-02T00:00:00Z");
    assert_eq!(items[0]["expected"]["basis"], "ended");
    assert_eq!(items[0]["budget"]["allowed"], 1008);
    assert_eq!(items[0]["budget"]["spent"], 300);
}

#[test]
fn slices_count_minutes() {
    let csv = counts("2026-03-02T00:00:00Z", 2880, |minute| Some(two_days(minute)));
    let sliced = format!(
        "target: 95%\nwindow: 2d\nmethod: timeslices\nslice: 10m\nslice_target: 90%\n{SLI}"
    );
    let ratio = format!("target: 95%\nwindow: 2d\nmethod: ratio_timeslices\nslice: 10m\n{SLI}");
    let documents = format!("{}---\n{}", slo("sliced", &sliced), slo("mean", &ratio));
    let items = items(&catalog(&documents, &csv), &[]);
    let (mean, sliced) = (&items[0], &items[1]);
    // Six slices of ten minutes of 288 are bad.
    assert_eq!((&sliced["bad"], &sliced["total"]), (&6.into(), &288.into()));
    assert_eq!((&sliced["unit"], &sliced["slice"]), (&"minutes".into(), &"10m".into()));
    assert_eq!(sliced["budget"]["allowed"], 144);
    assert_eq!(sliced["budget"]["spent"], 60);
    // Each of them lost half.
    assert_eq!(mean["bad"], 3);
    assert_eq!(mean["budget"]["spent"], 30);
}

#[test]
fn slices_without_traffic_are_what_the_objective_says() {
    // The second day is silent.
    let silent = |minute| Some(if minute < 1440 { two_days(minute) } else { (0, 0) });
    let csv = counts("2026-03-02T00:00:00Z", 2880, silent);
    let spec = |no_traffic: &str| {
        format!(
            "target: 95%\nwindow: 2d\nmethod: timeslices\nslice: 10m\nslice_target: 90%\n\
             no_traffic: {no_traffic}\n{SLI}"
        )
    };
    let documents: Vec<String> =
        ["ignore", "good", "bad"].iter().map(|one| slo(&format!("is-{one}"), &spec(one))).collect();
    let items = items(&catalog(&documents.join("---\n"), &csv), &[]);
    let counted: Vec<(&str, f64, f64)> = items
        .iter()
        .map(|item| {
            let number = |field: &str| item[field].as_f64().unwrap();
            (item["name"].as_str().unwrap(), number("bad"), number("total"))
        })
        .collect();
    assert_eq!(
        counted,
        [("is-bad", 150.0, 288.0), ("is-good", 6.0, 288.0), ("is-ignore", 6.0, 144.0)]
    );
}

#[test]
fn adjustments_stand_beside_what_was_measured_and_decide() {
    let spec = format!("target: 99%\nwindow: 2d\n{SLI}");
    let adjustment = "\
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: works}
spec:
  slos: [api]
  mode: exclude
  recurrence:
    start: 2026-02-23T10:00:00Z
    duration: 1h
    rule: FREQ=WEEKLY;BYDAY=MO
  reason: the database moves
  ticket: OPS-1
";
    let csv = counts("2026-03-02T00:00:00Z", 2880, |minute| Some(two_days(minute)));
    let documents = slo("api", &spec) + adjustment;
    let files = catalog(&documents, &csv);
    let items = items(&files, &[]);
    let item = &items[0];
    assert_eq!((&item["bad"], &item["total"]), (&300.into(), &28_800.into()));
    assert_eq!(item["budget"]["remaining"], -12);
    let adjusted = &item["adjusted"];
    assert_eq!((&adjusted["bad"], &adjusted["total"]), (&0.into(), &28_200.into()));
    assert_eq!(adjusted["budget"]["remaining"], 282);
    assert_eq!(adjusted["adjustments"][0]["name"], "works");
    assert_eq!(adjusted["adjustments"][0]["from"], "2026-03-02T10:00:00Z");
    assert_eq!(adjusted["adjustments"][0]["minutes"], 60);
    assert_eq!(adjusted["adjustments"][0]["ticket"], "OPS-1");
    assert_eq!(item["state"], "ok");
    let shown = Run::new(&["budget", "-q"]).within(&files).go();
    assert_eq!(shown.code, 0);
    assert!(shown.stdout.contains("-4.17%") && shown.stdout.contains("works"), "{}", shown.stdout);
}

#[test]
fn missing_data_are_bounded_filled_or_refused() {
    // Twelve of twenty-four hours were not measured.
    let csv = counts("2026-03-02T00:00:00Z", 1440, |minute| {
        (!(360..1080).contains(&minute)).then_some((99, 100))
    });
    let spec = |more: &str| format!("target: 98%\nwindow: 1d\n{more}\n{SLI}");
    let documents = [
        slo("as-it-is", &spec("")),
        slo("counts-as-bad", &spec("no_data: bad")),
        slo("counts-as-good", &spec("no_data: good")),
        slo("needs-more", &spec("minimum_coverage: 90%")),
    ];
    let files = catalog(&documents.join("---\n"), &csv);
    let items = items(&files, &[]);
    let left = |item: &Value| item["budget"]["remaining_ratio"].as_f64().unwrap();
    assert_eq!(items[0]["coverage"], 0.5);
    assert!((left(&items[0]) - 0.5).abs() < 1e-12);
    let bounds = &items[0]["bounds"];
    assert_eq!((&bounds["best"]["sli"], &bounds["worst"]["sli"]), (&0.995.into(), &0.495.into()));
    assert_eq!((&items[1]["sli"], &items[1]["state"]), (&0.495.into(), &"exhausted".into()));
    assert_eq!(items[2]["sli"], 0.995);
    assert_eq!(items[3]["state"], "unknown");
    let reason = items[3]["reason"].as_str().unwrap();
    assert!(reason.contains("50.00%") && reason.contains("minimum_coverage"), "{reason}");
    let ran = Run::new(&["budget", "needs-more", "-q"]).within(&files).go();
    assert_eq!(ran.code, 4, "{ran:?}");
}

#[test]
fn verdicts_say_how_many_events_would_be_enough() {
    let csv = counts("2026-03-02T00:00:00Z", 60, |_| Some((10, 10)));
    let spec = format!("target: 99.9%\nwindow: 1h\n{SLI}");
    let files = catalog(&slo("api", &spec), &csv);
    let confidence = |arguments: &[&str]| items(&files, arguments)[0]["confidence"].clone();
    let usual = confidence(&[]);
    assert_eq!(usual["verdict"], "not_enough_data");
    // ln 0.05 / ln 0.999
    assert_eq!(usual["events_enough"], 2995);
    assert_eq!(confidence(&["--confidence", "40%"])["verdict"], "met");
    let wilson = confidence(&["--confidence-method", "wilson"]);
    assert_eq!(
        (&usual["method"], &wilson["method"]),
        (&"clopper_pearson".into(), &"wilson".into())
    );
    // z² / (n + z²) of 600 events without a failure, z for 95 %.
    assert!((wilson["lower"].as_f64().unwrap() - 600.0 / 602.705_543_454_1).abs() < 1e-9);
}

#[test]
fn composites_weigh_their_parts_and_say_who_lost() {
    let csv = "\
time,good,total,other_good,other_total
2026-03-02T00:00:00Z,90,100,1000,1000
2026-03-02T00:01:00Z,100,100,980,1000
";
    let documents = "\
apiVersion: sre/v1
kind: SLO
metadata: {name: small}
spec: {target: 95%, window: 5m, sli: {source: counts, counts: {good: good, total: total}}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: large}
spec: {target: 99%, window: 5m, sli: {source: counts, counts: {good: other_good, total: other_total}}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: both}
spec: {target: 90%, window: 5m, composite: [{slo: small, weight: 3}, {slo: large}]}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: any}
spec:
  target: 90%
  window: 5m
  method: timeslices
  slice: 1m
  composite: [{slo: small}, {slo: large}]
---
apiVersion: sre/v1
kind: SLO
metadata: {name: nested}
spec: {target: 90%, window: 5m, composite: [{slo: both}, {slo: large}]}
";
    let files = catalog(documents, csv);
    let items = items(&files, &["both", "any", "nested"]);
    let (any, both, nested) = (&items[0], &items[1], &items[2]);
    let near = |value: &Value, expected: f64| {
        assert!((value.as_f64().unwrap() - expected).abs() < 1e-9, "{value} for {expected}");
    };
    // 5 % of the small one and 1 % of the large one failed: (3 · 5 % + 1 %) / 4.
    near(&both["sli"], 0.96);
    near(&both["parts"][0]["share"], 0.9375);
    near(&both["parts"][1]["share"], 0.0625);
    assert_eq!(both["confidence"], Value::Null);
    // In the first minute the small one is bad, in the second the large one.
    assert_eq!((&any["bad"], &any["total"]), (&2.into(), &2.into()));
    assert_eq!(any["parts"][0]["exclusive"], 1);
    assert_eq!(any["parts"][1]["shared"], 0);
    near(&nested["sli"], 0.975);
}

#[test]
fn a_composite_is_unknown_with_a_part() {
    let documents = slo("a", &format!("target: 99%\nwindow: 1d\n{SLI}"))
        + "---\n"
        + &slo("b", "target: 99%\nwindow: 1d\nsli: {events: {good: status < 500}}")
        + "---\n"
        + &slo("both", "target: 99%\nwindow: 1d\ncomposite: [{slo: a}, {slo: b}]");
    let csv = counts("2026-03-02T00:00:00Z", 60, |minute| Some(two_days(minute)));
    let ran =
        Run::new(&["budget", "both", "--format", "json"]).within(&catalog(&documents, &csv)).go();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.contains("its part `b`: no data source"), "{}", ran.stdout);
}

/// Two parts of equal weight; the traffic of the small one falls to a hundredth on the second day.
fn weighed() -> Files {
    let row = |minute: i64| {
        let (good, total) = if minute < 1440 { (1000, 1000) } else { (9, 10) };
        (minute % 10 == 0).then_some((good, total))
    };
    let small = counts("2026-03-02T00:00:00Z", 2880, row);
    let large =
        counts("2026-03-02T00:00:00Z", 2880, |minute| (minute % 10 == 0).then_some((999, 1000)));
    let source = |name: &str| {
        format!(
            "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: {name}}}\n\
             spec: {{files: {{paths: [{name}.csv], records: counts, step: 10m}}}}\n---\n"
        )
    };
    let part = |name: &str| {
        slo(
            name,
            &format!(
                "target: 99%\nwindow: 2d\nsli: {{source: {name}, counts: {{good: good, total: total}}}}"
            ),
        ) + "---\n"
    };
    let both =
        slo("both", "target: 90%\nwindows: [2d, 1d]\ncomposite: [{slo: small}, {slo: large}]");
    let documents = source("small") + &source("large") + &part("small") + &part("large") + &both;
    Files::new(&[
        ("sre.yaml", ""),
        ("slos.yaml", &documents),
        ("small.csv", &small),
        ("large.csv", &large),
    ])
}

#[test]
fn a_composite_weighs_its_parts_in_the_window_that_is_asked_for() {
    let files = weighed();
    let sli = |item: &Value| item["sli"].as_f64().unwrap();
    let windows = items(&files, &["both"]);
    // On the last day a tenth and a thousandth failed, each of the same weight.
    assert!((sli(&windows[1]) - 0.9495).abs() < 1e-9, "{}", windows[1]);
    let chosen = ["both", "--from", "2026-03-03T00:00:00Z", "--to", "2026-03-04T00:00:00Z"];
    let chosen = items(&files, &chosen);
    assert!((sli(&chosen[0]) - sli(&windows[1])).abs() < 1e-9, "{}", chosen[0]);
}

#[test]
fn a_composite_is_known_as_far_as_its_least_known_part() {
    let row = |hours: i64| move |minute: i64| (minute < 60 * hours).then_some((10, 10));
    let half = counts("2026-03-02T00:00:00Z", 1440, row(12));
    let whole = counts("2026-03-02T00:00:00Z", 1440, row(24));
    let files = weighed();
    files.write("small.csv", half.as_bytes());
    files.write("large.csv", whole.as_bytes());
    let text = files.read("slos.yaml").replace("step: 10m", "step: 1m");
    files.write("slos.yaml", text.replace("windows: [2d, 1d]", "window: 12h").as_bytes());
    let at = |at| items(&files, &["both", "--at", at])[0].clone();
    assert_eq!(at("2026-03-02T12:00:00Z")["coverage"], 1);
    let part = at("2026-03-02T18:00:00Z");
    assert_eq!((&part["coverage"], &part["state"]), (&0.5.into(), &"ok".into()));
    let none = at("2026-03-03T00:00:00Z");
    assert_eq!((&none["coverage"], &none["state"]), (&Value::Null, &"unknown".into()));
    let reason = none["reason"].as_str().unwrap();
    assert!(reason.contains("`small`: nothing of it was measured"), "{reason}");
}

#[test]
fn a_composite_shows_what_its_parts_were_adjusted_by() {
    let documents = slo("api", &format!("target: 99%\nwindow: 2d\n{SLI}"))
        + "---\n"
        + &slo("all", "target: 99%\nwindow: 2d\ncomposite: [{slo: api}]")
        + "\
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: works}
spec:
  slos: [api]
  mode: good
  interval: {from: 2026-03-02T10:00:00Z, to: 2026-03-02T11:00:00Z}
";
    let csv = counts("2026-03-02T00:00:00Z", 2880, |minute| Some(two_days(minute)));
    let items = items(&catalog(&documents, &csv), &["all"]);
    let all = &items[0];
    assert!(all["budget"]["remaining"].as_f64().unwrap() < 0.0, "{all}");
    assert_eq!(all["adjusted"]["sli"], 1);
    assert_eq!(all["adjusted"]["adjustments"][0]["name"], "works");
    assert_eq!(all["state"], "ok");
}

#[test]
fn an_adjustment_did_what_it_did_in_the_window() {
    let documents = slo("api", &format!("target: 99%\nwindow: 1d\n{SLI}"))
        + "\
---
apiVersion: sre/v1
kind: BudgetAdjustment
metadata: {name: long}
spec:
  slos: [api]
  mode: exclude
  interval: {from: 2026-03-01T00:00:00Z, to: 2026-03-03T12:00:00Z}
";
    let csv = counts("2026-03-02T00:00:00Z", 2880, |minute| Some(two_days(minute)));
    let files = catalog(&documents, &csv);
    for arguments in [&["budget"][..], &["budget", "--no-forecast"]] {
        let answer = Run::new(arguments).within(&files).json();
        let applied = &answer["items"][0]["adjusted"]["adjustments"][0];
        assert_eq!((&applied["minutes"], &applied["total"]), (&720.into(), &7200.into()));
    }
}

#[test]
fn a_forecast_does_not_depend_on_what_else_is_asked_for() {
    let csv = counts("2026-01-01T00:00:00Z", 100 * 1440, |minute| {
        (minute % 60 == 0).then_some(if minute % 10_020 == 0 { (900, 1000) } else { (1000, 1000) })
    });
    let hours =
        |name: &str, window: &str| slo(name, &format!("target: 99.9%\nwindow: {window}\n{SLI}"));
    let documents = hours("short", "7d") + "---\n" + &hours("long", "90d");
    let files = catalog(&documents, &csv);
    files.write("slos.yaml", files.read("slos.yaml").replace("step: 1m", "step: 1h").as_bytes());
    let short = |arguments: &[&str]| {
        let answer = Run::new(arguments).within(&files).json();
        let items = answer["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == "short").unwrap()["forecast"].clone()
    };
    let alone = short(&["budget", "short"]);
    assert!(alone["probability"].is_number(), "{alone}");
    assert_eq!(short(&["budget"]), alone);
}

/// Each names the next one twice, by two ways: joined each time anew, the last would be joined more often
/// than there are atoms; and a chain without end would be the end of the stack.
#[test]
fn nests_of_composites_are_joined_once_and_not_without_end() {
    let nest = |depth: usize| {
        let mut documents = vec![slo("c0", &format!("target: 99%\nwindow: 1d\n{SLI}"))];
        for at in 1..depth {
            let below = at - 1;
            let parts = format!("[{{slo: c{below}}}, {{slo: d{at}}}]");
            documents.push(slo(
                &format!("c{at}"),
                &format!("target: 99%\nwindow: 1d\ncomposite: {parts}"),
            ));
            let parts = format!("[{{slo: c{below}}}]");
            documents.push(slo(
                &format!("d{at}"),
                &format!("target: 99%\nwindow: 1d\ncomposite: {parts}"),
            ));
        }
        documents.join("---\n")
    };
    let csv = counts("2026-03-02T00:00:00Z", 60, |_| Some((9, 10)));
    let top = |depth: usize| {
        let name = format!("c{}", depth - 1);
        items(&catalog(&nest(depth), &csv), &[&name])[0].clone()
    };
    let some = top(14);
    assert!((some["sli"].as_f64().unwrap() - 0.9).abs() < 1e-9, "{some}");
    let reason = top(500)["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("nested too deep"), "{reason}");
}
