//! Everything about recovery that can be computed without a document: how long it takes, how much data is
//! lost, and what drills prove.
//!
//! | where | what |
//! |---|---|
//! | [`path`] | steps that wait for each other: when each begins, how much it may be late |
//! | [`estimate`] | how long one thing takes, as a distribution |
//! | [`spread`] | how long the whole takes, as a distribution |
//! | [`loss`] | how much data is lost, by what survives |
//! | [`evidence`] | what drills say of the next time |
//! | [`due`] | when the next drill is due |
pub mod due;
pub mod estimate;
pub mod evidence;
pub mod loss;
pub mod path;
pub mod spread;

pub use estimate::Estimate;
pub use path::{Path, Waits};

use crate::kernel::units::Duration;

/// That many milliseconds, rounded; none of a negative number, and a hundred thousand years of what is more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value lies between 0 and 3.2e15"
)]
pub(super) fn milliseconds(value: f64) -> Duration {
    Duration::from_milliseconds(value.round().clamp(0.0, 3.2e15) as u64)
}

/// The whole part of a number, as an index of at most `last`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value lies between 0 and an index"
)]
fn index(value: f64, last: usize) -> usize {
    (value.clamp(0.0, last as f64) as usize).min(last)
}
