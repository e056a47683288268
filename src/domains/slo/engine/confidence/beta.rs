//! The regularised incomplete beta function and its inverse, for counts of up to 2^53 events.
//!
//! Libraries take the factor before the continued fraction from three logarithms of gamma functions.
//! At 10⁹ events each is about 2·10¹⁰, and their difference keeps five digits. Here it is Loader's form,
//! in which nothing large is subtracted, so the quantiles keep twelve digits at any count.
use statrs::{
    distribution::{ContinuousCDF, Normal},
    function::gamma::ln_gamma,
};
use std::f64::consts::PI;

/// A share and what it lacks to 1. Near 1 the first alone has lost the digits of the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    /// `p`.
    pub(super) of: f64,
    /// `1 − p`.
    pub(super) rest: f64,
}

impl Share {
    pub(super) const NOTHING: Self = Self { of: 0.0, rest: 1.0 };

    /// `1 − p`.
    pub(super) fn complement(self) -> Self {
        Self { of: self.rest, rest: self.of }
    }

    /// The share with `ln(p / (1 − p)) = logit`.
    fn from_logit(logit: f64) -> Self {
        if logit > 0.0 {
            return Self::from_logit(-logit).complement();
        }
        let odds = logit.exp();
        Self { of: odds / (1.0 + odds), rest: 1.0 / (1.0 + odds) }
    }
}

/// Terms of the continued fraction before it is given up. It converges within a few times `√max(a, b)`
/// terms; 2^53 events of which half are bad would take longer than anyone waits, and no digit that is
/// printed depends on the rest.
const TERMS: u32 = 1_000_000;

/// Newton's steps. Seven are usual; from a far start each halves the distance at the least.
const NEWTON_STEPS: u32 = 100;

/// Below this logit a share is nothing: `e^-700` is about 10⁻³⁰⁴.
const LEAST_LOGIT: f64 = -700.0;

/// `z` with `Φ(z) = probability`.
pub(super) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// `I_x(a, b)`: the probability that a Beta(a, b) variable is at most `x`. Both shapes above zero.
pub(super) fn cumulative(a: f64, b: f64, x: Share) -> f64 {
    log_cumulative(a, b, x).0.exp().clamp(0.0, 1.0)
}

/// `x` with `I_x(a, b) = probability`. Both shapes above zero, the probability within 0 to 1.
///
/// Newton's method on `ln I` over the logit of `x`. The logit of a beta variable has a log-concave
/// density, hence a log-concave distribution function (Prékopa; Bagnoli and Bergstrom, Economic Theory
/// 26, 2005): the first step lands left of the root, and from there every step goes right and none
/// overshoots, whatever the start.
pub(super) fn quantile(a: f64, b: f64, probability: f64) -> Share {
    if probability > 0.5 {
        // The upper tail, which is the lower one of the mirrored variable.
        return quantile(b, a, 1.0 - probability).complement();
    }
    if probability <= 0.0 {
        return Share::NOTHING;
    }
    let spread = (1.0 / a + 1.0 / b).sqrt();
    let mut logit = (a / b).ln() + normal_quantile(probability) * spread;
    for _ in 0..NEWTON_STEPS {
        if logit < LEAST_LOGIT {
            return Share::NOTHING;
        }
        let (log, slope) = log_cumulative(a, b, Share::from_logit(logit));
        let change = (probability.ln() - log) / slope;
        if !change.is_finite() {
            break;
        }
        logit += change;
        if change.abs() <= 1e-14 * (1.0 + logit.abs()) {
            break;
        }
    }
    Share::from_logit(logit)
}

/// `ln I_x(a, b)`, and its slope over the logit of `x`.
fn log_cumulative(a: f64, b: f64, x: Share) -> (f64, f64) {
    let front = log_front(a, b, x);
    // The fraction converges fast on the side of the mean where `x` is.
    if x.of <= (a + 1.0) / (a + b + 2.0) {
        let fraction = continued_fraction(a, b, x);
        return (front - fraction.ln(), fraction);
    }
    let front = front.exp();
    let above = (front / continued_fraction(b, a, x.complement())).min(1.0);
    ((-above).ln_1p(), front / (1.0 - above))
}

/// `ln(x^a · (1 − x)^b / B(a, b))`.
///
/// Source: Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000: the saddle-point
/// form, in which the size of the counts has cancelled.
fn log_front(a: f64, b: f64, x: Share) -> f64 {
    let n = a + b;
    let shape = 0.5 * (a / (2.0 * PI) * (b / n)).ln();
    let stirling = stirling_error(n) - stirling_error(a) - stirling_error(b);
    shape + stirling - deviance(a, n * x.of) - deviance(b, n * x.rest)
}

