//! Decisions on counts without rounding.
//!
//! A burn rate that equals a threshold does not fire, and a budget spent to the last event is not
//! overspent. In floating point, equality is a matter of luck (1.45 against 1.4 after rounding, 0.0144
//! against 14.4 × 0.001); counts of whole events are compared as the fractions that they are.
use crate::kernel::{
    series::EventCount,
    units::{Ratio, compare_fractions},
};
use std::cmp::Ordering;

/// Below this relative difference, counts that are not whole are held to be equal: sums of `f64` know
/// no better.
const NOISE: f64 = 1e-12;

/// Bad and total events; `None` without events. Never negative.
pub(super) fn bad_of_total(count: EventCount) -> Option<(f64, f64)> {
    let some = count.total > 0.0 && count.total.is_finite();
    some.then(|| (count.bad().clamp(0.0, count.total), count.total))
}

/// The count as a whole number, where it is one that `f64` holds exactly.
pub(super) fn whole(count: f64) -> Option<u128> {
    let is_whole = (0.0..=9_007_199_254_740_992.0).contains(&count) && count.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 0..=2^53"
    )]
    is_whole.then_some(count as u128)
}

/// Whether `bad / total` is strictly above `threshold` (numerator, denominator). Without events
/// nothing is exceeded.
pub(super) fn exceeds(count: EventCount, threshold: (u128, u128)) -> bool {
    let Some((bad, total)) = bad_of_total(count) else { return false };
    match (whole(bad), whole(total)) {
        (Some(bad), Some(total)) => compare_fractions((bad, total), threshold) == Ordering::Greater,
        _ => is_above(bad, total * (threshold.0 as f64 / threshold.1 as f64)),
    }
}

/// Whether `bad / total` is strictly above `1 − T`: more is spent than allowed.
pub(super) fn overspent(count: EventCount, target: Ratio) -> bool {
    let budget = u128::from(target.complement().parts());
    exceeds(count, (budget, u128::from(Ratio::PARTS)))
}

/// Whether `left` is above `right` by more than the noise of a sum.
pub(super) fn is_above(left: f64, right: f64) -> bool {
    left > right * (1.0 + NOISE)
}

/// `left − right` for products that together need more digits than `f64` has.
pub(super) fn difference(left: u128, right: u128) -> f64 {
    if left >= right { (left - right) as f64 } else { -((right - left) as f64) }
}
