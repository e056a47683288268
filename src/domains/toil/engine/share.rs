//! Shares of working hours by month, against a cap, and their trend.
//!
//! Site Reliability Engineering, chapter 5, "Eliminating Toil": at most half of the time of each engineer.
use crate::kernel::units::Ratio;

/// Toil and working hours of one month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Month {
    /// Toil. Unit: hours.
    pub toil: f64,
    /// Working hours of everybody who is counted. Unit: hours.
    pub work: f64,
}

impl Month {
    /// The share of toil; `None` where nobody works.
    pub fn share(self) -> Option<f64> {
        (self.work > 0.0).then(|| self.toil / self.work)
    }
}

/// Several months as one.
pub fn total(months: &[Month]) -> Month {
    let add = |sum: Month, month: &Month| Month {
        toil: sum.toil + month.toil,
        work: sum.work + month.work,
    };
    months.iter().fold(Month { toil: 0.0, work: 0.0 }, add)
}

/// Whether more than the cap is toil; `None` where nobody works.
pub fn is_over(month: Month, cap: Ratio) -> Option<bool> {
    Some(month.share()? > cap.as_f64())
}

/// Months that it takes to tell a trend from chance, at least.
pub const LEAST_MONTHS: usize = 4;

/// How the share changes from month to month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// The median of the changes between any two months, per month. Unit: shares, 0.01 is one percentage point.
    pub per_month: f64,
    /// Of all pairs of months, how many more rise than fall, from −1 to 1: 1 where each month is above all before
    /// it (Kendall's tau).
    pub agreement: f64,
}

/// The trend of shares of months that follow each other; those in which nobody works are passed over. `None` for
/// fewer than [`LEAST_MONTHS`].
///
/// The median of slopes is not moved by one bad month (Theil 1950, Sen 1968).
pub fn trend(shares: &[Option<f64>]) -> Option<Trend> {
    let known: Vec<(f64, f64)> =
        shares.iter().enumerate().filter_map(|(at, share)| Some((at as f64, (*share)?))).collect();
    if known.len() < LEAST_MONTHS {
        return None;
    }
    let mut slopes = Vec::new();
    let mut balance = 0_i64;
    for (at, (x, y)) in known.iter().enumerate() {
        for (later_x, later_y) in known.iter().skip(at + 1) {
            slopes.push((later_y - y) / (later_x - x));
            balance += match later_y.total_cmp(y) {
                std::cmp::Ordering::Less => -1,
                std::cmp::Ordering::Equal => 0,
                std::cmp::Ordering::Greater => 1,
            };
        }
    }
    slopes.sort_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    let upper = *slopes.get(middle)?;
    let per_month = if slopes.len() % 2 == 0 {
        f64::midpoint(*slopes.get(middle.checked_sub(1)?)?, upper)
    } else {
        upper
    };
    Some(Trend { per_month, agreement: balance as f64 / slopes.len() as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_working_hours() {
        let month = Month { toil: 88.0, work: 160.0 };
        assert_eq!(month.share(), Some(0.55));
        let half = "50%".parse().unwrap();
        assert_eq!(is_over(month, half), Some(true));
        assert_eq!(is_over(Month { toil: 80.0, work: 160.0 }, half), Some(false));
        assert_eq!(is_over(Month { toil: 1.0, work: 0.0 }, half), None);
        let both = total(&[month, Month { toil: 8.0, work: 80.0 }]);
        assert_eq!(both, Month { toil: 96.0, work: 240.0 });
    }

    #[test]
    fn a_trend_is_the_median_of_slopes() {
        let rising = [Some(0.1), Some(0.2), Some(0.3), Some(0.4)];
        let found = trend(&rising).unwrap();
        assert!((found.per_month - 0.1).abs() < 1e-12 && (found.agreement - 1.0).abs() < 1e-12);
        // One bad month does not make a trend: of ten slopes the fifth and sixth are 0.
        let once = [Some(0.2), Some(0.2), Some(0.9), Some(0.2), Some(0.2)];
        let found = trend(&once).unwrap();
        assert!(found.per_month.abs() < 1e-12 && found.agreement.abs() < 1e-12);
        // A month without work is no month of no toil, and time goes on in it.
        let gap = [Some(0.4), None, Some(0.2), Some(0.1), Some(0.0)];
        let found = trend(&gap).unwrap();
        assert!((found.per_month + 0.1).abs() < 1e-12, "{found:?}");
        assert_eq!(trend(&rising[..3]), None);
    }
}
