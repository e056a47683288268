//! Cases that an independent implementation over Python's `zoneinfo` computed.
use super::{
    fixed, handoffs, instant, layer, people_at, period, shift, strings, weekday, window, zone,
};
use chrono::TimeDelta;
use serde_json::Value;
use sre::{
    domains::oncall::engine::{
        Apply, GapRule, Handoffs, Member, Override, Rhythm, Roster, Schedule, Shift, Temporary,
        Version, coverage, periods, schedule,
    },
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};

fn cases() -> Vec<Value> {
    let text = include_str!("derived_rotation.json");
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn case(id: &str) -> Value {
    cases().into_iter().find(|case| case["id"] == id).unwrap()
}

/// Ids of the cases that a test of this file is about.
const TESTED_ALONE: &[&str] = &[
    "derived-advance-calendar",
    "derived-member-joins",
    "derived-member-leaves",
    "derived-secondary-collision",
    "derived-gap-report",
    "derived-before-start",
    "derived-layers-order-irrelevant",
    "derived-window-equals-gap",
    // About escalation, not about shifts.
    "derived-escalation-worst-case",
];

#[test]
fn every_case_is_as_computed() {
    let mut checked = 0;
    for case in cases() {
        let (id, input, expected) =
            (case["id"].as_str().unwrap(), &case["input"], &case["expected"]);
        if TESTED_ALONE.contains(&id) {
            continue;
        }
        if expected.get("boundaries").or(expected.get("effective_boundaries")).is_some() {
            boundaries(id, input, expected);
        } else if expected.get("shifts").is_some() {
            turns(id, input, expected);
        } else if expected.get("windows").is_some() {
            windows(id, input, expected);
        } else if expected.get("timeline_utc").is_some() {
            follow_the_sun(id, input, expected);
        } else if expected.get("anchor").is_some() {
            assert_eq!(handoffs(input).begin(0), instant(&expected["anchor"]), "{id}");
        } else {
            final_schedule(id, input, expected);
        }
        checked += 1;
    }
    assert_eq!(checked + TESTED_ALONE.len(), cases().len());
}

fn boundaries(id: &str, input: &Value, expected: &Value) {
    let handoffs = handoffs(input);
    let key =
        if expected.get("boundaries").is_some() { "boundaries" } else { "effective_boundaries" };
    let begins: Vec<Instant> = expected[key].as_array().unwrap().iter().map(instant).collect();
    let ours: Vec<Instant> =
        (0..).take(begins.len()).map(|turn: i64| handoffs.begin(turn)).collect();
    assert_eq!(ours, begins, "{id}");
    if let Some(raw) = expected.get("raw_boundaries") {
        let raw: Vec<Instant> = raw.as_array().unwrap().iter().map(instant).collect();
        let ours: Vec<Instant> =
            (0..).take(raw.len()).map(|turn: i64| handoffs.unguarded(turn)).collect();
        assert_eq!(ours, raw, "{id}");
    }
    let whole = Period { from: begins[0], to: *begins.last().unwrap() };
    let taken: Vec<i64> = handoffs.turns(whole).map(|turn| turn.number).collect();
    let empty = expected.get("zero_length_turns").and_then(Value::as_array);
    let empty: Vec<i64> = empty.into_iter().flatten().map(|turn| turn.as_i64().unwrap()).collect();
    let all: Vec<i64> = (0..).take(begins.len() - 1).filter(|turn| !empty.contains(turn)).collect();
    assert_eq!(taken, all, "{id}");
    for turn in handoffs.turns(whole) {
        assert_eq!(handoffs.at(turn.period.from), Some(turn.number), "{id}");
        let last = turn.period.to - TimeDelta::seconds(1);
        assert_eq!(handoffs.at(last), Some(turn.number), "{id}");
    }
}

fn turns(id: &str, input: &Value, expected: &Value) {
    let handoffs = handoffs(input);
    let schedule = Schedule {
        layers: vec![layer(handoffs.clone(), &strings(&input["users"]))],
        ..Schedule::default()
    };
    for wanted in expected["shifts"].as_array().unwrap() {
        let turn = handoffs.turn(wanted["turn"].as_i64().unwrap());
        assert_eq!(turn.period, period(&wanted["start"], &wanted["end"]), "{id}");
        let hours = turn.period.length().seconds() / 3600.0;
        assert!((hours - wanted["hours"].as_f64().unwrap()).abs() < 1e-9, "{id}");
        let shifts = schedule.shifts(turn.period);
        let person = wanted["user"].as_str().unwrap().to_owned();
        assert_eq!(shifts, [Shift { period: turn.period, person }], "{id}");
    }
}

fn windows(id: &str, input: &Value, expected: &Value) {
    let (within, spec) = match input.get("coverage") {
        Some(spec) => (period(&input["window"][0], &input["window"][1]), spec),
        None => (period(&input["from"], &input["to"]), input),
    };
    let zone = zone(&input["time_zone"]);
    let ours = coverage::coverage(&zone, GapRule::Rfc5545, &[window(spec)], within);
    let wanted = expected["windows"].as_array().unwrap();
    let theirs: Vec<Period> = wanted.iter().map(|one| period(&one[0], &one[1])).collect();
    assert_eq!(ours, theirs, "{id}");
}

fn follow_the_sun(id: &str, input: &Value, expected: &Value) {
    let date: Instant =
        format!("{}T00:00:00Z", input["date_utc"].as_str().unwrap()).parse().unwrap();
    let day = Period { from: date, to: date + TimeDelta::days(1) };
    let every_day = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].map(weekday);
    let layers: Vec<_> = input["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let name = one[0].as_str().unwrap().to_owned();
            let handoffs = Handoffs {
                zone: zone(&one[1]),
                anchor: "2026-01-01T00:00:00".parse().unwrap(),
                rhythm: Rhythm::civil(10_080),
                gap: GapRule::Rfc5545,
                on_holiday: None,
            };
            let hours = serde_json::json!({"days": [], "start": one[2], "end": one[3]});
            let mut layer = layer(handoffs, &[name]);
            layer.windows = vec![window(&hours)];
            layer.windows[0].days = every_day.to_vec();
            layer
        })
        .collect();
    let schedule = Schedule { layers, ..Schedule::default() };
    let shifts = schedule.shifts(day);
    for line in expected["timeline_utc"].as_array().unwrap() {
        let at = |value: &Value| {
            let minute = super::minutes(value);
            date + TimeDelta::minutes(i64::from(minute))
        };
        let people = strings(&line[2]);
        let from = at(&line[0]);
        let to = if line[1] == "00:00" { day.to } else { at(&line[1]) };
        for instant in [from, from + (to - from) / 2, to - TimeDelta::minutes(1)] {
            assert_eq!(
                people_at(&shifts, instant),
                people.iter().cloned().collect(),
                "{id} {instant}"
            );
        }
    }
    let open = periods::seconds(&schedule::gaps(&shifts, day));
    let hours = expected["uncovered_hours"].as_f64().unwrap();
    assert!((open as f64 / 3600.0 - hours).abs() < 1e-9, "{id}");
}

