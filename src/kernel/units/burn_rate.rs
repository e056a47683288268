//! How fast an error budget is spent: as measured, and as a threshold.
use super::{Duration, Ratio};
use std::{cmp::Ordering, fmt, str::FromStr};

/// How fast a budget is spent, as measured.
///
/// Unit: budgets per window of the objective; 1 spends the whole budget in exactly one window. With
/// `e` the error ratio of a stretch of time and `T` the target: `e / (1 − T)`.
///
/// Source: The Site Reliability Workbook, "Alerting on SLOs".
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct BurnRate(pub f64);

/// A burn rate as a threshold: the factor `F` of an alert, held exactly.
///
/// Unit: as [`BurnRate`]. A factor is what a user wrote (`14.4`) or follows from a share of the
/// budget, so it is a fraction of whole numbers, and a measured burn rate that equals it is seen to
/// be equal. Shape: lowest terms, above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BurnFactor {
    numerator: u128,
    denominator: u128,
}

/// Why a text is not a [`BurnFactor`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BurnFactorError {
    /// Not a plain decimal.
    #[error("expected a burn rate such as `14.4`")]
    Syntax,
    /// Zero, which every error would exceed.
    #[error("a burn rate to alert on is above 0")]
    Zero,
    /// More than nine digits before or after the point.
    #[error("`{0}` has more than nine digits before or after the point")]
    TooManyDigits(String),
}

impl BurnFactor {
    /// The factor at which `share` of the budget of `period` is spent within `long`:
    /// `share · period / long`.
    ///
    /// `None` where the share or one of the spans is zero. 2 % of 30 days in one hour is 14.4.
    ///
    /// Source: The Site Reliability Workbook, "Alerting on SLOs", table 5-6 and the text before it.
    pub fn from_share(share: Ratio, period: Duration, long: Duration) -> Option<Self> {
        let numerator = u128::from(share.parts()) * u128::from(period.milliseconds());
        let denominator = u128::from(Ratio::PARTS) * u128::from(long.milliseconds());
        Self::reduced(numerator, denominator)
    }

    /// Numerator and denominator in lowest terms.
    pub fn fraction(self) -> (u128, u128) {
        (self.numerator, self.denominator)
    }

    /// Nearest `f64`; exact decimals such as 14.4 give the `f64` that is written so.
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The plain decimal of at most nine digits behind the point, the most that a document can hold,
    /// that is nearest to it and above 0.
    pub fn decimal(self) -> String {
        const SCALE: u128 = 1_000_000_000;
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        // The rest is below the denominator, which has at most 96 bits: the product fits.
        let fraction = (rest * SCALE + self.denominator / 2) / self.denominator;
        let billionths = (whole * SCALE + fraction).max(1);
        let text = format!("{}.{:09}", billionths / SCALE, billionths % SCALE);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// `F · (1 − T)`: the error ratio that a window must exceed, as numerator and denominator.
    pub fn error_ratio(self, target: Ratio) -> (u128, u128) {
        let budget = u128::from(target.complement().parts());
        (self.numerator * budget, self.denominator * u128::from(Ratio::PARTS))
    }

    /// The fraction in lowest terms; `None` unless both parts are above zero.
    fn reduced(numerator: u128, denominator: u128) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }
}

/// Euclid's algorithm.
fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Orders two fractions (numerator, denominator) without a product that could overflow: whole parts
/// first, then the reciprocals of what is left, as in a continued fraction. Denominators are above
/// zero.
pub fn compare_fractions(mut left: (u128, u128), mut right: (u128, u128)) -> Ordering {
    loop {
        let whole = (left.0 / left.1).cmp(&(right.0 / right.1));
        if whole != Ordering::Equal {
            return whole;
        }
        match (left.0 % left.1, right.0 % right.1) {
            (0, 0) => return Ordering::Equal,
            (0, _) => return Ordering::Less,
            (_, 0) => return Ordering::Greater,
            // p/q is below r/s exactly where s/r is below q/p: the sides change places.
            (rest, other) => (left, right) = ((right.1, other), (left.1, rest)),
        }
    }
}

impl PartialOrd for BurnFactor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BurnFactor {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_fractions(self.fraction(), other.fraction())
    }
}

impl From<BurnFactor> for BurnRate {
    fn from(factor: BurnFactor) -> Self {
        Self(factor.as_f64())
    }
}

