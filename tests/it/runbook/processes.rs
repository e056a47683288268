//! What becomes of the programs that steps run.
use super::{Catalog, lives, send, wait_for};
use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

#[test]
fn a_run_is_recorded_and_can_be_verified() {
    let catalog = Catalog::new(
        "  shell: sh\n  params: [{name: who, default: world}]\n  steps:\n    \
         - {step: 1, action: Greet, command: 'echo \"hello $who\"', capture: said, risk: none}\n    \
         - {step: 2, action: Repeat, argv: [echo, '${said}!'], undo: 'true'}\n",
    );
    let ran = catalog.run(&["-p", "who=you", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["outcome"], "succeeded");
    assert_eq!(answer["parameters"]["who"], "you");
    let ended = catalog.events("step_ended");
    assert_eq!(ended[0]["stdout"]["text"], "hello you\n");
    assert_eq!(ended[1]["stdout"]["text"], "hello you!\n");
    let verified = catalog.sre(&["runbook", "verify", &catalog.run_name()]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    let head = answer["head"].as_str().unwrap();
    assert_eq!(
        catalog.sre(&["runbook", "verify", &catalog.run_name(), "--head", head]).code,
        Some(0)
    );
    let path = &catalog.transcripts()[0];
    fs::write(path, catalog.transcript().replace("hello you!", "hello me!!")).unwrap();
    let verified = catalog.sre(&["runbook", "verify", &catalog.run_name()]);
    assert_eq!(verified.code, Some(1));
    assert!(verified.stdout.contains("was changed at line"), "{}", verified.stdout);
}

#[test]
fn values_are_never_carried_out() {
    let catalog = Catalog::new(
        "  shell: sh\n  params: [{name: value, lines: true}]\n  steps:\n    \
         - {step: 1, action: In a shell, command: 'printf %s \"$value\" > shell.txt', risk: none}\n    \
         - {step: 2, action: As an argument, argv: [sh, save.sh, --, '${value}'], risk: none}\n",
    );
    fs::write(catalog.path().join("specs/save.sh"), "printf %s \"$2\" > argument.txt").unwrap();
    for value in [
        "two\nlines\n",
        "it's \"quoted\" `id`",
        "$(touch hacked); touch hacked",
        "-rf",
        "--help",
        "*",
        "${other} $$ \\ \u{e4}",
        "a;touch hacked #",
        "",
    ] {
        let ran = catalog.run(&["-p", &format!("value={value}")]);
        assert_eq!(ran.code, Some(0), "{value:?}: {}", ran.stderr);
        for file in ["shell.txt", "argument.txt"] {
            let read = fs::read_to_string(catalog.path().join("specs").join(file)).unwrap();
            assert_eq!(read, value, "{file}");
        }
        assert!(!catalog.path().join("specs/hacked").exists(), "{value:?}");
    }
}

#[test]
fn a_value_cannot_become_an_option() {
    let catalog = Catalog::new(
        "  params: [{name: file}]\n  steps:\n    - {step: 1, action: Look, argv: [ls, '${file}'], risk: none}\n",
    );
    let ran = catalog.run(&["-p", "file=--version"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    assert!(ran.stderr.contains("would be taken for an option"), "{}", ran.stderr);
    assert!(catalog.events("step_started").is_empty());
}

#[test]
fn wrong_values_are_refused_before_anything_is_run() {
    let catalog = Catalog::new(
        "  shell: sh\n  params:\n    - {name: number, type: integer, max: 5}\n    - {name: place, choices: [eu, us]}\n    \
         - {name: word, pattern: '[a-z]+'}\n  steps:\n    - {step: 1, action: A, command: 'touch ran; echo \"$number$place$word\"'}\n",
    );
    let ran = catalog.run(&["-p", "number=9", "-p", "place=de", "-p", "word=a\nb", "-p", "wrd=x"]);
    assert_eq!(ran.code, Some(2));
    for said in ["up to 5", "one of `eu`, `us`", "several lines", "did you mean `word`?"] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    assert!(!catalog.path().join("specs/ran").exists() && catalog.transcripts().is_empty());
}

#[test]
fn secrets_are_seen_nowhere() {
    let catalog = Catalog::new(
        "  shell: sh\n  params: [{name: token, secret: {env: TOKEN}}]\n  steps:\n    - step: 1\n      action: Print it in every way\n      \
         risk: none\n      command: |\n        printf 'whole %s\\n' \"$token\"\n        \
         for part in $(printf %s \"$token\" | sed 's/./& /g'); do printf %s \"$part\"; sleep 0.02; done; echo\n        \
         printf %s \"$token\" | base64\n        printf %s \"$token\" | od -An -tx1 | tr -d ' \\n'; echo\n        \
         printf 'to stderr %s\\n' \"$token\" >&2\n",
    );
    let secret = "Tr0ub4dor&3xyz";
    let output = catalog
        .command(&["runbook", "run", "book", "--yes-up-to", "low", "-v"])
        .env("TOKEN", secret)
        .output()
        .unwrap();
    let seen = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr)
        + &catalog.transcript();
    assert_eq!(output.status.code(), Some(0), "{seen}");
    // The text, its base64 but for the last characters, and its hexadecimal digits.
    for form in [secret, "VHIwdWI0ZG9yJjN4eX", "547230756234646f722633", "Tr0ub4d"] {
        assert!(!seen.contains(form), "{form}: {seen}");
    }
    assert!(seen.matches("[redacted]").count() >= 10, "{seen}");
    assert!(!seen.contains("\"token\":\"") && seen.contains("\"token\":null"));
}

#[test]
fn programs_get_no_environment_but_what_is_listed() {
    let catalog = Catalog::new(
        "  requires: {env: [WANTED]}\n  env: {ADDED: 'yes'}\n  steps: [{step: 1, action: Look, argv: [env], risk: none}]\n",
    );
    let mut command = catalog.command(&["runbook", "run", "book", "--yes-up-to", "none"]);
    for name in ["WANTED", "UNWANTED", "LD_PRELOAD_X", "BASH_ENV", "GIT_DIR", "ENV"] {
        command.env(name, "value");
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let ended = &catalog.events("step_ended")[0];
    let mut names: Vec<&str> = ended["stdout"]["text"]
        .as_str()
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ADDED", "HOME", "LC_ALL", "PATH", "USER", "WANTED"]);
    let unmet = catalog.run(&[]);
    assert_eq!(unmet.code, Some(16));
    assert!(unmet.stderr.contains("WANTED is not set"), "{}", unmet.stderr);
}

#[test]
fn what_takes_too_long_is_ended_with_everything_it_started() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps:\n    - step: 1\n      action: Hang\n      timeout: 1s\n      command: |\n        \
         sh -c 'echo $$ > inner; trap \"\" TERM; while :; do sleep 0.1; done' &\n        \
         echo $$ > outer; while :; do sleep 0.1; done\n",
    );
    let began = Instant::now();
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    // One second, then five of grace for the child that does not listen.
    assert!(began.elapsed() < Duration::from_secs(20));
    for file in ["inner", "outer"] {
        let process = fs::read_to_string(catalog.path().join("specs").join(file)).unwrap();
        assert!(!lives(&process), "{file} lives on");
    }
    assert_eq!(catalog.events("step_ended")[0]["outcome"], "timed_out");
    assert_eq!(catalog.events("run_ended")[0]["left"], serde_json::json!([1]));
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_the_run() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps:\n    - step: 1\n      action: Leave something behind\n      \
         command: \"sleep 300 & echo $! > left; echo started\"\n    - {step: 2, action: Go on, argv: ['true']}\n",
    );
    let began = Instant::now();
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(began.elapsed() < Duration::from_secs(20));
    let ended = &catalog.events("step_ended")[0];
    assert_eq!(ended["stdout"]["text"], "started\n");
    let process = fs::read_to_string(catalog.path().join("specs/left")).unwrap();
    assert!(!lives(&process), "what a step leaves behind in its group ends with it");
}

#[test]
fn a_grandchild_that_leaves_the_group_and_holds_the_pipe_does_not_either() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps:\n    - step: 1\n      action: Leave something behind\n      \
         command: \"setsid sleep 30 & echo started\"\n",
    );
    let began = Instant::now();
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(began.elapsed() < Duration::from_secs(15));
    assert_eq!(catalog.events("step_ended")[0]["stdout"]["held_open"], true);
}

