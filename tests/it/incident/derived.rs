//! Cases that an independent implementation in Python computed.
use super::{level, levels, record};
use serde_json::Value;
use sre::{
    domains::incident::engine::{
        Clock, EventType, Impact, Record, cost,
        levels::Levels,
        response::Response,
        summary::{Compliance, Lengths, time_between},
    },
    kernel::units::{Instant, Ratio},
};

fn case(id: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("derived_incident_metrics.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap().clone()
}

/// The incidents of the first case, its severities, and the moment at which it looks at them.
fn incidents() -> (Vec<Record>, Levels, Instant, Value) {
    let case = case("derived-incident-metrics-1");
    let (input, expected) = (&case["input"], case["expected"].clone());
    let instant = |value: &Value| value.as_str().map(|text| text.parse::<Instant>().unwrap());
    let columns: Vec<&str> =
        input["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let rows = input["incidents"].as_array().unwrap().iter();
    let records = rows.map(|row| {
        let events = EventType::ALL.into_iter().filter_map(|event| {
            let at = columns.iter().position(|name| *name == event.name())?;
            (event != EventType::Severity).then_some(())?;
            Some((instant(&row[at])?, event))
        });
        let (id, severity) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        record(id, severity, &events.collect::<Vec<_>>())
    });
    let limits = input["response_time_min"].as_object().unwrap();
    let limits = (1..).zip(limits);
    let all = limits.map(|(rank, (name, limit))| level(rank, name, limit.as_i64().unwrap()));
    (records.collect(), levels(all.collect()), instant(&input["as_of"]).unwrap(), expected)
}

#[track_caller]
fn assert_close(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn clocks_and_responses_of_each_incident() {
    let (records, levels, now, expected) = incidents();
    let expected = expected["per_incident"].as_array().unwrap();
    assert_eq!(records.len(), expected.len());
    for (record, expected) in records.iter().zip(expected) {
        assert_eq!(record.id, expected["id"]);
        for (clock, key) in [
            (Clock::Detect, "ttd_min"),
            (Clock::Acknowledge, "tta_min"),
            (Clock::Mitigate, "ttm_min"),
            (Clock::Resolve, "ttr_min"),
        ] {
            let minutes = record.clocks.elapsed(clock).map(|time| time.num_minutes() as f64);
            assert_eq!(minutes, expected[key].as_f64(), "{} {key}", record.id);
        }
        let outcome = Response::of(record, &levels, now).outcome;
        assert_eq!(outcome.name(), expected["response_sla"], "{}", record.id);
        assert_eq!(record.clocks.status().is_open(), expected["open"], "{}", record.id);
    }
}

#[test]
fn compliance_counts_what_is_pending_apart() {
    let (records, levels, now, expected) = incidents();
    for (severity, expected) in expected["response_sla"].as_object().unwrap() {
        let of = records.iter().filter(|record| record.severity() == Some(severity));
        let found = Compliance::of(of, &levels, now);
        let counts = [found.met, found.breached, found.pending, found.unknown];
        let count = |key: &str| expected[key].as_u64().unwrap();
        assert_eq!(counts, [count("met"), count("breached"), count("pending"), 0], "{severity}");
        assert_close(found.share().unwrap(), &expected["compliance"], 1e-6);
    }
    let all = Compliance::of(&records, &levels, now);
    let expected = &expected["response_sla_all"];
    assert_eq!(all.met, expected["met"]);
    assert_eq!(all.breached, expected["breached"]);
    assert_close(all.share().unwrap(), &expected["compliance"], 1e-9);
}

#[test]
fn times_to_resolve_with_those_that_are_open() {
    let (records, _, now, expected) = incidents();
    let lengths = Lengths::of(Clock::Resolve, &records, now);
    let summary = lengths.summary();
    let resolved = &expected["ttr_resolved_only"];
    assert_eq!(lengths.ended.len() as u64, resolved["n"]);
    assert_close(summary.median_of_ended.unwrap(), &resolved["median_min"], 1e-9);
    assert_close(summary.geometric_mean.unwrap(), &resolved["geometric_mean_min"], 1e-4);
    assert_close(summary.longest.unwrap(), &resolved["max_min"], 1e-9);
    assert_eq!(summary.p90, None, "six are too few");
    let p90 = sre::domains::incident::engine::durations::quantile(&lengths.ended, 0.9);
    assert_close(p90.unwrap(), &resolved["p90_min"], 1e-9);

    let mut ages: Vec<f64> = expected["open"]["ages_min"]
        .as_array()
        .unwrap()
        .iter()
        .map(|age| age.as_f64().unwrap())
        .collect();
    ages.sort_by(f64::total_cmp);
    assert_eq!(lengths.going_on, ages);

    let survival = &expected["kaplan_meier_ttr"];
    let curve = survival["curve_time_survival"].as_array().unwrap();
    assert_eq!(summary.survival.steps.len(), curve.len());
    for (step, expected) in summary.survival.steps.iter().zip(curve) {
        assert_close(step.time, &expected[0], 1e-9);
        assert_close(step.survival, &expected[1], 1e-6);
    }
    assert_close(summary.median.unwrap(), &survival["median_min"], 1e-9);
}

#[test]
fn what_ended_at_an_unknown_time_is_missing() {
    let (records, _, now, _) = incidents();
    // I6 was resolved, and nobody wrote when it was mitigated.
    let lengths = Lengths::of(Clock::Mitigate, &records, now);
    assert_eq!((lengths.ended.len(), lengths.going_on.len(), lengths.missing), (5, 3, 1));
}

#[test]
fn the_time_between_beginnings() {
    let (records, _, _, expected) = incidents();
    let found = time_between(&records).unwrap();
    assert_close(found.mean / 3600.0, &expected["mtbf"]["mtbf_hours"], 1e-4);
    assert_eq!(found.distances, 8);
}

fn impact(from: Instant, to: Instant, share: f64) -> Impact {
    let parts = (share * f64::from(Ratio::PARTS)).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the case has few digits"
    )]
    let bad_fraction = Ratio::from_parts(parts as u32);
    Impact { from, to: Some(to), slo: None, bad_fraction, bad_events: None }
}

#[test]
fn written_impact_takes_its_share_of_the_budget() {
    let case = case("derived-error-budget-cost");
    let (input, expected) = (&case["input"], &case["expected"]);
    let window = input["window_days"].as_f64().unwrap() * 1440.0;
    let start: Instant = "2026-09-01T00:00:00Z".parse().unwrap();
    let target: Ratio = input["slo"].to_string().parse().unwrap();
    let rows = input["incidents"].as_array().unwrap().iter();
    for (row, expected) in rows.zip(expected["incidents"].as_array().unwrap()) {
        let end = start + chrono::TimeDelta::minutes(row["duration_min"].as_i64().unwrap());
        let impacts = [impact(start, end, row["bad_fraction"].as_f64().unwrap())];
        let minutes = cost::bad_minutes(&impacts, None, end).unwrap();
        assert_close(minutes, &expected["bad_minutes"], 1e-9);
        let share = cost::share_of_minutes(minutes, target, window).unwrap();
        assert_close(share, &expected["budget_fraction"], 1e-6);
    }
}

#[test]
fn of_impacts_that_overlap_the_greatest_counts() {
    let case = case("derived-overlapping-impact");
    let rows = case["input"]["impacts"].as_array().unwrap().iter();
    let instant = |value: &Value| value.as_str().unwrap().parse::<Instant>().unwrap();
    let impacts: Vec<Impact> = rows
        .map(|row| impact(instant(&row[0]), instant(&row[1]), row[2].as_f64().unwrap()))
        .collect();
    let now = "2026-09-02T00:00:00Z".parse().unwrap();
    let found = cost::bad_minutes(&impacts, None, now).unwrap();
    assert_close(found, &case["expected"]["bad_minutes"], 1e-9);
}

#[test]
fn bad_events_take_their_share_of_the_budget() {
    let case = case("derived-error-budget-requests");
    let (input, expected) = (&case["input"], &case["expected"]);
    let target: Ratio = input["slo"].to_string().parse().unwrap();
    let budget = target.complement().as_f64() * input["valid_events_in_window"].as_f64().unwrap();
    assert_close(budget, &expected["budget_events"], 1e-6);
    for row in input["incidents"].as_array().unwrap() {
        let now = "2026-09-02T00:00:00Z".parse().unwrap();
        let impacts = [Impact { bad_events: row["bad_events"].as_u64(), ..impact(now, now, 0.0) }];
        let events = cost::bad_events(&impacts, None).unwrap();
        let name = row["name"].as_str().unwrap();
        assert_close(events / budget, &expected["budget_fractions"][name], 1e-9);
    }
}
