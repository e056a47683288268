//! Which guard a tier needs, by the traffic that was measured.
//!
//! With few events a single failure is a high error ratio: at 12 events an hour, one in 12 is 83 times the
//! budget of 99.9 %. A tier gets no guard where chance alone hardly ever sets it off: where a service that
//! meets its objective exactly, with the traffic that was measured, would raise no more than
//! [`ACCEPTABLE`] alerts in 30 days ([`false_pages`]). Else it gets, of the guards that bring it below
//! that, the one with which a total outage is told of after the fewest bad events at mean traffic: what it
//! costs is how late the tier is, and nothing else.
use super::{
    engine::{
        alert::held_back,
        backtest::{Options, expectation::false_pages},
    },
    model::{AlertPolicy, AlertTier, Budgeting, Objective, Severity},
};
use crate::kernel::{
    report::{significant, words},
    series::{EventCount, EventSeries},
    units::{Ratio, compare_fractions},
};
use std::cmp::Ordering;

/// How many alerts in 30 days a tier may raise by chance: one in ten months. Ours: the workbook asks for
/// high precision and gives no number.
pub const ACCEPTABLE: f64 = 0.1;

/// Levels of confidence that are tried.
const LEVELS: [u32; 3] = [950_000_000, 990_000_000, 999_000_000];

/// Numbers of bad events that are tried.
const FEWEST_BAD: [u64; 6] = [2, 3, 5, 10, 20, 50];

/// A tier, the guard that was chosen for it, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The tier, with the guard.
    pub tier: AlertTier,
    /// What was chosen.
    pub guard: Guard,
    /// Why: a sentence.
    pub reason: String,
    /// Events in the long window on average; `None` where nothing was measured.
    pub mean_events: Option<f64>,
    /// Alerts that chance alone makes likely in 30 days without a guard; `None` where that is not known.
    pub by_chance: Option<f64>,
    /// The same with the guard.
    pub by_chance_guarded: Option<f64>,
}

/// What was chosen for a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The objective's policy says one already.
    Own,
    /// None is needed.
    NotNeeded,
    /// None would do, or nothing is known of the traffic.
    NoneFound,
    /// A lower limit of the error ratio at this level.
    Confidence(Ratio),
    /// So many bad events.
    MinimumBadEvents(u64),
    /// As large a share of the budget as the factor spends at even traffic.
    EventWeighted,
}

impl Guard {
    /// The guard as documents write it; `none` where there is none.
    pub fn text(self) -> String {
        match self {
            Self::Own => "as the policy says".to_owned(),
            Self::NotNeeded | Self::NoneFound => "none".to_owned(),
            Self::Confidence(level) => format!("confidence: {}", level.percent()),
            Self::MinimumBadEvents(fewest) => format!("minimum_bad_events: {fewest}"),
            Self::EventWeighted => "event_weighted: true".to_owned(),
        }
    }

    /// The tier with this guard.
    fn on(self, tier: &AlertTier) -> AlertTier {
        let mut tier = tier.clone();
        match self {
            Self::Own | Self::NotNeeded | Self::NoneFound => {}
            Self::Confidence(level) => tier.confidence = Some(level),
            Self::MinimumBadEvents(fewest) => tier.minimum_bad_events = Some(fewest),
            Self::EventWeighted => tier.event_weighted = true,
        }
        tier
    }
}

