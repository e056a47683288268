//! How long replaying alerts takes: 90 days in steps of half a minute, four tiers.
//!
//! `cargo run --release --example backtest [SLOS]`
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "measures the time that it takes, and says it"
)]
use rayon::prelude::*;
use sre::{
    domains::slo::{
        engine::backtest::{
            Options, Replay,
            expectation::false_pages,
            incidents::{Definition, find},
            replay,
        },
        model::{AlertPolicy, Objective},
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};
use std::time;

/// Steps of half a minute in ninety days.
const STEPS: usize = 90 * 2880;

fn main() {
    let objectives: usize =
        std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1000);
    let (Ok(target), Ok(start)) = ("99.9%".parse(), "2026-01-01T00:00:00Z".parse::<Instant>())
    else {
        return;
    };
    let Ok(objective) = Objective::new(target, Duration::from_days(30)) else { return };
    let policy = AlertPolicy::workbook(objective.window());
    // A few histories that differ; a thousand of them would not fit into memory at once.
    let histories: Vec<EventSeries> = (0..8).map(|seed| history(start, seed)).collect();
    let Some(one) = histories.first() else { return };
    let measure = |what: &str, job: &dyn Fn() -> usize| {
        let runs = 20;
        let begin = time::Instant::now();
        let found: usize = (0..runs).map(|_| job()).sum();
        let each = begin.elapsed() / runs;
        println!("{what:<44} {each:>10.2?}   ({} found)", found / runs as usize);
    };
    let options = Options::default();
    println!("90 days, steps of 30s, 4 tiers of the workbook:");
    measure("replay", &|| firings(&replay(objective, &policy, one, &options)));
    measure("incidents", &|| find(objective, one, Definition::default()).len());
    measure("false pages to expect", &|| {
        usize::from(false_pages(objective, &policy, one, &options).is_some())
    });
    let begin = time::Instant::now();
    let found: usize = (0..objectives)
        .into_par_iter()
        .map(|at| {
            let series = &histories[at % histories.len()];
            let replayed = replay(objective, &policy, series, &options);
            let incidents = find(objective, series, Definition::default());
            let scores = replayed.alerts.iter().map(|one| one.score(&replayed, series, &incidents));
            scores.map(|score| score.detected()).sum::<usize>() + firings(&replayed)
        })
        .sum();
    let threads = rayon::current_num_threads();
    println!(
        "{objectives} objectives, replayed and scored, on {threads} threads: {:.2?}   ({found} found)",
        begin.elapsed()
    );
}

fn firings(replay: &Replay) -> usize {
    replay.tiers.iter().map(|tier| tier.firings.len()).sum()
}

/// Some traffic with errors here and there, and an outage each week.
fn history(start: Instant, seed: u64) -> EventSeries {
    let mut random = fastrand::Rng::with_seed(seed);
    let count = |step: usize| {
        let total = 200 + random.u32(0..200);
        let outage = step % (7 * 2880) < 60 && step > 2880;
        let bad = if outage { total / 3 } else { u32::from(random.u32(0..20) == 0) };
        Some(EventCount { good: f64::from(total - bad), total: f64::from(total) })
    };
    EventSeries::new(start, Duration::from_seconds(30), (0..STEPS).map(count).collect())
}
