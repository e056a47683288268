//! How long schedules and proofs take: `cargo run --release --example oncall`.
//!
//! Fifty schedules over ten years, each of three layers in three zones with hours of the week, a change of
//! its roster every quarter and an override every week; and the proof that somebody is told of every page of
//! a year, over three of them.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures time and says so"
)]
use chrono::{Days, NaiveDate, TimeDelta};
use rayon::prelude::*;
use sre::{
    domains::oncall::engine::{
        Apply, GapRule, Handoffs, Layer, Member, Override, Rhythm, Schedule, Version, Window,
        escalation::{Absences, Contact, Escalation, Step, Who},
    },
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use std::{collections::BTreeSet, time};

const ZONES: [&str; 3] = ["Europe/Berlin", "America/Los_Angeles", "Australia/Sydney"];

/// Hours of the day of each layer: together all of them.
const HOURS: [(u32, u32); 3] = [(7 * 60, 17 * 60), (7 * 60, 19 * 60), (6 * 60, 19 * 60)];

fn main() {
    let (Some(first), Ok(from)) =
        (NaiveDate::from_ymd_opt(2026, 1, 5), "2026-01-05T00:00:00Z".parse::<Instant>())
    else {
        return;
    };
    let decade = Period { from, to: from + TimeDelta::days(3652) };
    let year = Period { from, to: from + TimeDelta::days(365) };
    let schedules: Vec<Schedule> = (0..50).filter_map(|seed| schedule(first, from, seed)).collect();
    let begin = time::Instant::now();
    // As the commands do it: each schedule by itself, on all cores.
    let shifts: usize = schedules.par_iter().map(|schedule| schedule.shifts(decade).len()).sum();
    println!("{} schedules, ten years: {:.2?} ({shifts} shifts)", schedules.len(), begin.elapsed());
    let contact = |schedule: &Schedule| Contact {
        name: "rotation".to_owned(),
        who: Who::OnCall(schedule.clone()),
    };
    let step = |(at, schedule): (usize, &Schedule)| Step {
        after: Duration::from_minutes(5 * at as u64),
        contacts: vec![contact(schedule)],
        hours: None,
    };
    let steps = schedules.iter().take(3).enumerate().map(step).collect();
    let escalation = Escalation { steps, repeats: 3, every: Duration::from_minutes(30) };
    let begin = time::Instant::now();
    let within = Duration::from_minutes(15);
    let open = escalation.unanswered(year, within, &Absences::new());
    println!("the proof over a year: {:.2?} ({} counterexamples)", begin.elapsed(), open.len());
}

fn schedule(first: NaiveDate, from: Instant, seed: u64) -> Option<Schedule> {
    let layer = |(at, name): (usize, &&str)| {
        let handoffs = Handoffs {
            zone: Zone::get(name)?,
            anchor: first.and_hms_opt(9, 0, 0)?,
            rhythm: Rhythm::civil(7 * 1440),
            gap: GapRule::default(),
            on_holiday: None,
        };
        let version = |quarter: u64| Version {
            from: from + TimeDelta::days(91 * quarter.cast_signed()),
            apply: Apply::NextHandoff,
            members: (0..4 + (quarter + seed) % 4)
                .map(|person| Member::person(&format!("{name}-{person}")))
                .collect(),
        };
        let (begins, ends) = HOURS[at];
        let days = (0..7).filter_map(|day| chrono::Weekday::try_from(day).ok()).collect();
        let window = Window { days, from: begins, to: ends, except: BTreeSet::new() };
        Some(Layer {
            name: (*name).to_owned(),
            priority: i32::try_from(at).ok()?,
            versions: (0..40).map(version).collect(),
            handoffs,
            windows: vec![window],
            skips_empty_turns: false,
            until: None,
            offset: 0,
        })
    };
    let layers: Option<Vec<Layer>> = ZONES.iter().enumerate().map(layer).collect();
    let change = |week: u64| {
        let day = first.checked_add_days(Days::new(7 * week + seed % 7))?;
        let begin = day.and_hms_opt(8, 0, 0)?.and_utc();
        let period = Period { from: begin, to: begin + TimeDelta::hours(14) };
        Some(Override { person: Some("somebody".to_owned()), replaces: None, period })
    };
    let overrides = (0..521).filter_map(change).collect();
    Some(Schedule { layers: layers?, overrides, ..Schedule::default() })
}