/// Chooses a guard for a tier by what was measured of the objective.
pub fn choose(
    tier: &AlertTier,
    objective: Objective,
    budgeting: Budgeting,
    series: &EventSeries,
) -> Choice {
    let mean_events = mean(tier, series);
    let chosen = |guard: Guard, reason: String, by_chance, by_chance_guarded| Choice {
        tier: guard.on(tier),
        guard,
        reason,
        mean_events,
        by_chance,
        by_chance_guarded,
    };
    if tier.is_guarded() {
        return chosen(Guard::Own, "its policy has a guard".to_owned(), None, None);
    }
    if budgeting.slice().is_some() {
        let reason = "slices of time are counted, which are as many at any traffic".to_owned();
        return chosen(Guard::NotNeeded, reason, None, None);
    }
    let Some((mean, by_chance)) = mean_events.zip(by_chance(tier, objective, series)) else {
        let reason = format!("not enough was measured to judge windows of {}", tier.long);
        return chosen(Guard::NoneFound, reason, None, None);
    };
    let digits = usize::from(mean < 10.0);
    let events = format!("{} events in {} on average", words::number(mean, digits), tier.long);
    let alone =
        format!("{events}: chance alone would raise {} alerts in 30 days", about(by_chance));
    if by_chance <= ACCEPTABLE {
        return chosen(Guard::NotNeeded, alone, Some(by_chance), None);
    }
    for (guard, fewest) in candidates(tier, objective, mean) {
        let Some(guarded) = self::by_chance(&guard.on(tier), objective, series) else { continue };
        if guarded <= ACCEPTABLE {
            let reason = format!(
                "{alone}, with this guard {}; a total outage is told of after {fewest} bad events",
                about(guarded)
            );
            return chosen(guard, reason, Some(by_chance), Some(guarded));
        }
    }
    let reason = format!(
        "{alone}, and no guard brings that below {ACCEPTABLE} without being silent in a total outage: probe \
         the service, or alert on longer windows"
    );
    chosen(Guard::NoneFound, reason, Some(by_chance), None)
}

/// A number of alerts; a bound where it is tiny.
fn about(alerts: f64) -> String {
    if alerts < 0.01 { "less than 0.01".to_owned() } else { significant_text(alerts) }
}

fn significant_text(value: f64) -> String {
    let digits = if value < 1.0 { 2 } else { 1 };
    significant((value * 10_f64.powi(digits)).round() / 10_f64.powi(digits)).to_string()
}

/// Events in the long window, on average over the measured time.
fn mean(tier: &AlertTier, series: &EventSeries) -> Option<f64> {
    let counts = series.counts();
    let measured = counts.iter().flatten().count();
    let total: f64 = counts.iter().flatten().map(|count| count.total).sum();
    (measured > 0).then(|| total / measured as f64 * tier.long.ratio(series.step()))
}

/// Alerts that chance alone makes likely in 30 days.
fn by_chance(tier: &AlertTier, objective: Objective, series: &EventSeries) -> Option<f64> {
    let tiers = vec![AlertTier { severity: Severity::Page, ..tier.clone() }];
    let pages = false_pages(objective, &AlertPolicy { tiers }, series, &Options::default())?;
    Some(pages.per_month)
}

/// The guards with which the tier tells of a total outage, and after how many bad events; the quickest
/// first.
fn candidates(tier: &AlertTier, objective: Objective, mean: f64) -> Vec<(Guard, u64)> {
    let levels = LEVELS.into_iter().filter_map(Ratio::from_parts).map(Guard::Confidence);
    let numbers = FEWEST_BAD.into_iter().map(Guard::MinimumBadEvents);
    let guards = levels.chain(numbers).chain([Guard::EventWeighted]);
    let mut found: Vec<(Guard, u64)> = guards
        .filter_map(|guard| Some((guard, fewest_bad(&guard.on(tier), objective, mean)?)))
        .collect();
    found.sort_by_key(|(_, fewest)| *fewest);
    found
}

