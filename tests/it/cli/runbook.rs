//! `sre runbook` in a made-up world; real processes are in `runbook`.
#![expect(
    clippy::disallowed_methods,
    reason = "programs are looked for where this test was started"
)]
use super::harness::{Files, Run};

/// The first example, written as YAML.
const SEED: &str = "apiVersion: sre/v1
kind: Runbook
metadata: {name: Database High CPU Runbook}
spec:
  steps:
    - {step: 1, action: Check current connections, command: SHOW PROCESSLIST}
    - {step: 2, action: Identify slow queries, command: EXPLAIN SELECT...}
    - {step: 3, action: Kill blocking queries if needed}
    - {step: 4, action: Restart database if unresponsive}
  escalation_path: [on_call, dba_team, manager]
";

fn seed() -> Files {
    Files::new(&[("specs/seed.yaml", SEED)])
}

#[test]
fn the_first_example_validates_with_warnings() {
    let ran = Run::new(&["validate"]).within(&seed()).go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(!ran.stdout.contains("error["), "{}", ran.stdout);
    for rule in ["command-without-program", "runbook-without-alert", "unknown-escalation"] {
        assert!(ran.stdout.contains(rule), "{rule}: {}", ran.stdout);
    }
}

#[test]
fn a_plan_says_what_is_missing_and_nothing_is_run_without_it() {
    let ran = Run::new(&["runbook", "plan", "Database High CPU Runbook"]).within(&seed()).go();
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("SHOW PROCESSLIST"), "{}", ran.stdout);
    assert!(ran.stdout.contains("step 1: nothing says which program reads this"), "{}", ran.stdout);
    let ran = Run::new(&["runbook", "run", "specs/seed.yaml", "--yes-up-to", "destructive"])
        .within(&seed())
        .go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("this runbook cannot be run yet"), "{}", ran.stderr);
}

