//! `sre budget` over a server against `sre budget` over a file with the same samples.
//!
//! The file is read without extrapolation, and so its counts are those of the history, exactly. What a
//! server may differ by stands in `docs/design/servers.md`: Prometheus sees the scrapes inside of a window
//! and estimates what the first of them counted before the window began and what happened behind the last
//! one; both together are one distance of scrapes, so that for each series at most the largest of that
//! scrape's count and the average count is too much or too little. VictoriaMetrics takes the sample before
//! the window, as the file's reader does, and counts the same.
#![expect(clippy::disallowed_methods, reason = "damages files in a cache")]
use super::{
    Server,
    history::{self, History},
    installed, prometheus, victoria_metrics,
};
use crate::cli::harness::{Files, Run};
use serde_json::Value;
use sre::kernel::{time::rfc3339, units::Instant};

/// The objectives that are measured in both ways: name, and the series of total and of the part.
const OBJECTIVES: &[(&str, &[&str], &[&str])] = &[
    ("rolling", &["requests", "api"], &["requests", "api", "500"]),
    ("week", &["requests", "api"], &["requests", "api", "500"]),
    ("month", &["requests", "api"], &["requests", "api", "500"]),
    ("quiet", &["requests", "quiet"], &["requests", "quiet", "500"]),
    ("fast", &["count", "api"], &["bucket", "api", "0.5"]),
];

/// The same as `rolling`, asked in other words.
const FREE: &[&str] = &["free-rate", "free-increase", "two-rates"];

fn catalog(files: &Files, url: &str) {
    let both = "total: 'http_requests_total{job=\"api\"}', \
                bad: 'http_requests_total{job=\"api\",code=\"500\"}'";
    let quiet = "total: 'http_requests_total{job=\"quiet\"}', \
                 bad: 'http_requests_total{job=\"quiet\",code=\"500\"}'";
    let free = |function: &str, selector: &str| {
        format!("'sum({function}(http_requests_total{{{selector}}}[{{{{.window}}}}])) # all'")
    };
    let free_ratio = |function: &str| {
        let total = free(function, "job=\"api\"");
        format!("total: {total}, bad: {}", free(function, "job=\"api\",code=\"500\""))
    };
    let two = format!(
        "good: {}, bad: {}",
        free("rate", "job=\"api\",code=\"200\""),
        free("rate", "job=\"api\",code=\"500\"")
    );
    let mut text = format!(
        "apiVersion: sre/v1\nkind: DataSource\nmetadata: {{name: server, owner: api}}\n\
         spec: {{prometheus: {{url: '{url}'}}}}\n"
    );
    for (name, window, sli, more) in [
        ("rolling", "window: 30d", both, ""),
        ("week", "window: 7d", both, ""),
        ("month", "window: {calendar: month, time_zone: Europe/Berlin}", both, ""),
        ("quiet", "window: 30d", quiet, ""),
        (
            "fast",
            "window: 30d",
            "histogram: 'http_duration_seconds{job=\"api\"}'",
            "threshold: 500ms",
        ),
        ("regions", "window: 30d", both, "group_by: [region]"),
        ("slices", "window: 7d", both, "method: timeslices, slice: 5m, slice_target: 95%"),
        ("adjusted", "window: 7d", both, ""),
        ("free-rate", "window: 30d", &free_ratio("rate"), ""),
        ("free-increase", "window: 30d", &free_ratio("increase"), ""),
        ("two-rates", "window: 30d", &two, ""),
    ] {
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        text += &format!(
            "---\napiVersion: sre/v1\nkind: SLO\nmetadata: {{name: {name}, owner: api}}\n\
             spec: {{target: 99.9%, {window}, sli: {{source: server, prometheus: {{{sli}}}}}{more}}}\n"
        );
    }
    text += "---\napiVersion: sre/v1\nkind: BudgetAdjustment\n\
             metadata: {name: move, owner: api}\n\
             spec:\n  slos: [adjusted]\n  mode: exclude\n\
             \x20 interval: {from: \"2026-03-31T19:00:00Z\", to: \"2026-03-31T19:45:00Z\"}\n\
             \x20 reason: the database moved\n  ticket: OPS-1\n  approved_by: head\n";
    files.write("specs/all.yaml", text.as_bytes());
}

