//! What durations of incidents say, and how little that is.
//!
//! Durations are skewed and few. Their mean swings by chance, and an incident that is still open has no duration
//! yet: leaving it out makes the figure the better the worse things are. So there is no bare mean here. Source:
//! Davidovič, "Incident Metrics in SRE", Google, 2021.
use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

/// How long something took, or how long it has taken so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Unit: whatever all of them have.
    pub length: f64,
    /// Whether it is over; else it lasts at least that long.
    pub ended: bool,
}

/// Between which values a figure lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower limit.
    pub lower: f64,
    /// The upper limit; infinite where there is none.
    pub upper: f64,
    /// How sure that is, which may be more than what was asked for.
    pub level: f64,
}

/// A step of a survival curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// After how long.
    pub time: f64,
    /// How many were not over before that.
    pub at_risk: u32,
    /// How many were over then.
    pub ended: u32,
    /// The share that lasts longer.
    pub survival: f64,
    /// Greenwood's sum `Σ d / (n (n − d))` up to here; infinite where nothing is left.
    greenwood: f64,
}

/// How long things last, where some are not over yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Survival {
    /// The curve, by time. Things that are not over make no step.
    pub steps: Vec<SurvivalStep>,
}

/// What is close enough to a half to be one: products of fractions are rounded.
const ROUNDING: f64 = 1e-12;

impl Survival {
    /// The estimate of Kaplan and Meier: `S(t) = Π (1 − d / n)` over the times up to `t`. Of what ends and what is
    /// left at the same time, what ends does so first.
    ///
    /// Source: Kaplan and Meier, Journal of the American Statistical Association 53, 1958.
    pub fn of(observations: &[Observation]) -> Self {
        let mut sorted = observations.to_vec();
        sorted.sort_by(|a, b| a.length.total_cmp(&b.length));
        let (mut steps, mut survival, mut greenwood) = (Vec::new(), 1.0, 0.0);
        let mut rest = sorted.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|one| one.length.total_cmp(&first.length).is_eq());
            let (all, ended) = same.fold((0_usize, 0_u32), |(all, ended), one| {
                (all + 1, ended + u32::from(one.ended))
            });
            let at_risk = u32::try_from(rest.len()).unwrap_or(u32::MAX);
            if ended > 0 {
                let (risk, gone) = (f64::from(at_risk), f64::from(ended));
                survival *= (risk - gone) / risk;
                greenwood += gone / (risk * (risk - gone));
                steps.push(SurvivalStep {
                    time: first.length,
                    at_risk,
                    ended,
                    survival,
                    greenwood,
                });
            }
            rest = rest.get(all..).unwrap_or_default();
        }
        Self { steps }
    }

    /// The smallest time that at most half last longer than; `None` where more than half have lasted longer than
    /// all that is known.
    pub fn median(&self) -> Option<f64> {
        let half = self.steps.iter().find(|step| step.survival <= 0.5 + ROUNDING);
        half.map(|step| step.time)
    }

    /// Between which values the median lies: all times at which a half is within the limits of the curve. `None`
    /// without a step.
    ///
    /// Source: Brookmeyer and Crowley, Biometrics 38, 1982, with limits of the curve by `log(−log S)`, as in
    /// Kalbfleisch and Prentice, "The Statistical Analysis of Failure Time Data", 1980.
    pub fn median_interval(&self, level: f64) -> Option<Interval> {
        let z = normal_quantile(f64::midpoint(1.0, level));
        let limits = |step: &SurvivalStep| {
            let log = step.survival.ln();
            let spread = z * step.greenwood.sqrt() / log.abs();
            // A curve at nothing stays there, whatever the spread.
            if step.survival <= ROUNDING {
                return (0.0, 0.0);
            }
            (step.survival.powf(spread.exp()), step.survival.powf((-spread).exp()))
        };
        self.steps.first()?;
        let first = |below: fn((f64, f64)) -> f64| {
            self.steps
                .iter()
                .find(|step| below(limits(step)) <= 0.5 + ROUNDING)
                .map(|step| step.time)
        };
        Some(Interval {
            lower: first(|(lower, _)| lower)?,
            upper: first(|(_, upper)| upper).unwrap_or(f64::INFINITY),
            level,
        })
    }
}

