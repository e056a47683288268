//! Counters in OpenMetrics and Prometheus text files: what counts where, rule by rule.
#![expect(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "what is not as expected may panic, and all counts are whole and small"
)]
use std::io::Write;

use proptest::prelude::*;
use sre::kernel::{
    measure::{
        EventMeasure, Excluded, Input, MaxBadLines, Predicate, ScanError, ScanRequest, Shape,
        openmetrics::{
            CounterMeasure, CounterOutcome, CounterPart, CounterRequest, Selector, Unmeasured,
            scan_openmetrics,
        },
        scan,
    },
    series::{EventCount, EventSeries},
    units::{Duration, Instant, Ratio},
};

/// 2023-11-14T22:00:00Z, on a minute.
const START: i64 = 1_700_000_000 - 800;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Seconds behind the start.
fn after(seconds: i64) -> Instant {
    Instant::from_timestamp(START + seconds, 0).unwrap()
}

fn good(total: &str, good: &str) -> CounterMeasure {
    let part = CounterPart::Good(Selector::parse(good).unwrap());
    CounterMeasure { total: Selector::parse(total).unwrap(), part, group_by: Vec::new() }
}

fn bad(total: &str, bad: &str) -> CounterMeasure {
    let part = CounterPart::Bad(Selector::parse(bad).unwrap());
    CounterMeasure { total: Selector::parse(total).unwrap(), part, group_by: Vec::new() }
}

