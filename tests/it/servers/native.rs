//! Objectives over native histograms, against the observations that were sent to the server.
//!
//! The histograms go to Prometheus by remote write, one a minute, each with what was observed up to then.
//! What the server may differ by is that of counters, see `docs/design/servers.md`: it knows the scrapes
//! inside of a window, and estimates what the first of them observed, so that for each series at most the
//! larger of that scrape's count and the average count is too much or too little.
use super::{Server, installed, prometheus};
use crate::cli::harness::{Files, Run};
use chrono::TimeDelta;
use serde_json::Value;
use sre::kernel::units::Instant;
use std::collections::BTreeMap;

/// Each bound is the one before times 2^(1/8): bucket `k` is above 2^((k-1)/8) s and up to 2^(k/8) s.
const SCHEMA: i32 = 3;
/// Narrower than any duration: the width of the bucket for zero that clients choose, 2^-128.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;
/// The bucket that ends with 250 ms, which is 2^(-16/8) s.
const QUARTER: i32 = -16;
/// The bucket that holds 300 ms: above 2^(-14/8) s, 297.3 ms, and up to 2^(-13/8) s, 324.2 ms.
const WITHIN: i32 = -13;
/// The name of all series, as a label.
const NAME: (&str, &str) = ("__name__", "http_request_duration_seconds");
/// Scrapes, one a minute.
const SCRAPES: usize = 170;
/// The scrape that finds the process started anew.
const RESET: usize = 119;
/// Nothing is observed by the scrapes from this one on.
const SILENT: usize = 140;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The time of a scrape, which is no whole minute.
fn scraped(scrape: usize) -> Instant {
    let minutes = TimeDelta::minutes(i64::try_from(scrape).unwrap());
    instant("2026-03-31T17:00:17.250Z") + minutes
}

/// Observations per bucket; those of zero stand under `None`, before all others.
type Buckets = BTreeMap<Option<i32>, u64>;

/// One series: what each scrape observed.
struct Series {
    labels: &'static [(&'static str, &'static str)],
    observed: Vec<Buckets>,
}

impl Series {
    fn new(
        labels: &'static [(&'static str, &'static str)],
        observe: impl Fn(u64) -> Buckets,
    ) -> Self {
        let seed = labels.iter().flat_map(|(_, value)| value.bytes()).map(u64::from).sum();
        let mut random = fastrand::Rng::with_seed(seed);
        let mut observed = vec![Buckets::new(); SCRAPES];
        // A process has observed nothing when it is scraped for the first time.
        for buckets in &mut observed[1..SILENT] {
            *buckets = observe(random.u64(0..10));
        }
        Self { labels, observed }
    }

    /// What was observed by the scrapes in `(from, to]` in the buckets up to `last`, in all without one;
    /// and the most by which a server's count may differ.
    fn count(&self, last: Option<i32>, from: Instant, to: Instant) -> (f64, f64) {
        let of = |buckets: &Buckets| -> f64 {
            let meant = buckets.iter().filter(|(bucket, _)| last.is_none() || **bucket <= last);
            meant.map(|(_, count)| *count as f64).sum()
        };
        let inside = |scrape: &usize| from < scraped(*scrape) && scraped(*scrape) <= to;
        let counts: Vec<f64> =
            (0..SCRAPES).filter(inside).map(|scrape| of(&self.observed[scrape])).collect();
        let (sum, first) = (counts.iter().sum::<f64>(), counts.first().copied().unwrap_or(0.0));
        (sum, first.max(sum / (counts.len() as f64 - 1.0).max(1.0)))
    }

