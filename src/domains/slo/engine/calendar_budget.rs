//! The budget of a running week, month, quarter or year.
//!
//! # What is allowed
//! A rolling window ends now, and what it allows is a share of what it counted. A period that runs is not
//! over: on the second of a month, a share of two days of events is no measure of what the month may
//! lose. So the events of the whole period are estimated,
//!
//! ```text
//! expected = counted so far + expected to come
//! allowed  = (1 − T) · expected
//! ```
//!
//! and from the end of the period on, `expected` is what was counted, and nothing is estimated. Time of
//! the past that was not measured counts for nothing, here as everywhere.
//!
//! # What is to come
//! The mean traffic per measured time of the four weeks before now. Where at least two weeks of them were
//! measured, in steps of at most an hour, it is the mean of the same hour of the week (in UTC), so that a
//! Sunday is expected to be a Sunday; an hour that was never measured has the mean of all. Clock changes
//! move the hours of a day by one, which the sum over days does not notice.
use super::{
    budget::{self, Amounts, Budget, BudgetUnit, WindowBudget},
    exact,
    exhaustion::{self, Exhaustion, Forecast},
};
use crate::{
    domains::slo::model::{Budgeting, NoTraffic, Objective},
    kernel::{
        series::{EventCount, EventSeries},
        units::{BurnRate, Duration, Instant},
    },
};
use chrono::{DateTime, TimeDelta};

/// How far back traffic is looked at: four whole weeks have every hour of the week four times.
const HISTORY: Duration = Duration::from_days(28);

/// What must be measured of it for hours of the week to be told apart: each twice.
const SEASON_NEEDS: Duration = Duration::from_days(14);

/// Hours of a week.
const HOURS: usize = 168;

const HOUR: i64 = 3_600_000;

/// What the steps to come are expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToCome {
    /// What recent ones held.
    AsMeasured,
    /// One event each: for series of slices that all count. (Where slices without traffic do not count,
    /// how many will is an estimate like any other.)
    OneEach,
}

impl ToCome {
    /// What the steps of a budget that is counted so will hold.
    pub fn of(budgeting: Budgeting) -> Self {
        match budgeting {
            Budgeting::Timeslices { no_traffic, .. }
            | Budgeting::RatioTimeslices { no_traffic, .. }
                if no_traffic != NoTraffic::Ignore =>
            {
                Self::OneEach
            }
            _ => Self::AsMeasured,
        }
    }
}

/// What the events of the whole period are estimated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Nothing to estimate: the period has ended.
    Ended,
    /// Each step to come is one slice.
    Slices,
    /// The mean of the recent past, of which so much was measured.
    Mean {
        /// Measured time.
        measured: Duration,
    },
    /// The means of the hours of the week in the recent past, of which so much was measured.
    HoursOfWeek {
        /// Measured time.
        measured: Duration,
    },
    /// Nothing: the last four weeks were not measured, and what is to come counts for nothing.
    Unknown,
}

/// The budget of a period that may still run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalendarBudget {
    /// The period, what was counted of it so far, and its budget. In the budget, `allowed`, `remaining`,
    /// `remaining_ratio` and `overspent` are about the whole period; `sli` and `burn_rate` about the
    /// events so far.
    pub window: WindowBudget,
    /// Events of the whole period, counted and expected.
    pub expected_total: f64,
    /// What the expected ones rest on.
    pub basis: Basis,
    /// When more is spent than the period allows, if bad events go on to come as often as in the last
    /// six hours; [`Exhaustion::Never`] if that is not before the period ends, for then the next begins
    /// with a budget of its own.
    pub forecast: Forecast,
}

impl CalendarBudget {
    /// The events of the whole period, those to come taken to be good: the budget is a share of these.
    pub fn whole(&self) -> EventCount {
        let counted = self.window.count.events;
        if self.basis == Basis::Ended { counted } else { whole(counted, self.expected_total) }
    }

    /// The budget in minutes of a total outage at even traffic over the period's real length. `None`
    /// without events.
    pub fn minutes(&self) -> Option<Amounts> {
        let WindowBudget { from, to, budget, .. } = self.window;
        let length = (to - from).num_milliseconds() as f64 / 60_000.0;
        let allowed = length * budget.objective.error_budget().as_f64();
        let remaining = allowed * budget.remaining_ratio?;
        Some(Amounts { unit: BudgetUnit::Minutes, allowed, spent: allowed - remaining, remaining })
    }
}

