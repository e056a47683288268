//! GoAlert's schedules: imported, and compared with what the pager says.
use crate::cli::harness::{Files, Ran, Run};
use chrono::{Datelike as _, NaiveTime, TimeDelta, Weekday};
use serde_json::{Value, json};
use sre::kernel::{
    time::{Zone, parse_instant, rfc3339},
    units::Instant,
};
use std::collections::BTreeMap;

const NOW: &str = "2027-02-01T00:00:00Z";
const ZONE: &str = "Europe/London";

fn at(text: &str) -> Instant {
    parse_instant(text).unwrap()
}

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).args(["--now", NOW]).within(files).go()
}

fn user(id: &str) -> Value {
    let name = match id {
        "u1" => "Alice Example",
        "u2" => "Bob Example",
        // Two people of the same name.
        "u3" | "u4" => "Sam Lee",
        _ => "Дмитрий",
    };
    json!({"id": id, "name": name})
}

struct Turns<'a> {
    id: &'a str,
    zone: &'a str,
    kind: &'a str,
    length: i64,
    start: &'a str,
    active: usize,
    next: &'a str,
    users: &'a [&'a str],
}

const TURNS: &[Turns<'_>] = &[
    Turns {
        id: "days",
        zone: ZONE,
        kind: "weekly",
        length: 1,
        start: "2025-06-02T08:00:00Z",
        active: 2,
        next: "2027-02-01T09:00:00Z",
        users: &["u1", "u2", "u3"],
    },
    Turns {
        id: "nights",
        zone: ZONE,
        kind: "daily",
        length: 3,
        start: "2027-01-29T17:30:20Z",
        active: 0,
        next: "2027-02-01T17:30:00Z",
        users: &["u4", "u5"],
    },
    // Of another zone, in which clocks change on another day, and of hours that do not divide a day.
    Turns {
        id: "hours",
        zone: "America/New_York",
        kind: "hourly",
        length: 5,
        start: "2027-01-31T20:30:00Z",
        active: 1,
        next: "2027-02-01T01:30:00Z",
        users: &["u2", "u1", "u5", "u3"],
    },
];

const WEEKDAYS: [bool; 7] = [false, true, true, true, true, true, false];
const WEEKEND: [bool; 7] = [true, false, false, false, false, false, true];
const ALWAYS: [bool; 7] = [true; 7];

/// Whom, from when, until when, on which days from Sunday on.
const RULES: &[(&str, &str, &str, [bool; 7])] = &[
    ("days", "09:00", "17:30", WEEKDAYS),
    ("nights", "17:30", "09:00", ALWAYS),
    ("nights", "11:00", "15:00", WEEKEND),
    ("hours", "00:00", "00:00", ALWAYS),
    ("u4", "10:00", "12:00", WEEKEND),
];

/// From when, until when, who is added, who is removed.
const OVERRIDES: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("2027-02-10T18:00:00Z", "2027-02-12T09:00:00Z", Some("u3"), None),
    ("2027-02-11T00:00:00Z", "2027-02-14T09:00:00Z", Some("u1"), Some("u2")),
    // Whom the one before brings in is not taken away by this one.
    ("2027-02-10T00:00:00Z", "2027-02-13T12:00:00Z", Some("u4"), Some("u1")),
    ("2027-02-12T00:00:00Z", "2027-02-13T00:00:00Z", None, Some("u4")),
    ("2027-03-27T21:00:00Z", "2027-03-28T09:30:00+01:00", None, Some("u5")),
];

const TEMPORARY: (&str, &str, &[(&str, &str, &str)]) = (
    "2027-03-10T08:00:00Z",
    "2027-03-12T08:00:00Z",
    &[
        ("u1", "2027-03-10T08:00:00Z", "2027-03-11T08:00:00Z"),
        ("u2", "2027-03-10T20:00:00Z", "2027-03-11T12:00:00Z"),
    ],
);