    /// The series as a `TimeSeries` of the remote write protocol.
    fn message(&self) -> Vec<u8> {
        let mut series = Vec::new();
        for (name, value) in self.labels {
            let mut label = Vec::new();
            protobuf::bytes(&mut label, 1, name.as_bytes());
            protobuf::bytes(&mut label, 2, value.as_bytes());
            protobuf::bytes(&mut series, 1, &label);
        }
        let mut so_far = Buckets::new();
        for (scrape, observed) in self.observed.iter().enumerate() {
            if scrape == RESET {
                so_far.clear();
            }
            for (bucket, count) in observed {
                *so_far.entry(*bucket).or_default() += count;
            }
            protobuf::bytes(&mut series, 4, &histogram(&so_far, scraped(scrape)));
        }
        series
    }
}

/// A `Histogram` of the remote write protocol, whose buckets hold what they count each.
fn histogram(buckets: &Buckets, at: Instant) -> Vec<u8> {
    let mut message = Vec::new();
    protobuf::unsigned(&mut message, 1, buckets.values().sum());
    // As if each observation were the largest of its bucket.
    let largest = |bucket: i32| (f64::from(bucket) / f64::from(SCHEMA).exp2()).exp2();
    let sum =
        buckets.iter().filter_map(|(bucket, count)| Some(largest((*bucket)?) * *count as f64));
    protobuf::double(&mut message, 3, sum.sum());
    protobuf::signed(&mut message, 4, SCHEMA.into());
    protobuf::double(&mut message, 5, ZERO_THRESHOLD);
    protobuf::unsigned(&mut message, 6, buckets.get(&None).copied().unwrap_or(0));
    // One span for each bucket, and its count as the difference from the bucket before.
    let (mut next, mut before, mut deltas) = (0, 0, Vec::new());
    for (bucket, count) in buckets.iter().filter_map(|(bucket, count)| Some(((*bucket)?, count))) {
        let mut span = Vec::new();
        protobuf::signed(&mut span, 1, (bucket - next).into());
        protobuf::unsigned(&mut span, 2, 1);
        protobuf::bytes(&mut message, 11, &span);
        let count = i64::try_from(*count).unwrap();
        protobuf::varint(&mut deltas, protobuf::zigzag(count - before));
        (next, before) = (bucket + 1, count);
    }
    protobuf::bytes(&mut message, 12, &deltas);
    protobuf::unsigned(&mut message, 15, at.timestamp_millis().unsigned_abs());
    message
}

/// As much of the encoding as histograms need.
mod protobuf {
    pub(super) fn varint(into: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            into.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        into.push((value & 0x7f) as u8);
    }

    /// Signed numbers as unsigned ones, small where they are near zero.
    pub(super) fn zigzag(value: i64) -> u64 {
        ((value << 1) ^ (value >> 63)).cast_unsigned()
    }

    pub(super) fn unsigned(into: &mut Vec<u8>, field: u64, value: u64) {
        varint(into, field << 3);
        varint(into, value);
    }

    pub(super) fn signed(into: &mut Vec<u8>, field: u64, value: i64) {
        unsigned(into, field, zigzag(value));
    }

    pub(super) fn double(into: &mut Vec<u8>, field: u64, value: f64) {
        varint(into, field << 3 | 1);
        into.extend(value.to_le_bytes());
    }

    pub(super) fn bytes(into: &mut Vec<u8>, field: u64, value: &[u8]) {
        varint(into, field << 3 | 2);
        varint(into, value.len() as u64);
        into.extend(value);
    }
}

/// A block of snappy that compresses nothing: its length, and literals of 65,536 bytes at most.
fn snappy(content: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    protobuf::varint(&mut block, content.len() as u64);
    for literal in content.chunks(1 << 16) {
        // A literal whose length, less one, follows in two bytes.
        block.push(61 << 2);
        block.extend(u16::try_from(literal.len() - 1).unwrap().to_le_bytes());
        block.extend(literal);
    }
    block
}

fn send(server: &Server, series: &[Series]) {
    let mut request = Vec::new();
    for one in series {
        protobuf::bytes(&mut request, 1, &one.message());
    }
    let headers = "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n\
                   X-Prometheus-Remote-Write-Version: 0.1.0\r\n";
    let sent = server.http.send_bytes("POST", "/api/v1/write", headers, &snappy(&request));
    let (status, _, body) = sent.unwrap();
    assert_eq!(status, 204, "{}", String::from_utf8_lossy(&body));
}