/// The budget of the period `[from, to)` as it is at `now`.
///
/// The objective's window serves for choosing the recent rates that the forecast holds; for calendars it
/// is the nominal length of a period.
pub fn at(
    objective: Objective,
    series: &EventSeries,
    (from, to): (Instant, Instant),
    now: Instant,
    to_come: ToCome,
) -> CalendarBudget {
    if now >= to || to <= from {
        return ended(objective, series, from, to);
    }
    let count = series.window(from, now);
    let (rest, basis) = expected_rest(series, now.max(from), to, now, to_come);
    let expected_total = count.events.total + rest;
    let budget = of_expected(objective, count.events, expected_total);
    let window = WindowBudget { from, to, count, budget };
    let forecast = forecast(&window, series, now);
    CalendarBudget { window, expected_total, basis, forecast }
}

/// What a period was.
fn ended(objective: Objective, series: &EventSeries, from: Instant, to: Instant) -> CalendarBudget {
    let window = budget::between(objective, series, from, to);
    let exhaustion =
        if window.budget.overspent { Exhaustion::Overspent } else { Exhaustion::Never };
    CalendarBudget {
        window,
        expected_total: window.count.events.total,
        basis: Basis::Ended,
        forecast: Forecast { exhaustion, basis: None, coverage: window.count.coverage() },
    }
}

/// The budget of `expected` events, of which some have happened.
fn of_expected(objective: Objective, counted: EventCount, expected: f64) -> Budget {
    let so_far = budget::from_events(objective, counted);
    let (bad, _) = exact::bad_of_total(counted).unwrap_or_default();
    let budget = budget::from_events(objective, whole(counted, expected));
    // The sum and the difference above may have lost a digit of it.
    let amounts = Amounts { spent: bad, ..budget.amounts };
    Budget { sli: so_far.sli, burn_rate: so_far.burn_rate, amounts, ..budget }
}

/// `expected` events, of which those that are counted and bad are the bad ones.
fn whole(counted: EventCount, expected: f64) -> EventCount {
    let (bad, _) = exact::bad_of_total(counted).unwrap_or_default();
    EventCount { good: expected - bad, total: expected }
}

/// The events expected in `[from, to)`, and from what.
fn expected_rest(
    series: &EventSeries,
    from: Instant,
    to: Instant,
    now: Instant,
    to_come: ToCome,
) -> (f64, Basis) {
    if to_come == ToCome::OneEach {
        return (series.steps_in(from, to) as f64, Basis::Slices);
    }
    let length = (to - from).num_milliseconds() as f64;
    let Some(history) = History::of(series, now) else { return (0.0, Basis::Unknown) };
    let measured = history.measured;
    if measured < SEASON_NEEDS || series.step().milliseconds() > HOUR.unsigned_abs() {
        return (history.mean * length, Basis::Mean { measured });
    }
    (history.sum(from, to), Basis::HoursOfWeek { measured })
}

/// Recent traffic. Unit of the means: events per measured millisecond.
struct History {
    /// Time that was measured.
    measured: Duration,
    /// Of all of it.
    mean: f64,
    /// By the hour of the week, counted from a Thursday 00:00 UTC on as the epoch was.
    hours: [f64; HOURS],
}

impl History {
    /// The four weeks before `now`; `None` where nothing of them was measured.
    fn of(series: &EventSeries, now: Instant) -> Option<Self> {
        let begin = budget::back(now, HISTORY);
        let step = series.step().milliseconds();
        let all = series.window(begin, now);
        let time = |steps: u64| steps.saturating_mul(step);
        let mean = |total: f64, steps: u64| total / time(steps) as f64;
        if all.measured == 0 {
            return None;
        }
        let mut sums = [(0.0, 0u64); HOURS];
        let (first, last) = (hour_of(begin), hour_of(now));
        for hour in first..=last {
            let (from, to) = (begin_of(hour).max(begin), begin_of(hour + 1).min(now));
            let count = series.window(from, to);
            let sum = &mut sums[of_week(hour)];
            *sum = (sum.0 + count.events.total, sum.1 + count.measured);
        }
        let overall = mean(all.events.total, all.measured);
        let hours =
            sums.map(|(total, steps)| if steps == 0 { overall } else { mean(total, steps) });
        Some(Self {
            measured: Duration::from_milliseconds(time(all.measured)),
            mean: overall,
            hours,
        })
    }

    /// The events expected in `[from, to)`, hour by hour.
    fn sum(&self, from: Instant, to: Instant) -> f64 {
        let week = TimeDelta::weeks(1).num_milliseconds();
        let length = (to - from).num_milliseconds();
        let weeks = length.div_euclid(week);
        let whole: f64 = self.hours.iter().sum::<f64>() * HOUR as f64 * weeks as f64;
        let end = from + TimeDelta::milliseconds(length.rem_euclid(week));
        let rest = (hour_of(from)..=hour_of(end)).map(|hour| {
            let (from, to) = (begin_of(hour).max(from), begin_of(hour + 1).min(end));
            self.hours[of_week(hour)] * (to - from).num_milliseconds() as f64
        });
        whole + rest.sum::<f64>()
    }
}