/// Who is on call at an instant, by GoAlert's rule and nothing else.
fn on_call(now: Instant) -> Vec<String> {
    let within = |from: &str, to: &str| at(from) <= now && now < at(to);
    let (from, to, shifts) = TEMPORARY;
    if within(from, to) {
        let open = shifts.iter().filter(|(_, from, to)| within(from, to));
        return open.map(|(user, ..)| (*user).to_owned()).collect();
    }
    let local = Zone::get(ZONE).unwrap().local(now).naive_local();
    let is_on = |days: &[bool; 7], day: Weekday| days[day.num_days_from_sunday() as usize];
    let mut found = Vec::new();
    for (whom, from, to, days) in RULES {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let (from, to, day) = (time(from), time(to), local.weekday());
        let is_open = if from < to {
            is_on(days, day) && from <= local.time() && local.time() < to
        } else {
            (is_on(days, day) && from <= local.time())
                || (is_on(days, day.pred()) && local.time() < to)
        };
        if !is_open {
            continue;
        }
        found.push(match TURNS.iter().find(|turns| turns.id == *whom) {
            None => (*whom).to_owned(),
            Some(turns) => {
                let zone = Zone::get(turns.zone).unwrap();
                let unit = match turns.kind {
                    "hourly" => 60,
                    "daily" => 24 * 60,
                    _ => 7 * 24 * 60,
                } * turns.length;
                let number = |instant: Instant| {
                    let start = zone.local(at(turns.start)).naive_local();
                    let minute = start.format("%Y-%m-%dT%H:%M").to_string();
                    let start =
                        chrono::NaiveDateTime::parse_from_str(&minute, "%Y-%m-%dT%H:%M").unwrap();
                    (zone.local(instant).naive_local() - start).num_minutes().div_euclid(unit)
                };
                let ahead = number(now) - (number(at(turns.next)) - 1);
                let count = i64::try_from(turns.users.len()).unwrap();
                let index = (i64::try_from(turns.active).unwrap() + ahead).rem_euclid(count);
                turns.users[usize::try_from(index).unwrap()].to_owned()
            }
        });
    }
    let open = || OVERRIDES.iter().filter(|(from, to, ..)| within(from, to));
    let mut mapped: Vec<String> = Vec::new();
    for user in found {
        let of = |adds: bool| {
            let is = |it: &&(_, _, Option<&str>, Option<&str>)| {
                it.3 == Some(user.as_str()) && it.2.is_some() == adds
            };
            open().find(is)
        };
        match (of(true), of(false)) {
            (Some((.., by, _)), _) => mapped.extend(by.map(str::to_owned)),
            (None, Some(_)) => {}
            (None, None) => mapped.push(user),
        }
    }
    mapped.extend(open().filter(|it| it.3.is_none()).filter_map(|it| it.2.map(str::to_owned)));
    mapped.sort_unstable();
    mapped.dedup();
    mapped
}

fn shifts(days: i64) -> Value {
    let mut open: BTreeMap<String, Instant> = BTreeMap::new();
    let mut shifts = Vec::new();
    for number in 0..=days * 48 {
        let now = at(NOW) + TimeDelta::minutes(30 * number);
        let who = if number == days * 48 { Vec::new() } else { on_call(now) };
        open.retain(|id, start| {
            let stays = who.contains(id);
            if !stays {
                shifts.push(json!({"userID": id, "user": user(id), "start": rfc3339(*start), "end": rfc3339(now), "truncated": false}));
            }
            stays
        });
        for id in who {
            open.entry(id).or_insert(now);
        }
    }
    shifts.into()
}