/// How a server counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// As Prometheus: it extrapolates to the ends of windows.
    Extrapolated,
    /// As VictoriaMetrics: it takes the last sample before the window.
    Whole,
}

struct Comparison {
    files: Files,
    history: History,
    counts: Counts,
}

impl Comparison {
    fn new(server: &Server, history: History, counts: Counts) -> Self {
        let files = Files::new(&[]);
        files.write("data.om", (history.text(prometheus::time) + "# EOF\n").as_bytes());
        catalog(&files, &format!("http://127.0.0.1:{}", server.http.port));
        Self { files, history, counts }
    }

    fn budget(&self, names: &[&str], at: Instant, more: &[&str]) -> Value {
        let at = rfc3339(at);
        let run = Run::new(&["budget", "--at", &at, "--no-cache", "--no-forecast"]);
        let run = run.within(&self.files);
        run.args(names.iter().copied()).args(more.iter().copied()).json()
    }

    /// The items of an answer from the file and of one from the server.
    fn both(&self, names: &[&str], at: Instant) -> Vec<(Value, Value)> {
        let file = self.budget(names, at, &["--data", "data.om"]);
        let server = self.budget(names, at, &[]);
        let (file, server) = (items(&file), items(&server));
        assert_eq!(file.len(), server.len(), "{file:?}\n{server:?}");
        let pairs: Vec<_> = file.into_iter().zip(server).collect();
        for (file, server) in &pairs {
            assert_eq!((&file["name"], &file["group"]), (&server["name"], &server["group"]));
            assert_eq!(file["extrapolated"], false, "{file}");
            assert_eq!(server["extrapolated"], true, "{server}");
        }
        pairs
    }

    /// What of the history a window holds: total and bad events, each with what a server may differ by.
    fn truth(&self, name: &str, from: Instant, to: Instant) -> [(f64, f64); 2] {
        let (_, total, part) = OBJECTIVES.iter().find(|(known, ..)| *known == name).unwrap();
        self.truth_of(total, part, name == "fast", from, to)
    }

    fn truth_of(
        &self,
        total: &[&str],
        part: &[&str],
        part_is_good: bool,
        from: Instant,
        to: Instant,
    ) -> [(f64, f64); 2] {
        let scale = |(events, uncertainty): (f64, f64)| match self.counts {
            Counts::Extrapolated => (events, uncertainty),
            Counts::Whole => (events, 0.0),
        };
        let total = scale(self.history.count(total, from, to));
        let part = scale(self.history.count(part, from, to));
        let bad = if part_is_good { (total.0 - part.0, total.1 + part.1) } else { part };
        [total, bad]
    }
}

fn items(answer: &Value) -> Vec<Value> {
    answer["items"].as_array().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn moment(value: &Value) -> Instant {
    value.as_str().unwrap().parse().unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    // Sums of fractions in another order.
    let tolerance = tolerance + expected.abs() * 1e-9 + 1e-9;
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found} is not {expected} ± {tolerance}"
    );
}

/// Holds counts of a file against the history, and those of a server against the file's.
#[track_caller]
fn check_counts(file: &Value, server: &Value, truth: [(f64, f64); 2], what: &str) {
    let [(total, total_tolerance), (bad, bad_tolerance)] = truth;
    close(number(&file["total"]), total, 0.0, &format!("{what}: total in the file"));
    close(number(&file["bad"]), bad, 0.0, &format!("{what}: bad in the file"));
    close(number(&server["total"]), total, total_tolerance, &format!("{what}: total"));
    close(number(&server["bad"]), bad, bad_tolerance, &format!("{what}: bad"));
    let good = number(&server["total"]) - number(&server["bad"]);
    close(number(&server["good"]), good, 0.0, &format!("{what}: good"));
}

/// By how much a share of bad events may differ, given counts and by how much those may.
fn ratio_tolerance([(total, total_tolerance), (bad, bad_tolerance)]: [(f64, f64); 2]) -> f64 {
    let most = (bad + bad_tolerance) / (total - total_tolerance).max(1.0);
    let least = (bad - bad_tolerance).max(0.0) / (total + total_tolerance);
    (most - bad / total).max(bad / total - least)
}

