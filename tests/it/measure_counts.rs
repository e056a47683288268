//! Files of counts: cadence, gaps, labels, and rows that cannot be.
#![expect(clippy::unwrap_used, reason = "what is not as expected may panic")]
use sre::kernel::{
    measure::{
        CountMeasure, CountShape, Input, MaxBadLines, ScanError, ScanOutcome, ScanRequest, Shape,
        scan,
    },
    series::EventCount,
    units::{Duration, Instant},
};

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn columns(good: Option<&str>, bad: Option<&str>, total: Option<&str>) -> CountMeasure {
    let name = |column: Option<&str>| column.map(str::to_owned);
    CountMeasure { good: name(good), bad: name(bad), total: name(total) }
}

fn request(measures: Vec<CountMeasure>) -> ScanRequest {
    let shape = Shape::Counts(CountShape { measures, labels: None });
    ScanRequest::new(shape, instant("2026-06-01T00:00:00Z"))
}

fn good_of_total() -> ScanRequest {
    request(vec![columns(Some("good"), None, Some("total"))])
}

fn run(text: &str, request: &ScanRequest) -> Result<ScanOutcome, ScanError> {
    scan(vec![Input::from_bytes("counts", text)], request, &|_| {})
}

fn pairs(outcome: &ScanOutcome, measure: usize) -> Vec<Option<(f64, f64)>> {
    let pair = |count: &Option<EventCount>| count.map(|count| (count.good, count.total));
    outcome.series[measure].counts().iter().map(pair).collect()
}

#[test]
fn a_missing_row_or_value_is_not_measured() {
    let csv = "time,good,total\n2026-03-01T10:00:00Z,99,100\n2026-03-01T10:05:00Z,0,0\n\
        2026-03-01T10:15:00Z,,\n2026-03-01T10:20:00Z,5.5,6\n";
    let outcome = run(csv, &good_of_total()).unwrap();
    let series = &outcome.series[0];
    assert_eq!(series.step(), Duration::from_minutes(5));
    assert_eq!(series.start(), instant("2026-03-01T10:00:00Z"));
    assert_eq!(
        pairs(&outcome, 0),
        [Some((99.0, 100.0)), Some((0.0, 0.0)), None, None, Some((5.5, 6.0))]
    );
    assert_eq!(outcome.report.end, Some(instant("2026-03-01T10:25:00Z")));
    assert_eq!(
        outcome.report.assumptions,
        [
            "the time is in column `time`",
            "read as CSV with `,` between the fields",
            "each row counts the `5m` that begin at its time"
        ]
    );
}

#[test]
fn any_two_columns_give_the_third() {
    let csv = "ts,good,bad,total\n1772359200,90,10,100\n1772359260,7,3,10\n";
    let expected = [Some((90.0, 100.0)), Some((7.0, 10.0))];
    let measures = vec![
        columns(Some("good"), None, Some("total")),
        columns(Some("good"), Some("bad"), None),
        columns(None, Some("bad"), Some("total")),
        columns(Some("good"), Some("bad"), Some("total")),
    ];
    let outcome = run(csv, &request(measures)).unwrap();
    for measure in 0..4 {
        assert_eq!(pairs(&outcome, measure), expected, "{measure}");
    }
    let error = run(csv, &request(vec![columns(Some("good"), None, None)])).unwrap_err();
    assert!(error.to_string().contains("need two of the columns"), "{error}");
}

#[test]
fn counts_that_cannot_be_are_bad_lines() {
    let csv = "time,good,total\n2026-03-01T10:00:00Z,9,10\n2026-03-01T10:01:00Z,-1,10\n\
        2026-03-01T10:02:00Z,NaN,10\n2026-03-01T10:03:00Z,1,inf\n2026-03-01T10:04:00Z,11,10\n\
        2026-03-01T10:05:00Z,many,10\n2026-03-01T10:00:00Z,9,10\n";
    let outcome = run(csv, &good_of_total()).unwrap();
    let reasons: Vec<(u64, &str)> = outcome
        .report
        .bad_lines
        .first
        .iter()
        .map(|line| (line.line, line.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (3, "`good` is negative: `-1`"),
            (4, "`good` is not a finite number: `NaN`"),
            (5, "`total` is not a finite number: `inf`"),
            (6, "has more good events, 11, than events, 10"),
            (7, "`good` is not a finite number: `many`"),
            (8, "has the time of line 2 of `counts` and is not counted again"),
        ]
    );
    assert_eq!((outcome.report.records, outcome.report.bad_lines.count), (1, 6));
    assert_eq!(pairs(&outcome, 0), [Some((9.0, 10.0))]);
    let strict = ScanRequest { max_bad_lines: MaxBadLines::Count(5), ..good_of_total() };
    assert!(run(csv, &strict).is_err());
}