impl FromStr for BurnFactor {
    type Err = BurnFactorError;

    fn from_str(text: &str) -> Result<Self, BurnFactorError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(BurnFactorError::Syntax);
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        if whole.len() > 9 || fraction.len() > 9 {
            return Err(BurnFactorError::TooManyDigits(text.to_owned()));
        }
        let billionths: u128 =
            format!("{whole}{fraction:0<9}").parse().map_err(|_| BurnFactorError::Syntax)?;
        Self::reduced(billionths, u128::from(Ratio::PARTS)).ok_or(BurnFactorError::Zero)
    }
}

impl fmt::Display for BurnFactor {
    /// The shortest decimal that is the nearest `f64`: `14.4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn shares_of_thirty_days_give_the_published_factors_exactly() {
        let period = Duration::from_days(30);
        for (share, hours, factor) in [("2%", 1, 14.4), ("5%", 6, 6.0), ("10%", 24, 3.0)] {
            let computed =
                BurnFactor::from_share(ratio(share), period, Duration::from_hours(hours)).unwrap();
            assert_eq!(computed.as_f64().to_bits(), f64::to_bits(factor), "{share} in {hours}h");
            assert_eq!(factor.to_string().parse(), Ok(computed));
        }
    }

    #[test]
    fn a_share_or_a_span_of_zero_is_no_factor() {
        let hour = Duration::from_hours(1);
        assert_eq!(BurnFactor::from_share(Ratio::ZERO, hour, hour), None);
        assert_eq!(BurnFactor::from_share(Ratio::ONE, Duration::ZERO, hour), None);
        assert_eq!(BurnFactor::from_share(Ratio::ONE, hour, Duration::ZERO), None);
    }

    #[test]
    fn refuses_what_is_not_a_threshold() {
        for bad in ["", "-1", "1e3", ".5", "5.", "14,4", "14.4x", "nan", "inf"] {
            assert_eq!(bad.parse::<BurnFactor>(), Err(BurnFactorError::Syntax), "{bad}");
        }
        assert_eq!("0.000".parse::<BurnFactor>(), Err(BurnFactorError::Zero));
        for long in ["1234567890", "0.1234567891"] {
            assert!(
                matches!(long.parse::<BurnFactor>(), Err(BurnFactorError::TooManyDigits(_))),
                "{long}"
            );
        }
        assert_eq!("000014.40".parse::<BurnFactor>().unwrap().fraction(), (72, 5));
    }

    #[test]
    fn the_longest_spans_fit() {
        let tiny = Duration::from_milliseconds(1);
        let huge = BurnFactor::from_share(Ratio::ONE, Duration::MAX, tiny).unwrap();
        let (numerator, denominator) = huge.error_ratio(Ratio::ZERO);
        assert!(numerator / denominator == u128::from(Duration::MAX.milliseconds()));
    }

    proptest! {
        #[test]
        fn fractions_compare_as_their_products(
            a in 0..u64::MAX, b in 1..u64::MAX, c in 0..u64::MAX, d in 1..u64::MAX, same in 1u64..9,
        ) {
            let [a, b, c, d] = [a, b, c, d].map(u128::from);
            prop_assert_eq!(compare_fractions((a, b), (c, d)), (a * d).cmp(&(c * b)));
            let scaled = (a * u128::from(same), b * u128::from(same));
            prop_assert_eq!(compare_fractions((a, b), scaled), Ordering::Equal);
        }

        #[test]
        fn the_decimal_is_the_nearest(share in 1u32..=Ratio::PARTS, days in 1u64..400, hours in 1u64..100) {
            let share = Ratio::from_parts(share).unwrap();
            let [period, long] = [24 * days, hours].map(Duration::from_hours);
            let factor = BurnFactor::from_share(share, period, long).unwrap();
            let read: BurnFactor = factor.decimal().parse().unwrap();
            prop_assert!((read.as_f64() - factor.as_f64()).abs() <= 1e-9_f64.max(1e-15 * factor.as_f64()));
        }

        #[test]
        fn decimals_read_back(billionths in 1u64..1_000_000_000_000) {
            let text = format!("{}.{:09}", billionths / 1_000_000_000, billionths % 1_000_000_000);
            let factor: BurnFactor = text.parse().unwrap();
            prop_assert_eq!(factor.to_string().parse(), Ok(factor));
        }
    }
}
