//! Vectors computed by hand, and what must hold for all inputs.
#![expect(clippy::float_cmp, reason = "whole counts give exact figures, and that is tested")]
use super::*;
use crate::domains::slo::engine::testing::{START, instant, series, series_strategy};
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_minutes(1);

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn tiers(list: &[(&str, &str)]) -> Vec<Tier> {
    list.iter().map(|(below, credit)| Tier { below: ratio(below), credit: ratio(credit) }).collect()
}

/// 99.9 %, with the credits that cloud providers usually give.
fn agreement(definition: Definition) -> Agreement {
    let tiers = tiers(&[("99.9%", "10%"), ("99%", "25%"), ("95%", "100%")]);
    Agreement { target: ratio("99.9%"), definition, tiers }
}

fn downtime(down_when: &str) -> Definition {
    Definition::Downtime { interval: MINUTE, down_when: ratio(down_when) }
}

fn minutes(count: i64) -> Instant {
    instant(START) + chrono::TimeDelta::minutes(count)
}

/// What a contract says of the first `length` minutes, at the minute `now`.
fn read(definition: Definition, series: &EventSeries, length: i64, now: i64) -> Account {
    read_without(definition, series, length, now, &[])
}

fn read_without(
    definition: Definition,
    series: &EventSeries,
    length: i64,
    now: i64,
    excluded: &[(i64, i64)],
) -> Account {
    let excluded: Vec<Stretch> =
        excluded.iter().map(|(from, to)| (minutes(*from), minutes(*to))).collect();
    let period = (minutes(0), minutes(length));
    account(&agreement(definition), series, period, minutes(now), &excluded).unwrap()
}

/// A thousand minutes of ten events each; ten of them with all events bad, ten with half of them.
fn outage() -> EventSeries {
    let minute = |at: u32| match at {
        100..110 => (0, 10),
        200..210 => (5, 5),
        _ => (10, 0),
    };
    series(MINUTE, (0..1000).map(minute))
}

#[test]
fn each_definition_counts_in_its_own_way() {
    let availability = |definition| {
        let account = read(definition, &outage(), 1000, 1000);
        assert_eq!(account.standing, Standing::Breached);
        (account.counted.availability().unwrap(), (account.lost_minutes * 1e9).round() / 1e9)
    };
    // 150 of 10,000 events.
    assert_eq!(availability(Definition::Events), (0.985, 15.0));
    // 10 of 1,000 minutes with everything bad; 20 with at least a half.
    assert_eq!(availability(downtime("100%")), (0.99, 10.0));
    assert_eq!(availability(downtime("50%")), (0.98, 20.0));
    assert_eq!(availability(downtime("50.1%")), (0.99, 10.0));
    // Four of 200 intervals of five minutes: two all bad, two half.
    let mean = Definition::IntervalMean { interval: Duration::from_minutes(5) };
    assert_eq!(availability(mean), (0.985, 15.0));
}

#[test]
fn the_mean_of_intervals_does_not_weigh_them_by_traffic() {
    // One busy interval without a failure, one with a single request that fails.
    let two = series(Duration::from_minutes(5), [(999, 0), (0, 1)]);
    let mean = Definition::IntervalMean { interval: Duration::from_minutes(5) };
    assert_eq!(read(mean, &two, 10, 10).counted.availability(), Some(0.5));
    assert_eq!(read(Definition::Events, &two, 10, 10).counted.availability(), Some(0.999));
}

#[test]
fn minutes_without_traffic_are_up_and_minutes_without_measurements_do_not_count() {
    let counts = [(1, 0), (0, 0), (0, 1), (0, 0)];
    let silent = series(MINUTE, counts);
    let account = read(downtime("100%"), &silent, 4, 4);
    assert_eq!(account.counted.units, EventCount { good: 3.0, total: 4.0 });
    let known =
        silent.counts().into_iter().enumerate().map(|(at, count)| count.filter(|_| at != 1));
    let gap = EventSeries::new(silent.start(), MINUTE, known.collect());
    let account = read(downtime("100%"), &gap, 4, 4);
    assert_eq!(account.counted.units, EventCount { good: 2.0, total: 3.0 });
    assert_eq!(account.counted.coverage(), 0.75);
}