/// A quantile of values in their order, by a straight line between neighbours: type 7 of Hyndman and Fan, The
/// American Statistician 50, 1996. `None` of nothing.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and the last index"
    )]
    let at = below as usize;
    let low = *sorted.get(at)?;
    let high = sorted.get(at + 1).copied().unwrap_or(low);
    Some(low + (place - below) * (high - low))
}

/// Between which of the values the median lies, whatever the distribution: from the k-th smallest to the k-th
/// greatest, with the largest k at which that is sure enough. `None` where not even the smallest and the greatest
/// are: below 6 values at 95 %.
///
/// Source: Conover, "Practical Nonparametric Statistics", 1999: the number of values below the median is binomial.
pub fn median_interval(sorted: &[f64], level: f64) -> Option<Interval> {
    let n = sorted.len();
    let count = i32::try_from(n).ok()?;
    // P(Bin(n, ½) = 0), and then each from the one before, in logarithms: 2^−n is nothing from 1,075 values on.
    let mut log = f64::from(-count) * std::f64::consts::LN_2;
    let (mut below, mut found) = (0.0, None);
    for k in 0..n / 2 {
        below += log.exp();
        let level_here = 1.0 - 2.0 * below;
        if level_here < level {
            break;
        }
        let (lower, upper) = (*sorted.get(k)?, *sorted.get(n - 1 - k)?);
        found = Some(Interval { lower, upper, level: level_here });
        log += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    found
}

/// The logarithms of durations: their mean and their spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logarithms {
    /// How many there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with `n − 1`; `None` of a single one.
    pub deviation: Option<f64>,
}

impl Logarithms {
    /// `None` of nothing, and where a value is not above zero: it has no logarithm.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| *value <= 0.0) {
            return None;
        }
        let n = values.len();
        let mean = values.iter().map(|value| value.ln()).sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value.ln() - mean).powi(2)).sum();
        let deviation = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Some(Self { n, mean, deviation })
    }

    /// The geometric mean, which of durations that are log-normal is the median.
    pub fn geometric_mean(&self) -> f64 {
        self.mean.exp()
    }

    /// Between which values the geometric mean lies, if durations are log-normal: Student's t on the logarithms.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let error = self.deviation? / (self.n as f64).sqrt();
        let spread = student_quantile(f64::midpoint(1.0, level), self.n as f64 - 1.0)? * error;
        Some(Interval {
            lower: (self.mean - spread).exp(),
            upper: (self.mean + spread).exp(),
            level,
        })
    }

    /// How many times as long things last here as in `before`, with its interval, if both are log-normal.
    ///
    /// Source: Welch, Biometrika 34, 1947, on the logarithms.
    pub fn ratio_to(&self, before: &Self, level: f64) -> Option<(f64, Interval)> {
        let part = |of: &Self| Some(of.deviation?.powi(2) / of.n as f64);
        let (own, other) = (part(self)?, part(before)?);
        let variance = own + other;
        let freedom = variance.powi(2)
            / (own.powi(2) / (self.n as f64 - 1.0) + other.powi(2) / (before.n as f64 - 1.0));
        let change = self.mean - before.mean;
        let ratio = change.exp();
        if variance == 0.0 {
            return None;
        }
        let spread = student_quantile(f64::midpoint(1.0, level), freedom)? * variance.sqrt();
        let interval =
            Interval { lower: (change - spread).exp(), upper: (change + spread).exp(), level };
        Some((ratio, interval))
    }
}

