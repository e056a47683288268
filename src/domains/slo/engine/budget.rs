//! How much of an error budget is allowed, spent and left.
use super::exact;
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventCount, EventSeries, WindowCount},
        units::{BurnRate, Duration, Instant, Ratio},
    },
};

/// What the amounts of a budget count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetUnit {
    /// Events, of those that were measured.
    Events,
    /// Minutes of a total outage at even traffic.
    Minutes,
    /// Shares of all events, where only a ratio is known.
    Ratio,
}

/// Allowed, spent and what is left, in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amounts {
    /// What the three count.
    pub unit: BudgetUnit,
    /// What may be bad.
    pub allowed: f64,
    /// What was bad.
    pub spent: f64,
    /// `allowed − spent`; negative where the objective is missed.
    pub remaining: f64,
}

/// An error budget and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// The objective whose budget it is.
    pub objective: Objective,
    /// Share of good events; `None` without events, for silence is not perfection.
    pub sli: Option<f64>,
    /// The budget in events, or as a ratio where nothing else is known.
    pub amounts: Amounts,
    /// Share of the budget that is left, `1 − spent / allowed`; negative where the objective is
    /// missed, `None` without events.
    pub remaining_ratio: Option<f64>,
    /// `(1 − sli) / (1 − T)`; `None` without events.
    pub burn_rate: Option<BurnRate>,
    /// Whether more was spent than allowed, that is, the objective is missed. Spent to the last event
    /// is not overspent. Decided without rounding.
    pub overspent: bool,
}

/// The budget of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowBudget {
    /// Start of the window.
    pub from: Instant,
    /// End of the window, not in it.
    pub to: Instant,
    /// What was counted. With a [`WindowCount::coverage`] below 1, everything here is about the
    /// measured part, the allowed events as well.
    pub count: WindowCount,
    /// The budget of the events counted.
    pub budget: Budget,
}

/// The budget of the window that ends at `now`, by occurrences.
pub fn at(objective: Objective, series: &EventSeries, now: Instant) -> WindowBudget {
    between(objective, series, back(now, objective.window()), now)
}

/// The budget of `[from, to)`, by occurrences: what the target allows of the events in it.
pub fn between(
    objective: Objective,
    series: &EventSeries,
    from: Instant,
    to: Instant,
) -> WindowBudget {
    let count = series.window(from, to);
    WindowBudget { from, to, count, budget: from_events(objective, count.events) }
}

/// The budget of those events: `(1 − T) · total` may be bad, `total − good` were.
///
/// Source: The Site Reliability Workbook, "Implementing SLOs" (error budget) and "Alerting on SLOs".
pub fn from_events(objective: Objective, events: EventCount) -> Budget {
    let Some((bad, total)) = exact::bad_of_total(events) else {
        return without_events(objective);
    };
    let billion = f64::from(Ratio::PARTS);
    let (bad_parts, allowed_parts, remaining_parts) = in_billionths(bad, total, objective);
    Budget {
        objective,
        sli: Some((total - bad) / total),
        amounts: Amounts {
            unit: BudgetUnit::Events,
            allowed: allowed_parts / billion,
            spent: bad,
            remaining: remaining_parts / billion,
        },
        remaining_ratio: Some(remaining_parts / allowed_parts),
        burn_rate: Some(BurnRate(bad_parts / allowed_parts)),
        overspent: exact::overspent(events, objective.target()),
    }
}

/// Bad, allowed and remaining events, in billionths of an event: so counted, every amount is whole if
/// the counts are, and each figure is rounded once.
fn in_billionths(bad: f64, total: f64, objective: Objective) -> (f64, f64, f64) {
    let budget = objective.error_budget().parts();
    if let (Some(bad), Some(total)) = (exact::whole(bad), exact::whole(total)) {
        let (bad, allowed) = (bad * u128::from(Ratio::PARTS), total * u128::from(budget));
        return (bad as f64, allowed as f64, exact::difference(allowed, bad));
    }
    let (bad, allowed) = (bad * f64::from(Ratio::PARTS), total * f64::from(budget));
    (bad, allowed, allowed - bad)
}

/// The budget at a known ratio of good events, without knowing how many there were.
///
/// Unit of the amounts: shares of all events; [`Budget::minutes`] says what that is in time.
pub fn from_actual(objective: Objective, actual: Ratio) -> Budget {
    let (allowed, spent) = (objective.error_budget(), actual.complement());
    let remaining = f64::from(allowed.parts()) - f64::from(spent.parts());
    Budget {
        objective,
        sli: Some(actual.as_f64()),
        amounts: Amounts {
            unit: BudgetUnit::Ratio,
            allowed: allowed.as_f64(),
            spent: spent.as_f64(),
            remaining: remaining / f64::from(Ratio::PARTS),
        },
        remaining_ratio: Some(remaining / f64::from(allowed.parts())),
        burn_rate: Some(BurnRate(f64::from(spent.parts()) / f64::from(allowed.parts()))),
        overspent: actual < objective.target(),
    }
}

