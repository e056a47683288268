//! Quantities with their unit and range in the type.
mod burn_rate;
mod duration;
mod ratio;

pub use burn_rate::{BurnFactor, BurnFactorError, BurnRate, compare_fractions};
pub use duration::{Duration, DurationError};
pub use ratio::{Ratio, RatioError};

/// A moment in time. Everything inside is UTC; zones belong to what people read and write.
pub type Instant = chrono::DateTime<chrono::Utc>;
