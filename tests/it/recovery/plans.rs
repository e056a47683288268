//! `sre dr`, on catalogs of their own.
use crate::cli::harness::{Files, Ran, Run};
use serde_json::Value;

const NOW: &str = "2026-12-01T00:00:00Z";

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).args(["--now", NOW]).within(files).go()
}

fn answer(files: &Files, arguments: &[&str]) -> (Value, u8) {
    let all: Vec<&str> = arguments.iter().chain(&["--format", "json"]).copied().collect();
    let ran = run(files, &all);
    assert_eq!(ran.stderr, "", "{ran:?}");
    (serde_json::from_str(&ran.stdout).unwrap(), ran.code)
}

const SHOP: &str = "\
apiVersion: sre/v1
kind: DisasterRecoveryPlan
metadata: {name: shop}
spec:
  rpo: 4h
  rto: 5h
  test_frequency: quarterly
  disruptions:
    - {name: hardware}
    - {name: region}
    - {name: corruption, corrupts_data: true, detected_within: 2d}
  steps:
    - {id: detect, action: Notice it, duration: 10m}
    - {id: decide, action: Declare a disaster, after: [detect], duration: 15m}
    - {id: network, action: Bring up the network, after: [decide], duration: 20m, disruptions: [region]}
    - {id: database, action: Restore the database, after: [network], duration: 3h}
    - {id: objects, action: Restore the objects, after: [network], duration: 4h, disruptions: [region]}
    - {id: application, action: Start the application, after: [database, objects], duration: 30m}
  backups:
    - {id: hourly, interval: 1h, duration: 10m, retention: 7d, survives: [hardware, corruption], restore_test: {every: annual, last: 2026-06-01}}
    - {id: replica, replication_lag: 6s, survives: [hardware]}
    - {id: nightly, interval: 1d, duration: 45m, copy_lag: 90m, survives: [region, hardware, corruption], restore_test: {every: annual, last: 2026-06-01}}
";

fn drill(name: &str, disruption: &str, day: u32, minutes: u32, result: &str) -> String {
    let (hours, minutes) = (9 + minutes / 60, minutes % 60);
    format!(
        "---\napiVersion: sre/v1\nkind: RecoveryDrill\nmetadata: {{name: {name}}}\nspec: {{plan: shop, disruption: {disruption}, started: 2026-11-{day:02}T09:00:00Z, ended: 2026-11-{day:02}T{hours:02}:{minutes:02}:00Z, result: {result}}}\n"
    )
}

#[test]
fn each_disruption_has_steps_and_copies_of_its_own() {
    let files = Files::new(&[("specs/shop.yaml", SHOP)]);
    let (found, code) = answer(&files, &["dr", "check"]);
    assert_eq!(code, 1);
    let plan = &found["items"][0];
    let of = |at: usize| &plan["disruptions"][at];
    // Steps that are not done are not waited for: detect, decide, database, application.
    assert_eq!((&of(0)["planned"], &of(0)["time"]), (&"3h55m".into(), &"met".into()));
    assert_eq!((&of(0)["worst_loss"], &of(0)["source"]), (&"6s".into(), &"replica".into()));
    // The objects take longer than the database: 10 + 15 + 20 + 240 + 30 minutes.
    assert_eq!((&of(1)["planned"], &of(1)["time"]), (&"5h15m".into(), &"breached".into()));
    assert_eq!((&of(1)["worst_loss"], &of(1)["data"]), (&"1d2h15m".into(), &"breached".into()));
    // A copy that follows at once is spoiled too.
    assert_eq!((&of(2)["worst_loss"], &of(2)["source"]), (&"1h10m".into(), &"hourly".into()));
    assert_eq!(plan["test_due"], "never tested");
}

#[test]
fn drills_count_before_what_is_written() {
    let quick: String = (1..=3)
        .map(|day| drill(&format!("d{day}"), "hardware", day, 200 + day, "passed"))
        .collect();
    let files = Files::new(&[("specs/shop.yaml", &format!("{SHOP}{quick}"))]);
    let (found, _) = answer(&files, &["dr", "check"]);
    let hardware = &found["items"][0]["disruptions"][0];
    assert_eq!((&hardware["longest_drill"], &hardware["time"]), (&"3h23m".into(), &"met".into()));
    // Three drills of which all passed prove a success in 0.05^(1/3) of cases.
    let least = found["items"][0]["success_at_least"].as_f64().unwrap();
    assert!((least - 0.05_f64.cbrt()).abs() < 1e-9, "{least}");
    // Of the region nothing was tried.
    assert_eq!(found["items"][0]["disruptions"][1]["longest_drill"], Value::Null);
    // One that took longer than promised breaks the promise, whatever is written.
    let slow = drill("slow", "hardware", 9, 301, "passed");
    files.write("specs/shop.yaml", format!("{SHOP}{quick}{slow}").as_bytes());
    let (found, _) = answer(&files, &["dr", "check"]);
    let hardware = &found["items"][0]["disruptions"][0];
    assert_eq!(hardware["time"], "breached");
    assert_eq!(hardware["reason"], "the last drill, `slow`, took 5 hours 1 minute");
    // And one that failed does so at any length; one that was broken off says nothing.
    let failed = drill("failed", "hardware", 10, 60, "failed");
    let stopped = drill("stopped", "hardware", 11, 400, "stopped");
    files.write("specs/shop.yaml", format!("{SHOP}{quick}{failed}{stopped}").as_bytes());
    let (found, _) = answer(&files, &["dr", "check"]);
    let hardware = &found["items"][0]["disruptions"][0];
    assert_eq!(hardware["reason"], "the last drill, `failed`, failed");
    assert_eq!(
        (&found["items"][0]["drills_passed"], &found["items"][0]["drills"]),
        (&3.into(), &4.into())
    );
}

