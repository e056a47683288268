//! `sre postmortem`, on the example catalog and on catalogs of their own.
use super::harness::{Files, Ran, Run};
use serde_json::Value;
use sre::domains::runbook::{
    engine::event::{Event, RunStarted, StepAttested, StepName},
    transcript::Chain,
};
use std::collections::BTreeMap;

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).within(files).go()
}

fn json(files: &Files, arguments: &[&str]) -> Value {
    let ran = run(files, &[arguments, &["--format", "json", "-q", "-q"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
}

/// Ten requests a minute from 1 to 14 May, half of them bad for twenty minutes from 12:00 on 14 May.
fn requests() -> String {
    let mut text = String::from("timestamp,good,total\n");
    let start: chrono::DateTime<chrono::Utc> = "2026-05-01T00:00:00Z".parse().unwrap();
    for minute in 0..14 * 24 * 60 {
        let at = start + chrono::TimeDelta::minutes(minute);
        let bad = (13 * 1440 + 720..13 * 1440 + 740).contains(&minute);
        let good = if bad { 5 } else { 10 };
        text += &format!("{},{good},10\n", at.format("%Y-%m-%dT%H:%M:%SZ"));
    }
    text
}

const CATALOG: &str = "\
apiVersion: sre/v1
kind: SLO
metadata: {name: checkout, owner: shop}
spec:
  target: 99%
  window: 7d
  sli: {counts: {good: good, total: total}, source: requests}
---
apiVersion: sre/v1
kind: DataSource
metadata: {name: requests}
spec: {files: {paths: [data/requests.csv], format: csv, step: 1m}}
---
apiVersion: sre/v1
kind: Rotation
metadata: {name: shop}
spec:
  time_zone: UTC
  rotation_type: weekly
  start: 2026-01-05
  members: [alice, bob]
  secondary: {offset: -1}
";

const INCIDENT: &str = "\
apiVersion: sre/v1
kind: Incident
metadata: {name: orders, owner: shop}
spec:
  title: \"Orders: one of two fails\"
  severity: SEV-1
  slos: [checkout]
  causes: [deploy]
  timeline:
    - {at: 2026-05-14T12:00:00Z, type: started, by: bob}
    - {at: 2026-05-14T12:08:00Z, type: detected, by: alertmanager, link: \"https://alerts.example/1\"}
    - {at: 2026-05-14T12:10:00Z, type: acknowledged, by: bob}
    - {at: 2026-05-14T12:11:00Z, type: role, role: commander, person: alice}
    - {at: 2026-05-14T12:20:00Z, type: mitigated, by: bob, note: \"Rolled back: `v12`\"}
    - {at: 2026-05-14T12:40:00Z, type: resolved, by: alice}
";

/// A transcript of one step that somebody did by hand.
fn transcript() -> String {
    let started = RunStarted {
        run: "r1".to_owned(),
        runbook: "roll-back".to_owned(),
        target: String::new(),
        runbook_hash: String::new(),
        runbook_text: String::new(),
        parameters: BTreeMap::new(),
        steps: vec![StepName { step: 1, action: "Roll the release back".to_owned() }],
        operator: "bob".to_owned(),
        host: "laptop".to_owned(),
        revision: None,
        interactive: true,
        incident: Some("orders".to_owned()),
        version: "0".to_owned(),
    };
    let mut chain = Chain::default();
    let attested = StepAttested { step: 1, undo: false, evidence: "v11 everywhere".to_owned() };
    let begin =
        chain.line("2026-05-14T12:15:00Z".parse().unwrap(), &Event::RunStarted(Box::new(started)));
    begin + &chain.line("2026-05-14T12:18:00Z".parse().unwrap(), &Event::StepAttested(attested))
}

fn shop() -> Files {
    Files::new(&[
        ("specs/sre.yaml", "{}\n"),
        ("specs/shop.yaml", CATALOG),
        ("specs/incidents/orders.yaml", INCIDENT),
        ("specs/data/requests.csv", &requests()),
        ("specs/runs/roll-back/r1.jsonl", &transcript()),
    ])
}

#[test]
fn a_draft_holds_what_is_known_and_validates() {
    let files = shop();
    let ran = run(&files, &["postmortem", "new", "orders"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = files.read("specs/post-mortems/orders.yaml");
    // Twenty minutes of half the requests: 100 bad ones, of the 1% of seven days of ten a minute less the twenty
    // minutes between the last bad one and the end, which are in the window as well.
    for expected in [
        "display_name: 'Orders: one of two fails'",
        "authors:\n    - alice",
        "resolved: 2026-05-14T12:40:00Z",
        "slo: checkout",
        "share: 9.9206%",
        "spent: 10m",
        "bad_events: 100",
        "event: Runbook roll-back, step 1, Roll the release back (bob)",
        "event: 'On call: alice (primary), bob (secondary) in shop'",
        "event: The alert of checkout pages, as replayed on what was measured",
        "evidence: https://alerts.example/1",
        "event: 'Users are not affected any more (bob): Rolled back: `v12`'",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let events: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix("- at: ")).collect();
    assert!(events.is_sorted() && events.len() >= 8, "{events:?}");
    // What a human has to write is a warning, and nothing is an error.
    let ran = run(&files, &["validate", "--fail-on", "error"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("section-placeholder-left"), "{}", ran.stdout);
    assert!(ran.stdout.contains("action-without-owner"), "{}", ran.stdout);
    let ran = run(&files, &["fmt", "--check", "specs/post-mortems"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // Nothing is overwritten.
    let again = run(&files, &["postmortem", "new", "orders"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("has a post-mortem already"), "{}", again.stderr);
    let in_the_way = run(&files, &["postmortem", "check", "orders"]);
    assert_eq!(in_the_way.code, 1);
}

#[test]
fn a_file_in_the_way_stays() {
    let files = shop();
    files.write("specs/post-mortems/orders.yaml", b"# mine\n");
    let ran = run(&files, &["postmortem", "new", "orders"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(files.read("specs/post-mortems/orders.yaml"), "# mine\n");
}

#[test]
fn a_template_decides_on_sections_and_their_order() {
    let files = shop();
    files.write(
        "specs/template.yaml",
        b"apiVersion: sre/v1\nkind: PostMortemTemplate\nmetadata: {name: ours}\nspec:\n  sections:\n    \
          - timeline\n    - {name: what_we_told, title: What we told customers, guidance: As it stood there.}\n    \
          - {name: summary, required: false}\n",
    );
    let ran = run(&files, &["postmortem", "new", "orders", "-o", "-", "-q", "--no-measurements"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = ran.stdout;
    assert!(text.contains("template: ours"), "{text}");
    assert!(text.contains("what_we_told: 'TODO: As it stood there.'"), "{text}");
    assert!(!text.contains("\n  summary:") && text.contains("# summary:"), "{text}");
    assert!(!text.contains("action_items"), "{text}");
    let unknown = run(&files, &["postmortem", "new", "orders", "--template", "theirs"]);
    assert_eq!(unknown.code, 2);
}

#[test]
fn broken_transcripts_and_unknown_incidents_are_told() {
    let files = shop();
    files.write("specs/runs/roll-back/r2.jsonl", b"{}\n");
    let changed = transcript().replace("v11", "v10");
    files.write("specs/runs/roll-back/r1.jsonl", changed.as_bytes());
    let ran = run(&files, &["postmortem", "new", "orders", "-o", "-", "--no-measurements"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("r1.jsonl` is broken: line 2"), "{}", ran.stderr);
    assert!(ran.stderr.contains("r2.jsonl` is left out"), "{}", ran.stderr);
    let ran = run(&files, &["postmortem", "new", "oders"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `orders`?"), "{}", ran.stderr);
}

/// An action that is late on 1 December, one that is not, one that is done.
const ACTIONS: &str = "\
apiVersion: sre/v1
kind: PostMortem
metadata: {name: orders}
spec:
  incident: orders
  clocks: {resolved: 2026-05-14T12:40:00Z}
  action_items:
    - {id: AI-1, title: Set the size in one place, owner: alice, due: 2026-11-30, done_when: x}
    - {id: AI-2, title: Test it, owner: bob, due: 2026-12-01, status: in_progress, done_when: x}
    - {id: AI-3, title: Say so, owner: bob, due: 2026-06-01, status: done, closed: 2026-05-30}
";

#[test]
fn actions_are_overdue_when_their_day_is_over() {
    let files = shop();
    files.write("specs/post-mortems/orders.yaml", ACTIONS.as_bytes());
    let answer = json(&files, &["postmortem", "actions", "--all"]);
    let item = |at: usize| &answer["items"][at];
    assert_eq!((&answer["open"], &answer["overdue"]), (&2.into(), &1.into()));
    assert_eq!((&item(0)["id"], &item(0)["days_overdue"]), (&"AI-1".into(), &1.into()));
    // From 14 May to 1 December.
    assert_eq!((&item(1)["id"], &item(1)["age_days"]), (&"AI-2".into(), &201.into()));
    assert_eq!(item(1)["overdue"], false);
    assert_eq!((&item(2)["id"], &item(2)["age_days"]), (&"AI-3".into(), &16.into()));
    assert_eq!(answer["owners"][0]["owner"], "alice");
    let ran = run(&files, &["postmortem", "actions"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("1 day overdue") && !ran.stdout.contains("AI-3"), "{}", ran.stdout);
    assert_eq!(run(&files, &["postmortem", "actions", "--owner", "bob"]).code, 0);
    let before = ["postmortem", "actions", "--now", "2026-11-30T23:59:59Z"];
    assert_eq!(run(&files, &before).code, 0);
    assert_eq!(run(&files, &["postmortem", "actions", "nobody"]).code, 2);
}

#[test]
fn check_finds_incidents_without_a_post_mortem() {
    let files = shop();
    files.write(
        "specs/template.yaml",
        b"apiVersion: sre/v1\nkind: PostMortemTemplate\nmetadata: {name: ours}\n\
          spec: {required_for: [{severities: [SEV-1]}], deadline: 7d}\n",
    );
    let answer = json(&files, &["postmortem", "check"]);
    let missing = &answer["missing"][0];
    assert_eq!((&missing["incident"], &missing["late"]), (&"orders".into(), &true.into()));
    assert_eq!(missing["due"], "2026-05-21T12:40:00Z");
    assert_eq!(run(&files, &["postmortem", "check"]).code, 1);
    // There is still time.
    let early = run(&files, &["postmortem", "check", "--now", "2026-05-20T00:00:00Z"]);
    assert_eq!(early.code, 0, "{}{}", early.stdout, early.stderr);
    assert!(early.stdout.contains("in time"), "{}", early.stdout);
    files.write("specs/post-mortems/orders.yaml", ACTIONS.as_bytes());
    let answer = json(&files, &["postmortem", "check"]);
    assert_eq!(answer["missing"].as_array().unwrap().len(), 0);
    assert_eq!(answer["items"][0]["missing"].as_array().unwrap().len(), 5);
    assert!(answer["items"][0]["warnings"].as_u64().unwrap() >= 2, "{answer}");
    assert_eq!(run(&files, &["postmortem", "check", "--fail-on", "never"]).code, 0);
    assert_eq!(run(&files, &["postmortem", "check", "--fail-on", "error"]).code, 0);
}

#[test]
fn pages_hold_everything_and_nothing_that_acts() {
    let files = shop();
    let text = ACTIONS.replace(
        "  incident: orders\n",
        "  incident: orders\n  summary: \"a <script>alert(1)</script> **bold** [x](javascript:y) | a\"\n  \
         trigger: A release.\n",
    );
    files.write("specs/post-mortems/orders.yaml", text.as_bytes());
    let html = run(&files, &["postmortem", "render", "orders", "--as", "html"]).stdout;
    assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
    for expected in ["<strong>bold</strong>", "AI-1", "1 day overdue", "<h2>Trigger</h2>", "SEV-1"]
    {
        assert!(html.contains(expected), "{expected}\n{html}");
    }
    let markdown = run(&files, &["postmortem", "render", "orders"]).stdout;
    assert!(markdown.contains("## Timeline\n\n*Nobody has written this yet.*"), "{markdown}");
    assert!(markdown.contains("| AI-2 | Test it — done when: x |"), "{markdown}");
    let ran = run(&files, &["postmortem", "render", "orders", "-o", "page.html"]);
    assert_eq!((ran.code, files.read("page.html")), (0, html));
    assert_eq!(run(&files, &["postmortem", "render", "nobody"]).code, 2);
}

/// By plain counting over the file, as `specs/incidents` has the times.
#[test]
fn costs_of_the_example_are_those_of_plain_counting() {
    let text = include_str!("../../../specs/data/orders.csv");
    let excluded = |at: &str| ("2025-04-24T10:00:00Z".."2025-04-24T10:50:00Z").contains(&at);
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let at = cells.next().unwrap();
        let mut number = || cells.next().unwrap().parse::<f64>().unwrap();
        (at, number(), number())
    });
    let (mut total, mut bad) = (0.0, 0.0);
    for (at, orders, failed) in rows {
        if ("2025-04-14T15:40:00Z".."2025-05-14T15:40:00Z").contains(&at) && !excluded(at) {
            total += orders;
        }
        if ("2025-05-14T14:20:00Z".."2025-05-14T15:00:00Z").contains(&at) {
            bad += failed;
        }
    }
    let copy = Files::new(&[]);
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/specs");
    for file in [
        "sre.yaml",
        "checkout.yaml",
        "shopping.yaml",
        "services.yaml",
        "storefront.yaml",
        "platform.yaml",
        "search.yaml",
        "incident-response.yaml",
        "oncall.yaml",
        "incidents/2025-05-14-orders-fail.yaml",
        "incidents/2025-04-24-card-provider-down.yaml",
        "data/orders.csv",
    ] {
        #[expect(clippy::disallowed_methods, reason = "copies the example catalog")]
        let bytes = std::fs::read(format!("{specs}/{file}")).unwrap();
        copy.write(&format!("specs/{file}"), &bytes);
    }
    let ran = run(&copy, &["postmortem", "new", "2025-05-14-orders-fail", "-o", "-"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let share = format!("share: {:.4}%", bad / (total * 0.001) * 100.0);
    assert!(ran.stdout.contains(&share), "{share}\n{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("bad_events: {bad}")), "{}", ran.stdout);
    // What an adjustment excludes costs nothing, and is told.
    let ran = run(&copy, &["postmortem", "new", "2025-04-24-card-provider-down", "-o", "-"]);
    assert!(ran.stdout.contains("bad_events: 0"), "{}", ran.stdout);
    assert!(ran.stdout.contains("before adjustments"), "{}", ran.stdout);
}
