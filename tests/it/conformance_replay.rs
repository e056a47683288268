//! What others computed of replayed alerts, against ours.
use sre::{
    domains::slo::{
        engine::backtest::{
            Options,
            expectation::{FalsePages, false_pages},
        },
        model::{AlertPolicy, Objective},
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::Duration,
    },
};

/// The pages that chance makes likely in 30 days of even traffic, at 99.9 %, by the workbook's pages.
fn expected(per_hour: u32) -> FalsePages {
    let upto = |minute: u32| f64::from(minute) * f64::from(per_hour) / 60.0;
    let counts = (0..31 * 1440).map(|minute| {
        let total = upto(minute + 1).floor() - upto(minute).floor();
        Some(EventCount { good: total, total })
    });
    let start = "2026-03-01T00:00:00Z".parse().unwrap();
    let series = EventSeries::new(start, Duration::from_minutes(1), counts.collect());
    let month = Duration::from_days(30);
    let objective = Objective::new("99.9%".parse().unwrap(), month).unwrap();
    let policy = AlertPolicy::workbook(month);
    false_pages(objective, &policy, &series, &Options::default()).unwrap()
}

/// Source: a simulation of the workbook's pages at exactly 99.9 %, requests an hour and pages in 30 days:
/// 10: 7.2, 60: 44, 120: 9.7, 600: 0.1, 3000: 0.1. Tolerance: what is printed there has two digits, and ours has a
/// standard error, of which three are allowed.
///
/// The first is plain: of 7200 requests 7.2 fail, and each failure pages, for one of 60 is above 6 · 0.1 %. The
/// third too: two failures within an hour page, `86.4 · (1 − exp(−0.12))` = 9.8 times.
///
/// DIFFERENCE: for 600 and 3000 requests an hour the source has 0.1 because its histories begin empty, and one
/// failure among the first 69 requests is above the threshold of an hour that has only these: `69 · 0.001` = 0.07.
/// Here an hour is judged once it is whole, and chance pages practically never.
#[test]
fn false_pages_of_even_traffic() {
    for (per_hour, pages, digit) in [(10, 7.2, 0.1), (60, 44.0, 1.0), (120, 9.7, 0.1)] {
        let found = expected(per_hour);
        let tolerance = digit + 3.0 * found.standard_error;
        assert!((found.per_month - pages).abs() <= tolerance, "{per_hour} an hour: {found:?}");
        assert!(found.standard_error < 0.03 * pages, "{per_hour} an hour: {found:?}");
    }
    for per_hour in [600, 3000] {
        let found = expected(per_hour);
        assert!(found.per_month <= 0.01, "{per_hour} an hour: {found:?}");
    }
    assert!((expected(10).lone_failure, expected(600).lone_failure) == (1.0, 0.0));
}