#[test]
fn the_worst_tier_reached_pays_and_equality_reaches_none() {
    let tiers = tiers(&[("99.9%", "10%"), ("99%", "25%"), ("95%", "100%")]);
    let credit = |good: f64, total: f64| {
        let counted = Counted { units: EventCount { good, total }, ..Counted::default() };
        credit(&tiers, counted).map(|tier| tier.credit.percent())
    };
    assert_eq!(credit(999.0, 1000.0), None);
    assert_eq!(credit(998.0, 1000.0).as_deref(), Some("10%"));
    assert_eq!(credit(990.0, 1000.0).as_deref(), Some("10%"));
    assert_eq!(credit(989.0, 1000.0).as_deref(), Some("25%"));
    assert_eq!(credit(949.0, 1000.0).as_deref(), Some("100%"));
    assert_eq!(credit(0.0, 0.0), None);
}

#[test]
fn half_of_a_month_leaves_half_of_its_minutes() {
    // 30 days of 43,200 minutes allow 43.2 minutes of downtime at 99.9 %; after ten days 20 are gone.
    let counts = (0..14_400).map(|minute| if minute < 20 { (0, 1) } else { (1, 0) });
    let account = read(downtime("100%"), &series(MINUTE, counts), 43_200, 14_400);
    assert_eq!(account.expected, 43_200.0);
    // 20 of 14,400 are too many so far, 20 of 43,200 are not.
    assert_eq!(account.standing, Standing::Below);
    assert_eq!(account.credit, Some(account.tiers[0].tier));
    assert_eq!(account.if_perfect, Some(1.0 - 20.0 / 43_200.0));
    // The last seven days were clean.
    assert_eq!(account.if_continued, account.if_perfect);
    let left = |at: usize| (account.tiers[at].left * 10.0).round() / 10.0;
    assert_eq!([left(0), left(1), left(2)], [23.2, 412.0, 2140.0]);
    assert_eq!((account.target.left * 10.0).round() / 10.0, 23.2);
    assert!(account.tiers[0].reached && !account.tiers[0].certain);
}

#[test]
fn what_cannot_be_made_up_for_is_breached_before_the_period_is_over() {
    let counts = |bad: u32| (0..1440).map(move |minute| if minute < bad { (0, 1) } else { (1, 0) });
    // Two days allow 2.88 minutes: three are too many whatever the second day brings.
    let two = read(downtime("100%"), &series(MINUTE, counts(2)), 2880, 1440);
    assert_eq!((two.standing, two.target.certain), (Standing::Below, false));
    let three = read(downtime("100%"), &series(MINUTE, counts(3)), 2880, 1440);
    assert_eq!((three.standing, three.target.certain), (Standing::Breached, true));
    assert!(three.target.left < 0.0);
}

#[test]
fn events_to_come_are_as_many_as_in_the_measured_time() {
    // A day of ten a minute, half a day over, 5 bad.
    let counts = (0..720).map(|minute| if minute == 0 { (5, 5) } else { (10, 0) });
    let account = read(Definition::Events, &series(MINUTE, counts), 1440, 720);
    assert_eq!(account.expected, 14_400.0);
    assert_eq!(account.target.left.round(), 9.0);
    // 9.4 of 14,400 events are 0.94 minutes of a day.
    assert!((account.target.left_minutes - 0.94).abs() < 1e-9);
    assert_eq!(account.if_perfect, Some(1.0 - 5.0 / 14_400.0));
    assert_eq!(account.if_continued, Some(1.0 - 10.0 / 14_400.0));
    assert_eq!(account.standing, Standing::Met);
}

#[test]
fn too_little_data_is_no_kept_promise() {
    let clean = |minutes: u32| series(MINUTE, (0..minutes).map(|_| (1, 0)));
    let standing = |measured| read(downtime("100%"), &clean(measured), 1000, 1000).standing;
    assert_eq!(standing(899), Standing::Unknown);
    assert_eq!(standing(900), Standing::Met);
    assert_eq!(standing(0), Standing::Unknown);
    // But what is breached already is breached.
    let bad = series(MINUTE, (0..100).map(|minute| if minute < 2 { (0, 1) } else { (1, 0) }));
    let account = read(downtime("100%"), &bad, 1000, 1000);
    assert_eq!((account.standing, account.counted.coverage()), (Standing::Breached, 0.1));
    // One bad minute of the hundred known is too many of them, and just not too many of a thousand.
    let bad = series(MINUTE, (0..100).map(|minute| if minute < 1 { (0, 1) } else { (1, 0) }));
    assert_eq!(read(downtime("100%"), &bad, 1000, 1000).standing, Standing::Unknown);
}

