//! Numbers in rules: exact decimals wherever there is one.

/// A fraction of whole numbers as PromQL reads it: all its digits where it has at most seventeen, else
/// the shortest decimal that is the nearest `f64`.
///
/// What has fewer digits than an `f64` is read as the `f64` that is nearest to it, so that a ratio of
/// counts that equals the threshold is seen to be equal, and not to be above it.
pub(super) fn fraction(numerator: u128, denominator: u128) -> String {
    const MOST_DIGITS: u32 = 17;
    let (whole, mut rest) = (numerator / denominator, numerator % denominator);
    let mut digits = String::new();
    while rest != 0 && digits.len() < MOST_DIGITS as usize {
        let Some(next) = rest.checked_mul(10) else { break };
        digits.push(char::from(b'0' + u8::try_from(next / denominator).unwrap_or(9)));
        rest = next % denominator;
    }
    if rest != 0 {
        return format!("{}", numerator as f64 / denominator as f64);
    }
    if digits.is_empty() { whole.to_string() } else { format!("{whole}.{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_others_are_as_near_as_can_be() {
        assert_eq!(fraction(144, 10_000), "0.0144");
        assert_eq!(fraction(14_400_000, 1_000_000_000), "0.0144");
        assert_eq!(fraction(3, 1), "3");
        assert_eq!(fraction(14, 15_000), "0.0009333333333333333");
        assert_eq!(fraction(1, 3), "0.3333333333333333");
        assert_eq!(fraction(u128::MAX, u128::MAX - 1), "1");
    }
}
