//! What drills say of the next time.
use super::estimate::logarithms;
use statrs::distribution::{Beta, ContinuousCDF as _, StudentsT};

/// The probability that the next time is longer than all before, if nothing changes: 1 / (n + 1).
///
/// Source: exchangeability; each of n + 1 times is as likely the longest as any other.
pub fn next_is_longest(drills: usize) -> f64 {
    1.0 / (drills as f64 + 1.0)
}

/// Within which time the next is with a probability: exp(x̄ + t · s · √(1 + 1/n)) of the logarithms. `None`
/// of fewer than two times, or times without length.
///
/// Source: the prediction interval of a log-normal; Hahn and Meeker, Statistical Intervals, 1991, chapter 4.
pub fn prediction_bound(times: &[f64], probability: f64) -> Option<f64> {
    if times.len() < 2 || times.iter().any(|time| *time <= 0.0) {
        return None;
    }
    // Where all are the same nothing says that they vary.
    let Some((mean, deviation, freedom)) = logarithms(times) else {
        return times.first().copied();
    };
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some((mean + deviation * student.inverse_cdf(probability)).exp())
}

/// The least probability of success that is compatible with what was seen, with a confidence.
///
/// Source: Clopper and Pearson, 1934, one-sided.
pub fn success_at_least(passed: u64, drills: u64, confidence: f64) -> f64 {
    if passed == 0 || drills == 0 {
        return 0.0;
    }
    let failed = drills.saturating_sub(passed) as f64;
    Beta::new(passed as f64, failed + 1.0).map_or(0.0, |beta| beta.inverse_cdf(1.0 - confidence))
}
