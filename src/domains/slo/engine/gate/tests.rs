use super::*;
use crate::domains::slo::engine::testing::{instant, objective, series, series_strategy};
use crate::kernel::series::EventCount;
use proptest::prelude::*;

fn below(share: &str) -> Condition {
    Condition::RemainingBelow(share.parse().unwrap())
}

fn burning(factor: &str, window: &str) -> Condition {
    Condition::BurnRateAbove { factor: factor.parse().unwrap(), window: window.parse().unwrap() }
}

fn state(name: &str, conditions: &[Condition], action: PolicyAction) -> PolicyState {
    PolicyState { name: name.to_owned(), conditions: conditions.to_vec(), actions: vec![action] }
}

fn policy(states: Vec<PolicyState>) -> Policy {
    Policy { states, on_unknown: None }
}

/// Careful below a quarter, frozen below nothing.
fn usual() -> Policy {
    policy(vec![
        state("careful", &[below("25%")], PolicyAction::Approval),
        state("frozen", &[below("0%")], PolicyAction::Freeze),
    ])
}

/// A hundred hours of ten events each at a target of 99 %, of which `bad` fail in the first:
/// ten may.
fn hundred_hours(bad: u32) -> EventSeries {
    let first = std::iter::once((10 - bad.min(10), bad.min(10)));
    let second = std::iter::once((20 - bad.max(10), bad.max(10) - 10));
    let rest = std::iter::repeat_n((10, 0), 98);
    series(Duration::from_hours(1), first.chain(second).chain(rest))
}

fn input(policy: &Policy, series: &EventSeries) -> GateInput {
    let objective = objective("99%", "100h");
    GateInput::at(
        policy,
        Subject::rolling(objective, &AlertPolicy::default()),
        series,
        series.end(),
    )
}

/// What `policy` says of `series`: the state in force, the mildest and the worst that can follow.
fn ruled(policy: &Policy, series: &EventSeries) -> (Option<String>, Decision, Decision) {
    let ruling = judge(policy, Ok(&input(policy, series)));
    (ruling.state().map(|state| state.name.clone()), ruling.mildest, ruling.worst)
}

#[track_caller]
fn check(bad: u32, state: Option<&str>, decision: Decision) {
    let found = ruled(&usual(), &hundred_hours(bad));
    assert_eq!(found, (state.map(str::to_owned), decision, decision), "{bad} bad");
}

#[test]
fn the_last_state_that_holds_is_in_force() {
    // Of ten allowed: 7 leave 30 %, 8 leave 20 %, 10 leave nothing, which is not below nothing.
    check(0, None, Decision::Allow);
    check(7, None, Decision::Allow);
    check(8, Some("careful"), Decision::Warn);
    check(10, Some("careful"), Decision::Warn);
    check(11, Some("frozen"), Decision::Freeze);
}

#[test]
fn a_quarter_left_to_the_event_is_not_below_a_quarter() {
    // 3 of 4 allowed bad events are spent, of 400 at 99 %.
    let exact = |bad| series(Duration::from_hours(1), [(400 - bad, bad)]);
    assert_eq!(ruled(&usual(), &exact(3)).0, None);
    assert_eq!(ruled(&usual(), &exact(4)).0, Some("careful".to_owned()));
}

#[test]
fn all_conditions_of_a_state_must_hold() {
    let both =
        policy(vec![state("frozen", &[below("25%"), burning("2", "6h")], PolicyAction::Freeze)]);
    // The spend is long ago: the last six hours burn nothing.
    assert_eq!(ruled(&both, &hundred_hours(11)).1, Decision::Allow);
    // Six hours at a rate of exactly 2 are not above it; one more failure is.
    let recent = |bad: u32| {
        let quiet = std::iter::repeat_n((0, 0), 94);
        let hours = [(50, 0), (50, 0), (50, 0), (50, 0), (50, 0), (50 - bad, bad)];
        series(Duration::from_hours(1), quiet.chain(hours))
    };
    assert_eq!(ruled(&both, &recent(6)).1, Decision::Allow);
    assert_eq!(ruled(&both, &recent(7)).1, Decision::Freeze);
}

