//! Runs at a terminal: script(1) makes one, and what is typed comes through it as from a keyboard.
use super::{Catalog, lives, wait_for};
use crate::servers::installed;
use std::{
    fs,
    io::Write as _,
    process::{Child, Command, Stdio},
};

/// A run at a terminal. What it shows is in the file `shown`.
struct AtTerminal {
    child: Child,
    shown: std::path::PathBuf,
}

impl AtTerminal {
    fn start(catalog: &Catalog, arguments: &str) -> Self {
        let shown = catalog.path().join("shown");
        let command = format!(
            "trap : INT; {} {arguments}; echo \"ended with $?\"",
            env!("CARGO_BIN_EXE_sre")
        );
        let child = Command::new("script")
            .args(["--quiet", "--flush", "--command", &command])
            .arg(&shown)
            .current_dir(catalog.path())
            .env("USER", "tester")
            .env("TERM", "xterm")
            .env("SHELL", "/bin/bash")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("CI")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, shown }
    }

    fn type_in(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.shown).unwrap_or_default()).into_owned()
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        wait_for(text, || self.text().contains(text));
    }

    fn end(mut self) -> String {
        self.wait_for("ended with");
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        self.text()
    }
}

#[test]
fn what_destroys_is_confirmed_by_typing_what_it_is_done_to() {
    if !installed(&["script"]) {
        return;
    }
    let catalog = Catalog::new(
        "  shell: sh\n  target: orders-db\n  steps:\n    - {step: 1, action: Look, command: echo fine, risk: none}\n    \
         - {step: 2, action: Remove it, command: touch removed, risk: destructive, timeout: 1m}\n    - {step: 3, action: Tell people}\n",
    );
    let mut terminal = AtTerminal::start(&catalog, "runbook run book");
    terminal.wait_for("`orders-db` runs it");
    terminal.type_in("y\nyes\n\n");
    assert!(!catalog.path().join("specs/removed").exists());
    terminal.type_in("orders-db\n");
    terminal.wait_for("type what shows that it is done");
    assert!(catalog.path().join("specs/removed").exists());
    terminal.type_in("told them in the channel\n");
    let text = terminal.end();
    assert!(text.contains("ended with 0"), "{text}");
    assert_eq!(catalog.events("step_confirmed")[1]["answer"], "typed `orders-db`");
    assert_eq!(catalog.events("step_attested")[0]["evidence"], "told them in the channel");
}

const HANGING: &str = "  shell: sh\n  steps:\n    - {step: 1, action: A, command: touch done, undo: rm done}\n    - step: 2\n      action: Hang\n      \
    command: \"echo $$ > process; trap '' TERM; while :; do sleep 0.1; done\"\n";

#[test]
fn control_c_once_ends_a_step_and_offers_to_undo() {
    if !installed(&["script"]) {
        return;
    }
    let catalog = Catalog::new(&HANGING.replace("trap '' TERM; ", ""));
    let mut terminal = AtTerminal::start(&catalog, "runbook run book --yes-up-to low");
    let file = catalog.path().join("specs/process");
    wait_for("the step", || fs::read_to_string(&file).is_ok_and(|text| !text.is_empty()));
    terminal.type_in("\u{3}");
    terminal.wait_for("u undoes step 1");
    assert!(!lives(&fs::read_to_string(&file).unwrap()));
    terminal.type_in("u\n");
    let text = terminal.end();
    // What the step that was interrupted did is not known, so that not everything is undone.
    assert!(text.contains("ended with 12"), "{text}");
    assert!(!catalog.path().join("specs/done").exists());
    assert_eq!(catalog.events("run_ended")[0]["left"], serde_json::json!([2]));
}

#[test]
fn control_c_twice_kills() {
    if !installed(&["script"]) {
        return;
    }
    let catalog = Catalog::new(HANGING);
    let mut terminal = AtTerminal::start(&catalog, "runbook run book --yes-up-to low");
    let file = catalog.path().join("specs/process");
    wait_for("the step", || fs::read_to_string(&file).is_ok_and(|text| !text.is_empty()));
    let process = fs::read_to_string(&file).unwrap();
    let began = std::time::Instant::now();
    terminal.type_in("\u{3}");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(lives(&process), "it does not listen to TERM, and has its time");
    terminal.type_in("\u{3}");
    terminal.wait_for("u undoes step 1");
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "killed before its time was over");
    assert!(!lives(&process));
    terminal.type_in("\u{3}");
    let text = terminal.end();
    assert!(text.contains("ended with 12"), "{text}");
    assert!(catalog.path().join("specs/done").exists());
}

#[test]
fn a_closed_terminal_leaves_nothing_running() {
    if !installed(&["script"]) {
        return;
    }
    let catalog = Catalog::new(&HANGING.replace("trap '' TERM; ", ""));
    let mut terminal = AtTerminal::start(&catalog, "runbook run book --yes-up-to low");
    let file = catalog.path().join("specs/process");
    wait_for("the step", || fs::read_to_string(&file).is_ok_and(|text| !text.is_empty()));
    let process = fs::read_to_string(&file).unwrap();
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    wait_for("the end of the step", || !lives(&process));
    wait_for("the end of the run", || !catalog.events("run_ended").is_empty());
    assert_eq!(catalog.events("run_ended")[0]["outcome"], "aborted");
    assert!(catalog.path().join("specs/done").exists(), "nothing is undone unasked");
}

#[test]
fn a_program_that_asks_the_terminal_is_ended_instead_of_hanging() {
    if !installed(&["script"]) {
        return;
    }
    let catalog = Catalog::new(
        "  shell: sh\n  steps: [{step: 1, action: Ask, command: 'read answer < /dev/tty; echo \"$answer\"'}]\n",
    );
    let mut terminal = AtTerminal::start(&catalog, "runbook run book --yes-up-to low");
    terminal.wait_for("asked for input from the terminal");
    terminal.type_in("q\n");
    let text = terminal.end();
    assert!(text.contains("ended with 10"), "{text}");
}
