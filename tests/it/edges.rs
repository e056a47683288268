//! Numbers and messages where the input is at the edge of what is usual.
use crate::cli::harness::{Files, Ran, Run};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::fmt::Write as _;

/// An objective over six hours whose indicator is written in place.
fn objective(name: &str, indicator: &str) -> String {
    format!(
        "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: us}}\n\
         spec: {{target: 99%, window: 6h, sli: {{category: availability, {indicator}}}}}\n"
    )
}

/// A catalog of these files.
fn catalog(files: &[(&str, &str)]) -> Files {
    let folder = Files::new(files);
    folder.write("sre.yaml", b"");
    folder
}

/// Runs `sre budget` there, reading `data`.
fn budget(folder: &Files, data: &str, arguments: &[&str]) -> Ran {
    let run = Run::new(&["budget", "--format", "json", "--data", "-"]);
    run.args(arguments.iter().copied()).within(folder).stdin(data).go()
}

fn items(ran: &Ran) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    answer["items"].as_array().unwrap().clone()
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// Whatever the window, what it says to hold is what lies between the moments that it names.
#[test]
fn windows_hold_what_lies_between_their_moments() {
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    let events: Vec<(DateTime<Utc>, u32)> = (0..4000_i64)
        .map(|at| {
            let time = start + TimeDelta::milliseconds(at * 7919 + at * at % 4099);
            (time, if at % 7 == 3 { 503 } else { 200 })
        })
        .collect();
    let mut data = "time,status\n".to_owned();
    for (time, status) in &events {
        writeln!(data, "{},{status}", time.to_rfc3339()).unwrap();
    }
    let check = |arguments: &[&str]| {
        let ran = budget(&folder, &data, arguments);
        let item = items(&ran).remove(0);
        let own = [(&item["window"], &item)];
        let burns = item["burn_rates"].as_array().unwrap();
        for (window, counts) in own.into_iter().chain(burns.iter().map(|burn| (burn, burn))) {
            let (from, to) = (moment(&window["from"]), moment(&window["to"]));
            let inside = || events.iter().filter(|(time, _)| *time >= from && *time < to);
            let good = inside().filter(|(_, status)| *status < 500).count();
            let expected = (Some(good as u64), Some(inside().count() as u64));
            let found = (counts["good"].as_u64(), counts["total"].as_u64());
            assert_eq!(found, expected, "{arguments:?} from {from} to {to}");
        }
    };
    check(&[]);
    for moment in ["2026-03-01T01:17:29Z", "2026-03-01T07:00:00.125Z", "2026-03-02T00:00:01Z"] {
        check(&["--at", moment]);
        check(&["--now", moment]);
        check(&["--from", "2026-03-01T00:30:17.250Z", "--to", moment]);
    }
    check(&["--from", "2026-03-01T00:30:17Z", "--to", "2026-03-01T00:30:41Z"]);
    check(&["--from", "2026-03-01T00:30:17Z", "--to", "2026-03-01T00:31:17Z"]);
}