#[test]
fn a_plan_shows_exactly_what_would_be_executed() {
    let files = Files::new(&[(
        "specs/book.yaml",
        "apiVersion: sre/v1
kind: Runbook
metadata: {name: book}
spec:
  target: ${host}
  params:
    - {name: host}
    - {name: token, secret: {env: TOKEN}}
  interpreter: [ssh, -o, BatchMode=yes, --, \"${host}\"]
  steps:
    - {step: 1, action: Look, command: 'uptime; w', risk: none, capture: {name: load, pattern: '[0-9.]+'}}
    - {step: 2, action: Act, argv: [notify, --load, \"${load}\"], retries: 1, idempotent: true, undo: {action: Tell again}}
",
    )]);
    let run = || {
        Run::new(&["runbook", "plan", "book", "-p", "host=db 1"])
            .within(&files)
            .env("TOKEN", "hunter22")
    };
    let answer = run().json();
    assert_eq!(answer["target"], "db 1");
    assert_eq!(answer["parameters"]["token"], serde_json::Value::Null);
    let first = &answer["items"][0]["program"];
    let arguments = serde_json::json!(["ssh", "-o", "BatchMode=yes", "--", "db 1", "uptime; w"]);
    assert_eq!(first["arguments"], arguments);
    assert_eq!(first["environment"], serde_json::json!(["host", "token"]));
    assert_eq!(first["folder"], "specs");
    assert_eq!(answer["items"][1]["program"]["arguments"][2], "<load from step 1>");
    let ran = run().go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("ssh -o BatchMode=yes -- 'db 1' 'uptime; w'"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hunter22"));
    let without = Run::new(&["runbook", "plan", "book"]).within(&files).go();
    assert_eq!(without.code, 1);
    assert!(without.stdout.contains("`host` has no value"), "{}", without.stdout);
    assert!(without.stdout.contains("the variable TOKEN is not set"), "{}", without.stdout);
}

#[test]
fn whoever_can_be_asked_now_is_named() {
    let ran = Run::new(&["runbook", "show", "database-high-cpu"]).json();
    let escalation = ran["escalation"].as_array().unwrap();
    assert_eq!(escalation[0]["kind"], "rotation");
    assert!(!escalation[0]["people"].as_array().unwrap().is_empty());
    assert_eq!(
        (escalation[1]["kind"].as_str(), escalation[2]["people"][0].as_str()),
        (Some("team"), Some("Grace"))
    );
}

const OBJECTIVES: &str = "apiVersion: sre/v1
kind: SLO
metadata: {name: covered}
spec: {target: 99%, window: 30d, runbook: book}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: elsewhere}
spec: {target: 99%, window: 30d, runbook: 'https://wiki.shop.example/x'}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: alone}
spec: {target: 99%, window: 30d}
---
apiVersion: sre/v1
kind: Runbook
metadata: {name: book}
spec:
  steps: [{step: 1, action: Look}]
  reviewed: 2026-01-01
  review_every: 90d
---
apiVersion: sre/v1
kind: Runbook
metadata: {name: lonely}
spec: {steps: [{step: 1, action: Look}]}
";

#[test]
fn alerts_without_runbook_and_runbooks_without_alert_are_found() {
    let files = Files::new(&[("specs/all.yaml", OBJECTIVES)]);
    let run = || Run::new(&["runbook", "coverage"]).within(&files);
    let ran = run().go();
    assert_eq!(ran.code, 1);
    for said in [
        "2 of 3 objectives with a runbook.",
        "`alone` pages, and no runbook says what to do then",
        "no alert leads to `lonely`",
        "the review of `book` is overdue since 2026-04-01",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    let answer = run().json();
    let covered = answer["items"].as_array().unwrap().iter().find(|item| item["slo"] == "covered");
    assert_eq!(covered.unwrap()["runbooks"], serde_json::json!(["book"]));
}

#[test]
fn a_page_is_written_and_read() {
    let page = Run::new(&["runbook", "export", "database-high-cpu"]).go();
    assert_eq!(page.code, 0, "{}", page.stderr);
    let headings: Vec<&str> = page.stdout.lines().filter(|line| line.starts_with("## ")).collect();
    let expected =
        ["Meaning", "Impact", "Diagnosis", "Mitigation", "Parameters", "Steps", "Escalation"];
    assert_eq!(headings, expected.map(|heading| format!("## {heading}")));
    let files = Files::new(&[
        ("specs/sre.yaml", ""),
        (
            "page.md",
            "# Disk full\n\n## Meaning\n\nIt is full.\n\n## Diagnosis\n\nSee how full it is:\n\n```\n$ df -h\nFilesystem\n```\n\n\
             ## Mitigation\n\n- Remove what can be made again\n\n## Links\n\nx\n",
        ),
    ]);
    let ran = Run::new(&["import", "page.md"]).within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr, "page.md:20: not carried over: Links\n");
    let expected = "apiVersion: sre/v1
kind: Runbook
metadata:
  name: Disk-full
  display_name: Disk full
spec:
  alerts:
  - Disk full
  sections:
    meaning: It is full.
    diagnosis: |-
      See how full it is:

      ```
      $ df -h
      Filesystem
      ```
    mitigation: '- Remove what can be made again'
  steps:
  - step: 1
    action: See how full it is
    command: df -h
  - step: 2
    action: Remove what can be made again
";
    assert_eq!(ran.stdout, expected);
    files.write("specs/imported.yaml", ran.stdout.as_bytes());
    assert_eq!(Run::new(&["validate"]).within(&files).go().code, 0);
    let wrong =
        Run::new(&["import", "page.md"]).within(&Files::new(&[("page.md", "# X\n\ntext\n")])).go();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("none of the sections"), "{}", wrong.stderr);
}

#[test]
fn an_objective_that_names_no_runbook_is_told() {
    let files =
        Files::new(&[("specs/all.yaml", &OBJECTIVES.replace("runbook: book", "runbook: bok"))]);
    let ran = Run::new(&["validate"]).within(&files).go();
    assert!(ran.stdout.contains("no Runbook is called `bok`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("did you mean `book`?"), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn whoever_is_there_is_asked_before_each_step_that_can_change_something() {
    let files = Files::new(&[(
        "specs/book.yaml",
        "apiVersion: sre/v1
kind: Runbook
metadata: {name: book}
spec:
  shell: sh
  steps:
    - {step: 1, action: Look, command: touch one, risk: none}
    - {step: 2, action: Act, command: touch two}
    - {step: 3, action: Act more, command: touch three, risk: high, timeout: 1m}
    - {step: 4, action: Tell people}
    - {step: 5, action: Act most, command: touch five}
",
    )]);
    let path = std::env::var("PATH").unwrap();
    let ran = Run::new(&["runbook", "run", "book", "--operator", "ada"])
        .within(&files)
        .env("PATH", &path)
        // A reason is asked for until there is one; `y` is not enough for a risk of `high`.
        .typing("s\n\nalready there\ny\nyes\ntold them\nq\n")
        .go();
    assert_eq!(ran.code, 12, "{}", ran.stderr);
    let exists = |name: &str| files.path().join("specs").join(name).exists();
    assert_eq!(["one", "two", "three", "five"].map(exists), [true, false, true, false]);
    for said in ["already there", "told them", "the operator stopped it"] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    assert!(
        ran.stderr.contains("what step 3 did is still so")
            || ran.stderr.contains("what steps 3, 4 did is still so"),
        "{}",
        ran.stderr
    );
    let list = Run::new(&["runbook", "list"]).within(&files).json();
    assert_eq!(list["items"][0]["last_outcome"], "aborted");
}