#[test]
fn a_state_without_conditions_holds_even_where_nothing_is_known() {
    let always = policy(vec![state("always", &[], PolicyAction::Freeze)]);
    let ruling = judge(&always, Err("no data"));
    assert_eq!(ruling.decide(Leniency::None), Decision::Freeze);
    assert!(!ruling.in_doubt());
}

#[test]
fn nothing_measured_leaves_every_outcome_open() {
    let nothing = series(Duration::from_hours(1), []);
    assert_eq!(ruled(&usual(), &nothing), (None, Decision::Allow, Decision::Freeze));
    let ruling = judge(&usual(), Err("the file is gone"));
    assert_eq!(ruling.decide(Leniency::None), Decision::Unknown);
    assert_eq!(ruling.possible().count(), 2);
    let found = &ruling.states[0].conditions[0].found;
    assert_eq!(found, &Err(Unjudged::NotMeasured("the file is gone".to_owned())));
    // A window without events has no budget to speak of.
    let silent = series(Duration::from_hours(1), [(0, 0); 100]);
    let ruling = judge(&usual(), Ok(&input(&usual(), &silent)));
    assert_eq!(
        ruling.states[1].conditions[0].found,
        Err(Unjudged::NoBurnRate(NoBurnRate::NoEvents))
    );
}

#[test]
fn a_condition_that_fails_decides_whatever_the_others_are() {
    // Steps of a day cannot tell what the last six hours burn.
    let days = |bad: u32| series(Duration::from_days(1), [(100 - bad, bad), (100, 0)]);
    let both =
        policy(vec![state("frozen", &[below("0%"), burning("2", "6h")], PolicyAction::Freeze)]);
    let ruling = |bad| judge(&both, Ok(&input(&both, &days(bad))));
    assert_eq!(ruling(0).states[0].truth, Truth::Fails);
    assert_eq!(ruling(9).states[0].truth, Truth::Unknown);
    assert_eq!(ruling(9).decide(Leniency::None), Decision::Unknown);
}

#[test]
fn doubt_between_equal_decisions_is_none() {
    let same = policy(vec![
        state("spent", &[below("0%")], PolicyAction::Freeze),
        state(
            "hopeless",
            &[Condition::ExhaustionProbabilityAbove {
                probability: "50%".parse().unwrap(),
                within: Some(Duration::from_days(7)),
            }],
            PolicyAction::Freeze,
        ),
    ]);
    let ruling = judge(&same, Ok(&input(&same, &hundred_hours(11))));
    assert!(!ruling.in_doubt());
    assert_eq!(ruling.decide(Leniency::None), Decision::Freeze);
    // Not spent: nobody knows the probability.
    let ruling = judge(&same, Ok(&input(&same, &hundred_hours(0))));
    assert_eq!(ruling.decide(Leniency::None), Decision::Unknown);
    // With it, it is known.
    let known = |probability| {
        let mut input = input(&same, &hundred_hours(0));
        input.probabilities = vec![(Some(Duration::from_days(7)), probability)];
        judge(&same, Ok(&input)).decide(Leniency::None)
    };
    assert_eq!((known(Ok(0.5)), known(Ok(0.51))), (Decision::Allow, Decision::Freeze));
}

