//! `sre incident`.
#![expect(clippy::disallowed_methods, reason = "starts the program")]
use super::harness::{Files, Ran, Run};
use serde_json::Value;
use std::{
    fs,
    process::{Command, Stdio},
};

const RESPONSE: &str = "\
apiVersion: sre/v1
kind: IncidentResponse
metadata: {name: shop}
spec:
  severity_levels:
    - level: 1
      name: SEV-1
      response_time: 15m
      update_every: 30m
      criteria: [{effect: outage, tier: 1}, {data_loss: true}]
    - level: 2
      name: SEV-2
      response_time: 30m
      criteria: [{effect: degradation, affected: 10%}]
    - {level: 3, name: SEV-3, criteria: [{effect: none}]}
---
apiVersion: sre/v1
kind: Service
metadata: {name: checkout}
spec: {tier: 1}
---
apiVersion: sre/v1
kind: Service
metadata: {name: search}
spec: {tier: 2}
";

fn shop() -> Files {
    Files::new(&[("sre.yaml", ""), ("response.yaml", RESPONSE)])
}

fn run(files: &Files, now: &str, arguments: &[&str]) -> Ran {
    let arguments = [&["incident"], arguments].concat();
    Run::new(&arguments).within(files).env("SRE_NOW", now).env("USER", "alice").go()
}

