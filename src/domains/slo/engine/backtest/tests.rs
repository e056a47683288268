//! Replays against readings at single moments.
use super::*;
use crate::{
    domains::slo::engine::{
        alert::AlertState,
        testing::{START, instant, objective, series, series_strategy},
    },
    kernel::series::EventCount,
};
use chrono::TimeDelta;
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_minutes(1);

fn tier(long: u64, short: u64, factor: &str, minimum_events: Option<u64>) -> AlertTier {
    let [long, short] = [long, short].map(Duration::from_minutes);
    let tier = AlertTier::new(Severity::Page, long, short, factor.parse().unwrap());
    AlertTier { minimum_events, ..tier }
}

/// Minutes after the start of the series.
fn minutes(firings: &[Firing], series: &EventSeries) -> Vec<(i64, Option<i64>)> {
    let minute = |at: Instant| (at - series.start()).num_minutes();
    firings.iter().map(|one| (minute(one.from), one.to.map(minute))).collect()
}

/// Five hours of a hundred events a minute, of which one fails in `failing`.
fn hours(failing: std::ops::Range<usize>) -> EventSeries {
    series(MINUTE, (0..300).map(|at| if failing.contains(&at) { (99, 1) } else { (100, 0) }))
}

#[track_caller]
fn check(tier: AlertTier, series: &EventSeries, options: Options, expected: &[(i64, Option<i64>)]) {
    let policy = AlertPolicy { tiers: vec![tier] };
    let replay = replay(objective("99.9%", "30d"), &policy, series, &options);
    assert_eq!(minutes(&replay.tiers[0].firings, series), expected);
    assert_eq!(replay.tiers[0].firings, replay.alerts[0].firings);
}

#[test]
fn a_tier_fires_from_the_evaluation_at_which_both_windows_are_above() {
    // One of a hundred is ten times what is allowed. Of an hour's 6000 events 30 are five times that: the
    // thirtieth does not exceed it, the thirty-first bad minute does; the short one is clean five minutes after.
    let (tier, history) = (tier(60, 5, "5", None), hours(100..150));
    let each = Options::default();
    check(tier.clone(), &history, each, &[(131, Some(153))]);
    // Every four minutes from midnight on.
    let four = Options { interval: Duration::from_minutes(4), ..each };
    check(tier.clone(), &history, four, &[(132, Some(156))]);
    // Less than a step is a step.
    let seconds = Options { interval: Duration::from_seconds(90), ..each };
    check(tier.clone(), &history, seconds, &[(132, Some(154))]);
    let hold = Options { hold: Some(Duration::from_minutes(10)), ..each };
    check(tier.clone(), &history, hold, &[(141, Some(153))]);
    let long = Options { hold: Some(Duration::from_minutes(22)), ..each };
    check(tier.clone(), &history, long, &[]);
    // As the tier itself says, unless the options say otherwise.
    let holding = AlertTier { hold: Duration::from_minutes(10), ..tier.clone() };
    check(holding.clone(), &history, each, &[(141, Some(153))]);
    let at_once = Options { hold: Some(Duration::ZERO), ..each };
    check(holding, &history, at_once, &[(131, Some(153))]);
    let keep = Options { keep_firing: Duration::from_minutes(7), ..each };
    check(tier, &history, keep, &[(131, Some(160))]);
}

#[test]
fn what_still_fires_at_the_end_has_no_end() {
    check(tier(60, 5, "5", None), &hours(250..300), Options::default(), &[(281, None)]);
    let until =
        Options { to: Some(instant(START) + TimeDelta::minutes(140)), ..Options::default() };
    check(tier(60, 5, "5", None), &hours(100..150), until, &[(131, None)]);
}

#[test]
fn what_fires_at_the_first_judged_moment_began_before_it() {
    let (policy, series) = (AlertPolicy { tiers: vec![tier(60, 5, "5", None)] }, hours(0..100));
    let replay = replay(objective("99.9%", "30d"), &policy, &series, &Options::default());
    let firing = replay.tiers[0].firings[0];
    assert_eq!(minutes(&[firing], &series), [(60, Some(103))]);
    assert!(firing.since_before);
    // 60 of 0.1 % of 30 days of a hundred a minute.
    assert_eq!(firing.spent, Some(60.0 / 4320.0));
    let judged = replay.tiers[0].judged.unwrap();
    assert_eq!((judged.first - series.start()).num_minutes(), 60);
    assert_eq!((judged.last, judged.moments, judged.unknown), (series.end(), 241, 0));
}

