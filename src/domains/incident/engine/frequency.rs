//! How often incidents happen.
use super::durations::Interval;
use crate::{
    domains::slo::engine::confidence::{self, Method},
    kernel::{
        series::EventCount,
        units::{Instant, Ratio},
    },
};
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

/// The mean time from the beginning of one incident to that of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeBetween {
    /// How many distances there are: one less than incidents.
    pub distances: usize,
    /// Their mean. Unit: seconds.
    pub mean: f64,
    /// Between which values the true one lies, if incidents come independently of each other. Unit: seconds.
    pub interval: Option<Interval>,
}

/// The mean time between beginnings; `None` of fewer than two.
///
/// The distances are exponential if incidents come independently: `2 n · mean / true mean` is then χ² of `2n`
/// degrees of freedom. Source: Epstein and Sobel, Journal of the American Statistical Association 48, 1953.
pub fn time_between(starts: &[Instant], level: f64) -> Option<TimeBetween> {
    let (first, last) = (starts.iter().min()?, starts.iter().max()?);
    let distances = starts.len().checked_sub(1).filter(|distances| *distances > 0)?;
    let whole = (*last - *first).as_seconds_f64();
    let freedom = 2.0 * distances as f64;
    let error = (1.0 - level) / 2.0;
    let limit = |probability| Some(2.0 * whole / chi_squared(freedom, probability)?);
    let interval =
        limit(1.0 - error).zip(limit(error)).map(|(lower, upper)| Interval { lower, upper, level });
    Some(TimeBetween { distances, mean: whole / distances as f64, interval })
}

/// A quantile of χ².
fn chi_squared(freedom: f64, probability: f64) -> Option<f64> {
    Some(ChiSquared::new(freedom).ok()?.inverse_cdf(probability))
}

/// Between which numbers the true mean of a count lies, if what is counted comes independently.
///
/// Source: Garwood, Biometrika 28, 1936: quantiles of χ², halved, of `2 n` and of `2 n + 2` degrees of freedom.
pub fn count_interval(count: u64, level: f64) -> Option<Interval> {
    let n = count as f64;
    let error = (1.0 - level) / 2.0;
    let lower = if count == 0 { 0.0 } else { chi_squared(2.0 * n, error)? / 2.0 };
    Some(Interval { lower, upper: chi_squared(2.0 * n + 2.0, 1.0 - error)? / 2.0, level })
}

/// How many times as often something happens as before, where `before` were counted in a time that was `longer`
/// times as long. With its interval; the upper limit is infinite where nothing happened before. `None` where
/// nothing happened at all.
///
/// Given the sum, a count is binomial: Clopper and Pearson's limits of its share are those of the ratio. Source:
/// Przyborowski and Wilenski, Biometrika 31, 1940.
pub fn rate_ratio(now: u64, before: u64, longer: f64, level: Ratio) -> Option<(f64, Interval)> {
    let total = (now + before) as f64;
    if total == 0.0 || longer <= 0.0 {
        return None;
    }
    let share = EventCount { good: now as f64, total };
    let limits = confidence::two_sided(share, level, Method::ClopperPearson);
    let odds =
        |share: f64| if share >= 1.0 { f64::INFINITY } else { share / (1.0 - share) * longer };
    let interval =
        Interval { lower: odds(limits.lower), upper: odds(limits.upper), level: level.as_f64() };
    Some((odds(now as f64 / total), interval))
}

#[cfg(test)]
mod tests {
    //! Figures are those of `SciPy` 1.17.1.
    use super::*;
    use chrono::TimeDelta;

    #[track_caller]
    fn assert_close(found: f64, expected: f64) {
        let close = found.total_cmp(&expected).is_eq()
            || (found - expected).abs() <= 1e-7 * expected.abs().max(1.0);
        assert!(close, "{found} is not {expected}");
    }

    #[test]
    fn limits_of_counts_are_those_of_garwood() {
        for (count, lower, upper) in [
            (0, 0.0, 3.688_879_454_113_935_4),
            (1, 0.025_317_807_984_289_876, 5.571_643_390_938_898),
            (3, 0.618_672_122_895_601_4, 8.767_273_069_742_323),
            (9, 4.115_373_097_378_334, 17.084_803_451_419_166),
            (42, 30.269_905_732_477_7, 56.771_798_778_490_65),
            (250, 219.967_995_630_937_3, 282.987_705_042_307_6),
        ] {
            let found = count_interval(count, 0.95).unwrap();
            assert_close(found.lower, lower);
            assert_close(found.upper, upper);
        }
    }

    #[test]
    fn the_time_between_is_as_uncertain_as_the_number_of_distances() {
        let start: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
        // The order does not matter, and only the ends do.
        let starts: Vec<Instant> =
            [600, 0].map(|seconds| start + TimeDelta::seconds(seconds)).into();
        let of = |extra: i64| {
            let between = (1..=extra).map(|second| start + TimeDelta::seconds(second));
            let all: Vec<Instant> = starts.iter().copied().chain(between).collect();
            time_between(&all, 0.95).unwrap()
        };
        let found = of(59);
        assert_close(found.mean, 10.0);
        let interval = found.interval.unwrap();
        assert_close(interval.lower, 7.883_772_033_602_781_4);
        assert_close(interval.upper, 13.104_350_547_298_226);
        let interval = of(0).interval.unwrap();
        assert_close(interval.lower, 6.0 * 27.108_503_068_181_687);
        assert_close(interval.upper, 6.0 * 3_949.789_020_520_721);
        assert_eq!(time_between(&[start], 0.95), None);
        assert_eq!(time_between(&[], 0.95), None);
    }

    #[test]
    fn ratios_of_counts_are_those_of_the_binomial() {
        let level = "95%".parse().unwrap();
        for ((now, before, longer), (ratio, lower, upper)) in [
            (
                (5, 12, 1.0),
                (0.416_666_666_666_666_74, 0.114_995_649_870_012_91, 1.270_573_936_544_066_7),
            ),
            ((0, 4, 1.0), (0.0, 0.0, 1.514_866_859_365_944)),
            ((3, 0, 2.0), (f64::INFINITY, 0.826_462_710_061_788, f64::INFINITY)),
            ((30, 45, 1.5), (1.0, 0.608_279_039_753_097_3, 1.622_589_950_894_279_6)),
        ] {
            let (found, interval) = rate_ratio(now, before, longer, level).unwrap();
            assert_close(found, ratio);
            assert_close(interval.lower, lower);
            assert_close(interval.upper, upper);
        }
        assert_eq!(rate_ratio(0, 0, 1.0, level), None);
    }
}