#[test]
fn rows_that_contradict_each_other_leave_their_time_unmeasured_in_any_order() {
    let rows = [
        "2026-03-01T10:00:00Z,9,10",
        "2026-03-01T10:01:00Z,8,10",
        "2026-03-01T10:01:00Z,3,10",
        "2026-03-01T10:02:00Z,7,10",
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let lines: Vec<&str> = order.iter().map(|row| rows[*row]).collect();
        let csv = format!("time,good,total\n{}\n", lines.join("\n"));
        let outcome = run(&csv, &good_of_total()).unwrap();
        assert_eq!(pairs(&outcome, 0), [Some((9.0, 10.0)), None, Some((7.0, 10.0))], "{order:?}");
        let reason = &outcome.report.bad_lines.first[0].reason;
        assert!(reason.ends_with("and other counts: that time is left out"), "{reason}");
    }
}

#[test]
fn rows_that_differ_in_a_label_are_summed() {
    let csv = "time,region,good,total\n2026-03-01T10:00:00Z,eu,9,10\n2026-03-01T10:00:00Z,us,8,10\n\
        2026-03-01T10:01:00Z,eu,1,1\n2026-03-01T10:01:00Z,us,2,2\n2026-03-01T10:01:00Z,us,2,2\n";
    let outcome = run(csv, &good_of_total()).unwrap();
    assert_eq!(pairs(&outcome, 0), [Some((17.0, 20.0)), Some((3.0, 3.0))]);
    assert_eq!(outcome.report.bad_lines.count, 1);
    assert_eq!(outcome.report.bad_lines.first[0].line, 6);
    let assumption = "rows of one time that differ in a label are summed".to_owned();
    assert!(outcome.report.assumptions.contains(&assumption));
    let short = csv.replace("2026-03-01T10:01:00Z,us,2,2\n", "");
    let outcome = run(&short, &good_of_total()).unwrap();
    assert_eq!(pairs(&outcome, 0), [Some((17.0, 20.0)), Some((1.0, 1.0))]);
    let note = "1 of 2 times lack a row for a label that others have, and are counted without";
    assert!(outcome.report.assumptions.iter().any(|assumption| assumption == note));
    // A column of numbers is no label unless it is named as one.
    let csv = csv.replace("eu", "1").replace("us", "2").replace("region", "shard");
    assert_eq!(run(&csv, &good_of_total()).unwrap().report.bad_lines.count, 3);
    let mut request = good_of_total();
    if let Shape::Counts(shape) = &mut request.shape {
        shape.labels = Some(vec!["shard".to_owned()]);
    }
    assert_eq!(pairs(&run(&csv, &request).unwrap(), 0), [Some((17.0, 20.0)), Some((3.0, 3.0))]);
}

#[test]
fn the_grid_is_that_of_the_rows() {
    let json = "{\"t\":\"2026-03-01T10:00:07.010Z\",\"good\":1,\"total\":1}\n\
        {\"t\":\"2026-03-01T10:01:06.990Z\",\"good\":2,\"total\":2}\n\
        {\"t\":\"2026-03-01T10:02:07Z\",\"good\":3,\"total\":3}\n";
    let outcome = run(json, &good_of_total()).unwrap();
    assert_eq!(outcome.series[0].start(), instant("2026-03-01T10:00:07Z"));
    assert_eq!(pairs(&outcome, 0), [Some((1.0, 1.0)), Some((2.0, 2.0)), Some((3.0, 3.0))]);
    let assumption = "2 of 3 times are not on the grid of `1m` and count for the nearest step";
    assert!(outcome.report.assumptions.iter().any(|said| said == assumption));
    // Rows that stand closer than a step are summed into steps that end at `at`.
    let csv = "time,good,total\n2026-03-01T10:00:00Z,1,2\n2026-03-01T10:00:10Z,1,2\n\
        2026-03-01T10:00:20Z,1,2\n2026-03-01T10:00:30Z,1,2\n2026-03-01T10:00:40Z,1,2\n";
    let at = Some(instant("2026-03-01T10:00:30Z"));
    let outcome = run(csv, &ScanRequest { at, ..good_of_total() }).unwrap();
    assert_eq!(pairs(&outcome, 0), [Some((3.0, 6.0))]);
    assert_eq!(outcome.series[0].start(), instant("2026-03-01T09:59:30Z"));
    assert_eq!(outcome.report.excluded.after_end, 2);
}

#[test]
fn only_the_time_looked_back_on_is_kept() {
    let row = |minute| format!("2026-03-01T{:02}:{:02}:00Z,1,1\n", minute / 60, minute % 60);
    let csv = format!("time,good,total\n{}", (0..600).map(row).collect::<String>());
    let request = ScanRequest { lookback: Duration::from_hours(1), ..good_of_total() };
    let outcome = run(&csv, &request).unwrap();
    assert_eq!(outcome.series[0].counts().len(), 60);
    assert_eq!(outcome.series[0].end(), instant("2026-03-01T10:00:00Z"));
    assert_eq!(outcome.report.excluded.before_lookback, 540);
    let empty = run("time,good,total\n", &request).unwrap();
    assert_eq!(empty.series[0].counts(), []);
    let log = "::1 - - [01/Mar/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5\n";
    assert!(run(log, &request).unwrap_err().to_string().contains("events and not counts"));
}
