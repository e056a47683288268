//! How much failures come together.
//!
//! # Formula
//! Cut the time into `m` slices with `nᵢ` events of which `bᵢ` failed; in all `n`, `b`, `p = b / n`. Were
//! events independent, `p` would have the variance `p (1 − p) / n`. What it has, with slices that may
//! differ, is that of a ratio: `m / (m − 1) · Σ (bᵢ − p nᵢ)² / n²`. The quotient is the *design effect*
//!
//! ```text
//! φ = m / (m − 1) · Σ (bᵢ − p nᵢ)² / (n p (1 − p))
//! ```
//!
//! and `n` such events are worth `n / φ` independent ones, `b` failures `b / φ`: Rao and Scott, "A simple
//! method for the analysis of clustered binary data", Biometrics 48, 1992. With slices of equal traffic
//! it is Pearson's `χ² / (m − 1)`, the dispersion of a quasi-binomial model (Finney, "Probit Analysis",
//! 1947), but a lone failure in a slice of three events does not
//! outweigh everything else.
//!
//! Few bursts say little about the size of bursts, and the estimate is then mostly too small. Korn and
//! Graubard (Survey Methodology 24, 1998) widen it by `(t_ν / z)²` with the degrees of freedom of the
//! estimated variance; here these are Satterthwaite's, `ν = (Σ rᵢ²)² / Σ rᵢ⁴`, about the number of
//! slices with failures. The first term of its expansion, `1 + (z² + 1) / 2ν`, is `1 + 1.85 / ν` at 95 %
//! and is taken as `1 + 2 / ν`: the whole quotient is 14.7 at `ν = 1`, many times what the simulation in
//! the tests of this file needs to keep the level.
//!
//! An outage of three hours is one event to slices of a day and three to slices of an hour, so several
//! lengths are tried and the largest factor counts.
use crate::{
    domains::slo::engine::exact,
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant},
    },
};

/// The lengths of slices that are tried: the hour is about as long as a common outage, the day as the
/// long ones.
const LENGTHS: [Duration; 3] =
    [Duration::from_hours(1), Duration::from_hours(6), Duration::from_days(1)];

/// Fewest slices with events from which a variance is estimated: two weeks of days.
const FEWEST_SLICES: u64 = 14;

/// `1 + CORRECTION / ν`, see above.
const CORRECTION: f64 = 2.0;

/// By how much failures that come together lessen what events prove.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispersion {
    /// `φ`, at least 1: that many events are worth one.
    pub factor: f64,
    /// The slices in which failures vary most, where any could be compared.
    pub slices: Option<Slices>,
}

/// The stretches of time of which a [`Dispersion`] was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slices {
    /// How long each is.
    pub length: Duration,
    /// How many of them have events.
    pub count: u64,
    /// How many of them have failures.
    pub failing: u64,
}

impl Dispersion {
    /// Events that fail independently of one another. Assumed where nothing says otherwise: without
    /// failures, with nothing but failures, or with too few steps to compare.
    pub const NONE: Self = Self { factor: 1.0, slices: None };

    /// The dispersion of the failures within `[from, to)`.
    ///
    /// A window without a failure does not say how large bursts are; that of a longer history does, and
    /// is the better one to pass to [`super::verdict`] where there is one.
    pub fn between(series: &EventSeries, from: Instant, to: Instant) -> Self {
        // What lies outside of the series has no events.
        let (from, to) = (from.max(series.start()), to.min(series.end()));
        let mut lengths = LENGTHS.map(|length| length.max(series.step())).to_vec();
        lengths.dedup();
        lengths
            .into_iter()
            .filter_map(|length| of_slices(series, (from, to), length))
            .max_by(|one, other| one.factor.total_cmp(&other.factor))
            .unwrap_or(Self::NONE)
    }
}