#[test]
fn what_is_excluded_counts_neither_for_nor_against() {
    let whole = read(downtime("100%"), &outage(), 1000, 1000);
    let without = read_without(downtime("100%"), &outage(), 1000, 1000, &[(95, 105), (100, 110)]);
    assert_eq!(without.counted.units, EventCount { good: 985.0, total: 985.0 });
    assert_eq!(without.with_excluded, whole.counted);
    assert_eq!(without.excluded, Duration::from_minutes(15));
    assert_eq!((without.standing, without.expected), (Standing::Met, 985.0));
    let events = read_without(Definition::Events, &outage(), 1000, 1000, &[(100, 110)]);
    assert_eq!(events.counted.units, EventCount { good: 9850.0, total: 9900.0 });
    // Outside of the period, or backwards, nothing is excluded.
    let none = read_without(downtime("100%"), &outage(), 1000, 1000, &[(1000, 2000), (120, 110)]);
    assert_eq!(none.counted, whole.counted);
    let all = read_without(downtime("100%"), &outage(), 1000, 1000, &[(-5, 2000)]);
    assert_eq!((all.counted.availability(), all.standing), (None, Standing::Unknown));
}

/// Two minutes around the border of two hours are a sixtieth of each, and not one of the hours.
#[test]
fn a_step_that_is_excluded_in_part_keeps_the_rest_of_its_events() {
    let hours = series(Duration::from_hours(1), [(600, 0), (600, 0), (540, 60), (600, 0)]);
    let account = read_without(Definition::Events, &hours, 240, 240, &[(119, 121)]);
    let units = account.counted.units;
    assert!((units.total - (2400.0 - 10.0 - 10.0)).abs() < 1e-9);
    assert!((units.bad() - 59.0).abs() < 1e-9);
    assert!(account.prorated);
    assert!((account.counted.measured - (4.0 - 2.0 / 60.0)).abs() < 1e-12);
    assert!((account.counted.coverage() - 1.0).abs() < 1e-12);
    assert!((account.expected - units.total).abs() < 1e-9);
    assert_eq!(account.excluded, Duration::from_minutes(2));
    // On the borders of steps counts stay whole, and nothing is flagged.
    let account = read_without(Definition::Events, &hours, 240, 240, &[(120, 180)]);
    assert_eq!(account.counted.units, EventCount { good: 1800.0, total: 1800.0 });
    assert!(!account.prorated);
    assert_eq!((account.counted.measured, account.counted.steps), (3.0, 3.0));
}

#[test]
fn an_interval_that_is_excluded_in_part_counts_by_its_rest() {
    // Of the interval with the outage two minutes of five are left, one of them all bad.
    let counts = (0..20).map(|minute| if (3..9).contains(&minute) { (0, 10) } else { (10, 0) });
    let minutes = series(MINUTE, counts);
    let interval = Duration::from_minutes(5);
    let mean = Definition::IntervalMean { interval };
    let account = read_without(mean, &minutes, 20, 20, &[(5, 8)]);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
    // The first interval has two bad minutes of five; of the second 0.4 are left, half of that bad.
    near(account.counted.units.total, 3.4);
    near(account.counted.units.bad(), 0.4 + 0.4 * 0.5);
    near(account.expected, 3.4);
    near(account.lost_minutes, 3.0);
    assert!(account.prorated);
    let down = Definition::Downtime { interval, down_when: ratio("50%") };
    let account = read_without(down, &minutes, 20, 20, &[(5, 8)]);
    near(account.counted.units.bad(), 0.4);
    assert!(account.prorated);
    // What is left was not measured: nothing is known of it.
    let known =
        minutes.counts().into_iter().enumerate().map(|(at, count)| count.filter(|_| at < 8));
    let gap = EventSeries::new(minutes.start(), MINUTE, known.collect());
    assert_eq!(read_without(down, &gap, 10, 10, &[(5, 8)]).counted.units.total, 1.0);
}

#[test]
fn an_interval_that_the_measurements_cannot_see_is_refused() {
    let hours = series(Duration::from_hours(1), [(1, 0)]);
    let period = (minutes(0), minutes(60));
    let found = account(&agreement(downtime("100%")), &hours, period, minutes(60), &[]);
    assert_eq!(
        found.unwrap_err().to_string(),
        "the contract looks at intervals of `1m`, and the measurements have steps of `1h`: write \
         `interval: 1h`, or measure more often"
    );
    assert!(account(&agreement(Definition::Events), &hours, period, minutes(60), &[]).is_ok());
}

