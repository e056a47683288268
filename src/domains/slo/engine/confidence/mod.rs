//! What a number of events proves: limits for the share of good events, and a verdict that may be "not
//! enough data".
//!
//! Twelve requests without an error are not 100 %. With `k` bad of `n` events, the share that the
//! service would show in the long run lies within limits that narrow as events come in; an objective is
//! *met* where even the lower limit reaches it, *missed* where even the upper one does not.
//!
//! Failures come in bursts, and a burst of ten is one piece of news rather than ten. [`Dispersion`] says
//! how much less: all limits are those of `k / φ` of `n / φ` events.
mod beta;
mod dispersion;

pub use dispersion::Dispersion;

use crate::{
    domains::slo::model::Objective,
    kernel::{
        series::{EventCount, EventSeries},
        units::{Instant, Ratio},
    },
};
use beta::Share;

/// Above this number of events the answer is "more than anyone counts": past it `f64` skips whole
/// numbers.
const MOST_EVENTS: f64 = 9_007_199_254_740_992.0;

/// How limits are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Clopper and Pearson, Biometrika 26, 1934: never wrong more often than the level says, at any
    /// number of events, hence a little wide.
    #[default]
    ClopperPearson,
    /// Wilson, Journal of the American Statistical Association 22, 1927: right on the average over
    /// shares; narrower, and near 0 and 1 sometimes wrong more often than the level says.
    Wilson,
}

impl Method {
    /// The word that answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClopperPearson => "clopper_pearson",
            Self::Wilson => "wilson",
        }
    }
}

/// Between which shares the true one lies.
///
/// Shape: `0 ≤ lower ≤ upper ≤ 1` at levels of a half and above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

impl Limits {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { lower: 0.0, upper: 1.0 };
}

/// Limits for the share of good events, each of which holds with the confidence `level` by itself.
///
/// Together they are the two-sided interval of level `2 · level − 1`. Counts need not be whole. Without
/// events nothing is known; a level of 100 % says nothing either.
pub fn one_sided(good: EventCount, level: Ratio, method: Method) -> Limits {
    of_error(good, level.complement().as_f64(), method)
}

/// `z` with `Φ(z) = level`: how many standard deviations a one-sided limit of that level lies off.
pub fn one_sided_quantile(level: Ratio) -> f64 {
    beta::normal_quantile(level.as_f64())
}

/// Limits for the share of good events, both of which hold together with the confidence `level`: each
/// side errs with half of the rest.
pub fn two_sided(good: EventCount, level: Ratio, method: Method) -> Limits {
    of_error(good, level.complement().as_f64() / 2.0, method)
}

/// Limits for the share of good events, of which each errs with probability `error`.
fn of_error(count: EventCount, error: f64, method: Method) -> Limits {
    let Some((bad, total)) = super::exact::bad_of_total(count) else { return Limits::UNKNOWN };
    // About the bad events, which are few: near 1, `f64` has fewer digits than near 0.
    let (least, most) = match method {
        Method::ClopperPearson => clopper_pearson(bad, total, error),
        Method::Wilson => wilson(bad, total, error),
    };
    Limits { lower: most.complement().of, upper: least.complement().of }
}

/// Shares of `k` in `n`: the quantiles of Beta(k, n − k + 1) and of Beta(k + 1, n − k), with 0 and 1 at
/// the ends.
fn clopper_pearson(k: f64, n: f64, error: f64) -> (Share, Share) {
    let least = if k > 0.0 { beta::quantile(k, n - k + 1.0, error) } else { Share::NOTHING };
    let most = if k < n {
        beta::quantile(k + 1.0, n - k, 1.0 - error)
    } else {
        Share::NOTHING.complement()
    };
    (least, most)
}

/// `(p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)`.
fn wilson(k: f64, n: f64, error: f64) -> (Share, Share) {
    if error <= 0.0 {
        return (Share::NOTHING, Share::NOTHING.complement());
    }
    let square = beta::normal_quantile(error).powi(2);
    let sign = if error <= 0.5 { 1.0 } else { -1.0 };
    let spread = sign * (square * (k * (n - k) / n + square / 4.0)).sqrt();
    // Each bound beside its complement, and written without a difference of nearly equal numbers:
    // (m − s)(m + s) is k²/n · (n + z²) with m = k + z²/2.
    let bound = |k: f64, spread: f64| {
        let middle = k + square / 2.0;
        if spread >= 0.0 {
            (middle + spread) / (n + square)
        } else if k > 0.0 {
            k * k / n / (middle - spread)
        } else {
            0.0
        }
    };
    let limit = |spread: f64| Share {
        of: bound(k, spread).clamp(0.0, 1.0),
        rest: bound(n - k, -spread).clamp(0.0, 1.0),
    };
    (limit(-spread), limit(spread))
}

