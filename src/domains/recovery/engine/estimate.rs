//! How long one thing takes, as a distribution.
use super::{index, milliseconds};
use crate::kernel::units::Duration;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// Knots of a table of quantiles.
const KNOTS: usize = 256;

/// Pieces in which a density is summed up.
const PIECES: usize = 1024;

/// The most that a measured step is taken to last, as a multiple of the longest that was measured: two
/// measurements alone allow anything.
const LONGEST: f64 = 10.0;

/// How long a step takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate {
    /// Always the same.
    Fixed(Duration),
    /// At least, most often, at most: a beta distribution of the PERT family.
    ///
    /// Source: Malcolm, Roseboom, Clark and Fazar, 1959: mean (a + 4 m + b) / 6.
    ThreePoint {
        /// At least.
        optimistic: Duration,
        /// Most often.
        likely: Duration,
        /// At most.
        pessimistic: Duration,
    },
    /// As long as it took before, and what is not known from so few times: a log-normal whose mean and
    /// deviation are those of the times. At least two; of one alone it is that time.
    Measured(Vec<Duration>),
}

impl Estimate {
    /// What is written into a plan as one number: the mean of three points, the median of measured times.
    pub fn typical(&self) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::ThreePoint { .. } => {
                let (low, mode, high) = self.points();
                milliseconds(mean(low, mode, high))
            }
            Self::Measured(times) => {
                let mut sorted = times.clone();
                sorted.sort_unstable();
                let Some(last) = sorted.len().checked_sub(1) else { return Duration::ZERO };
                let (low, high) = (sorted[last / 2], sorted[last.div_ceil(2)]);
                Duration::from_milliseconds(low.milliseconds().midpoint(high.milliseconds()))
            }
        }
    }

    /// In milliseconds.
    fn points(&self) -> (f64, f64, f64) {
        let value = |length: &Duration| length.milliseconds() as f64;
        match self {
            Self::Fixed(length) => (value(length), value(length), value(length)),
            Self::ThreePoint { optimistic, likely, pessimistic } => {
                (value(optimistic), value(likely), value(pessimistic))
            }
            Self::Measured(_) => {
                let typical = value(&self.typical());
                (typical, typical, typical)
            }
        }
    }

    /// A table of its quantiles. Unit: milliseconds.
    pub fn quantiles(&self) -> Quantiles {
        match self {
            Self::Fixed(_) => Quantiles::Always(self.points().0),
            Self::ThreePoint { .. } => {
                let (low, mode, high) = self.points();
                if high <= low { Quantiles::Always(mode) } else { pert(low, mode, high) }
            }
            Self::Measured(times) => measured(times),
        }
    }
}

/// The mean of three points. Source: as that of [`Estimate::ThreePoint`].
pub fn mean(optimistic: f64, likely: f64, pessimistic: f64) -> f64 {
    (optimistic + 4.0 * likely + pessimistic) / 6.0
}

/// The deviation of three points: a sixth of their range. Source: as that of [`Estimate::ThreePoint`].
pub fn deviation(optimistic: f64, pessimistic: f64) -> f64 {
    (pessimistic - optimistic) / 6.0
}

/// Values by their probability.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantiles {
    /// One value.
    Always(f64),
    /// Values at equal steps of probability from 0 to 1.
    Table(Vec<f64>),
}

impl Quantiles {
    /// The value at a probability from 0 to 1; between knots along a line.
    pub fn at(&self, probability: f64) -> f64 {
        match self {
            Self::Always(value) => *value,
            Self::Table(values) => {
                let last = values.len() - 1;
                let place = probability.clamp(0.0, 1.0) * last as f64;
                let below = index(place, last - 1);
                let share = place - below as f64;
                values[below] + share * (values[below + 1] - values[below])
            }
        }
    }
}

