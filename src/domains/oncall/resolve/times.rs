//! Civil times as instants, and hours of the week.
use super::Resolving;
use crate::domains::oncall::{
    engine::Window,
    people, rules,
    spec::{CoverageSpec, DayOfWeek, LocalTime, TimeOfDay},
};
use crate::kernel::{
    spec::{Catalog, Field, values},
    time::{LocalInstants, Period, Zone},
    units::Instant,
};
use chrono::{NaiveTime, Weekday};

impl Resolving<'_> {
    pub(super) fn period(
        &mut self,
        zone: &Zone,
        start: &Field<LocalTime>,
        end: &Field<LocalTime>,
    ) -> Option<Period> {
        let (from, to) = (self.instant(zone, start), self.instant(zone, end));
        let (from, to) = (from?, to?);
        if to <= from {
            self.wrong(
                &rules::REVERSED_PERIOD,
                end.place(),
                "this ends before it begins",
                "let `end` be later than `start`",
            );
            return None;
        }
        Some(Period { from, to })
    }

    /// The instant of a time that a user wrote: it has to be one, and only one.
    pub(super) fn instant(&mut self, zone: &Zone, field: &Field<LocalTime>) -> Option<Instant> {
        let (time, place) = field.pair()?;
        let civil = match time {
            LocalTime::Instant(_) | LocalTime::Day(_) => return instant(zone, *time),
            LocalTime::Civil(civil) => *civil,
        };
        let offset = |at: Instant| zone.local(at).format("%Y-%m-%dT%H:%M%:z").to_string();
        match zone.instants_of(civil) {
            LocalInstants::One(instant) => Some(instant),
            LocalInstants::None { moved, .. } => {
                let message = format!(
                    "clocks in {zone} do not show {}: they are put forward over it",
                    civil.format("%Y-%m-%d %H:%M")
                );
                let help = format!("write a time that they show, such as `{}`", offset(moved));
                self.wrong(&rules::UNCLEAR_LOCAL_TIME, place, message, &help);
                None
            }
            LocalInstants::Two { first, second } => {
                let message = format!(
                    "clocks in {zone} show {} twice: they are put back over it",
                    civil.format("%Y-%m-%d %H:%M")
                );
                let help = format!("say which: `{}` or `{}`", offset(first), offset(second));
                self.wrong(&rules::UNCLEAR_LOCAL_TIME, place, message, &help);
                None
            }
        }
    }
}

/// Hours of the week; `None` where they could not be read.
pub fn window(catalog: &Catalog, spec: &CoverageSpec) -> Option<Window> {
    Some(Window {
        days: days(&spec.days),
        from: minutes(spec.from.get()?),
        to: minutes(spec.to.get()?),
        except: people::holidays(catalog, &spec.except),
    })
}

/// Days of the week; all of them where none is named.
pub fn days(days: &[Field<DayOfWeek>]) -> Vec<Weekday> {
    let named: Vec<Weekday> = values(days).map(|day| day.0).collect();
    let all = || (0..7).filter_map(|day| Weekday::try_from(day).ok()).collect();
    if named.is_empty() { all() } else { named }
}

/// A time of day. Unit: minutes of the day.
pub fn minutes(time: &TimeOfDay) -> u32 {
    u32::try_from((time.0 - NaiveTime::MIN).num_minutes()).unwrap_or(0)
}

/// The instant of a time; `None` where clocks do not show it, or show it twice.
pub fn instant(zone: &Zone, time: LocalTime) -> Option<Instant> {
    match time {
        LocalTime::Instant(instant) => Some(instant),
        LocalTime::Day(date) => Some(zone.first_instant_of_day(date)),
        LocalTime::Civil(civil) => match zone.instants_of(civil) {
            LocalInstants::One(instant) => Some(instant),
            LocalInstants::None { .. } | LocalInstants::Two { .. } => None,
        },
    }
}