#[test]
fn a_forecast_decides_within_its_time() {
    let within = |time: &str| {
        policy(vec![state(
            "soon",
            &[Condition::ExhaustedWithin(time.parse().unwrap())],
            PolicyAction::Freeze,
        )])
    };
    // See the test of the forecast: 42 hours at 20 an hour use up what is left, the 43rd is more.
    let counts = std::iter::repeat_n((1000, 0), 90).chain([(980, 20); 6]);
    let burning = series(Duration::from_hours(1), counts);
    let ruled = |time| {
        let policy = within(time);
        let objective = objective("99%", "4d");
        let alerts = AlertPolicy::default();
        let input =
            GateInput::at(&policy, Subject::rolling(objective, &alerts), &burning, burning.end());
        assert_eq!(
            input.forecast.unwrap().exhaustion,
            Exhaustion::At(instant("2026-03-06T19:00:00Z"))
        );
        judge(&policy, Ok(&input)).decide(Leniency::None)
    };
    assert_eq!((ruled("42h"), ruled("43h")), (Decision::Allow, Decision::Freeze));
    let lasting = within("100y");
    assert_eq!(self::ruled(&lasting, &hundred_hours(0)).2, Decision::Allow);
    assert_eq!(self::ruled(&lasting, &hundred_hours(11)).2, Decision::Freeze);
}

#[test]
fn alerts_of_a_severity_or_a_more_urgent_one() {
    let firing = |severity| {
        let policy = policy(vec![state(
            "firing",
            &[Condition::AlertFiring(severity)],
            PolicyAction::Freeze,
        )]);
        // Two bad days: the three-day ticket and the pages fire at once.
        let counts = std::iter::repeat_n((10, 0), 672).chain([(5, 5); 48]);
        let burning = series(Duration::from_hours(1), counts);
        let objective = objective("99.9%", "30d");
        let ticket = AlertPolicy {
            tiers: AlertPolicy::workbook(Duration::from_days(30)).tiers.split_off(3),
        };
        let input =
            GateInput::at(&policy, Subject::rolling(objective, &ticket), &burning, burning.end());
        judge(&policy, Ok(&input)).decide(Leniency::None)
    };
    assert_eq!(firing(Severity::Page), Decision::Allow);
    assert_eq!(firing(Severity::Ticket), Decision::Freeze);
}

#[test]
fn an_alert_that_cannot_be_judged_leaves_it_open() {
    let paging = policy(vec![state(
        "paging",
        &[Condition::AlertFiring(Severity::Page)],
        PolicyAction::Freeze,
    )]);
    // Hours cannot tell what the last five minutes burn.
    let hours = hundred_hours(0);
    let alerts = AlertPolicy::workbook(Duration::from_days(30));
    let input = GateInput::at(
        &paging,
        Subject::rolling(objective("99.9%", "30d"), &alerts),
        &hours,
        hours.end(),
    );
    let ruling = judge(&paging, Ok(&input));
    assert_eq!(ruling.decide(Leniency::None), Decision::Unknown);
    let found = ruling.states[0].conditions[0].found.as_ref().unwrap_err();
    assert_eq!(
        found.to_string(),
        "the alert `page-1h` is unknown: the window is shorter than one step of the measurements"
    );
}

/// A ruling that leaves everything between `mildest` and `worst` open.
fn ruling(mildest: Decision, worst: Decision, on_unknown: Option<Decision>) -> Ruling {
    Ruling { states: Vec::new(), in_force: None, mildest, worst, on_unknown }
}

#[test]
fn what_a_policy_says_for_the_unknown_stays_within_what_is_possible() {
    use Decision::{Allow, Freeze, Unknown, Warn};
    let decide =
        |mildest, worst, on_unknown| ruling(mildest, worst, on_unknown).decide(Leniency::None);
    assert_eq!(decide(Allow, Freeze, None), Unknown);
    assert_eq!(decide(Allow, Freeze, Some(Allow)), Allow);
    assert_eq!(decide(Allow, Freeze, Some(Warn)), Warn);
    assert_eq!(decide(Allow, Freeze, Some(Freeze)), Freeze);
    assert_eq!(decide(Warn, Freeze, Some(Allow)), Warn);
    assert_eq!(decide(Allow, Warn, Some(Freeze)), Warn);
    assert_eq!(decide(Allow, Warn, None), Warn);
    assert_eq!(decide(Freeze, Freeze, Some(Allow)), Freeze);
}

