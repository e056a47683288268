//! How long outlooks take: `cargo run --release --example outlook [objectives] [days] [step in minutes]`.
//!
//! Each objective has a series of its own with days, nights, weekends and outages; an outlook is a
//! thousand paths over 30 days and its back-test.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures time and says so"
)]
use rayon::prelude::*;
use sre::{
    domains::slo::{
        engine::outlook::{Course, Settings, outlook},
        model::Objective,
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Ratio},
    },
};
use std::time::Instant;

/// A series of that many days.
fn series(seed: u64, days: u64, step_minutes: u64) -> EventSeries {
    let mut random = fastrand::Rng::with_seed(seed);
    let steps = days * 24 * 60 / step_minutes;
    let mut outage = 0;
    let counts = (0..steps).map(|step| {
        let (day, hour) = (step * step_minutes / 1440, step * step_minutes / 60 % 24);
        let busy = if (8..20).contains(&hour) { 100.0 } else { 20.0 };
        let total = busy * if day % 7 < 2 { 0.4 } else { 1.0 };
        if random.f64() < 0.2 / (1440.0 / step_minutes as f64) {
            outage = 30 / step_minutes.min(30);
        }
        let ratio = if outage > 0 { 0.3 } else { 0.0002 };
        outage = u64::saturating_sub(outage, 1);
        let bad = (total * ratio * 2.0 * random.f64()).floor();
        Some(EventCount { good: total - bad, total })
    });
    let start = chrono::DateTime::UNIX_EPOCH;
    EventSeries::new(start, Duration::from_minutes(step_minutes), counts.collect())
}

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let number = |at: usize, default: u64| numbers.get(at).copied().unwrap_or(default);
    let (objectives, days, step) = (number(0, 500), number(1, 30), number(2, 1).max(1));
    let target = Ratio::from_parts(999_000_000).unwrap_or(Ratio::ZERO);
    let Ok(objective) = Objective::new(target, Duration::from_days(30)) else { return };
    let all: Vec<EventSeries> =
        (0..objectives).into_par_iter().map(|seed| series(seed, days, step)).collect();
    let begin = Instant::now();
    let found: Vec<_> = all
        .par_iter()
        .map(|series| {
            outlook(objective, Course::Rolling, series, series.end(), &Settings::default())
        })
        .collect();
    let seconds = begin.elapsed().as_secs_f64();
    let made: Vec<_> = found.iter().flatten().collect();
    let mean = |sum: f64| sum / made.len().max(1) as f64;
    let probability = mean(made.iter().map(|outlook| outlook.probability).sum());
    let scored: Vec<_> = made.iter().filter_map(|outlook| outlook.score.ok()).collect();
    let origins: u32 = scored.iter().map(|score| score.origins).sum();
    println!(
        "{seconds:.2} s for {} outlooks of {objectives} objectives with {days} days of {step} min \
         on {} threads; mean probability {probability:.3}, {origins} origins in {} scores",
        made.len(),
        rayon::current_num_threads(),
        scored.len(),
    );
}
