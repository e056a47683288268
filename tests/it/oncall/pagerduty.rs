//! PagerDuty's schedules: imported, and compared with what the pager says.
use crate::cli::harness::{Files, Ran, Run};
use chrono::{Datelike as _, TimeDelta, Timelike as _};
use serde_json::{Value, json};
use sre::kernel::{
    time::{Zone, parse_instant, rfc3339},
    units::Instant,
};

const NOW: &str = "2027-02-01T00:00:00Z";
const ZONE: &str = "Europe/London";

fn at(text: &str) -> Instant {
    parse_instant(text).unwrap()
}

fn user(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "user_reference", "summary": name, "self": "https://api.pagerduty.com/users/x", "html_url": null})
}

fn users(ids: &[&str]) -> Value {
    let name = |id: &str| match id {
        "P1" => "Alice Example",
        "P2" => "Bob Example",
        // Two people of the same name.
        "P3" | "P4" => "Sam Lee",
        _ => "Дмитрий",
    };
    ids.iter().map(|id| json!({"user": user(id, name(id))})).collect()
}

fn layer(name: &str, start: &str, virtual_start: &str, turn: u64, ids: &[&str]) -> Value {
    json!({
        "id": "PL1", "name": name, "start": start, "end": null, "rotation_virtual_start": virtual_start,
        "rotation_turn_length_seconds": turn, "users": users(ids), "restrictions": [],
        "rendered_schedule_entries": [], "rendered_coverage_percentage": null,
    })
}

fn with(mut layer: Value, key: &str, value: Value) -> Value {
    layer[key] = value;
    layer
}

/// Those that were made later come first.
fn layers() -> Value {
    let weekend = json!([{"type": "weekly_restriction", "start_time_of_day": "18:00:00", "start_day_of_week": 5, "duration_seconds": 62 * 3600}]);
    let office = json!([{"type": "daily_restriction", "start_time_of_day": "09:30:00", "duration_seconds": 8 * 3600}]);
    let night = json!([{"type": "daily_restriction", "start_time_of_day": "22:00:00", "duration_seconds": 8 * 3600}]);
    json!([
        with(
            layer(
                "Weekends",
                "2026-01-07T10:13:22Z",
                "2026-01-05T09:00:00+00:00",
                604_800,
                &["P5", "P1", "P3"]
            ),
            "restrictions",
            weekend,
        ),
        with(
            layer("Begins", "2027-02-20T10:30:00Z", "2027-01-01T12:00:00Z", 43_200, &["P2", "P4"]),
            "restrictions",
            office
        ),
        with(
            with(
                layer(
                    "Nights",
                    "2025-05-01T08:00:00Z",
                    "2025-05-01T08:00:00Z",
                    86_400,
                    &["P3", "P4", "P2"]
                ),
                "restrictions",
                night
            ),
            "end",
            json!("2027-03-20T05:00:00Z"),
        ),
        layer("Elapsed", "2026-06-01T00:00:00Z", "2026-05-30T10:00:00Z", 36 * 3600, &["P4", "P1"]),
        layer(
            "Base",
            "2026-01-01T00:00:00Z",
            "2024-02-29T08:30:00Z",
            14 * 86_400,
            &["P1", "P2", "P3"]
        ),
    ])
}

fn overrides() -> Value {
    json!([
        {"start": "2027-02-10T18:00:00Z", "end": "2027-02-11T09:00:00Z", "user": user("P2", "Bob Example")},
        {"start": "2027-03-27T21:00:00Z", "end": "2027-03-28T09:30:00+01:00", "user": user("P5", "Дмитрий")},
    ])
}

