//! What PagerDuty's schedules mean in our kinds.
use super::{
    PAGER,
    form::{Layer, Restriction, Schedule},
};
use crate::{
    domains::oncall::{
        dialects::{
            pager::Exported,
            writing::{change, document, empty},
        },
        spec::{
            CoverageSpec, DayOfWeek, LayerSpec, LocalTime, NOBODY, Rotation, RotationType,
            TimeOfDay,
        },
    },
    kernel::{
        settings::Settings,
        source::Place,
        spec::{Day, Document, Either, Field, ForeignDocument, Loss, Lowered, Name},
        time::Zone,
    },
};
use chrono::{NaiveDateTime, TimeDelta, Timelike as _, Weekday};
use std::sync::Arc;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const MINUTES_OF_A_DAY: u64 = 24 * 60;

pub(super) fn lower(documents: &[&ForeignDocument], _: &Settings) -> Lowered {
    let mut lowered = Lowered::default();
    for foreign in documents {
        for schedule in foreign.value::<Vec<Arc<Schedule>>>().into_iter().flatten() {
            let mut lowering = Lowering { losses: schedule.losses.clone() };
            let document = lowering.schedule(foreign, schedule);
            lowered.documents.extend(document);
            lowered.losses.append(&mut lowering.losses);
        }
    }
    lowered
}

struct Lowering {
    losses: Vec<Loss>,
}

impl Lowering {
    fn lose(&mut self, place: Place, field: impl Into<String>, reason: impl Into<String>) {
        self.losses.push(Loss::new(place, field, reason));
    }

    fn schedule(
        &mut self,
        foreign: &ForeignDocument,
        schedule: &Arc<Schedule>,
    ) -> Option<Document> {
        let (called, place) = schedule.name.pair()?;
        let zone = &schedule.zone;
        zone.get()?;
        let mut layers: Vec<(&Layer, Rotation)> = Vec::new();
        for layer in &schedule.layers {
            layers.extend(self.layer(zone, layer).map(|rotation| (layer, rotation)));
        }
        if layers.is_empty() {
            self.lose(place, called, "it has no layer that could be carried over; it is left out");
            return None;
        }
        let mut rotation = if layers.len() == 1 {
            layers.remove(0).1
        } else {
            let highest = layers.len() - 1;
            let layered = layers.into_iter().enumerate().map(|(at, (layer, rotation))| {
                // Those that come first count before the others.
                let priority = i16::try_from(highest - at).unwrap_or(i16::MAX);
                let spec = LayerSpec {
                    name: layer.name.clone(),
                    priority: Some(Field::new(priority, layer.place)),
                    rotation: Field::new(Either::Mapping(Box::new(rotation)), layer.place),
                };
                Field::new(spec, layer.place)
            });
            Rotation { layers: layered.collect(), ..empty(zone) }
        };
        for entry in &schedule.overrides {
            let (from, to) = (entry.period.from, entry.period.to);
            rotation.overrides.extend(change(&entry.user, None, (from, to), None, entry.place));
        }
        let exported = Exported {
            pager: &PAGER,
            id: schedule.id.clone(),
            name: schedule.name.clone(),
            last: schedule.last.clone(),
        };
        document(foreign, exported, schedule.description.as_ref(), rotation)
    }

