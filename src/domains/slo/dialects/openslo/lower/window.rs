//! What windows of OpenSLO are among ours.
use super::{
    super::{
        duration::{Shorthand, StartTime, Unit},
        v1::{Calendar, TimeWindow},
    },
    Losses,
};
use crate::{
    domains::slo::spec::{CalendarWindow, WindowSpec},
    kernel::{
        spec::{Day, Either, Field},
        time::{CalendarUnit, Zone},
        units::Duration,
    },
};
use chrono::{Datelike as _, NaiveTime, Timelike as _, Weekday};

/// The shortest window that is promised here.
const SHORTEST: Duration = Duration::from_minutes(5);

/// The window, as far as it can be said.
pub(super) fn lowered(
    window: &TimeWindow,
    path: &str,
    losses: &mut Losses,
) -> Option<Field<WindowSpec>> {
    let (duration, place) = window.duration.pair()?;
    if let Some(calendar) = window.calendar.as_ref()
        && let Some(calendar) = calendar.get()
        && let Some((start, start_place)) = calendar.start_time.pair()
    {
        if let Some(unit) = unit_of(*duration) {
            let field = format!("{path}.calendar.startTime");
            let midnight = NaiveTime::default();
            if start.0.time() != midnight {
                let reason = format!(
                    "windows begin at midnight here, and not at {:02}:{:02}",
                    start.0.hour(),
                    start.0.minute()
                );
                losses.add(start_place, field, reason);
            }
            let window = calendar_window(unit, *start, calendar)?;
            return Some(Field::new(Either::Mapping(Box::new(window)), place));
        }
        let length = duration.length().filter(|length| *length >= SHORTEST)?;
        losses.add(
            place,
            format!("{path}.calendar"),
            format!(
                "calendar windows are a week, a month, a quarter or a year here; `{duration}` is taken for \
                 a rolling window of the same length"
            ),
        );
        return Some(Field::new(Either::Scalar(length), place));
    }
    let field = format!("{path}.duration");
    match duration.length() {
        Some(length) if length >= SHORTEST => Some(Field::new(Either::Scalar(length), place)),
        Some(_) => {
            losses.add(place, field, format!("a window is at least `{SHORTEST}` long here"));
            None
        }
        None => None,
    }
}

/// The calendar's unit of that length, where there is one.
fn unit_of(duration: Shorthand) -> Option<CalendarUnit> {
    let Shorthand::Of(count, unit) = duration else { return None };
    match (count, unit) {
        (1, Unit::Week) | (7, Unit::Day) => Some(CalendarUnit::Week),
        (1, Unit::Month) => Some(CalendarUnit::Month),
        (3, Unit::Month) | (1, Unit::Quarter) => Some(CalendarUnit::Quarter),
        (12, Unit::Month) | (4, Unit::Quarter) | (1, Unit::Year) => Some(CalendarUnit::Year),
        _ => None,
    }
}

/// The window of that unit, anchored where its beginning is not the usual one.
fn calendar_window(
    unit: CalendarUnit,
    start: StartTime,
    calendar: &Calendar,
) -> Option<CalendarWindow> {
    let (zone, zone_place): (&Zone, _) = calendar.time_zone.pair()?;
    let day = start.0.date();
    let usual = match unit {
        CalendarUnit::Week => day.weekday() == Weekday::Mon,
        CalendarUnit::Month => day.day() == 1,
        CalendarUnit::Quarter => day.day() == 1 && day.month0().is_multiple_of(3),
        CalendarUnit::Year => day.ordinal() == 1,
    };
    let place = calendar.start_time.place();
    Some(CalendarWindow {
        calendar: Field::new(unit, place),
        time_zone: Field::new(zone.clone(), zone_place),
        anchor: (!usual).then(|| Field::new(Day(day), place)),
    })
}