/// Holds everything that an item says of its window against the file's.
#[track_caller]
fn check_item(file: &Value, server: &Value, truth: [(f64, f64); 2]) {
    let what = format!("{} {}", file["name"], file["group"]);
    check_counts(file, server, truth, &what);
    for same in ["state", "method", "slice", "unit", "target", "window", "reason"] {
        assert_eq!(file[same], server[same], "{what}: {same}");
    }
    let allowed = 1.0 - number(&file["target"]);
    let ratio = ratio_tolerance(truth);
    close(number(&server["sli"]), number(&file["sli"]), ratio, &format!("{what}: sli"));
    let burn = number(&file["burn_rate"]);
    close(number(&server["burn_rate"]), burn, ratio / allowed, &format!("{what}: burn rate"));
}

/// The budget of a window that does not depend on what is to come.
#[track_caller]
fn check_budget(file: &Value, server: &Value, truth: [(f64, f64); 2]) {
    let what = format!("{}", file["name"]);
    let allowed = 1.0 - number(&file["target"]);
    let [(_, total_tolerance), (_, bad_tolerance)] = truth;
    let amounts = (&file["budget"], &server["budget"]);
    for (name, tolerance) in [
        ("allowed", total_tolerance * allowed),
        ("spent", bad_tolerance),
        ("remaining", total_tolerance * allowed + bad_tolerance),
        ("remaining_ratio", ratio_tolerance(truth) / allowed),
    ] {
        let (file, server) = (number(&amounts.0[name]), number(&amounts.1[name]));
        close(server, file, tolerance, &format!("{what}: {name}"));
    }
}

/// Every burn rate and the state of every alert.
fn check_burns(file: &Value, server: &Value, truth: impl Fn(Instant, Instant) -> [(f64, f64); 2]) {
    let allowed = 1.0 - number(&file["target"]);
    let rates = |item: &Value| item["burn_rates"].as_array().unwrap().clone();
    let (of_file, of_server) = (rates(file), rates(server));
    assert_eq!(of_file.len(), of_server.len());
    for (file, server) in of_file.iter().zip(&of_server) {
        let (from, to) = (moment(&file["from"]), moment(&file["to"]));
        let what = format!("{} at {}", file["window"], file["to"]);
        for same in ["window", "from", "to", "reason"] {
            assert_eq!(file[same], server[same], "{what}: {same}");
        }
        let truth = truth(from, to);
        check_counts(file, server, truth, &what);
        match (file["burn_rate"].as_f64(), server["burn_rate"].as_f64()) {
            (Some(file), Some(server)) => {
                close(server, file, ratio_tolerance(truth) / allowed, &what);
            }
            (file, server) => assert_eq!(file, server, "{what}"),
        }
    }
    let alerts = |item: &Value| -> Vec<(Value, Value, Value, Value)> {
        let alerts = item["alerts"].as_array().unwrap().iter();
        let said = |alert: &Value| {
            let part = |name: &str| alert[name].clone();
            (part("name"), part("long"), part("threshold"), part("state"))
        };
        alerts.map(said).collect()
    };
    assert!(!alerts(file).is_empty());
    assert_eq!(alerts(file), alerts(server), "{} at {}", file["name"], file["window"]);
}

/// The share of the window that was measured: a server is asked step by step, so that of a gap it may
/// miss a step more or less at each end.
#[track_caller]
fn check_coverage(file: &Value, server: &Value, step_minutes: f64, window_days: f64, gaps: f64) {
    let tolerance = 2.0 * gaps * step_minutes / (window_days * 1440.0);
    let (file, server) = (number(&file["coverage"]), number(&server["coverage"]));
    assert!(server < 1.0 || gaps * step_minutes > 20.0, "a gap is seen");
    close(server, file, tolerance, "coverage");
}

