//! The grid cut into chunks that are the same from run to run.
use super::question::Steps;
use std::ops::Range;

/// The most points of one series that are asked for at once; Prometheus refuses more than 11,000
/// (`web/api/v1`: "exceeded maximum resolution").
pub(super) const CHUNK_POINTS: u32 = 10_000;

/// A stretch of time that holds [`CHUNK_POINTS`] ends of steps, and which of them a grid needs.
///
/// Chunk `n` holds the ends in `[n·length, (n+1)·length)` since the epoch, whatever grid needs them.
/// Grids of one step differ in their phase, which is where in a step they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Which one.
    pub(super) number: i64,
    /// Point 0, in milliseconds since the epoch.
    pub(super) origin: i64,
    /// Between points, in milliseconds.
    pub(super) step: i64,
    /// The points that the grid needs.
    pub(super) points: Range<u32>,
    /// The step of the grid whose end the first of them is.
    pub(super) first_step: u32,
}

impl Chunk {
    /// The time of a point, in milliseconds since the epoch.
    pub(super) fn time(&self, point: u32) -> i64 {
        self.origin + i64::from(point) * self.step
    }

    /// How many points are not later than `time`.
    pub(super) fn points_until(&self, time: i64) -> u32 {
        let points = time.saturating_sub(self.origin).div_euclid(self.step).saturating_add(1);
        u32::try_from(points.clamp(0, i64::from(CHUNK_POINTS))).unwrap_or(0)
    }
}

/// The chunks that hold the ends of all steps, in order; `None` for a grid that no clock can reach.
pub(super) fn chunks(grid: &Steps) -> Option<Vec<Chunk>> {
    let step = i64::try_from(grid.step.milliseconds()).ok().filter(|step| *step > 0)?;
    let first = grid.from.timestamp_millis().checked_add(step)?;
    let last = first.checked_add(step.checked_mul(i64::from(grid.count))?)?;
    let length = step.checked_mul(i64::from(CHUNK_POINTS))?;
    // Room for the chunks at both ends.
    first.checked_sub(length)?;
    last.checked_add(length)?;
    let phase = first.rem_euclid(step);
    let mut chunks = Vec::new();
    let mut first_step = 0;
    while first_step < grid.count {
        let time = first + i64::from(first_step) * step;
        let number = time.div_euclid(length);
        let origin = number * length + phase;
        let point = u32::try_from((time - origin) / step).ok()?;
        let points = (CHUNK_POINTS - point).min(grid.count - first_step);
        chunks.push(Chunk { number, origin, step, points: point..point + points, first_step });
        first_step += points;
    }
    Some(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::units::{Duration, Instant};
    use chrono::DateTime;
    use proptest::prelude::*;

    fn at(milliseconds: i64) -> Instant {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    #[test]
    fn chunks_do_not_move_with_the_grid() {
        // 10,000 hours since the epoch begin at 1971-02-21T16:00Z.
        let hour = 3_600_000;
        let grid = Steps { from: at(9_998 * hour), count: 4, step: Duration::from_hours(1) };
        let found = chunks(&grid).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].number, found[0].points.clone()), (0, 9_999..10_000));
        assert_eq!((found[1].number, found[1].points.clone()), (1, 0..3));
        assert_eq!((found[1].origin, found[1].first_step), (10_000 * hour, 1));
    }

    #[test]
    fn no_grid_is_too_odd() {
        let years = Duration::from_days(365_000);
        for (from, count, step) in [
            (Instant::MAX_UTC, u32::MAX, years),
            (Instant::MIN_UTC, u32::MAX, years),
            (at(0), 1, Duration::ZERO),
            (at(0), 1, Duration::from_milliseconds(u64::MAX)),
        ] {
            assert_eq!(chunks(&Steps { from, count, step }), None);
        }
        assert_eq!(chunks(&Steps { from: at(0), count: 0, step: years }), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn chunks_are_the_grid(
            from in -10_i64.pow(13)..10_i64.pow(13),
            count in 0_u32..60_000,
            step in prop_oneof![1_u64..5000, (1_u64..100_000).prop_map(|seconds| seconds * 1000)],
        ) {
            let grid = Steps { from: at(from), count, step: Duration::from_milliseconds(step) };
            let found = chunks(&grid).unwrap();
            let times: Vec<i64> = found
                .iter()
                .flat_map(|chunk| chunk.points.clone().map(|point| chunk.time(point)))
                .collect();
            let step = i64::try_from(step).unwrap();
            let ends: Vec<i64> = (1..=i64::from(count)).map(|index| from + index * step).collect();
            prop_assert_eq!(times, ends);
            for chunk in &found {
                prop_assert!(chunk.points.end <= CHUNK_POINTS && !chunk.points.is_empty());
                let length = step * i64::from(CHUNK_POINTS);
                prop_assert_eq!(chunk.time(chunk.points.start).div_euclid(length), chunk.number);
                let end = chunk.time(chunk.points.end - 1);
                prop_assert_eq!(end.div_euclid(length), chunk.number);
                prop_assert_eq!(chunk.points_until(end), chunk.points.end);
                prop_assert_eq!(chunk.points_until(end - 1), chunk.points.end - 1);
            }
            // The same chunks for a grid that begins one step later.
            if count > 1 {
                let later = Steps { from: at(from + step), count: count - 1, ..grid };
                let moved = chunks(&later).unwrap();
                let origins: Vec<i64> = moved.iter().map(|chunk| chunk.origin).collect();
                prop_assert!(found.iter().map(|chunk| chunk.origin).collect::<Vec<_>>().ends_with(&origins));
            }
        }
    }
}
