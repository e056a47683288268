//! The first examples, written as YAML with their old spellings.
use super::harness::{Files, Run};

const SEED: &str = r"apiVersion: sre/v1
kind: SLI
metadata: {name: api_availability}
spec:
  category: availability
  indicator: successful_requests / total_requests
  measurement_method: percentage over 1 minute windows
---
apiVersion: sre/v1
kind: SLO
metadata: {name: API 99.9% Availability}
spec: {target: 0.999, window: 30d}
---
apiVersion: sre/v1
kind: SLO
metadata: {name: API P99 Latency}
spec: {threshold_ms: 200, target_percent: 0.99, window: 30d}
";

#[test]
fn the_first_examples_validate_with_warnings() {
    let ran = Run::new(&["validate"]).within(&Files::new(&[("specs/seed.yaml", SEED)])).go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("`target_percent` is an old spelling of `target`"));
    assert!(!ran.stdout.contains("error["), "{}", ran.stdout);
}

#[test]
fn fixing_writes_the_units() {
    let files = Files::new(&[("specs/seed.yaml", SEED)]);
    Run::new(&["validate", "--fix"]).within(&files).go();
    let expected = SEED
        .replace("threshold_ms: 200", "threshold: 200ms")
        .replace("target_percent: 0.99", "target: 99%");
    assert_eq!(files.read("specs/seed.yaml"), expected);
}

/// `calculate_error_budget(slo, actual_performance=0.998)`: twice the budget is spent.
#[test]
fn a_bare_number_is_enough_for_a_budget() {
    let files = Files::new(&[("specs/seed.yaml", SEED)]);
    let run =
        || Run::new(&["budget", "API 99.9% Availability", "--actual", "0.998"]).within(&files);
    assert_eq!(run().go().code, 1);
    let answer = run().json();
    let item = &answer["items"][0];
    assert_eq!(item["unit"], "ratio");
    assert_eq!(item["burn_rate"], 2.0);
    assert_eq!(item["budget"]["allowed"], 0.001);
    assert_eq!(item["budget"]["spent"], 0.002);
    assert_eq!(item["budget"]["remaining_ratio"], -1.0);
    assert_eq!(item["minutes"]["allowed"], 43.2);
    assert_eq!(item["coverage"], serde_json::Value::Null);
    run().args(["--fail-on", "never", "-q"]).check(
        "SLO                     SERVICE  TARGET  WINDOW     SLI  BUDGET          LEFT  BURN  EXHAUSTS  KNOWN  STATE\n\
         API 99.9% Availability  –         99.9%  30d     99.80%  ░░░░░░░░░░  -100.00%  2.00  –         –      ✗ exhausted\n\
         \n\
         allowed  0.10%\n\
         spent    0.20%\n\
         in time  86.4 of 43.2 minutes of full outage spent\n",
        "",
        0,
    );
    Run::new(&["budget", "API 99.9% Availability", "--actual", "0.999"]).within(&files).go();
}

#[test]
fn what_is_met_exactly_is_not_exhausted() {
    let files = Files::new(&[("specs/seed.yaml", SEED)]);
    let run = |actual: &str| {
        Run::new(&["budget", "API 99.9% Availability", "--actual", actual]).within(&files).go().code
    };
    assert_eq!((run("0.999"), run("0.998999999"), run("99.9%")), (0, 1, 0));
    assert_eq!(run("99.9"), 2);
}

#[test]
fn without_an_indicator_there_is_nothing_to_measure() {
    let files = Files::new(&[("specs/seed.yaml", SEED), ("data.csv", "time,good\n")]);
    let ran =
        Run::new(&["budget", "API 99.9% Availability", "--data", "data.csv"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("the objective names no indicator (`sli`)"), "{}", ran.stdout);
}