#[test]
fn exemptions_and_broken_glass_let_a_change_through() {
    use Decision::{Allow, Freeze, Warn};
    let decide = |worst, leniency| ruling(Allow, worst, None).decide(leniency);
    assert_eq!(decide(Freeze, Leniency::Exempt), Warn);
    assert_eq!(decide(Freeze, Leniency::BreakGlass), Allow);
    assert_eq!(decide(Warn, Leniency::BreakGlass), Warn);
    assert_eq!(ruling(Freeze, Freeze, None).decide(Leniency::Exempt), Warn);
    assert_eq!(ruling(Freeze, Freeze, None).decide(Leniency::BreakGlass), Allow);
}

/// Any condition that becomes no less true as more events fail.
fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        (0..=Ratio::PARTS)
            .prop_map(|parts| { Condition::RemainingBelow(Ratio::from_parts(parts).unwrap()) }),
        (1u32..200, 1u64..500).prop_map(|(tenths, minutes)| Condition::BurnRateAbove {
            factor: format!("{}.{}", tenths / 10, tenths % 10).parse().unwrap(),
            window: Duration::from_minutes(minutes),
        }),
        Just(Condition::AlertFiring(Severity::Page)),
        Just(Condition::AlertFiring(Severity::Ticket)),
    ]
}

proptest! {
    /// In a policy that is ordered from the harmless to the serious, and in which each state holds
    /// wherever the one after it does, more failures never lead to a milder decision.
    #[test]
    fn more_failures_never_help(
        series in series_strategy(),
        first in prop::collection::vec(condition(), 0..3),
        more in prop::collection::vec(condition(), 0..3),
        failed in prop::collection::vec(any::<bool>(), 90),
    ) {
        let worse = series.counts().into_iter().zip(failed).map(|(count, failed)| match count {
            Some(count) if failed => Some(EventCount { good: 0.0, ..count }),
            other => other,
        });
        let worse = EventSeries::new(series.start(), series.step(), worse.collect());
        let policy = policy(vec![
            state("careful", &first, PolicyAction::Approval),
            state("frozen", &[first.clone(), more].concat(), PolicyAction::Freeze),
        ]);
        let alerts = AlertPolicy::workbook(Duration::from_days(1));
        let ruling = |series: &EventSeries| {
            let objective = objective("95%", "1d");
            let input = GateInput::at(&policy, Subject::rolling(objective, &alerts), series, series.end());
            judge(&policy, Ok(&input))
        };
        let (better, worse) = (ruling(&series), ruling(&worse));
        prop_assert!(better.mildest <= worse.mildest);
        prop_assert!(better.worst <= worse.worst);
        for leniency in [Leniency::None, Leniency::Exempt] {
            prop_assert!(better.decide(leniency) <= worse.decide(leniency));
        }
        prop_assert!(worse.decide(Leniency::Exempt) <= Decision::Warn);
        prop_assert!(worse.decide(Leniency::BreakGlass) <= Decision::Warn);
    }

    /// What is unknown is never decided otherwise than one of the things it may turn out to be.
    #[test]
    fn not_knowing_never_goes_beyond_what_could_be_known(
        series in series_strategy(),
        conditions in prop::collection::vec(condition(), 1..4),
        probability in 0.0..1.0f64,
    ) {
        let within = Some(Duration::from_days(1));
        let likely = Condition::ExhaustionProbabilityAbove {
            probability: "50%".parse().unwrap(),
            within,
        };
        let policy = policy(vec![
            state("careful", &conditions, PolicyAction::Approval),
            state("frozen", &[likely], PolicyAction::Freeze),
        ]);
        let alerts = AlertPolicy::default();
        let objective = objective("95%", "1d");
        let mut input = GateInput::at(&policy, Subject::rolling(objective, &alerts), &series, series.end());
        let unknown = judge(&policy, Ok(&input));
        input.probabilities = vec![(within, Ok(probability))];
        let known = judge(&policy, Ok(&input));
        prop_assert!(unknown.mildest <= known.mildest && known.worst <= unknown.worst);
    }
}