/// The dispersion over slices of that length; `None` where it cannot be estimated.
fn of_slices(
    series: &EventSeries,
    (from, to): (Instant, Instant),
    length: Duration,
) -> Option<Dispersion> {
    let ends = std::iter::successors(Some(from), |at| at.checked_add_signed(length.to_chrono()));
    let slices: Vec<(f64, f64)> = ends
        .take_while(|at| *at < to)
        .map(|at| series.window(at, (at + length.to_chrono()).min(to)).events)
        .filter_map(exact::bad_of_total)
        .collect();
    let failing = slices.iter().filter(|(bad, _)| *bad > 0.0).count() as u64;
    let slices_with_events = slices.len() as u64;
    let sum = slices.iter().fold(EventCount::default(), |mut sum, (bad, total)| {
        sum += EventCount { good: *bad, total: *total };
        sum
    });
    let (bad, total) = (sum.good, sum.total);
    if slices_with_events < FEWEST_SLICES || bad <= 0.0 || bad >= total {
        return None;
    }
    let ratio = bad / total;
    let squares = || slices.iter().map(|(bad, total)| (bad - ratio * total).powi(2));
    let (sum, sum_of_squares) =
        (squares().sum::<f64>(), squares().map(|square| square * square).sum::<f64>());
    if sum_of_squares <= 0.0 {
        // Every slice failed by the same share: less than by chance.
        return None;
    }
    let count = slices_with_events as f64;
    let design_effect = count / (count - 1.0) * sum / (total * ratio * (1.0 - ratio));
    let freedom = sum * sum / sum_of_squares;
    Some(Dispersion {
        factor: (design_effect * (1.0 + CORRECTION / freedom)).max(1.0),
        slices: Some(Slices { length, count: slices_with_events, failing }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::engine::{
            confidence::{Method, one_sided},
            testing::{START, instant, series_strategy},
        },
        kernel::units::Ratio,
    };
    use proptest::prelude::*;

    const HOURS: usize = 720;
    const REQUESTS: f64 = 1000.0;

    fn poisson(random: &mut fastrand::Rng, mean: f64) -> u32 {
        let (mut count, mut product) = (0, random.f64());
        while product > (-mean).exp() {
            product *= random.f64();
            count += 1;
        }
        count
    }

    /// How failures come: each one brings how many more, and over how many hours.
    #[derive(Clone, Copy)]
    enum Bursts {
        Single,
        /// A geometric number, ten on the average.
        Short,
        /// Two or so in each of six hours.
        SixHours,
    }

    impl Bursts {
        fn mean(self) -> f64 {
            match self {
                Self::Single => 1.0,
                Self::Short => 10.0,
                Self::SixHours => 12.0,
            }
        }

        fn add(self, bad: &mut [f64], random: &mut fastrand::Rng) {
            match self {
                Self::Single => bad[0] += 1.0,
                Self::Short => bad[0] += (random.f64().ln() / 0.9f64.ln()).ceil().max(1.0),
                Self::SixHours => {
                    for bad in &mut bad[..6] {
                        *bad += f64::from(1 + poisson(random, 1.0));
                    }
                }
            }
        }
    }

    /// 30 days of hours with about that many bursts.
    fn month(kind: Bursts, bursts: f64, random: &mut fastrand::Rng) -> EventSeries {
        let mut bad = vec![0.0; HOURS + 6];
        for hour in 0..HOURS {
            for _ in 0..poisson(random, bursts / HOURS as f64) {
                kind.add(&mut bad[hour..], random);
            }
        }
        let counts = bad[..HOURS].iter().map(|bad| {
            let bad = bad.min(REQUESTS);
            Some(EventCount { good: REQUESTS - bad, total: REQUESTS })
        });
        EventSeries::new(instant(START), Duration::from_hours(1), counts.collect())
    }

    /// Shares of months in which the true ratio lies below the lower, or above the upper limit of 95 %
    /// each: of the counts as they are, and by dispersion.
    fn missed(kind: Bursts, bursts: f64) -> [f64; 4] {
        const RUNS: u32 = 1000;
        let mut random = fastrand::Rng::with_seed(20_260_301);
        let level: Ratio = "95%".parse().unwrap();
        let truth = 1.0 - bursts * kind.mean() / (HOURS as f64 * REQUESTS);
        let mut missed = [0u32; 4];
        for _ in 0..RUNS {
            let series = month(kind, bursts, &mut random);
            let events = series.window(series.start(), series.end()).events;
            let factor = Dispersion::between(&series, series.start(), series.end()).factor;
            for (at, factor) in [1.0, factor].into_iter().enumerate() {
                let events =
                    EventCount { good: events.good / factor, total: events.total / factor };
                let limits = one_sided(events, level, Method::ClopperPearson);
                missed[2 * at] += u32::from(truth < limits.lower);
                missed[2 * at + 1] += u32::from(truth > limits.upper);
            }
        }
        missed.map(|missed| f64::from(missed) / f64::from(RUNS))
    }

    /// With ten, thirty and a hundred bursts a month: nominally each limit is wrong in 5 % of all
    /// months. Of raw counts it is wrong in more than a quarter.
    #[test]
    fn limits_keep_their_level_where_failures_come_in_bursts() {
        for kind in [Bursts::Short, Bursts::SixHours] {
            for bursts in [10.0, 30.0, 100.0] {
                let [raw_below, raw_above, below, above] = missed(kind, bursts);
                assert!(raw_below > 0.25 && raw_above > 0.25, "{raw_below} {raw_above}");
                assert!(below <= 0.07 && above <= 0.07, "{bursts} bursts: {below} {above}");
            }
        }
    }

    #[test]
    fn single_failures_widen_limits_by_little() {
        for bursts in [30.0, 100.0] {
            let [_, _, below, above] = missed(Bursts::Single, bursts);
            assert!(below <= 0.07 && above <= 0.07, "{below} {above}");
        }
        let mut random = fastrand::Rng::with_seed(1);
        let factors: Vec<f64> = (0..200)
            .map(|_| {
                let series = month(Bursts::Single, 100.0, &mut random);
                Dispersion::between(&series, series.start(), series.end()).factor
            })
            .collect();
        let mean = factors.iter().sum::<f64>() / factors.len() as f64;
        assert!((1.0..1.5).contains(&mean), "{mean}");
    }

    #[test]
    fn bursts_of_ten_are_worth_one_failure_each() {
        // One burst in every tenth hour of a month, so 72 of them, and ν is about 72 as well.
        let counts = (0..HOURS).map(|hour| {
            let bad = if hour % 10 == 0 { 10.0 } else { 0.0 };
            Some(EventCount { good: REQUESTS - bad, total: REQUESTS })
        });
        let series = EventSeries::new(instant(START), Duration::from_hours(1), counts.collect());
        let found = Dispersion::between(&series, series.start(), series.end());
        let hour = Duration::from_hours(1);
        assert_eq!(found.slices, Some(Slices { length: hour, count: 720, failing: 72 }));
        // m/(m−1) · 72·9²+648·1² over 720·0.999, times the correction.
        assert!((found.factor - 9.0 * 1.03).abs() < 0.1, "{}", found.factor);
    }

    #[test]
    fn what_cannot_be_compared_counts_as_independent() {
        let count = |bad: f64| Some(EventCount { good: 100.0 - bad, total: 100.0 });
        let of = |counts: Vec<_>| {
            let series = EventSeries::new(instant(START), Duration::from_hours(1), counts);
            Dispersion::between(&series, series.start(), series.end())
        };
        assert_eq!(of(vec![count(0.0); 100]), Dispersion::NONE);
        assert_eq!(of(vec![count(100.0); 100]), Dispersion::NONE);
        assert_eq!(of(vec![count(1.0); 100]), Dispersion::NONE);
        assert_eq!(of([vec![count(9.0)], vec![count(0.0); 12]].concat()), Dispersion::NONE);
        assert_eq!(of([vec![count(9.0)], vec![None; 100]].concat()), Dispersion::NONE);
        assert_eq!(of(vec![]), Dispersion::NONE);
    }

    proptest! {
        #[test]
        fn a_factor_is_finite_and_at_least_one(series in series_strategy(), late in 0u64..500) {
            let from = series.start() + Duration::from_minutes(late).to_chrono();
            let found = Dispersion::between(&series, from, series.end());
            prop_assert!(found.factor.is_finite() && found.factor >= 1.0);
        }
    }
}