#[test]
fn a_gigabyte_of_output_is_counted_and_not_kept() {
    let catalog = Catalog::new(
        "  params: [{name: token, secret: {env: TOKEN}}]\n  steps:\n    - step: 1\n      action: Print\n      risk: none\n      \
         timeout: 5m\n      argv: [sh, -c, 'echo first; head -c 1073741824 /dev/zero | tr \"\\\\0\" x; echo; echo last']\n",
    );
    let mut child = catalog
        .command(&["runbook", "run", "book", "--yes-up-to", "none"])
        .env("TOKEN", "a secret that is not in it")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let code = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok());
        peak = peak.max(size.unwrap_or(0_u64));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(0));
    assert!(peak > 0 && peak < 100 << 10, "{peak} kB of memory");
    let stdout = &catalog.events("step_ended")[0]["stdout"];
    assert_eq!(stdout["bytes"], (1_u64 << 30) + "first\n\nlast\n".len() as u64);
    assert!(stdout["text"].as_str().unwrap().starts_with("first\nxxx"));
    assert!(stdout["tail"].as_str().unwrap().ends_with("xxx\nlast\n"));
    assert!(catalog.transcript().len() < 2 << 20);
}

#[test]
fn what_is_not_text_becomes_text() {
    let catalog = Catalog::new(
        "  steps: [{step: 1, action: Print, risk: none, argv: [printf, '\\377\\376\\033[31mred\\033[0m\\033]0;title\\007\\n10%%\\r20%%\\r\\n\\0end']}]\n",
    );
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = "\u{fffd}\u{fffd}red\n10%\n20%\n\\u{0}end";
    assert_eq!(catalog.events("step_ended")[0]["stdout"]["text"], text);
    assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.contains("red"));
}

