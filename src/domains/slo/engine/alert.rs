//! The state of every tier of a multi-window, multi-burn-rate alert policy.
use super::{
    budget,
    burn::{self, Burn, NoBurnRate},
    confidence, exact,
    exhaustion::{self, Forecast},
    explain,
};
use crate::{
    domains::slo::model::{AlertPolicy, AlertTier, Objective},
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};

/// What a tier says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// Both windows are above the factor, and there are enough events.
    Firing,
    /// Both windows are above the factor, but not yet for as long as the tier has to hold.
    Pending,
    /// Both windows are above the factor, but the long one holds too little for the tier, which
    /// [`held_back`] says.
    Withheld,
    /// The long window is above, the short one is not: it has stopped, the tier no longer fires.
    Recovering,
    /// The short window is above, the long one is not yet.
    Rising,
    /// Neither window is above.
    Quiet,
    /// The tier can never fire at this target.
    Unreachable,
    /// A window cannot be judged.
    Unknown {
        /// The window that cannot.
        window: Duration,
        /// Why.
        reason: NoBurnRate,
    },
}

impl AlertState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Pending => "pending",
            Self::Withheld => "withheld",
            Self::Recovering => "recovering",
            Self::Rising => "rising",
            Self::Quiet => "quiet",
            Self::Unreachable => "unreachable",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// A tier, its state, and everything that the state rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct TierReading {
    /// The tier.
    pub tier: AlertTier,
    /// The objective it was held against.
    pub objective: Objective,
    /// What it says.
    pub state: AlertState,
    /// Whether it is not known for how long both windows have been above, of a tier that waits: the history is too
    /// short for that, or its steps are too long. It is then taken to fire.
    pub hold_unknown: bool,
    /// Burn rate over its long window.
    pub long: Burn,
    /// Burn rate over its short window.
    pub short: Burn,
    /// Share of the budget of the objective's whole window that the long window spent: its bad events
    /// over those that the whole window allows. Steps of the whole window that were not measured are
    /// taken to be like the others, so at even traffic, or with a history no longer than the long
    /// window, this is the workbook's `burn · long / P`. `None` without events.
    pub budget_share: Option<f64>,
    /// When the budget is overspent if the burn rate of the long window goes on; only where the long
    /// window is above the factor.
    pub forecast: Option<Forecast>,
}

impl TierReading {
    /// One sentence that says why the state is what it is, times in UTC.
    ///
    /// Shape: `spent 3.1% of the 30d budget in the last 1h (burn rate 22.3, threshold 14.4); at this
    /// rate empty on 2026-05-14 09:20 UTC`.
    pub fn sentence(&self) -> String {
        explain::sentence(self)
    }
}

/// Reads every tier of `policy` at `now`, in its order.
///
/// A tier fires where the error ratios of both windows are strictly above `F · (1 − T)`, compared
/// without rounding. A measured window without events is not above anything; a window of which nothing
/// was measured makes the tier unknown, and one that is measured in part is judged by that part, which
/// [`Burn::is_partial`] tells.
///
/// A tier that has to hold fires where that was so at the end of each step for that long, as `for` of a rule
/// that is evaluated once a step; before, it is pending.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs", section 6.
pub fn read(
    policy: &AlertPolicy,
    objective: Objective,
    series: &EventSeries,
    now: Instant,
) -> Vec<TierReading> {
    let allowed = allowed(objective, series, now);
    policy
        .tiers
        .iter()
        .map(|tier| {
            let long = burn::over(objective, series, tier.long, now);
            let short = burn::over(objective, series, tier.short, now);
            let threshold = tier.factor.error_ratio(objective.target());
            let forecast = (burn::is_above(&long, threshold) == Some(true))
                .then(|| exhaustion::holding(objective, series, now, long));
            let budget_share = share_of(&long, allowed);
            let condition = state(tier, objective, (&long, &short), budget_share);
            let waits = condition == AlertState::Firing && !tier.hold.is_zero();
            let held = if waits { has_held(tier, objective, series, now) } else { Some(true) };
            TierReading {
                state: if held == Some(false) { AlertState::Pending } else { condition },
                hold_unknown: held.is_none(),
                budget_share,
                tier: tier.clone(),
                objective,
                long,
                short,
                forecast,
            }
        })
        .collect()
}