fn export() -> Value {
    let mut targets: Vec<Value> = Vec::new();
    for id in ["days", "nights", "hours", "u4"] {
        let kind = if TURNS.iter().any(|turns| turns.id == id) { "rotation" } else { "user" };
        let rules = RULES.iter().filter(|rule| rule.0 == id);
        let rules: Vec<Value> = rules
            .map(|rule| json!({"start": rule.1, "end": rule.2, "weekdayFilter": rule.3}))
            .collect();
        targets
            .push(json!({"target": {"id": id, "type": kind, "name": format!("The {id}")}, "rules": rules}));
    }
    let rotation = |turns: &Turns<'_>| {
        let users: Vec<Value> = turns.users.iter().map(|id| user(id)).collect();
        json!({
            "id": turns.id, "name": format!("The {}", turns.id), "description": "", "timeZone": turns.zone,
            "start": turns.start, "type": turns.kind, "shiftLength": turns.length,
            "activeUserIndex": turns.active, "nextHandoffTimes": [turns.next], "users": users,
        })
    };
    let mut all: Vec<Value> = OVERRIDES
        .iter()
        .map(|(start, end, adds, removes)| {
            json!({"start": start, "end": end, "addUser": adds.map(user), "removeUser": removes.map(user), "target": {"id": "s1", "type": "schedule"}})
        })
        .collect();
    // Of another schedule.
    all.push(json!({"start": NOW, "end": "2027-05-01T00:00:00Z", "addUser": user("u1"), "removeUser": null, "target": {"id": "s2", "type": "schedule"}}));
    let temporary: Vec<Value> = TEMPORARY
        .2
        .iter()
        .map(|(id, start, end)| json!({"user": user(id), "start": start, "end": end}))
        .collect();
    json!({"data": {
        "schedules": {
            "pageInfo": {"hasNextPage": false},
            "nodes": [{
                "id": "s1", "name": "Shop (EU)", "description": "Who is called first.", "timeZone": ZONE,
                "targets": targets,
                "temporarySchedules": [{"start": TEMPORARY.0, "end": TEMPORARY.1, "shifts": temporary}],
                "shifts": shifts(90),
            }],
        },
        "rotations": {"pageInfo": {"hasNextPage": false}, "nodes": TURNS.iter().map(rotation).collect::<Vec<_>>()},
        "userOverrides": {"pageInfo": {"hasNextPage": false}, "nodes": all},
    }})
}