fn json(files: &Files, now: &str, arguments: &[&str]) -> Value {
    let ran = run(files, now, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

#[track_caller]
fn ok(files: &Files, now: &str, arguments: &[&str]) -> Ran {
    let ran = run(files, now, arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

const FILE: &str = "incidents/2026-05-14-cards-are-refused.yaml";

#[test]
fn an_incident_is_written_down_while_it_happens() {
    let files = shop();
    let opened = ok(
        &files,
        "2026-05-14T09:20:00Z",
        &[
            "open",
            "Cards are refused",
            "--effect",
            "outage",
            "--service",
            "checkout",
            "--started",
            "2026-05-14T09:12:00Z",
            "--by",
            "alice",
        ],
    );
    assert_eq!(opened.stdout, "2026-05-14-cards-are-refused\n");
    assert!(opened.stderr.contains("SEV-1, by the criteria of `shop`"), "{}", opened.stderr);
    // Somebody writes a comment, and moves things around.
    let text = files.read(FILE).replace("  services:", "  # the usual suspects\n  services:");
    files.write(FILE, text.as_bytes());
    let acked = ok(&files, "2026-05-14T09:30:00Z", &["ack", "--by", "bob"]);
    assert!(
        acked.stderr.contains("10m after it was detected: within the 15m of SEV-1"),
        "{}",
        acked.stderr
    );
    ok(
        &files,
        "2026-05-14T09:31:00Z",
        &["note", "It says \"no\" -- $(date): a # b", "--by", "bob"],
    );
    ok(&files, "2026-05-14T09:32:00Z", &["role", "cards", "commander", "carol", "--by", "carol"]);
    ok(&files, "2026-05-14T09:35:00Z", &["update", "cards", "Status page", "--by", "carol"]);
    ok(
        &files,
        "2026-05-14T09:40:00Z",
        &["severity", "cards", "SEV-2", "--note", "a few", "--by", "carol"],
    );
    ok(
        &files,
        "2026-05-14T09:50:00Z",
        &["mitigate", "--at", "2026-05-14T09:45:00Z", "--by", "bob"],
    );
    ok(&files, "2026-05-14T10:30:00Z", &["resolve", "--by", "bob"]);
    let expected = r#"apiVersion: sre/v1
kind: Incident
metadata:
  name: "2026-05-14-cards-are-refused"
spec:
  title: "Cards are refused"
  severity: SEV-1
  # the usual suspects
  services: [checkout]
  timeline:
    - {at: 2026-05-14T09:12:00Z, type: started, by: alice, recorded_at: 2026-05-14T09:20:00Z}
    - {at: 2026-05-14T09:20:00Z, type: detected, by: alice}
    - {at: 2026-05-14T09:20:00Z, type: declared, by: alice}
    - {at: 2026-05-14T09:30:00Z, type: acknowledged, by: bob}
    - {at: 2026-05-14T09:31:00Z, type: note, by: bob, note: "It says \"no\" -- $(date): a # b"}
    - {at: 2026-05-14T09:32:00Z, type: role, by: carol, role: commander, person: carol}
    - {at: 2026-05-14T09:35:00Z, type: update, by: carol, note: "Status page"}
    - {at: 2026-05-14T09:40:00Z, type: severity, by: carol, note: "a few", severity: SEV-2}
    - {at: 2026-05-14T09:45:00Z, type: mitigated, by: bob, recorded_at: 2026-05-14T09:50:00Z}
    - {at: 2026-05-14T10:30:00Z, type: resolved, by: bob}
"#;
    assert_eq!(files.read(FILE), expected);
    let shown = json(&files, "2026-05-14T11:00:00Z", &["show", "cards"]);
    assert_eq!(shown["status"], "resolved");
    assert_eq!(shown["severity"], "SEV-2");
    assert_eq!(shown["minutes"]["detect"], 8);
    assert_eq!(shown["minutes"]["acknowledge"], 10);
    assert_eq!(shown["minutes"]["mitigate"], 33);
    assert_eq!(shown["minutes"]["resolve"], 78);
    assert!(shown["minutes"]["engage"].is_null());
    assert_eq!(shown["roles"]["commander"], "carol");
    assert_eq!(shown["response"]["state"], "met");
    assert_eq!(shown["timeline"][4]["note"], "It says \"no\" -- $(date): a # b");
    let list = json(&files, "2026-05-14T11:00:00Z", &["list"]);
    assert_eq!(list["items"][0]["incident"], "2026-05-14-cards-are-refused");
    let timeline = json(&files, "2026-05-14T11:00:00Z", &["timeline"]);
    assert_eq!(timeline["items"].as_array().unwrap().len(), 10);
}

#[test]
fn when_in_doubt_the_severity_is_the_worse() {
    let files = shop();
    let now = "2026-05-14T09:20:00Z";
    let severity = |arguments: &[&str]| {
        let ran = run(&files, now, &[&["open", "x", "--dry-run"], arguments].concat());
        let line = ran.stdout.lines().find(|line| line.contains("severity:")).map(str::to_owned);
        (line.unwrap_or_default().trim().to_owned(), ran.stderr)
    };
    let (found, said) = severity(&[]);
    assert_eq!(found, "severity: SEV-1");
    assert!(said.contains("say more with --effect and --service, or --severity"), "{said}");
    let (found, said) = severity(&["--effect", "degradation"]);
    assert_eq!(found, "severity: SEV-2");
    assert!(said.contains("say more with --affected, or"), "{said}");
    assert_eq!(severity(&["--effect", "degradation", "--affected", "9%"]).0, "severity: SEV-3");
    assert_eq!(severity(&["--effect", "degradation", "--affected", "10%"]).0, "severity: SEV-2");
    assert_eq!(severity(&["--effect", "outage", "--service", "search"]).0, "severity: SEV-2");
    assert_eq!(severity(&["--effect", "none", "--data-loss"]).0, "severity: SEV-1");
    assert_eq!(severity(&["--severity", "SEV-3"]).0, "severity: SEV-3");
    let ran = run(&files, now, &["open", "x", "--severity", "SEV-9"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the severities are `SEV-1`, `SEV-2`"), "{}", ran.stderr);
    let ran = run(&files, now, &["open", "x", "--service", "chekout"]);
    assert!(ran.stderr.contains("did you mean `checkout`?"), "{}", ran.stderr);
    assert!(!files.path().join("incidents").exists());
}

/// An incident of the morning that is open.
fn opened() -> Files {
    let files = shop();
    let arguments = ["open", "Cards are refused", "--severity", "SEV-1", "--by", "alice"];
    ok(&files, "2026-05-14T09:20:00Z", &arguments);
    files
}

#[test]
fn what_would_make_a_clock_wrong_is_refused() {
    let files = opened();
    let before = files.read(FILE);
    let check = |now: &str, arguments: &[&str], said: &str| {
        let ran = run(&files, now, arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(files.read(FILE), before);
    };
    // The clock goes backwards.
    check(
        "2026-05-14T09:10:00Z",
        &["ack"],
        "acknowledged at 2026-05-14T09:10:00Z would be before detected at 2026-05-14T09:20:00Z",
    );
    check("2026-05-14T09:30:00Z", &["ack", "--at", "2026-05-14T09:31:00Z"], "lies ahead");
    check("2026-05-14T09:30:00Z", &["reopen"], "it is open");
    check("2026-05-14T09:30:00Z", &["severity", "cards", "SEV-1"], "it is SEV-1 already");
    check("2026-05-14T09:30:00Z", &["severity", "cards", "SEV1"], "there is no severity `SEV1`");
    check("2026-05-14T09:30:00Z", &["ack", "cars"], "no incident is called `cars`");
    check("2026-05-14T09:30:00Z", &["note", "cards", " "], "there is nothing in the text");
}

#[test]
fn a_note_is_never_lost_to_a_clock() {
    let files = opened();
    let ran = ok(&files, "2026-05-14T09:10:00Z", &["note", "cards", "seen", "--by", "bob"]);
    assert!(ran.stderr.contains("warning: the clock shows 2026-05-14T09:10:00Z"), "{}", ran.stderr);
    assert!(
        files.read(FILE).contains("{at: 2026-05-14T09:10:00Z, type: note, by: bob, note: seen}")
    );
}

#[test]
fn what_happened_already_says_who_did_it() {
    let files = opened();
    ok(&files, "2026-05-14T09:25:00Z", &["ack", "--by", "bob"]);
    let ran = run(&files, "2026-05-14T09:26:00Z", &["ack", "--by", "carol"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("it was acknowledged already at 2026-05-14T09:25:00Z by bob"),
        "{}",
        ran.stderr
    );
    ok(&files, "2026-05-14T09:40:00Z", &["resolve", "--by", "bob"]);
    ok(&files, "2026-05-14T09:50:00Z", &["reopen", "cards", "--by", "bob"]);
    ok(&files, "2026-05-14T10:00:00Z", &["mitigate", "--by", "bob"]);
    ok(&files, "2026-05-14T10:10:00Z", &["resolve", "--by", "bob"]);
    ok(&files, "2026-05-14T10:20:00Z", &["close", "cards", "--by", "bob"]);
    let ran = run(&files, "2026-05-14T10:30:00Z", &["mitigate", "cards"]);
    assert!(ran.stderr.contains("already"), "{}", ran.stderr);
    let shown = json(&files, "2026-05-14T11:00:00Z", &["show", "cards"]);
    assert_eq!(shown["status"], "closed");
    assert_eq!(shown["clocks"]["resolved"], "2026-05-14T10:10:00Z");
}

#[test]
fn a_file_that_is_half_written_is_left_alone_and_the_event_is_told() {
    let files = opened();
    let whole = files.read(FILE);
    let half = &whole[..whole.rfind("detected").unwrap()];
    files.write(FILE, half.as_bytes());
    let ran = run(&files, "2026-05-14T09:30:00Z", &["note", "cards", "seen", "--by", "bob"]);
    assert_eq!(ran.code, 2);
    assert_eq!(files.read(FILE), half);
    assert!(ran.stderr.contains("note: seen"), "{}", ran.stderr);
    // The others are still listed, and it is said that one is missing something.
    let ran = ok(&files, "2026-05-14T09:30:00Z", &["list"]);
    assert!(ran.stderr.contains("cards-are-refused.yaml"), "{}", ran.stderr);
}

#[test]
fn one_word_may_mean_several_incidents() {
    let files = opened();
    ok(&files, "2026-05-14T09:21:00Z", &["open", "Cards again", "--severity", "SEV-2"]);
    let ran = run(&files, "2026-05-14T09:30:00Z", &["ack"]);
    assert!(ran.stderr.contains("2 incidents are open"), "{}", ran.stderr);
    let ran = run(&files, "2026-05-14T09:30:00Z", &["ack", "cards"]);
    assert!(ran.stderr.contains("several incidents are called like `cards`"), "{}", ran.stderr);
    ok(&files, "2026-05-14T09:30:00Z", &["ack", "again"]);
}

/// The program itself, for what only processes can show.
fn program(files: &Files, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sre"));
    command
        .arg("incident")
        .args(arguments)
        .current_dir(files.path())
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("SRE_NOW", "2026-05-14T09:30:00Z")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn two_who_write_at_once_lose_nothing() {
    const WRITERS: usize = 12;
    let files = opened();
    let texts: Vec<String> = (0..WRITERS).map(|number| format!("note {number}")).collect();
    let children: Vec<_> = texts
        .iter()
        .map(|text| program(&files, &["note", "cards", text, "--by", "me"]).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = files.read(FILE);
    for note in &texts {
        assert_eq!(text.matches(&format!("note: \"{note}\"}}")).count(), 1, "{note} in {text}");
    }
    let left: Vec<_> = fs::read_dir(files.path().join("incidents")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn two_who_open_at_once_have_two_incidents() {
    const OPENERS: usize = 8;
    let files = shop();
    let open = ["open", "Search is slow", "--severity", "SEV-2", "--by", "me"];
    let children: Vec<_> = (0..OPENERS).map(|_| program(&files, &open).spawn().unwrap()).collect();
    let mut names: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), OPENERS, "{names:?}");
    for name in &names {
        assert!(files.read(&format!("incidents/{name}.yaml")).contains(&format!("\"{name}\"")));
    }
    let list = json(&files, "2026-05-14T10:00:00Z", &["list"]);
    assert_eq!(list["items"].as_array().unwrap().len(), OPENERS);
}

const LINES: &str = r#"{"id": "OPS-7", "title": "Search is empty", "severity": "P1", "services": "search", "detected": "2026-05-03T08:02:00Z", "started": "2026-05-03T07:50:00Z"}
{"id": "OPS-9", "title": "Search is empty", "services": ["cart"], "detected": "2026-05-03T18:00:00Z", "events": [{"at": "2026-05-03T18:04:00Z", "type": "note", "by": "bob", "note": "a: \"b\"\nc"}]}
"#;

#[test]
fn what_is_read_again_changes_nothing_and_what_is_new_is_added() {
    let files = shop();
    files.write("a.jsonl", LINES.as_bytes());
    let import = ["import", "jsonl", "a.jsonl", "--severity", "P1=SEV-1"];
    let now = "2026-05-14T09:20:00Z";
    let first = ok(&files, now, &import);
    assert!(first.stderr.contains("2 incidents written"), "{}", first.stderr);
    assert!(first.stderr.contains("no service is called `cart`"), "{}", first.stderr);
    let (one, other) = (
        "incidents/2026-05-03-search-is-empty.yaml",
        "incidents/2026-05-03-search-is-empty-2.yaml",
    );
    let before = (files.read(one), files.read(other));
    assert!(before.0.contains("severity: SEV-1\n  services: [search]"), "{}", before.0);
    let again = ok(&files, now, &import);
    assert!(again.stderr.contains("0 incidents written"), "{}", again.stderr);
    assert!(again.stderr.contains("2 the same as before"), "{}", again.stderr);
    assert_eq!((files.read(one), files.read(other)), before);
    // Somebody acknowledges here, and more happens there.
    ok(
        &files,
        now,
        &["ack", "2026-05-03-search-is-empty", "--at", "2026-05-03T08:05:00Z", "--by", "me"],
    );
    let more = LINES.replacen(
        "\"started\"",
        "\"acknowledged\": \"2026-05-03T08:09:00Z\", \"resolved\": \"2026-05-03T09:00:00Z\", \"started\"",
        1,
    );
    files.write("a.jsonl", more.as_bytes());
    let third = ok(&files, now, &import);
    assert!(third.stderr.contains("1 lengthened by 1 event"), "{}", third.stderr);
    let shown = json(&files, now, &["show", "2026-05-03-search-is-empty"]);
    assert_eq!(shown["clocks"]["acknowledged"], "2026-05-03T08:05:00Z");
    assert_eq!(shown["clocks"]["resolved"], "2026-05-03T09:00:00Z");
    let note = json(&files, now, &["show", "2026-05-03-search-is-empty-2"]);
    assert_eq!(note["timeline"][1]["note"], "a: \"b\"\nc");
}

#[test]
fn figures_lead_with_how_many_and_count_what_is_open() {
    let files = shop();
    let mut lines = String::new();
    for number in 1..=6 {
        lines.push_str(&format!(
            "{{\"id\": \"{number}\", \"title\": \"x\", \"severity\": \"SEV-2\", \"services\": \"search\", \"causes\": \"deploy\", \
             \"started\": \"2026-05-0{number}T08:00:00Z\", \"detected\": \"2026-05-0{number}T08:01:00Z\", \
             \"acknowledged\": \"2026-05-0{number}T08:31:00Z\", \"resolved\": \"2026-05-0{number}T1{number}:00:00Z\"}}\n"
        ));
    }
    for number in 7..=9 {
        lines.push_str(&format!(
            "{{\"id\": \"{number}\", \"title\": \"x\", \"severity\": \"SEV-2\", \
             \"started\": \"2026-05-0{number}T08:00:00Z\", \"detected\": \"2026-05-0{number}T08:01:00Z\"}}\n"
        ));
    }
    files.write("a.jsonl", lines.as_bytes());
    let now = "2026-05-14T09:20:00Z";
    ok(&files, now, &["import", "jsonl", "a.jsonl"]);
    let answer = json(&files, now, &["stats"]);
    assert_eq!((&answer["incidents"], &answer["open"]), (&9.into(), &3.into()));
    let group = &answer["groups"][0];
    assert_eq!(group["group"], "SEV-2");
    assert_eq!(group["response"]["met"], 6);
    assert_eq!(group["response"]["breached"], 3);
    let resolve = group["clocks"].as_array().unwrap().iter().find(|one| one["clock"] == "resolve");
    let resolve = resolve.unwrap();
    assert_eq!((&resolve["ended"], &resolve["going_on"]), (&6.into(), &3.into()));
    // Of nine the fifth ended after seven hours; of the six that have ended the middle is between five and six.
    assert_eq!(resolve["median_minutes"], 420);
    assert_eq!(resolve["median_of_ended_minutes"], 330);
    assert!(resolve["p90_minutes"].is_null());
    let table = ok(&files, now, &["stats", "--by", "cause", "--compare"]).stdout;
    assert!(table.starts_with("9 incidents began from 2025-05-14"), "{table}");
    assert!(table.contains("3 are open"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");
    let picture = ok(&files, now, &["stats", "--plot", "a.svg"]);
    assert_eq!(picture.code, 0);
    assert!(files.read("a.svg").contains("SEV-2 (n = 9)"));
    assert_eq!(run(&files, now, &["stats", "--plot", "a.png"]).code, 2);
}

#[test]
fn costs_add_up_to_what_was_spent() {
    let answer: Value = {
        let arguments = ["incident", "cost", "--slo", "checkout-availability", "--format", "json"];
        let ran = Run::new(&arguments).go();
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let item = &answer["items"][0];
    let number = |field: &str| item[field].as_f64().unwrap();
    assert!((number("attributed") + number("unattributed") - number("spent")).abs() < 1e-9);
    // The eight steps of orders.csv from 14:20 to 15:00 on 14 May 2025, added up.
    let incident = &item["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["incident"] == "2025-05-14-orders-fail");
    assert_eq!(incident.unwrap()["attributed"], 104);
    assert_eq!(item["causes"][0]["cause"], "deploy");
}
