//! Hours of the week in which anybody is on call at all.
use super::{GapRule, periods};
use crate::kernel::{
    time::{LocalInstants, Period, Zone},
    units::Instant,
};
use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use std::collections::BTreeSet;

/// A stretch of some days of the week, by the clocks of a zone.
///
/// Its beginning is the first instant that clocks show, its end the last: where clocks are put back, two
/// windows that meet overlap rather than leave a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins. Unit: minutes of the day.
    pub from: u32,
    /// When it ends; on the day after where that is not later than its beginning. Unit: minutes of the day.
    pub to: u32,
    /// Days on which it does not begin.
    pub except: BTreeSet<NaiveDate>,
}

/// The instants of a period that lie in any of the windows.
pub fn coverage(zone: &Zone, gap: GapRule, windows: &[Window], period: Period) -> Vec<Period> {
    // A window lasts a day at most, and zones are less than a day from UTC.
    let local = |instant: Instant| zone.local(instant).date_naive();
    let first = local(period.from).checked_sub_days(Days::new(2));
    let last = local(period.to).checked_add_days(Days::new(1));
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let days = first.iter_days().take_while(|date| *date <= last);
    let found =
        days.flat_map(|date| windows.iter().filter_map(move |window| window.on(zone, gap, date)));
    periods::intersection(&periods::union(found.collect()), &[period])
}

impl Window {
    /// The window that begins on a day, if one does. It is empty where it lies in a gap of the clocks.
    pub fn on(&self, zone: &Zone, gap: GapRule, date: NaiveDate) -> Option<Period> {
        if !self.days.contains(&date.weekday()) || self.except.contains(&date) {
            return None;
        }
        let at = |date: NaiveDate, minute: u32| -> NaiveDateTime {
            date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute))
        };
        let until = if self.to > self.from { date } else { date.succ_opt()? };
        let (from, to) = (at(date, self.from), at(until, self.to));
        // Both in the same gap: no clock shows any of it.
        if let (LocalInstants::None { change, .. }, LocalInstants::None { change: other, .. }) =
            (zone.instants_of(from), zone.instants_of(to))
            && change == other
        {
            return None;
        }
        let period = Period { from: gap.first(zone, from), to: gap.last(zone, to) };
        (period.from < period.to).then_some(period)
    }
}
