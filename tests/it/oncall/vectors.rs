//! Cases of other tools and of RFC 5545, each of which either agrees or differs for a reason that stands here.
use super::{fixed, goalert::cases, instant, layer, minutes, people_at, period, weekday, zone};
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _, Weekday};
use serde_json::Value;
use sre::{
    domains::oncall::engine::{
        GapRule, Handoffs, Layer, Override, Rhythm, Schedule, Shift, Temporary, Window,
    },
    kernel::time::{Period, Zone},
};
use std::collections::BTreeSet;

/// Where we deviate from these tools, and why.
const DIFFERENCES: [(&str, &str); 13] = [
    // goalert keeps what happened; files say what is to happen.
    ("goalert-shifts-active-future", "recorded history counts before rules"),
    ("goalert-shifts-history-remainder", "recorded history counts before rules"),
    ("goalert-shifts-history", "recorded history counts before rules"),
    ("goalert-shifts-rotation", "whose turn it is is kept as a state, and history counts"),
    (
        "goalert-shifts-day-night-rotations",
        "whose turn it is is kept as a state, and history counts",
    ),
    ("goalert-rotation-user", "whose turn it is is kept as a state"),
    ("goalert-shifts-override-add", "an override without `replaces` replaces everybody"),
    ("goalert-override-set", "an override without `replaces` replaces everybody"),
    ("goalert-override-window", "an override without `replaces` replaces everybody"),
    ("goalert-temp-merge", "temporary schedules are not edited: the later one counts in its time"),
    ("linkedin-least-active", "whose turn it is follows from the roster, not from who did least"),
    ("linkedin-new-user-first", "whose turn it is follows from the roster, not from who did least"),
    ("linkedin-all-busy", "whose turn it is follows from the roster, not from who did least"),
];

/// Checks the cases of a file that do not differ, and that those that do are the ones listed.
fn each(file: &str, check: impl Fn(&str, &Value, &Value)) {
    let cases = cases(file);
    let mut checked = 0;
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        if DIFFERENCES.iter().any(|(other, _)| *other == id) {
            continue;
        }
        check(id, &case["input"], &case["expected"]);
        checked += 1;
    }
    assert!(cases.is_empty() || checked > 0, "{file}");
}

fn day(date: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    date.and_hms_opt(hour, minute, 0).unwrap()
}

fn grid(zone: Zone, anchor: NaiveDateTime, minutes: i64, gap: GapRule) -> Handoffs {
    Handoffs { zone, anchor, rhythm: Rhythm::civil(minutes), gap, on_holiday: None }
}

/// Hours of some days of the week in which one person is on call.
fn rule(value: &Value, zone: &Zone) -> Layer {
    let person = value["target"]["user"].as_str().unwrap().to_owned();
    let anchor = day(NaiveDate::from_ymd_opt(2000, 1, 1).unwrap(), 0, 0);
    let days = value["days"].as_array().unwrap().iter();
    let window = Window {
        days: days.map(|day| weekday(day.as_str().unwrap())).collect(),
        from: minutes(&value["start"]),
        to: minutes(&value["end"]),
        except: BTreeSet::new(),
    };
    let handoffs = grid(zone.clone(), anchor, 1440, GapRule::After);
    Layer { windows: vec![window], ..layer(handoffs, &[person]) }
}

fn shift(value: &Value) -> Shift {
    let period = period(&value["start"], &value["end"]);
    Shift { period, person: value["user"].as_str().unwrap().to_owned() }
}

fn list<T>(value: Option<&Value>, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.and_then(Value::as_array).into_iter().flatten().map(read).collect()
}

fn change(value: &Value) -> Override {
    let name = |key: &str| value.get(key).map(|name| name.as_str().unwrap().to_owned());
    Override {
        person: name("add"),
        replaces: name("remove"),
        period: period(&value["start"], &value["end"]),
    }
}

fn temporary(value: &Value) -> Temporary {
    let period = period(&value["start"], &value["end"]);
    Temporary { period, shifts: list(value.get("shifts"), shift) }
}

