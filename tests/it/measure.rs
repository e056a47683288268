//! Measurements out of files: the counts agree with independent computations.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests read their own data files, and what is not as expected may panic"
)]
use std::{collections::BTreeMap, io::Write, path::PathBuf};

use sre::kernel::{
    measure::{
        Bound, DurationUnit, EventMeasure, Excluded, Input, MaxBadLines, NullResults, Predicate,
        ScanError, ScanOutcome, ScanRequest, Shape, scan,
    },
    series::EventCount,
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
            let offset = (at - time).num_milliseconds();
            let step = at - chrono::TimeDelta::minutes((offset + 59_999) / 60_000);
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

fn from(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<Input> {
    vec![Input::from_bytes(name, bytes)]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const CSV: &str = "time,status,duration,path\n\
    2026-03-01T10:00:01Z,200,0.120,/\n\
    2026-03-01T10:00:30Z,503,0.031,/cart\n\
    2026-03-01T10:03:00Z,200,,\"/a,\"\"b\"\"\n/c\"\n\
    2026-03-01T10:03:59.999Z,404,1.5,/x\n";

#[test]
fn csv_events_are_counted_per_minute_with_empty_minutes_measured() {
    let measures = vec![
        good("status < 500"),
        EventMeasure {
            total: Some(Predicate::parse("path LIKE '/%'").unwrap()),
            good: Predicate::threshold("duration", Bound::AtMost, 0.3),
        },
    ];
    let outcome = scan(from("events.csv", CSV), &request(measures), &|_| {}).unwrap();
    assert_eq!(sums(&outcome, 0), (3, 4, 2));
    assert_eq!(sums(&outcome, 1), (2, 4, 2));
    let series = &outcome.series[0];
    assert_eq!(series.start(), instant("2026-03-01T10:00:00Z"));
    assert_eq!(series.counts().len(), 4);
    assert_eq!(series.counts()[1], Some(EventCount::default()));
    let report = &outcome.report;
    assert_eq!(report.null_results[1], NullResults { total: 0, good: 1 });
    assert_eq!(report.first_record, Some(instant("2026-03-01T10:00:01Z")));
    assert_eq!(report.last_record, Some(instant("2026-03-01T10:03:59.999Z")));
    assert_eq!(report.end, Some(instant("2026-03-01T10:04:00Z")));
    assert_eq!(
        report.assumptions,
        ["the time is in column `time`", "read as CSV with `,` between the fields"]
    );
}

#[test]
fn the_same_events_in_every_format_give_the_same_series() {
    let csv = "ts;status;duration\n1772359201;200;0.1\n1772359230.5;500;0.5\n1772359380;200;0.2\n";
    let json = r#"{"ts": 1772359201000, "status": 200, "duration": 0.1}
        {"nested": {"a": [1, "\""]}, "ts": "2026-03-01T10:00:30.500Z", "status": "500", "duration": 5e-1}
        {"\u0074s":"2026-03-01 11:03:00+01:00","status":200,"duration":2e-1}"#;
    let log = "\
        ::1 - - [01/Mar/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\" 0.1\n\
        ::1 - - [01/Mar/2026:12:00:30 +0200] \"GET / HTTP/1.1\" 500 5 \"-\" \"-\" 0.5 0.4\n\
        ::1 - - [01/Mar/2026:10:03:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\" rt=0.2\n";
    let request = request(vec![good("status < 500"), good("duration <= 0.3")]);
    let read = |name: &str, bytes: &[u8]| {
        let outcome = scan(from(name, bytes), &request, &|_| {}).unwrap();
        assert_eq!(outcome.report.bad_lines.count, 0, "{:?}", outcome.report.bad_lines);
        outcome
    };
    let expected = read("a.csv", csv.as_bytes());
    assert_eq!(sums(&expected, 0), (2, 3, 2));
    assert_eq!(sums(&expected, 1), (2, 3, 2));
    for (name, text) in [("a.jsonl", json), ("stdin", json), ("a.log", log), ("stdin", csv)] {
        assert_eq!(read(name, text.as_bytes()).series, expected.series, "{name}");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(read(name, crlf.as_bytes()).series, expected.series, "{name} with CRLF");
        assert_eq!(read(name, &gzip(text.as_bytes())).series, expected.series, "{name} in gzip");
        let marked = format!("\u{feff}{text}");
        assert_eq!(read(name, marked.as_bytes()).series, expected.series, "{name} with a mark");
    }
}

#[test]
fn bad_lines_are_shown_with_their_places() {
    let csv = "time,status\n2026-03-01T10:00:01Z,200\n\nyesterday,200\n2026-03-01T10:00:02Z\n\
        ,200\n2026-03-01T10:00:03Z,\n2026-03-01T10:00:04Z,200\n2026-03-01T10:00:05Z,\"200\n";
    let outcome = scan(from("a.csv", csv), &request(vec![good("status < 500")]), &|_| {}).unwrap();
    let report = outcome.report;
    let lines: Vec<(u64, &str)> =
        report.bad_lines.first.iter().map(|line| (line.line, line.reason.as_str())).collect();
    assert_eq!(
        lines,
        [
            (4, "`yesterday` is not a time that is understood"),
            (5, "has 1 field, the header has 2"),
            (6, "has no time"),
            (9, "has a quote that is not closed"),
        ]
    );
    assert_eq!((report.records, report.bad_lines.count), (3, 4));
    assert_eq!(report.null_results[0].good, 1);

    let json = "{\"time\": 1772359201, \"status\": 200}\n{\"time\": 1772359202, \"status\": 200,}\n[]\n\
        {\"time\": 1772359202, \"status\": 01}\n{\"time\": \"\u{1}\"}\n";
    let outcome = scan(from("a.jsonl", json), &request(vec![good("status < 500")]), &|_| {});
    let lines = outcome.unwrap().report.bad_lines;
    assert_eq!(lines.count, 4);
    assert_eq!(
        lines.first[0].reason,
        "is not valid JSON: expected a key in double quotes at byte 36"
    );
    assert_eq!(lines.first[1].reason, "is not valid JSON: expected an object: `{` at byte 1");
}

#[test]
fn too_many_bad_lines_are_an_error() {
    let csv = "time,status\n2026-03-01T10:00:01Z,200\nx,1\n";
    let limited =
        |max_bad_lines| ScanRequest { max_bad_lines, ..request(vec![good("status < 500")]) };
    let run = |limit| scan(from("a.csv", csv), &limited(limit), &|_| {});
    assert!(run(MaxBadLines::Count(1)).is_ok());
    assert!(run(MaxBadLines::Share("50%".parse().unwrap())).is_ok());
    assert!(run(MaxBadLines::Share("49%".parse().unwrap())).is_err());
    let error = run(MaxBadLines::Count(0)).unwrap_err();
    assert_eq!(error.to_string(), "1 of 2 lines could not be read, more than the 0 allowed");
    assert!(error.help().unwrap().contains("line 3 of `a.csv`"));
}

#[test]
fn what_cannot_be_read_says_what_it_is_and_what_to_do() {
    let measures = vec![good("status < 500 AND method = \"GET\"")];
    let error = |name: &str, bytes: &[u8]| {
        scan(from(name, bytes), &request(measures.clone()), &|_| {}).unwrap_err()
    };
    let check = |name: &str, bytes: &[u8], message: &str, help: &str| {
        let error = error(name, bytes);
        assert!(error.to_string().contains(message), "{error}");
        let found = error.help().unwrap_or_default();
        assert!(found.contains(help), "{found}");
    };
    let header = b"time,status,methods\n2026-03-01T10:00:01Z,1,1\n";
    check("a.csv", header, "`a.csv` has no column `method`", "did you mean `methods`?");
    check("a.csv", b"time,status,method\n1,1,1\n", "no column `GET`", "single quotes: `'GET'`");
    check("a.csv", b"when,status\n", "no column that looks like a time", "`when`, `status`");
    check("a", b"PAR1\x15\x04", "is a Parquet file", "convert");
    check("a.json", b"[{\"time\": 1}]", "is a JSON array", "jq");
    check(
        "a.jsonl",
        b"{\"time\": 1772359201, \"statuses\": 1}\n",
        "no column `status`",
        "statuses",
    );
    check("a.jsonl", b"hello\n", "is not JSON Lines", "one object per line");
    check("a", b"\xff\xfea\x00", "is UTF-16", "UTF-8");
    let whole = gzip(CSV.as_bytes());
    check("a.csv.gz", &whole[..whole.len() - 12], "is cut off", "gzip --test");
    let mut damaged = gzip(&CSV.as_bytes().repeat(10));
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert!(matches!(
        error("a.csv.gz", &damaged),
        ScanError::DamagedGzip { .. } | ScanError::TruncatedGzip { .. }
    ));
}

#[test]
fn whole_number_durations_need_a_unit() {
    let log = "::1 - - [01/Mar/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\" 12345\n";
    let request = request(vec![good("duration <= 0.0123450")]);
    let error = scan(from("a.log", log), &request, &|_| {}).unwrap_err();
    assert!(error.to_string().contains("whose unit is not known"), "{error}");
    let request = ScanRequest { duration_unit: Some(DurationUnit::Microseconds), ..request };
    let outcome = scan(from("a.log", log), &request, &|_| {}).unwrap();
    assert_eq!(sums(&outcome, 0), (1, 1, 1));
}

#[test]
fn nginx_logs_in_json_are_read_by_the_names_of_access_logs() {
    let json = r#"{"time_iso8601":"2026-03-01T10:00:01+00:00","status":"200","uri":"/","request_time":"0.250"}"#;
    let request = request(vec![good("duration <= 0.3 AND path = '/'")]);
    let outcome = scan(from("access.json", json), &request, &|_| {}).unwrap();
    assert_eq!(sums(&outcome, 0), (1, 1, 1));
    assert!(outcome.report.assumptions.contains(&"`duration` is in key `request_time`".to_owned()));
}

#[test]
fn records_outside_the_time_asked_for_are_counted_apart() {
    let csv = "time,status\n2026-01-01T00:00:00Z,200\n2026-03-01T10:00:01Z,200\n\
        2026-03-01T10:05:00Z,200\n2030-01-01T00:00:00Z,200\n";
    let request = ScanRequest {
        at: Some(instant("2026-03-01T10:05:00Z")),
        lookback: Duration::from_days(1),
        ..request(vec![good("status < 500")])
    };
    let outcome = scan(from("a.csv", csv), &request, &|_| {}).unwrap();
    assert_eq!(sums(&outcome, 0), (1, 1, 1));
    assert_eq!(
        outcome.report.excluded,
        Excluded { after_end: 1, after_now: 1, before_lookback: 1 }
    );
    let series = &outcome.series[0];
    // The day was watched from its beginning, for there is an older record, up to `at`.
    assert_eq!(series.start(), instant("2026-02-28T10:05:00Z"));
    assert_eq!(series.end(), instant("2026-03-01T10:05:00Z"));
    assert!(series.counts().iter().all(Option::is_some));
    let latest = ScanRequest { at: None, ..request };
    let outcome = scan(from("a.csv", csv), &latest, &|_| {}).unwrap();
    assert_eq!(outcome.report.end, Some(instant("2026-03-01T10:06:00Z")));
    assert_eq!(outcome.report.excluded.before_lookback, 1);
}
