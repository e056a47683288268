//! Cases of goalert's own tests, which are data outside of the repository.
use super::{instant, minutes, rhythm, strings, weekday, zone};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;
use sre::{
    domains::oncall::engine::{GapRule, Handoffs, Window, coverage},
    kernel::{time::Period, units::Instant},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "looks for the golden data, and says where there are none"
)]
pub(super) fn cases(file: &str) -> Vec<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/slo");
    let slo = std::env::var_os("SRE_GOLDEN_DIR").map_or(beside, PathBuf::from);
    let path = slo.join("../oncall").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
        assert!(!required, "{} cannot be read", path.display());
        println!("skipped: {} cannot be read", path.display());
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn local(value: &Value) -> NaiveDateTime {
    let text = value.as_str().unwrap();
    chrono::DateTime::parse_from_rfc3339(text).unwrap().naive_local()
}

fn handoffs(input: &Value) -> Handoffs {
    let start = &input["rotation_start"];
    let zone = zone(&input["time_zone"]);
    let anchor =
        start.get("local").map_or_else(|| zone.local(instant(&start["utc"])).naive_local(), local);
    Handoffs {
        zone,
        anchor,
        rhythm: rhythm(input["type"].as_str().unwrap(), input["shift_length"].as_i64().unwrap()),
        gap: GapRule::After,
        on_holiday: None,
    }
}

/// goalert's rule for missing times is [`GapRule::After`]. It extrapolates to times before the start;
/// what it says of them is not ours to say.
#[test]
fn handoffs_are_at_their_instants() {
    let cases = cases("goalert_rotation_handoffs.json");
    let mut checked = 0;
    for case in &cases {
        let handoffs = handoffs(&case["input"]);
        let wanted: Vec<Instant> = case["expected"]["handoffs_in_order"]
            .as_array()
            .unwrap()
            .iter()
            .map(|handoff| instant(&handoff["utc"]))
            .filter(|at| *at >= handoffs.begin(0))
            .collect();
        let mut ours: Vec<Instant> = Vec::new();
        for turn in 0.. {
            let begin = handoffs.begin(turn);
            if begin > *wanted.last().unwrap() {
                break;
            }
            ours.push(begin);
        }
        ours.dedup();
        ours.retain(|at| Some(at) >= wanted.first());
        assert_eq!(ours, wanted, "{}", case["id"]);
        checked += wanted.len();
    }
    assert!(cases.is_empty() || checked > 60, "{checked}");
}

#[test]
fn turns_end_when_they_should() {
    let mut checked = 0;
    let cases = cases("goalert_rotation_endtime.json");
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let (Some(_), Some(end)) = (input.get("rotation_start"), expected.get("shift_end")) else {
            continue;
        };
        let handoffs = handoffs(input);
        let at = match &input["t"] {
            Value::String(_) => handoffs.begin(0),
            other => instant(&other["utc"]),
        };
        // Before the start there is nobody.
        let Some(turn) = handoffs.at(at) else { continue };
        // Monthly turns from the last days of a month overflow there, and are on its last day here.
        let monthly = input["type"] == "monthly";
        if monthly && handoffs.anchor.format("%d").to_string().as_str() > "28" {
            continue;
        }
        assert_eq!(handoffs.begin(turn + 1), instant(&end["utc"]), "{}", case["id"]);
        checked += 1;
    }
    assert!(cases.is_empty() || checked >= 23, "{checked}");
}

#[test]
fn windows_are_open_when_they_should_be() {
    let mut checked = 0;
    let cases = cases("goalert_restriction_windows.json");
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let window = Window {
            days: strings(&input["days"]).iter().map(|day| weekday(day)).collect(),
            from: minutes(&input["start"]),
            to: minutes(&input["end"]),
            except: BTreeSet::new(),
        };
        let at = instant(&input["t"]);
        let around = Period { from: at - TimeDelta::days(20), to: at + TimeDelta::days(20) };
        let zone = zone(&input["time_zone"]);
        let open = coverage::coverage(&zone, GapRule::After, &[window], around);
        let here = open.iter().find(|period| period.to > at);
        if let Some(active) = expected.get("active") {
            let is_open = here.is_some_and(|period| period.contains(at));
            assert_eq!(is_open, active.as_bool().unwrap(), "{}", case["id"]);
            checked += 1;
        }
        for (key, of) in [("start", 0), ("end", 1)] {
            let Some(wanted) = expected.get(key).filter(|wanted| wanted.is_string()) else {
                continue;
            };
            let ours = here.map(|period| if of == 0 { period.from } else { period.to });
            // A window on all days and hours has neither.
            if ours.is_some_and(|ours| ours == around.from || ours == around.to) {
                continue;
            }
            assert_eq!(ours, Some(instant(wanted)), "{} {key}", case["id"]);
            checked += 1;
        }
    }
    assert!(cases.is_empty() || checked > 85, "{checked} of {}", cases.len());
}

#[test]
fn clocks_show_times_first_and_last_where_they_should() {
    let mut checked = 0;
    let cases = cases("goalert_dst_clock.json");
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let (Some(date), Some(utc)) = (input.get("date"), expected.get("utc")) else { continue };
        let text = format!("{}T{}", date.as_str().unwrap(), input["clock"].as_str().unwrap());
        let (zone, local) = (zone(&input["time_zone"]), super::civil(&text));
        let ours = match input["resolve"].as_str().unwrap() {
            "first" => GapRule::After.first(&zone, local),
            _ => GapRule::After.last(&zone, local),
        };
        assert_eq!(ours, instant(utc), "{}", case["id"]);
        checked += 1;
    }
    assert!(cases.is_empty() || checked >= 20, "{checked}");
}