/// Beta of the PERT family: shapes 1 + 4 (m − a) / (b − a) and 1 + 4 (b − m) / (b − a), so that the mean is
/// (a + 4 m + b) / 6. Its distribution is summed up in pieces, which is exact to less than a
/// hundredth of the range everywhere.
fn pert(low: f64, mode: f64, high: f64) -> Quantiles {
    let range = high - low;
    let (left, right) = (4.0 * (mode - low) / range, 4.0 * (high - mode) / range);
    let density = |x: f64| x.powf(left) * (1.0 - x).powf(right);
    let mut sums = Vec::with_capacity(PIECES + 1);
    let mut sum = 0.0;
    sums.push(0.0);
    for piece in 0..PIECES {
        // The middle of the piece: at the ends the density may be steep.
        sum += density((piece as f64 + 0.5) / PIECES as f64);
        sums.push(sum);
    }
    let mut values = Vec::with_capacity(KNOTS + 1);
    let mut piece = 0;
    for knot in 0..=KNOTS {
        let wanted = sum * knot as f64 / KNOTS as f64;
        while piece + 1 < PIECES && sums[piece + 1] < wanted {
            piece += 1;
        }
        let width = sums[piece + 1] - sums[piece];
        let share = if width > 0.0 { (wanted - sums[piece]) / width } else { 0.0 };
        values.push(low + range * (piece as f64 + share.clamp(0.0, 1.0)) / PIECES as f64);
    }
    if let Some(first) = values.first_mut() {
        *first = low;
    }
    if let Some(last) = values.last_mut() {
        *last = high;
    }
    Quantiles::Table(values)
}

/// What the next of some measured times may be: log-normal, with Student's t for what is not known.
fn measured(times: &[Duration]) -> Quantiles {
    let known: Vec<f64> = times.iter().map(|time| time.milliseconds() as f64).collect();
    let longest = known.iter().copied().fold(0.0, f64::max);
    let Some((mean, deviation, freedom)) = logarithms(&known) else {
        return Quantiles::Always(longest);
    };
    let Ok(student) = StudentsT::new(0.0, 1.0, freedom) else { return Quantiles::Always(longest) };
    let table = (0..=KNOTS).map(|knot| {
        // The ends are as far as half a knot goes.
        let probability = (knot as f64).clamp(0.5, KNOTS as f64 - 0.5) / KNOTS as f64;
        (mean + deviation * student.inverse_cdf(probability)).exp().min(longest * LONGEST)
    });
    Quantiles::Table(table.collect())
}

/// The mean of the logarithms, the deviation of one more, and the degrees of freedom; `None` of fewer than two
/// times, of times without length, and of times that are all the same.
pub(super) fn logarithms(times: &[f64]) -> Option<(f64, f64, f64)> {
    let count = times.len() as f64;
    if times.len() < 2 || times.iter().any(|time| *time <= 0.0) {
        return None;
    }
    let logarithms: Vec<f64> = times.iter().map(|time| time.ln()).collect();
    let mean = logarithms.iter().sum::<f64>() / count;
    let squares: f64 = logarithms.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (count - 1.0) * (1.0 + 1.0 / count)).sqrt();
    (deviation > 1e-12).then_some((mean, deviation, count - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::Beta;

    fn three(optimistic: u64, likely: u64, pessimistic: u64) -> Estimate {
        let minutes = Duration::from_minutes;
        Estimate::ThreePoint {
            optimistic: minutes(optimistic),
            likely: minutes(likely),
            pessimistic: minutes(pessimistic),
        }
    }

    #[test]
    fn quantiles_are_those_of_the_beta_distribution() {
        for (low, mode, high) in [(10, 20, 60), (10, 10, 60), (10, 60, 60), (5, 30, 31)] {
            let range = (high - low) as f64;
            let left = 1.0 + 4.0 * (mode - low) as f64 / range;
            let beta = Beta::new(left, 6.0 - left).unwrap();
            let quantiles = three(low, mode, high).quantiles();
            for percent in 1..100 {
                let probability = f64::from(percent) / 100.0;
                let ours = quantiles.at(probability) / 60_000.0;
                let theirs = low as f64 + range * beta.inverse_cdf(probability);
                assert!((ours - theirs).abs() < 0.01 * range, "{low} {mode} {high} {percent}");
            }
        }
    }

    #[test]
    fn what_cannot_vary_does_not() {
        let fixed = Estimate::Fixed(Duration::from_minutes(5));
        assert_eq!(fixed.quantiles(), Quantiles::Always(300_000.0));
        assert_eq!(three(5, 5, 5).quantiles(), Quantiles::Always(300_000.0));
        let once = Estimate::Measured(vec![Duration::from_minutes(7)]);
        assert_eq!(once.quantiles(), Quantiles::Always(420_000.0));
        assert_eq!(Estimate::Measured(Vec::new()).typical(), Duration::ZERO);
    }

    #[test]
    fn measured_times_have_their_median() {
        let times = [30, 10, 20].map(Duration::from_minutes).to_vec();
        let measured = Estimate::Measured(times);
        assert_eq!(measured.typical(), Duration::from_minutes(20));
        let middle = measured.quantiles().at(0.5) / 60_000.0;
        // The median of a log-normal is the geometric mean.
        assert!((middle - 6000_f64.cbrt()).abs() < 0.05, "{middle}");
    }
}