/// How many incidents each of two periods needs, so that durations that became shorter by the share `improvement`
/// show it: `2 ((z_{1−α/2} + z_{power}) σ / ln(1 − improvement))²`, with `deviation` σ of the logarithms.
///
/// `None` where no number is enough: without an improvement, or with nothing left.
pub fn incidents_needed(deviation: f64, improvement: f64, level: f64, power: f64) -> Option<u64> {
    let certain = normal_quantile(f64::midpoint(1.0, level)) + normal_quantile(power);
    let needed = (2.0 * (certain * deviation / (1.0 - improvement).ln()).powi(2)).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number within the range"
    )]
    (needed.is_finite() && (0.0..1e15).contains(&needed)).then_some(needed.max(2.0) as u64)
}

/// `z` with `Φ(z) = probability`.
pub(super) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// The same of Student's distribution.
fn student_quantile(probability: f64, freedom: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(probability))
}

#[cfg(test)]
mod tests {
    //! Figures are those of `SciPy` 1.17.1 and lifelines 0.30.3, unless said.
    use super::*;

    #[track_caller]
    fn assert_close(found: f64, expected: f64) {
        let close = found.total_cmp(&expected).is_eq()
            || (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
        assert!(close, "{found} is not {expected}");
    }

    fn survival(lengths: &[f64], ended: &[u8]) -> Survival {
        let observations: Vec<Observation> = lengths
            .iter()
            .zip(ended)
            .map(|(length, ended)| Observation { length: *length, ended: *ended == 1 })
            .collect();
        Survival::of(&observations)
    }

    #[track_caller]
    fn check_survival(
        lengths: &[f64],
        ended: &[u8],
        curve: &[f64],
        median: Option<f64>,
        interval: (f64, f64),
    ) {
        let found = survival(lengths, ended);
        assert_eq!(found.steps.len(), curve.len());
        for (step, expected) in found.steps.iter().zip(curve) {
            assert!((step.survival - expected).abs() < 1e-11, "{step:?} is not {expected}");
        }
        assert_eq!(found.median(), median);
        let found = found.median_interval(0.95).unwrap();
        assert_eq!((found.lower, found.upper), interval);
    }

    #[test]
    fn survival_is_that_of_lifelines() {
        // Ties, and what goes on at the time at which something else ends: the trial of Freireich, 1963.
        check_survival(
            &[
                6.0, 6.0, 6.0, 6.0, 7.0, 9.0, 10.0, 10.0, 11.0, 13.0, 16.0, 17.0, 19.0, 20.0, 22.0,
                23.0, 25.0, 32.0, 32.0, 34.0, 35.0,
            ],
            &[1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
            &[
                0.857_142_857_143,
                0.806_722_689_076,
                0.752_941_176_471,
                0.690_196_078_431,
                0.627_450_980_392,
                0.537_815_126_05,
                0.448_179_271_709,
            ],
            Some(23.0),
            (13.0, f64::INFINITY),
        );
        check_survival(
            &[
                1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 8.0, 8.0, 8.0, 8.0, 11.0, 11.0, 12.0,
                12.0, 15.0, 17.0, 22.0, 23.0,
            ],
            &[1; 21],
            &[
                0.904_761_904_762,
                0.809_523_809_524,
                0.761_904_761_905,
                0.666_666_666_667,
                0.571_428_571_429,
                0.380_952_380_952,
                0.285_714_285_714,
                0.190_476_190_476,
                0.142_857_142_857,
                0.095_238_095_238,
                0.047_619_047_619,
                0.0,
            ],
            Some(8.0),
            (4.0, 11.0),
        );
        check_survival(&[5.0, 7.0, 9.0], &[0, 0, 1], &[0.0], Some(9.0), (9.0, 9.0));
        // Exactly a half is half of them.
        check_survival(
            &[5.0, 7.0, 9.0, 11.0],
            &[1, 1, 0, 0],
            &[0.75, 0.5],
            Some(7.0),
            (5.0, f64::INFINITY),
        );
    }

    #[test]
    fn a_median_may_not_be_reached() {
        let most_go_on = survival(&[5.0, 50.0, 60.0], &[1, 0, 0]);
        assert_eq!(most_go_on.median(), None);
        assert_eq!(survival(&[5.0], &[0]).median_interval(0.95), None);
        assert_eq!(survival(&[], &[]).median(), None);
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let six = [45.0, 90.0, 90.0, 180.0, 240.0, 1440.0];
        assert_close(quantile(&six, 0.9).unwrap(), 840.0);
        assert_close(quantile(&six, 0.5).unwrap(), 135.0);
        assert_close(quantile(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], 0.33).unwrap(), 3.96);
        assert_eq!(quantile(&[7.0], 0.9), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn order_statistics_are_as_sure_as_the_binomial_says() {
        let check = |n: u32, expected: Option<(f64, f64)>| {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let found = median_interval(&values, 0.95);
            let Some((k, level)) = expected else {
                assert_eq!(found, None);
                return;
            };
            let found = found.unwrap();
            assert_eq!((found.lower, found.upper), (k, f64::from(n) + 1.0 - k));
            assert_close(found.level, level);
        };
        check(0, None);
        check(5, None);
        check(6, Some((1.0, 0.96875)));
        check(9, Some((2.0, 0.960_937_5)));
        check(10, Some((2.0, 0.978_515_625)));
        check(21, Some((6.0, 0.973_396_301_269_531_2)));
        check(100, Some((40.0, 0.964_799_799_782_295_1)));
        check(1000, Some((469.0, 0.953_708_802_639_501_9)));
        // Where 2^−n is nothing.
        let many: Vec<f64> = (0..5000).map(f64::from).collect();
        let found = median_interval(&many, 0.95);
        assert!(found.is_some_and(|found| found.lower < 2500.0 && found.level >= 0.95));
    }

    const AFTER: [f64; 10] = [12.0, 45.0, 90.0, 90.0, 180.0, 240.0, 1440.0, 33.0, 5.5, 61.0];
    const BEFORE: [f64; 7] = [20.0, 75.0, 300.0, 41.0, 18.0, 600.0, 130.0];

    #[test]
    fn geometric_means_and_their_ratio_are_those_of_scipy() {
        let after = Logarithms::of(&AFTER).unwrap();
        assert_close(after.geometric_mean(), 70.451_971_087_905_9);
        assert_close(after.deviation.unwrap(), 1.564_914_456_058_076_6);
        let interval = after.interval(0.95).unwrap();
        assert_close(interval.lower, 22.999_186_669_206_072);
        assert_close(interval.upper, 215.811_119_826_111_02);
        let before = Logarithms::of(&BEFORE).unwrap();
        let (ratio, interval) = after.ratio_to(&before, 0.95).unwrap();
        assert_close(ratio, 0.854_473_041_975_191_9);
        assert_close(interval.lower, 0.188_627_829_235_214_68);
        assert_close(interval.upper, 3.870_712_939_986_646_5);
    }

    #[test]
    fn what_has_no_logarithm_has_no_geometric_mean() {
        assert_eq!(Logarithms::of(&[3.0, 0.0]), None);
        assert_eq!(Logarithms::of(&[]), None);
        let one = Logarithms::of(&[3.0]).unwrap();
        assert_eq!(one.interval(0.95), None);
        assert_eq!(one.ratio_to(&one, 0.95), None);
        let same = Logarithms::of(&[3.0, 3.0]).unwrap();
        assert_eq!(same.ratio_to(&same, 0.95), None);
    }

    #[test]
    fn a_claim_needs_many_incidents() {
        assert_eq!(incidents_needed(1.0, 0.1, 0.95, 0.8), Some(1415));
        assert_eq!(incidents_needed(1.0, 0.2, 0.95, 0.8), Some(316));
        assert_eq!(incidents_needed(1.0, 0.0, 0.95, 0.8), None);
        assert_eq!(incidents_needed(1.0, 1.0, 0.95, 0.8), Some(2));
        assert_eq!(incidents_needed(1.0, 2.0, 0.95, 0.8), None);
    }
}
