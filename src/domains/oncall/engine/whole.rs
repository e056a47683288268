//! Shifts from their beginning to their end, even where these lie outside of what is asked for.
use super::{Schedule, Shift};
use crate::kernel::{time::Period, units::Instant};
use chrono::TimeDelta;

/// How far around a period the ends of shifts are looked for at first; four times as far each time after.
const FIRST_LOOK: TimeDelta = TimeDelta::days(32);
/// How far behind a period they are looked for.
const FARTHEST: TimeDelta = TimeDelta::days(2 * 366);

/// Somebody is on call, from when they take over to when they hand over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WholeShift {
    /// The shift.
    pub shift: Shift,
    /// Whether it goes on where it ends here: no end was found within two years.
    pub goes_on: bool,
}

impl Schedule {
    /// The shifts that touch a period, whole, in the order of their beginnings. One that has not ended two
    /// years behind the period is cut off at its end.
    pub fn whole_shifts(&self, period: Period) -> Vec<WholeShift> {
        let Some(first) = self.first() else { return Vec::new() };
        if first >= period.to {
            return Vec::new();
        }
        let (mut back, mut ahead) = (FIRST_LOOK, FIRST_LOOK);
        loop {
            let from = period.from.checked_sub_signed(back).map_or(first, |from| from.max(first));
            let to = period.to.checked_add_signed(ahead).unwrap_or(period.to);
            let mut shifts = self.shifts(Period { from, to });
            shifts.retain(|shift| shift.period.from < period.to && period.from < shift.period.to);
            let opens_before = from > first && shifts.iter().any(|it| it.period.from == from);
            let opens_after = ahead < FARTHEST && shifts.iter().any(|it| it.period.to == to);
            if opens_before {
                back = back * 4;
            }
            if opens_after {
                ahead = (ahead * 4).min(FARTHEST);
            }
            if !opens_before && !opens_after {
                return shifts.into_iter().map(|shift| cut(shift, to, period.to)).collect();
            }
        }
    }

    /// Before this, nobody is on call.
    fn first(&self) -> Option<Instant> {
        let layers = self.layers.iter().map(|layer| layer.handoffs.begin(0));
        let nested = self.nested.iter().filter_map(|nested| nested.schedule.first());
        let temporary = self.temporary.iter().map(|one| one.period.from);
        let overrides = self.overrides.iter().map(|one| one.period.from);
        layers.chain(nested).chain(temporary).chain(overrides).min()
    }
}

fn cut(shift: Shift, seen: Instant, end: Instant) -> WholeShift {
    let goes_on = shift.period.to == seen;
    let to = if goes_on { end } else { shift.period.to };
    WholeShift { shift: Shift { period: Period { to, ..shift.period }, ..shift }, goes_on }
}