/// The hour with that moment, counted from the epoch.
fn hour_of(at: Instant) -> i64 {
    at.timestamp_millis().div_euclid(HOUR)
}

fn begin_of(hour: i64) -> Instant {
    let begin = hour.checked_mul(HOUR).and_then(DateTime::from_timestamp_millis);
    begin.unwrap_or(if hour < 0 { Instant::MIN_UTC } else { Instant::MAX_UTC })
}

fn of_week(hour: i64) -> usize {
    const WEEK: i64 = 168;
    usize::try_from(hour.rem_euclid(WEEK)).unwrap_or(0)
}

/// When the period has spent more than it allows, at the present rate of bad events.
fn forecast(window: &WindowBudget, series: &EventSeries, now: Instant) -> Forecast {
    let budget = &window.budget;
    let basis = exhaustion::present(budget.objective, series, now);
    let exhaustion = match basis.rate {
        _ if budget.overspent => Exhaustion::Overspent,
        Err(reason) => Exhaustion::Unknown(reason),
        Ok(BurnRate(_)) => {
            let (bad, _) = exact::bad_of_total(basis.count.events).unwrap_or_default();
            let per_step = bad / basis.count.measured as f64;
            let begin = now.max(window.from);
            let steps = steps_until_above(budget.amounts.spent, per_step, budget.amounts.allowed);
            steps
                .and_then(|steps| {
                    i64::try_from(series.step().milliseconds().checked_mul(steps)?).ok()
                })
                .and_then(|length| begin.checked_add_signed(TimeDelta::try_milliseconds(length)?))
                .filter(|at| *at <= window.to)
                .map_or(Exhaustion::Never, Exhaustion::At)
        }
    };
    Forecast {
        exhaustion,
        basis: basis.rate.ok().map(|_| basis),
        coverage: window.count.coverage(),
    }
}

/// The first number of steps after which `spent + steps · per_step` is above `allowed`.
fn steps_until_above(spent: f64, per_step: f64, allowed: f64) -> Option<u64> {
    let steps = ((allowed - spent) / per_step).max(0.0).floor();
    if per_step <= 0.0 || steps > 1e15 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 0..=10^15"
    )]
    let near = steps as u64;
    // The division rounds; the comparison is that of every other decision.
    (near.max(2) - 1..=near + 2)
        .find(|steps| exact::is_above(spent + *steps as f64 * per_step, allowed))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole counts give exact figures, and that is tested")]
mod tests {
    use super::*;
    use crate::{
        domains::slo::{
            engine::{
                burn::NoBurnRate,
                slices::timeslices,
                testing::{START, instant, objective, series, series_strategy},
            },
            model::NoTraffic,
        },
        kernel::units::Ratio,
    };
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_days(1);

    fn day(number: i64) -> Instant {
        instant(START) + TimeDelta::days(number)
    }

    fn hourly(days: usize, of_hour: impl Fn(usize) -> (u32, u32)) -> EventSeries {
        series(Duration::from_hours(1), (0..days * 24).map(of_hour))
    }

    #[test]
    fn the_rest_of_a_period_is_expected_to_be_like_the_recent_past() {
        // Ten days of a thirty-day month, 100 events an hour, one of which is bad.
        let series = hourly(10, |_| (99, 1));
        let found =
            at(objective("98%", "30d"), &series, (day(0), day(30)), day(10), ToCome::AsMeasured);
        assert_eq!(found.basis, Basis::Mean { measured: Duration::from_days(10) });
        assert_eq!(found.expected_total, 72_000.0);
        let Amounts { allowed, spent, remaining, .. } = found.window.budget.amounts;
        assert_eq!((allowed, spent, remaining), (1440.0, 240.0, 1200.0));
        assert_eq!(found.window.budget.sli, Some(0.99));
        assert_eq!(found.window.budget.burn_rate, Some(BurnRate(0.5)));
        assert_eq!(found.window.budget.remaining_ratio, Some(1200.0 / 1440.0));
        assert_eq!(found.forecast.exhaustion, Exhaustion::Never);
        let minutes = found.minutes().unwrap();
        assert_eq!((minutes.allowed, minutes.spent), (864.0, 864.0 - 864.0 * (1200.0 / 1440.0)));
        // With 99% it is used up exactly at the end, which is not overspent. Five times the errors and
        // 98%: 1200 + 5 k is above 1440 from the 49th hour on.
        let exact =
            at(objective("99%", "30d"), &series, (day(0), day(30)), day(10), ToCome::AsMeasured);
        assert_eq!(exact.forecast.exhaustion, Exhaustion::Never);
        let five = hourly(10, |_| (95, 5));
        let found =
            at(objective("98%", "30d"), &five, (day(0), day(30)), day(10), ToCome::AsMeasured);
        let expected = instant("2026-03-13T01:00:00Z");
        assert_eq!(found.forecast.exhaustion, Exhaustion::At(expected));
        assert_eq!(found.forecast.basis.unwrap().window.to_string(), "6h");
        let twenty = hourly(10, |_| (80, 20));
        let found =
            at(objective("98%", "30d"), &twenty, (day(0), day(30)), day(10), ToCome::AsMeasured);
        assert_eq!(found.forecast.exhaustion, Exhaustion::Overspent);
        assert!(found.window.budget.overspent);
    }