#[test]
fn an_imported_schedule_says_the_same_for_ninety_days() {
    let export = export();
    let files = Files::new(&[("pager.json", &export.to_string())]);
    let ran = run(&files, &["import", "goalert", "pager.json", "-o", "specs"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("wrote 1 file into specs\n", 0), "{ran:?}");
    let ran = run(&files, &["validate", "specs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0), "{ran:?}");
    assert_eq!(ran.stdout.trim(), "Both say the same of who is on call.");
    // The comparison sees half an hour.
    let mut changed = export.clone();
    let shift = &mut changed["data"]["schedules"]["nodes"][0]["shifts"][40];
    let end = at(shift["end"].as_str().unwrap()) - TimeDelta::minutes(30);
    shift["end"] = rfc3339(end).into();
    files.write("pager.json", changed.to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json", "--format", "json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, answer["items"].as_array().unwrap().len()), (1, 1), "{ran:?}");
    // Without shifts there is nothing to compare with.
    changed["data"]["schedules"]["nodes"][0].as_object_mut().unwrap().remove("shifts");
    files.write("pager.json", changed.to_string().as_bytes());
    let ran = run(&files, &["oncall", "diff", "--against", "pager.json"]);
    assert_eq!(
        ran.stderr,
        "error: the export of `shop-eu` has no final schedule\n  help: ask GoAlert for it with `shifts(start: \"2027-02-01T00:00:00Z\", end: \"2027-05-02T00:00:00Z\")`\n"
    );
}

#[test]
fn a_schedule_is_written_as_people_would() {
    let mut export = export();
    let schedule = &mut export["data"]["schedules"]["nodes"][0];
    schedule["targets"].as_array_mut().unwrap().truncate(1);
    schedule["temporarySchedules"] = json!([]);
    export["data"]["userOverrides"]["nodes"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["target"]["id"] == "s2");
    let files = Files::new(&[("pager.json", &export.to_string())]);
    let ran = run(&files, &["import", "pager.json"]);
    let expected = "\
apiVersion: sre/v1
kind: Rotation
metadata:
  name: shop-eu
  display_name: Shop (EU)
  description: Who is called first.
  annotations:
    goalert.me/schedule: s1
spec:
  time_zone: Europe/London
  rotation_type: weekly
  handoff_day: monday
  handoff_time: 09:00
  start: 2027-01-25
  dst_gap: after
  members:
    - Sam Lee (u3)
    - Alice Example
    - Bob Example
  coverage:
    - days:
        - monday
        - tuesday
        - wednesday
        - thursday
        - friday
      from: 09:00
      to: 17:30
";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), (expected, "", 0));
}

/// What is lost, by field; the import then ends with 1.
fn lost(change: &dyn Fn(&mut Value)) -> Vec<String> {
    let mut export = export();
    change(&mut export["data"]);
    let text = serde_json::to_string_pretty(&export).unwrap();
    let files = Files::new(&[("pager.json", &text)]);
    let ran = run(&files, &["import", "pager.json", "--format", "json"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.stderr).unwrap();
    let items = told["items"].as_array().unwrap();
    items.iter().map(|item| item["field"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_lost_is_said() {
    let set = |path: &'static str, value: Value| {
        move |data: &mut Value| *data.pointer_mut(path).unwrap() = value.clone()
    };
    let monthly = |data: &mut Value| {
        let rotation = &mut data["rotations"]["nodes"][0];
        rotation["type"] = json!("monthly");
        rotation["start"] = json!("2025-05-31T08:00:00Z");
    };
    assert_eq!(lost(&monthly), ["The days: start"]);
    assert_eq!(
        lost(&set("/rotations/nodes/1/nextHandoffTimes/0", json!("2027-02-01T17:00:00Z"))),
        ["The nights: nextHandoffTimes"]
    );
    assert_eq!(lost(&set("/rotations/nodes/1/shiftLength", json!(0))), ["The nights: shiftLength"]);
    assert_eq!(
        lost(&set("/rotations/nodes/0/timeZone", json!("Europe/Berlin"))),
        ["Shop (EU): targets[0].rules"]
    );
    assert_eq!(
        lost(&set("/schedules/nodes/0/targets/3/rules", json!([]))),
        ["Shop (EU): targets[3]"]
    );
    // Two who replace each other.
    let exchange = |data: &mut Value| {
        let all = &mut data["userOverrides"]["nodes"];
        let span = json!({"start": "2027-04-01T00:00:00Z", "end": "2027-04-02T00:00:00Z", "target": {"id": "s1"}});
        for (adds, removes) in [("u1", "u2"), ("u2", "u1")] {
            let mut one = span.clone();
            one["addUser"] = user(adds);
            one["removeUser"] = user(removes);
            all.as_array_mut().unwrap().push(one);
        }
    };
    assert_eq!(lost(&exchange), ["userOverrides[6]"]);
    let more = |data: &mut Value| data["rotations"]["nodes"][0]["color"] = json!("red");
    assert_eq!(lost(&more), ["rotation The days: color"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let check = |path: &str, value: Value, message: &str| {
        let mut export = export();
        *export.pointer_mut(path).unwrap() = value;
        let text = serde_json::to_string_pretty(&export).unwrap();
        let files = Files::new(&[("pager.json", &text)]);
        let ran = run(&files, &["import", "pager.json"]);
        assert!(ran.stderr.contains(message) && ran.code == 2, "{message}: {ran:?}");
        assert!(ran.stderr.contains("pager.json:"), "{ran:?}");
    };
    let rotation = "/data/rotations/nodes/0";
    let schedule = "/data/schedules/nodes/0";
    let of = |base: &str, rest: &str| format!("{base}/{rest}");
    check(&of(rotation, "timeZone"), json!("Europe/Lodnon"), "did you mean `Europe/London`?");
    check(&of(rotation, "type"), json!("yearly"), "`hourly`, `daily`, `weekly` or `monthly`");
    check(&of(rotation, "nextHandoffTimes"), json!([]), "`nextHandoffTimes(num: 1)`");
    check(&of(rotation, "nextHandoffTimes/0"), json!("soon"), "expected an instant");
    check(&of(rotation, "activeUserIndex"), json!(3), "the number of one of the `users`");
    check(&of(rotation, "id"), json!("other"), "a rotation that the answer holds");
    check(&of(schedule, "targets/0/rules/0/start"), json!("9 am"), "a time of day");
    check(&of(schedule, "targets/0/rules/0/weekdayFilter"), json!([true]), "seven of");
    check(&of(schedule, "targets/0/target/type"), json!("robot"), "`user` or `rotation`");
    check(&of(schedule, "shifts/0/end"), json!(NOW), "an instant later than `start`");
    check("/data/schedules/pageInfo/hasNextPage", json!(true), "more items than the answer holds");
    let mut export = export();
    export["errors"] = json!([{"message": "not allowed", "path": ["schedules"]}]);
    let files = Files::new(&[("pager.json", &serde_json::to_string_pretty(&export).unwrap())]);
    let ran = run(&files, &["import", "pager.json"]);
    assert!(ran.stderr.contains("not allowed") && ran.code == 2, "{ran:?}");
}
