//! Measurements out of files: the counts agree with independent computations.
#![expect(clippy::disallowed_methods, reason = "tests read their own data files")]
use std::{collections::BTreeMap, path::PathBuf};

use sre::kernel::{
    measure::{EventMeasure, Input, Predicate, ScanOutcome, ScanRequest, Shape, scan},
    units::{Duration, Instant},
};

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/measure/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The log of a real web server, which is not part of the repository.
fn real_log() -> Option<Vec<u8>> {
    let folder = std::env::var_os("SRE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let log = std::fs::read(folder.join("data/access.log")).ok();
    if log.is_none() {
        eprintln!("skipped: no data/access.log in {}", folder.display());
    }
    log
}

fn good(predicate: &str) -> EventMeasure {
    EventMeasure { total: None, good: Predicate::parse(predicate).unwrap() }
}

fn request(measures: Vec<EventMeasure>) -> ScanRequest {
    ScanRequest::new(Shape::Events(measures), instant("2026-06-01T00:00:00Z"))
}

fn read(bytes: &[u8], request: &ScanRequest) -> ScanOutcome {
    scan(vec![Input::from_bytes("access.log", bytes)], request, &|_| {}).unwrap()
}

/// Good and total events, and how many steps have any.
fn sums(outcome: &ScanOutcome, measure: usize) -> (u64, u64, u64) {
    let mut sums = (0, 0, 0);
    for count in outcome.series[measure].counts().iter().flatten() {
        sums.0 += count.good as u64;
        sums.1 += count.total as u64;
        sums.2 += u64::from(count.total > 0.0);
    }
    sums
}

/// The same counts per minute before `at`, computed as a short awk program would.
fn counts_by_hand(log: &[u8], at: Instant) -> BTreeMap<Instant, (u64, u64)> {
    let mut counts = BTreeMap::new();
    for line in String::from_utf8_lossy(log).lines() {
        let Some((_, rest)) = line.split_once('[') else { continue };
        let (time, rest) = rest.split_once(']').unwrap();
        let Ok(time) = chrono::DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z") else {
            continue;
        };
        let time = time.to_utc();
        let status = rest
            .split(' ')
            .find(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()))
            .unwrap();
        if time < at {
            let offset = (at - time).num_seconds();
            let step = at - chrono::TimeDelta::seconds((offset + 59) / 60 * 60);
            let count: &mut (u64, u64) = counts.entry(step).or_default();
            count.0 += u64::from(status.parse::<u32>().unwrap() < 500);
            count.1 += 1;
        }
    }
    counts
}

#[track_caller]
fn agrees_at(log: &[u8], at: &str) {
    let at = instant(at);
    let outcome = read(log, &ScanRequest { at: Some(at), ..request(vec![good("status < 500")]) });
    let series = &outcome.series[0];
    let read: BTreeMap<Instant, (u64, u64)> = series
        .counts()
        .iter()
        .enumerate()
        .filter_map(|(step, count)| {
            let count = count.filter(|count| count.total > 0.0)?;
            let start = series.start() + Duration::from_minutes(step as u64).to_chrono();
            Some((start, (count.good as u64, count.total as u64)))
        })
        .collect();
    assert_eq!(read, counts_by_hand(log, at), "at {at}");
    let counted: u64 = read.values().map(|(_, total)| total).sum();
    assert_eq!(counted + outcome.report.excluded.after_end, outcome.report.records);
}

#[test]
fn a_small_log_is_read_line_by_line() {
    let log = data("access.log");
    let outcome =
        read(&log, &request(vec![good("status < 500"), good("path NOT LIKE '/health%'")]));
    let report = &outcome.report;
    assert_eq!(report.records, 117);
    assert_eq!(report.bad_lines.count, 1);
    assert_eq!(report.bad_lines.first[0].line, 91);
    assert_eq!(report.bad_lines.first[0].reason, "has no time in brackets");
    let repaired: Vec<(u64, &str)> =
        report.repaired.first.iter().map(|line| (line.line, line.reason.as_str())).collect();
    assert_eq!(
        repaired,
        [
            (31, "the quote of the user agent is not closed"),
            (56, "the request has a quote that is not escaped"),
        ]
    );
    // The request that is no HTTP has no path.
    assert_eq!(report.null_results[1].good, 1);
    assert_eq!(report.assumptions, ["read as an access log in Combined Log Format"]);
    for at in ["2026-03-01T10:00:00Z", "2026-03-01T10:05:17Z", "2026-03-02T00:00:00Z"] {
        agrees_at(&log, at);
    }
}

#[test]
fn a_real_log_gives_what_awk_gives() {
    let Some(log) = real_log() else { return };
    let outcome = read(&log, &request(vec![good("status < 500")]));
    assert_eq!(sums(&outcome, 0), (9997, 10_000, 84));
    assert_eq!(outcome.series[0].counts().len(), 4981);
    let report = &outcome.report;
    assert_eq!((report.records, report.bad_lines.count), (10_000, 0));
    assert_eq!(report.repaired.count, 1);
    assert_eq!(report.repaired.first[0].line, 8899);
    assert_eq!(report.disorder.lines, 4915);
    for at in [
        "2015-05-17T10:05:00Z",
        "2015-05-18T12:34:56Z",
        "2015-05-19T00:00:00Z",
        "2015-05-20T21:05:15.500Z",
        "2015-05-21T00:00:00Z",
    ] {
        agrees_at(&log, at);
    }
}

#[test]
fn the_order_of_lines_does_not_matter() {
    for log in [Some(data("access.log")), real_log()].into_iter().flatten() {
        let mut lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
        let straight = read(&log, &request(vec![good("status < 500")]));
        // A fixed permutation that leaves no line in its place.
        lines.rotate_left(17);
        lines
            .sort_by_key(|line| line.iter().fold(0u32, |sum, b| sum * 31 % 65_521 + u32::from(*b)));
        let shuffled = read(&lines.concat(), &request(vec![good("status < 500")]));
        assert_eq!(shuffled.series, straight.series);
        assert_eq!(shuffled.report.records, straight.report.records);
        assert_eq!(shuffled.report.repaired.count, straight.report.repaired.count);
    }
}