#[test]
fn schedules_of_goalert_have_the_same_shifts() {
    each("goalert_schedule_shifts.json", |id, input, expected| {
        let zone = zone(&input["time_zone"]);
        let schedule = Schedule {
            layers: list(input.get("rules"), |value| rule(value, &zone)),
            overrides: list(input.get("overrides"), change),
            temporary: list(input.get("temporary_schedules"), temporary),
            ..Schedule::default()
        };
        let window = period(&input["window"][0], &input["window"][1]);
        assert_eq!(schedule.shifts(window), list(Some(expected), shift), "{id}");
    });
}

/// goalert edits temporary schedules; here it is the time that is asked for that cuts them.
#[test]
fn temporary_schedules_are_cut_to_their_time() {
    each("goalert_temporary_schedules.json", |id, input, expected| {
        let whole = list(input.get("schedules"), temporary);
        let whole = whole.into_iter().chain(input.get("schedule").map(temporary)).next().unwrap();
        let pieces = match expected {
            Value::Array(pieces) => pieces.clone(),
            piece => vec![piece.clone()],
        };
        let schedule = Schedule { temporary: vec![whole], ..Schedule::default() };
        for piece in &pieces {
            let mut shifts = list(piece.get("shifts"), shift);
            shifts.sort();
            let here = period(&piece["start"], &piece["end"]);
            assert_eq!(schedule.shifts(here), shifts, "{id}");
        }
    });
}

/// An override that only takes somebody away, and one that replaces one of several.
#[test]
fn one_of_several_is_replaced() {
    let shifts = serde_json::json!([["2000-01-02T00:00:00Z", "2000-01-03T00:00:00Z", "rab"]]);
    let of = |person: &str| Layer { name: person.to_owned(), ..fixed(&shifts) };
    let mut layers = Vec::new();
    for person in ["rab", "baz", "bin"] {
        let mut one = of(person);
        one.versions[0].members = vec![sre::domains::oncall::engine::Member::person(person)];
        layers.push(one);
    }
    let at = instant(&"2000-01-02T03:05:00Z".into());
    let minute = Period { from: at, to: at + TimeDelta::minutes(1) };
    let change = |person: Option<&str>, replaces: &str| Override {
        person: person.map(str::to_owned),
        replaces: Some(replaces.to_owned()),
        period: minute,
    };
    let overrides = vec![change(Some("bar"), "rab"), change(None, "baz")];
    let schedule = Schedule { layers, overrides, ..Schedule::default() };
    let around = Period { from: at - TimeDelta::hours(1), to: at + TimeDelta::hours(1) };
    let shifts = schedule.shifts(around);
    let names = |names: [&str; 2]| names.map(str::to_owned).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(people_at(&shifts, at), names(["bar", "bin"]));
    assert_eq!(people_at(&shifts, at + TimeDelta::minutes(1)).len(), 3);
    assert_eq!(people_at(&shifts, at - TimeDelta::minutes(1)).len(), 3);
}

#[test]
fn blocks_of_opsknight_are_the_same() {
    each("opsknight_blocks.json", |id, input, expected| {
        let zone = zone(&input["time_zone"]);
        let anchor = zone.local(instant(&input["layer_start"])).naive_local();
        let hours = input["rotation_hours"].as_i64().unwrap();
        let people = list(input.get("users"), |name| name.as_str().unwrap().to_owned());
        let handoffs = grid(zone, anchor, hours * 60, GapRule::Rfc5545);
        let every_day = (0..7).map(|day| Weekday::try_from(day).unwrap());
        let window = |days: Vec<Weekday>, from: u64, to: u64| Window {
            days,
            from: u32::try_from(from * 60).unwrap(),
            to: u32::try_from(to * 60).unwrap(),
            except: BTreeSet::new(),
        };
        let mut windows =
            list(input.get("restriction").map(|_| &input["restriction"]["days"]), |day| {
                let hour = |key: &str| {
                    input["restriction"].get(key).map_or(0, |hour| hour.as_u64().unwrap())
                };
                window(vec![weekday(day.as_str().unwrap())], hour("start_hour"), hour("end_hour"))
            });
        windows.extend(input.get("shift_hours").map(|hours| {
            let begin = u64::from(anchor.hour());
            window(every_day.collect(), begin, begin + hours.as_u64().unwrap())
        }));
        let overrides = list(input.get("overrides"), |value| {
            let Shift { person, period } = shift(value);
            Override { person: Some(person), replaces: None, period }
        });
        let layers = vec![Layer { windows, ..layer(handoffs, &people) }];
        let schedule = Schedule { layers, overrides, ..Schedule::default() };
        let here = period(&input["window"][0], &input["window"][1]);
        let shifts = schedule.shifts(here);
        let own = |value: &Value| super::shift(value);
        if let Some(blocks) = expected.get("blocks") {
            assert_eq!(shifts, list(Some(blocks), own), "{id}");
        }
        if let Some(starts) = expected.get("block_starts") {
            let found: Vec<_> = shifts.iter().map(|shift| shift.period.from).collect();
            assert_eq!(found, list(Some(starts), instant), "{id}");
        }
        if let Some(one) = expected.get("contains") {
            assert!(shifts.contains(&own(one)), "{id}: {shifts:?}");
        }
    });
}

