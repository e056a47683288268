//! Spans of time as Prometheus means them.
use std::{fmt, str::FromStr};

/// A length of time in whole milliseconds, written as Prometheus writes it: `30d`, `1h30m`, `200ms`.
///
/// `1y` is 365 days and `1w` seven (Prometheus, `model.ParseDuration`); a calendar month has no fixed
/// length and is refused here. The text form of [`fmt::Display`] is the shortest exact one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    milliseconds: u64,
}

/// Why a text is not a [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number without a unit.
    #[error("`{0}` has no unit")]
    UnitMissing(String),
    /// `1M`: a month has no fixed length.
    #[error("`{0}`: a month has no fixed length")]
    Month(String),
    /// A unit that does not exist.
    #[error("`{0}` is not a unit of time")]
    UnknownUnit(String),
    /// Units repeated or not from large to small.
    #[error("units go from large to small, each once")]
    Order,
    /// A fraction such as `1.5h`.
    #[error("`{0}` has a fraction")]
    Fraction(String),
    /// Not a duration at all.
    #[error("expected a duration such as `30d`, `1h30m` or `200ms`")]
    Syntax,
    /// Longer than [`Duration::MAX`].
    #[error("longer than a thousand years")]
    TooLong,
}

impl DurationError {
    /// What to write instead, where that is certain enough to say.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::UnitMissing(text) => {
                Some(format!("write the unit: `{text}s`, `{text}m`, `{text}h` or `{text}d`"))
            }
            Self::Month(_) => {
                Some("write days, such as `30d`, or a calendar window: `{calendar: month}`".into())
            }
            Self::UnknownUnit(_) => Some("the units are `ms`, `s`, `m`, `h`, `d`, `w`, `y`".into()),
            Self::Order => Some("write it like `1h30m`".into()),
            Self::Fraction(_) => {
                Some("write a smaller unit: `1h30m` for one and a half hours".into())
            }
            Self::Syntax | Self::TooLong => None,
        }
    }
}

/// Units from large to small, with their milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl Duration {
    /// No time.
    pub const ZERO: Self = Self { milliseconds: 0 };
    /// The longest that is accepted: a thousand years, far inside what every date type can add.
    pub const MAX: Self = Self { milliseconds: 1000 * 365 * 86_400_000 };

    /// That many milliseconds.
    pub const fn from_milliseconds(milliseconds: u64) -> Self {
        Self { milliseconds }
    }

    /// That many seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self { milliseconds: seconds * 1000 }
    }

    /// That many minutes.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self::from_seconds(minutes * 60)
    }

    /// That many hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_minutes(hours * 60)
    }

    /// That many days of 24 hours.
    pub const fn from_days(days: u64) -> Self {
        Self::from_hours(days * 24)
    }

    /// Length in milliseconds.
    pub const fn milliseconds(self) -> u64 {
        self.milliseconds
    }

    /// Length in whole seconds, cut off.
    pub const fn whole_seconds(self) -> u64 {
        self.milliseconds / 1000
    }

    /// Length in seconds.
    pub fn seconds(self) -> f64 {
        self.milliseconds as f64 / 1000.0
    }

    /// Length in minutes.
    pub fn minutes(self) -> f64 {
        self.seconds() / 60.0
    }

    /// Whether no time at all.
    pub const fn is_zero(self) -> bool {
        self.milliseconds == 0
    }

    /// `self / other` as a number; `other` must not be zero.
    pub fn ratio(self, other: Self) -> f64 {
        self.milliseconds as f64 / other.milliseconds as f64
    }

    /// The same length for date arithmetic.
    pub fn to_chrono(self) -> chrono::TimeDelta {
        chrono::TimeDelta::milliseconds(i64::try_from(self.milliseconds).unwrap_or(i64::MAX / 4))
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        if text == "0" {
            return Ok(Self::ZERO);
        }
        let mut rest = text;
        let mut next_unit = 0;
        let mut total: u64 = 0;
        if rest.is_empty() {
            return Err(DurationError::Syntax);
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return Err(DurationError::Syntax);
            }
            let (number, tail) = rest.split_at(digits);
            if tail.starts_with('.') {
                return Err(DurationError::Fraction(text.to_owned()));
            }
            let letters = tail.bytes().take_while(|b| !b.is_ascii_digit()).count();
            let (unit, tail) = tail.split_at(letters);
            rest = tail;
            let at =
                UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(|| match unit {
                    "" => DurationError::UnitMissing(text.to_owned()),
                    "M" => DurationError::Month(text.to_owned()),
                    _ if unit.trim() != unit => DurationError::Syntax,
                    _ => DurationError::UnknownUnit(unit.to_owned()),
                })?;
            if at < next_unit {
                return Err(DurationError::Order);
            }
            next_unit = at + 1;
            total = number
                .parse::<u64>()
                .ok()
                .and_then(|number| number.checked_mul(UNITS[at].1))
                .and_then(|part| total.checked_add(part))
                .filter(|total| *total <= Self::MAX.milliseconds)
                .ok_or(DurationError::TooLong)?;
        }
        Ok(Self { milliseconds: total })
    }
}

impl fmt::Display for Duration {
    /// As Prometheus prints: years and weeks only where they are the whole of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0s");
        }
        let mut rest = self.milliseconds;
        for (at, (name, length)) in UNITS.iter().enumerate() {
            let whole_only = at < 2;
            if rest < *length || (whole_only && !rest.is_multiple_of(*length)) {
                continue;
            }
            write!(f, "{}{name}", rest / length)?;
            rest %= length;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, seconds: f64, printed: &str) {
        let duration: Duration = text.parse().unwrap();
        assert!((duration.seconds() - seconds).abs() < 1e-9, "{text}");
        assert_eq!(duration.to_string(), printed);
    }

    #[test]
    fn reads_what_prometheus_reads() {
        check("30d", 2_592_000.0, "30d");
        check("4w", 2_419_200.0, "4w");
        check("28d", 2_419_200.0, "4w");
        check("1y", 31_536_000.0, "1y");
        check("1h30m", 5400.0, "1h30m");
        check("90m", 5400.0, "1h30m");
        check("200ms", 0.2, "200ms");
        check("1w2d", 777_600.0, "9d");
        check("0", 0.0, "0s");
    }

    #[test]
    fn refuses_what_is_ambiguous() {
        for bad in
            ["", "30", "1M", "1.5h", "1d1w", "1h1h", "5 minutes", "1h 30m", "P1D", "-5m", "5q"]
        {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
        assert!("30".parse::<Duration>().unwrap_err().remedy().unwrap().contains("`30d`"));
    }

    proptest! {
        #[test]
        fn display_reads_back(milliseconds in 0..=Duration::MAX.milliseconds()) {
            let duration = Duration::from_milliseconds(milliseconds);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
