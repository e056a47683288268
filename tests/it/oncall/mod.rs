//! Who is on call: conformance of the engine.
mod derived;
mod goalert;
mod goalert_export;
mod icalendar;
mod pagerduty;
mod properties;
mod vectors;

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde_json::Value;
use sre::{
    domains::oncall::engine::{
        Apply, GapRule, Handoffs, Layer, Member, Rhythm, Shift, Version, Window,
    },
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use std::collections::BTreeSet;

fn instant(value: &Value) -> Instant {
    let text = value.as_str().unwrap();
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn period(from: &Value, to: &Value) -> Period {
    Period { from: instant(from), to: instant(to) }
}

fn zone(value: &Value) -> Zone {
    Zone::get(value.as_str().unwrap()).unwrap()
}

fn civil(text: &str) -> NaiveDateTime {
    let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).unwrap()
}

/// Minutes of a day: `09:30`.
fn minutes(value: &Value) -> u32 {
    let (hours, minutes) = value.as_str().unwrap().split_once(':').unwrap();
    hours.parse::<u32>().unwrap() * 60 + minutes.parse::<u32>().unwrap()
}

fn weekday(text: &str) -> Weekday {
    let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let at = days.iter().position(|day| *day == text[..2].to_uppercase()).unwrap();
    Weekday::try_from(u8::try_from(at).unwrap()).unwrap()
}

fn window(value: &Value) -> Window {
    let key = |one: &str, other: &str| {
        let of = |key| value.get(key).filter(|value| value.as_str().unwrap().len() == 5);
        minutes(of(one).or_else(|| of(other)).unwrap())
    };
    let dates = value.get("except").and_then(Value::as_array).into_iter().flatten();
    Window {
        days: strings(&value["days"]).iter().map(|day| weekday(day)).collect(),
        from: key("start", "from"),
        to: key("end", "to"),
        except: dates.map(|date| date.as_str().unwrap().parse().unwrap()).collect(),
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn rhythm(kind: &str, length: i64) -> Rhythm {
    match kind {
        "hourly" if 24 % length == 0 => Rhythm::civil(length * 60),
        "hourly" => Rhythm::Elapsed(Duration::from_hours(length.unsigned_abs())),
        "daily" => Rhythm::civil(length * 1440),
        "weekly" => Rhythm::civil(length * 10_080),
        "bi-weekly" => Rhythm::civil(length * 20_160),
        "monthly" => Rhythm::Months(u32::try_from(length).unwrap()),
        other => panic!("{other}"),
    }
}

/// The grid that a case describes: its anchor, or the first day that fits.
fn handoffs(input: &Value) -> Handoffs {
    let start = input.get("start").filter(|start| start.as_str().unwrap().len() > 5);
    let anchor = if let Some(start) = start {
        civil(start.as_str().unwrap())
    } else {
        let mut date: NaiveDate = input["start_date"].as_str().unwrap().parse().unwrap();
        if let Some(day) = input.get("handoff_day") {
            while date.weekday() != weekday(day.as_str().unwrap()) {
                date = date.checked_add_days(Days::new(1)).unwrap();
            }
        }
        let minutes = minutes(&input["handoff_hour"]);
        date.and_time(NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap())
    };
    let after = input.get("gap_policy").is_some_and(|rule| rule == "after");
    let length = input.get("length").map_or(1, |length| length.as_i64().unwrap());
    Handoffs {
        zone: zone(&input["time_zone"]),
        anchor,
        rhythm: rhythm(input["rotation_type"].as_str().unwrap(), length),
        gap: if after { GapRule::After } else { GapRule::Rfc5545 },
        on_holiday: None,
    }
}

fn layer(handoffs: Handoffs, people: &[String]) -> Layer {
    let version = Version {
        from: handoffs.begin(0),
        apply: Apply::NextHandoff,
        members: people.iter().map(|person| Member::person(person)).collect(),
    };
    Layer {
        name: "turns".to_owned(),
        priority: 0,
        handoffs,
        versions: vec![version],
        windows: Vec::new(),
        skips_empty_turns: false,
        until: None,
        offset: 0,
    }
}

/// Shifts of the same length, one after the other, as turns.
fn fixed(shifts: &Value) -> Layer {
    let shifts = shifts.as_array().unwrap();
    let of = |shift: &Value| period(&shift[0], &shift[1]);
    let (first, last) = (of(&shifts[0]), of(shifts.last().unwrap()));
    assert!(shifts.iter().all(|shift| of(shift).length() == first.length()));
    let handoffs = Handoffs {
        zone: Zone::UTC,
        anchor: first.from.naive_utc(),
        rhythm: Rhythm::Elapsed(first.length()),
        gap: GapRule::Rfc5545,
        on_holiday: None,
    };
    let people: Vec<String> =
        shifts.iter().map(|shift| shift[2].as_str().unwrap().to_owned()).collect();
    Layer { until: Some(last.to), ..layer(handoffs, &people) }
}

fn shift(value: &Value) -> Shift {
    Shift { period: period(&value[0], &value[1]), person: value[2].as_str().unwrap().to_owned() }
}

fn people_at(shifts: &[Shift], at: Instant) -> BTreeSet<String> {
    let on_call = shifts.iter().filter(|shift| shift.period.contains(at));
    on_call.map(|shift| shift.person.clone()).collect()
}
