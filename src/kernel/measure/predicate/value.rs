//! Texts read as numbers and truth values.
use std::cmp::Ordering;

/// A number as SQL sees it: whole ones stay exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Number {
    /// A 64-bit integer.
    Whole(i64),
    /// A finite double.
    Float(f64),
}

impl Number {
    /// The double, or the integer it is.
    pub(in super::super) fn from_float(value: f64) -> Self {
        Self::Float(value)
    }

    /// As a double; integers past 2^53 are rounded.
    pub(in super::super) fn to_float(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// Order of two numbers: exact between integers, as doubles otherwise.
    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left.cmp(&right),
            // Neither is ever NaN, so the order is total but for the two zeros, which are equal.
            _ => self.to_float().partial_cmp(&other.to_float()).unwrap_or(Ordering::Equal),
        }
    }

    /// The double if it is finite.
    pub(super) fn finite(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Float(value))
    }
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads a decimal number, blanks around it allowed; `None` if it is not one or not finite.
pub(in super::super) fn read_number(text: &[u8]) -> Option<Number> {
    if text.len() <= 15 {
        let mut value: i64 = 0;
        let mut point = None;
        let mut plain = !text.is_empty();
        for (at, &byte) in text.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                value = value * 10 + i64::from(digit);
            } else if byte == b'.' && point.is_none() && at > 0 {
                point = Some(at);
            } else {
                plain = false;
                break;
            }
        }
        if plain {
            return Some(match point {
                None => Number::Whole(value),
                // Below 10^15 over an exact power of ten: one correctly rounded division.
                Some(at) => Number::Float(value as f64 / POWERS[text.len() - 1 - at]),
            });
        }
    }
    read_number_slowly(text.trim_ascii())
}

/// Every form: signs, exponents, any length.
fn read_number_slowly(text: &[u8]) -> Option<Number> {
    let text = std::str::from_utf8(text).ok()?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let first = unsigned.bytes().next()?;
    // Refuses `inf`, `nan`, a second sign.
    if !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(whole) = text.parse()
    {
        return Some(Number::Whole(whole));
    }
    Number::finite(text.parse().ok()?)
}

/// Reads a truth value as DuckDB's cast from text does.
pub(super) fn read_truth(text: &[u8]) -> Option<bool> {
    let text = text.trim_ascii();
    let is = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    if is(["true", "t", "1", "yes", "y"]) {
        Some(true)
    } else if is(["false", "f", "0", "no", "n"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_in_every_decimal_form() {
        for (text, expected) in [
            ("500", Some(Number::Whole(500))),
            ("-7", Some(Number::Whole(-7))),
            (" 12 ", Some(Number::Whole(12))),
            ("+5", Some(Number::Whole(5))),
            ("0.3", Some(Number::Float(0.3))),
            (".5", Some(Number::Float(0.5))),
            ("5.", Some(Number::Float(5.0))),
            ("1e3", Some(Number::Float(1000.0))),
            ("9223372036854775807", Some(Number::Whole(i64::MAX))),
            ("9223372036854775808", Some(Number::Float(9_223_372_036_854_775_808.0))),
            ("", None),
            (".", None),
            ("-", None),
            ("12ms", None),
            ("nan", None),
            ("inf", None),
            ("1e999", None),
            ("1.2.3", None),
            ("--1", None),
        ] {
            assert_eq!(read_number(text.as_bytes()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn doubles_are_read_as_the_standard_library_reads_them(value in "[0-9]{0,9}\\.?[0-9]{0,9}") {
            let expected = value.parse::<f64>().ok();
            prop_assert_eq!(read_number(value.as_bytes()).map(Number::to_float), expected);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = (read_number(&bytes), read_truth(&bytes));
        }
    }
}