#[test]
fn what_nobody_knows_is_no_promise() {
    let seed = "\
apiVersion: sre/v1
kind: DisasterRecoveryPlan
metadata: {name: seed}
spec: {rpo_hours: 4, rto_hours: 24}
";
    let files = Files::new(&[("specs/seed.yaml", seed)]);
    let (found, code) = answer(&files, &["dr", "check"]);
    let any = &found["items"][0]["disruptions"][0];
    assert_eq!((&any["time"], &any["data"], code), (&"unknown".into(), &"unknown".into(), 4));
    assert_eq!(any["reason"], "the plan has no steps for it");
    assert_eq!((&any["rto"], &any["rpo"]), (&"1d".into(), &"4h".into()));
    let ran = run(&files, &["validate", "specs"]);
    assert!(ran.stdout.contains("warning") && !ran.stdout.contains("error"), "{ran:?}");
}

#[test]
fn plans_that_contradict_themselves_are_refused() {
    let check = |steps: &str, message: &str, help: &str| {
        let plan = format!(
            "apiVersion: sre/v1\nkind: DisasterRecoveryPlan\nmetadata: {{name: shop}}\nspec:\n  rpo: 4h\n  rto: 5h\n  disruptions: [{{name: region}}]\n  steps:\n{steps}"
        );
        let files = Files::new(&[("specs/shop.yaml", &plan)]);
        for command in [["dr", "check"], ["validate", "specs"]] {
            let ran = run(&files, &command);
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains(message) && said.contains(help) && ran.code != 0, "{ran:?}");
        }
    };
    check(
        "    - {id: a, action: A, after: [c], duration: 1m}\n    - {id: b, action: B, after: [a], duration: 1m}\n    - {id: c, action: C, after: [b], duration: 1m}\n",
        "these steps wait for each other: a → c → b → a",
        "nothing on a circle can ever begin",
    );
    check(
        "    - {id: restore, action: A, duration: 1m}\n    - {id: b, action: B, after: [restroe], duration: 1m}\n",
        "there is no step `restroe` to wait for",
        "did you mean `restore`?",
    );
    check(
        "    - {id: a, action: A, disruptions: [regoin], duration: 1m}\n",
        "the plan has no disruption `regoin`",
        "did you mean `region`?",
    );
    check(
        "    - {id: a, action: A, duration: 1m}\n    - {id: a, action: B, duration: 1m}\n",
        "there are two steps `a`",
        "give one of them another name",
    );
}

#[test]
fn a_service_is_back_when_all_that_it_needs_are() {
    let services = "\
apiVersion: sre/v1
kind: Service
metadata: {name: shop}
spec: {depends_on: [{service: payments}, {service: search, criticality: soft}]}
---
apiVersion: sre/v1
kind: Service
metadata: {name: payments}
spec: {depends_on: [{service: database}]}
---
apiVersion: sre/v1
kind: Service
metadata: {name: database}
spec: {}
---
apiVersion: sre/v1
kind: Service
metadata: {name: search}
spec: {}
---
apiVersion: sre/v1
kind: DisasterRecoveryPlan
metadata: {name: shop}
spec: {services: [shop], rpo: 4h, rto: 8h, steps: [{id: a, action: A, duration: 1h}]}
---
apiVersion: sre/v1
kind: DisasterRecoveryPlan
metadata: {name: data}
spec: {services: [database], rpo: 4h, rto: 12h, steps: [{id: a, action: A, duration: 1h}]}
";
    let files = Files::new(&[("specs/all.yaml", services)]);
    let (found, code) = answer(&files, &["dr", "check", "shop"]);
    let needs = &found["items"][0]["needs"];
    assert_eq!(needs[0]["chain"], serde_json::json!(["shop", "payments", "database"]));
    assert_eq!((&needs[0]["standing"], &needs[0]["plan"]), (&"breached".into(), &"data".into()));
    assert_eq!(needs[1]["chain"], serde_json::json!(["shop", "payments"]));
    assert_eq!((&needs[1]["standing"], needs.as_array().unwrap().len()), (&"unknown".into(), 2));
    assert_eq!(code, 1);
    let ran = run(&files, &["dr", "status"]);
    assert!(ran.stdout.contains("No plan is for payments, search."), "{ran:?}");
    assert_eq!(ran.code, 0);
}