fn budgets_agree(comparison: &Comparison) {
    let names: Vec<&str> = OBJECTIVES.iter().map(|(name, ..)| *name).collect();
    let pairs = comparison.both(&names, history::at());
    assert_eq!(pairs.len(), OBJECTIVES.len());
    for (file, server) in &pairs {
        let name = file["name"].as_str().unwrap();
        let (from, days) = match name {
            // Midnight in Berlin is 23:00 UTC; in the month that follows summer time begins.
            "month" => ("2026-02-28T23:00:00Z", 31.0),
            "week" => ("2026-03-24T20:00:00Z", 7.0),
            _ => ("2026-03-01T20:00:00Z", 30.0),
        };
        assert_eq!(file["window"]["from"], from);
        let truth = comparison.truth(name, from.parse().unwrap(), history::at());
        check_item(file, server, truth);
        if name == "month" {
            // What is to come is expected from sums of steps, which are held to half a percent.
            let expected = number(&file["expected"]["total"]);
            close(number(&server["expected"]["total"]), expected, expected * 0.005, "expected");
            assert_eq!(file["expected"]["basis"], server["expected"]["basis"]);
        } else {
            check_budget(file, server, truth);
        }
        check_burns(file, server, |from, to| comparison.truth(name, from, to));
        let (step, gaps) = if name == "week" { (5.0, 1.0) } else { (60.0, 2.0) };
        check_coverage(file, server, step, days, gaps);
    }
    let state = |name: &str| {
        let (_, server) = pairs.iter().find(|(file, _)| file["name"] == name).unwrap();
        server["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state("quiet").as_str(), state("rolling").as_str()), ("ok", "exhausted"));
}

/// In the outage, at a full five minutes and not; in silence; and when nothing is scraped.
fn burn_rates_agree_at_any_time(comparison: &Comparison) {
    let mut states = std::collections::BTreeSet::new();
    for at in [
        "2026-03-31T19:40:00Z",
        "2026-03-31T19:43:00Z",
        "2026-03-31T19:59:00Z",
        "2026-03-30T15:28:00Z",
    ] {
        let at: Instant = at.parse().unwrap();
        for (file, server) in comparison.both(&["rolling", "week"], at) {
            let name = file["name"].as_str().unwrap();
            check_burns(&file, &server, |from, to| comparison.truth(name, from, to));
            let alerts = server["alerts"].as_array().unwrap().iter();
            states.extend(alerts.map(|alert| alert["state"].as_str().unwrap().to_owned()));
        }
    }
    let states: Vec<&str> = states.iter().map(String::as_str).collect();
    assert_eq!(states, ["firing", "quiet", "recovering"]);
    // In a gap the shortest window was not measured, and no tier that needs it has a verdict.
    let at = "2026-03-28T10:27:00Z".parse().unwrap();
    for (file, server) in comparison.both(&["rolling"], at) {
        for item in [&file, &server] {
            assert_eq!(item["burn_rates"][0]["window"], "5m");
            assert_eq!(item["burn_rates"][0]["coverage"], 0.0, "{}", item["burn_rates"]);
            assert_eq!(item["alerts"][0]["state"], "unknown");
        }
    }
}

fn groups_agree(comparison: &Comparison) {
    let pairs = comparison.both(&["regions"], history::at());
    let regions: Vec<&str> =
        pairs.iter().map(|(file, _)| file["group"]["region"].as_str().unwrap()).collect();
    assert_eq!(regions, ["eu", "us"]);
    for ((file, server), region) in pairs.iter().zip(["\"eu\"", "\"us\""]) {
        let truth = |from, to| {
            comparison.truth_of(&["requests", region], &["500", region], false, from, to)
        };
        let window = truth(moment(&file["window"]["from"]), history::at());
        check_item(file, server, window);
        check_budget(file, server, window);
        check_burns(file, server, truth);
    }
}

/// Slices have a verdict each; where the share of bad events is far from the slice's target, it is the
/// same. Only a slice in which an outage begins or ends, or a gap, may be seen otherwise.
fn slices_agree(comparison: &Comparison) {
    let [(file, server)] = &comparison.both(&["slices"], history::at())[..] else { panic!() };
    assert_eq!((&server["unit"], &server["slice"]), (&"minutes".into(), &"5m".into()));
    close(number(&server["bad"]), number(&file["bad"]), 2.0, "bad slices");
    close(number(&server["total"]), number(&file["total"]), 2.0, "slices");
    // 38 minutes.
    assert!((6.0..=8.0).contains(&number(&file["bad"])), "{file}");
    for same in ["state", "method", "window"] {
        assert_eq!(file[same], server[same]);
    }
    let remaining = |item: &Value| number(&item["budget"]["remaining"]);
    close(remaining(server), remaining(file), 10.0, "minutes");
}

/// An adjustment leaves steps out, so that the rest is a sum of steps: half a percent in all.
fn adjustments_agree(comparison: &Comparison) {
    let [(file, server)] = &comparison.both(&["adjusted"], history::at())[..] else { panic!() };
    let from = moment(&file["window"]["from"]);
    check_counts(file, server, comparison.truth("week", from, history::at()), "as measured");
    let (file, server) = (&file["adjusted"], &server["adjusted"]);
    let within = |name: &str, share: f64| {
        let expected = number(&file[name]);
        close(number(&server[name]), expected, expected * share, name);
    };
    within("total", 0.005);
    within("good", 0.005);
    within("bad", 0.05);
    assert_eq!(file["adjustments"][0]["name"], server["adjustments"][0]["name"]);
}

/// Rates per second are events when they are counted, and queries may end with comments.
fn free_queries_agree(comparison: &Comparison) {
    let file = comparison.budget(&["rolling"], history::at(), &["--data", "data.om"]);
    let file = &items(&file)[0];
    let server = items(&comparison.budget(FREE, history::at(), &[]));
    assert_eq!(server.len(), FREE.len(), "{server:?}");
    for item in &server {
        let truth = |from, to| comparison.truth("rolling", from, to);
        let window = truth(moment(&file["window"]["from"]), history::at());
        check_item(file, item, window);
        check_budget(file, item, window);
        check_burns(file, item, truth);
    }
    // The command line has the last word on which server.
    let url = "http://127.0.0.1:1";
    let ran = Run::new(&["budget", "rolling", "--no-cache", "--prometheus", url])
        .within(&comparison.files)
        .go();
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("cannot connect"), "{ran:?}");
}

/// What was kept between runs gives the same answer with fewer requests, and nothing where it is damaged.
fn caches_change_nothing(comparison: &Comparison) {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("kept");
    let at = rfc3339(history::at());
    let run = |more: &[&str]| {
        let run = Run::new(&["budget", "rolling", "month", "--at", &at]).args(more.iter().copied());
        let ran = run
            .env("SRE_CACHE_DIR", cache.to_str().unwrap())
            .within(&comparison.files)
            .args(["--format", "json"])
            .go();
        let effort = ran.stderr.lines().find(|line| line.contains("came back")).unwrap().to_owned();
        (ran.stdout, effort)
    };
    let (without, effort) = run(&["--no-cache"]);
    assert!(!cache.exists(), "nothing is kept that is not to be kept");
    assert!(!effort.contains("from the cache"), "{effort}");
    let (first, first_effort) = run(&[]);
    assert_eq!((&first, &first_effort), (&without, &effort));
    let files = || -> Vec<_> {
        let entries = std::fs::read_dir(&cache).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "answer"));
        files.sort();
        files
    };
    assert!(files().len() > 8, "{:?}", files());
    let (again, effort) = run(&[]);
    assert_eq!(again, first);
    assert!(effort.trim_start().starts_with("0 requests, "), "{effort}");
    assert!(effort.ends_with("from the cache; 0 samples and 0 bytes came back"), "{effort}");
    let kept: Vec<Vec<u8>> = files().iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert_eq!(run(&["--no-cache"]).0, first);
    // Cut off, changed in the middle, or something else altogether.
    for (index, path) in files().iter().enumerate() {
        let mut bytes = kept[index].clone();
        match index % 3 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => {
                let last = bytes.len() - 1;
                bytes[last] ^= 0x40;
            }
            _ => bytes = b"hello".to_vec(),
        }
        std::fs::write(path, bytes).unwrap();
    }
    let (mended, effort) = run(&[]);
    assert_eq!((&mended, &effort), (&first, &first_effort));
    assert_eq!(run(&[]).0, first);
    let restored: Vec<Vec<u8>> = files().iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(restored == kept, "what is kept is the same again");
}