/// Who is on call at an instant, by PagerDuty's rule and nothing else: the override, else the first layer that
/// is visible and not restricted, and in it turn by turn from the virtual start.
fn on_call(layers: &Value, overrides: &Value, zone: &Zone, now: Instant) -> Option<Value> {
    let time = |value: &Value| at(value.as_str().unwrap());
    let within = |entry: &&Value| time(&entry["start"]) <= now && now < time(&entry["end"]);
    if let Some(entry) = overrides.as_array().unwrap().iter().find(within) {
        return Some(entry["user"].clone());
    }
    let local = |at: Instant| zone.local(at).naive_local();
    for layer in layers.as_array().unwrap() {
        let ended = layer["end"].as_str().is_some_and(|end| at(end) <= now);
        if now < time(&layer["start"]) || ended {
            continue;
        }
        let restrictions = layer["restrictions"].as_array().unwrap();
        let is_open = restrictions.iter().any(|restriction| {
            let length = restriction["duration_seconds"].as_i64().unwrap();
            let text = restriction["start_time_of_day"].as_str().unwrap();
            let start = chrono::NaiveTime::parse_from_str(text, "%H:%M:%S").unwrap();
            let mut since = i64::from(local(now).num_seconds_from_midnight())
                - i64::from(start.num_seconds_from_midnight());
            let cycle = match restriction["start_day_of_week"].as_i64() {
                Some(day) => {
                    since += (i64::from(local(now).weekday().number_from_monday()) - day) * 86_400;
                    7 * 86_400
                }
                None => 86_400,
            };
            since.rem_euclid(cycle) < length
        });
        if !restrictions.is_empty() && !is_open {
            continue;
        }
        let length = layer["rotation_turn_length_seconds"].as_i64().unwrap();
        let virtual_start = time(&layer["rotation_virtual_start"]);
        // Where a day is a number of turns, or a turn of days, handoffs stay at their time of day.
        let passed = if length % 86_400 == 0 || 86_400 % length == 0 {
            local(now) - local(virtual_start)
        } else {
            now - virtual_start
        };
        let users = layer["users"].as_array().unwrap();
        let turn =
            passed.num_seconds().div_euclid(length).rem_euclid(i64::try_from(users.len()).unwrap());
        return Some(users[usize::try_from(turn).unwrap()]["user"].clone());
    }
    None
}

/// The final schedule, by a look at each half hour.
fn last(layers: &Value, overrides: &Value, from: &str, days: i64) -> Value {
    let zone = Zone::get(ZONE).unwrap();
    let mut entries: Vec<Value> = Vec::new();
    for number in 0..days * 48 {
        let begin = at(from) + TimeDelta::minutes(30 * number);
        let end = rfc3339(begin + TimeDelta::minutes(30));
        let Some(user) = on_call(layers, overrides, &zone, begin) else { continue };
        match entries.last_mut() {
            Some(entry) if entry["user"] == user && entry["end"] == rfc3339(begin) => {
                entry["end"] = end.into();
            }
            _ => entries.push(json!({"start": rfc3339(begin), "end": end, "user": user})),
        }
    }
    entries.into()
}

fn schedule(layers: &Value, overrides: &Value, last: &Value) -> Value {
    json!({"schedule": {
        "id": "PSCHED1", "type": "schedule", "summary": "Payments (EU)", "self": "https://api.pagerduty.com/schedules/PSCHED1",
        "html_url": "https://shop.pagerduty.com/schedules/PSCHED1", "name": "Payments (EU)", "time_zone": ZONE,
        "description": "Who is called first.", "schedule_layers": layers, "users": [], "teams": [], "escalation_policies": [],
        "http_cal_url": "https://shop.pagerduty.com/private/secret", "personal_http_cal_url": null,
        "overrides_subschedule": {"name": "Overrides", "rendered_schedule_entries": overrides, "rendered_coverage_percentage": 1.2},
        "final_schedule": {"name": "Final Schedule", "rendered_schedule_entries": last, "rendered_coverage_percentage": 100.0},
    }})
}

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).args(["--now", NOW]).within(files).go()
}

