//! When spent budget comes back.
//!
//! A rolling window forgets: what was bad at `t` stops counting at `t + P`. So the dates on which a spent
//! budget returns are known, as long as nothing else happens. Failures that belong together return
//! together, and are shown as one.
use super::{budget, exact};
use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};

/// How failures are put together, and how many are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Failures less than this apart belong together.
    pub gap: Duration,
    /// The most that are told apart; the smallest of the others are summed.
    pub most: usize,
}

impl Default for Settings {
    /// An hour, and the five largest.
    fn default() -> Self {
        Self { gap: Duration::from_hours(1), most: 5 }
    }
}

/// What comes back to a budget, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    /// What the target allows of the events that are in the window now. Unit: events.
    pub allowed: f64,
    /// The largest, in the order in which they return.
    pub returns: Vec<Return>,
    /// How many others were put together but are too small to be told apart.
    pub others: usize,
    /// What the others spent.
    pub of_others: Spent,
    /// What was spent where no more failed than the target allows. It returns day by day, and is mostly
    /// spent again at the same rate.
    pub of_background: Spent,
}

/// Failures that belong together, and when the window has forgotten them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Return {
    /// When they began.
    pub from: Instant,
    /// When they were over.
    pub to: Instant,
    /// What they spent, and so what returns.
    pub spent: Spent,
    /// When they begin to leave the window, `from + P`.
    pub begins: Instant,
    /// When all of them have left it, `to + P`.
    pub done: Instant,
}

/// A part of what was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Bad events.
    pub bad: f64,
    /// Share of the present allowance.
    pub share: f64,
}

/// When what is spent of the budget at `now` comes back.
///
/// A step belongs to an outage where more fails than the target allows of the events in the `gap` that
/// ends with it, or in the one that begins with it (where both are known): a lone failure now and then
/// among enough traffic is background. Steps of outages less than `gap` apart are one outage. Without
/// events nothing returns.
///
/// The shares of all parts add up to what is spent of what is allowed.
pub fn returns(
    objective: Objective,
    series: &EventSeries,
    now: Instant,
    settings: Settings,
) -> Returns {
    let whole = budget::at(objective, series, now).budget;
    let allowed = whole.amounts.allowed;
    let spent = |bad: f64| Spent { bad, share: if allowed > 0.0 { bad / allowed } else { 0.0 } };
    let (mut background, mut outages) = (0.0, Vec::<Outage>::new());
    for step in steps(objective, series, now) {
        let Some((bad, _)) = exact::bad_of_total(step.count).filter(|(bad, _)| *bad > 0.0) else {
            continue;
        };
        if !is_outage(objective, series, &step, (settings.gap, now)) {
            background += bad;
            continue;
        }
        let gap = settings.gap.to_chrono();
        match outages.last_mut() {
            Some(last) if step.from == last.to || step.from - last.to < gap => {
                last.to = step.to;
                last.bad += bad;
            }
            _ => outages.push(Outage { from: step.from, to: step.to, bad }),
        }
    }
    // The largest first; of equal ones the one that returns first.
    outages.sort_by(|one, other| other.bad.total_cmp(&one.bad).then(one.from.cmp(&other.from)));
    let others = outages.split_off(settings.most.min(outages.len()));
    outages.sort_by_key(|outage| outage.from);
    let later = |at: Instant| {
        at.checked_add_signed(objective.window().to_chrono()).unwrap_or(Instant::MAX_UTC)
    };
    let returns = outages.iter().map(|&Outage { from, to, bad }| Return {
        from,
        to,
        spent: spent(bad),
        begins: later(from),
        done: later(to),
    });
    Returns {
        allowed,
        returns: returns.collect(),
        others: others.len(),
        of_others: spent(others.iter().map(|outage| outage.bad).sum()),
        of_background: spent(background),
    }
}

/// Steps that failed together.
struct Outage {
    from: Instant,
    to: Instant,
    bad: f64,
}

/// A step of the window, or what of one is in it.
struct Step {
    from: Instant,
    to: Instant,
    count: EventCount,
}

/// The measured steps within the objective's window.
fn steps(objective: Objective, series: &EventSeries, now: Instant) -> impl Iterator<Item = Step> {
    let (from, length) = (budget::back(now, objective.window()), series.step());
    let passed = u64::try_from((from - series.start()).num_milliseconds()).unwrap_or(0);
    let first = usize::try_from(passed.div_ceil(length.milliseconds())).unwrap_or(usize::MAX);
    // Of the step around the start of the window, the part in it may be known.
    let cut = (first > 0 && first <= series.len()).then(|| {
        let to = series.start() + length.to_chrono() * i32::try_from(first).unwrap_or(i32::MAX);
        Step { from, to, count: series.window(from, to.min(now)).events }
    });
    let whole = (first..series.len()).map_while(move |at| {
        let from = series.start() + length.to_chrono() * i32::try_from(at).ok()?;
        (from < now).then(|| Step {
            from,
            to: from + length.to_chrono(),
            count: series.count_at(at).unwrap_or_default(),
        })
    });
    cut.into_iter().filter(|step| step.from < step.to).chain(whole)
}