/// `ln Γ(z + 1)` less Stirling's formula `(z + ½) ln z − z + ½ ln 2π`.
fn stirling_error(z: f64) -> f64 {
    if z < 16.0 {
        return ln_gamma(z + 1.0) - (z + 0.5) * z.ln() + z - 0.5 * (2.0 * PI).ln();
    }
    // Abramowitz and Stegun 6.1.41; at 16 the next term is below 10⁻¹⁵.
    let square = z * z;
    let inner = 1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - inner / square) / square) / z
}

/// `x ln(x / m) + m − x`, without losing digits where the two are close.
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    let v = difference / (x + m);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for term in 1..1000u32 {
        power *= v * v;
        let next = sum + power / f64::from(2 * term + 1);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

/// What `x^a (1 − x)^b / B(a, b)` is to be divided by to get `I_x(a, b)`, by Lentz's method.
///
/// Source: Didonato and Morris, ACM Transactions on Mathematical Software 18, 1992 (algorithm 708),
/// equation 9. Every term is a sum of positive numbers as long as there are fewer terms than `b`, so
/// nothing cancels, however near to 1 the share is.
fn continued_fraction(a: f64, b: f64, x: Share) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let ahead = a * x.rest - b * x.of;
    let denominator = |m: f64| {
        m + m * (b - m) * x.of / (a + 2.0 * m - 1.0)
            + (a + m) / (a + 2.0 * m + 1.0) * (ahead + 1.0 + m * (1.0 + x.rest))
    };
    let mut fraction = away_from_zero(a / (a + 1.0) * (ahead + 1.0));
    let (mut upward, mut downward) = (fraction, 0.0);
    for term in 1..TERMS {
        let m = f64::from(term);
        let step = x.of / (a + 2.0 * m - 1.0);
        let numerator = (a + m - 1.0) * step * (a + b + m - 1.0) * step * m * (b - m);
        let denominator = denominator(m);
        downward = 1.0 / away_from_zero(denominator + numerator * downward);
        upward = away_from_zero(denominator + numerator / upward);
        let factor = upward * downward;
        fraction *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::function::beta::beta_reg;

    fn share(of: f64) -> Share {
        Share { of, rest: 1.0 - of }
    }

    #[track_caller]
    fn assert_close(ours: f64, theirs: f64, relative: f64) {
        assert!((ours - theirs).abs() <= relative * theirs.abs(), "{ours} is not {theirs}");
    }

    #[test]
    fn closed_forms() {
        // Beta(a, 1) has the distribution function x^a, and Beta(1, b) 1 − (1 − x)^b.
        for n in [1.0, 2.5, 299.0, 2995.0, 1e6, 1e9, 1e15] {
            let found = quantile(n, 1.0, 0.05);
            assert_close(found.rest, -(0.05f64.ln() / n).exp_m1(), 1e-12);
            assert_close(quantile(1.0, n, 0.95).of, found.rest, 1e-12);
        }
        // Beta(½, ½) is the arcsine distribution.
        for p in [0.001, 0.05, 0.3, 0.5, 0.9] {
            assert_close(quantile(0.5, 0.5, p).of, (PI * p / 2.0).sin().powi(2), 1e-12);
        }
        assert_close(quantile(5e8, 5e8, 0.5).of, 0.5, 1e-13);
    }

    #[test]
    fn large_counts_are_normal_to_the_order_that_they_should_be() {
        // At 10⁹ events, a half bad, the logit is normal to within a relative 10⁻⁹ of its spread.
        let (a, z) = (5e8, normal_quantile(0.025));
        let found = quantile(a, a, 0.025);
        let logit = (found.of / found.rest).ln();
        assert_close(logit, z * (2.0 / a).sqrt(), 1e-8);
    }

    #[test]
    fn what_has_no_quantile_above_zero_is_nothing() {
        assert_eq!(quantile(1e-9, 1e6, 0.05), Share::NOTHING);
        assert_eq!(quantile(3.0, 4.0, 0.0), Share::NOTHING);
        assert_eq!(quantile(3.0, 4.0, 1.0), Share::NOTHING.complement());
    }

    proptest! {
        #[test]
        fn agrees_with_another_implementation(
            (a, b) in (0.05f64..200.0, 0.05f64..200.0), x in 0.001f64..0.999,
        ) {
            let (ours, theirs) = (cumulative(a, b, share(x)), beta_reg(a, b, x));
            prop_assert!((ours - theirs).abs() <= 1e-11, "{ours} is not {theirs}");
        }

        #[test]
        fn the_quantile_is_the_inverse(
            log_a in -3.0f64..9.0, log_b in -3.0f64..9.0, probability in 1e-6f64..0.999_999,
        ) {
            let (a, b) = (10f64.powf(log_a), 10f64.powf(log_b));
            let found = quantile(a, b, probability);
            prop_assume!(found.of > 1e-290 && found.rest > 1e-290);
            let back = cumulative(a, b, found);
            prop_assert!((back - probability).abs() <= 1e-9, "{back} is not {probability}");
        }
    }
}