/// What the events say about an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Even the lower limit reaches the target.
    Met,
    /// Even the upper limit is below the target.
    Missed,
    /// The target lies between the limits, or there are no events.
    NotEnoughData,
}

impl Verdict {
    /// The word that answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::NotEnoughData => "not_enough_data",
        }
    }
}

/// A verdict, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// How sure each limit is by itself, see [`one_sided`].
    pub level: Ratio,
    /// How the limits were found.
    pub method: Method,
    /// The share of good events is at least this, at that level.
    pub lower: f64,
    /// The share of good events is at most this, at that level.
    pub upper: f64,
    /// What follows for the target.
    pub verdict: Verdict,
    /// How many events in all would decide if the observed ratio and the dispersion stay. `None` where
    /// it is decided, where the observed ratio is the target, so that no number is enough, and above
    /// 2^53.
    pub events_enough: Option<u64>,
    /// As many independent events as these are worth: `n / φ`.
    pub effective_events: f64,
    /// How much failures come together.
    pub dispersion: Dispersion,
}

/// The verdict on what was measured within `[from, to)`, with the dispersion of those events.
pub fn between(
    objective: Objective,
    series: &EventSeries,
    (from, to): (Instant, Instant),
    level: Ratio,
    method: Method,
) -> Confidence {
    let dispersion = Dispersion::between(series, from, to);
    verdict(objective.target(), series.window(from, to).events, dispersion, level, method)
}

/// The verdict on that many events.
pub fn verdict(
    target: Ratio,
    events: EventCount,
    dispersion: Dispersion,
    level: Ratio,
    method: Method,
) -> Confidence {
    let Some((bad, total)) = super::exact::bad_of_total(events) else {
        return Confidence {
            level,
            method,
            lower: Limits::UNKNOWN.lower,
            upper: Limits::UNKNOWN.upper,
            verdict: Verdict::NotEnoughData,
            events_enough: None,
            effective_events: 0.0,
            dispersion,
        };
    };
    let (k, n) = (bad / dispersion.factor, total / dispersion.factor);
    let Limits { lower, upper } = one_sided(EventCount { good: n - k, total: n }, level, method);
    let verdict = if lower >= target.as_f64() {
        Verdict::Met
    } else if upper < target.as_f64() {
        Verdict::Missed
    } else {
        Verdict::NotEnoughData
    };
    let events_enough = if verdict == Verdict::NotEnoughData {
        enough(target, bad / total, level, method)
            .map(|enough| enough * dispersion.factor)
            .and_then(|enough| whole_above(enough.max(total)))
    } else {
        None
    };
    Confidence {
        level,
        method,
        lower,
        upper,
        verdict,
        events_enough,
        effective_events: n,
        dispersion,
    }
}

/// The number as a whole one, rounded up.
fn whole_above(events: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=2^53")]
    (0.0..=MOST_EVENTS).contains(&events).then(|| events.ceil() as u64)
}

/// Fewest independent events that decide, if a share of `ratio` of them is bad.
fn enough(target: Ratio, ratio: f64, level: Ratio, method: Method) -> Option<f64> {
    let (budget, error) = (target.complement().as_f64(), level.complement().as_f64());
    if error <= 0.0 || error >= 0.5 || (ratio - budget).abs() <= f64::EPSILON * budget {
        return None;
    }
    let share = Share { of: budget, rest: target.as_f64() };
    // The target is a limit where the score is the quantile, which is how Wilson's limits are defined.
    let by_score =
        beta::normal_quantile(error).powi(2) * share.of * share.rest / (ratio - budget).powi(2);
    // From a thousand million events on, the two methods differ by less than a thousandth.
    if method == Method::Wilson || by_score > 1e9 {
        return Some(by_score);
    }
    least(|n| {
        let bad = n * ratio;
        if ratio < budget {
            beta::cumulative(n - bad, bad + 1.0, share.complement()) <= error
        } else {
            beta::cumulative(bad, n - bad + 1.0, share) < error
        }
    })
}

/// The fewest events of which `failures` may be bad and the target still proven: the one-sided limit of
/// Clopper and Pearson reaches it at `level`. Without failures that is `ln(1 − level) / ln T`, rounded
/// up: 299 events for 99 % at 95 %, 2,995 for 99.9 %, 29,956 for 99.99 %.
///
/// `None` where no number of events is enough: at a level of 100 %, or above 2^53 events.
pub fn events_to_certify(target: Ratio, failures: u64, level: Ratio) -> Option<u64> {
    let (failures, error) = (failures as f64, level.complement().as_f64());
    if error <= 0.0 || target == Ratio::ONE {
        return None;
    }
    if target == Ratio::ZERO {
        return whole_above(failures + 1.0);
    }
    let share = Share { of: target.complement().as_f64(), rest: target.as_f64() };
    least(|n| {
        n > failures && beta::cumulative(n - failures, failures + 1.0, share.complement()) <= error
    })
    .and_then(whole_above)
}

