//! Runs that were stopped, and go on.
use super::{Catalog, lives, send, wait_for};
use std::fs;

const THREE: &str = "  shell: sh\n  steps:\n    - {step: 1, action: A, command: echo a >> log, capture: said}\n    \
    - {step: 2, action: B, command: 'echo b >> log; echo $$ > process; while [ -e wait ]; do sleep 0.05; done', undo: echo un-b >> log}\n    \
    - {step: 3, action: C, command: echo c >> log}\n";

/// A run that was killed in the middle of its second step, without a chance to say so.
fn killed() -> Catalog {
    let catalog = Catalog::new(THREE);
    fs::write(catalog.path().join("specs/wait"), "").unwrap();
    let mut child =
        catalog.command(&["runbook", "run", "book", "--yes-up-to", "low"]).spawn().unwrap();
    let file = catalog.path().join("specs/process");
    wait_for("the second step", || fs::read_to_string(&file).is_ok_and(|text| !text.is_empty()));
    send("-KILL", child.id());
    child.wait().unwrap();
    catalog
}

fn log(catalog: &Catalog) -> String {
    fs::read_to_string(catalog.path().join("specs/log")).unwrap()
}

#[test]
fn a_step_in_flight_is_unknown_until_somebody_says_what_became_of_it() {
    let catalog = killed();
    // What ran is an orphan now: it is told of, and not done again unasked.
    let process = fs::read_to_string(catalog.path().join("specs/process")).unwrap();
    assert!(lives(&process));
    let run = catalog.run_name();
    let again = catalog.run(&[]);
    assert_eq!(again.code, Some(17), "{}", again.stderr);
    assert!(again.stderr.contains(&format!("sre runbook resume {run}")), "{}", again.stderr);
    let resume = |more: &[&str]| {
        catalog.sre(&[&["runbook", "resume", &run, "--yes-up-to", "low"], more].concat())
    };
    let refused = resume(&[]);
    assert_eq!(refused.code, Some(13));
    assert!(refused.stderr.contains("what became of step 2 is not known"), "{}", refused.stderr);
    fs::remove_file(catalog.path().join("specs/wait")).unwrap();
    wait_for("the end of the orphan", || !lives(&process));
    let resumed = resume(&["--unknown", "2=looked into the log"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert_eq!(log(&catalog), "a\nb\nc\n");
    assert_eq!(catalog.events("step_attested")[0]["evidence"], "looked into the log");
    assert_eq!(resume(&[]).code, Some(2), "it has ended");
    assert_eq!(catalog.sre(&["runbook", "verify", &run]).code, Some(0));
}

#[test]
fn a_step_in_flight_is_done_again_only_when_told() {
    let catalog = killed();
    fs::remove_file(catalog.path().join("specs/wait")).unwrap();
    let run = catalog.run_name();
    let resumed =
        catalog.sre(&["runbook", "resume", &run, "--yes-up-to", "low", "--unknown", "2=again"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("What became of step 2 is not known"), "{}", resumed.stderr);
    assert_eq!(log(&catalog), "a\nb\nb\nc\n");
}

#[test]
fn a_changed_runbook_is_not_gone_on_with_unless_the_change_is_accepted() {
    let catalog = killed();
    fs::remove_file(catalog.path().join("specs/wait")).unwrap();
    catalog.write(&THREE.replace("echo c >> log", "echo changed >> log"));
    let run = catalog.run_name();
    let arguments = ["runbook", "resume", &run, "--yes-up-to", "low", "--unknown", "2=it is done"];
    let refused = catalog.sre(&arguments);
    assert_eq!(refused.code, Some(13));
    let shown = "-     - {step: 3, action: C, command: echo c >> log}\n+     - {step: 3, action: C, command: echo changed >> log}";
    assert!(refused.stderr.contains(shown), "{}", refused.stderr);
    let accepted = catalog.sre(&[&arguments[..], &["--accept-changes"]].concat());
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    assert_eq!(log(&catalog), "a\nb\nchanged\n");
    let resumed = &catalog.events("run_resumed")[0];
    assert!(resumed["changed_text"].as_str().unwrap().contains("echo changed"));
}

#[test]
fn a_torn_line_is_taken_off_and_a_changed_one_refused() {
    let catalog = killed();
    fs::remove_file(catalog.path().join("specs/wait")).unwrap();
    let (run, path) = (catalog.run_name(), catalog.transcripts()[0].clone());
    let whole = catalog.transcript();
    fs::write(&path, format!("{whole}{{\"hash\":\"12")).unwrap();
    let resume = || {
        catalog.sre(&[
            "runbook",
            "resume",
            &run,
            "--yes-up-to",
            "low",
            "--unknown",
            "2=done by hand",
        ])
    };
    fs::write(&path, whole.replace("\"operator\":\"tester\"", "\"operator\":\"nobody\"")).unwrap();
    let refused = resume();
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    fs::write(&path, format!("{whole}{{\"hash\":\"12")).unwrap();
    let resumed = resume();
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("never finished"), "{}", resumed.stderr);
    assert_eq!(catalog.sre(&["runbook", "verify", &run]).code, Some(0));
}

#[test]
fn a_failed_step_is_tried_again_when_resumed() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps:\n    - {step: 1, action: A, command: echo a >> log}\n    - {step: 2, action: B, command: test -e fixed}\n",
    );
    assert_eq!(catalog.run(&[]).code, Some(10));
    fs::write(catalog.path().join("specs/fixed"), "").unwrap();
    let run = catalog.run_name();
    let resumed = catalog.sre(&["runbook", "resume", &run, "--yes-up-to", "low"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert_eq!(log(&catalog), "a\n");
}
