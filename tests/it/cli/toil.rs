//! `sre toil`, on a catalog of its own.
use super::harness::{Files, Ran, Run};
use serde_json::Value;

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).within(files).go()
}

fn json(files: &Files, arguments: &[&str]) -> Value {
    let ran = run(files, &[arguments, &["--format", "json", "-q", "-q"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
}

const CATALOG: &str = "\
apiVersion: sre/v1
kind: Team
metadata: {name: web}
spec:
  members:
    - {name: alice, holidays: [days]}
    - {name: bob, unavailable: [{from: 2026-10-19, through: 2026-10-25}]}
---
apiVersion: sre/v1
kind: HolidayCalendar
metadata: {name: days}
spec: {days: [{date: 2026-10-02, name: A day}]}
---
apiVersion: sre/v1
kind: ToilLog
metadata: {name: web}
spec:
  team: web
  cap: 10%
  tasks:
    - {name: restore, each: 30m, automation: {effort: 20h, leaves: 20%}}
  entries:
    - {task: restore, month: 2026-09, count: 40}
    - {task: restore, month: 2026-10, count: 80}
    - {task: restart, on: 2026-10-05, by: bob, count: 2, each: 1h}
---
apiVersion: sre/v1
kind: Incident
metadata: {name: orders}
spec:
  title: Orders fail
  timeline:
    - {at: 2026-10-14T12:00:00Z, type: started}
    - {at: 2026-10-14T12:30:00Z, type: acknowledged, by: alice}
    - {at: 2026-10-14T12:40:00Z, type: acknowledged, by: alertmanager}
    - {at: 2026-10-14T14:00:00Z, type: mitigated, by: alice}
";

fn web() -> Files {
    Files::new(&[("specs/sre.yaml", "{}\n"), ("specs/web.yaml", CATALOG)])
}

fn hours(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn shares_rest_on_days_that_people_work() {
    let files = web();
    let answer = json(&files, &["toil", "--until", "2026-10", "--months", "2"]);
    let item = &answer["items"][0];
    let october = &item["months"][1];
    // 22 weekdays for each; alice has one holiday, bob five days away: 21 and 17 days of eight hours.
    assert!((hours(&october["work_hours"]) - 304.0).abs() < 1e-9, "{october}");
    assert!((hours(&october["logged_hours"]) - 42.0).abs() < 1e-9, "{october}");
    assert!((hours(&october["page_hours"]) - 1.5).abs() < 1e-9, "{october}");
    assert!((hours(&october["share"]) - 43.5 / 304.0).abs() < 1e-9, "{october}");
    assert_eq!((&october["over_cap"], &october["running"]), (&true.into(), &false.into()));
    let people = item["people"].as_array().unwrap();
    assert_eq!(people[0]["person"], "alice");
    assert!((hours(&people[0]["toil_hours"]) - 1.5).abs() < 1e-9);
    assert!((hours(&people[1]["toil_hours"]) - 2.0).abs() < 1e-9);
    assert_eq!(people[2]["person"], Value::Null);
    assert_eq!(item["trend"], Value::Null);
}

#[test]
fn what_pays_back_comes_first() {
    let files = web();
    let answer =
        json(&files, &["toil", "--until", "2026-10", "--months", "2", "--without", "page"]);
    let tasks = answer["items"][0]["tasks"].as_array().unwrap();
    let names: Vec<&str> = tasks.iter().map(|task| task["task"].as_str().unwrap()).collect();
    assert_eq!(names, ["restore", "restart"]);
    // Sixty hours in 61 days, of which four fifths would be saved.
    let per_month = 60.0 / (61.0 / 30.44);
    assert!((hours(&tasks[0]["hours_per_month"]) - per_month).abs() < 1e-9);
    let back = 20.0 / (per_month * 0.8);
    assert!((hours(&tasks[0]["pays_back_after_months"]) - back).abs() < 1e-9);
    assert_eq!(tasks[1]["effort_hours"], Value::Null);
}

#[test]
fn more_than_the_cap_is_found() {
    let files = web();
    let asked = ["toil", "--until", "2026-10", "--months", "1"];
    let ran = run(&files, &asked);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("above 10%"), "{}", ran.stdout);
    assert_eq!(run(&files, &[&asked[..], &["--fail-on", "never"]].concat()).code, 0);
    assert_eq!(run(&files, &["toil", "web", "--until", "2026-08", "--months", "1"]).code, 0);
    let unknown = run(&files, &["toil", "wbe"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean `web`?"), "{}", unknown.stderr);
    let none = Files::new(&[("specs/sre.yaml", "{}\n")]);
    assert_eq!(run(&none, &["toil"]).code, 2);
}
