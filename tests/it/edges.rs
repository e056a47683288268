//! Numbers and messages where the input is at the edge of what is usual.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests write their own catalogs, and what is not as expected may panic"
)]
use crate::cli::harness::{Ran, Run};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::{fmt::Write as _, fs};
use tempfile::TempDir;

/// An objective over 30 days whose indicator is written in place.
fn objective(name: &str, indicator: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: us}}\n\
         spec: {{target: 99%, window: 6h, sli: {{category: availability, {indicator}}}}}\n"
    )
}

/// A catalog of these files.
fn catalog(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sre.yaml"), "").unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs `sre budget` there, reading `data`.
fn budget(folder: &TempDir, data: &str, arguments: &[&str]) -> Ran {
    let run = Run::new(&["budget", "--format", "json", "--data", "-"]);
    run.args(arguments.iter().copied()).within(folder.path()).stdin(data).go()
}

fn items(ran: &Ran) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    answer["items"].as_array().unwrap().clone()
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// Whatever the window, what it says to hold is what lies between the moments that it names.
#[test]
fn windows_hold_what_lies_between_their_moments() {
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    let events: Vec<(DateTime<Utc>, u32)> = (0..4000_i64)
        .map(|at| {
            let time = start + TimeDelta::milliseconds(at * 7919 + at * at % 4099);
            (time, if at % 7 == 3 { 503 } else { 200 })
        })
        .collect();
    let mut data = "time,status\n".to_owned();
    for (time, status) in &events {
        writeln!(data, "{},{status}", time.to_rfc3339()).unwrap();
    }
    let check = |arguments: &[&str]| {
        let ran = budget(&folder, &data, arguments);
        let item = items(&ran).remove(0);
        let own = [(&item["window"], &item)];
        let burns = item["burn_rates"].as_array().unwrap();
        for (window, counts) in own.into_iter().chain(burns.iter().map(|burn| (burn, burn))) {
            let (from, to) = (moment(&window["from"]), moment(&window["to"]));
            let inside = || events.iter().filter(|(time, _)| *time >= from && *time < to);
            let good = inside().filter(|(_, status)| *status < 500).count();
            let expected = (Some(good as u64), Some(inside().count() as u64));
            let found = (counts["good"].as_u64(), counts["total"].as_u64());
            assert_eq!(found, expected, "{arguments:?} from {from} to {to}");
        }
    };
    check(&[]);
    for moment in ["2026-03-01T01:17:29Z", "2026-03-01T07:00:00.125Z", "2026-03-02T00:00:01Z"] {
        check(&["--at", moment]);
        check(&["--now", moment]);
        check(&["--from", "2026-03-01T00:30:17.250Z", "--to", moment]);
    }
    check(&["--from", "2026-03-01T00:30:17Z", "--to", "2026-03-01T00:30:41Z"]);
    check(&["--from", "2026-03-01T00:30:17Z", "--to", "2026-03-01T00:31:17Z"]);
}

#[test]
fn events_that_cannot_be_judged_are_those_of_the_window() {
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let data = "time,status\n2026-03-01T00:00:00Z,\n2026-03-20T00:00:00Z,200\n\
                2026-03-20T00:01:00Z,\n";
    let item = items(&budget(&folder, data, &[])).remove(0);
    assert_eq!((item["good"].as_u64(), item["total"].as_u64()), (Some(1), Some(2)));
    assert_eq!(item["unjudged"].as_u64(), Some(1));
    let chosen = ["--from", "2026-03-01T00:00:00Z", "--to", "2026-03-20T00:01:00Z"];
    let item = items(&budget(&folder, data, &chosen)).remove(0);
    assert_eq!((item["total"].as_u64(), item["unjudged"].as_u64()), (Some(2), Some(1)));
}
