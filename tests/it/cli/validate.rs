//! `sre validate`.
use super::harness::{Files, Run};
use serde_json::Value;

const BROKEN: &str = "apiVersion: sre/v1
kind: SLO
metadata: {name: web, owner: team}
spec:
  service: shop
  sli: web
  target: 99.9
  windw: 30d
";

fn broken() -> Files {
    Files::new(&[("specs/web.yaml", BROKEN)])
}

#[test]
fn finds_everything_in_one_run() {
    let ran = Run::new(&["validate", "--format", "concise"]).within(&broken()).go();
    assert_eq!(ran.code, 1);
    let found: Vec<&str> =
        ran.stdout.lines().map(|line| line.split(": ").next().unwrap()).collect();
    for place in
        ["specs/web.yaml:5:12", "specs/web.yaml:6:8", "specs/web.yaml:7:11", "specs/web.yaml:8:3"]
    {
        assert!(found.contains(&place), "{place}: {}", ran.stdout);
    }
}

#[test]
fn every_format_names_the_problem() {
    let files = broken();
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit"] {
        let ran = Run::new(&["validate", "--format", format]).within(&files).go();
        assert_eq!(ran.code, 1, "{format}");
        assert!(ran.stdout.contains("unknown field `windw`"), "{format}: {}", ran.stdout);
        if ["json", "sarif", "gitlab"].contains(&format) {
            serde_json::from_str::<Value>(&ran.stdout).unwrap();
        }
    }
    let ran = Run::new(&["validate", "--format", "xml"]).within(&files).go();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn levels_decide_what_fails() {
    let text =
        BROKEN.replace("99.9", "99.9%").replace("windw", "window").replace("  sli: web\n", "");
    let files = Files::new(&[("specs/web.yaml", &text)]);
    let code = |arguments: &[&str]| {
        Run::new(&["validate"]).args(arguments.iter().copied()).within(&files).go().code
    };
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--fail-on", "warning"]), 1);
    assert_eq!(code(&["--level", "unknown-service=error"]), 1);
    assert_eq!(code(&["--level", "REF003=error", "--fail-on", "never"]), 0);
    files.write("specs/sre.yaml", b"fail_on: warning\n");
    assert_eq!(code(&[]), 1);
    let ran = Run::new(&["validate", "--level", "unknown-servic=error"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `unknown-service`?"), "{}", ran.stderr);
}

#[test]
fn settings_that_name_no_rule_are_found() {
    let files = Files::new(&[("sre.yaml", "rules: {slo-without-runbok: error}\n")]);
    let ran = Run::new(&["validate", "--format", "concise"]).within(&files).go();
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("no rule is called `slo-without-runbok`"), "{}", ran.stdout);
}

#[test]
fn a_baseline_hides_what_is_known() {
    let files = broken();
    let run = |arguments: &[&str]| {
        Run::new(&["validate"]).args(arguments.iter().copied()).within(&files).go()
    };
    assert_eq!(run(&["--baseline", "known.json", "--write-baseline"]).code, 0);
    let ran = run(&["--baseline", "known.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("hidden by the baseline"), "{}", ran.stderr);
    files.write("specs/web.yaml", format!("# moved down\n{BROKEN}  methd: x\n").as_bytes());
    let ran = run(&["--baseline", "known.json", "--format", "concise"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    assert_eq!(run(&["--baseline", "nowhere.json"]).code, 2);
}

#[test]
fn comments_excuse_until_they_expire() {
    let text = |comment: &str| BROKEN.replace("service: shop", &format!("service: shop {comment}"));
    let found = |comment: &str| {
        let files = Files::new(&[("specs/web.yaml", &text(comment))]);
        Run::new(&["validate", "--format", "concise"]).within(&files).go().stdout
    };
    assert!(found("").contains("REF003"));
    let excused = found("# sre: ignore[unknown-service] until=2027-01-31 described elsewhere");
    assert!(!excused.contains("REF003"), "{excused}");
    let expired = found("# sre: ignore[unknown-service] until=2026-01-31 described elsewhere");
    assert!(expired.contains("REF003") && expired.contains("IGN003"), "{expired}");
}
