//! Lengths of time as OpenSLO writes them: `5m`, `28d`, `1M`.
use crate::kernel::units::Duration;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, Visitor},
};
use std::fmt;

/// A length of time: a whole number and one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shorthand {
    /// Nothing, or no time at all: the same as no value.
    Nothing,
    /// So many of a unit.
    Of(u32, Unit),
    /// A number without a unit, which older documents mean as minutes.
    Bare(f64),
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `M`, 30 days.
    Month,
    /// `Q`, 90 days.
    Quarter,
    /// `Y`, 365 days.
    Year,
}

impl Unit {
    const ALL: [(char, Self); 7] = [
        ('m', Self::Minute),
        ('h', Self::Hour),
        ('d', Self::Day),
        ('w', Self::Week),
        ('M', Self::Month),
        ('Q', Self::Quarter),
        ('Y', Self::Year),
    ];

    /// The unit that a letter stands for.
    fn of(letter: char) -> Option<Self> {
        Self::ALL.iter().find(|(other, _)| *other == letter).map(|(_, unit)| *unit)
    }

    /// The letter that stands for it.
    pub fn letter(self) -> char {
        Self::ALL.iter().find(|(_, unit)| *unit == self).map_or('m', |(letter, _)| *letter)
    }

    /// Its length. Unit: minutes.
    ///
    /// Source: OpenSLO's Go library, which takes a month for 30 days, a quarter for 90, a year for 365.
    fn minutes(self) -> u64 {
        const DAY: u64 = 24 * 60;
        match self {
            Self::Minute => 1,
            Self::Hour => 60,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Quarter => 90 * DAY,
            Self::Year => 365 * DAY,
        }
    }
}

impl Shorthand {
    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Nothing);
        }
        let unit = Unit::of(text.chars().next_back()?)?;
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(match digits.parse().ok()? {
            0 => Self::Nothing,
            count => Self::Of(count, unit),
        })
    }

    /// How long it is; `None` where it says nothing, or what is no whole number of minutes.
    pub fn length(self) -> Option<Duration> {
        const MOST: u64 = Duration::MAX.milliseconds() / 60_000;
        let minutes = match self {
            Self::Of(count, unit) => u64::from(count).checked_mul(unit.minutes())?,
            Self::Bare(minutes) if minutes.fract() == 0.0 && (1.0..1e9).contains(&minutes) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole, above zero and below 2^53"
                )]
                let minutes = minutes as u64;
                minutes
            }
            Self::Nothing | Self::Bare(_) => return None,
        };
        (minutes <= MOST).then(|| Duration::from_minutes(minutes))
    }
}

impl fmt::Display for Shorthand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Of(count, unit) => write!(f, "{count}{}", unit.letter()),
            Self::Bare(number) => write!(f, "{number}"),
        }
    }
}

impl<'de> Deserialize<'de> for Shorthand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShorthandVisitor)
    }
}

struct ShorthandVisitor;

impl Visitor<'_> for ShorthandVisitor {
    type Value = Shorthand;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `5m`, `28d` or `1M`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Shorthand, E> {
        Shorthand::parse(text).ok_or_else(|| {
            E::custom(format!(
                "`{text}` is no duration: write a whole number and one of `m`, `h`, `d`, `w`, `M`, `Q`, `Y`"
            ))
        })
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Shorthand, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Shorthand, E> {
        Ok(Shorthand::Bare(number))
    }

    fn visit_unit<E>(self) -> Result<Shorthand, E> {
        Ok(Shorthand::Nothing)
    }
}

/// When a calendar window first began: `2022-01-01 12:00:00`, in the zone that stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTime(pub chrono::NaiveDateTime);

impl<'de> Deserialize<'de> for StartTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = chrono::NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S");
        // chrono would take fewer digits, and spaces in front of them.
        let shaped = text.len() == "2022-01-01 12:00:00".len() && !text.contains("  ");
        time.ok().filter(|_| shaped).map(Self).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is no time such as `2022-01-01 12:00:00`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        let length =
            |text| Shorthand::parse(text).map(|read| read.length().map(|it| it.to_string()));
        for (text, expected) in [
            ("10m", "10m"),
            ("5h", "5h"),
            ("2d", "2d"),
            ("1w", "1w"),
            ("3M", "90d"),
            ("1Q", "90d"),
            ("1Y", "1y"),
        ] {
            assert_eq!(length(text), Some(Some(expected.to_owned())), "{text}");
            assert_eq!(Shorthand::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        assert_eq!(length(""), Some(None));
        assert_eq!(length("0w"), Some(None));
        assert_eq!(length("4000000000Y"), Some(None), "longer than any date can be");
        for bad in ["invalid", "-1m", "1", "m", "1.5h", "1h30m", "1s", "1é", "99999999999m"] {
            assert_eq!(length(bad), None, "{bad}");
        }
    }
}
