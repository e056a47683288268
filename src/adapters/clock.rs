//! The clock.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
use crate::kernel::units::Instant;

/// The present moment.
pub fn now() -> Instant {
    chrono::Utc::now()
}

/// A point in time that later ones can be measured from.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Whether that many milliseconds have passed.
    pub fn has_run(self, milliseconds: u64) -> bool {
        self.0.elapsed() >= std::time::Duration::from_millis(milliseconds)
    }
}