fn final_schedule(id: &str, input: &Value, expected: &Value) {
    let mut schedule = Schedule::default();
    match input.get("layers").and_then(Value::as_array) {
        Some(layers) => schedule.layers.extend(layers.iter().map(|one| {
            let priority = i32::try_from(one["priority"].as_i64().unwrap()).unwrap();
            sre::domains::oncall::engine::Layer { priority, ..fixed(&one["shifts"]) }
        })),
        None => schedule.layers.push(fixed(&input["shifts"])),
    }
    let list = |key: &str| input.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, key: &str| value.get(key).map(|it| it.as_str().unwrap().to_owned());
    schedule.overrides = list("overrides")
        .iter()
        .map(|one| Override {
            person: text(one, "user"),
            replaces: text(one, "replaces"),
            period: period(&one["start"], &one["end"]),
        })
        .collect();
    schedule.temporary = list("temporary")
        .iter()
        .map(|one| Temporary {
            period: period(&one["start"], &one["end"]),
            shifts: one["shifts"].as_array().unwrap().iter().map(shift).collect(),
        })
        .collect();
    let whole = Period {
        from: "2026-05-01T00:00:00Z".parse().unwrap(),
        to: "2026-05-10T00:00:00Z".parse().unwrap(),
    };
    let wanted: Vec<Shift> = expected["final"].as_array().unwrap().iter().map(shift).collect();
    let shifts = schedule.shifts(whole);
    assert_eq!(shifts, wanted, "{id}");
    if let Some(gaps) = expected.get("gaps") {
        let inner = Period { from: wanted[0].period.from, to: wanted.last().unwrap().period.to };
        let gaps: Vec<Period> =
            gaps.as_array().unwrap().iter().map(|gap| period(&gap[0], &gap[1])).collect();
        assert_eq!(schedule::gaps(&shifts, inner), gaps, "{id}");
    }
    // The order in which layers are written means nothing.
    schedule.layers.reverse();
    assert_eq!(schedule.shifts(whole), wanted, "{id}");
}

