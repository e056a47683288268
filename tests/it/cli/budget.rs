//! `sre budget`.
use super::harness::{Files, Run};
use serde_json::Value;

/// Ten requests a minute for two hours; of the first minute, three fail.
fn web() -> Files {
    let mut csv = String::from("time,status,seconds\n");
    for minute in 0..120 {
        for second in 0..10 {
            let status = if minute == 0 && second < 3 { 500 } else { 200 };
            let (hour, minute) = (8 + minute / 60, minute % 60);
            csv += &format!("2026-05-14T{hour:02}:{minute:02}:{second:02}Z,{status},0.{second}\n");
        }
    }
    Files::new(&[
        (
            "specs/web.yaml",
            "apiVersion: sre/v1
kind: DataSource
metadata: {name: requests, owner: web}
spec: {files: {paths: [../requests.csv], format: csv}}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: web, owner: web, labels: {team: web}}
spec:
  service: shop
  target: 99%
  window: 1d
  sli: {source: requests, events: {good: status < 500}}
---
apiVersion: sre/v1
kind: Service
metadata: {name: shop, owner: web}
spec: {tier: 1}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: fast, owner: other}
spec:
  target: 50%
  window: 1d
  threshold: 400ms
  sli: {source: requests, events: {latency: seconds}}
",
        ),
        ("requests.csv", &csv),
    ])
}

fn only(answer: &Value) -> &Value {
    assert_eq!(answer["items"].as_array().unwrap().len(), 1, "{answer}");
    &answer["items"][0]
}

#[test]
fn counts_good_bad_and_total() {
    let answer = Run::new(&["budget", "web"]).within(&web()).json();
    assert_eq!(answer["schema"], "sre/budget@1");
    assert_eq!(answer["as_of"], "2026-05-14T10:00:00Z");
    let item = only(&answer);
    assert_eq!(
        (&item["good"], &item["bad"], &item["total"]),
        (&1197.into(), &3.into(), &1200.into())
    );
    assert_eq!(item["sli"], 0.9975);
    assert_eq!(item["budget"]["allowed"], 12);
    assert_eq!(item["budget"]["remaining"], 9);
    assert_eq!(item["burn_rate"], 0.25);
    assert_eq!(item["window"]["from"], "2026-05-13T10:00:00Z");
    assert_eq!(item["coverage"].to_string(), "0.0833333333333");
    for absent in ["adjusted", "group", "expected", "slice"] {
        assert_eq!(item.get(absent), Some(&Value::Null), "{absent}");
    }
}

#[test]
fn an_instant_ends_the_window_and_a_stretch_replaces_it() {
    let files = web();
    let at = Run::new(&["budget", "web", "--at", "2026-05-14T08:10:00Z"]).within(&files).json();
    assert_eq!(only(&at)["total"], 100);
    assert_eq!(only(&at)["state"], "exhausted");
    let stretch =
        ["budget", "web", "--from", "2026-05-14T08:01:00Z", "--to", "2026-05-14T08:31:00Z"];
    let stretch = Run::new(&stretch).within(&files).json();
    let item = only(&stretch);
    assert_eq!((&item["bad"], &item["total"]), (&0.into(), &300.into()));
    assert_eq!(item["window"]["length"], "30m");
    assert_eq!(item["window"]["type"], "chosen");
    assert_eq!((&item["exhausts_at"], &item["exhaustion"]), (&Value::Null, &Value::Null));
    Run::new(&["budget", "--from", "2026-05-14T09:00:00Z", "--to", "2026-05-14T08:00:00Z"])
        .within(&files)
        .check(
            "",
            "error: there is no time from `2026-05-14T09:00:00Z` to `2026-05-14T08:00:00Z`\n  \
             help: --from is the beginning, --to the end\n",
            2,
        );
}

#[test]
fn a_threshold_is_met_by_what_takes_just_as_long() {
    let answer = Run::new(&["budget", "fast"]).within(&web()).json();
    assert_eq!((&only(&answer)["good"], &only(&answer)["total"]), (&600.into(), &1200.into()));
    // Spent to the last event, and not overspent.
    assert_eq!(only(&answer)["budget"]["remaining"], 0);
    assert_ne!(only(&answer)["state"], "exhausted");
}

