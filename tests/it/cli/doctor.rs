//! `sre doctor` on files and programs.
use super::harness::{Files, NOW, Run};
use serde_json::Value;
use std::fmt::Write as _;

/// Eleven days of orders by the hour that end thirteen hours before [`NOW`].
fn orders() -> String {
    let mut csv = String::from("time,orders,failed\n");
    for day in 20..31 {
        for hour in 0..24 {
            let failed = u8::from(hour == 7);
            writeln!(csv, "2026-11-{day}T{hour:02}:00:00Z,40,{failed}").unwrap();
        }
    }
    csv
}

fn document(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: {kind}\nmetadata: {{name: {name}, owner: us}}\nspec: {spec}\n"
    )
}

/// A catalog in which something is wrong with everything but `checkout`.
fn shop() -> Files {
    let counts = |source: &str, bad: &str| {
        format!(
            "{{target: 99%, window: 7d, sli: {{source: {source}, counts: {{bad: {bad}, total: orders}}}}}}"
        )
    };
    let files = |path: &str| format!("{{files: {{paths: [{path}], records: counts}}}}");
    let catalog: String = [
        document("DataSource", "orders", &files("orders.csv")),
        document("DataSource", "gone", &files("gone.csv")),
        document("DataSource", "nonsense", &files("nonsense.csv")),
        document("DataSource", "program", "{command: {run: [cat, orders.csv], records: counts}}"),
        document("DataSource", "dead", "{prometheus: {url: \"http://127.0.0.1:9\"}}"),
        document("SLO", "checkout", &counts("orders", "failed")),
        document("SLO", "month", &counts("orders", "failed").replace("7d", "30d")),
        document("SLO", "wrong-column", &counts("orders", "faild")),
        document("SLO", "no-file", &counts("gone", "failed")),
        document("SLO", "no-table", &counts("nonsense", "failed")),
        document("SLO", "by-program", &counts("program", "failed")),
        document("SLO", "without-sli", "{target: 99%, window: 7d}"),
        document("SLO", "without-source", &counts("x", "failed").replace("source: x, ", "")),
        document(
            "SLO",
            "on-server",
            "{target: 99%, window: 7d, sli: {source: dead, prometheus: {bad: x, total: y}}}",
        ),
    ]
    .concat();
    Files::new(&[
        ("sre.yaml", "{}"),
        ("catalog.yaml", &catalog),
        ("orders.csv", &orders()),
        ("nonsense.csv", "who,knows\n1,2\n"),
    ])
}

fn doctor(files: &Files, arguments: &[&str]) -> (Value, u8) {
    let run = || Run::new(&["doctor", "-q"]).args(arguments.iter().copied()).within(files);
    (run().json(), run().go().code)
}

fn states(answer: &Value, list: &str) -> Vec<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items = answer[list].as_array().unwrap().iter();
    items.map(|item| (text(item, "name"), text(item, "state"))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[test]
fn one_broken_source_hides_nothing_of_the_others() {
    let (answer, code) = doctor(&shop(), &[]);
    let expected = [
        ("dead", "bad"),
        ("gone", "bad"),
        ("nonsense", "bad"),
        ("orders", "ok"),
        ("program", "unknown"),
    ];
    assert_eq!(states(&answer, "sources"), pairs(&expected));
    let mut items = states(&answer, "items");
    items.sort();
    let expected = [
        ("by-program", "unknown"),
        ("checkout", "ok"),
        ("month", "warning"),
        ("no-file", "unknown"),
        ("no-table", "unknown"),
        ("on-server", "unknown"),
        ("without-sli", "bad"),
        ("without-source", "bad"),
        ("wrong-column", "bad"),
    ];
    assert_eq!(items, pairs(&expected));
    // A server that does not answer is about the surroundings.
    assert_eq!((code, &answer["state"]), (3, &Value::from("bad")));
}

#[test]
fn the_exit_code_says_what_was_found() {
    let files = shop();
    for (arguments, expected) in [
        (&["checkout"][..], 0),
        (&["month"], 0),
        (&["month", "--fail-on", "warning"], 1),
        (&["wrong-column"], 1),
        (&["wrong-column", "--fail-on", "never"], 0),
        (&["without-sli"], 1),
        (&["no-file"], 1),
        (&["on-server"], 3),
        (&["by-program"], 0),
        (&["nobody"], 2),
        (&["checkout", "--data", "gone.csv"], 2),
        (&["on-server", "--prometheus", "nowhere"], 2),
    ] {
        let ran = Run::new(&["doctor"]).args(arguments.iter().copied()).within(&files).go();
        assert_eq!(ran.code, expected, "{arguments:?}: {ran:?}");
    }
}

#[test]
fn programs_run_only_where_that_is_allowed() {
    let files = shop();
    let finding = |answer: &Value| answer["sources"][0]["findings"][0].clone();
    let (answer, _) = doctor(&files, &["by-program"]);
    assert_eq!(finding(&answer)["check"], "program");
    assert_eq!(finding(&answer)["message"], "`cat` is not run unless that is allowed");
    let (answer, code) = doctor(&files, &["by-program", "--allow-command"]);
    assert_eq!(finding(&answer)["message"], "264 records in 1 file");
    assert_eq!((code, &answer["state"]), (0, &Value::from("ok")));
}

#[test]
fn the_age_of_data_is_held_against_the_present() {
    let files = shop();
    let age = |now: &str| {
        let (answer, _) = doctor(&files, &["checkout", "--now", now]);
        let findings = answer["sources"][0]["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["check"] == "age").unwrap()["state"].clone()
    };
    assert_eq!(age(NOW), "ok");
    assert_eq!(age("2026-12-01T23:00:00Z"), "ok");
    assert_eq!(age("2026-12-01T23:01:00Z"), "warning");
}

#[test]
fn too_little_of_a_window_is_said_with_when_the_data_begin() {
    let (answer, _) = doctor(&shop(), &["month"]);
    let findings = answer["items"][0]["findings"].as_array().unwrap();
    let coverage = findings.iter().find(|finding| finding["check"] == "coverage").unwrap();
    assert_eq!(coverage["state"], "warning");
    let message = coverage["message"].as_str().unwrap();
    assert!(message.starts_with("36.67% of its window is known"), "{message}");
    let help = coverage["help"].as_str().unwrap();
    assert!(help.starts_with("the data begin 2026-11-20 00:00 UTC"), "{help}");
}

#[test]
fn the_answer_reads_well() {
    Run::new(&["doctor", "wrong-column", "no-file"])
        .within(&shop())
        .on_terminal(80)
        .env("NO_COLOR", "1")
        .check(
            "2 sources, 2 objectives: 2 bad, 1 unknown

SOURCE  SLO           STATE      CHECKS
gone    –             ✗ bad      read
gone    no-file       ? unknown  source
orders  –             ✓ ok       records, age
orders  wrong-column  ✗ bad      query

gone
• bad read: `gone.csv` cannot be read: no such file

wrong-column
• bad query: `orders.csv` has no column `faild`; did you mean `failed`?
",
            "",
            1,
        );
}

#[test]
fn every_format_names_what_is_wrong() {
    let files = shop();
    for format in ["table", "json", "yaml", "csv", "markdown"] {
        let ran = Run::new(&["doctor", "wrong-column", "--format", format]).within(&files).go();
        assert_eq!(ran.code, 1, "{format}: {ran:?}");
        assert!(ran.stdout.contains("faild"), "{format}: {}", ran.stdout);
    }
}