/// A stretch of time that was chosen, beginning with no full minute, holds what happened in it; and what
/// was asked can be seen.
fn chosen_stretches_agree(comparison: &Comparison) {
    let (from, to) = ("2026-03-31T19:20:30Z", "2026-03-31T19:50:00Z");
    let arguments = ["budget", "rolling", "--from", from, "--to", to, "--no-cache"];
    let run =
        |more: &[&str]| Run::new(&arguments).args(more.iter().copied()).within(&comparison.files);
    let server = &items(&run(&[]).json())[0];
    let truth = comparison.truth("rolling", from.parse().unwrap(), to.parse().unwrap());
    let [(total, total_tolerance), (bad, bad_tolerance)] = truth;
    close(number(&server["total"]), total, total_tolerance, "total");
    close(number(&server["bad"]), bad, bad_tolerance, "bad");
    assert_eq!((&server["window"]["from"], &server["window"]["to"]), (&from.into(), &to.into()));
    assert_eq!(server["window"]["type"], "chosen");
    let shown = run(&["-q", "--show-queries"]).go().stderr;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "rolling:", "{shown}");
    let total = "sum(increase(http_requests_total{job=\"api\"}[{{.window}}]))";
    assert_eq!(lines[1], format!("  total: {total}"));
    assert!(lines[2].starts_with("  bad: sum(increase("), "{shown}");
    let window = format!("  {from} to {to}: ");
    let line = lines.iter().find_map(|line| line.strip_prefix(&window));
    let (good, all) = line.unwrap().split_once(" good of ").unwrap();
    close(all.parse().unwrap(), number(&server["total"]), 0.0, "shown");
    close(good.parse().unwrap(), number(&server["good"]), 0.0, "shown");
    let quiet = run(&["-q"]).go();
    assert_eq!((quiet.stderr.as_str(), quiet.code), ("", 1), "{quiet:?}");
    // Before the history there is nothing, which is nobody's fault.
    let early =
        Run::new(&["budget", "rolling", "-q", "--no-cache", "--at", "2025-06-01T00:00:00Z"]);
    let early = early.within(&comparison.files).go();
    assert_eq!(early.code, 4, "{early:?}");
    assert!(early.stdout.contains("has nothing for these queries"), "{early:?}");
}