#[test]
fn a_window_longer_than_the_history_is_not_judged() {
    let policy = AlertPolicy { tiers: vec![tier(301, 5, "5", None), tier(60, 5, "5", None)] };
    let found = replay(objective("99.9%", "30d"), &policy, &hours(0..300), &Options::default());
    let error = found.tiers[0].judged.unwrap_err();
    assert_eq!(error.to_string(), "its window of 5h1m is longer than the history of 5h");
    assert_eq!(found.tiers[0].firings, []);
    // The alert is judged by the other one.
    assert_eq!(found.alerts[0].judged, found.tiers[1].judged.ok());
    let policy = AlertPolicy { tiers: vec![tier(60, 5, "5", None)] };
    let hourly = series(Duration::from_hours(1), [(99, 1); 30]);
    let found = replay(objective("99.9%", "30d"), &policy, &hourly, &Options::default());
    let error = found.tiers[0].judged.unwrap_err();
    assert_eq!(
        error.to_string(),
        "its window of 5m is shorter than a step of the measurements, 1h"
    );
    assert_eq!(found.alerts[0].judged, None);
    let options = Options { from: Some(instant(START) + TimeDelta::days(9)), ..Options::default() };
    let found = replay(objective("99.9%", "30d"), &policy, &hours(0..1), &options);
    assert_eq!(found.tiers[0].judged, Err(NotJudged::NoMoment));
    assert_eq!(found.evaluated, None);
}

/// Sixty bad minutes at the beginning: whether the alert of the first whole hour has waited is known ten minutes
/// later.
#[test]
fn a_tier_that_has_to_hold_is_judged_once_it_can_have_held() {
    let holding = AlertTier { hold: Duration::from_minutes(10), ..tier(60, 5, "5", None) };
    let series = hours(0..100);
    let of = |options: Options| {
        let policy = AlertPolicy { tiers: vec![holding.clone()] };
        replay(objective("99.9%", "30d"), &policy, &series, &options).tiers.remove(0)
    };
    let found = of(Options::default());
    assert_eq!(minutes(&found.firings, &series), [(70, Some(103))]);
    assert!(found.firings[0].since_before);
    // What is not looked at has been waited for all the same.
    let from = Some(series.start() + TimeDelta::minutes(75));
    let found = of(Options { from, ..Options::default() });
    assert_eq!(minutes(&found.firings, &series), [(75, Some(103))]);
    let to = Some(series.start() + TimeDelta::minutes(65));
    let error = of(Options { to, ..Options::default() }).judged.unwrap_err();
    assert_eq!(
        error.to_string(),
        "its window of 1h and its `for` of 10m are together longer than the history of 1h5m"
    );
}

#[test]
fn a_gap_is_not_known_and_silences_an_alert() {
    let counts = (0..300).map(|at| match at {
        180..190 => None,
        _ => Some(EventCount { good: 98.0, total: 100.0 }),
    });
    let series = EventSeries::new(instant(START), MINUTE, counts.collect());
    let policy = AlertPolicy { tiers: vec![tier(60, 5, "5", None)] };
    let replay = replay(objective("99.9%", "30d"), &policy, &series, &Options::default());
    // For six evaluations there is nothing in the five minutes before.
    assert_eq!(minutes(&replay.tiers[0].firings, &series), [(60, Some(185)), (191, None)]);
    assert_eq!(replay.tiers[0].judged.unwrap().unknown, 6);
    assert!((replay.coverage - 290.0 / 300.0).abs() < 1e-12);
}

#[test]
fn few_events_withhold_an_alert() {
    let history = hours(100..150);
    check(tier(60, 5, "5", Some(6000)), &history, Options::default(), &[(131, Some(153))]);
    check(tier(60, 5, "5", Some(6001)), &history, Options::default(), &[]);
}

#[test]
fn a_tier_that_cannot_fire_does_not() {
    let policy = AlertPolicy { tiers: vec![tier(60, 5, "10", None)] };
    let outage = series(MINUTE, [(0, 100); 300]);
    let replay = replay(objective("90%", "30d"), &policy, &outage, &Options::default());
    assert_eq!(replay.tiers[0].firings, []);
}

#[test]
fn where_a_history_begins_does_not_move_the_evaluations() {
    let options = Options { interval: Duration::from_minutes(7), ..Options::default() };
    let series = hours(100..150);
    let policy = AlertPolicy { tiers: vec![tier(60, 5, "5", None)] };
    let of = |series: &EventSeries| {
        replay(objective("99.9%", "30d"), &policy, series, &options).tiers[0].firings.clone()
    };
    let later = series.between(series.start() + TimeDelta::minutes(5), series.end());
    let at = |firings: &[Firing]| firings.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>();
    assert_eq!(at(&of(&later)), at(&of(&series)));
    assert_eq!(at(&of(&series)).len(), 1);
}

fn policy_strategy() -> impl Strategy<Value = AlertPolicy> {
    let minimum = prop_oneof![3 => Just(None), 1 => (0u64..20_000).prop_map(Some)];
    let bad = prop_oneof![4 => Just(None), 1 => (0u64..200).prop_map(Some)];
    let level = prop_oneof![4 => Just(None), 1 => Just(Some("95%".parse().unwrap()))];
    let guards = (minimum, bad, level, prop::bool::weighted(0.2));
    let tier = (1u64..1500, 1u64..300, 1u32..300, guards, any::<bool>()).prop_map(
        |(long, short, tenths, (minimum, bad, level, weighted), pages)| AlertTier {
            severity: if pages { Severity::Page } else { Severity::Ticket },
            minimum_bad_events: bad,
            confidence: level,
            event_weighted: weighted,
            ..tier(long, short, &format!("{}.{}", tenths / 10, tenths % 10), minimum)
        },
    );
    prop::collection::vec(tier, 1..5).prop_map(|tiers| AlertPolicy { tiers })
}

