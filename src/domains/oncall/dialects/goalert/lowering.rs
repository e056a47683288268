//! What GoAlert's schedules mean in our kinds.
//!
//! Targets are layers of the same priority, for all of them are on call at once. A turn of a rotation is
//! anchored where the present one began: what came before it cannot be known from the answer.
use super::{
    PAGER,
    form::{Export, Override, People, Rule, Schedule, Target, Temporary, Turns},
    overrides::ordered,
};
use crate::{
    domains::oncall::{
        dialects::{
            pager::Exported,
            writing::{change, document, empty},
        },
        engine::{GapRule, Handoffs, Rhythm},
        spec::{
            Clock, CoverageSpec, DayOfWeek, DstGap, LayerSpec, LocalTime, NOBODY, Rotation,
            RotationType, TemporaryShift, TemporarySpec, TimeOfDay,
        },
    },
    kernel::{
        settings::Settings,
        source::Place,
        spec::{Day, Document, Either, Field, ForeignDocument, Loss, Lowered, Name},
        time::Zone,
        units::Instant,
    },
};
use chrono::{Datelike as _, NaiveDateTime, Timelike as _, Weekday};

const DAY: i64 = 24 * 60;

/// How many turns a handoff may be away from where turns of the usual length put it.
const AROUND: i64 = 4;