#[test]
fn events_that_cannot_be_judged_are_those_of_the_window() {
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let data = "time,status\n2026-03-01T00:00:00Z,\n2026-03-20T00:00:00Z,200\n\
                2026-03-20T00:01:00Z,\n";
    let item = items(&budget(&folder, data, &[])).remove(0);
    assert_eq!((item["good"].as_u64(), item["total"].as_u64()), (Some(1), Some(2)));
    assert_eq!(item["unjudged"].as_u64(), Some(1));
    let chosen = ["--from", "2026-03-01T00:00:00Z", "--to", "2026-03-20T00:01:00Z"];
    let item = items(&budget(&folder, data, &chosen)).remove(0);
    assert_eq!((item["total"].as_u64(), item["unjudged"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn a_row_that_reaches_beyond_the_end_is_left_out() {
    let folder = catalog(&[("slo.yaml", &objective("api", "counts: {good: good, total: total}"))]);
    let hours = (0..12).map(|hour| format!("2026-03-01T{hour:02}:00:00Z,{},100\n", 99 - hour));
    let data = format!("time,good,total\n{}", hours.collect::<String>());
    let item = |arguments: &[&str]| items(&budget(&folder, &data, arguments)).remove(0);
    let inside = item(&["--at", "2026-03-01T08:30:00Z"]);
    assert_eq!(inside["window"]["to"], "2026-03-01T08:00:00Z");
    assert_eq!(inside, item(&["--at", "2026-03-01T08:00:00Z"]));
    assert_eq!(inside["good"].as_u64(), Some((92..=97).sum()));
    let notes = budget(&folder, &data, &["--at", "2026-03-01T08:30:00Z"]).stderr;
    assert!(notes.contains("the end asked for is inside of a step of `1h`"), "{notes}");
    // The latest row holds what there is until now.
    let now = item(&["--now", "2026-03-01T08:30:00Z"]);
    assert_eq!(now["window"]["to"], "2026-03-01T08:30:00Z");
    assert_eq!(now["good"].as_u64(), Some((91..=96).sum()));
    assert_eq!(now["coverage"].as_f64(), Some(1.0));
    // Of the hour and a half up to seven, one hour is whole.
    let part = item(&["--from", "2026-03-01T05:30:00Z", "--to", "2026-03-01T07:30:00Z"]);
    assert_eq!((part["good"].as_u64(), part["total"].as_u64()), (Some(93), Some(100)));
    assert_eq!(part["coverage"].as_f64(), Some(0.5));
}

#[test]
fn an_answer_does_not_depend_on_what_else_is_asked() {
    let texts = ["api", "web"]
        .map(|name| objective(name, &format!("counts: {{good: {name}_good, total: total}}")));
    let folder = catalog(&[("slo.yaml", &texts.concat())]);
    let data = "time,api_good,web_good,total\n2026-03-01T00:00:00Z,9,9,10\n\
                2026-03-01T00:01:00Z,8,11,10\n";
    let alone = items(&budget(&folder, data, &["api", "--max-bad-lines", "1"])).remove(0);
    let both = budget(&folder, data, &["--max-bad-lines", "1"]);
    assert_eq!(alone["good"].as_u64(), Some(17));
    assert_eq!(items(&both)[0], alone);
    assert_eq!(items(&both)[1]["total"].as_u64(), Some(10));
    assert!(both.stderr.contains("<stdin>:3: has more good events, 11, than events, 10"));
}

#[test]
fn counts_that_cannot_be_added_exactly_are_refused() {
    let folder = catalog(&[("slo.yaml", &objective("api", "counts: {good: good, total: total}"))]);
    let data = "time,good,total\n2026-03-01T00:00:00Z,1e308,1.5e308\n2026-03-01T00:01:00Z,1,2\n";
    let ran = budget(&folder, data, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("`good` is too large to be counted exactly: `1e308`"));
    let item = items(&budget(&folder, data, &["--max-bad-lines", "1"])).remove(0);
    assert_eq!((item["good"].as_u64(), item["total"].as_u64()), (Some(1), Some(2)));
}

#[test]
fn a_named_file_is_read_as_the_declared_ones() {
    let latency = "spec: {target: 50%, window: 6h, threshold: 200ms, sli: {category: latency, \
                   source: gateway, events: {latency: duration}}}";
    let slo = objective("api", "").lines().take(4).collect::<Vec<_>>().join("\n");
    let source = "---\napiVersion: sre/v1\nkind: DataSource\nmetadata: {name: gateway, owner: us}\n\
                  spec: {files: {paths: [log.csv], format: csv, duration_unit: ms, \
                  columns: {duration: took}}}\n";
    let data = "time,took\n2026-03-01T00:00:00Z,150\n2026-03-01T00:01:00Z,250\n";
    let folder =
        catalog(&[("slo.yaml", &format!("{slo}\n{latency}\n{source}")), ("log.csv", data)]);
    let declared = Run::new(&["budget"]).within(&folder).json();
    let item = items(&budget(&folder, data, &[])).remove(0);
    for item in [&declared["items"][0], &item] {
        assert_eq!((item["good"].as_u64(), item["total"].as_u64()), (Some(1), Some(2)));
    }
}

#[test]
fn patterns_find_files_wherever_they_lie() {
    let folder = catalog(&[
        ("slo.yaml", &objective("api", "events: {good: status < 500}")),
        ("data/a.csv", "time,status\n2026-03-01T00:00:00Z,200\n"),
        ("data/b.csv", "time,status\n2026-03-01T00:00:00Z,500\n"),
        ("data/more/c.csv", "time,status\n2026-03-01T00:00:00Z,500\n"),
    ]);
    let absolute = format!("{}/data/*.csv", folder.path().display());
    for (pattern, total) in [
        ("data/*.csv", 2),
        ("./data/*.csv", 2),
        ("data/../data/*.csv", 2),
        ("data/**/*.csv", 3),
        ("d*/[ab].csv", 2),
        (&absolute, 2),
    ] {
        let answer = Run::new(&["budget", "--data", pattern]).within(&folder).json();
        assert_eq!(answer["items"][0]["total"].as_u64(), Some(total), "{pattern}");
    }
    let none = Run::new(&["budget", "--data", "nowhere/*.csv"]).within(&folder).go();
    assert_eq!((none.code, none.stderr.as_str()), (2, "error: no file matches `nowhere/*.csv`\n"));
}

#[test]
fn nothing_is_counted_twice_and_nothing_is_lost() {
    let texts = objective("api", "events: {good: status < 500}")
        + &objective("web", "counts: {good: good, total: total}");
    let data = "time,status,good,total\n2026-03-01T00:00:00Z,200,5,6\n";
    let folder = catalog(&[("slo.yaml", &texts), ("data.csv", data)]);
    let twice = ["budget", "api", "--data", "data.csv", "--data", "./*.csv"];
    let answer = Run::new(&twice).within(&folder).json();
    assert_eq!(answer["items"][0]["total"].as_u64(), Some(1));
    // Events and counts are read in two ways, and standard input can be read once.
    let both = budget(&folder, data, &[]);
    assert_eq!((both.code, both.stdout.as_str()), (2, ""));
    assert!(both.stderr.contains("standard input is asked for twice"), "{}", both.stderr);
    assert_eq!(budget(&folder, data, &["api", "--data", "-"]).code, 2);
    assert_eq!(budget(&folder, &texts, &["-"]).code, 2);
}

#[test]
fn a_file_that_is_cut_off_says_where() {
    use std::io::Write as _;
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let rows: String = (0..3000)
        .map(|at| format!("2026-03-01T{:02}:{:02}:{:02}Z,200\n", at / 3600, at / 60 % 60, at % 60))
        .collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(format!("time,status\n{rows}").as_bytes()).unwrap();
    let bytes = gzip.finish().unwrap();
    folder.write("log.csv.gz", &bytes[..bytes.len() * 9 / 10]);
    let ran = Run::new(&["budget", "--data", "log.csv.gz"]).within(&folder).go();
    assert_eq!(ran.code, 2);
    let (_, line) = ran.stderr.split_once("its gzip data end in the middle, at line ").unwrap();
    let line: usize = line.lines().next().unwrap().parse().unwrap();
    assert!((2000..3000).contains(&line), "{line}");
}

#[test]
fn moments_and_windows_that_cannot_be_counted_are_refused() {
    let far = objective("far", "events: {good: status < 500}").replace("6h", "1000y");
    let near = objective("near", "events: {good: status < 500}");
    let folder = catalog(&[("slo.yaml", &(far + &near))]);
    let data = "time,status\n2026-03-01T00:00:00Z,200\n";
    for moment in ["9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"] {
        for flag in ["--at", "--now"] {
            let ran = budget(&folder, data, &["near", flag, moment]);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{flag} {moment}");
            assert!(ran.stderr.contains("is not within the years 1700 to 2249"), "{}", ran.stderr);
        }
    }
    let found = items(&budget(&folder, data, &[]));
    assert_eq!(found[0]["reason"], "a window of `1000y` is too long: at most `1388d` are counted");
    assert_eq!(found[1]["total"].as_u64(), Some(1));
    let ages = ["near", "--from", "1900-01-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"];
    assert_eq!(budget(&folder, data, &ages).code, 2);
    let empty = budget(&folder, data, &[""]);
    assert_eq!((empty.code, empty.stdout.as_str()), (2, ""));
}

#[test]
fn a_condition_for_bad_events_is_read_by_itself() {
    let data =
        "time,status\n2026-03-01T00:00:00Z,200\n2026-03-01T00:00:01Z,500\n2026-03-01T00:00:02Z,\n";
    let item = |condition: &str| {
        let folder =
            catalog(&[("slo.yaml", &objective("api", &format!("events: {{bad: {condition}}}")))]);
        items(&budget(&folder, data, &[])).remove(0)
    };
    for condition in ["status >= 500", "'status >= 500 -- server errors'"] {
        let item = item(condition);
        let found = ["good", "total", "unjudged"].map(|key| item[key].as_u64());
        assert_eq!(found, [Some(1), Some(3), Some(1)], "{condition}");
    }
    // Not `NOT (status >= 500) OR (1 = 1)`, which would find nothing bad.
    let item = item("status >= 500) OR (1 = 1");
    let reason = item["reason"].as_str().unwrap();
    assert!(reason.contains("expected the end of the predicate, found `)`"), "{reason}");
}

#[test]
fn messages_stay_short_whatever_they_quote() {
    let long = "9".repeat(1 << 20);
    let slo = objective("api", "events: {good: status < 500}").replace("99%", &long);
    let folder = catalog(&[("slo.yaml", &slo)]);
    for format in ["text", "json", "sarif", "github", "junit", "gitlab", "concise"] {
        let ran = Run::new(&["validate", "--format", format]).within(&folder).go();
        assert_eq!(ran.code, 1, "{format} {}", ran.stderr);
        assert!(ran.stdout.len() < 512 << 10, "{format}: {} bytes", ran.stdout.len());
    }
}

/// A default that cannot be used is not passed over: another policy would alert, or none.
#[test]
fn settings_that_cannot_be_used_stop_the_answer() {
    let slo = objective("api", "events: {good: status < 500}");
    let policy = "---\napiVersion: sre/v1\nkind: AlertPolicy\nmetadata: {name: ours, owner: us}\n\
                  spec: {tiers: [{severity: page, long: 1h, short: 5m, burn_rate: x14}]}\n";
    let source = "---\napiVersion: sre/v1\nkind: DataSource\nmetadata: {name: log, owner: us}\n\
                  spec: {files: {paths: [log.csv], duration_unit: ms}}\n";
    let data = "time,status\n2026-03-01T00:00:00Z,200\n";
    for (settings, error) in [
        ("defaults: [", "unclosed bracket"),
        ("defaults: [{windw: 3d}]", "unknown field `windw`"),
        ("defaults: [{alerting: theirs}]", "no AlertPolicy is called `theirs`"),
        ("defaults: [{alerting: ours}]", "expected a burn rate such as `14.4`"),
        ("defaults: [{source: log}]", "`duration_unit` needs `format`"),
    ] {
        let folder = catalog(&[("a.yaml", &format!("{slo}{policy}{source}")), ("log.csv", data)]);
        assert_eq!(budget(&folder, data, &["api"]).code, 0, "nothing leads to the wrong documents");
        folder.write("sre.yaml", settings.as_bytes());
        for command in ["budget", "burn"] {
            let ran = Run::new(&[command, "api", "--data", "log.csv"]).within(&folder).go();
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command} {settings}");
            assert!(ran.stderr.contains(error), "{settings}: {}", ran.stderr);
        }
        let status = Run::new(&["status", "--data", "log.csv"]).within(&folder).json();
        assert_eq!(status["slos"].as_array().unwrap().len(), 0, "{settings}: {status}");
        assert_ne!(status["problems"]["errors"], 0, "{settings}: {status}");
    }
}

#[test]
fn documents_on_standard_input_are_there_for_the_whole_run() {
    let slo = objective("api", "events: {good: status < 500}");
    let old = "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {name: old, owner: us}\n\
               spec: {target_percent: 0.99, window: 30d}\n";
    let folder = catalog(&[("old.yaml", old)]);
    let arguments = ["validate", "-", "-", "old.yaml", "--fix", "--format", "concise"];
    let ran = Run::new(&arguments).within(&folder).stdin(&slo).go();
    assert!(folder.read("old.yaml").contains("target: 99%"), "{ran:?}");
    assert!(ran.stderr.contains("2 documents in "), "{ran:?}");
    let both = Run::new(&["fmt", "-", "old.yaml"]).within(&folder).stdin(&slo).go();
    assert_eq!((both.code, both.stdout.as_str()), (2, ""));
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "a pipe is made by a program")]
fn a_pipe_among_the_documents_is_not_waited_for() {
    let folder = catalog(&[("slo.yaml", &objective("api", "events: {good: status < 500}"))]);
    let pipe = folder.path().join("pipe.yaml");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let ran = Run::new(&["validate"]).within(&folder).go();
    assert!(ran.stderr.contains("1 document in 2 files"), "{ran:?}");
}

/// Rows of any length: what a window says to hold is what the rows hold that lie in it as a whole.
#[test]
fn windows_hold_the_rows_that_lie_within_them() {
    let folder = catalog(&[("slo.yaml", &objective("api", "counts: {good: good, total: total}"))]);
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    for (length, moments) in [
        (10, ["2026-03-01T00:07:31Z", "2026-03-01T00:16:04Z"]),
        (30, ["2026-03-01T00:07:31Z", "2026-03-01T00:31:59Z"]),
        (60, ["2026-03-01T00:07:31Z", "2026-03-01T01:31:59Z"]),
        (3600, ["2026-03-01T05:07:31Z", "2026-03-02T01:31:59Z"]),
        (86400, ["2026-03-01T15:00:00Z", "2026-03-07T15:00:00Z"]),
    ] {
        let rows: Vec<(DateTime<Utc>, u64, u64)> = (0..100_u32)
            .map(|at| {
                (
                    start + TimeDelta::seconds(length) * at.cast_signed(),
                    u64::from(at % 7),
                    u64::from(at % 11 + 7),
                )
            })
            .collect();
        let mut data = "time,good,total\n".to_owned();
        for (time, good, total) in &rows {
            writeln!(data, "{},{good},{total}", time.to_rfc3339()).unwrap();
        }
        let check = |arguments: &[&str], now: Option<&str>| {
            let item = items(&budget(&folder, &data, arguments)).remove(0);
            let now: Option<DateTime<Utc>> = now.map(|now| now.parse().unwrap());
            let own = [(&item["window"], &item)];
            let burns = item["burn_rates"].as_array().unwrap();
            for (window, counts) in own.into_iter().chain(burns.iter().map(|burn| (burn, burn))) {
                let (from, to) = (moment(&window["from"]), moment(&window["to"]));
                if to - from < TimeDelta::seconds(length) {
                    continue;
                }
                // The row of the present holds what there is until now; rows of seconds count where
                // they begin.
                let reach = TimeDelta::seconds(if length < 60 { 1 } else { length });
                let inside = rows.iter().filter(|(time, _, _)| {
                    *time >= from
                        && now.map_or(*time + reach <= to, |now| *time < to && *time < now)
                });
                let expected = inside.fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
                let found = ["good", "total"].map(|key| counts[key].as_u64().unwrap());
                assert_eq!(found, [expected.0, expected.1], "{length}s {arguments:?} {from} {to}");
            }
        };
        check(&[], None);
        for moment in moments {
            check(&["--at", moment], None);
            check(&["--now", moment], Some(moment));
            check(&["--from", "2026-03-01T00:02:17Z", "--to", moment], None);
        }
    }
}

#[test]
fn credentials_in_addresses_are_not_shown() {
    let documents = "apiVersion: sre/v1\nkind: DataSource\nmetadata: {name: server, owner: us}\n\
                     spec: {prometheus: {url: \"https://me:hunter2@host:9090/?token=hunter2\"}}\n"
        .to_owned()
        + &objective("api", "source: server, prometheus: {good: a, total: b}")
            .replace("target:", "runbook: \"https://me:hunter2@wiki/x\", target:");
    let folder = catalog(&[("all.yaml", &documents)]);
    for format in ["text", "json", "sarif", "github", "junit", "gitlab", "concise"] {
        let ran = Run::new(&["validate", "--format", format]).within(&folder).go();
        assert!(!(ran.stdout + &ran.stderr).contains("hunter2"), "{format}");
    }
    for format in ["table", "json", "yaml", "csv", "markdown"] {
        for command in [&["budget"][..], &["status"], &["list"]] {
            let run = Run::new(command).args(["--format", format]);
            let ran = run.within(&folder).go();
            assert!(!(ran.stdout + &ran.stderr).contains("hunter2"), "{command:?} {format}");
        }
    }
    for (name, format) in [("api", "table"), ("server", "table"), ("server", "json")] {
        let arguments = ["show", name, "--effective", "--format", format];
        let ran = Run::new(&arguments).within(&folder).go();
        assert!(!(ran.stdout + &ran.stderr).contains("hunter2"), "{name}");
    }
}