proptest! {
    /// What has to hold fires where a reading says that it has held, wherever a replay begins.
    #[test]
    fn what_has_to_hold_agrees_with_readings(
        series in series_strategy(),
        policy in policy_strategy(),
        holds in prop::collection::vec(0u64..300, 4),
        keep in 0u64..60,
        from in 0i64..3000,
    ) {
        let mut policy = policy;
        for (tier, hold) in policy.tiers.iter_mut().zip(holds) {
            tier.hold = Duration::from_minutes(hold);
        }
        let objective = objective("99%", "30d");
        let of = |options: &Options| replay(objective, &policy, &series, options);
        let all = of(&Options::default());
        let step = series.step().to_chrono();
        let moments = || (0..=series.len()).map(|at| series.start() + step * i32::try_from(at).unwrap());
        for now in moments() {
            for (reading, tier) in alert::read(&policy, objective, &series, now).iter().zip(&all.tiers) {
                let judged = tier.judged.is_ok_and(|all| all.first <= now && now <= all.last);
                if judged && (tier.tier.hold.is_zero() || tier.tier.hold >= series.step()) {
                    prop_assert!(!reading.hold_unknown, "at {now}");
                    let fires = tier.firings.iter().any(|firing| firing.holds(now));
                    prop_assert_eq!(fires, reading.state == AlertState::Firing, "at {}: {:?}", now, reading.state);
                }
            }
        }
        let keep_firing = Duration::from_minutes(keep);
        let all = of(&Options { keep_firing, ..Options::default() });
        let from = Some(series.start() + TimeDelta::minutes(from));
        for (later, tier) in of(&Options { from, keep_firing, ..Options::default() }).tiers.iter().zip(&all.tiers) {
            let Ok(judged) = later.judged else { continue };
            let fires = |one: &TierReplay, now| one.firings.iter().any(|firing| firing.holds(now));
            for now in moments().filter(|now| judged.first <= *now && *now <= judged.last) {
                prop_assert_eq!(fires(later, now), fires(tier, now), "at {}", now);
            }
        }
    }

    /// At every evaluated moment a tier fires exactly where a reading at that moment says so.
    #[test]
    fn a_replay_agrees_with_readings(
        series in series_strategy(),
        policy in policy_strategy(),
        (interval, thirds) in (1u64..100, any::<bool>()),
        target in prop_oneof![Just("90%"), Just("99%"), Just("99.9%")],
        (from, to) in (0i64..4000, 0i64..4000),
    ) {
        let series = if thirds {
            series.map(|_, count| count.map(|count| EventCount {
                good: count.good / 3.0,
                total: count.total / 3.0,
            }))
        } else {
            series
        };
        let at = |minute| series.start() + TimeDelta::minutes(minute);
        let options = Options {
            interval: Duration::from_minutes(interval),
            from: (from % 3 == 0).then(|| at(from)),
            to: (to % 3 == 0).then(|| at(to)),
            ..Options::default()
        };
        let objective = objective(target, "30d");
        let replay = replay(objective, &policy, &series, &options);
        let mut moments = 0;
        let mut now = series.start();
        let interval = i64::try_from(replay.interval.milliseconds()).unwrap();
        while now <= series.end() {
            let counted = now.timestamp_millis().div_euclid(i64::try_from(series.step().milliseconds()).unwrap())
                .rem_euclid(interval / i64::try_from(series.step().milliseconds()).unwrap()) == 0;
            let asked = options.from.is_none_or(|from| from <= now) && options.to.is_none_or(|to| now <= to);
            if counted && asked {
                let readings = alert::read(&policy, objective, &series, now);
                for (reading, tier) in readings.iter().zip(&replay.tiers) {
                    let whole = now - tier.tier.long.max(tier.tier.short).to_chrono() >= series.start()
                        && tier.tier.long.min(tier.tier.short) >= series.step();
                    let judged = tier.judged.is_ok_and(|all| all.first <= now && now <= all.last);
                    prop_assert_eq!(judged, whole && now > series.start());
                    if judged {
                        let fires = tier.firings.iter().any(|firing| firing.holds(now));
                        prop_assert_eq!(fires, reading.state == AlertState::Firing, "at {}: {:?}", now, reading.state);
                        moments += 1;
                    }
                }
                for alert in &replay.alerts {
                    if alert.judged.is_some_and(|all| all.first <= now && now <= all.last) {
                        let some = replay.tiers.iter().filter(|one| one.tier.severity == alert.severity)
                            .any(|one| one.firings.iter().any(|firing| firing.holds(now)));
                        prop_assert_eq!(alert.firings.iter().any(|firing| firing.holds(now)), some);
                    }
                }
            }
            now += series.step().to_chrono();
        }
        let judged: usize = replay.tiers.iter().filter_map(|one| one.judged.ok()).map(|all| all.moments).sum();
        prop_assert_eq!(moments, judged);
    }
}