/// Imports an export into a catalog beside it.
fn imported(export: &Value) -> Files {
    let files =
        Files::new(&[("pager.json", &export.to_string()), ("specs/sre.yaml", "time_zone: UTC\n")]);
    let ran = run(&files, &["import", "pagerduty", "pager.json", "-o", "specs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    files
}

#[test]
fn ninety_days_of_the_final_schedule_are_the_same() {
    let (layers, overrides) = (layers(), overrides());
    let last = last(&layers, &overrides, NOW, 90);
    assert!(last.as_array().unwrap().len() > 150, "{last}");
    let files = imported(&schedule(&layers, &overrides, &last));
    let text = files.read("specs/rotation/payments-eu.yaml");
    assert!(text.contains("pagerduty.com/schedule: PSCHED1"), "{text}");
    assert!(text.contains("display_name: Payments (EU)"), "{text}");
    assert!(text.contains("Sam Lee (P3)") && text.contains("Sam Lee (P4)"), "{text}");
    assert!(!text.contains("secret"), "addresses of calendars are secrets: {text}");
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    let expected = ("Both say the same of who is on call.\n", "", 0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), expected);
    // Each layer alone, too: each with what it says of its beginning and end.
    for layer in layers.as_array().unwrap() {
        let one = json!([layer]);
        let last = super::pagerduty::last(&one, &json!([]), NOW, 90);
        let files = imported(&schedule(&one, &json!([]), &last));
        let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
        assert_eq!(ran.code, 0, "{}: {ran:?}", layer["name"]);
    }
}

#[test]
fn differences_are_found() {
    let one = json!([layer(
        "Base",
        "2026-01-01T00:00:00Z",
        "2026-01-02T12:00:00Z",
        604_800,
        &["P1", "P2"]
    )]);
    let last = last(&one, &json!([]), NOW, 90);
    let files = imported(&schedule(&one, &json!([]), &last));
    let override_ = json!([{"start": "2027-02-10T18:00:00Z", "end": "2027-02-11T09:00:00Z", "user": user("P9", "Zoë")}]);
    let changed = super::pagerduty::last(&one, &override_, NOW, 90);
    files.write("pager.json", schedule(&one, &override_, &changed).to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let rows: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for row in [
        "ROTATION PERSON PAGER H FILES H CHANGE H",
        "payments-eu Zoë 15 0 -15",
        "payments-eu 2027-02-10 18:00 UTC 15h Zoë Bob Example",
    ] {
        assert!(rows.iter().any(|it| it == row), "{row}\n{}", ran.stdout);
    }
    // The files may call people otherwise.
    let ours = files.read("specs/rotation/payments-eu.yaml");
    let team = "---\napiVersion: sre/v1\nkind: Team\nmetadata: {name: payments}\nspec:\n  members: [{name: ally, display_name: Alice Example}]\n";
    let ours = ours.replace("Alice Example", "ally").replace("Bob Example", "bob-example") + team;
    files.write("specs/rotation/payments-eu.yaml", ours.as_bytes());
    files.write("pager.json", schedule(&one, &json!([]), &last).to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    // An export of less than is asked for.
    let short = super::pagerduty::last(&one, &json!([]), NOW, 14);
    files.write("pager.json", schedule(&one, &json!([]), &short).to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    let note = "the export of `payments-eu` goes from 2027-02-01T00:00:00Z to 2027-02-15T00:00:00Z: nothing else is compared\n";
    assert_eq!((ran.stderr.as_str(), ran.code), (note, 0));
    files.write("pager.json", schedule(&one, &json!([]), &Value::Null).to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert_eq!(
        ran.stderr,
        "error: the export of `payments-eu` has no final schedule\n  help: ask PagerDuty for it with `since=2027-02-01T00:00:00Z` and `until=2027-05-02T00:00:00Z`\n"
    );
    // No rotation is that schedule's.
    let other = ours.replace("payments-eu", "other").replace("PSCHED1", "PSCHED2");
    files.write("specs/rotation/payments-eu.yaml", other.as_bytes());
    files.write("pager.json", schedule(&one, &json!([]), &last).to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert!(
        ran.stderr.starts_with("error: no rotation is that of the schedule `Payments (EU)`\n"),
        "{ran:?}"
    );
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json", "--rotation", "other"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_schedule_is_written_as_people_would() {
    let one = json!([layer(
        "Base",
        "2026-01-02T12:00:00Z",
        "2026-01-02T12:00:00Z",
        604_800,
        &["P1", "P2"]
    )]);
    let files = Files::new(&[("pager.json", &schedule(&one, &json!([]), &json!([])).to_string())]);
    let ran = run(&files, &["import", "pager.json"]);
    let expected = "\
apiVersion: sre/v1
kind: Rotation
metadata:
  name: payments-eu
  display_name: Payments (EU)
  description: Who is called first.
  annotations:
    pagerduty.com/schedule: PSCHED1
spec:
  time_zone: Europe/London
  rotation_type: weekly
  handoff_day: friday
  handoff_time: 12:00
  start: 2026-01-02
  members:
    - Alice Example
    - Bob Example
";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), (expected, "", 0));
}

#[test]
fn what_is_lost_is_said_with_its_place() {
    let odd = layer("Odd", "2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z", 5400, &["P1"]);
    let empty = layer("Empty", "2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z", 86_400, &[]);
    let seconds = layer("Seconds", "2026-01-02T12:00:30Z", "2026-01-02T12:00:30Z", 86_400, &["P1"]);
    let mut export = schedule(&json!([odd, empty, seconds]), &json!([]), &json!([]));
    export["schedule"]["teams"] =
        json!([{"id": "PT", "type": "team_reference", "summary": "Payments"}]);
    export["schedule"]["escalation_policies"] =
        json!([{"id": "PE", "type": "escalation_policy_reference"}]);
    export["schedule"]["new_thing"] = json!(7);
    let text = serde_json::to_string_pretty(&export).unwrap();
    let files = Files::new(&[("pager.json", &text)]);
    let ran = run(&files, &["import", "pager.json", "--format", "json"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.stderr).unwrap();
    let items = told["items"].as_array().unwrap();
    let mut fields: Vec<&str> = items.iter().map(|item| item["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    let path = "Payments (EU): ";
    let expected = [
        "escalation_policies",
        "new_thing",
        "schedule_layers[0].rotation_turn_length_seconds",
        "schedule_layers[1].users",
        "schedule_layers[2].rotation_virtual_start",
        "teams",
    ];
    assert_eq!(fields, expected.map(|field| format!("{path}{field}")));
    for item in items {
        let key = item["field"].as_str().unwrap().rsplit(['.', ' ']).next().unwrap();
        let line = usize::try_from(item["line"].as_u64().unwrap()).unwrap();
        let said = text.lines().nth(line - 1).unwrap();
        // A layer without users stands for what it lacks.
        assert!(said.contains(key) || key == "users", "{item} at {said}");
    }
    let ran = run(&files, &["import", "pager.json", "--allow-loss"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("handoff_time: 12:00\n"), "{}", ran.stdout);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let one =
        json!([layer("Base", "2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z", 604_800, &["P1"])]);
    let whole = schedule(&one, &json!([]), &json!([]));
    let check = |change: &dyn Fn(&mut Value), message: &str| {
        let mut export = whole.clone();
        change(&mut export["schedule"]);
        let files = Files::new(&[("pager.json", &serde_json::to_string_pretty(&export).unwrap())]);
        let ran = run(&files, &["import", "pager.json"]);
        assert!(ran.stderr.contains(message) && ran.code == 2, "{message}: {ran:?}");
        assert!(ran.stderr.contains("pager.json:"), "{ran:?}");
    };
    let first = "/schedule_layers/0";
    let set = |path: String, value: Value| {
        move |schedule: &mut Value| {
            *schedule.pointer_mut(&path).unwrap() = value.clone();
        }
    };
    check(&set("/time_zone".into(), json!("Europe/Lodnon")), "did you mean `Europe/London`?");
    check(&set("/time_zone".into(), Value::Null), "missing field `time_zone`");
    check(&set("/name".into(), json!([])), "`name`: expected a text");
    check(&set(format!("{first}/start"), json!("yesterday")), "`start`: expected an instant");
    check(
        &set(format!("{first}/rotation_turn_length_seconds"), json!("x")),
        "expected a whole number",
    );
    check(&set(format!("{first}/users/0/user/type"), json!("robot")), "expected a user");
    check(&set(format!("{first}/users"), json!({})), "`users`: expected a list");
    let restriction = |day: u64, time: &str, length: u64| json!([{"type": "weekly_restriction", "start_day_of_week": day, "start_time_of_day": time, "duration_seconds": length}]);
    for (day, time, length, message) in [
        (8, "09:00:00", 60, "expected 1, which is Monday, to 7"),
        (1, "9 am", 60, "expected a time of day"),
        (1, "09:00:00", 0, "expected a length of time"),
    ] {
        check(&set(format!("{first}/restrictions"), restriction(day, time, length)), message);
    }
    let reversed = json!([{"start": "2027-02-10T18:00:00Z", "end": "2027-02-10T18:00:00Z", "user": user("P1", "A")}]);
    let path = "/overrides_subschedule/rendered_schedule_entries".to_owned();
    check(&set(path, reversed), "expected an instant later than `start`");
}