    /// A layer as a rotation. Its anchor is the turn in which the layer becomes visible.
    fn layer(&mut self, zone: &Field<Zone>, layer: &Layer) -> Option<Rotation> {
        let (seconds, turn_place) = layer.turn.pair()?;
        let path = |field: &str| format!("{}.{field}", layer.path);
        let Some((kind, every)) = turn(*seconds) else {
            let reason = "a turn has whole hours here; the layer is left out";
            self.lose(turn_place, path("rotation_turn_length_seconds"), reason);
            return None;
        };
        if layer.users.is_empty() {
            let reason = "nobody takes turns in it; the layer is left out";
            self.lose(layer.place, path("users"), reason);
            return None;
        }
        let (clock, (virtual_start, virtual_place)) = (zone.get()?, layer.virtual_start.pair()?);
        let (start, start_place) = layer.start.pair()?;
        let exact = clock.local(*virtual_start).naive_local();
        let anchor = exact.with_second(0)?.with_nanosecond(0)?;
        if anchor != exact {
            let reason = "a handoff is at a whole minute here: the seconds are left out";
            self.lose(virtual_place, path("rotation_virtual_start"), reason);
        }
        // Hours that do not divide a day are elapsed time, which knows no change of the clocks.
        let is_elapsed = kind == RotationType::Hourly && 24 % every != 0;
        let passed = if is_elapsed {
            *start - *virtual_start
        } else {
            clock.local(*start).naive_local() - anchor
        };
        let turns = passed.num_seconds().div_euclid(i64::try_from(*seconds).ok()?);
        let ahead = TimeDelta::seconds(turns.checked_mul(i64::try_from(*seconds).ok()?)?);
        let first: NaiveDateTime = if is_elapsed {
            clock.local(virtual_start.checked_add_signed(ahead)?).naive_local().with_second(0)?
        } else {
            anchor.checked_add_signed(ahead)?
        };
        let mut members = layer.users.clone();
        let taken = turns.rem_euclid(i64::try_from(members.len()).ok()?);
        members.rotate_left(usize::try_from(taken).ok()?);
        let members = members.iter().filter_map(|user| {
            let (name, place) = user.pair()?;
            Some(Field::new(Either::Scalar(Name::new(name.as_str()).ok()?), place))
        });
        let is_weekly = kind == RotationType::Weekly;
        let time = TimeOfDay(first.time());
        let day = DayOfWeek(chrono::Datelike::weekday(&first));
        let mut rotation = Rotation {
            rotation_type: Some(Field::new(kind, turn_place)),
            every: (every != 1).then(|| Field::new(every, turn_place)),
            handoff_day: is_weekly.then(|| Field::new(day, virtual_place)),
            handoff_time: Some(Field::new(time, virtual_place)),
            start: Some(Field::new(Day(first.date()), start_place)),
            until: layer.end.as_ref().and_then(|end| {
                let (end, place) = end.pair()?;
                Some(Field::new(LocalTime::Instant(*end), place))
            }),
            members: members.collect(),
            coverage: self.coverage(layer),
            ..empty(zone)
        };
        let begins = clock.instants_of(first).chosen();
        if begins < *start {
            let reason = "the layer begins here";
            let period = (begins, *start);
            rotation.overrides.extend(change(NOBODY, None, period, Some(reason), start_place));
        }
        Some(rotation)
    }

    /// Restrictions as hours of the week; those of the same hours as one with their days.
    fn coverage(&mut self, layer: &Layer) -> Vec<Field<CoverageSpec>> {
        let mut found: Vec<(TimeOfDay, TimeOfDay, Vec<Weekday>, Place)> = Vec::new();
        for restriction in &layer.restrictions {
            let Some(windows) = self.windows(restriction) else { return Vec::new() };
            for (day, from, to) in windows {
                let days: Vec<Weekday> = day.into_iter().collect();
                let same = found
                    .iter_mut()
                    .find(|it| (it.0, it.1) == (from, to) && it.2.is_empty() == days.is_empty());
                match same {
                    Some((.., all, _)) => {
                        all.extend(
                            days.into_iter().filter(|day| !all.contains(day)).collect::<Vec<_>>(),
                        );
                    }
                    None => found.push((from, to, days, restriction.place)),
                }
            }
        }
        let specs = found.into_iter().map(|(from, to, mut days, place)| {
            days.sort_by_key(Weekday::num_days_from_monday);
            let days = days.into_iter().map(|day| Field::new(DayOfWeek(day), place)).collect();
            let (from, to) = (Field::new(from, place), Field::new(to, place));
            Field::new(CoverageSpec { days, from, to, except: Vec::new() }, place)
        });
        specs.collect()
    }

    /// A restriction in pieces of a day at most: the day on which each begins, from when and until when.
    /// `None` where it leaves nothing out.
    fn windows(
        &mut self,
        restriction: &Restriction,
    ) -> Option<Vec<(Option<Weekday>, TimeOfDay, TimeOfDay)>> {
        let Restriction { place, path, day, start, length } = restriction;
        if *length >= if day.is_some() { WEEK } else { DAY } {
            return None;
        }
        if start.second() != 0 || length % 60 != 0 {
            let reason = "hours begin and end at whole minutes here: the seconds are left out";
            self.lose(*place, path.clone(), reason);
        }
        let start = start.with_second(0)?;
        let (mut left, mut day, mut pieces) = (length / 60, *day, Vec::new());
        while left > 0 {
            let piece = left.min(MINUTES_OF_A_DAY);
            let (end, _) =
                start.overflowing_add_signed(TimeDelta::minutes(i64::try_from(piece).ok()?));
            pieces.push((day, TimeOfDay(start), TimeOfDay(end)));
            left -= piece;
            day = day.map(|day| day.succ());
        }
        Some(pieces)
    }
}

/// How long a turn is, in our words; `None` where it has no whole hours.
fn turn(seconds: u64) -> Option<(RotationType, u16)> {
    let units =
        [(WEEK, RotationType::Weekly), (DAY, RotationType::Daily), (HOUR, RotationType::Hourly)];
    let (unit, kind) =
        units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit))?;
    Some((kind, u16::try_from(seconds / unit).ok()?))
}