/// Two regions whose shares of slow requests differ; and a service that always takes no time at all.
fn series() -> Vec<Series> {
    let eu = |random: u64| {
        Buckets::from([
            (None, 1),
            (Some(-30), 10 + random),
            (Some(QUARTER), 12),
            (Some(QUARTER + 1), 9),
            (Some(WITHIN), 8 + random),
            (Some(5), 3),
        ])
    };
    let us = |random: u64| {
        Buckets::from([
            (Some(-40), 30 + random),
            (Some(QUARTER), 5),
            (Some(QUARTER + 1), 2 + random % 3),
            (Some(WITHIN), 12),
        ])
    };
    vec![
        Series::new(&[NAME, ("job", "api"), ("region", "eu")], eu),
        Series::new(&[NAME, ("job", "api"), ("region", "us")], us),
        Series::new(&[NAME, ("job", "instant")], |random| Buckets::from([(None, 20 + random)])),
    ]
}

fn catalog(url: &str) -> Files {
    let mut text = format!(
        "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: server, owner: api}}\n\
         spec: {{prometheus: {{url: '{url}'}}}}\n"
    );
    for (name, job, more) in [
        ("bound", "api", "threshold: 250ms"),
        ("between", "api", "threshold: 300ms"),
        ("regions", "api", "threshold: 250ms, group_by: [region]"),
        ("instant", "instant", "threshold: 250ms"),
    ] {
        text += &format!(
            "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: api}}\n\
             spec: {{target: 90%, window: 2h, {more}, sli: {{source: server, prometheus: \
             {{native_histogram: 'http_request_duration_seconds{{job=\"{job}\"}}'}}}}}}\n"
        );
    }
    let files = Files::new(&[]);
    files.write("specs/all.yaml", text.as_bytes());
    files
}

