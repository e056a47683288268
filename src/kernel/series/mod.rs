//! Measurements over time, as the arithmetic needs them.
mod events;
mod packed;

pub use events::{EventCount, EventSeries, WindowCount};
pub(in crate::kernel) use packed::PackedCounts;
