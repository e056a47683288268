//! Exact fractions: objectives, budgets, shares.
use std::{fmt, str::FromStr};

/// A fraction in `0..=1`, held exactly as parts per billion.
///
/// `99.9%` is 999 000 000 parts and its complement exactly 1 000 000 parts, so whatever is generated
/// from it says `0.001` and never `0.0009999999999999432`. What a user writes is a `Ratio`; what was
/// measured is an `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio {
    parts: u32,
}

/// Why a text is not a [`Ratio`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatioError {
    /// Not of the form `99.9%` or `0.999`.
    #[error("expected a percentage such as `99.9%` or a ratio such as `0.999`")]
    Syntax,
    /// Above 1 without a percent sign, where a percentage was very probably meant.
    #[error("`{text}` is above 1; a percentage carries its sign")]
    PercentSignMissing {
        /// The text, to be written again with `%` behind it.
        text: String,
    },
    /// Below 0 or above 100 %.
    #[error("`{0}` is outside 0%..=100%")]
    OutOfRange(String),
    /// Finer than one part per billion.
    #[error("`{0}` has more than the nine decimal digits that a ratio can have")]
    TooFine(String),
}

impl RatioError {
    /// What to write instead, where that is certain.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::PercentSignMissing { text } => Some(format!("write `{text}%`")),
            Self::Syntax | Self::OutOfRange(_) | Self::TooFine(_) => None,
        }
    }
}

impl Ratio {
    /// Parts in a whole.
    pub const PARTS: u32 = 1_000_000_000;
    /// 0 %.
    pub const ZERO: Self = Self { parts: 0 };
    /// 1 %.
    pub const ONE_PERCENT: Self = Self { parts: Self::PARTS / 100 };
    /// 100 %.
    pub const ONE: Self = Self { parts: Self::PARTS };

    /// The ratio of that many parts per billion; `None` above one billion.
    pub const fn from_parts(parts: u32) -> Option<Self> {
        if parts <= Self::PARTS { Some(Self { parts }) } else { None }
    }

    /// Parts per billion.
    pub const fn parts(self) -> u32 {
        self.parts
    }

    /// `1 - self`, without rounding: the error budget of an objective.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self { parts: Self::PARTS - self.parts }
    }

    /// Nearest `f64`, for arithmetic with measured values.
    pub fn as_f64(self) -> f64 {
        f64::from(self.parts) / f64::from(Self::PARTS)
    }

    /// The form with a percent sign, without trailing zeros: `99.9%`.
    pub fn percent(self) -> String {
        format!("{}%", decimal(u64::from(self.parts), 7))
    }
}

/// `parts` shifted right by `digits` decimal places, without trailing zeros.
fn decimal(parts: u64, digits: u32) -> String {
    let scale = 10u64.pow(digits);
    let (whole, rest) = (parts / scale, parts % scale);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0width$}", width = digits as usize);
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        let (digits, scale) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 7),
            None => (text, 9),
        };
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(RatioError::Syntax);
        }
        let out_of_range = || match scale {
            9 if sign > 0 && whole.len() <= 3 && percent_fits(whole, fraction) => {
                RatioError::PercentSignMissing { text: text.to_owned() }
            }
            _ => RatioError::OutOfRange(text.to_owned()),
        };
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > scale {
            return Err(RatioError::TooFine(text.to_owned()));
        }
        let padded = format!("{whole}{fraction:0<scale$}");
        let parts: u64 = padded.parse().map_err(|_| out_of_range())?;
        if sign < 0 && parts > 0 {
            return Err(RatioError::OutOfRange(text.to_owned()));
        }
        u32::try_from(parts).ok().and_then(Self::from_parts).ok_or_else(out_of_range)
    }
}

/// Whether `whole.fraction` is at most 100.
fn percent_fits(whole: &str, fraction: &str) -> bool {
    whole.parse::<u32>().is_ok_and(|whole| {
        whole < 100 || (whole == 100 && fraction.bytes().all(|digit| digit == b'0'))
    })
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(u64::from(self.parts), 9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn complement_of_three_nines_is_exact() {
        let objective: Ratio = "99.9%".parse().unwrap();
        assert_eq!(objective.complement().to_string(), "0.001");
        assert_eq!("0.999".parse(), Ok(objective));
        assert_eq!(objective.percent(), "99.9%");
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        for bad in ["", "99,9%", "-1%", "101%", "-0.5", "99.99999999%", "nan", "1e-3", ".5", "5."] {
            assert!(bad.parse::<Ratio>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_percent_sign_has_a_remedy() {
        let error = "99.9".parse::<Ratio>().unwrap_err();
        assert_eq!(error.remedy().as_deref(), Some("write `99.9%`"));
        assert_eq!("250".parse::<Ratio>(), Err(RatioError::OutOfRange("250".to_owned())));
    }

    proptest! {
        #[test]
        fn display_and_percent_read_back(parts in 0..=Ratio::PARTS) {
            let ratio = Ratio::from_parts(parts).unwrap();
            prop_assert_eq!(ratio.to_string().parse(), Ok(ratio));
            prop_assert_eq!(ratio.percent().parse(), Ok(ratio));
            prop_assert_eq!(ratio.complement().complement(), ratio);
        }
    }
}
