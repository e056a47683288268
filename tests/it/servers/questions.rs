//! What every server is asked, and what it has to answer.
use super::{
    data::{self, Counter, PEAK},
    http::Http,
};
use sre::kernel::{
    measure::server::{
        Answer, Cache, Effort, Fault, NoCache, Options, Part, PrometheusSource, Question,
        SampleSource, Steps, Unanswered,
        inspect::{self, Build, Retention},
    },
    series::EventCount,
    units::{Duration, Instant},
};
use std::{collections::BTreeMap, sync::Mutex};

/// Counts in memory.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Cache for Memory {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(key.to_owned(), bytes.to_vec());
    }
}

fn duration(text: &str) -> Duration {
    text.parse().unwrap()
}

/// A query that counts what a selector selects.
fn increase(selector: &str) -> String {
    format!("sum(increase(http_requests_total{{{selector}}}[{{{{.window}}}}])) # {selector}")
}

fn question(total: &str, part: Part) -> Question {
    Question {
        total: total.to_owned(),
        part,
        group_by: Vec::new(),
        windows: Vec::new(),
        grid: None,
    }
}

fn of_job(job: &str) -> Question {
    let bad = increase(&format!(r#"job="{job}",code=~"5..""#));
    question(&increase(&format!(r#"job="{job}""#)), Part::Bad(bad))
}

/// Windows of those lengths that end with the history.
fn windows(lengths: &[&str]) -> Vec<(Instant, Instant)> {
    let end = data::end();
    lengths.iter().map(|length| (end - duration(length).to_chrono(), end)).collect()
}

fn ask_with(
    http: &Http,
    cache: &dyn Cache,
    question: &Question,
) -> (Result<Answer, Unanswered>, Effort) {
    let options = Options::new("test", data::end() + Duration::from_days(1).to_chrono());
    let source = PrometheusSource { fetch: http, cache, options };
    let (mut answers, effort) = source.ask(std::slice::from_ref(question));
    (answers.remove(0), effort)
}

fn ask(http: &Http, question: &Question) -> Answer {
    ask_with(http, &NoCache, question).0.unwrap()
}

/// Holds a count of the server against what happened.
///
/// Of a window, a server knows the samples inside. What happened between its ends and the nearest samples
/// it extrapolates from the average (Prometheus), or takes from the samples outside (VictoriaMetrics).
/// Either is at most the largest count between two scrapes, for each series and at each end.
#[track_caller]
fn check(found: f64, counters: &[&Counter], from: Instant, to: Instant) {
    let (least, most) = data::truth(counters, from, to);
    let tolerance = (counters.len() as u64 * 2 * PEAK) as f64;
    assert!(
        (least - tolerance..=most + tolerance).contains(&found),
        "{found} events from {from} to {to}, where {least} to {most} happened"
    );
}

/// Holds a sum over much time against what happened: the ends of windows are right on average.
#[track_caller]
fn check_closely(found: f64, counters: &[&Counter], from: Instant, to: Instant, share: f64) {
    let (least, most) = data::truth(counters, from, to);
    assert!(
        (least * (1.0 - share)..=most * (1.0 + share)).contains(&found),
        "{found} events from {from} to {to}, where {least} to {most} happened"
    );
}

pub(crate) fn counts_are_true(http: &Http) {
    let counters = data::counters();
    let pick = |job: &str, errors: bool| -> Vec<&Counter> {
        let of_job = counters.iter().filter(|counter| counter.series.contains(job));
        of_job.filter(|counter| !errors || counter.series.contains(r#"code="5"#)).collect()
    };
    for job in ["api", "slow"] {
        let asked = Question {
            windows: windows(&["5m", "30m", "1h", "2h", "6h", "1d", "3d"]),
            grid: Some(Steps { from: data::start(), count: 72, step: duration("1h") }),
            ..of_job(job)
        };
        let (all, errors) =
            (pick(&format!(r#"job="{job}""#), false), pick(&format!(r#"job="{job}""#), true));
        let answer = ask(http, &asked);
        assert!(answer.warnings.is_empty() && answer.notes.is_empty(), "{answer:?}");
        let group = &answer.groups[0];
        for (count, (from, to)) in group.windows.iter().zip(&asked.windows) {
            let count = count.unwrap();
            check(count.total, &all, *from, *to);
            check(count.bad(), &errors, *from, *to);
        }
        let whole = group.windows[6].unwrap();
        check_closely(whole.total, &all, data::start(), data::end(), 0.001);
        let mut sum = EventCount::default();
        for (index, count) in (0..).zip(&group.steps) {
            let from = data::after(Duration::from_hours(index));
            let count = count.unwrap();
            check(count.total, &all, from, from + duration("1h").to_chrono());
            check(count.bad(), &errors, from, from + duration("1h").to_chrono());
            sum += count;
        }
        check_closely(sum.total, &all, data::start(), data::end(), 0.005);
        check_closely(sum.bad(), &errors, data::start(), data::end(), 0.05);
    }
}

/// Where nothing is scraped, nothing is known; where nothing happens, that is known. A server that
/// remembers the last sample for a while `holds_on`: to it, the first step of a gap is silent.
pub(crate) fn gaps_and_silence_differ(http: &Http, holds_on: bool) {
    let grid = |from: Instant| {
        let from = from - duration("10m").to_chrono();
        let grid = Some(Steps { from, count: 8, step: duration("5m") });
        ask(http, &Question { grid, ..of_job("api") }).groups.remove(0).steps
    };
    let gap = grid(data::gap().0);
    let is_measured: Vec<bool> = gap.iter().map(Option::is_some).collect();
    assert_eq!(is_measured, [true, true, holds_on, false, false, false, true, true]);
    assert!(gap[2].is_none_or(|step| step.total == 0.0), "{gap:?}");
    for (index, step) in grid(data::silence().0).iter().enumerate() {
        let step = step.unwrap();
        // The first silent step may be told of an event before it.
        assert!(
            if (3..6).contains(&index) {
                step.total == 0.0
            } else {
                index == 2 || step.total > 0.0
            },
            "{index} {step:?}"
        );
    }
}

pub(crate) fn errors_that_never_were_are_none(http: &Http) {
    let asked = Question { windows: windows(&["1h", "3d"]), ..of_job("quiet") };
    for count in ask(http, &asked).groups.remove(0).windows {
        let count = count.unwrap();
        assert!(count.total > 0.0 && count.bad() == 0.0, "{count:?}");
    }
    // With good events it cannot be told from a wrong selector.
    let good = question(&asked.total, Part::Good(increase(r#"job="quiet",code="2xx""#)));
    let unanswered =
        ask_with(http, &NoCache, &Question { windows: windows(&["1h"]), ..good }).0.unwrap_err();
    assert_eq!(unanswered.fault, Fault::Question);
    assert!(unanswered.message.contains("finds nothing"), "{unanswered}");
    // And nothing at all is no measurement.
    let nothing = Question { windows: windows(&["1h"]), ..of_job("unknown") };
    assert_eq!(ask(http, &nothing).groups[0].windows, [None]);
}

pub(crate) fn histograms_are_counted(http: &Http) {
    let all = data::all();
    let pick = |series: &str| -> Vec<&Counter> {
        all.iter().filter(|counter| counter.series.contains(series)).collect()
    };
    let increase =
        |series: &str| format!("sum(increase(http_duration_seconds_{series}[{{{{.window}}}}]))");
    let good = increase(r#"bucket{job="api",le="0.1"}"#);
    let asked = Question {
        windows: windows(&["1h", "1d"]),
        ..question(&increase(r#"count{job="api"}"#), Part::Good(good))
    };
    for (count, (from, to)) in ask(http, &asked).groups[0].windows.iter().zip(&asked.windows) {
        check(count.unwrap().total, &pick("seconds_count"), *from, *to);
        check(count.unwrap().good, &pick(r#"le="0.1""#), *from, *to);
    }
}

pub(crate) fn groups_are_told_apart(http: &Http) {
    let by = |selector: &str| increase(selector).replacen("sum", "sum by (region) ", 1);
    let total = by(r#"job="api""#);
    let bad = by(r#"job="api",code="500""#);
    let asked = Question {
        group_by: vec!["region".to_owned()],
        windows: windows(&["1d"]),
        grid: Some(Steps { from: data::start(), count: 3, step: duration("1d") }),
        ..question(&total, Part::Bad(bad))
    };
    let answer = ask(http, &asked);
    let regions: Vec<_> =
        answer.groups.iter().map(|group| group.labels["region"].as_str()).collect();
    assert_eq!(regions, ["eu", "us"]);
    let counters = data::counters();
    let (from, to) = asked.windows[0];
    check(answer.groups[0].windows[0].unwrap().total, &[&counters[0], &counters[2]], from, to);
    check(answer.groups[0].windows[0].unwrap().bad(), &[&counters[2]], from, to);
    check(answer.groups[1].windows[0].unwrap().total, &[&counters[1]], from, to);
    assert!(answer.groups[1].steps.iter().all(|step| step.unwrap().bad() == 0.0));
    let ungrouped = Question { group_by: Vec::new(), ..asked };
    let unanswered = ask_with(http, &NoCache, &ungrouped).0.unwrap_err();
    assert!(unanswered.message.contains("gives 2 series where one was expected"), "{unanswered}");
}

pub(crate) fn a_cache_changes_nothing(http: &Http) {
    let cache = Memory::default();
    let steps = |first: u64, count| Steps {
        from: data::after(Duration::from_hours(first)),
        count,
        step: duration("1h"),
    };
    let asked =
        Question { windows: windows(&["1h", "1d"]), grid: Some(steps(10, 40)), ..of_job("api") };
    let without = ask(http, &asked);
    let (first, effort) = ask_with(http, &cache, &asked);
    assert_eq!((first.unwrap(), effort.requests, effort.cached), (without.clone(), 3, 0));
    let (again, effort) = ask_with(http, &cache, &asked);
    assert_eq!((again.unwrap(), effort.requests, effort.cached), (without, 0, 3));
    // A later grid needs what is new only, and says the same as without a cache.
    let later = Question { grid: Some(steps(12, 60)), ..asked };
    let (known, effort) = ask_with(http, &cache, &later);
    assert_eq!(known.unwrap(), ask(http, &later));
    assert_eq!((effort.requests, effort.samples), (1, 44));
}

/// Steps need not begin at multiples of their length, and are not moved there.
pub(crate) fn grids_begin_anywhere(http: &Http) {
    let counters = data::counters();
    let slow = [&counters[4], &counters[5]];
    let from = data::after(duration("6h13m20s"));
    let asked = Question {
        grid: Some(Steps { from, count: 100, step: duration("10m") }),
        ..of_job("slow")
    };
    for (index, count) in (0..).zip(&ask(http, &asked).groups[0].steps) {
        let from = from + (duration("10m").to_chrono() * index);
        check(count.unwrap().total, &slow, from, from + duration("10m").to_chrono());
    }
}

/// A grid of more points than a server gives at once has every sample in it, and each once.
pub(crate) fn long_grids_are_whole(http: &Http) {
    let query = |selector: &str| {
        format!("sum(count_over_time(http_requests_total{{{selector}}}[{{{{.window}}}}]))")
    };
    let bad = query(r#"job="api",code="500""#);
    let step = duration("20s");
    let count = u32::try_from(data::DAYS * 86_400 / 20).unwrap();
    assert!(count > 11_000);
    let asked = Question {
        grid: Some(Steps { from: data::start(), count, step }),
        ..question(&query(r#"job="api""#), Part::Bad(bad))
    };
    let mut sum = EventCount::default();
    ask(http, &asked).groups[0].steps.iter().flatten().for_each(|count| sum += *count);
    let counters = data::counters();
    let scrapes = counters[0].samples().count();
    assert_eq!(sum, EventCount { good: scrapes as f64 * 2.0, total: scrapes as f64 * 3.0 });
}

/// Queries, a part of the server's words, and a part of the help.
pub(crate) fn refusals_are_explained(http: &Http, refused: &[(&str, &str, &str)]) {
    for (query, words, help) in refused {
        let asked = Question {
            windows: windows(&["3d"]),
            ..question(query, Part::Bad("vector(0)".into()))
        };
        let unanswered = ask_with(http, &NoCache, &asked).0.unwrap_err();
        assert_eq!(unanswered.fault, Fault::Question, "{unanswered}");
        assert!(unanswered.message.contains(words), "{unanswered}");
        assert!(unanswered.help.unwrap().contains(help), "{query}");
    }
}

pub(crate) fn servers_tell_of_themselves(
    http: &Http,
    check: impl Fn(Option<Build>, Option<Retention>),
) {
    check(inspect::build_info(http).unwrap(), inspect::retention(http).unwrap());
    let selector = r#"http_requests_total{job="api"} # all"#;
    let end = data::end();
    assert_eq!(inspect::has_data(http, selector, end), Ok(true));
    assert_eq!(inspect::has_data(http, selector, data::start()), Ok(false));
    assert_eq!(inspect::series_count(http, selector, end), Ok(3));
    assert_eq!(inspect::series_count(http, "nothing_total", end), Ok(0));
    let values =
        |selector: &str, label: &str| inspect::label_values(http, selector, label, end).unwrap();
    assert_eq!(values(selector, "region"), ["eu", "us"]);
    assert_eq!(values("http_duration_seconds_bucket", "le"), ["+Inf", "0.1", "0.5"]);
    assert!(values(selector, "zone").is_empty());
    assert!(inspect::has_data(http, "sum(", end).is_err());
}
