//! Measurements over time, as the arithmetic needs them.
mod events;

pub use events::{EventCount, EventSeries, WindowCount};
