//! Pyrra's targets: percentages without their sign, as Go reads numbers.
use crate::kernel::units::Ratio;

/// Why a text is no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PercentError {
    /// It is no decimal number.
    Syntax,
    /// It is below 0 or above 100.
    OutOfRange,
    /// It has more digits than a ratio holds.
    TooFine,
}

/// Digits of a percentage behind the point that a [`Ratio`] holds exactly.
const DIGITS: i64 = 7;

/// The ratio that a number of percent means, exactly.
///
/// Read are a sign, digits with a point, and a power of ten: what both Go's `strconv.ParseFloat` and a
/// decimal number have. Hexadecimal numbers, `Inf` and `NaN` are no targets.
///
/// # Errors
/// What the text is instead.
pub(super) fn parse(text: &str) -> Result<Ratio, PercentError> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.trim_start_matches(['+', '-']);
            let fine = !digits.is_empty() && exponent.len() - digits.len() <= 1;
            if !fine || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(PercentError::Syntax);
            }
            // Far outside any target; the sign decides on which side.
            let far = if exponent.starts_with('-') { -1_000_000 } else { 1_000_000 };
            (mantissa, exponent.parse::<i64>().unwrap_or(far).clamp(-1_000_000, 1_000_000))
        }
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PercentError::Syntax);
    }
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Ratio::ZERO);
    }
    if negative {
        return Err(PercentError::OutOfRange);
    }
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
    let trailing = length(&digits) - length(digits.trim_end_matches('0'));
    // The number is `significant · 10^power` parts per billion.
    let power = exponent - length(fraction) + trailing + DIGITS;
    if length(significant) + power > 10 {
        return Err(PercentError::OutOfRange);
    }
    let Ok(zeros) = usize::try_from(power) else { return Err(PercentError::TooFine) };
    let parts: Option<u32> = format!("{significant}{}", "0".repeat(zeros)).parse().ok();
    parts.and_then(Ratio::from_parts).ok_or(PercentError::OutOfRange)
}

/// A ratio as percent without the sign: `99.9`.
pub(super) fn write(ratio: Ratio) -> String {
    ratio.percent().trim_end_matches('%').to_owned()
}

/// How Pyrra prints a target in its rules: a hundredth of the number, computed and printed by Go in
/// binary, so that `99.9` becomes `0.9990000000000001`.
pub(super) fn as_pyrra_prints(text: &str, ratio: Ratio) -> String {
    match text.parse::<f64>() {
        Ok(percent) => (percent / 100.0).to_string(),
        Err(_) => ratio.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text).map(Ratio::percent).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn percentages_are_read_exactly() {
        check("99.9", "99.9%");
        check("99", "99%");
        check("95.0", "95%");
        check("0.9134", "0.9134%");
        check("9.99e1", "99.9%");
        check("999e-1", "99.9%");
        check("1E+2", "100%");
        check("0", "0%");
        check("-0", "0%");
        check("+99.", "99%");
        check(".5", "0.5%");
        check("99.9999999", "99.9999999%");
        check("100.00", "100%");
    }

    #[test]
    fn other_texts_are_told_apart() {
        for text in ["", "99,9", "99.9%", "abc", "Inf", "NaN", "0x1p6", "1e", "1e+-2", "1 ", "--1"]
        {
            assert_eq!(parse(text), Err(PercentError::Syntax), "{text}");
        }
        for text in ["-99", "9999", "100.0000001", "1e3", "1e999999999999999999999"] {
            assert_eq!(parse(text), Err(PercentError::OutOfRange), "{text}");
        }
        for text in ["99.99999999", "1e-8", "1e-999999999999999999999"] {
            assert_eq!(parse(text), Err(PercentError::TooFine), "{text}");
        }
    }

    #[test]
    fn targets_are_printed_as_go_computes_them() {
        let printed = |text: &str| as_pyrra_prints(text, parse(text).unwrap());
        assert_eq!(printed("99.9"), "0.9990000000000001");
        assert_eq!(printed("99.5"), "0.995");
        assert_eq!(printed("99"), "0.99");
        assert_eq!(printed("95.0"), "0.95");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(parts in 0..=Ratio::PARTS) {
            let ratio = Ratio::from_parts(parts).unwrap();
            prop_assert_eq!(parse(&write(ratio)), Ok(ratio));
        }
    }
}