#[test]
fn a_moment_before_the_period_knows_nothing() {
    let account = read(downtime("100%"), &outage(), 1000, -5);
    assert_eq!((account.standing, account.counted.steps), (Standing::Unknown, 0.0));
    assert_eq!((account.if_perfect, account.if_continued, account.credit), (None, None, None));
}

fn definition() -> impl Strategy<Value = Definition> {
    let interval = || (40u64..90).prop_map(Duration::from_minutes);
    prop_oneof![
        Just(Definition::Events),
        interval().prop_map(|interval| Definition::IntervalMean { interval }),
        (interval(), 1..=Ratio::PARTS).prop_map(|(interval, parts)| Definition::Downtime {
            interval,
            down_when: Ratio::from_parts(parts).unwrap(),
        }),
    ]
}

#[test]
fn a_failure_more_leaves_no_better_best_case() {
    // Of the first of a little more than one interval, six of seven events failed, or all.
    let definition = Definition::IntervalMean { interval: Duration::from_minutes(79) };
    let best = |good| {
        let count = Some(EventCount { good, total: 7.0 });
        let series = EventSeries::new(START.parse().unwrap(), MINUTE, vec![None, count]);
        read_without(definition, &series, 80, 2, &[]).if_perfect.unwrap()
    };
    assert!(best(0.0) <= best(1.0), "{} {}", best(0.0), best(1.0));
}

proptest! {
    /// More failures never raise availability, nor the standing, and never lower the credit.
    #[test]
    fn more_failures_never_help(
        series in series_strategy(),
        definition in definition(),
        failed in prop::collection::vec(any::<bool>(), 90),
        (length, now) in (1i64..4000, 0i64..4000),
        excluded in prop::collection::vec((0i64..4000, 0i64..4000), 0..3),
    ) {
        let worse = series.counts().into_iter().zip(failed).map(|(count, failed)| match count {
            Some(count) if failed => Some(EventCount { good: 0.0, ..count }),
            other => other,
        });
        let worse = EventSeries::new(series.start(), series.step(), worse.collect());
        let read = |series| read_without(definition, series, length, now, &excluded);
        let (better, worse) = (read(&series), read(&worse));
        let paid = |account: &Account| account.credit.map_or(Ratio::ZERO, |tier| tier.credit);
        prop_assert!(worse.standing >= better.standing);
        prop_assert!(paid(&worse) >= paid(&better));
        let noise = 1e-9;
        for (worse, better) in [
            (worse.counted.availability(), better.counted.availability()),
            (worse.if_perfect, better.if_perfect),
            (worse.if_continued, better.if_continued),
        ] {
            prop_assert_eq!(worse.is_some(), better.is_some());
            prop_assert!(worse.unwrap_or(0.0) <= better.unwrap_or(0.0) + noise);
        }
        prop_assert!(worse.target.left <= better.target.left + noise);
    }

    /// Nothing better can come than the best case, and a tier that is certain is reached there too.
    #[test]
    fn the_best_case_is_the_best(
        series in series_strategy(),
        definition in definition(),
        (length, now) in (1i64..4000, 0i64..4000),
    ) {
        let account = read(definition, &series, length, now);
        let (Some(perfect), Some(continued)) = (account.if_perfect, account.if_continued) else {
            return Ok(());
        };
        let availability = account.counted.availability().unwrap();
        prop_assert!(perfect >= continued - 1e-9 && perfect >= availability - 1e-9);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&continued));
        prop_assert!(account.expected >= account.counted.units.total);
        for tier in &account.tiers {
            prop_assert!(tier.reached || !tier.certain);
        }
    }

    /// Excluding two halves is excluding the whole, in any order.
    #[test]
    fn exclusions_are_a_set(
        series in series_strategy(),
        definition in definition(),
        (first, second, third) in (0i64..2000, 0i64..2000, 0i64..2000),
    ) {
        let mut at = [first, second, third];
        at.sort_unstable();
        let read = |excluded: &[(i64, i64)]| read_without(definition, &series, 2000, 2000, excluded);
        let whole = read(&[(at[0], at[2])]);
        prop_assert_eq!(&read(&[(at[1], at[2]), (at[0], at[1])]), &whole);
        prop_assert_eq!(&read(&[(at[0], at[2]), (at[0], at[1]), (at[0], at[2])]), &whole);
        prop_assert!(whole.counted.steps <= whole.with_excluded.steps);
        prop_assert!(whole.counted.measured <= whole.counted.steps);
    }
}