/// `linkedin/oncall` repeats offsets from Sunday, midnight, once a week. Where it takes daylight saving for
/// granted in a gap, its handoffs would be an hour early; none of its cases is in one.
#[test]
fn events_of_linkedin_begin_when_handoffs_do() {
    each("linkedin_scheduler.json", |id, input, expected| {
        let zone = zone(&input["time_zone"]);
        let starts: Vec<NaiveDateTime> = ["start_local", "second_epoch_start_local"]
            .iter()
            .flat_map(|key| list(expected.get(*key), |one| super::civil(one.as_str().unwrap())))
            .collect();
        let offset = input["events"].get(0).map(|event| event["start_offset"].as_str().unwrap());
        let first = starts.first().copied().unwrap_or_else(|| {
            let now = super::civil(input["now_local"].as_str().unwrap()).date();
            let back = u64::from(now.weekday().num_days_from_sunday());
            let sunday = now.checked_sub_days(chrono::Days::new(back)).unwrap();
            let (days, time) = offset.unwrap().split_once("d ").unwrap();
            let date = sunday.checked_add_days(chrono::Days::new(days.parse().unwrap())).unwrap();
            let minutes = minutes(&time.into());
            day(date, minutes / 60, minutes % 60)
        });
        // Shifts of twelve hours begin day by day, those of a week week by week.
        let step = if offset.is_some() { 7 * 1440 } else { 1440 };
        let handoffs = grid(zone, first, step, GapRule::Rfc5545);
        for (turn, start) in (0..).zip(&starts) {
            let local = handoffs.zone.local(handoffs.begin(turn)).naive_local();
            assert_eq!(local, *start, "{id} {turn}");
        }
        if let Some(boundary) = expected.get("derived_boundary_utc") {
            let boundary = instant(boundary);
            assert!((0..4).any(|turn| handoffs.begin(turn) == boundary), "{id}");
        }
        if let Some(hour) = expected.get("start_hour_local") {
            let hours = (0..4).map(|turn| handoffs.zone.local(handoffs.begin(turn)).hour());
            assert!(hours.into_iter().all(|one| u64::from(one) == hour.as_u64().unwrap()), "{id}");
        }
    });
}

#[test]
fn times_are_those_of_rfc_5545() {
    for case in cases("rfc5545_dst.json") {
        let text = case["input"].as_str().unwrap();
        let (name, time) = text.strip_prefix("TZID=").unwrap().split_once(':').unwrap();
        let local = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%S").unwrap();
        let found = GapRule::Rfc5545.first(&Zone::get(name).unwrap(), local);
        assert_eq!(found, instant(&case["expected"]["utc"]), "{text}");
    }
}

/// A difference that no case has any more is none.
#[test]
fn differences_are_of_cases_that_there_are() {
    let files = [
        "goalert_schedule_shifts.json",
        "goalert_overrides.json",
        "goalert_temporary_schedules.json",
        "linkedin_scheduler.json",
    ];
    let ids: BTreeSet<String> = files
        .iter()
        .flat_map(|file| cases(file))
        .map(|case| case["id"].as_str().unwrap().to_owned())
        .collect();
    for (id, reason) in DIFFERENCES {
        assert!(ids.is_empty() || ids.contains(id), "{id}: {reason}");
    }
}
