//! Five weeks of counters, made up, and what they really counted.
//!
//! Scrapes are a minute apart, 7.25 s behind the full minute. Within there are counters that begin anew,
//! two gaps in the scrapes, twenty minutes without events, an outage, and a service that never failed.
use sre::kernel::units::Instant;
use std::{fmt::Write, sync::LazyLock};

/// Milliseconds between scrapes.
const INTERVAL: i64 = 60_000;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> (Instant, Instant) {
    (instant(from), instant(to))
}

/// The moment that most questions are about: an hour before the history ends, and in Berlin still March.
pub(crate) fn at() -> Instant {
    instant("2026-03-31T20:00:00Z")
}

/// Nothing is scraped in them, though events go on.
fn gaps() -> [(Instant, Instant); 2] {
    [
        range("2026-03-10T02:10:00Z", "2026-03-10T05:40:00Z"),
        range("2026-03-28T10:10:00Z", "2026-03-28T10:30:00Z"),
    ]
}

/// Nothing happens in it, though scrapes go on.
fn silence() -> (Instant, Instant) {
    range("2026-03-30T15:10:00Z", "2026-03-30T15:30:00Z")
}

/// Three requests of ten fail.
fn outage() -> (Instant, Instant) {
    range("2026-03-31T19:15:00Z", "2026-03-31T19:53:00Z")
}

/// When all counters begin anew, and when the first one does once more.
fn resets(index: usize) -> Vec<Instant> {
    let mut resets = vec![instant("2026-03-12T12:20:00Z")];
    if index == 0 {
        resets.push(instant("2026-03-29T01:30:00Z"));
    }
    resets
}

static GAPS: LazyLock<[(Instant, Instant); 2]> = LazyLock::new(gaps);
static SILENCE: LazyLock<(Instant, Instant)> = LazyLock::new(silence);
static OUTAGE: LazyLock<(Instant, Instant)> = LazyLock::new(outage);

fn inside((from, to): (Instant, Instant), time: i64) -> bool {
    from.timestamp_millis() < time && time <= to.timestamp_millis()
}

/// One counter.
pub(crate) struct Counter {
    /// Name and labels as they are written.
    pub(crate) series: String,
    resets: Vec<Instant>,
    /// Events between a scrape and the one before, with the time of the scrape.
    increments: Vec<(i64, u64)>,
}

impl Counter {
    /// The events whose scrape lies in `(from, to]`; what a gap hid is counted by the scrape behind it.
    fn counted(&self, from: Instant, to: Instant) -> u64 {
        let scraped_at = |time: i64| {
            let gap = GAPS.into_iter().find(|gap| inside(*gap, time));
            // The first scrape behind the gap.
            gap.map_or(time, |(_, end)| end.timestamp_millis() + 7_250)
        };
        let seen =
            |(time, events): &(i64, u64)| inside((from, to), scraped_at(*time)).then_some(*events);
        self.increments.iter().filter_map(seen).sum()
    }

    /// The most by which a server's count of `(from, to]` may differ: it knows the scrapes inside, and
    /// what the first of them counted it estimates from the average between the scrapes.
    fn uncertainty(&self, from: Instant, to: Instant) -> f64 {
        let between = (to - from).num_milliseconds() as f64 / INTERVAL as f64 - 1.0;
        let first = self.increments.iter().find(|(time, _)| *time > from.timestamp_millis());
        let first = first.map_or(0.0, |(_, events)| *events as f64);
        first.max(self.counted(from, to) as f64 / between)
    }

    /// Times in milliseconds and values as they were scraped.
    fn samples(&self) -> impl Iterator<Item = (i64, u64)> {
        let mut value = 1000;
        let mut resets = self.resets.iter().map(Instant::timestamp_millis).peekable();
        self.increments.iter().filter_map(move |(time, events)| {
            if resets.next_if(|reset| time > reset).is_some() {
                value = 0;
            }
            value += events;
            (!GAPS.into_iter().any(|gap| inside(gap, *time))).then_some((*time, value))
        })
    }
}

/// All counters.
pub(crate) struct History(Vec<Counter>);

impl History {
    pub(crate) fn new() -> Self {
        let mut counters = Vec::new();
        let mut add = |series: &str, events: &dyn Fn(i64, u64) -> u64| {
            let seed =
                series.bytes().fold(17_u64, |seed, byte| seed * 31 % 65_537 + u64::from(byte));
            let mut random = fastrand::Rng::with_seed(seed);
            let last = instant("2026-03-31T21:00:00Z").timestamp_millis();
            let mut time = instant("2026-02-25T00:00:00Z").timestamp_millis() + 7_250;
            let mut increments = Vec::new();
            while time <= last {
                // A scrape whose minute touches the silence has none of it.
                let quiet = inside(*SILENCE, time) || inside(*SILENCE, time - INTERVAL + 1);
                let events = events(time, random.u64(0..100));
                increments.push((time, if quiet { 0 } else { events }));
                time += INTERVAL;
            }
            let resets = resets(counters.len());
            counters.push(Counter { series: series.to_owned(), resets, increments });
        };
        let many = |_: i64, random: u64| 20 + random % 11;
        let fails = |time: i64, random: u64| {
            if inside(*OUTAGE, time) { 15 + random % 6 } else { u64::from(random < 5) }
        };
        add(r#"http_requests_total{job="api",code="200",region="eu"}"#, &many);
        add(r#"http_requests_total{job="api",code="200",region="us"}"#, &many);
        add(r#"http_requests_total{job="api",code="500",region="eu"}"#, &fails);
        add(r#"http_requests_total{job="quiet",code="200"}"#, &many);
        // Of each minute's observations one is slow, two are very slow.
        add(r#"http_duration_seconds_bucket{job="api",le="0.1"}"#, &|_, _| 17);
        add(r#"http_duration_seconds_bucket{job="api",le="0.5"}"#, &|_, _| 18);
        add(r#"http_duration_seconds_bucket{job="api",le="+Inf"}"#, &|_, _| 20);
        add(r#"http_duration_seconds_count{job="api"}"#, &|_, _| 20);
        Self(counters)
    }

    /// The events of all counters whose series hold all of `parts`, in `(from, to]`; and the most by which
    /// a server's count may differ.
    pub(crate) fn count(&self, parts: &[&str], from: Instant, to: Instant) -> (f64, f64) {
        let is_meant = |counter: &&Counter| parts.iter().all(|part| counter.series.contains(part));
        self.0.iter().filter(is_meant).fold((0.0, 0.0), |(events, uncertainty), counter| {
            (events + counter.counted(from, to) as f64, uncertainty + counter.uncertainty(from, to))
        })
    }

    /// All samples as text, one a line, with times as `time` writes them.
    pub(crate) fn text(&self, time: impl Fn(i64) -> String) -> String {
        let mut text = String::new();
        for counter in &self.0 {
            for (at, value) in counter.samples() {
                writeln!(text, "{} {value} {}", counter.series, time(at)).unwrap();
            }
        }
        text
    }
}