/// Whether more fails around the step than the target allows.
fn is_outage(
    objective: Objective,
    series: &EventSeries,
    step: &Step,
    (gap, now): (Duration, Instant),
) -> bool {
    if gap <= series.step() {
        return exact::overspent(step.count, objective.target());
    }
    let ahead = step.from.checked_add_signed(gap.to_chrono()).unwrap_or(Instant::MAX_UTC);
    let around = [
        series.window(budget::back(step.to, gap), step.to),
        series.window(step.from, ahead.min(now)),
    ];
    // At an edge of what is known, one of the two is hardly more than the step itself.
    let measured = around.map(|count| count.measured).into_iter().max().unwrap_or(0);
    around
        .into_iter()
        .filter(|count| 2 * count.measured >= measured)
        .any(|count| exact::overspent(count.events, objective.target()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::engine::testing::{
        START, instant, objective, series, series_strategy,
    };
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_minutes(1);

    /// Ten days of minutes with a hundred events each, of which `bad` failed at some minutes.
    fn ten_days(bad: impl Fn(u32) -> u32) -> EventSeries {
        series(MINUTE, (0..10 * 1440).map(|minute| (100 - bad(minute), bad(minute))))
    }

    #[test]
    fn an_outage_returns_when_it_leaves_the_window() {
        // Ten minutes half down on the third day, with one good minute within, one minute on the ninth.
        let series = ten_days(|minute| match minute {
            4000..=4004 | 4006..=4010 => 50,
            12_000 => 30,
            _ => 0,
        });
        let found = returns(objective("99.9%", "10d"), &series, series.end(), Settings::default());
        assert!((found.allowed - 1440.0).abs() < 1e-9);
        let at = |minute| instant(START) + chrono::TimeDelta::minutes(minute);
        let (day, expected) = (1440, [(4000, 4011, 500.0), (12_000, 12_001, 30.0)]);
        assert_eq!(found.returns.len(), 2);
        for (found, (from, to, bad)) in found.returns.iter().zip(expected) {
            assert_eq!((found.from, found.to), (at(from), at(to)));
            assert_eq!((found.begins, found.done), (at(from + 10 * day), at(to + 10 * day)));
            assert!((found.spent.bad - bad).abs() < 1e-9);
            assert!((found.spent.share - bad / 1440.0).abs() < 1e-12);
        }
        assert_eq!((found.others, found.of_background), (0, Spent::default()));
    }

    #[test]
    fn stray_failures_among_enough_traffic_are_background() {
        // One failure in every third hour: 1 of 6000 in an hour, a sixth of what is allowed.
        let found = |bad: fn(u32) -> u32, gap| {
            let series = ten_days(bad);
            let settings = Settings { gap, ..Settings::default() };
            returns(objective("99.9%", "10d"), &series, series.end(), settings)
        };
        let hour = Duration::from_hours(1);
        let stray = found(|minute| u32::from(minute % 180 == 0), hour);
        assert_eq!((stray.returns.len(), stray.others), (0, 0));
        assert!((stray.of_background.bad - 80.0).abs() < 1e-9);
        // Minute by minute each is an outage of its own.
        let each = found(|minute| u32::from(minute % 180 == 0), MINUTE);
        assert_eq!((each.returns.len(), each.others, each.of_background.bad), (5, 75, 0.0));
    }

    #[test]
    fn outages_an_hour_apart_are_two_and_the_smallest_are_summed() {
        let bad = |minute: u32| match minute {
            0 | 60 => 90,
            121 => 20,
            _ => 0,
        };
        let series = ten_days(bad);
        let of = |most| {
            let settings = Settings { most, ..Settings::default() };
            returns(objective("99.9%", "10d"), &series, series.end(), settings)
        };
        // 59 minutes lie between the first two, 60 between the second and the third.
        let all = of(5);
        assert_eq!(all.returns.iter().map(|one| one.spent.bad).collect::<Vec<_>>(), [180.0, 20.0]);
        let one = of(1);
        assert_eq!((one.returns.len(), one.others, one.of_others.bad), (1, 1, 20.0));
        assert_eq!((of(0).returns.len(), of(0).others), (0, 2));
    }

    #[test]
    fn without_events_nothing_returns() {
        let series = series(MINUTE, []);
        let found = returns(objective("99%", "1d"), &series, series.end(), Settings::default());
        assert_eq!((found.allowed, found.returns.len()), (0.0, 0));
    }

    proptest! {
        #[test]
        fn all_parts_add_up_to_what_is_spent(
            series in series_strategy(), window in 1u64..4000, late in 0u64..500,
            gap in 0u64..200, most in 0usize..6,
        ) {
            let objective = Objective::new(
                "99%".parse().unwrap(),
                Duration::from_minutes(window),
            ).unwrap();
            let now = series.end() + Duration::from_minutes(late).to_chrono()
                - Duration::from_minutes(200).to_chrono();
            let settings = Settings { gap: Duration::from_minutes(gap), most };
            let found = returns(objective, &series, now, settings);
            let budget = budget::at(objective, &series, now).budget;
            let parts = found.returns.iter().map(|one| one.spent);
            let parts = parts.chain([found.of_others, found.of_background]);
            let (bad, share) = parts
                .fold((0.0, 0.0), |(bad, share), part| (bad + part.bad, share + part.share));
            prop_assert!((bad - budget.amounts.spent).abs() < 1e-6, "{bad}");
            if budget.amounts.allowed > 0.0 {
                let spent = budget.amounts.spent / budget.amounts.allowed;
                prop_assert!((share - spent).abs() < 1e-9 * (1.0 + spent));
            }
            prop_assert!(found.returns.len() <= most);
            for pair in found.returns.windows(2) {
                prop_assert!(pair[0].to <= pair[1].from && pair[0].done <= pair[1].done);
                prop_assert!(pair[1].from - pair[0].to >= settings.gap.to_chrono());
            }
            for one in &found.returns {
                prop_assert!(one.from < one.to && one.begins < one.done && one.done > now);
            }
        }
    }
}
