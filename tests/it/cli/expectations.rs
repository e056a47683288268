//! `sre test`: expectations that documents carry.
use super::harness::{Files, Run};

fn catalog(tests: &str) -> Files {
    let text = format!(
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {{name: a}}\nspec:\n  target: 99%\n  window: 30d\n  sli: \
         {{category: availability, counts: {{good: good, total: total}}}}\n  alerting:\n    tiers:\n      - \
         {{severity: page, long: 1h, short: 5m, burn_rate: 14}}\n      - {{severity: ticket, long: 6h, short: 30m, burn_rate: \
         2}}\n  tests:\n{tests}---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: b}}\nspec: {{target: 99%, window: 30d, sli: \
         {{category: availability, counts: {{good: good, total: total}}}}}}\n"
    );
    Files::new(&[("sre.yaml", ""), ("a.yaml", &text)])
}

/// 100 events a minute, all good for an hour and then all bad: after m minutes m of the last 60 are bad,
/// and the page, at 14 × 1 % = 14 %, is passed when m / 60 > 0.14, in minute nine.
const OUTAGE: &str = "    - name: outage\n      given: [{for: 1h, events: 100}, {for: 10m, events: 100, bad: 100%}, {for: 30m, events: 100}]\n      then:\n";

fn outage(then: &str) -> Files {
    let lines: String = then.lines().map(|line| format!("        - {line}\n")).collect();
    catalog(&format!("{OUTAGE}{lines}"))
}

#[test]
fn a_tier_fires_in_the_minute_that_arithmetic_says() {
    let files = outage(
        "{at: 1h8m, quiet: [page-1h]}\n{at: 1h9m, fires: [page-1h, page]}\n{at: 1h14m, fires: [page-1h]}\n{at: 1h15m, quiet: [page]}\n\
         {at: 1h, remaining_at_least: 100%, quiet: [page, ticket]}\n{at: 1h10m, remaining_at_most: 0%, fires: [ticket-6h]}",
    );
    let ran = Run::new(&["test"]).within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("1 test passed, 0 failed, 10 expectations; 1 document without tests"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_failure_says_what_was_found_and_when_it_would_be_so() {
    let files =
        outage("{at: 1h8m, fires: [page-1h]}\n{at: 1h10m, quiet: [page], remaining_at_least: 90%}");
    let ran = Run::new(&["test", "a"]).within(&files).go();
    assert_eq!(ran.code, 1);
    for expected in [
        "at 1h8m: page-1h fires: `page-1h` is rising: burn rate 13.33 over 1h and 100.00 over 5m, threshold 14.00. In this \
         test it fires from 1h9m to 1h14m",
        "at 1h10m: page does not fire: `page-1h` is firing",
        "at 1h10m: at least 90% of the budget is left: -1,328.57% is left",
        "a.yaml:16",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}\n{}", ran.stdout);
    }
    let answer = Run::new(&["test", "a"]).within(&files).json();
    assert_eq!(answer["failed"], 1);
    assert_eq!(answer["items"][0]["checks"][0]["passed"], false);
    let junit = Run::new(&["test", "--format", "junit"]).within(&files).go();
    assert_eq!(junit.code, 1);
    assert!(junit.stdout.starts_with("<?xml"), "{}", junit.stdout);
    assert!(junit.stdout.contains("tests=\"1\" failures=\"1\""), "{}", junit.stdout);
    assert!(junit.stdout.contains("message=\"3 of 3 expectations\""), "{}", junit.stdout);
}

#[test]
fn a_test_that_cannot_run_fails_and_says_why() {
    for (tests, expected) in [
        ("    - {name: x, given: [{for: 1h, events: 1}], then: []}\n", "it expects nothing"),
        (
            "    - {name: x, given: [], then: [{at: 1h, quiet: [page]}]}\n",
            "it gives no measurements",
        ),
        (
            "    - {name: x, given: [{for: 1h, events: 1}], then: [{at: 2h, quiet: [page]}]}\n",
            "the measurements end after 1h",
        ),
        (
            "    - {name: x, given: [{for: 1h, events: 1}], then: [{at: 1h, quiet: [pager]}]}\n",
            "no tier is called so",
        ),
        (
            "    - {name: x, given: [{for: 90s, events: 1}], then: [{at: 1m, quiet: [page]}]}\n",
            "not a whole number of steps",
        ),
        (
            "    - {name: x, given: [{for: 1y, events: 1}], then: [{at: 1m, quiet: [page]}]}\n",
            "more than 100,000 steps",
        ),
        (
            "    - {name: x, given: [{for: 1h, missing: true}], then: [{at: 1h, fires: [page]}]}\n",
            "is unknown",
        ),
    ] {
        let ran = Run::new(&["test"]).within(&catalog(tests)).go();
        assert_eq!(ran.code, 1, "{tests}{}", ran.stdout);
        assert!(ran.stdout.contains(expected), "{expected}\n{}", ran.stdout);
    }
    let wrong = "    - {name: x, given: [{for: 1h, events: 1, missing: true}], then: [{at: 1h}]}\n";
    assert_eq!(Run::new(&["test"]).within(&catalog(wrong)).go().code, 2);
    assert_eq!(Run::new(&["test", "nothing"]).within(&catalog("")).go().code, 2);
}

#[test]
fn the_tests_of_the_example_catalog_pass() {
    let answer = Run::new(&["test"]).json();
    assert_eq!(answer["failed"], 0, "{answer:#}");
    assert!(answer["passed"].as_u64().unwrap() >= 2);
}

/// 100 events a minute of which one in a thousand fails: in a day as much as a target of 99.9 % allows in
/// it, and nothing is left of the day's share of the window, whatever sums of parts of events come to.
#[test]
fn a_budget_that_is_spent_to_the_last_event_is_spent() {
    let text = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  target: 99.9%\n  window: 1d\n  sli: {category: availability, counts: {good: good, total: total}}\n  tests:\n    - name: all of it\n      given: [{for: 1d, events: 100, bad: 0.1%}]\n      then: [{at: 1d, remaining_at_most: 0%, remaining_at_least: 0%}]\n";
    let files = Files::new(&[("sre.yaml", ""), ("a.yaml", text)]);
    let ran = Run::new(&["test"]).within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let text = text.replace(
        "remaining_at_most: 0%, remaining_at_least: 0%",
        "remaining_at_most: 20%, remaining_at_least: 50%",
    );
    files.write("a.yaml", text.as_bytes());
    let ran = Run::new(&["validate"]).within(&files).go();
    assert!(ran.stdout.contains("at least 50% and at most 20% of the budget"), "{}", ran.stdout);
}