#[test]
fn a_window_in_a_gap_of_the_clocks_is_empty() {
    let case = case("derived-window-equals-gap");
    let mut spec = window(&serde_json::json!({
        "days": ["SU"], "start": case["input"]["start"], "end": case["input"]["end"]
    }));
    let date = case["input"]["date"].as_str().unwrap().parse().unwrap();
    let new_york = Zone::get("America/New_York").unwrap();
    for gap in [GapRule::Rfc5545, GapRule::After] {
        assert_eq!(spec.on(&new_york, gap, date), None);
    }
    // Half an hour of it would have a negative length.
    spec.from = 150;
    assert_eq!(spec.on(&new_york, GapRule::Rfc5545, date), None);
}

#[test]
fn turns_pass_at_weekends_or_not() {
    let case = case("derived-advance-calendar");
    let input = &case["input"];
    let mut one = layer(handoffs(input), &strings(&input["users"]));
    one.windows = vec![window(&input["restriction"])];
    let by_day = |layer: &sre::domains::oncall::engine::Layer| -> Vec<String> {
        let days = case["expected"]["by_day"].as_array().unwrap();
        let schedule = Schedule { layers: vec![layer.clone()], ..Schedule::default() };
        days.iter()
            .map(|day| {
                let noon: Instant =
                    format!("{}T12:00:00Z", day[0].as_str().unwrap()).parse().unwrap();
                let shifts = schedule.shifts(Period { from: noon, to: noon + TimeDelta::hours(1) });
                shifts[0].person.clone()
            })
            .collect()
    };
    let days = case["expected"]["by_day"].as_array().unwrap();
    let wanted: Vec<&str> = days.iter().map(|day| day[2].as_str().unwrap()).collect();
    assert_eq!(by_day(&one), wanted);
    one.skips_empty_turns = true;
    let names = ["alice", "bob", "carol"];
    let in_order: Vec<&str> = names.into_iter().cycle().take(10).collect();
    assert_eq!(by_day(&one), in_order);
}

fn friday_noon() -> Handoffs {
    Handoffs {
        zone: Zone::UTC,
        anchor: "2026-01-02T12:00:00".parse().unwrap(),
        rhythm: Rhythm::civil(10_080),
        gap: GapRule::Rfc5545,
        on_holiday: None,
    }
}

fn version(from: &str, people: &[&str], apply: Apply) -> Version {
    let members = people.iter().map(|person| Member::person(person)).collect();
    Version { from: from.parse().unwrap(), apply, members }
}

fn takes(roster: &Roster, handoffs: &Handoffs, turn: i64) -> String {
    let begin = handoffs.begin(turn);
    roster.member(turn, begin).unwrap().0.join("+")
}

#[test]
fn somebody_who_joins_changes_neither_now_nor_the_past() {
    let case = case("derived-member-joins");
    let handoffs = friday_noon();
    let versions: Vec<Version> = case["input"]["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| Version {
            from: instant(&one["effective_from"]),
            apply: Apply::NextHandoff,
            members: strings(&one["users"]).iter().map(|name| Member::person(name)).collect(),
        })
        .collect();
    let roster = Roster::new(&handoffs, &versions, |turn| turn);
    let before = Roster::new(&handoffs, &versions[..1], |turn| turn);
    let expected = &case["expected"];
    let kept = instant(&expected["current_shift_kept_until"]);
    assert_eq!(handoffs.begin(10), kept);
    assert_eq!(takes(&roster, &handoffs, 9), expected["current_at_effective"].as_str().unwrap());
    for turn in 0..10 {
        assert_eq!(takes(&roster, &handoffs, turn), takes(&before, &handoffs, turn));
    }
    for one in expected["following"].as_array().unwrap() {
        let turn = one["turn"].as_i64().unwrap();
        assert_eq!(takes(&roster, &handoffs, turn), one["user"].as_str().unwrap(), "{turn}");
    }
}

#[test]
fn somebody_who_leaves_at_once_hands_over_at_once() {
    let case = case("derived-member-leaves");
    let handoffs = friday_noon();
    // d has turn 3, which began on 23 January.
    let at_once: Instant = "2026-01-25T08:00:00Z".parse().unwrap();
    let versions = [
        version("2026-01-02T12:00:00Z", &["a", "b", "c", "d"], Apply::NextHandoff),
        version("2026-01-25T08:00:00Z", &["a", "b", "c"], Apply::Immediately),
    ];
    let mut one = layer(handoffs.clone(), &[]);
    one.versions = versions.to_vec();
    let schedule = Schedule { layers: vec![one], ..Schedule::default() };
    let turn = handoffs.turn(3).period;
    let next = handoffs.turn(4).period;
    let shifts = schedule.shifts(Period { from: turn.from, to: next.to });
    let wanted = [
        (turn.from, at_once, "d"),
        (at_once, turn.to, case["expected"]["from_effective"].as_str().unwrap()),
        (next.from, next.to, "b"),
    ];
    let wanted = wanted
        .map(|(from, to, person)| Shift { period: Period { from, to }, person: person.to_owned() });
    assert_eq!(shifts, wanted);
}

