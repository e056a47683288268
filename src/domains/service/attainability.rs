//! What the objectives of the services that a service needs leave for its own.
//!
//! A service that fails whenever one of several others does is, at best, as available as all of them
//! together: parts in series. With `a` the availability of a part, `n` independent copies of it of
//! which one is enough have `1 − (1 − a)^n`, and parts in series the product of theirs.
//!
//! Every objective is taken as what its service adds by itself, the services behind it counting on
//! their own, each once however many ways lead to it; parts are taken to fail independently.
//!
//! Source: Treynor, Dahlin, Rau, Beyer, "The Calculus of Service Availability", ACM Queue 15 (2), 2017;
//! the formulas for series and parallel parts are those of any text on reliability block diagrams.
use crate::kernel::units::Ratio;
use std::fmt;

/// Share of the time, or of the events, that something works.
///
/// Unit: units of 10⁻¹⁸, so that the product of two ratios is exact; what is cut off is cut in favour
/// of the service. Shape: 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Availability(u128);

/// 1, in units of 10⁻¹⁸.
const WHOLE: u128 = 1_000_000_000_000_000_000;

/// How many of the units a part of a [`Ratio`] has.
const UNITS_PER_PART: u128 = WHOLE / Ratio::PARTS as u128;

impl Availability {
    /// What always works.
    pub const FULL: Self = Self(WHOLE);

    /// Both must work: the product, rounded up after 18 digits.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self((self.0 * other.0).div_ceil(WHOLE))
    }

    /// `copies` of it, any one of which is enough: `1 − (1 − a)^n`. No copies count as one.
    #[must_use]
    pub fn copies(self, copies: u8) -> Self {
        let failing = WHOLE - self.0;
        let all_failing = (1..copies.max(1)).fold(failing, |all, _| all * failing / WHOLE);
        Self(WHOLE - all_failing)
    }

    /// Everything in `parts` must work.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::FULL, Self::and)
    }

    /// As a share, rounded.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / WHOLE as f64
    }

    /// Whether an objective asks for more than this.
    pub fn is_below(self, objective: Ratio) -> bool {
        self < Self::from(objective)
    }
}

impl From<Ratio> for Availability {
    fn from(ratio: Ratio) -> Self {
        Self(u128::from(ratio.parts()) * UNITS_PER_PART)
    }
}

impl fmt::Display for Availability {
    /// As a percentage, cut (not rounded) after seven decimals: `99.8001%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = u32::try_from(self.0 / UNITS_PER_PART).ok().and_then(Ratio::from_parts);
        f.write_str(&parts.unwrap_or(Ratio::ONE).percent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn availability(text: &str) -> Availability {
        text.parse::<Ratio>().unwrap().into()
    }

    #[test]
    fn parts_in_series_multiply_exactly() {
        let two = Availability::of_all([availability("99.9%"), availability("99.9%")]);
        assert_eq!(two.to_string(), "99.8001%");
        assert!(two.is_below("99.8002%".parse().unwrap()));
        assert!(!two.is_below("99.8001%".parse().unwrap()));
        assert_eq!(Availability::of_all([]).to_string(), "100%");
    }

    #[test]
    fn nine_digits_that_equal_the_product_are_not_above_it() {
        // 0.99 · 0.99 · 0.99 · 0.99 has eight digits.
        let four = Availability::of_all([availability("99%"); 4]);
        assert!(!four.is_below("0.96059601".parse().unwrap()));
        assert!(four.is_below("0.960596011".parse().unwrap()));
    }

    #[test]
    fn copies_fail_together_only() {
        assert_eq!(availability("99%").copies(2).to_string(), "99.99%");
        assert_eq!(availability("90%").copies(3).to_string(), "99.9%");
        assert_eq!(availability("99%").copies(0), availability("99%"));
        assert_eq!(availability("0%").copies(255).to_string(), "0%");
        assert_eq!(availability("50%").copies(255).to_string(), "100%");
    }

    proptest! {
        #[test]
        fn more_parts_never_help_and_more_copies_never_harm(
            a in 0..=Ratio::PARTS, b in 0..=Ratio::PARTS, copies in 1u8..20,
        ) {
            let part = |parts| Availability::from(Ratio::from_parts(parts).unwrap());
            prop_assert!(part(a).and(part(b)) <= part(a).min(part(b)));
            prop_assert!(part(a).copies(copies) <= part(a).copies(copies + 1));
            prop_assert!(part(a).copies(copies) <= Availability::FULL);
        }
    }
}