/// The fewest bad events, among the events of a long window at mean traffic, that fire the tier; `None`
/// where not even all of them do.
fn fewest_bad(tier: &AlertTier, objective: Objective, mean: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of events"
    )]
    let total = mean.round() as u64;
    let whole_window = mean * objective.window().ratio(tier.long);
    let allowed = whole_window * objective.error_budget().as_f64();
    let fires = |bad: u64| {
        let events = EventCount { good: (total - bad) as f64, total: total as f64 };
        let ratio = (u128::from(bad), u128::from(total.max(1)));
        let above = tier.factor.error_ratio(objective.target());
        compare_fractions(above, ratio) == Ordering::Less
            && held_back(tier, objective, events, Some(bad as f64 / allowed)).is_none()
    };
    if total == 0 || !fires(total) {
        return None;
    }
    let (mut silent, mut enough) = (0, total);
    while enough - silent > 1 {
        let middle = silent + (enough - silent) / 2;
        if fires(middle) { enough = middle } else { silent = middle }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::units::{Duration, Instant};
    use chrono::DateTime;

    const START: Instant = DateTime::UNIX_EPOCH;

    fn month() -> Objective {
        Objective::new("99.9%".parse().unwrap(), Duration::from_days(30)).unwrap()
    }

    /// 20 days of minutes with so many requests an hour.
    fn traffic(per_hour: usize) -> EventSeries {
        let counts = (0..20 * 1440).map(|minute| {
            let total = ((minute + 1) * per_hour / 60 - minute * per_hour / 60) as f64;
            Some(EventCount { good: total, total })
        });
        EventSeries::new(START, Duration::from_minutes(1), counts.collect())
    }

    fn page() -> AlertTier {
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        policy.tiers.into_iter().next().unwrap()
    }

    fn chosen(per_hour: usize) -> Choice {
        choose(&page(), month(), Budgeting::Occurrences, &traffic(per_hour))
    }

    #[test]
    fn much_traffic_needs_no_guard() {
        let choice = chosen(6000);
        assert_eq!(choice.guard, Guard::NotNeeded);
        assert_eq!(choice.tier, page());
        assert!(choice.by_chance.unwrap() <= ACCEPTABLE);
        assert_eq!(
            choice.reason,
            "6,000 events in 1h on average: chance alone would raise less than 0.01 alerts in 30 days"
        );
    }

    #[test]
    fn little_traffic_gets_the_guard_that_costs_least() {
        // Without a guard, one failure in 60 is 17 times the budget.
        let choice = chosen(60);
        assert!(choice.by_chance.unwrap() > 10.0, "{choice:?}");
        assert!(choice.by_chance_guarded.unwrap() <= ACCEPTABLE, "{choice:?}");
        assert!(choice.tier.is_guarded());
        let fewest = fewest_bad(&choice.tier, month(), 60.0).unwrap();
        for (guard, other) in candidates(&page(), month(), 60.0) {
            let pages = by_chance(&guard.on(&page()), month(), &traffic(60));
            assert!(other >= fewest || pages.unwrap() > ACCEPTABLE, "{guard:?} is quicker");
        }
        assert!(
            choice.reason.ends_with(&format!("after {fewest} bad events")),
            "{}",
            choice.reason
        );
    }

    #[test]
    fn a_guard_that_exists_is_kept_and_what_is_not_known_is_said() {
        let own = AlertTier { minimum_events: Some(9), ..page() };
        let of = |tier: &AlertTier, budgeting, series: &EventSeries| {
            choose(tier, month(), budgeting, series).guard
        };
        assert_eq!(of(&own, Budgeting::Occurrences, &traffic(1)), Guard::Own);
        let none = EventSeries::new(START, Duration::from_minutes(1), vec![None; 600]);
        assert_eq!(of(&page(), Budgeting::Occurrences, &none), Guard::NoneFound);
        let slices = Budgeting::RatioTimeslices {
            slice: Duration::from_minutes(5),
            no_traffic: crate::domains::slo::model::NoTraffic::Ignore,
        };
        assert_eq!(of(&page(), slices, &traffic(1)), Guard::NotNeeded);
    }

    #[test]
    fn few_bad_events_are_counted_as_the_engine_counts_them() {
        let with = |fewest| AlertTier { minimum_bad_events: Some(fewest), ..page() };
        // 14.4 · 0.1 % of 1,000 are 14.4.
        assert_eq!(fewest_bad(&page(), month(), 1000.0), Some(15));
        assert_eq!(fewest_bad(&with(20), month(), 1000.0), Some(20));
        assert_eq!(fewest_bad(&with(20), month(), 10.0), None, "silent in a total outage");
    }
}