#[test]
fn what_lies_after_the_clock_is_left_out_and_said() {
    let files = web();
    let run = || Run::new(&["budget", "web"]).within(&files);
    // All from 08:30:01 on.
    let ran = run().args(["--now", "2026-05-14T08:30:00Z"]).go();
    assert!(
        ran.stderr.contains("warning: requests: 899 records later than the present left out"),
        "{}",
        ran.stderr
    );
    let frozen = run().env("SRE_NOW", "2026-05-14T08:30:00Z").json();
    assert_eq!(only(&frozen)["total"], 300);
    let flag = run().env("SRE_NOW", "2026-05-14T08:30:00Z").args(["--now", "2026-05-14T08:20:00Z"]);
    assert_eq!(only(&flag.json())["total"], 200);
    let ran = run().env("SRE_NOW", "yesterday").go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error: SRE_NOW: "), "{}", ran.stderr);
}

#[test]
fn states_from_which_it_fails() {
    let files = web();
    let code = |arguments: &[&str]| {
        Run::new(&["budget", "web"]).args(arguments.iter().copied()).within(&files).go().code
    };
    let early = ["--at", "2026-05-14T08:10:00Z"];
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&early), 1);
    assert_eq!(code(&[early[0], early[1], "--fail-on", "never"]), 0);
    let nothing = ["--at", "2020-01-01T00:00:00Z"];
    assert_eq!(code(&nothing), 4);
    assert_eq!(code(&[nothing[0], nothing[1], "--fail-on", "never"]), 0);
    assert_eq!(code(&["--fail-on", "sometimes"]), 2);
    // An objective exhausted beside one that cannot be read: the input comes first.
    files.write(
        "specs/more.yaml",
        b"apiVersion: sre/v1
kind: SLO
metadata: {name: dead, owner: web}
spec: {target: 99%, window: 1d, sli: {source: nowhere, events: {good: status < 500}}}
---
apiVersion: sre/v1
kind: DataSource
metadata: {name: nowhere, owner: web}
spec: {files: {paths: [nowhere.csv]}}
",
    );
    let both = Run::new(&["budget", "web", "dead", "--at", "2026-05-14T08:10:00Z", "-q"]);
    let ran = both.within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(
        ran.stdout.contains("✗ exhausted") && ran.stdout.contains("unknown dead: "),
        "{}",
        ran.stdout
    );
}

