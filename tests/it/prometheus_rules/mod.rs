//! `sre export prometheus` with the real promtool: what the rules say of series that are known.
#![expect(clippy::disallowed_methods, reason = "runs promtool on files that it writes")]
mod budgets;
pub(crate) mod dashboards;
mod generated;
mod mutants;

use crate::{
    cli::harness::{Files, Run},
    servers::installed,
};
use std::{collections::BTreeMap, process::Command};

/// Whether promtool is there.
fn promtool() -> bool {
    installed(&["promtool"])
}

/// The rules for a document.
#[track_caller]
pub(crate) fn rules(document: &str, arguments: &[&str]) -> String {
    let files = Files::new(&[("slo.yaml", document)]);
    let run = Run::new(&["export", "prometheus", "slo.yaml", "-q"]).args(arguments.iter().copied());
    let ran = run.within(&files).go();
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    ran.stdout
}

/// Runs unit tests over rules; what promtool says, and whether they pass.
fn test(rules: &str, tests: &str) -> (String, bool) {
    test_files(rules, &BTreeMap::from([("tests.yaml".to_owned(), tests.to_owned())]))
}

/// The same with tests in several files.
fn test_files(rules: &str, tests: &BTreeMap<String, String>) -> (String, bool) {
    let files = Files::new(&[("rules.yaml", rules)]);
    for (name, text) in tests {
        files.write(name, text.as_bytes());
    }
    let mut command = Command::new("promtool");
    command.args(["test", "rules"]).args(tests.keys()).current_dir(files.path());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), output.status.success())
}

/// Checks rules, and runs unit tests over them, each of which is one of promtool's `tests`.
#[track_caller]
fn check(rules: &str, interval: &str, tests: &str) {
    let files = Files::new(&[("rules.yaml", rules)]);
    let output = Command::new("promtool")
        .args(["check", "rules", "rules.yaml"])
        .current_dir(files.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{rules}", String::from_utf8_lossy(&output.stderr));
    let tests =
        format!("rule_files: [rules.yaml]\nevaluation_interval: {interval}\ntests:\n{tests}");
    let (said, passed) = test(rules, &tests);
    assert!(passed, "{said}\n{rules}");
}