#[test]
fn rosters_of_different_size_meet() {
    let case = case("derived-secondary-collision");
    let handoffs = friday_noon();
    let roster = |key: &str| {
        let people = strings(&case["input"][key]);
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let versions = [version("2026-01-02T12:00:00Z", &people, Apply::NextHandoff)];
        Roster::new(&handoffs, &versions, |turn| turn)
    };
    let (primary, secondary) = (roster("primary"), roster("secondary"));
    let same: Vec<i64> = (0..case["input"]["turns"].as_i64().unwrap())
        .filter(|turn| takes(&primary, &handoffs, *turn) == takes(&secondary, &handoffs, *turn))
        .collect();
    let wanted = case["expected"]["colliding_turns"].as_array().unwrap();
    assert_eq!(same, wanted.iter().map(|turn| turn.as_i64().unwrap()).collect::<Vec<_>>());
    // One that follows the other never does.
    for turn in 1..100 {
        let (now, before) = (handoffs.begin(turn), turn - 1);
        assert_ne!(primary.member(turn, now), primary.member(before, now));
    }
}

#[test]
fn hours_without_anybody_are_listed() {
    let case = case("derived-gap-report");
    let input = &case["input"];
    let within = period(&input["window"][0], &input["window"][1]);
    let mut one = layer(friday_noon(), &strings(&input["users"]));
    one.windows = vec![window(&input["restriction"])];
    let schedule = Schedule { layers: vec![one], ..Schedule::default() };
    let shifts = schedule.shifts(within);
    let gaps = schedule::gaps(&shifts, within);
    let wanted = case["expected"]["gaps"].as_array().unwrap();
    let wanted: Vec<Period> = wanted.iter().map(|gap| period(&gap[0], &gap[1])).collect();
    assert_eq!(gaps, wanted);
    let covered: Vec<Period> = shifts.iter().map(|shift| shift.period).collect();
    let hours = periods::seconds(&periods::union(covered)) / 3600;
    assert_eq!(hours, case["expected"]["covered_hours"].as_i64().unwrap());
    let share = 100.0 * periods::seconds(&gaps) as f64 / within.length().seconds();
    assert!((share - case["expected"]["uncovered_percent"].as_f64().unwrap()).abs() < 1e-4);
}

#[test]
fn before_the_anchor_nobody_is() {
    let case = case("derived-before-start");
    let same = self::case(case["input"]["same_as"].as_str().unwrap());
    let one = layer(handoffs(&same["input"]), &strings(&same["input"]["users"]));
    let schedule = Schedule { layers: vec![one], ..Schedule::default() };
    let (at, users) = (&case["input"]["at"], &case["expected"]["users"]);
    for (at, user) in at.as_array().unwrap().iter().zip(users.as_array().unwrap()) {
        let now = instant(at);
        let shifts = schedule.shifts(Period { from: now, to: now + TimeDelta::seconds(1) });
        assert_eq!(shifts.first().map(|shift| shift.person.as_str()), user.as_str(), "{at}");
    }
    let begin = same["input"]["start_date"].as_str().unwrap();
    let long_before = Period {
        from: format!("{begin}T00:00:00Z").parse::<Instant>().unwrap() - TimeDelta::days(900),
        to: format!("{begin}T12:00:00Z").parse().unwrap(),
    };
    assert!(schedule.shifts(long_before).is_empty());
}

#[test]
fn what_takes_seconds_is_exact() {
    // Exact hours go on from the anchor through every change of the clocks.
    let five = Handoffs {
        zone: Zone::get("America/Chicago").unwrap(),
        anchor: "2026-03-07T20:00:00".parse().unwrap(),
        rhythm: Rhythm::Elapsed(Duration::from_hours(5)),
        gap: GapRule::Rfc5545,
        on_holiday: None,
    };
    let begins: Vec<String> =
        (0..4).map(|turn| five.begin(turn).format("%dT%H:%M").to_string()).collect();
    assert_eq!(begins, ["08T02:00", "08T07:00", "08T12:00", "08T17:00"]);
}