#[test]
fn one_objective_asking_in_vain_does_not_hide_the_others() {
    let files = web();
    let text = files.read("specs/web.yaml").replace("good: status < 500", "good: stats < 500");
    files.write("specs/web.yaml", text.as_bytes());
    let ran = Run::new(&["budget", "-q"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("has no column `stats`; did you mean `status`?"), "{}", ran.stdout);
    let answer = Run::new(&["budget", "-q"]).within(&files).json();
    assert_eq!(answer["items"][0]["total"], 1200);
    assert_eq!(answer["items"][1]["state"], "unknown");
}

#[test]
fn selects_by_label_service_owner_and_tier() {
    let files = web();
    let names = |arguments: &[&str]| -> Vec<String> {
        let answer = Run::new(&["budget"]).args(arguments.iter().copied()).within(&files).json();
        let items = answer["items"].as_array().unwrap();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["fast", "web"]);
    for selection in [
        ["-l", "team=web"],
        ["--service", "shop"],
        ["--owner", "web"],
        ["--tier", "1"],
        ["--slo", "web"],
        ["--slo", "specs/web.yaml"],
    ] {
        assert!(names(&selection).contains(&"web".to_owned()), "{selection:?}");
    }
    assert_eq!(names(&["--owner", "other"]), ["fast"]);
    Run::new(&["budget", "--owner", "nobody"]).within(&files).check(
        "",
        "error: no objective is meant by this\n  help: `sre list slo` shows what there is\n",
        2,
    );
}

#[test]
fn unknown_names_and_missing_files() {
    let files = web();
    let run = |arguments: &[&str]| Run::new(arguments).within(&files);
    run(&["budget", "--slo", "wib"]).check(
        "",
        "error: no SLO is called `wib`\n  help: did you mean `web`?\n",
        2,
    );
    run(&["budget", "--slo", "specs/wib.yaml"]).check(
        "",
        "error: `specs/wib.yaml` does not exist\n",
        2,
    );
    run(&["budget", "--data", "wib.csv"]).check("", "error: `wib.csv` does not exist\n", 2);
    run(&["budget", "--data", "specs"]).check(
        "",
        "error: `specs` is a folder\n  help: name its files, such as `logs/*.log`\n",
        2,
    );
    run(&["budget", "web", "--format", "xml"]).check(
        "",
        "error: no format `xml`; expected one of table, json, yaml, csv, markdown, openmetrics\n",
        2,
    );
}

#[test]
fn fails_only_on_what_is_asked_for() {
    let files = web();
    files.write(
        "specs/broken.yaml",
        b"apiVersion: sre/v1\nkind: SLO\nmetadata: {name: broken}\nspec: {target: 7}\n",
    );
    assert_eq!(Run::new(&["budget", "web"]).within(&files).go().code, 0);
    assert_eq!(Run::new(&["budget", "--slo", "specs/web.yaml"]).within(&files).go().code, 0);
    let ran = Run::new(&["budget", "broken"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("specs/broken.yaml:4:16"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("help: `sre validate` shows everything that is wrong\n"));
}

#[test]
fn reads_standard_input_in_any_order() {
    let files = web();
    let text = files.read("requests.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let run = Run::new(&["budget", "web", "--data", "-"]).within(&files).stdin(&lines.join("\n"));
    let (found, expected) = (run.json(), Run::new(&["budget", "web"]).within(&files).json());
    assert_eq!(only(&found)["budget"], only(&expected)["budget"]);
    assert_eq!(only(&found)["burn_rates"], only(&expected)["burn_rates"]);
    assert_eq!(only(&found)["source"], "<stdin>");
}

#[test]
fn bad_lines_are_shown_and_too_many_refused() {
    let files = web();
    let text = files.read("requests.csv") + "tomorrow,200,0.1\n";
    files.write("requests.csv", text.as_bytes());
    let run = |arguments: &[&str]| {
        Run::new(&["budget", "web"]).args(arguments.iter().copied()).within(&files).go()
    };
    let ran = run(&[]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.contains("warning: requests: 1 line could not be read\n  requests.csv:1202: "),
        "{}",
        ran.stderr
    );
    let ran = run(&["--max-bad-lines", "0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("? unknown"), "{}", ran.stdout);
    assert_eq!(run(&["--max-bad-lines", "few"]).code, 2);
}

#[test]
fn every_format_answers() {
    let files = web();
    for format in ["table", "json", "yaml", "csv", "markdown", "openmetrics"] {
        let ran = Run::new(&["budget", "--format", format]).within(&files).go();
        assert_eq!(ran.code, 0, "{format}");
        assert!(ran.stdout.contains("web"), "{format}: {}", ran.stdout);
        let again = Run::new(&["budget", "--format", format]).within(&files).go();
        assert_eq!(ran.stdout, again.stdout, "{format}");
    }
    Run::new(&["budget", "--format", "csv", "-q"]).within(&files).check(
        "slo,group,service,target,window,sli,remaining_ratio,adjusted_remaining_ratio,burn_rate,\
         exhausts_at,coverage,state\n\
         fast,,,0.5,1d,0.5,0,,1,never,0.0833333333333,burning\n\
         web,,shop,0.99,1d,0.9975,0.75,,0.25,never,0.0833333333333,burning\n",
        "",
        0,
    );
}

#[test]
fn times_are_shown_in_the_zone_asked_for() {
    let files = web();
    let ran = Run::new(&["budget", "web", "--tz", "Europe/Berlin"]).within(&files).go();
    assert!(
        ran.stdout.contains("2026-05-13 12:00 CEST to 2026-05-14 12:00 CEST"),
        "{}",
        ran.stdout
    );
    let ran = Run::new(&["budget", "web", "--tz", "Europe/Berlim"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `Europe/Berlin`?"), "{}", ran.stderr);
}