/// What else is asked over a server says the same as over the file.
fn other_commands_agree(comparison: &Comparison) {
    let at = rfc3339(history::at());
    let run = |command: &str, more: &[&str]| {
        let run = Run::new(&[command, "rolling", "quiet", "--at", &at, "--no-cache", "-q"]);
        run.args(more.iter().copied()).within(&comparison.files)
    };
    for (command, field) in [("burn", "alerts"), ("gate", "decision")] {
        let of_file = run(command, &["--data", "data.om"]);
        let (file, server) = (items(&of_file.json()), items(&run(command, &[]).json()));
        for (file, server) in file.iter().zip(&server) {
            let told = |item: &Value| -> Vec<Value> {
                let states = item[field].as_array().into_iter().flatten();
                let states: Vec<Value> = states.map(|one| one["state"].clone()).collect();
                if states.is_empty() { vec![item[field].clone()] } else { states }
            };
            assert_eq!(told(file), told(server), "{command}");
            assert!(!told(file)[0].is_null(), "{command}: {file}");
        }
        let code = |more: &[&str]| run(command, more).go().code;
        assert_eq!(code(&["--data", "data.om"]), code(&[]), "{command}");
    }
    let status = run("status", &[]).go();
    assert_eq!(status.code, 0, "{status:?}");
    // One has two regions, of which one is exhausted and one is not.
    assert!(status.stdout.contains("11 objectives: 10 exhausted, 1 ok"), "{}", status.stdout);
}

fn check_all(comparison: &Comparison) {
    caches_change_nothing(comparison);
    chosen_stretches_agree(comparison);
    other_commands_agree(comparison);
    budgets_agree(comparison);
    burn_rates_agree_at_any_time(comparison);
    groups_agree(comparison);
    slices_agree(comparison);
    adjustments_agree(comparison);
    free_queries_agree(comparison);
}

#[test]
fn prometheus_and_files_agree() {
    if !installed(prometheus::PROGRAMS) {
        return;
    }
    let history = History::new();
    let server = prometheus::start(&history.text(prometheus::time), &[]);
    check_all(&Comparison::new(&server, history, Counts::Extrapolated));
}

#[test]
fn victoria_metrics_and_files_agree() {
    if !installed(&[victoria_metrics::PROGRAM]) {
        return;
    }
    let history = History::new();
    let server = victoria_metrics::start(&history.text(|at| at.to_string()));
    check_all(&Comparison::new(&server, history, Counts::Whole));
}