#[test]
fn a_plan_is_shown_as_it_is_carried_out() {
    let files = Files::new(&[("specs/shop.yaml", SHOP)]);
    let (found, code) = answer(&files, &["dr", "plan", "shop", "--disruption", "region"]);
    assert_eq!(code, 0);
    let steps = found["items"][0]["steps"].as_array().unwrap();
    let of = |id: &str| steps.iter().find(|step| step["id"] == id).unwrap();
    assert_eq!(
        (&of("database")["begins"], &of("database")["slack"]),
        (&"45m".into(), &"1h".into())
    );
    assert_eq!(
        (&of("objects")["slack"], &of("application")["begins"]),
        (&"0s".into(), &"4h45m".into())
    );
    let ran = run(&files, &["dr", "plan", "shop", "--format", "markdown"]);
    for section in ["Recovery of shop", "Steps after hardware", "Copies of the data"] {
        assert!(ran.stdout.contains(section), "{section}: {}", ran.stdout);
    }
    let ran = run(&files, &["dr", "plan", "shop", "--disruption", "flood"]);
    assert!(ran.stderr.contains("it has hardware, region, corruption"), "{ran:?}");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_drill_is_written_down_as_it_goes() {
    let files = Files::new(&[("specs/shop.yaml", SHOP)]);
    let at = |time: &str, arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().chain(&["--at", time]).copied().collect();
        run(&files, &all)
    };
    let ran =
        at("2026-11-20T09:00:00Z", &["dr", "drill", "start", "shop", "--disruption", "hardware"]);
    let said = "wrote specs/recoverydrill/shop-2026-11-20.yaml\nfirst: detect\n";
    assert_eq!((ran.stderr.as_str(), ran.code), (said, 0));
    let done = ["dr", "drill", "done", "shop-2026-11-20"];
    let step = |time: &str, rest: &[&str]| at(time, &[&done, rest].concat());
    let ran = step("2026-11-20T09:12:00Z", &["detect"]);
    let said = "detect: done in 12 minutes, 12 minutes after the beginning\nnext: decide\n";
    assert_eq!((ran.stderr.as_str(), ran.code), (said, 0));
    // One that is not done after this disruption is no step of the drill.
    let ran = step("2026-11-20T09:20:00Z", &["network"]);
    assert!(ran.stderr.contains("its steps are detect, decide, database, application"), "{ran:?}");
    let ran = step("2026-11-20T09:20:00Z", &["decide", "--evidence", "said: \"go\" # now"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(step("2026-11-20T09:21:00Z", &["decide"]).stderr.contains("is done already"));
    assert!(step("2026-11-20T09:19:00Z", &["database"]).stderr.contains("ends before it begins"));
    step("2026-11-20T12:20:00Z", &["database"]);
    let ran = step("2026-11-20T12:40:00Z", &["application"]);
    assert!(ran.stderr.contains("everything is done"), "{ran:?}");
    let ran = at(
        "2026-11-20T12:45:00Z",
        &[
            "dr",
            "drill",
            "finish",
            "shop-2026-11-20",
            "--result",
            "passed",
            "--data-until",
            "2026-11-20T08:59:30Z",
            "--deviation",
            "The key was missing.",
        ],
    );
    let said = "shop-2026-11-20: passed, after 3 hours 45 minutes\n";
    assert_eq!((ran.stderr.as_str(), ran.code), (said, 0));
    let text = files.read("specs/recoverydrill/shop-2026-11-20.yaml");
    let expected = "\
  steps:
    - {id: detect, started: 2026-11-20T09:00:00Z, ended: 2026-11-20T09:12:00Z}
    - {id: decide, started: 2026-11-20T09:12:00Z, ended: 2026-11-20T09:20:00Z, evidence: \"said: \\\"go\\\" # now\"}
    - {id: database, started: 2026-11-20T09:20:00Z, ended: 2026-11-20T12:20:00Z}
    - {id: application, started: 2026-11-20T12:20:00Z, ended: 2026-11-20T12:40:00Z}
  ended: 2026-11-20T12:45:00Z
  result: passed
  data_until: 2026-11-20T08:59:30Z
  deviations:
    - \"The key was missing.\"
";
    assert!(text.ends_with(expected), "{text}");
    let ran = run(&files, &["validate", "specs"]);
    assert!(!ran.stdout.contains("error"), "{ran:?}");
    // It is evidence, until the plan is another.
    let (found, _) = answer(&files, &["dr", "check"]);
    let plan = &found["items"][0];
    assert_eq!((&plan["drills_passed"], &plan["changed_since_drill"]), (&1.into(), &false.into()));
    assert_eq!(plan["disruptions"][0]["drill_loss"], "30s");
    files.write("specs/shop.yaml", SHOP.replace("duration: 3h", "duration: 2h").as_bytes());
    let (found, _) = answer(&files, &["dr", "check"]);
    assert_eq!(found["items"][0]["changed_since_drill"], true);
    // A second one on the same day has a name of its own.
    let ran = at("2026-11-20T14:00:00Z", &["dr", "drill", "start", "shop"]);
    assert!(
        ran.stderr.starts_with("wrote specs/recoverydrill/shop-2026-11-20-2.yaml\n"),
        "{ran:?}"
    );
}
