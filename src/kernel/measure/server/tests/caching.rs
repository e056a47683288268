//! A cache saves requests, and changes nothing else.
use super::servers::{
    Fake, Memory, PART, TOTAL, ask, at, json, now, options, question, simulated, vector,
};
use crate::kernel::{
    measure::server::{Cache, NoCache, Options, PrometheusSource, Question, SampleSource, Steps},
    series::EventCount,
    units::Duration,
};
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

fn grid(from: &str, count: u32) -> Question {
    let grid = Some(Steps { from: at(from), count, step: Duration::from_hours(1) });
    Question { windows: Vec::new(), grid, ..question() }
}

#[test]
fn what_has_settled_is_asked_for_once() {
    let server = Fake::new(|request, _| Ok(simulated(request)));
    let cache = Memory::default();
    // Twelve days until now, of which all but the last hour has settled.
    let steps = grid("2026-02-26T12:00:00Z", 288);
    let before = now() - chrono::TimeDelta::hours(2);
    let asked = Question {
        windows: vec![(at("2026-03-01T00:00:00Z"), before), (at("2026-03-01T00:00:00Z"), now())],
        ..steps
    };
    let (first, effort) = ask(&server, &cache, std::slice::from_ref(&asked));
    assert_eq!((effort.requests, effort.cached), (3, 0));
    let (again, effort) = ask(&server, &cache, std::slice::from_ref(&asked));
    assert_eq!(first, again);
    // The window until now, and the last step of the grid.
    assert_eq!((effort.requests, effort.cached), (2, 1));
    let range: Vec<_> = server
        .requests()
        .into_iter()
        .skip(3)
        .filter(|request| request.path.ends_with("range"))
        .collect();
    assert_eq!(
        range[0].form[1..3],
        [("start", "1773144000".to_owned()), ("end", "1773144000".to_owned())]
    );
}

#[test]
fn answers_of_one_server_are_not_those_of_another() {
    let server = Fake::new(|request, _| Ok(simulated(request)));
    let cache = Memory::default();
    let asked = [grid("2026-03-01T00:00:00Z", 24)];
    let requests = |options: Options| {
        PrometheusSource { fetch: &server, cache: &cache, options }.ask(&asked).1.requests
    };
    assert_eq!(requests(options()), 1);
    assert_eq!(requests(options()), 0);
    assert_eq!(requests(Options { identity: "tenant b".to_owned(), ..options() }), 1);
    let extra = |name, value: &str| Options {
        extra: vec![("nocache", "1".to_owned()), (name, value.to_owned())],
        ..options()
    };
    assert_eq!(requests(extra("dedup", "true")), 1);
    // How long the server may take does not change what it says.
    assert_eq!(requests(extra("timeout", "30s")), 0);
}

#[test]
fn what_may_be_incomplete_is_not_kept() {
    let whole = AtomicBool::new(false);
    let with_warning = |text: &str| {
        json(format!(
            r#"{{"status":"success","warnings":["{text}\u0007","{text}\u0007"],"infos":["i"],"data":{{"resultType":"vector","result":[
            {{"metric":{{{TOTAL}}},"value":[1,"10"]}}]}}}}"#
        ))
    };
    let server = Fake::new(|_, _| {
        Ok(if whole.load(Ordering::Relaxed) {
            vector(&[(TOTAL, "20"), (PART, "1")])
        } else {
            with_warning("store down")
        })
    });
    let cache = Memory::default();
    let window = (at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"));
    let asked = [Question { windows: vec![window, window], ..question() }];
    let answer = ask(&server, &cache, &asked).0.remove(0).unwrap();
    assert_eq!(answer.warnings, [r"store down\u{7}"]);
    assert_eq!(answer.groups[0].windows[0], Some(EventCount { good: 10.0, total: 10.0 }));
    whole.store(true, Ordering::Relaxed);
    let answer = ask(&server, &cache, &asked).0.remove(0).unwrap();
    assert_eq!(answer.groups[0].windows[1], Some(EventCount { good: 19.0, total: 20.0 }));
    assert!(answer.warnings.is_empty());
    assert_eq!(ask(&server, &cache, &asked).1.requests, 0);
}

#[test]
fn partial_answers_of_victoria_metrics_are_told() {
    let server = Fake::new(|_, _| {
        Ok(json(
            r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#,
        ))
    });
    let answer = ask(&server, &NoCache, &[question()]).0.remove(0).unwrap();
    assert_eq!(answer.warnings, ["the server says that its answer is partial"]);
}

#[test]
fn nothing_found_is_not_kept() {
    let server = Fake::new(|_, _| Ok(vector(&[])));
    let cache = Memory::default();
    let window = (at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z"));
    let asked = [Question { windows: vec![window], ..question() }];
    assert_eq!(ask(&server, &cache, &asked).1.requests, 1);
    assert_eq!(ask(&server, &cache, &asked).1.requests, 1);
}

#[test]
fn a_damaged_cache_is_no_cache() {
    struct Damaged;
    impl Cache for Damaged {
        fn get(&self, _: &str) -> Option<Vec<u8>> {
            Some(b"sre-samples-1\n\0\0\0\0rubbish".to_vec())
        }
        fn put(&self, _: &str, _: &[u8]) {}
    }
    let server = Fake::new(|request, _| Ok(simulated(request)));
    let asked = [grid("2026-03-01T00:00:00Z", 24)];
    assert_eq!(ask(&server, &Damaged, &asked).0, ask(&server, &NoCache, &asked).0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever was asked before, the answer is the one without a cache, and no settled point is asked
    /// for twice.
    #[test]
    fn a_cache_changes_nothing(
        step in prop_oneof![Just(100_u64), Just(1000), Just(60_000), Just(3_600_000)],
        grids in proptest::collection::vec((0_i64..24_000, 0_u32..12_000, 0_i64..3), 1..5),
        settled in 0_i64..36_000,
    ) {
        let server = Fake::new(|request, _| Ok(simulated(request)));
        let cache = Memory::default();
        let step_length = i64::try_from(step).unwrap();
        let origin = at("2026-03-01T00:00:00Z");
        let options = Options {
            now: origin + chrono::TimeDelta::milliseconds(settled * step_length),
            settled_after: Duration::ZERO,
            ..options()
        };
        let ask = |cache: &dyn Cache, asked: &Question| {
            let source = PrometheusSource { fetch: &server, cache, options: options.clone() };
            source.ask(std::slice::from_ref(asked))
        };
        let mut points_asked = std::collections::BTreeMap::new();
        for (first, count, phase) in grids {
            let from = origin + chrono::TimeDelta::milliseconds(first * step_length + phase * 7);
            let grid = Some(Steps { from, count, step: Duration::from_milliseconds(step) });
            let asked = Question { windows: Vec::new(), grid, ..question() };
            let without = ask(&NoCache, &asked).0;
            server.requests();
            prop_assert_eq!(&ask(&cache, &asked).0, &without);
            for request in server.requests() {
                let time = |index: usize| request.form[index].1.parse::<f64>().unwrap() * 1000.0;
                let (mut at, end) = (time(1), time(2));
                while at <= end + 0.5 {
                    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this century")]
                    let key = at.round() as i64;
                    *points_asked.entry(key).or_insert(0) += 1;
                    at += step_length as f64;
                }
            }
        }
        let settled_until = options.now.timestamp_millis();
        prop_assert!(points_asked.iter().all(|(time, count)| *count == 1 || *time > settled_until));
    }
}