    #[test]
    fn a_period_that_has_not_begun_has_its_whole_budget() {
        let series = hourly(10, |_| (99, 1));
        let objective = objective("98%", "30d");
        let found = at(objective, &series, (day(20), day(50)), day(10), ToCome::AsMeasured);
        assert_eq!(found.expected_total, 72_000.0);
        assert_eq!(found.window.budget.remaining_ratio, Some(1.0));
        assert_eq!((found.window.budget.sli, found.window.count.steps), (None, 0));
        // At five times the rate it is empty 1440 / 5 hours after it began.
        let five = hourly(10, |_| (95, 5));
        let found = at(objective, &five, (day(20), day(50)), day(10), ToCome::AsMeasured);
        assert_eq!(found.forecast.exhaustion, Exhaustion::At(day(32) + TimeDelta::hours(1)));
    }

    #[test]
    fn hours_of_the_week_are_told_apart_once_two_weeks_are_known() {
        // A hundred events in an hour of a working day, ten at weekends; 1 March 2026 is a Sunday.
        let week = |hour: usize| if matches!((hour / 24) % 7, 0 | 6) { (10, 0) } else { (100, 0) };
        let objective = objective("99%", "30d");
        let truth =
            |from: usize, to: usize| (from..to).map(|hour| f64::from(week(hour).0)).sum::<f64>();
        let after = |days: usize| {
            let now = day(i64::try_from(days).unwrap());
            at(objective, &hourly(days, week), (day(0), day(31)), now, ToCome::AsMeasured)
        };
        let found = after(17);
        assert_eq!(found.basis, Basis::HoursOfWeek { measured: Duration::from_days(17) });
        assert!(
            (found.expected_total - truth(0, 31 * 24)).abs() < 1e-6,
            "{}",
            found.expected_total
        );
        // After thirteen days it is the mean of them.
        let found = after(13);
        assert_eq!(found.basis, Basis::Mean { measured: Duration::from_days(13) });
        let mean = truth(0, 13 * 24) / 13.0;
        assert!((found.expected_total - mean * 31.0).abs() < 1e-6);
        // Only the last four weeks count.
        let found = after(30);
        assert_eq!(found.basis, Basis::HoursOfWeek { measured: HISTORY });
        // Steps of a day say nothing of hours.
        let days = series(DAY, [(100, 0); 20]);
        let found = at(objective, &days, (day(0), day(31)), day(20), ToCome::AsMeasured);
        assert_eq!(found.basis, Basis::Mean { measured: Duration::from_days(20) });
        assert_eq!(found.expected_total, 3100.0);
    }

    #[test]
    fn slices_to_come_are_counted_not_estimated() {
        let minutes = series(Duration::from_minutes(5), [(10, 0), (0, 1), (10, 0)]);
        let slices =
            timeslices(&minutes, minutes.step(), "99%".parse().unwrap(), NoTraffic::Good).unwrap();
        let period = (day(0), day(30));
        let found = at(objective("99%", "30d"), &slices, period, slices.end(), ToCome::OneEach);
        assert_eq!((found.expected_total, found.basis), (8640.0, Basis::Slices));
        assert_eq!(found.window.budget.amounts.allowed, 86.4);
        assert_eq!(found.window.budget.amounts.remaining, 85.4);
        // One bad slice of three goes on: 1 + k / 3 is above 86.4 from the 257th on.
        let expected = slices.end() + TimeDelta::minutes(5 * 257);
        assert_eq!(found.forecast.exhaustion, Exhaustion::At(expected));
    }

