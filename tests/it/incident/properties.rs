//! What holds of any incidents.
use super::{level, levels, record};
use chrono::TimeDelta;
use proptest::prelude::*;
use sre::{
    domains::incident::engine::{
        EventType,
        durations::{Observation, Survival, median_interval, quantile},
        response::{Outcome, Response},
    },
    kernel::units::Instant,
};

fn at(minute: i64) -> Instant {
    let start: Instant = "2026-05-14T09:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minute)
}

#[test]
fn the_limit_is_part_of_the_time() {
    let levels = levels(vec![level(1, "SEV-1", 15)]);
    let outcome = |acknowledged: Option<i64>, now: i64| {
        let mut events = vec![(at(0), EventType::Detected)];
        events.extend(acknowledged.map(|minute| (at(minute), EventType::Acknowledged)));
        Response::of(&record("a", "SEV-1", &events), &levels, at(now)).outcome
    };
    assert_eq!(outcome(Some(15), 60), Outcome::Met);
    assert_eq!(outcome(Some(16), 60), Outcome::Breached);
    assert_eq!(outcome(None, 15), Outcome::Pending);
    assert_eq!(outcome(None, 16), Outcome::Breached);
}

#[test]
fn raising_a_severity_starts_no_time_again() {
    let levels = levels(vec![level(1, "SEV-1", 15), level(2, "SEV-2", 30)]);
    let response = |raised: i64, acknowledged: i64| {
        let mut record = record(
            "a",
            "SEV-2",
            &[
                (at(0), EventType::Detected),
                (at(raised), EventType::Severity),
                (at(acknowledged), EventType::Acknowledged),
            ],
        );
        for event in &mut record.events {
            event.severity = (event.event == EventType::Severity).then(|| "SEV-1".to_owned());
        }
        let found = Response::of(&record, &levels, at(600));
        (found.outcome, found.severity.unwrap())
    };
    // Raised before: 15 minutes from the beginning.
    assert_eq!(response(10, 14), (Outcome::Met, "SEV-1".to_owned()));
    assert_eq!(response(10, 16), (Outcome::Breached, "SEV-1".to_owned()));
    assert_eq!(response(20, 25), (Outcome::Breached, "SEV-1".to_owned()));
    // Raised when somebody was there, or when the time of the first severity was over.
    assert_eq!(response(20, 18), (Outcome::Met, "SEV-2".to_owned()));
    assert_eq!(response(40, 35), (Outcome::Breached, "SEV-2".to_owned()));
}

#[test]
fn what_nobody_acknowledged_is_not_in_time_because_it_was_resolved() {
    let levels = levels(vec![level(1, "SEV-1", 15)]);
    let events = [(at(0), EventType::Detected), (at(5), EventType::Resolved)];
    let found = Response::of(&record("a", "SEV-1", &events), &levels, at(10));
    assert_eq!(found.outcome, Outcome::Unknown);
    let unknown = Response::of(&record("a", "SEV-9", &events), &levels, at(10));
    assert_eq!(unknown.outcome, Outcome::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Where everything has ended, the share that lasts longer is a plain count.
    #[test]
    fn survival_without_censoring_is_a_count(lengths in proptest::collection::vec(0_u16..40, 1..60)) {
        let observations: Vec<Observation> = lengths
            .iter()
            .map(|length| Observation { length: f64::from(*length), ended: true })
            .collect();
        for step in Survival::of(&observations).steps {
            let longer = lengths.iter().filter(|length| f64::from(**length) > step.time).count();
            let expected = longer as f64 / lengths.len() as f64;
            prop_assert!((step.survival - expected).abs() < 1e-12);
        }
    }

    /// What goes on can only make the median later: it is never dropped in favour of a better figure.
    #[test]
    fn what_goes_on_longer_moves_no_median_forward(
        ended in proptest::collection::vec(1_u16..1000, 1..40),
        extra in 1_u16..10,
    ) {
        let of = |open: u16| {
            let done = ended.iter().map(|length| Observation { length: f64::from(*length), ended: true });
            let going_on = (0..open).map(|_| Observation { length: 5000.0, ended: false });
            Survival::of(&done.chain(going_on).collect::<Vec<_>>()).median().unwrap_or(f64::INFINITY)
        };
        prop_assert!(of(extra) >= of(0));
    }

    #[test]
    fn medians_lie_within_their_intervals(values in proptest::collection::vec(0.0..1e6, 6..200)) {
        let mut sorted: Vec<f64> = values;
        sorted.sort_by(f64::total_cmp);
        let median = quantile(&sorted, 0.5).unwrap();
        let interval = median_interval(&sorted, 0.95).unwrap();
        prop_assert!(interval.lower <= median && median <= interval.upper);
        prop_assert!(interval.level >= 0.95);
    }
}