/// Bad events that the whole window of the objective allows at `now`, its measured part taken for all of it.
fn allowed(objective: Objective, series: &EventSeries, now: Instant) -> f64 {
    let whole = budget::at(objective, series, now);
    whole.budget.amounts.allowed / whole.count.coverage()
}

/// Share of the budget that a window spent; `None` without events.
fn share_of(burn: &Burn, allowed: f64) -> Option<f64> {
    let (bad, _) = exact::bad_of_total(burn.count.events)?;
    (allowed > 0.0).then(|| bad / allowed)
}

/// Whether what is so at `now`, that both windows of a tier are above and nothing withholds it, was so at the end
/// of each step for as long as the tier has to hold. `None` where the series does not reach so far back, or
/// cannot tell what happened in so short a time.
fn has_held(
    tier: &AlertTier,
    objective: Objective,
    series: &EventSeries,
    now: Instant,
) -> Option<bool> {
    let (longer, shorter) = (tier.long.max(tier.short), tier.long.min(tier.short));
    if series.step() > tier.hold.min(shorter) {
        return None;
    }
    let since = budget::back(now, tier.hold);
    let step = series.step().to_chrono();
    let into = (now - series.start()).num_milliseconds().rem_euclid(step.num_milliseconds());
    let mut at = now - chrono::TimeDelta::milliseconds(into);
    loop {
        if budget::back(at, longer) < series.start() {
            return None;
        }
        let long = burn::over(objective, series, tier.long, at);
        let short = burn::over(objective, series, tier.short, at);
        // What it allowed is asked for only where that is needed: it costs a look at the whole window.
        let share = tier.event_weighted.then(|| allowed(objective, series, at));
        let share = share.and_then(|allowed| share_of(&long, allowed));
        if state(tier, objective, (&long, &short), share) != AlertState::Firing {
            return Some(false);
        }
        if at <= since {
            return Some(true);
        }
        at -= step;
    }
}

/// The state of `tier` with these two windows, the long one first, whatever was before.
fn state(
    tier: &AlertTier,
    objective: Objective,
    (long, short): (&Burn, &Burn),
    budget_share: Option<f64>,
) -> AlertState {
    if !tier.can_fire(objective.target()) {
        return AlertState::Unreachable;
    }
    let threshold = tier.factor.error_ratio(objective.target());
    let above = |burn: &Burn| {
        burn::is_above(burn, threshold).ok_or_else(|| AlertState::Unknown {
            window: burn.window,
            reason: burn.rate.err().unwrap_or(NoBurnRate::NotMeasured),
        })
    };
    match (above(long), above(short)) {
        (Err(unknown), _) | (_, Err(unknown)) => unknown,
        (Ok(true), Ok(true)) => match held_back(tier, objective, long.count.events, budget_share) {
            Some(_) => AlertState::Withheld,
            None => AlertState::Firing,
        },
        (Ok(true), Ok(false)) => AlertState::Recovering,
        (Ok(false), Ok(true)) => AlertState::Rising,
        (Ok(false), Ok(false)) => AlertState::Quiet,
    }
}

/// What a long window lacks that is above the factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lacking {
    /// Events.
    Events,
    /// Bad events.
    BadEvents,
    /// Certainty: this is the lower limit of the error ratio at the level that the tier asks for.
    Confidence(f64),
    /// Weight: it spent less than this share of the budget.
    Weight(f64),
}