/// Nothing happened: nothing was allowed, nothing spent, and no ratio exists.
fn without_events(objective: Objective) -> Budget {
    let amounts = Amounts { unit: BudgetUnit::Events, allowed: 0.0, spent: 0.0, remaining: 0.0 };
    Budget {
        objective,
        sli: None,
        amounts,
        remaining_ratio: None,
        burn_rate: None,
        overspent: false,
    }
}

impl Budget {
    /// The budget in minutes of a total outage at even traffic: `P · (1 − T)` allowed, and of it the
    /// share that was spent. `None` without events.
    pub fn minutes(&self) -> Option<Amounts> {
        let allowed = self.objective.allowed_minutes();
        Some(Amounts {
            unit: BudgetUnit::Minutes,
            allowed,
            spent: allowed * self.burn_rate?.0,
            remaining: allowed * self.remaining_ratio?,
        })
    }
}

/// `now − length`, or the first of all instants.
pub fn back(now: Instant, length: Duration) -> Instant {
    now.checked_sub_signed(length.to_chrono()).unwrap_or(Instant::MIN_UTC)
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "whole counts below 2^53 give exact figures, and that is tested"
)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{START, instant, objective, series_strategy};
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_requests_with_three_failures() {
        let events = EventCount { good: 9997.0, total: 10_000.0 };
        let budget = from_events(objective("99.9%", "30d"), events);
        assert_eq!(budget.sli, Some(0.9997));
        assert_eq!(
            budget.amounts,
            Amounts { unit: BudgetUnit::Events, allowed: 10.0, spent: 3.0, remaining: 7.0 }
        );
        assert_eq!(budget.remaining_ratio, Some(0.7));
        assert_eq!(budget.burn_rate, Some(BurnRate(0.3)));
        assert!(!budget.overspent);
        let minutes = budget.minutes().unwrap();
        assert_eq!((minutes.allowed, minutes.remaining), (43.2, 0.7 * 43.2));
    }

    #[test]
    fn spent_to_the_last_event_is_not_overspent() {
        let at = |good| from_events(objective("99.9%", "30d"), EventCount { good, total: 3000.0 });
        let (exact, over) = (at(2997.0), at(2996.0));
        assert_eq!((exact.remaining_ratio, exact.overspent), (Some(0.0), false));
        assert_eq!((over.amounts.remaining, over.overspent), (-1.0, true));
    }

    #[test]
    fn no_events_are_not_a_hundred_percent() {
        let budget = from_events(objective("99.9%", "30d"), EventCount::default());
        assert_eq!((budget.sli, budget.remaining_ratio, budget.burn_rate), (None, None, None));
        assert_eq!((budget.amounts.allowed, budget.overspent), (0.0, false));
        assert_eq!(budget.minutes(), None);
    }

    #[test]
    fn a_bare_ratio_is_exact() {
        let budget = from_actual(objective("99%", "30d"), "0.998".parse().unwrap());
        assert_eq!(
            budget.amounts,
            Amounts { unit: BudgetUnit::Ratio, allowed: 0.01, spent: 0.002, remaining: 0.008 }
        );
        assert_eq!(budget.remaining_ratio, Some(0.8));
        assert_eq!(budget.burn_rate, Some(BurnRate(0.2)));
        assert_eq!(budget.minutes().unwrap().allowed, 432.0);
        let missed = from_actual(objective("99.9%", "30d"), "0.998".parse().unwrap());
        assert_eq!((missed.remaining_ratio, missed.overspent), (Some(-1.0), true));
        let met = from_actual(objective("99.8%", "30d"), "0.998".parse().unwrap());
        assert_eq!((met.remaining_ratio, met.overspent), (Some(0.0), false));
    }

    #[test]
    fn counts_that_are_not_whole_are_not_overspent_by_noise() {
        // 0.1 added ten times is 0.9999999999999999 or so, and a thousandth of a thousand is 1.
        let bad: f64 = std::iter::repeat_n(0.1, 10).sum();
        let total = 1000.0 - 1e-10;
        let budget =
            from_events(objective("99.9%", "30d"), EventCount { good: total - bad, total });
        assert!(!budget.overspent);
    }

    #[test]
    fn coverage_is_reported_and_the_answer_is_about_what_was_measured() {
        let good = Some(EventCount { good: 999.0, total: 1000.0 });
        let series =
            EventSeries::new(instant(START), Duration::from_hours(1), vec![None, good, good, None]);
        let found = at(objective("99%", "8h"), &series, series.end());
        assert_eq!((found.count.measured, found.count.steps), (2, 8));
        assert_eq!(found.budget.amounts.allowed, 20.0);
        assert_eq!(found.budget.remaining_ratio, Some(0.9));
        assert_eq!(found.from, instant("2026-02-28T20:00:00Z"));
    }

    proptest! {
        #[test]
        fn a_burn_rate_of_one_held_for_a_window_spends_exactly_the_budget(
            parts in 0..Ratio::PARTS, scale in 1u32..1000, hours in 1u64..1000,
        ) {
            let target = Ratio::from_parts(parts).unwrap();
            let objective = Objective::new(target, Duration::from_hours(hours)).unwrap();
            let total = f64::from(Ratio::PARTS) * f64::from(scale);
            let bad = f64::from(target.complement().parts()) * f64::from(scale);
            let one = Some(EventCount { good: total - bad, total });
            let mut counts: Vec<_> = (0..hours).map(|_| one).collect();
            let step = Duration::from_hours(1);
            let held = EventSeries::new(instant(START), step, counts.clone());
            let found = at(objective, &held, held.end()).budget;
            prop_assert_eq!(found.burn_rate, Some(BurnRate(1.0)));
            prop_assert_eq!(found.remaining_ratio, Some(0.0));
            prop_assert!(!found.overspent);
            if parts > 0 {
                counts[0] = Some(EventCount { good: total - bad - 1.0, total });
                let missed = EventSeries::new(instant(START), step, counts);
                prop_assert!(at(objective, &missed, missed.end()).budget.overspent);
            }
        }

        #[test]
        fn budgets_of_two_halves_add_up(series in series_strategy(), cut in 0u64..3600) {
            let objective = objective("99.5%", "30d");
            let (from, to) = (series.start(), series.end());
            let middle = (from + Duration::from_minutes(cut).to_chrono()).min(to);
            let [whole, first, second] = [(from, to), (from, middle), (middle, to)]
                .map(|(from, to)| between(objective, &series, from, to));
            let add = |part: fn(&WindowBudget) -> f64| part(&first) + part(&second) - part(&whole);
            prop_assert_eq!(first.count.measured + second.count.measured, whole.count.measured);
            prop_assert_eq!(add(|b| b.count.events.good), 0.0);
            prop_assert_eq!(add(|b| b.budget.amounts.spent), 0.0);
            prop_assert!(add(|b| b.budget.amounts.allowed).abs() < 1e-9);
            prop_assert!(add(|b| b.budget.amounts.remaining).abs() < 1e-9);
        }

        /// Five steps of a minute counted as one of five minutes change nothing but the resolution.
        #[test]
        fn coarser_steps_give_the_same_budget(
            counts in prop::collection::vec((0u32..100, 0u32..100), 1..40),
        ) {
            let fine: Vec<_> = counts
                .iter()
                .flat_map(|(good, bad)| (0..5).map(move |at| (good + at, bad * at)))
                .map(|(good, bad)| EventCount { good: good.into(), total: (good + bad).into() })
                .collect();
            let coarse = fine.chunks(5).map(|chunk| {
                let mut sum = EventCount::default();
                for count in chunk {
                    sum += *count;
                }
                Some(sum)
            });
            let (minute, five) = (Duration::from_minutes(1), Duration::from_minutes(5));
            let coarse = EventSeries::new(instant(START), five, coarse.collect());
            let fine = EventSeries::new(instant(START), minute, fine.into_iter().map(Some).collect());
            let objective = objective("99%", "1h");
            let [fine, coarse] = [fine, coarse].map(|series| at(objective, &series, series.end()));
            prop_assert_eq!(fine.budget, coarse.budget);
            prop_assert_eq!(fine.count.coverage(), coarse.count.coverage());
        }

        #[test]
        fn one_more_failure_never_helps(good in 1u32..1_000_000, bad in 0u32..10_000) {
            let total = f64::from(good) + f64::from(bad);
            let budget = |bad: u32| {
                let events = EventCount { good: total - f64::from(bad), total };
                from_events(objective("99.9%", "30d"), events)
            };
            let (fewer, more) = (budget(bad), budget(bad + 1));
            prop_assert!(more.amounts.remaining < fewer.amounts.remaining);
            prop_assert!(more.remaining_ratio < fewer.remaining_ratio);
            prop_assert!(more.burn_rate > fewer.burn_rate);
            prop_assert!(more.overspent || !fewer.overspent);
            prop_assert_eq!(fewer.overspent, f64::from(bad) * 1000.0 > total);
        }
    }
}
