//! Percentages that do not lie by rounding.

/// Digits after the point where nothing asks for more.
const USUAL: usize = 2;
/// Digits after the point at which nearness counts as equality: 10^-14 of the whole, the noise of a
/// share computed from counts.
const MOST: usize = 12;

/// A share as a percentage: `99.97%`. Two digits, or as many as it takes that a share below 1 is not
/// printed as `100%` and a share above 0 not as `0%`.
///
/// ```
/// use sre::kernel::report::words::percent;
/// assert_eq!(percent(0.9997), "99.97%");
/// assert_eq!(percent(0.999_997), "99.9997%");
/// assert_eq!(percent(1.0), "100%");
/// ```
pub fn percent(share: f64) -> String {
    percent_against(share, &[])
}

/// As [`percent`], with enough digits that the printed share lies on the same side of each of the
/// `boundaries` as the share itself: `0.998996` against a target of 0.999 is `99.8996%`, not `99.90%`.
pub fn percent_against(share: f64, boundaries: &[f64]) -> String {
    percent_with(share, percent_digits(share, boundaries))
}

/// A share as a percentage with that many digits; exactly 0 and 1 are `0%` and `100%`.
pub fn percent_with(share: f64, digits: usize) -> String {
    if !share.is_finite() {
        return "?".to_owned();
    }
    let exact = share == 0.0 || share.to_bits() == 1.0_f64.to_bits();
    format!("{}%", super::number(share * 100.0, if exact { 0 } else { digits }))
}

/// Digits after the point that a percentage needs to be on the right side of 0, 1 and `boundaries`.
pub fn percent_digits(share: f64, boundaries: &[f64]) -> usize {
    let boundaries: Vec<f64> =
        [0.0, 1.0].iter().chain(boundaries).map(|boundary| boundary * 100.0).collect();
    honest_digits(share * 100.0, USUAL, &boundaries)
}

/// Digits after the point, `least` or as many more as `value` needs to be printed on the same side of
/// each of the `boundaries` as it lies: a burn rate of 14.38 against a factor of 14.4 needs two.
pub fn honest_digits(value: f64, least: usize, boundaries: &[f64]) -> usize {
    if !value.is_finite() {
        return least;
    }
    let honest = |digits: &usize| {
        let printed: f64 = format!("{value:.digits$}").parse().unwrap_or(value);
        boundaries.iter().all(|boundary| side(value, *boundary) == side(printed, *boundary))
    };
    (least..MOST).find(honest).unwrap_or(MOST.max(least))
}

/// -1, 0 or 1: whether `value` lies below, at or above `boundary`. What is nearer than can be printed
/// lies at it.
fn side(value: f64, boundary: f64) -> i8 {
    let distance = value - boundary;
    if distance.abs() < 0.5e-12 {
        0
    } else if distance < 0.0 {
        -1
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn never_rounds_to_a_whole_or_to_nothing() {
        assert_eq!(percent(0.9997), "99.97%");
        assert_eq!(percent(0.999_97), "99.997%");
        assert_eq!(percent(0.999_999_97), "99.999997%");
        assert_eq!(percent(0.5), "50.00%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.000_004), "0.0004%");
        assert_eq!(percent(-2.5), "-250.00%");
        assert_eq!(percent(12.345), "1,234.50%");
        assert_eq!(percent(1.000_001), "100.0001%");
        assert_eq!(percent(f64::NAN), "?");
    }

    #[test]
    fn stays_on_its_side_of_the_target() {
        assert_eq!(percent_against(0.998_996, &[0.999]), "99.8996%");
        assert_eq!(percent_against(0.999, &[0.999]), "99.90%");
        assert_eq!(percent_against(0.999_04, &[0.999]), "99.904%");
        assert_eq!(percent_against(0.999_4, &[0.999]), "99.94%");
    }

    #[test]
    fn any_number_can_stay_on_its_side() {
        assert_eq!(honest_digits(14.38, 1, &[14.4]), 2);
        assert_eq!(honest_digits(14.4, 1, &[14.4]), 1);
        assert_eq!(honest_digits(0.9996, 1, &[1.0, 6.0]), 4);
        assert_eq!(honest_digits(3.2, 1, &[]), 1);
        assert_eq!(honest_digits(f64::INFINITY, 1, &[1.0]), 1);
    }

    proptest! {
        #[test]
        fn below_a_whole_is_printed_below_it(good in 0_u64..10_000_000_000, bad in 1_u64..1_000_000) {
            let share = good as f64 / (good + bad) as f64;
            let text = percent(share);
            let printed: f64 = text.trim_end_matches('%').parse().unwrap();
            prop_assert!(printed < 100.0, "{text}");
            prop_assert!((printed > 0.0) == (good > 0), "{text}");
        }

        #[test]
        fn below_a_target_is_printed_below_it(
            share in 0.0..1.0_f64,
            parts in 1_u32..1_000_000_000,
        ) {
            let target = f64::from(parts) / 1e9;
            let text = percent_against(share, &[target]);
            let printed: f64 = text.trim_end_matches('%').parse().unwrap();
            prop_assert_eq!(side(printed, target * 100.0), side(share * 100.0, target * 100.0));
        }
    }
}