/// Why `tier` does not fire although both of its windows are above its factor; `None` where it does.
///
/// `events` are those of the long window, `budget_share` is the share of the budget of the objective's
/// window that its bad events are; where that is not known, the tier is not held back by it. The limit of
/// confidence is the lower one of Wilson's interval for the error ratio, which is one-sided.
///
/// Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
pub fn held_back(
    tier: &AlertTier,
    objective: Objective,
    events: EventCount,
    budget_share: Option<f64>,
) -> Option<Lacking> {
    if tier.minimum_events.is_some_and(|fewest| events.total < fewest as f64) {
        return Some(Lacking::Events);
    }
    if tier.minimum_bad_events.is_some_and(|fewest| events.bad() < fewest as f64) {
        return Some(Lacking::BadEvents);
    }
    if let Some(level) = tier.confidence {
        let good = confidence::one_sided(events, level, confidence::Method::Wilson).upper;
        let (numerator, denominator) = tier.factor.error_ratio(objective.target());
        if 1.0 - good <= numerator as f64 / denominator as f64 {
            return Some(Lacking::Confidence(1.0 - good));
        }
    }
    let due = tier.budget_share_when_firing(objective.window());
    let light = |share: f64| tier.event_weighted && share <= due;
    budget_share.is_some_and(light).then_some(Lacking::Weight(due))
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the counts of the tests are whole and small"
)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::{
            engine::testing::{START, instant, objective, series, series_strategy},
            model::Severity,
        },
        kernel::units::{BurnRate, Ratio},
    };
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    fn tier(long: &str, short: &str, factor: &str) -> AlertTier {
        AlertTier::new(
            Severity::Page,
            long.parse().unwrap(),
            short.parse().unwrap(),
            factor.parse().unwrap(),
        )
    }

    /// Reads one tier of 1h/5m against 99.9 % over 30 days, at the end of `series`.
    fn read_one(tier: AlertTier, series: &EventSeries) -> TierReading {
        let policy = AlertPolicy { tiers: vec![tier] };
        let objective = objective("99.9%", "30d");
        read(&policy, objective, series, series.end()).into_iter().next().unwrap()
    }

    /// `steady` for 30 days but the last hour, then `hour` up to the last five minutes, then `last`;
    /// all per minute.
    fn month(steady: (u32, u32), hour: (u32, u32), last: (u32, u32)) -> EventSeries {
        let parts = [(30 * 1440 - 60, steady), (55, hour), (5, last)];
        series(MINUTE, parts.into_iter().flat_map(|(n, count)| std::iter::repeat_n(count, n)))
    }

    #[track_caller]
    fn check(series: &EventSeries, state: AlertState, sentence: &str) {
        let reading = read_one(tier("1h", "5m", "14.4"), series);
        assert_eq!(reading.sentence(), sentence);
        assert_eq!(reading.state, state);
    }

    #[test]
    fn firing_says_what_was_spent_and_when_it_ends() {
        check(
            &month((10_000, 0), (9777, 223), (9777, 223)),
            AlertState::Firing,
            "spent 3.1% of the 30d budget in the last 1h (burn rate 22.3, threshold 14.4); at this \
             rate empty on 2026-04-01 07:18 UTC",
        );
    }

    #[test]
    fn each_pair_of_windows_has_its_state() {
        check(
            &month((10_000, 0), (9700, 300), (10_000, 0)),
            AlertState::Recovering,
            "spent 3.8% of the 30d budget in the last 1h (burn rate 27.5, threshold 14.4), but no \
             longer: burn rate 0 in the last 5m",
        );
        check(
            &month((10_000, 0), (10_000, 0), (9800, 200)),
            AlertState::Rising,
            "burn rate 20 in the last 5m, threshold 14.4, but burn rate 1.67 in the last 1h",
        );
        check(
            &month((10_000, 0), (9999, 1), (9999, 1)),
            AlertState::Quiet,
            "burn rate 0.1 in the last 1h, threshold 14.4",
        );
        check(
            &month((10_000, 0), (0, 0), (0, 0)),
            AlertState::Quiet,
            "no events in the last 1h, threshold 14.4",
        );
        check(
            &month((10_000, 0), (9700, 300), (0, 0)),
            AlertState::Recovering,
            "spent 3.8% of the 30d budget in the last 1h (burn rate 30, threshold 14.4), but no \
             longer: no events in the last 5m",
        );
    }

    #[test]
    fn a_burn_rate_equal_to_the_threshold_does_not_fire() {
        check(
            &month((10_000, 0), (9856, 144), (9856, 144)),
            AlertState::Quiet,
            "burn rate 14.4 in the last 1h, threshold 14.4",
        );
        // One event more, of 600,000, and of 50,000.
        let mut counts = month((10_000, 0), (9856, 144), (9856, 144)).counts();
        *counts.last_mut().unwrap() = Some(EventCount { good: 9855.0, total: 10_000.0 });
        check(
            &EventSeries::new(instant(START), MINUTE, counts),
            AlertState::Firing,
            "spent 2% of the 30d budget in the last 1h (burn rate 14.402, threshold 14.4); at this \
             rate empty on 2026-04-02 01:00 UTC",
        );
    }

    #[test]
    fn an_overspent_budget_says_so() {
        let reading =
            read_one(tier("1h", "5m", "14.4"), &month((9980, 20), (9000, 1000), (9000, 1000)));
        assert_eq!(reading.state, AlertState::Firing);
        assert!(reading.sentence().ends_with("; the budget is overspent"));
    }

    #[test]
    fn a_tier_that_has_to_hold_is_pending_before() {
        let holding =
            |hold: &str| AlertTier { hold: hold.parse().unwrap(), ..tier("1h", "5m", "14.4") };
        // Of the hour 60 · 1.44 / 50 = 1.7 minutes are needed: it is above from the end of the second on.
        let outage = month((10_000, 0), (10_000, 0), (10_000, 0)).map(|at, count| {
            let since = (at - instant(START)).num_minutes() - (30 * 1440 - 4);
            count.map(|count| if since < 0 { count } else { EventCount { good: 5000.0, ..count } })
        });
        let state = |hold: &str| {
            let reading = read_one(holding(hold), &outage);
            (reading.state, reading.hold_unknown)
        };
        assert_eq!(state("2m"), (AlertState::Firing, false));
        assert_eq!(state("3m"), (AlertState::Pending, false));
        let sentence = read_one(holding("3m"), &outage).sentence();
        assert!(
            sentence.ends_with("(burn rate 33.3, threshold 14.4), but not yet for 3m"),
            "{sentence}"
        );
        // Minutes say nothing of seconds, and an hour nothing of the one before.
        assert_eq!(state("30s"), (AlertState::Firing, true));
        let short = outage.between(outage.end() - chrono::TimeDelta::minutes(61), outage.end());
        let reading = read_one(holding("2m"), &short);
        assert_eq!((reading.state, reading.hold_unknown), (AlertState::Firing, true));
        let sentence = reading.sentence();
        assert!(sentence.ends_with("; whether it has held for 2m is not known"), "{sentence}");
    }

    #[test]
    fn few_events_withhold_an_alert() {
        let night = month((10, 0), (10, 1), (10, 1));
        let with = |minimum| {
            read_one(AlertTier { minimum_events: minimum, ..tier("1h", "5m", "14.4") }, &night)
        };
        assert_eq!(with(None).state, AlertState::Firing);
        assert_eq!(with(Some(660)).state, AlertState::Firing);
        let withheld = with(Some(661));
        assert_eq!(withheld.state, AlertState::Withheld);
        assert_eq!(
            withheld.sentence(),
            "spent 14% of the 30d budget in the last 1h (burn rate 90.9, threshold 14.4), but it had \
             660 events, fewer than the 661 that this tier needs"
        );
    }

    #[test]
    fn too_little_of_what_a_tier_asks_for_withholds_it() {
        // One bad event in ten for an hour, 600 events; the days before had 40 a minute.
        let night = month((40, 0), (10, 1), (10, 1));
        let state = |tier: AlertTier| {
            let reading = read_one(tier, &night);
            (reading.state, reading.sentence().split_once(", but ").map(|(_, why)| why.to_owned()))
        };
        let plain = tier("1h", "5m", "14.4");
        let with = |fewest| AlertTier { minimum_bad_events: Some(fewest), ..plain.clone() };
        assert_eq!(state(with(60)), (AlertState::Firing, None));
        let (withheld, why) = state(with(61));
        assert_eq!(withheld, AlertState::Withheld);
        assert_eq!(
            why.as_deref(),
            Some("60 of its events were bad, fewer than the 61 that this tier needs")
        );
        // Wilson's lower limit of 60 in 660 is 7.4 % at 95 %: above 14.4 · 0.1 %.
        let sure =
            |level: &str| AlertTier { confidence: Some(level.parse().unwrap()), ..plain.clone() };
        assert_eq!(state(sure("95%")), (AlertState::Firing, None));
        let few = month((40, 0), (0, 0), (1, 1));
        let reading = read_one(sure("99.9%"), &few);
        assert_eq!(reading.state, AlertState::Firing, "five of ten");
        // One of 41 is 2.4 %; that more than 1.44 % fail is not sure.
        let mut lone = month((40, 0), (0, 0), (0, 0)).counts();
        if let Some(last) = lone.last_mut() {
            *last = Some(EventCount { good: 40.0, total: 41.0 });
        }
        let lone = EventSeries::new(instant(START), MINUTE, lone);
        assert_eq!(read_one(plain.clone(), &lone).state, AlertState::Firing);
        let reading = read_one(sure("95%"), &lone);
        assert_eq!(reading.state, AlertState::Withheld);
        assert!(
            reading.sentence().ends_with("may be chance: 95% sure is only that 0.55% fail"),
            "{}",
            reading.sentence()
        );
        // 60 of the 1,728 bad events that the budget of 30 days allows are 3.5 %, more than the 2 % that
        // 14.4 spends in an hour; at ten times the traffic before, they are less.
        let weighted = AlertTier { event_weighted: true, ..plain.clone() };
        assert_eq!(state(weighted.clone()), (AlertState::Firing, None));
        let busy = month((400, 0), (10, 1), (10, 1));
        let reading = read_one(weighted, &busy);
        assert_eq!(reading.state, AlertState::Withheld);
        assert!(
            reading.sentence().contains("less than the 2% that this tier needs"),
            "{}",
            reading.sentence()
        );
    }

    #[test]
    fn a_tier_that_can_never_fire_says_what_it_would_take() {
        let policy = AlertPolicy { tiers: vec![tier("1h", "5m", "14.4")] };
        let outage = month((10, 0), (0, 10), (0, 10));
        let reading = &read(&policy, objective("90%", "30d"), &outage, outage.end())[0];
        assert_eq!(reading.state, AlertState::Unreachable);
        assert_eq!(
            reading.sentence(),
            "cannot fire at a target of 90%: a total outage burns at 10, the threshold is 14.4; it \
             takes a factor below 10 or a target above 93.0556%"
        );
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        let late = series(MINUTE, [(9, 1); 60]);
        let policy = AlertPolicy { tiers: vec![tier("1h", "5m", "14.4")] };
        let now = late.end() + chrono::TimeDelta::minutes(10);
        let reading = &read(&policy, objective("99.9%", "30d"), &late, now)[0];
        let reason = NoBurnRate::NotMeasured;
        assert_eq!(
            reading.state,
            AlertState::Unknown { window: Duration::from_minutes(5), reason }
        );
        assert_eq!(reading.sentence(), "nothing was measured in the last 5m");
        let hourly = read_one(tier("1h", "5m", "14.4"), &series(Duration::from_hours(1), [(9, 1)]));
        assert_eq!(hourly.sentence(), "the last 5m are shorter than one step of the measurements");
    }

    #[test]
    fn a_history_shorter_than_the_window_is_named() {
        let short = series(MINUTE, [(9700, 300); 30]);
        check(
            &short,
            AlertState::Firing,
            "spent 2.1% of the 30d budget in the last 1h (burn rate 30, threshold 14.4); the budget \
             of the measured 0.069% of 30d is overspent; 50% of the last 1h is measured",
        );
    }

    /// `bad / total > F · (1 − T)` with the counts added up one by one, in products of whole numbers.
    fn is_above(
        series: &EventSeries,
        from: Instant,
        now: Instant,
        tier: &AlertTier,
        target: Ratio,
    ) -> bool {
        let (mut bad, mut total) = (0, 0);
        let mut begin = series.start();
        for count in series.counts() {
            if let Some(count) = count.filter(|_| begin >= from && begin < now) {
                bad += count.bad() as u128;
                total += count.total as u128;
            }
            begin += series.step().to_chrono();
        }
        let tenths = (tier.factor.as_f64() * 10.0).round() as u128;
        let (parts, budget) = (u128::from(Ratio::PARTS), u128::from(target.complement().parts()));
        bad * 10 * parts > tenths * budget * total
    }

    proptest! {
        #[test]
        fn firing_agrees_with_whole_number_arithmetic(
            series in series_strategy(),
            (long, short, tenths) in (40u64..1500, 40u64..200, 1u32..300),
            parts in prop_oneof![Just(990_000_000u32), Just(999_000_000), 0..Ratio::PARTS],
        ) {
            let tier = AlertTier {
                long: Duration::from_minutes(long),
                short: Duration::from_minutes(short),
                factor: format!("{}.{}", tenths / 10, tenths % 10).parse().unwrap(),
                ..tier("1h", "5m", "1")
            };
            let target = Ratio::from_parts(parts).unwrap();
            let objective = Objective::new(target, Duration::from_days(30)).unwrap();
            let now = series.end();
            let policy = AlertPolicy { tiers: vec![tier] };
            let reading = &read(&policy, objective, &series, now)[0];
            let tier = &policy.tiers[0];
            let [long, short] = [tier.long, tier.short]
                .map(|window| is_above(&series, now - window.to_chrono(), now, tier, target));
            match reading.state {
                AlertState::Firing => prop_assert!(long && short),
                AlertState::Recovering => prop_assert!(long && !short),
                AlertState::Rising => prop_assert!(!long && short),
                AlertState::Quiet => prop_assert!(!long && !short),
                AlertState::Unreachable => prop_assert!(!long && !tier.can_fire(target)),
                AlertState::Unknown { .. } => {
                    prop_assert!(reading.long.rate.is_err() || reading.short.rate.is_err());
                }
                AlertState::Withheld | AlertState::Pending => {
                    prop_assert!(false, "nothing holds it back");
                }
            }
            prop_assert!(!reading.sentence().contains("NaN"));
        }

        /// Failures in the short window, which lies in the long one, can only bring a tier to fire.
        #[test]
        fn more_failures_never_silence_a_tier(hour in 0u32..200, last in 0u32..200, more in 0u32..50) {
            let state = |last: u32| {
                let series = series(
                    MINUTE,
                    [(55, hour), (5, last)].into_iter().flat_map(|(n, bad)| {
                        std::iter::repeat_n((1000 - bad, bad), n)
                    }),
                );
                read_one(tier("1h", "5m", "14.4"), &series).state
            };
            if state(last) == AlertState::Firing {
                prop_assert_eq!(state(last + more), AlertState::Firing);
            }
        }

        /// At a steady burn rate and even traffic, the share counted in events is the workbook's.
        #[test]
        fn the_budget_share_is_the_workbooks_at_even_traffic(bad in 15u32..1000) {
            let steady = month((1000 - bad, bad), (1000 - bad, bad), (1000 - bad, bad));
            let reading = read_one(tier("1h", "5m", "14.4"), &steady);
            let even = reading.long.budget_share_at_even_traffic(reading.objective).unwrap();
            prop_assert!((reading.budget_share.unwrap() / even - 1.0).abs() < 1e-12);
            prop_assert_eq!(reading.long.rate, Ok(BurnRate(f64::from(bad))));
        }
    }
}