/// The least whole number of events that is enough, where more than enough is enough as well.
fn least(is_enough: impl Fn(f64) -> bool) -> Option<f64> {
    let mut high = 1.0;
    while !is_enough(high) {
        high *= 2.0;
        if high > MOST_EVENTS {
            return None;
        }
    }
    let mut low = if high > 1.0 { high / 2.0 } else { 0.0 };
    while high - low > 1.0 {
        let middle = f64::midpoint(low, high).floor();
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::engine::testing::{objective, series, series_strategy},
        kernel::units::Duration,
    };
    use proptest::prelude::*;

    const METHODS: [Method; 2] = [Method::ClopperPearson, Method::Wilson];

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    fn events(bad: f64, total: f64) -> EventCount {
        EventCount { good: total - bad, total }
    }

    fn judge(target: &str, bad: f64, total: f64) -> Confidence {
        let method = Method::ClopperPearson;
        verdict(ratio(target), events(bad, total), Dispersion::NONE, ratio("95%"), method)
    }

    /// `ln 0.05 / ln T`, rounded up, and the ends.
    #[test]
    fn events_to_certify_without_a_failure() {
        let of = |target, level| events_to_certify(ratio(target), 0, ratio(level));
        assert_eq!(of("90%", "95%"), Some(29));
        assert_eq!(of("99%", "95%"), Some(299));
        assert_eq!(of("99.9%", "95%"), Some(2995));
        assert_eq!(of("99.99%", "95%"), Some(29_956));
        assert_eq!(of("99.9999999%", "95%"), Some(2_995_732_273));
        // One half to the seventh is 1/128, above 0.5 %.
        assert_eq!(of("50%", "99.5%"), Some(8));
        assert_eq!(of("0%", "95%"), Some(1));
        assert_eq!(of("100%", "95%"), None);
        assert_eq!(of("99%", "100%"), None);
    }

    #[test]
    fn a_verdict_needs_events() {
        let silent = judge("99%", 0.0, 0.0);
        assert_eq!(
            (silent.verdict, silent.lower, silent.upper),
            (Verdict::NotEnoughData, 0.0, 1.0)
        );
        assert_eq!(silent.events_enough, None);
        let few = judge("99.9%", 0.0, 12.0);
        assert_eq!((few.verdict, few.events_enough), (Verdict::NotEnoughData, Some(2995)));
        assert!((few.lower - 0.05f64.powf(1.0 / 12.0)).abs() < 1e-12);
        assert_eq!(judge("99.9%", 0.0, 2994.0).verdict, Verdict::NotEnoughData);
        assert_eq!(judge("99.9%", 0.0, 2995.0).verdict, Verdict::Met);
        assert_eq!(judge("99.9%", 0.0, 2995.0).events_enough, None);
        assert_eq!(judge("99.9%", 12.0, 12.0).verdict, Verdict::Missed);
        // Exactly the target: no number of events decides.
        let even = judge("99.9%", 1.0, 1000.0);
        assert_eq!((even.verdict, even.events_enough), (Verdict::NotEnoughData, None));
    }

    #[test]
    fn a_thousand_million_events() {
        let found = judge("99.9%", 990_000.0, 1e9);
        assert_eq!(found.verdict, Verdict::Met);
        let found = judge("50%", 499_999_000.0, 1e9);
        assert_eq!(found.verdict, Verdict::NotEnoughData);
        // (1.6449 / 2)² / (10⁻⁶)², by the normal approximation.
        let enough = found.events_enough.unwrap() as f64;
        assert!((enough / 6.764e11 - 1.0).abs() < 1e-3, "{enough}");
    }

    #[test]
    fn bursts_need_more_events() {
        let burst = Dispersion { factor: 10.0, slices: None };
        let of = |dispersion| {
            let events = events(3.0, 10_000.0);
            verdict(ratio("99.9%"), events, dispersion, ratio("95%"), Method::ClopperPearson)
        };
        let (alone, burst) = (of(Dispersion::NONE), of(burst));
        assert_eq!((alone.verdict, burst.verdict), (Verdict::Met, Verdict::NotEnoughData));
        assert!((burst.effective_events - 1000.0).abs() < 1e-9);
        assert!(burst.lower < alone.lower && burst.upper > alone.upper);
        assert!(burst.events_enough.unwrap() > 10_000);
    }

    #[test]
    fn a_window_brings_its_own_dispersion() {
        // A month of hours; of 30 bad events, all in three hours.
        let hours = (0..720).map(|hour| if hour % 300 == 0 { (990, 10) } else { (1000, 0) });
        let series = series(Duration::from_hours(1), hours);
        let window = (series.start(), series.end());
        let level = ratio("95%");
        let found =
            between(objective("99.99%", "30d"), &series, window, level, Method::ClopperPearson);
        assert!(found.dispersion.factor > 9.0, "{:?}", found.dispersion);
        assert_eq!(found.verdict, Verdict::NotEnoughData);
        assert_eq!(judge("99.99%", 30.0, 720_000.0).verdict, Verdict::Met);
    }

    proptest! {
        #[test]
        fn limits_hold_the_observed_share_between_them(
            total in 0.0f64..1e7, share in 0.0f64..=1.0, parts in 500_000_000..=Ratio::PARTS,
        ) {
            let count = events((total * share).floor(), total);
            let level = Ratio::from_parts(parts).unwrap();
            for method in METHODS {
                for limits in [one_sided(count, level, method), two_sided(count, level, method)] {
                    let observed = count.error_ratio().map_or(0.5, |bad| 1.0 - bad);
                    prop_assert!(0.0 <= limits.lower && limits.upper <= 1.0);
                    prop_assert!(limits.lower <= observed + 1e-12, "{limits:?} {observed}");
                    prop_assert!(observed <= limits.upper + 1e-12, "{limits:?} {observed}");
                }
            }
        }

        #[test]
        fn a_higher_level_is_never_narrower(
            total in 1u32..100_000, share in 0.0f64..=1.0,
            (one, other) in (500_000_000..Ratio::PARTS, 500_000_000..Ratio::PARTS),
        ) {
            let total = f64::from(total);
            let count = events((total * share).floor(), total);
            let (low, high) = (one.min(other), one.max(other));
            for method in METHODS {
                let [low, high] = [low, high]
                    .map(|parts| one_sided(count, Ratio::from_parts(parts).unwrap(), method));
                prop_assert!(high.lower <= low.lower + 1e-12);
                prop_assert!(low.upper <= high.upper + 1e-12);
            }
        }

        /// The number that is said to be enough is, and the one before it is not.
        #[test]
        fn enough_is_enough(
            bad in 0u32..50, good in 0u32..20_000, parts in 900_000_000..999_990_000u32,
        ) {
            let (bad, total) = (f64::from(bad), f64::from(bad) + f64::from(good));
            let (target, level) = (Ratio::from_parts(parts).unwrap(), ratio("95%"));
            for method in METHODS {
                let judge = |scale: f64| {
                    let events = events(bad * scale, total * scale);
                    verdict(target, events, Dispersion::NONE, level, method)
                };
                let now = judge(1.0);
                let Some(enough) = now.events_enough else { continue };
                prop_assert!(enough as f64 >= total);
                prop_assert!(now.verdict == Verdict::NotEnoughData);
                let decided = judge((enough as f64 + 1.0) / total).verdict;
                prop_assert_ne!(decided, Verdict::NotEnoughData);
                if enough as f64 > total + 2.0 {
                    let before = judge((enough as f64 - 2.0) / total).verdict;
                    prop_assert_eq!(before, Verdict::NotEnoughData);
                }
            }
        }

        #[test]
        fn certified_is_met_and_one_event_less_is_not(
            parts in 0..999_990_000u32, failures in 0u64..30, level in 500_000_001..999_999_000u32,
        ) {
            let (target, level) = (Ratio::from_parts(parts).unwrap(), Ratio::from_parts(level).unwrap());
            let needed = events_to_certify(target, failures, level).unwrap();
            let judge = |total: u64| {
                let events = events(failures as f64, total as f64);
                verdict(target, events, Dispersion::NONE, level, Method::ClopperPearson).verdict
            };
            prop_assert_eq!(judge(needed), Verdict::Met);
            if needed > failures + 1 {
                prop_assert_ne!(judge(needed - 1), Verdict::Met);
            }
        }

        #[test]
        fn no_input_panics(
            (good, total) in (-1e3f64..1e18, -1e3f64..1e18), level in 0..=Ratio::PARTS,
            target in 0..=Ratio::PARTS, factor in 1.0f64..1e6,
        ) {
            let dispersion = Dispersion { factor, slices: None };
            let [target, level] = [target, level].map(|parts| Ratio::from_parts(parts).unwrap());
            let count = EventCount { good, total: total.min(1e12) };
            for method in METHODS {
                let found = verdict(target, count, dispersion, level, method);
                prop_assert!((0.0..=1.0).contains(&found.lower) && (0.0..=1.0).contains(&found.upper));
            }
        }

        #[test]
        fn any_series_has_a_verdict(series in series_strategy()) {
            let window = (series.start(), series.end());
            let objective = objective("99%", "30d");
            let found = between(objective, &series, window, ratio("95%"), Method::Wilson);
            prop_assert!(found.effective_events <= series.window(window.0, window.1).events.total);
        }
    }
}