/// All requests, and those with a code of 500 and above as bad.
fn errors() -> CounterMeasure {
    bad("r_total", r#"r_total{code=~"5.."}"#)
}

fn request(measure: CounterMeasure) -> CounterRequest {
    CounterRequest::new(vec![measure], instant("2026-06-01T00:00:00Z"))
}

fn read(files: &[&str], request: &CounterRequest) -> CounterOutcome {
    let input = |(index, text): (usize, &&str)| Input::from_bytes(format!("{index}.prom"), *text);
    scan_openmetrics(files.iter().enumerate().map(input).collect(), request, &|_| {}).unwrap()
}

fn only(outcome: &CounterOutcome) -> &EventSeries {
    let groups = outcome.measures[0].as_ref().unwrap();
    assert_eq!(groups.len(), 1);
    &groups[0].series
}

fn problem(outcome: &CounterOutcome) -> &Unmeasured {
    outcome.measures[0].as_ref().unwrap_err()
}

/// Bad and all events of each step.
fn counts(series: &EventSeries) -> Vec<Option<(f64, f64)>> {
    series.counts().iter().map(|count| count.map(|count| (count.bad(), count.total))).collect()
}

/// A line for each sample: seconds behind the start, and a value.
fn samples(series: &str, values: &[(i64, f64)]) -> String {
    values.iter().map(|(at, value)| format!("{series} {value} {}\n", START + at)).collect()
}

#[test]
fn increases_count_in_the_step_that_ends_at_or_behind_their_sample() {
    let text = samples("r_total", &[(0, 100.0), (60, 107.0), (61, 108.0), (120, 110.0)])
        + &samples("r_total{code=\"500\"}", &[(15, 3.0), (75, 4.0), (119, 4.0)]);
    let outcome = read(&[&text], &request(errors()));
    let series = only(&outcome);
    assert_eq!((series.start(), series.end()), (after(0), after(120)));
    assert_eq!(counts(series), [Some((0.0, 7.0)), Some((1.0, 4.0))]);
    let report = &outcome.report;
    assert_eq!((report.records, report.bad_lines.count), (7, 0));
    assert_eq!(report.end, Some(after(120)));
    assert_eq!((report.first_record, report.last_record), (Some(after(0)), Some(after(120))));
    assert_eq!(report.assumptions, ["timestamps are Unix seconds, by their size"]);
}

#[test]
fn scrapes_appended_to_each_other_are_the_same_as_samples_by_series() {
    let mut scrapes = String::new();
    for (at, all, failed) in [(5, 10, 0), (20, 14, 1), (35, 20, 1), (80, 25, 3)] {
        let time = (START + at) * 1000;
        scrapes += &format!(
            "# HELP r_total Requests.\r\n# TYPE r_total counter\r\n\
             r_total{{code=\"200\",}} {all} {time}\r\n\
             r_total {{ code = \"500\" }}\t{failed}\t{time}\r\n\
             other{{broken 5\r\n\
             # EOF\r\n"
        );
    }
    let one = read(&[&scrapes], &request(errors()));
    assert_eq!(counts(only(&one)), [Some((1.0, 11.0)), Some((2.0, 7.0))]);
    assert_eq!(one.report.assumptions, ["timestamps are Unix milliseconds, by their size"]);
    assert_eq!(one.report.bad_lines.count, 0, "lines of other metrics are not looked at");
    let by_series =
        samples("r_total{code=\"200\"}", &[(5, 10.0), (20, 14.0), (35, 20.0), (80, 25.0)])
            + &samples("r_total{code=\"500\"}", &[(5, 0.0), (20, 1.0), (35, 1.0), (80, 3.0)]);
    let other = read(&[&by_series], &request(errors()));
    assert_eq!(only(&one), only(&other));
}

#[test]
fn a_counter_that_falls_began_anew() {
    let text = samples("r_total", &[(0, 100.0), (30, 110.0), (60, 4.0), (90, 4.0), (120, 5.5)]);
    let outcome = read(&[&text], &request(errors()));
    assert_eq!(counts(only(&outcome)), [Some((0.0, 14.0)), Some((0.0, 1.5))]);
    assert!(outcome.report.assumptions.contains(
        &"the counters of `r_total` began anew 1 time; each counts from 0 there".to_owned()
    ));
}

#[test]
fn steps_in_a_gap_are_not_measured_and_its_events_count_behind_it() {
    let mut values: Vec<(i64, f64)> = (0..=8).map(|at| (at * 15, at as f64)).collect();
    values.extend([(720, 50.0), (735, 51.0)]);
    let outcome = read(&[&samples("r_total", &values)], &request(errors()));
    let mut expected = vec![Some((0.0, 4.0)); 2];
    expected.extend([None; 9]);
    expected.extend([Some((0.0, 42.0)), Some((0.0, 1.0))]);
    assert_eq!(counts(only(&outcome)), expected);
    assert!(outcome.report.assumptions.contains(
        &"the series of `r_total` have 1 gap longer than 5m, the longest of 10m: the 42 events of that \
          time count where the samples go on"
            .to_owned()
    ));
}

#[test]
fn samples_that_are_usually_far_apart_cover_the_time_between_them() {
    let values: Vec<(i64, f64)> = (0..6).map(|at| (at * 600, at as f64)).collect();
    let outcome = read(&[&samples("r_total", &values)], &request(errors()));
    let series = only(&outcome);
    assert_eq!(series.counts().len(), 50);
    assert!(series.counts().iter().all(Option::is_some));
    assert_eq!(series.counts()[9], Some(EventCount { good: 1.0, total: 1.0 }));
    assert_eq!(series.counts()[8], Some(EventCount::default()));
}

#[test]
fn a_nan_ends_a_series_for_a_while() {
    let values = [(0, 1.0), (60, 2.0), (75, f64::NAN), (90, f64::NAN), (240, 6.0), (300, 7.0)];
    let outcome = read(&[&samples("r_total", &values)], &request(errors()));
    let expected = [Some((0.0, 1.0)), None, None, Some((0.0, 4.0)), Some((0.0, 1.0))];
    assert_eq!(counts(only(&outcome)), expected);
    assert_eq!(outcome.report.bad_lines.count, 0);
}

#[track_caller]
fn check_problem(text: &str, measure: CounterMeasure, message: &str, help: &str) {
    let outcome = read(&[text], &request(measure));
    let problem = problem(&outcome);
    assert_eq!((problem.message.as_str(), problem.help.as_deref()), (message, Some(help)));
}

#[test]
fn what_finds_nothing_says_why() {
    let text = samples("r_total{code=\"200\"}", &[(0, 1.0), (60, 5.0)]);
    let outcome = read(&[&text], &request(errors()));
    assert_eq!(counts(only(&outcome)), [Some((0.0, 4.0))]);
    let note = "`r_total{code=~\"5..\"}` finds no series: none of the events is bad";
    assert!(outcome.report.assumptions.contains(&note.to_owned()));

    check_problem(
        &text,
        good("r_total", r#"r_total{code="201"}"#),
        "`r_total{code=\"201\"}` finds no series, while `r_total` counts 4 events",
        "the files hold `r_total`, but no series with these labels",
    );
    check_problem(
        &text,
        errors_of("r_totals"),
        "`r_totals` finds no series",
        "did you mean `r_total`?",
    );
    check_problem(&text, errors_of("x"), "`x` finds no series", "the files hold `r_total`");
    check_problem("", errors_of("x"), "`x` finds no series", "the files hold no metrics");
    check_problem(
        &samples("r_total", &[(0, 1.0)]),
        errors_of("r_total"),
        "`r_total` has no series with two samples",
        "a counter counts from one sample to the next: append several scrapes, each with its timestamp",
    );
    let idle = samples("r_total", &[(0, 1.0), (60, 1.0)]);
    let outcome = read(&[&idle], &request(good("r_total", "r_total{code=\"200\"}")));
    assert_eq!(counts(only(&outcome)), [Some((0.0, 0.0))], "no events need no good ones");
}

fn errors_of(metric: &str) -> CounterMeasure {
    bad(metric, &format!("{metric}{{code=~\"5..\"}}"))
}

#[test]
fn a_part_larger_than_the_whole_is_refused_with_its_time() {
    let text = samples("r_total", &[(0, 0.0), (60, 5.0), (120, 6.0)])
        + &samples("ok_total", &[(0, 0.0), (60, 5.0), (120, 8.0)]);
    let outcome = read(&[&text], &request(good("r_total", "ok_total")));
    let problem = problem(&outcome);
    assert_eq!(
        problem.message,
        "`ok_total` counts 3 events in the 1m before 2023-11-14T22:02:00Z, more than the 1 of `r_total`"
    );
    let text = samples("r_total", &[(0, 0.0), (30, 0.1), (60, 0.2)])
        + &samples("ok_total", &[(0, 0.0), (30, 0.100_000_000_000_000_02), (60, 0.2)]);
    let series = only(&read(&[&text], &request(good("r_total", "ok_total")))).clone();
    assert_eq!(series.counts()[0].unwrap().bad(), 0.0, "what rounding does is no contradiction");
}

#[test]
fn bad_lines_have_a_place_and_a_reason() {
    let time = START + 60;
    let text = format!(
        "# TYPE r gauge\nr_total 1 {START}\nr_total 5\nr_total x {time}\nr_total 5 {time}\n\
         r_total 5 {time}\nr_total 6 {time}\nr_total 7 {START}\nr_total -3 {}\nr_total +Inf {}\n\
         r_total 1e300 {}\nr_total 8 {}000\n!oops\n\
         r_total{{code=\"500}} 1 {time}\nr_total 9 {} # {{trace=\"a b\"}} 1\n",
        time + 1,
        time + 2,
        time + 3,
        time + 4,
        time + 60
    );
    let outcome = read(&[&text], &request(errors()));
    assert_eq!(counts(only(&outcome)), [Some((0.0, 4.0)), Some((0.0, 4.0))]);
    let bad = &outcome.report.bad_lines;
    let reasons: Vec<(u64, &str)> =
        bad.first.iter().map(|line| (line.line, line.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (
                3,
                "has no timestamp: one scrape has no history, so write the time of each sample behind \
                 its value"
            ),
            (4, "`x` is not a number"),
            (7, "has the time of the sample of its series before it and another value: 5, then 6"),
            (8, "is older than the sample of its series before it"),
            (9, "is no counter: its value is -3"),
            (10, "is too large to be counted exactly: inf"),
            (11, "is too large to be counted exactly: 1e300"),
            (12, "has a timestamp in another unit than the lines before it"),
            (13, "does not begin with a metric: `!oops` is no name of one"),
            (14, "has a quote that is not closed"),
        ]
    );
    assert_eq!((bad.count, outcome.report.records), (10, 4));
    let input = || vec![Input::from_bytes("r.prom", text.as_str())];
    let limited = CounterRequest { max_bad_lines: MaxBadLines::Count(9), ..request(errors()) };
    let error = scan_openmetrics(input(), &limited, &|_| {}).unwrap_err();
    assert!(matches!(&error, ScanError::TooManyBadLines { .. }));
    assert!(error.help().unwrap().contains("line 3 of `r.prom`: has no timestamp"), "{error:?}");
    let share = MaxBadLines::Share(Ratio::from_parts(720_000_000).unwrap());
    let allowed = CounterRequest { max_bad_lines: share, ..request(errors()) };
    assert!(scan_openmetrics(input(), &allowed, &|_| {}).is_ok());
}

#[test]
fn what_is_declared_a_gauge_is_read_and_said() {
    let text = "# TYPE r_total gauge\n# TYPE other gauge\n".to_owned()
        + &samples("r_total", &[(0, 1.0), (60, 2.0)]);
    let assumptions = read(&[&text], &request(errors())).report.assumptions;
    assert!(
        assumptions.contains(&"`r_total` is declared a gauge, and read as a counter".to_owned())
    );
}

#[test]
fn files_may_come_in_any_order_and_share_a_sample() {
    let part = |from: i64, to: i64| {
        let values: Vec<(i64, f64)> = (from..=to).map(|at| (at * 30, (at * 3) as f64)).collect();
        samples("r_total", &values)
    };
    let whole = read(&[&part(0, 40)], &request(errors()));
    let (one, two, three) = (part(0, 11), part(11, 23), part(24, 40));
    for files in [[&one, &two, &three], [&three, &one, &two], [&two, &three, &one]] {
        let files: Vec<&str> = files.iter().map(|text| text.as_str()).collect();
        assert_eq!(only(&read(&files, &request(errors()))), only(&whole));
    }
    let outcome = read(&[&part(0, 11), &part(30, 40), &part(5, 20)], &request(errors()));
    assert_eq!(
        problem(&outcome).message,
        "`0.prom` and `2.prom` hold samples of the same time for `r_total`"
    );
    assert!(read(&[&one, &one], &request(errors())).measures[0].is_err());
}

#[test]
fn a_counter_created_after_the_data_began_counts_from_the_start() {
    let old = samples("r_total{pod=\"a\"}", &[(0, 50.0), (60, 51.0), (120, 51.0), (180, 52.0)]);
    let young = samples("r_total{pod=\"b\"}", &[(130, 7.0), (170, 9.0)]);
    let total = |text: &str| -> (Vec<Option<(f64, f64)>>, Vec<String>) {
        let outcome = read(&[text], &request(errors()));
        (counts(only(&outcome)), outcome.report.assumptions)
    };
    let (counted, notes) = total(&format!("{old}{young}"));
    assert_eq!(counted, [Some((0.0, 1.0)), Some((0.0, 0.0)), Some((0.0, 3.0))]);
    let note = "1 series of `r_total` begins after the data do, of unknown age: the \
                7 events of the first samples are not counted, as in Prometheus";
    assert!(notes.contains(&note.to_owned()), "{notes:?}");

    let with_birth = [Some((0.0, 1.0)), Some((0.0, 0.0)), Some((0.0, 10.0))];
    let created = format!("r_created{{pod=\"b\"}} {}.5 {}\n", START + 100, START + 130);
    for text in [format!("{created}{old}{young}"), format!("{old}{young}{created}")] {
        assert_eq!(total(&text).0, with_birth);
    }
    let marked = young.replacen('\n', &format!(" st@{}\n", START + 100), 1);
    assert_eq!(total(&format!("{old}{marked}")).0, with_birth);
    let before = format!("r_created{{pod=\"b\"}} {}\n", START - 10);
    assert_eq!(total(&format!("{before}{old}{young}")).0, counted, "it was there all the while");
    let unlike =
        format!("r_created{{pod=\"b\"}} 12 {START}\nr_created{{pod=\"a\"}} {}\n", START + 5);
    assert_eq!(total(&format!("{unlike}{old}{young}")).0, counted);
}

#[test]
fn buckets_are_one_series_however_their_bound_is_spelled() {
    let measure = || good("h_count", r#"h_bucket{le="1"}"#);
    let text = |bound: &str, from: i64| {
        let values = |factor: i64| {
            [(from, (factor * from) as f64), (from + 60, (factor * (from + 60)) as f64)]
        };
        samples(&format!("h_bucket{{le=\"{bound}\"}}"), &values(2))
            + &samples("h_bucket{le=\"+Inf\"}", &values(3))
            + &samples("h_count", &values(3))
    };
    let outcome = read(&[&text("1", 0), &text("1.0", 120)], &request(measure()));
    let third = Some((60.0, 180.0));
    assert_eq!(counts(only(&outcome)), [third, third, third]);
    let created = format!("h_created {}\n", START + 1);
    let late = samples("h_count{a=\"b\"}", &[(0, 0.0)]);
    let outcome = read(&[&created, &late, &text("1", 60)], &request(measure()));
    let events: f64 = outcome.measures[0].as_ref().unwrap()[0]
        .series
        .counts()
        .iter()
        .flatten()
        .map(|count| count.total)
        .sum();
    assert_eq!(events, 360.0, "one creation for all series of a histogram");
}

#[test]
fn groups_are_kept_apart_and_limited() {
    let text = samples("r_total{zone=\"b\",code=\"200\"}", &[(0, 1.0), (60, 3.0)])
        + &samples("r_total{zone=\"a\",code=\"500\"}", &[(0, 1.0), (60, 5.0)])
        + &samples("r_total{code=\"500\"}", &[(0, 1.0), (60, 9.0)]);
    let measure = CounterMeasure { group_by: vec!["zone".to_owned()], ..errors() };
    let outcome = read(&[&text], &request(measure.clone()));
    let groups: Vec<(Vec<(String, String)>, _)> = outcome.measures[0]
        .as_ref()
        .unwrap()
        .iter()
        .map(|group| (group.labels.clone().into_iter().collect(), counts(&group.series)))
        .collect();
    let zone = |name: &str| vec![("zone".to_owned(), name.to_owned())];
    assert_eq!(
        groups,
        [
            (Vec::new(), vec![Some((8.0, 8.0))]),
            (zone("a"), vec![Some((4.0, 4.0))]),
            (zone("b"), vec![Some((0.0, 2.0))]),
        ]
    );
    let limited =
        CounterRequest { measures: vec![measure, errors()], max_series: 2, ..request(errors()) };
    let outcome = read(&[&text], &limited);
    assert_eq!(problem(&outcome).message, "`r_total` has more than 2 combinations of `zone`");
    assert_eq!(outcome.measures[1].as_ref().unwrap().len(), 1, "others are measured all the same");
}

#[test]
fn labels_of_the_part_alone_make_no_group() {
    let text = samples("r_total{zone=\"a\"}", &[(0, 1.0), (60, 9.0)])
        + &samples("e_total{zone=\"a\"}", &[(0, 1.0), (60, 2.0)])
        + &samples("e_total{zone=\"b\"}", &[(0, 1.0), (60, 1.0)]);
    let measure = CounterMeasure { group_by: vec!["zone".to_owned()], ..bad("r_total", "e_total") };
    let outcome = read(&[&text], &request(measure.clone()));
    let groups = outcome.measures[0].as_ref().unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(counts(&groups[0].series), [Some((1.0, 8.0))]);
    let text = text + &samples("e_total{zone=\"b\"}", &[(120, 3.0)]);
    assert_eq!(
        problem(&read(&[&text], &request(measure))).message,
        "`e_total` counts 2 events of {zone=\"b\"} in the 1m before 2023-11-14T22:02:00Z, more than the \
         0 of `r_total`"
    );
}

#[test]
fn bad_events_that_begin_late_are_said() {
    let text = samples("r_total", &[(0, 1.0), (60, 9.0), (120, 9.0), (180, 20.0)])
        + &samples("e_total", &[(120, 4.0), (180, 5.0)]);
    let outcome = read(&[&text], &request(bad("r_total", "e_total")));
    let note = "1 series of `e_total` begins after the data do, of unknown age: the \
                4 events of the first samples are not counted, as in Prometheus";
    assert!(outcome.report.assumptions.contains(&note.to_owned()));
}

#[test]
fn many_files_in_the_worst_order_are_read_in_time() {
    let scrape = |at: i64| {
        samples("r_total{pod=\"a\"}", &[(at * 15, at as f64)])
            + &samples("r_total{pod=\"b\"}", &[(at * 15 + 7, (9 + 2 * at) as f64)])
    };
    let texts: Vec<String> = (0..4000).rev().map(scrape).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let outcome = read(&texts, &request(errors()));
    assert_eq!(only(&outcome).window(after(0), after(60_000)).events.total, 3.0 * 3999.0);
    let late = outcome.report.assumptions.iter().find(|note| note.contains("after the data do"));
    assert_eq!(late, None, "`b` is scraped from the start on, as `a` is");
}

#[test]
fn the_end_is_where_it_is_asked_for_or_where_the_data_end() {
    let values: Vec<(i64, f64)> = (0..=40).map(|at| (at * 15, at as f64)).collect();
    let text = samples("r_total", &values);
    let at = |seconds| CounterRequest { at: Some(after(seconds)), ..request(errors()) };
    let outcome = read(&[&text], &at(310));
    let series = only(&outcome);
    assert_eq!((series.end(), outcome.report.end), (after(310), Some(after(310))));
    assert_eq!(outcome.report.excluded.after_end, 20);
    assert_eq!(series.window(after(250), after(310)).events.total, 4.0);
    // A sample on the end belongs to what ends there.
    assert_eq!(only(&read(&[&text], &at(300))).window(after(240), after(300)).events.total, 4.0);
    assert_eq!(only(&read(&[&text], &at(299))).window(after(239), after(299)).events.total, 4.0);

    let from = CounterRequest { from: Some(after(100)), ..at(300) };
    let window = only(&read(&[&text], &from)).window(after(100), after(300));
    assert_eq!((window.events.total, window.measured, window.steps), (14.0, 4, 4));

    let short = CounterRequest { lookback: Duration::from_minutes(2), ..at(300) };
    let outcome = read(&[&text], &short);
    assert_eq!(only(&outcome).start(), after(180));
    let excluded = Excluded { after_end: 20, after_now: 0, before_lookback: 13 };
    assert_eq!(outcome.report.excluded, excluded);
    let latest = CounterRequest { lookback: Duration::from_minutes(2), ..request(errors()) };
    assert_eq!(only(&read(&[&text], &latest)).start(), after(480));

    let now = CounterRequest { now: after(320), ..request(errors()) };
    let outcome = read(&[&text], &now);
    assert_eq!(outcome.report.end, Some(after(320)));
    assert_eq!(outcome.report.excluded.after_now, 19);
    assert_eq!(only(&outcome).window(after(260), after(320)).events.total, 4.0);
    let outcome = read(&[&text], &CounterRequest { whole_steps: true, ..now });
    assert_eq!(only(&outcome).end(), after(300));
}

#[test]
fn time_up_to_the_end_is_covered_by_the_sample_behind_it() {
    let text = samples("r_total", &[(0, 0.0), (60, 1.0), (290, 5.0)]);
    let outcome = read(&[&text], &CounterRequest { at: Some(after(240)), ..request(errors()) });
    let nothing = Some((0.0, 0.0));
    assert_eq!(counts(only(&outcome)), [Some((0.0, 1.0)), nothing, nothing, nothing]);
}

#[test]
fn compressed_files_are_read_and_others_refused() {
    let text = samples("r_total", &[(0, 1.0), (60, 2.0)]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let input = Input::from_bytes("r.prom.gz", packed.finish().unwrap());
    let outcome = scan_openmetrics(vec![input], &request(errors()), &|_| {}).unwrap();
    assert!(outcome.report.inputs[0].gzip);
    assert_eq!(counts(only(&outcome)), [Some((0.0, 1.0))]);
    let input = Input::from_bytes("r.parquet", "PAR1");
    let error = scan_openmetrics(vec![input], &request(errors()), &|_| {}).unwrap_err();
    assert_eq!(error.to_string(), "`r.parquet` is a Parquet file");
}

#[test]
fn events_are_not_read_from_such_a_file() {
    let good = Predicate::parse("status < 500").unwrap();
    let shape = Shape::Events(vec![EventMeasure { total: None, good }]);
    let request = ScanRequest::new(shape, instant("2026-06-01T00:00:00Z"));
    for text in [
        "# TYPE r_total counter\nr_total 1\n",
        "r_total{code=\"200\"} 1\n",
        "r_total 1 1700000000\n",
        "{\"r.total\", code=\"200\"} 1 1700000000\n",
        "# EOF",
    ] {
        let error = scan(vec![Input::from_bytes("data", text)], &request, &|_| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`data` is a Prometheus text file: it holds counters, not events or rows of counts"
        );
        assert!(error.help().unwrap().starts_with("measure it by `prometheus`"));
    }
    let named = scan(vec![Input::from_bytes("node.prom.gz", "a 5")], &request, &|_| {});
    assert!(matches!(named, Err(ScanError::Format { .. })));
    let csv = "time status\n2026-01-01T00:00:00Z 200\n";
    assert!(!matches!(
        scan(vec![Input::from_bytes("data", csv)], &request, &|_| {}),
        Err(ScanError::Format { .. })
    ));
}

/// What happens to a counter from one sample to the next.
#[derive(Clone, Copy, Debug)]
struct Tick {
    /// Milliseconds since the sample before.
    wait: i64,
    events: u32,
    restart: bool,
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let wait = prop_oneof![9 => 1_000i64..60_000, 1 => 1i64..900_000];
    let tick = (wait, 0u32..50, prop::bool::weighted(0.05))
        .prop_map(|(wait, events, restart)| Tick { wait, events, restart });
    prop::collection::vec(tick, 1..80)
}

/// A sample: milliseconds behind the start, series, value.
type Written = (i64, usize, u64);

proptest! {
    #[test]
    fn the_increases_of_a_step_are_what_happened_in_it(all in prop::collection::vec(ticks(), 1..5), cuts in prop::collection::vec(0i64..3_000_000, 0..3)) {
        let mut samples: Vec<Written> = Vec::new();
        // Bad and all events by the minute in which they were first seen.
        let mut truth: std::collections::BTreeMap<i64, (u64, u64)> = std::collections::BTreeMap::new();
        for (series, ticks) in all.iter().enumerate() {
            let (mut at, mut value) = (series as i64 * 7_000, 1000 * series as u64);
            samples.push((at, series, value));
            for tick in ticks {
                at += tick.wait;
                // A restart that has caught up with the old count cannot be seen by anyone.
                let restart = tick.restart && u64::from(tick.events) < value;
                value = if restart { 0 } else { value } + u64::from(tick.events);
                samples.push((at, series, value));
                let step = truth.entry((at + 59_999) / 60_000).or_default();
                step.0 += if series % 2 == 1 { u64::from(tick.events) } else { 0 };
                step.1 += u64::from(tick.events);
            }
        }
        let line = |(at, series, value): &Written| {
            let code = if series % 2 == 1 { 500 } else { 200 };
            let time = START * 1000 + at;
            format!("r_total{{code=\"{code}\",pod=\"{series}\"}} {value} {}.{:03}\n", time / 1000, time % 1000)
        };
        let by_series: String = samples.iter().map(line).collect();
        let outcome = read(&[&by_series], &request(errors()));
        let series = only(&outcome);
        let mut counted = std::collections::BTreeMap::new();
        for (index, count) in series.counts().iter().enumerate() {
            if let Some(count) = count.filter(|count| count.total > 0.0) {
                counted.insert(index as i64 + 1, (count.bad() as u64, count.total as u64));
            }
        }
        truth.retain(|_, (_, total)| *total > 0);
        prop_assert_eq!(counted, truth);
        prop_assert_eq!(outcome.report.bad_lines.count, 0);

        // The order of lines does not matter as long as each series is in order, nor how files are cut.
        samples.sort_unstable();
        let by_scrape: String = samples.iter().map(line).collect();
        let outcome = read(&[&by_scrape], &request(errors()));
        prop_assert_eq!(only(&outcome), series);
        let mut cuts = cuts;
        cuts.sort_unstable();
        let file = |at: i64| cuts.partition_point(|cut| *cut <= at);
        let mut files = vec![String::new(); cuts.len() + 1];
        for sample in &samples {
            files[file(sample.0)] += &line(sample);
        }
        for _ in 0..files.len() {
            files.rotate_left(1);
            let texts: Vec<&str> = files.iter().map(String::as_str).collect();
            let outcome = read(&texts, &request(errors()));
            prop_assert_eq!(only(&outcome), series);
        }
    }
}

/// Which steps are measured, straight from the rule: an increase ends in the step, or reaches over all
/// of it and is no gap.
fn measured_by_rule(series: &[Vec<i64>], steps: i64) -> Vec<bool> {
    let pairs = || series.iter().flat_map(|times| times.windows(2).map(|pair| (pair[0], pair[1])));
    let mut lengths: Vec<i64> = pairs().map(|(from, to)| to - from).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len().saturating_sub(1) / 2).copied().unwrap_or(0);
    let limit = (median * 5 / 2).max(300);
    let measured = |step: i64| {
        let (start, end) = (60 * step, 60 * step + 60);
        pairs().any(|(from, to)| {
            (start < to && to <= end) || (from <= start && end < to && to - from <= limit)
        })
    };
    (0..steps).map(measured).collect()
}

proptest! {
    #[test]
    fn steps_are_measured_by_the_rule(waits in prop::collection::vec(prop::collection::vec(prop_oneof![3 => 1i64..100, 1 => 200i64..1500], 1..30), 1..4)) {
        let times: Vec<Vec<i64>> = waits
            .iter()
            .map(|waits| {
                let sums = waits.iter().scan(0, |at, wait| { *at += wait; Some(*at) });
                std::iter::once(0).chain(sums).collect()
            })
            .collect();
        let text: String = times
            .iter()
            .enumerate()
            .map(|(pod, times)| {
                let values: Vec<(i64, f64)> = times.iter().map(|at| (*at, 1.0)).collect();
                samples(&format!("r_total{{pod=\"{pod}\"}}"), &values)
            })
            .collect();
        let outcome = read(&[&text], &request(errors()));
        let measured: Vec<bool> = only(&outcome).counts().iter().map(Option::is_some).collect();
        prop_assert_eq!(&measured, &measured_by_rule(&times, measured.len() as i64));
    }

    #[test]
    fn windows_are_exact_at_any_second(values in prop::collection::vec((1i64..50, 0u32..9), 2..60), from in 0i64..1500, length in 60i64..900) {
        let (mut at, mut value) = (0, 0);
        let mut increases = Vec::new();
        let mut written = vec![(0, 0.0)];
        for (wait, events) in values {
            at += wait;
            value += events;
            increases.push((at, events));
            written.push((at, f64::from(value)));
        }
        let to = from + length;
        let expected: u32 =
            increases.iter().filter(|(at, _)| from < *at && *at <= to).map(|(_, events)| events).sum();
        let asked = CounterRequest { at: Some(after(to)), from: Some(after(from)), ..request(errors()) };
        let outcome = read(&[&samples("r_total", &written)], &asked);
        let window = only(&outcome).window(after(from), after(to));
        prop_assert_eq!(window.events.total, f64::from(expected));
    }
}