#[test]
fn without_somebody_to_answer_only_what_is_allowed_is_run() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps:\n    - {step: 1, action: Look, command: touch one, risk: none}\n    \
         - {step: 2, action: Decide}\n    - {step: 3, action: Act, command: touch three, risk: high, timeout: 1m}\n",
    );
    let plain = catalog.sre(&["runbook", "run", "book"]);
    assert_eq!(plain.code, Some(13));
    for said in
        ["step 1 has the risk `none`", "step 2 is done by a person", "step 3 has the risk `high`"]
    {
        assert!(plain.stderr.contains(said), "{said}: {}", plain.stderr);
    }
    assert_eq!(catalog.sre(&["runbook", "run", "book", "--yes-up-to", "high"]).code, Some(13));
    assert!(!catalog.path().join("specs/one").exists() && catalog.transcripts().is_empty());
    let ran = catalog.sre(&[
        "runbook",
        "run",
        "book",
        "--yes-up-to",
        "high",
        "--evidence",
        "2=the graph fell",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(catalog.events("step_attested")[0]["evidence"], "the graph fell");
    assert!(catalog.path().join("specs/three").exists());
}

#[test]
fn outcomes_have_codes_of_their_own() {
    let failing = |undo: &str| {
        Catalog::new(&format!(
            "  shell: sh\n  steps:\n    - {{step: 1, action: A, command: touch done, undo: '{undo}'}}\n    \
             - {{step: 2, action: B, command: exit 3}}\n",
        ))
    };
    let catalog = failing("rm done");
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    assert!(ran.stdout.contains("it ended with status 3"), "{}", ran.stdout);
    assert!(catalog.path().join("specs/done").exists());
    let catalog = failing("rm done");
    assert_eq!(catalog.run(&["--on-failure", "undo"]).code, Some(14));
    assert!(!catalog.path().join("specs/done").exists());
    assert_eq!(failing("exit 1").run(&["--on-failure", "undo"]).code, Some(15));
}

#[test]
fn one_run_at_a_time_for_a_target() {
    let catalog = Catalog::new(
        "  shell: sh\n  params: [{name: host, default: a}]\n  target: ${host}\n  steps: \
         [{step: 1, action: Wait, command: 'touch \"began-$host\"; while [ ! -e stop ]; do sleep 0.05; done'}]\n",
    );
    let mut first =
        catalog.command(&["runbook", "run", "book", "--yes-up-to", "low"]).spawn().unwrap();
    wait_for("the first run", || catalog.path().join("specs/began-a").exists());
    let second = catalog.run(&[]);
    assert_eq!(second.code, Some(17));
    assert!(second.stderr.contains("is being run on `a`: book-"), "{}", second.stderr);
    fs::write(catalog.path().join("specs/stop"), "").unwrap();
    assert_eq!(catalog.run(&["-p", "host=b"]).code, Some(0));
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(catalog.run(&[]).code, Some(0));
}

#[test]
fn a_request_to_end_leaves_nothing_running() {
    for signal in ["-TERM", "-HUP", "-INT"] {
        let catalog = Catalog::new(
            "  shell: sh\n  steps: [{step: 1, action: Wait, command: 'echo $$ > process; while :; do sleep 0.1; done'}]\n",
        );
        let mut child =
            catalog.command(&["runbook", "run", "book", "--yes-up-to", "low"]).spawn().unwrap();
        let file = catalog.path().join("specs/process");
        wait_for("the step", || fs::read_to_string(&file).is_ok_and(|text| !text.is_empty()));
        send(signal, child.id());
        assert_eq!(child.wait().unwrap().code(), Some(12), "{signal}");
        assert!(!lives(&fs::read_to_string(&file).unwrap()), "{signal}");
        let ended = catalog.events("run_ended");
        assert_eq!(ended[0]["outcome"], "aborted", "{signal}");
        assert_eq!(ended[0]["left"], serde_json::json!([1]));
    }
}

#[test]
fn nothing_is_run_that_cannot_be_recorded() {
    let catalog = Catalog::new(
        "  shell: sh\n  steps: [{step: 1, action: Act, command: touch ran, risk: none}]\n",
    );
    // A folder cannot be made where a file stands.
    fs::write(catalog.path().join("specs/runs"), "").unwrap();
    let ran = catalog.run(&[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(!catalog.path().join("specs/ran").exists());
}
