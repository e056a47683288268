//! How much data is lost: what was written since the youngest copy that survives.
use crate::kernel::units::{Duration, Ratio};

/// The most runs that fail one after another and are counted with.
const MOST_FAILURES: u32 = 1000;

/// A copy of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Now and then.
    Periodic {
        /// From the beginning of one run to that of the next.
        interval: Duration,
        /// How long a run takes.
        duration: Duration,
        /// How long the copy takes to where it is needed.
        lag: Duration,
    },
    /// All the time.
    Continuous {
        /// How far it is behind.
        lag: Duration,
    },
}

/// How much is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// At the most.
    pub worst: Duration,
    /// On the average.
    pub mean: Duration,
}

impl Copied {
    /// What is lost when `failures` runs before were of no use.
    ///
    /// At the most, data that was written just behind the beginning of a run is not safe until the next
    /// is done and copied: interval + duration + lag. On the average half an interval has
    /// passed. A failure adds an interval to the first, and to the second as well.
    pub fn loss(self, failures: u32) -> Loss {
        match self {
            Self::Periodic { interval, duration, lag } => {
                let fixed = duration.milliseconds().saturating_add(lag.milliseconds());
                let missed = interval.milliseconds().saturating_mul(failures.into());
                let at = |passed: u64| {
                    Duration::from_milliseconds(fixed.saturating_add(missed).saturating_add(passed))
                };
                Loss { worst: at(interval.milliseconds()), mean: at(interval.milliseconds() / 2) }
            }
            Self::Continuous { lag } => Loss { worst: lag, mean: lag },
        }
    }
}

/// How many runs in a row may fail before that is rarer than a confidence leaves: the least k with
/// 1 − p^(k+1) ≥ q. `None` where each run fails, or nearly so.
///
/// Source: runs that fail independently of each other; where they do not, it is too few.
pub fn failures_to_allow(run_fails: Ratio, confidence: f64) -> Option<u32> {
    let fails = run_fails.as_f64();
    let mut all_fail = fails;
    for failures in 0..MOST_FAILURES {
        // A rounding must not make it one more.
        if 1.0 - all_fail >= confidence - 1e-12 {
            return Some(failures);
        }
        all_fail *= fails;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_add_intervals() {
        let hourly = Copied::Periodic {
            interval: Duration::from_hours(1),
            duration: Duration::from_minutes(10),
            lag: Duration::ZERO,
        };
        assert_eq!(hourly.loss(0).worst, Duration::from_minutes(70));
        assert_eq!(hourly.loss(0).mean, Duration::from_minutes(40));
        assert_eq!(hourly.loss(2).worst, Duration::from_minutes(190));
    }

    #[test]
    fn what_always_fails_is_no_copy() {
        let always: Ratio = "1".parse().unwrap();
        assert_eq!(failures_to_allow(always, 0.95), None);
        let never: Ratio = "0".parse().unwrap();
        assert_eq!(failures_to_allow(never, 0.999), Some(0));
    }
}