    #[test]
    fn without_measurements_nothing_is_expected() {
        let objective = objective("99%", "30d");
        let nothing = series(DAY, []);
        let found = at(objective, &nothing, (day(0), day(30)), day(10), ToCome::AsMeasured);
        assert_eq!((found.expected_total, found.basis), (0.0, Basis::Unknown));
        assert_eq!((found.window.budget.remaining_ratio, found.minutes()), (None, None));
        assert_eq!(found.forecast.exhaustion, Exhaustion::Unknown(NoBurnRate::NotMeasured));
        // What was counted long ago still counts.
        let old = series(DAY, [(98, 2)]);
        let found = at(objective, &old, (day(0), day(90)), day(60), ToCome::AsMeasured);
        assert_eq!((found.expected_total, found.basis), (100.0, Basis::Unknown));
        assert!(found.window.budget.overspent);
    }

    #[test]
    fn no_length_of_time_is_too_long() {
        let series = hourly(20, |_| (99, 1));
        let ages = (Instant::MIN_UTC, Instant::MAX_UTC);
        let found = at(objective("99%", "30d"), &series, ages, day(20), ToCome::AsMeasured);
        assert!(found.expected_total.is_finite() && !found.window.budget.overspent);
        at(objective("99%", "30d"), &series, (day(9), day(3)), day(5), ToCome::AsMeasured);
        at(objective("99%", "30d"), &series, (day(9), day(3)), Instant::MIN_UTC, ToCome::OneEach);
    }

    proptest! {
        #[test]
        fn an_ended_period_is_what_was_counted(
            series in series_strategy(), (from, length, late) in (-100i64..3000, 1i64..3000, 0i64..100),
        ) {
            let objective = objective("99%", "30d");
            let from = instant(START) + TimeDelta::minutes(from);
            let to = from + TimeDelta::minutes(length);
            let found = at(objective, &series, (from, to), to + TimeDelta::minutes(late), ToCome::AsMeasured);
            prop_assert_eq!(found.window, budget::between(objective, &series, from, to));
            prop_assert_eq!(found.expected_total, found.window.count.events.total);
        }

        /// Nothing is lost or found on the way: as time passes in traffic that does not change, the
        /// estimate is the truth, and what is overspent stays so.
        #[test]
        fn even_traffic_is_estimated_exactly(
            (total, bad) in (1u32..1000, 0u32..10), (days, passed) in (2usize..40, 1usize..40),
            parts in 900_000_000..999_999_999u32,
        ) {
            let (passed, bad) = (passed.min(days), bad.min(total));
            let objective = Objective::new(Ratio::from_parts(parts).unwrap(), Duration::from_days(30)).unwrap();
            let series = hourly(passed, |_| (total - bad, bad));
            let end = day(i64::try_from(days).unwrap());
            let found = at(objective, &series, (day(0), end), series.end(), ToCome::AsMeasured);
            let truth = f64::from(total) * 24.0 * days as f64;
            prop_assert!((found.expected_total - truth).abs() < 1e-6 * truth);
            let whole = hourly(days, |_| (total - bad, bad));
            let whole = at(objective, &whole, (day(0), end), end, ToCome::AsMeasured);
            if found.window.budget.overspent {
                prop_assert!(whole.window.budget.overspent);
            }
            // The forecast says what a loop over the hours says.
            let allowed = found.window.budget.amounts.allowed;
            let spent = |hours: usize| f64::from(bad) * hours as f64;
            let first = (passed * 24 + 1..=days * 24).find(|hours| exact::is_above(spent(*hours), allowed));
            let expected = match first {
                _ if found.window.budget.overspent => Exhaustion::Overspent,
                Some(hours) => Exhaustion::At(day(0) + TimeDelta::hours(i64::try_from(hours).unwrap())),
                None => Exhaustion::Never,
            };
            prop_assert_eq!(found.forecast.exhaustion, expected);
        }

        #[test]
        fn no_series_panics(series in series_strategy(), (from, length, now) in (-9000i64..9000, -9000i64..90_000, -9000i64..9000)) {
            let at_minute = |minutes| instant(START) + TimeDelta::minutes(minutes);
            let period = (at_minute(from), at_minute(from + length));
            for to_come in [ToCome::AsMeasured, ToCome::OneEach] {
                let found = at(objective("99%", "30d"), &series, period, at_minute(now), to_come);
                prop_assert!(found.expected_total >= found.window.count.events.total);
                let budget = found.window.budget;
                prop_assert!(budget.remaining_ratio.is_none_or(|ratio| ratio <= 1.0));
                prop_assert!(budget.overspent || budget.amounts.remaining > -1e-6);
            }
        }
    }
}
