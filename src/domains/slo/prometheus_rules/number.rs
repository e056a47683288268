//! Numbers as Go prints them, for texts that have to be the same byte by byte.

/// A number in the fewest digits that are read back as it: plain from 0.0001 up to below a million, else
/// with an exponent of at least two digits.
///
/// Source: the Go package `strconv`, `FormatFloat` with the format `g` and the precision -1, which `%g`,
/// `%v` and templates use: exponents from -4 to 5 are written out.
pub fn general(number: f64) -> String {
    // Rust's exponent form has the same digits: the shortest that are read back.
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let Ok(exponent) = exponent.parse::<i32>() else { return text };
    if (-4..LARGE).contains(&exponent) {
        return plain(number);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// A number in the fewest digits that are read back as it, never with an exponent.
///
/// Source: the Go package `strconv`, `FormatFloat` with the format `f` and the precision -1.
pub fn plain(number: f64) -> String {
    number.to_string()
}

/// The least power of ten that is written as an exponent.
const LARGE: i32 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_those_of_go() {
        for (number, expected) in [
            (14.4, "14.4"),
            (6.0, "6"),
            (1.0 / 3.0, "0.3333333333333333"),
            ((100.0 - 99.9) / 100.0, "0.0009999999999999432"),
            ((100.0 - 99.99) / 100.0, "0.00010000000000005117"),
            ((100.0 - 99.999) / 100.0, "1.0000000000047748e-05"),
            (99.9 / 100.0, "0.9990000000000001"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-100, "1e-100"),
            (0.0, "0"),
            (30.0, "30"),
            (123_456.0, "123456"),
            (1e6, "1e+06"),
            (123_456_789.0, "1.23456789e+08"),
        ] {
            assert_eq!(general(number), expected);
        }
        assert_eq!(plain(0.000_001), "0.000001");
        assert_eq!(plain(100.0), "100");
    }

    proptest! {
        #[test]
        fn numbers_are_read_back(number in -1e30..1e30_f64, small in -1e-3..1e-3_f64) {
            for number in [number, small] {
                prop_assert_eq!(general(number).parse(), Ok(number));
                prop_assert_eq!(plain(number).parse(), Ok(number));
            }
        }
    }
}
