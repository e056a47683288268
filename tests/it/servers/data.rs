//! Three days of counters, made up, and what they really counted.
use sre::kernel::units::{Duration, Instant};
use std::fmt::Write;

/// The most events of one series between two scrapes.
pub(crate) const PEAK: u64 = 50;
/// How long the history is.
pub(crate) const DAYS: u64 = 3;

/// The first moment of the history.
pub(crate) fn start() -> Instant {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

/// The last.
pub(crate) fn end() -> Instant {
    after(Duration::from_days(DAYS))
}

/// That long after the start.
pub(crate) fn after(duration: Duration) -> Instant {
    start() + duration.to_chrono()
}

/// One counter.
pub(crate) struct Counter {
    /// Name and labels as they are written.
    pub(crate) series: &'static str,
    /// Milliseconds between scrapes.
    interval: i64,
    /// Events between a scrape and the one before, with the time of the scrape.
    increments: Vec<(i64, u64)>,
}

/// Twenty minutes of the second day in which nothing is scraped, though events go on: 10:10 to 10:30.
pub(crate) fn gap() -> (Instant, Instant) {
    let from = after("1d10h10m".parse().unwrap());
    (from, from + Duration::from_minutes(20).to_chrono())
}

/// Twenty minutes of the second day without events, though scrapes go on: 15:10 to 15:30.
pub(crate) fn silence() -> (Instant, Instant) {
    let from = after("1d15h10m".parse().unwrap());
    (from, from + Duration::from_minutes(20).to_chrono())
}

/// When all counters begin anew: 36 h and 20 minutes after the start.
fn reset() -> Instant {
    after("1d12h20m".parse().unwrap())
}

fn inside((from, to): (Instant, Instant), time: i64) -> bool {
    from.timestamp_millis() < time && time <= to.timestamp_millis()
}

impl Counter {
    fn new(series: &'static str, interval: i64, events: impl Fn(u64) -> u64) -> Self {
        let mut state =
            series.bytes().fold(17_u64, |state, byte| state * 31 % 65_537 + u64::from(byte));
        let mut increments = Vec::new();
        // Scrapes are at no round times.
        let mut time = start().timestamp_millis() + 7_250;
        while time <= end().timestamp_millis() {
            // Numerical Recipes' quick generator; the upper bits are good enough here.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // A scrape whose interval touches the silence has none of it.
            let quiet = inside(silence(), time) || inside(silence(), time - interval + 1);
            increments.push((time, if quiet { 0 } else { events((state >> 33) % (PEAK + 1)) }));
            time += interval;
        }
        Self { series, interval, increments }
    }

    /// Whether it counts requests of that job.
    pub(crate) fn is_of(&self, job: &str) -> bool {
        self.series.contains(&format!("http_requests_total{{job=\"{job}\""))
    }

    /// The events between two moments: at least those between the scrapes inside, at most those with the
    /// scrapes around them.
    fn truth(&self, from: Instant, to: Instant) -> (u64, u64) {
        let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
        let sum = |keep: &dyn Fn(i64) -> bool| {
            let kept = self.increments.iter().filter(|(time, _)| keep(*time));
            kept.map(|(_, events)| events).sum()
        };
        let least = sum(&|time| time - self.interval >= from && time <= to);
        let most = sum(&|time| time > from && time - self.interval < to);
        (least, most)
    }

    /// Times in milliseconds and values as they were scraped.
    pub(crate) fn samples(&self) -> impl Iterator<Item = (i64, u64)> {
        let mut value = 1000;
        let mut is_reset = false;
        self.increments.iter().filter_map(move |(time, events)| {
            if !is_reset && *time > reset().timestamp_millis() {
                (value, is_reset) = (0, true);
            }
            value += events;
            (!inside(gap(), *time)).then_some((*time, value))
        })
    }
}

/// The least and the most that several counters can have counted between two moments.
pub(crate) fn truth(counters: &[&Counter], from: Instant, to: Instant) -> (f64, f64) {
    let sum = counters
        .iter()
        .map(|counter| counter.truth(from, to))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (sum.0 as f64, sum.1 as f64)
}

/// All counters.
pub(crate) fn counters() -> Vec<Counter> {
    let some = |events: u64| events;
    let few = |events: u64| u64::from(events > PEAK - 3) * 2;
    vec![
        Counter::new(r#"http_requests_total{job="api",code="200",region="eu"}"#, 30_000, some),
        Counter::new(r#"http_requests_total{job="api",code="200",region="us"}"#, 30_000, some),
        Counter::new(r#"http_requests_total{job="api",code="500",region="eu"}"#, 30_000, few),
        Counter::new(r#"http_requests_total{job="quiet",code="200"}"#, 60_000, some),
        Counter::new(r#"http_requests_total{job="slow",code="200"}"#, 60_000, some),
        Counter::new(r#"http_requests_total{job="slow",code="503"}"#, 60_000, few),
    ]
}

/// A classic histogram of the requests of `api` in Europe: most are fast, one in ten is slow.
fn histogram(counters: &[Counter]) -> Vec<Counter> {
    let share = |series, part: fn(u64) -> u64| {
        let all = counters[0].increments.iter().map(|(time, events)| (*time, part(*events)));
        Counter { series, interval: counters[0].interval, increments: all.collect() }
    };
    vec![
        share(r#"http_duration_seconds_bucket{job="api",le="0.1"}"#, |events| events * 7 / 10),
        share(r#"http_duration_seconds_bucket{job="api",le="0.5"}"#, |events| events * 9 / 10),
        share(r#"http_duration_seconds_bucket{job="api",le="+Inf"}"#, |events| events),
        share(r#"http_duration_seconds_count{job="api"}"#, |events| events),
    ]
}

/// Everything: what was counted, and the histogram.
pub(crate) fn all() -> Vec<Counter> {
    let mut counters = counters();
    let histogram = histogram(&counters);
    counters.extend(histogram);
    counters
}

/// All samples as text, one a line, with times as `time` writes them.
pub(crate) fn text(time: impl Fn(i64) -> String) -> String {
    let mut text = String::new();
    for counter in all() {
        for (at, value) in counter.samples() {
            writeln!(text, "{} {value} {}", counter.series, time(at)).unwrap();
        }
    }
    text
}