fn items(files: &Files, command: &str, name: &str, at: &str) -> Vec<Value> {
    let run = Run::new(&[command, name, "--at", at, "--no-cache"]).within(files);
    run.json()["items"].as_array().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Holds what an item, or one of its burn rates, says of `(from, to]` against what was observed, where the
/// good ones end with one of two buckets or between them.
#[track_caller]
fn check(found: &Value, series: &[&Series], good: [i32; 2], from: Instant, to: Instant) {
    let count = |last: Option<i32>| {
        series.iter().map(|one| one.count(last, from, to)).fold((0.0, 0.0), |sum, one| {
            // What sums and shares of binary fractions lose.
            (sum.0 + one.0, sum.1 + one.1 + one.0 * 1e-9)
        })
    };
    let all = count(None);
    let [least, most] = good.map(|last| count(Some(last)));
    for (name, (least, below), (most, above)) in [
        ("total", all, all),
        ("good", least, most),
        ("bad", (all.0 - most.0, all.1 + most.1), (all.0 - least.0, all.1 + least.1)),
    ] {
        let found = number(&found[name]);
        assert!(
            (least - below..=most + above).contains(&found),
            "{name} in {from} to {to}: {found} is not in {least} - {below} to {most} + {above}"
        );
    }
}

/// The budget of the window, and the burn rate of every other window that was asked for.
fn budgets_are_true(files: &Files, series: &[Series], at: &str) {
    let (to, hours) = (instant(at), TimeDelta::hours(2));
    let [eu, us, instantly] = series else { panic!("three series") };
    for (name, groups, good) in [
        ("bound", &[&[eu, us][..]][..], [QUARTER; 2]),
        ("between", &[&[eu, us][..]], [WITHIN - 1, WITHIN]),
        ("regions", &[&[eu][..], &[us]], [QUARTER; 2]),
        ("instant", &[&[instantly][..]], [QUARTER; 2]),
    ] {
        let items = items(files, "budget", name, at);
        assert_eq!(items.len(), groups.len(), "{items:?}");
        for (item, series) in items.iter().zip(groups) {
            check(item, series, good, to - hours, to);
            assert_eq!(item["coverage"].as_f64(), Some(1.0), "{item:#}");
            if name == "regions" {
                assert_eq!(item["group"]["region"], series[0].labels[2].1, "{item:#}");
            }
            let burn_rates = item["burn_rates"].as_array().unwrap();
            assert!(burn_rates.len() > 2, "{item:#}");
            for one in burn_rates {
                let moment = |name: &str| instant(one[name].as_str().unwrap());
                check(one, series, good, moment("from"), moment("to"));
            }
        }
    }
    let item = &items(files, "budget", "instant", at)[0];
    assert_eq!(item["good"], item["total"], "all took no time at all");
}

/// The thresholds are such that a bucket more or less would be noticed.
fn buckets_weigh_more_than_the_tolerance(series: &[Series], at: &str) {
    let to = instant(at);
    for one in &series[..2] {
        let count = |last| one.count(last, to - TimeDelta::hours(2), to);
        for bucket in [QUARTER, QUARTER + 1] {
            let (with, without) = (count(Some(bucket)), count(Some(bucket - 1)));
            assert!(with.0 - with.1 > without.0 + without.1, "{bucket}: {with:?}, {without:?}");
        }
    }
}

/// Burn rates of the alert's windows follow from what was observed, and its state from them.
fn burn_rates_are_true(files: &Files, series: &[Series], at: &str, states: [&str; 2]) {
    let to = instant(at);
    for (name, series, state) in
        [("regions", &series[..2], states[0]), ("instant", &series[2..], states[1])]
    {
        let items = items(files, "burn", name, at);
        assert_eq!(items.len(), series.len(), "{items:?}");
        for (item, series) in items.iter().zip(series) {
            let [alert] = &item["alerts"].as_array().unwrap()[..] else { panic!("{item:#}") };
            assert_eq!(alert["state"], state, "{name} at {at}: {item:#}");
            assert_eq!((&alert["long"], &alert["short"]), (&"1h".into(), &"5m".into()));
            for (rate, minutes) in [("long_burn_rate", 60), ("short_burn_rate", 5)] {
                let from = to - TimeDelta::minutes(minutes);
                let (total, of_total) = series.count(None, from, to);
                let (good, of_good) = series.count(Some(QUARTER), from, to);
                if total == 0.0 {
                    assert_eq!(alert[rate], Value::Null, "{item:#}");
                    continue;
                }
                let (bad, of_bad) = (total - good, of_total + of_good);
                // A tenth may fail.
                let least = (bad - of_bad) / (total + of_total) / 0.1;
                let most = (bad + of_bad) / (total - of_total) / 0.1;
                let found = number(&alert[rate]);
                assert!((least..=most).contains(&found), "{rate}: {found} of {least} to {most}");
            }
        }
    }
}

#[test]
fn native_histograms_are_counted() {
    if !installed(&["prometheus"]) {
        return;
    }
    let server = prometheus::start_empty();
    let series = series();
    send(&server, &series);
    let files = catalog(&format!("http://127.0.0.1:{}", server.http.port));
    // Just after the process started anew, later, and in silence.
    for (at, states) in [
        ("2026-03-31T19:02:00Z", ["firing", "quiet"]),
        ("2026-03-31T19:19:00Z", ["firing", "quiet"]),
        ("2026-03-31T19:45:00Z", ["recovering", "quiet"]),
    ] {
        budgets_are_true(&files, &series, at);
        burn_rates_are_true(&files, &series, at, states);
        buckets_weigh_more_than_the_tolerance(&series, at);
        let doctor = Run::new(&["doctor", "--at", at, "--no-cache"]).within(&files).go();
        assert_eq!(doctor.code, 0, "{doctor:?}");
        assert!(doctor.stdout.contains("4 objectives: all is well"), "{doctor:?}");
    }
}
