//! `sre export ical`: the files, what becomes of them when shifts change, and what others read in them.
#![expect(clippy::disallowed_methods, reason = "starts the independent reader, and git")]
use super::goalert::cases;
use crate::cli::harness::{Files, Ran, Run};
use serde_json::Value;
use std::{collections::BTreeSet, process::Command};

const LONG: &str =
    "Älice, Müller; Ωμέγα 山田太郎 \\\\ of the team that is called for everything else";

fn rotations(more: &str) -> String {
    format!(
        "apiVersion: sre/v1
kind: Rotation
metadata: {{name: payments}}
spec:
  time_zone: Europe/London
  rotation_type: weekly
  handoff_day: friday
  handoff_time: \"12:00\"
  start: 2026-01-02
  members: [alice, bob, carol]
  secondary: {{offset: -1}}
{more}---
apiVersion: sre/v1
kind: Rotation
metadata: {{name: office}}
spec:
  time_zone: America/New_York
  rotation_type: daily
  start: 2026-01-02
  members: [{{together: [dave, alice]}}, nobody, bob]
  coverage:
    - {{days: [mon, tue, wed, thu, fri], from: \"09:00\", to: \"17:00\"}}
---
apiVersion: sre/v1
kind: Team
metadata: {{name: payments}}
spec:
  members:
    - {{name: alice, display_name: \"{LONG}\", contact: alice@shop.example}}
    - {{name: bob}}
    - {{name: carol}}
    - {{name: dave}}
"
    )
}

const OVERRIDE: &str = "  overrides:
    - {user: carol, replaces: bob, start: 2027-03-27T18:00, end: 2027-03-28T09:00}
";

fn catalog(more: &str) -> Files {
    Files::new(&[("specs/rotations.yaml", &rotations(more))])
}

fn export(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(&["export", "ical"]).args(arguments.iter().copied()).within(files).go()
}

#[track_caller]
fn exported(files: &Files, arguments: &[&str]) -> String {
    let ran = export(files, arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stdout
}

/// The values of a property, in the order of the file.
fn values(text: &str, property: &str) -> Vec<String> {
    let text = text.replace("\r\n ", "");
    let start = format!("{property}:");
    text.lines().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
}

/// UID, SEQUENCE, STATUS and DTSTART of each event.
fn events(text: &str) -> Vec<(String, String, String, String)> {
    let [uids, sequences, states, starts] =
        ["UID", "SEQUENCE", "STATUS", "DTSTART"].map(|property| values(text, property));
    assert_eq!(uids.iter().collect::<BTreeSet<_>>().len(), uids.len(), "{text}");
    uids.into_iter()
        .zip(sequences)
        .zip(states)
        .zip(starts)
        .map(|(((uid, sequence), state), start)| (uid, sequence, state, start))
        .collect()
}

#[test]
fn the_same_files_give_the_same_bytes_without_contacts() {
    let files = catalog("");
    let text = exported(&files, &["--days", "30", "--alarm", "15m", "--alarm", "1d"]);
    assert_eq!(exported(&files, &["--days", "30", "--alarm", "1d", "--alarm", "15m"]), text);
    assert!(!text.contains("@shop.example"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    assert_eq!(values(&text, "DTSTAMP")[0], "20261201T120000Z", "there is no commit");
}

#[test]
fn events_were_changed_when_the_catalog_was_committed() {
    let files = catalog("");
    files.git(&["init", "-q"]);
    files.git(&["add", "specs"]);
    files.git(&["commit", "-qm", "Rotations"]);
    let text = exported(&files, &["--from", "2026-12-01T00:00:00Z", "--days", "30"]);
    let stamps: BTreeSet<String> = values(&text, "DTSTAMP").into_iter().collect();
    assert_eq!(stamps, BTreeSet::from(["20261102T100000Z".to_owned()]));
    let later = ["--from", "2026-12-01T00:00:00Z", "--days", "30", "--now", "2026-12-09T00:00:00Z"];
    assert_eq!(exported(&files, &later), text, "whenever it is exported");
    // What is committed beside the catalog changes no shift.
    files.write("README", b"hello");
    files.git(&["add", "README"]);
    files.git(&["commit", "-qm", "Other"]);
    assert_eq!(exported(&files, &later), text);
}

#[test]
fn a_shift_has_the_same_uid_wherever_the_period_cuts_it() {
    let files = catalog("");
    let all = exported(&files, &["payments", "--from", "2027-01-01T00:00:00Z", "--days", "60"]);
    let within = ["payments", "--from", "2027-01-12T00:00:00Z", "--to", "2027-01-13T00:00:00Z"];
    let within = exported(&files, &within);
    let (all, within) = (events(&all), events(&within));
    assert_eq!(within.len(), 2, "{within:?}");
    assert!(within.iter().all(|event| all.contains(event)), "{within:?} of {all:?}");
    assert!(within.iter().all(|(.., start)| start == "20270108T120000Z"), "{within:?}");
    // However long ago it began.
    let one = "apiVersion: sre/v1
kind: Rotation
metadata: {name: one}
spec: {time_zone: UTC, rotation_type: weekly, start: 2019-01-01, members: [alice]}
";
    let files = Files::new(&[("specs/one.yaml", one)]);
    let text = exported(&files, &["--days", "7"]);
    assert_eq!(values(&text, "DTSTART"), ["20190101T000000Z"]);
    assert_eq!(values(&text, "DTEND"), ["20261208T120000Z"], "it has no end");
    assert!(text.replace("\r\n ", "").contains("without an end in sight"), "{text}");
}

#[test]
fn files_are_brought_up_to_date() {
    let files = catalog(OVERRIDE);
    let arguments = ["payments", "--days", "150", "-o", "payments.ics"];
    assert_eq!(export(&files, &arguments).stderr, "wrote payments.ics\n");
    let before = files.read("payments.ics");
    assert!(events(&before).iter().all(|(_, sequence, ..)| sequence == "0"), "{before}");
    assert_eq!(export(&files, &arguments).stderr, "payments.ics is up to date\n");
    // Without the override, bob's shift is longer, and those of carol and of his second half are gone.
    files.write("specs/rotations.yaml", rotations("").as_bytes());
    exported(&files, &arguments);
    let after = files.read("payments.ics");
    let changed: Vec<_> = events(&after).into_iter().filter(|(_, it, ..)| it != "0").collect();
    let said: Vec<(&str, &str, &str)> = changed
        .iter()
        .map(|(_, sequence, state, start)| (&**sequence, &**state, &**start))
        .collect();
    let expected = [
        ("1", "CONFIRMED", "20270326T120000Z"),
        ("1", "CANCELLED", "20270327T180000Z"),
        ("1", "CANCELLED", "20270328T080000Z"),
    ];
    assert_eq!(said, expected, "{after}");
    assert!(changed.iter().all(|(uid, ..)| before.contains(uid)), "{changed:?}");
    exported(&files, &arguments);
    assert_eq!(files.read("payments.ics"), after);
    // The override comes back, and so do its events.
    files.write("specs/rotations.yaml", rotations(OVERRIDE).as_bytes());
    exported(&files, &arguments);
    let again = files.read("payments.ics");
    let confirmed = |text: &str| -> Vec<(String, String)> {
        let confirmed = events(text).into_iter().filter(|(.., state, _)| state == "CONFIRMED");
        confirmed.map(|(uid, .., start)| (uid, start)).collect()
    };
    assert_eq!(confirmed(&again), confirmed(&before));
    assert_eq!(events(&again).iter().filter(|(_, sequence, ..)| sequence == "2").count(), 3);
    // When the shifts are over, what was cancelled goes too.
    let later = ["payments", "--now", "2027-04-20T00:00:00Z", "--days", "30", "-o", "payments.ics"];
    exported(&files, &later);
    assert!(events(&files.read("payments.ics")).iter().all(|(.., state, _)| state == "CONFIRMED"));
}

#[test]
fn what_others_wrote_stays() {
    let files = catalog("");
    files.write("a.ics", b"BEGIN:VCALENDAR\r\nPRODID:-//Other//EN\r\nEND:VCALENDAR\r\n");
    let ran = export(&files, &["-o", "a.ics"]);
    let refused = "error: `a.ics` exists, and was not made by this command\n  help: write to another file, or overwrite it with --force\n";
    assert_eq!((ran.stderr.as_str(), ran.code), (refused, 2));
    exported(&files, &["-o", "a.ics", "--force"]);
    let ran = export(&files, &["payments", "-o", "a.ics"]);
    assert!(ran.stderr.starts_with("error: `a.ics` is the calendar of all rotations\n"), "{ran:?}");
    // A folder is written as a whole or not at all.
    files.write("folder/payments.ics", b"mine");
    let ran = export(&files, &["-o", "folder"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(!files.path().join("folder/office.ics").exists());
    assert_eq!(files.read("folder/payments.ics"), "mine");
}

#[test]
fn people_have_files_of_their_own_until_they_have_left() {
    let files = catalog("");
    let arguments = ["--days", "40", "--per-person", "-o", "people"];
    exported(&files, &arguments);
    let carol = files.read("people/carol.ics");
    assert!(values(&carol, "SUMMARY").iter().all(|it| it.starts_with("carol on call")), "{carol}");
    assert_eq!(values(&carol, "X-WR-CALNAME"), ["On call: carol"]);
    let alone = exported(&files, &["--days", "40", "--person", "carol"]);
    assert_eq!(alone, carol);
    let without = rotations("").replace("[alice, bob, carol]", "[alice, bob]");
    files.write("specs/rotations.yaml", without.as_bytes());
    exported(&files, &arguments);
    let after = files.read("people/carol.ics");
    assert_eq!(events(&after).len(), events(&carol).len());
    assert!(events(&after).iter().all(|(.., state, _)| state == "CANCELLED"), "{after}");
    let ran = export(&files, &["--person", "carl"]);
    assert_eq!(ran.stderr, "error: nobody is called `carl`\n  help: did you mean `carol`?\n");
    // A folder of rotations has nothing to do with one of people.
    exported(&files, &["--days", "40", "-o", "all/"]);
    let rotation = files.read("all/payments.ics");
    exported(&files, &["--days", "40", "--per-person", "-o", "all"]);
    assert_eq!(files.read("all/payments.ics"), rotation);
    // A rotation that is gone.
    let office = without.split("---\n").skip(1).collect::<Vec<_>>().join("---\n");
    files.write("specs/rotations.yaml", office.as_bytes());
    exported(&files, &["--days", "40", "-o", "all/"]);
    assert!(
        events(&files.read("all/payments.ics")).iter().all(|(.., state, _)| state == "CANCELLED")
    );
}

/// The case of goalert: other UIDs and words, but the same events with the same alarms.
#[test]
fn events_are_those_of_goalert() {
    for case in cases("goalert_ical.json") {
        let (input, lines) = (&case["input"], &case["expected"]["lines"]);
        let mut spec = "apiVersion: sre/v1
kind: Rotation
metadata: {name: sched}
spec:
  time_zone: UTC
  rotation_type: daily
  start: 2020-01-01
  members: [nobody]
  overrides:
"
        .to_owned();
        for shift in input["shifts"].as_array().unwrap() {
            spec +=
                &format!("    - {{user: x, start: {}, end: {}}}\n", shift["start"], shift["end"]);
        }
        let files = Files::new(&[("specs/a.yaml", &spec)]);
        let mut arguments = vec!["--from".to_owned(), "2020-01-01T00:00:00Z".to_owned()];
        for minutes in input["reminder_minutes"].as_array().unwrap() {
            arguments.extend(["--alarm".to_owned(), format!("{minutes}m")]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ours = exported(&files, &arguments);
        let comparable = |line: &&str| {
            [
                "BEGIN", "END", "VERSION", "CALSCALE", "METHOD", "DTSTART", "DTEND", "ACTION",
                "TRIGGER",
            ]
            .contains(&line.split(':').next().unwrap_or_default())
        };
        let ours: Vec<&str> = ours.split("\r\n").filter(comparable).collect();
        let theirs = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        assert_eq!(ours, theirs.filter(comparable).collect::<Vec<_>>(), "{}", case["id"]);
    }
}

#[test]
fn an_independent_reader_finds_the_same_shifts() {
    let Some(python) = std::env::var_os("SRE_ORACLES") else {
        eprintln!("skipped: SRE_ORACLES names no Python interpreter with icalendar");
        return;
    };
    let files = catalog(OVERRIDE);
    // Over both changes of the clocks of both zones.
    let (from, to) = ("2027-02-01T05:30:00Z", "2027-12-01T00:00:00Z");
    let range = ["--from", from, "--to", to];
    exported(&files, &[&range[..], &["--alarm", "15m", "-o", "all.ics"]].concat());
    let output = Command::new(python)
        .arg(format!("{}/tests/oracle/icalendar_shifts.py", env!("CARGO_MANIFEST_DIR")))
        .args([files.path().join("all.ics").as_os_str()])
        .args([from, to])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&read["name"], &read["method"]), (&"On call".into(), &"PUBLISH".into()));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = read["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["alarms"] == serde_json::json!(["-PT15M"])));
    // The answer of `schedule` ends where the period does; events are whole.
    let theirs: BTreeSet<(String, String, String)> = events
        .iter()
        .map(|event| {
            let (begin, end) = (text(&event["from"]), text(&event["to"]));
            (text(&event["summary"]), begin.max(from.to_owned()), end.min(to.to_owned()))
        })
        .collect();
    let schedule = Run::new(&["oncall", "schedule"]).args(range).within(&files).json();
    let mut ours = BTreeSet::new();
    for item in schedule["items"].as_array().unwrap() {
        for shift in item["shifts"].as_array().unwrap() {
            let person = text(&shift["person"]);
            let person = if person == "alice" { LONG.replace("\\\\", "\\") } else { person };
            let role = if shift["role"] == "secondary" { " (secondary)" } else { "" };
            let summary = format!("{person} on call: {}{role}", text(&item["rotation"]));
            ours.insert((summary, text(&shift["from"]), text(&shift["to"])));
        }
    }
    assert!(ours.len() > 200, "{}", ours.len());
    assert_eq!(theirs.len(), events.len());
    assert_eq!(theirs, ours);
}