pub(super) fn lower(documents: &[&ForeignDocument], _: &Settings) -> Lowered {
    let mut lowered = Lowered::default();
    for foreign in documents {
        let Some(export) = foreign.value::<Export>() else { continue };
        let mut lowering = Lowering { losses: export.losses.clone() };
        for schedule in &export.schedules {
            lowered.documents.extend(lowering.schedule(foreign, schedule));
        }
        lowered.losses.append(&mut lowering.losses);
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

    fn schedule(&mut self, foreign: &ForeignDocument, schedule: &Schedule) -> Option<Document> {
        let (called, place) = schedule.name.pair()?;
        schedule.zone.get()?;
        let begin = first_day(schedule);
        let mut layers: Vec<(&Target, Rotation)> = Vec::new();
        for target in &schedule.targets {
            layers.extend(self.target(schedule, target, begin).map(|layer| (target, layer)));
        }
        if layers.is_empty() {
            self.lose(place, called, "it has no target that could be carried over; it is left out");
            return None;
        }
        let mut rotation = if let [(_, only)] = layers.as_slice() {
            only.clone()
        } else {
            let layer = |(target, rotation): (&Target, Rotation)| {
                layer(&target.name, rotation, target.place)
            };
            Rotation { layers: layers.into_iter().map(layer).collect(), ..empty(&schedule.zone) }
        };
        let (kept, lost) = ordered(&schedule.overrides);
        for change in lost {
            let reason = "two overrides of the same time exchange people, or replace the same one; the rotation's `swaps` can say the first";
            self.lose(change.place, change.path.clone(), reason);
        }
        for one in kept {
            let who = one.adds.as_deref().unwrap_or(NOBODY);
            let period = (one.period.from, one.period.to);
            let removes = one.removes.as_deref();
            rotation.overrides.extend(change(who, removes, period, None, one.place));
        }
        let added: Vec<Field<LayerSpec>> = schedule
            .overrides
            .iter()
            .filter(|one| one.removes.is_none())
            .filter_map(|one| added(&schedule.zone, one))
            .collect();
        if !added.is_empty() {
            // Whoever is added is so beside what the other overrides have made of the rules.
            let mut whole =
                Rotation { layers: vec![layer(called, rotation, place)], ..empty(&schedule.zone) };
            whole.layers.extend(added);
            rotation = whole;
        }
        rotation.temporary = schedule.temporary.iter().map(temporary).collect();
        let exported = Exported {
            pager: &PAGER,
            id: schedule.id.clone(),
            name: schedule.name.clone(),
            last: schedule.last.clone(),
        };
        document(foreign, exported, schedule.description.as_ref(), rotation)
    }

    /// A target as a rotation; `None` where it cannot be one, or is never on call.
    fn target(
        &mut self,
        schedule: &Schedule,
        target: &Target,
        begin: Option<Day>,
    ) -> Option<Rotation> {
        let coverage = self.coverage(target)?;
        let mut rotation = match &target.people {
            People::Rotation(turns) => {
                let is_elsewhere = turns.zone.get()?.name() != schedule.zone.get()?.name();
                if is_elsewhere && !coverage.is_empty() {
                    let reason = "its rotation goes by another zone than its rules, and hours go by the zone of their rotation here; it is left out";
                    self.lose(turns.zone.place(), format!("{}.rules", target.path), reason);
                    return None;
                }
                self.turns(target, turns)?
            }
            People::User(user) => {
                let Some(begin) = begin else {
                    let reason = "nothing in the answer says when it begins: ask for `shifts`; it is left out";
                    self.lose(target.place, target.path.clone(), reason);
                    return None;
                };
                let (user, place) = user.pair()?;
                Rotation {
                    rotation_type: Some(Field::new(RotationType::Weekly, place)),
                    start: Some(Field::new(begin, place)),
                    members: vec![Field::new(
                        Either::Scalar(Name::new(user.as_str()).ok()?),
                        place,
                    )],
                    ..empty(&schedule.zone)
                }
            }
        };
        rotation.coverage = coverage;
        Some(rotation)
    }

    /// The hours of its rules, those of the same hours as one with their days; none where it is always on
    /// call, and `None` where it never is.
    fn coverage(&mut self, target: &Target) -> Option<Vec<Field<CoverageSpec>>> {
        let mut found: Vec<(TimeOfDay, TimeOfDay, Vec<Weekday>, Place)> = Vec::new();
        for Rule { place, from, to, days } in &target.rules {
            match found.iter_mut().find(|it| (it.0, it.1) == (*from, *to)) {
                Some((_, _, all, _)) => {
                    let new: Vec<Weekday> =
                        days.iter().copied().filter(|day| !all.contains(day)).collect();
                    all.extend(new);
                }
                None => found.push((*from, *to, days.clone(), *place)),
            }
        }
        found.retain(|it| !it.2.is_empty());
        if found.is_empty() {
            let reason = "no rule says when it is on call; it is left out";
            self.lose(target.place, target.path.clone(), reason);
            return None;
        }
        if found.iter().any(|(from, to, days, _)| from == to && days.len() == 7) {
            return Some(Vec::new());
        }
        let specs = found.into_iter().map(|(from, to, mut days, place)| {
            days.sort_by_key(Weekday::num_days_from_monday);
            // Every day is what is meant where none is named.
            let days = if days.len() == 7 { Vec::new() } else { days };
            let days = days.into_iter().map(|day| Field::new(DayOfWeek(day), place)).collect();
            let (from, to) = (Field::new(from, place), Field::new(to, place));
            Field::new(CoverageSpec { days, from, to, except: Vec::new() }, place)
        });
        Some(specs.collect())
    }

    fn turns(&mut self, target: &Target, turns: &Turns) -> Option<Rotation> {
        let zone = turns.zone.get()?;
        let (kind, kind_place) = turns.kind.pair()?;
        let (length, length_place) = turns.length.pair()?;
        let (next, next_place) = turns.next.pair()?;
        let path = |field: &str| format!("{}: {field}", target.name);
        let Some(every) = u16::try_from(*length).ok().filter(|every| *every > 0) else {
            let reason = "a turn has 1 to 65535 hours, days, weeks or months here; it is left out";
            self.lose(length_place, path("shiftLength"), reason);
            return None;
        };
        if turns.users.is_empty() {
            self.lose(target.place, path("users"), "nobody takes turns in it; it is left out");
            return None;
        }
        let anchor = to_the_minute(zone.local(*turns.start.get()?).naive_local())?;
        if *kind == RotationType::Monthly && anchor.day() > 28 {
            let reason = "turns of months that begin behind the 28th run over into the next month in GoAlert, and end on the last day here; it is left out";
            self.lose(turns.start.place(), path("start"), reason);
            return None;
        }
        let Some(first) = present_turn(zone, anchor, *kind, every, *next) else {
            let reason = "no turn from `start` on ends then; it is left out";
            self.lose(next_place, path("nextHandoffTimes"), reason);
            return None;
        };
        let mut members = turns.users.clone();
        let active = usize::try_from(*turns.active.get()?).ok()?;
        let ahead = active.min(members.len() - 1);
        members.rotate_left(ahead);
        let members = members.iter().filter_map(|user| {
            let (name, place) = user.pair()?;
            Some(Field::new(Either::Scalar(Name::new(name.as_str()).ok()?), place))
        });
        let is_weekly = *kind == RotationType::Weekly;
        let is_uneven = *kind == RotationType::Hourly && 24 % every != 0;
        let start = turns.start.place();
        Some(Rotation {
            rotation_type: Some(Field::new(*kind, kind_place)),
            every: (every != 1).then(|| Field::new(every, length_place)),
            handoff_day: is_weekly.then(|| Field::new(DayOfWeek(first.weekday()), start)),
            handoff_time: Some(Field::new(TimeOfDay(first.time()), start)),
            start: Some(Field::new(Day(first.date()), start)),
            // Hours count as the clock on the wall shows them, whatever their number.
            clock: is_uneven.then(|| Field::new(Clock::Civil, kind_place)),
            // Times that clocks skip are when they are put forward.
            dst_gap: (zone.name() != "UTC").then(|| Field::new(DstGap::After, start)),
            members: members.collect(),
            ..empty(&turns.zone)
        })
    }
}

/// When the turn began, as clocks show it, that ends at the next handoff.
fn present_turn(
    zone: &Zone,
    anchor: NaiveDateTime,
    kind: RotationType,
    every: u16,
    next: Instant,
) -> Option<NaiveDateTime> {
    let every = i64::from(every);
    let rhythm = match kind {
        RotationType::Hourly => Rhythm::civil(every * 60),
        RotationType::Daily => Rhythm::civil(every * DAY),
        RotationType::Weekly => Rhythm::civil(every * 7 * DAY),
        RotationType::Biweekly => Rhythm::civil(every * 14 * DAY),
        RotationType::Monthly => Rhythm::Months(u32::try_from(every).ok()?),
    };
    let length = rhythm.nominal_minutes();
    let handoffs =
        Handoffs { zone: zone.clone(), anchor, rhythm, gap: GapRule::After, on_holiday: None };
    let away = (zone.local(next).naive_local() - anchor).num_minutes().div_euclid(length);
    let begins = |turn: &i64| handoffs.unguarded(*turn) == next;
    let turn = (away - AROUND..=away + AROUND).find(begins)?;
    Some(handoffs.civil(turn - 1))
}

/// GoAlert leaves out what is finer than a minute.
fn to_the_minute(local: NaiveDateTime) -> Option<NaiveDateTime> {
    local.with_second(0)?.with_nanosecond(0)
}

/// The first day that the answer speaks of: the anchor of those who are on call without turns.
fn first_day(schedule: &Schedule) -> Option<Day> {
    let zone = schedule.zone.get()?;
    let starts = schedule.targets.iter().filter_map(|target| match &target.people {
        People::Rotation(turns) => turns.start.get().copied(),
        People::User(_) => None,
    });
    let shifts = schedule.last.iter().flatten().map(|entry| entry.period.from);
    starts.chain(shifts).min().map(|at| Day(zone.local(at).naive_local().date()))
}

/// One of several rotations that are on call at once.
fn layer(name: &str, rotation: Rotation, place: Place) -> Field<LayerSpec> {
    let spec = LayerSpec {
        name: Some(Field::new(name.to_owned(), place)),
        priority: None,
        rotation: Field::new(Either::Mapping(Box::new(rotation)), place),
    };
    Field::new(spec, place)
}

/// Somebody who is on call for a while beside all others.
fn added(zone: &Field<Zone>, one: &Override) -> Option<Field<LayerSpec>> {
    let place = one.place;
    let user = one.adds.as_deref()?;
    let local = to_the_minute(zone.get()?.local(one.period.from).naive_local())?;
    let rotation = Rotation {
        rotation_type: Some(Field::new(RotationType::Daily, place)),
        handoff_time: Some(Field::new(TimeOfDay(local.time()), place)),
        start: Some(Field::new(Day(local.date()), place)),
        until: Some(Field::new(LocalTime::Instant(one.period.to), place)),
        members: vec![Field::new(Either::Scalar(Name::new(user).ok()?), place)],
        ..empty(zone)
    };
    Some(layer(&format!("{user} as well"), rotation, place))
}

fn temporary(one: &Temporary) -> Field<TemporarySpec> {
    let place = one.place;
    let instant = |at: Instant| Field::new(LocalTime::Instant(at), place);
    let shifts = one.shifts.iter().filter_map(|shift| {
        let user = Field::new(Name::new(shift.user.as_str()).ok()?, shift.place);
        let (start, end) = (instant(shift.period.from), instant(shift.period.to));
        Some(Field::new(TemporaryShift { user, start, end }, shift.place))
    });
    let (start, end) = (instant(one.period.from), instant(one.period.to));
    Field::new(TemporarySpec { start, end, shifts: shifts.collect() }, place)
}
