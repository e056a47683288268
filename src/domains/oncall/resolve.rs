//! From a rotation as it is written to what the engine computes with: names followed, civil times made
//! instants, defaults applied.
use super::{
    engine::{
        Apply, GapRule, Handoffs, HolidayRule, Layer, Member, Nested, Override, Rhythm, Schedule,
        Shift, Temporary, Version, Window, handoffs::HolidayDirection,
    },
    people, rules,
    spec::{
        Advance, Applies, Clock, CoverageSpec, DayOfWeek, DstGap, LocalTime, MemberSpec, Moving,
        NOBODY, Role, Rotation, RotationType, TimeOfDay,
    },
};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Catalog, Document, Either, Field, Optional as _, Ref, values},
    time::{LocalInstants, Period, Zone},
    units::{Duration, Instant},
};
use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// A rotation with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedRotation<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a Rotation,
    /// Whose clocks it goes by.
    pub zone: Zone,
    /// Who is called first.
    pub primary: Duty,
    /// Who is called when they do not answer; `None` where the rotation has nobody for that.
    pub secondary: Option<Duty>,
}

impl ResolvedRotation<'_> {
    /// What it has for a role.
    pub fn duty(&self, role: Role) -> Option<&Duty> {
        match role {
            Role::Primary => Some(&self.primary),
            Role::Secondary => self.secondary.as_ref(),
        }
    }

    /// Its roles, the one that is called first first.
    pub fn duties(&self) -> impl Iterator<Item = (Role, &Duty)> {
        [Role::Primary, Role::Secondary]
            .into_iter()
            .filter_map(|role| Some((role, self.duty(role)?)))
    }
}

/// Who is on call in a role.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Everything that says it.
    pub schedule: Schedule,
    /// Where its overrides stand, in their order; a swap stands there once for each of its sides.
    pub override_places: Vec<Place>,
}

/// Resolves a rotation.
///
/// # Errors
/// Everything that is wrong with it; or nothing, where it was told already when it was read.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    spec: &'a Rotation,
) -> Result<ResolvedRotation<'a>, Vec<Finding>> {
    let mut resolving = Resolving { catalog, findings: Vec::new(), within: vec![document.name()] };
    let duties = resolving.duties(document.name(), spec, document.name_place());
    match (duties, spec.time_zone.get()) {
        (Some((primary, secondary)), Some(zone)) if resolving.findings.is_empty() => {
            let zone = zone.clone();
            Ok(ResolvedRotation { document, spec, zone, primary, secondary })
        }
        _ => Err(resolving.findings),
    }
}

/// All rotations of a catalog that can be resolved, by name.
pub fn all(catalog: &Catalog) -> Vec<ResolvedRotation<'_>> {
    let rotations = catalog.iter::<Rotation>();
    rotations.filter_map(|(document, spec)| resolve(catalog, document, spec).ok()).collect()
}

struct Resolving<'a> {
    catalog: &'a Catalog,
    findings: Vec<Finding>,
    /// Names of the rotations that are being resolved: one that is a layer of itself would have no end.
    within: Vec<&'a str>,
}

impl<'a> Resolving<'a> {
    /// Who is on call in a rotation, first and second.
    fn duties(
        &mut self,
        name: &'a str,
        rotation: &'a Rotation,
        at: Place,
    ) -> Option<(Duty, Option<Duty>)> {
        let zone = rotation.time_zone.get()?;
        let (layers, nested) = if rotation.layers.is_empty() {
            (self.turns(name, rotation, at).into_iter().collect(), Vec::new())
        } else {
            self.refuse_turns_beside_layers(rotation);
            (Vec::new(), self.nested(rotation))
        };
        let turns = Schedule { layers, nested, ..Schedule::default() };
        let secondary = rotation.secondary.value().and_then(|follow| {
            let offset = i64::from(*follow.offset.get()?);
            if offset == 0 {
                let message = "an offset of 0 is the primary itself";
                self.wrong(
                    &rules::ROTATION_SHAPE,
                    follow.offset.place(),
                    message,
                    "write `offset: -1` for whoever had the turn before",
                );
                return None;
            }
            Some(shifted(&turns, offset))
        });
        let temporary = self.temporary(zone, rotation);
        let mut overrides = self.overrides(zone, rotation);
        if let (None, Some((_, place, _))) =
            (&secondary, overrides.iter().find(|(role, ..)| *role == Role::Secondary))
        {
            let message = "the rotation has no secondary who could be replaced";
            self.wrong(
                &rules::ROTATION_SHAPE,
                *place,
                message,
                "write `secondary: {offset: -1}`, or leave the role out",
            );
        }
        overrides.extend(self.swaps(zone, rotation));
        let duty = |role: Role, turns: Schedule, temporary: Vec<Temporary>| {
            let own = overrides.iter().filter(|(of, ..)| *of == role);
            let (override_places, overrides) =
                own.map(|(_, place, change)| (*place, change.clone())).unzip();
            Duty { schedule: Schedule { temporary, overrides, ..turns }, override_places }
        };
        let primary = duty(Role::Primary, turns, temporary);
        Some((primary, secondary.map(|turns| duty(Role::Secondary, turns, Vec::new()))))
    }

    fn wrong(
        &mut self,
        rule: &'static crate::kernel::diagnostic::Rule,
        place: Place,
        message: impl Into<String>,
        help: &str,
    ) {
        self.findings.push(Finding::new(rule, place, message).help(help));
    }

    /// Layers have turns of their own: what says something of turns beside them would say nothing.
    fn refuse_turns_beside_layers(&mut self, rotation: &Rotation) {
        let fields = [
            ("rotation_type", rotation.rotation_type.as_ref().map(Field::place)),
            ("handoff_time", rotation.handoff_time.as_ref().map(Field::place)),
            ("handoff_day", rotation.handoff_day.as_ref().map(Field::place)),
            ("start", rotation.start.as_ref().map(Field::place)),
            ("until", rotation.until.as_ref().map(Field::place)),
            ("coverage", rotation.coverage.first().map(Field::place)),
        ];
        for (field, place) in fields {
            let Some(place) = place else { continue };
            let message = format!("`{field}` says nothing beside `layers`, which have their own");
            let help = "write it in the rotation of a layer, or leave it out";
            self.wrong(&rules::ROTATION_SHAPE, place, message, help);
        }
    }

    /// The rotations that a rotation is made of.
    fn nested(&mut self, rotation: &'a Rotation) -> Vec<Nested> {
        let mut nested = Vec::new();
        for spec in rotation.layers.iter().filter_map(Field::get) {
            let Some((either, place)) = spec.rotation.pair() else { continue };
            let found = match either {
                Either::Mapping(inline) => {
                    let name = spec.name.value().map_or("layer", String::as_str);
                    self.duties(name, inline, place).map(|(primary, _)| (name, primary))
                }
                Either::Scalar(name) => self.named(name, place),
            };
            let Some((name, primary)) = found else { continue };
            nested.push(Nested {
                name: spec.name.value().map_or(name, String::as_str).to_owned(),
                priority: spec.priority.value().copied().unwrap_or(0).into(),
                schedule: primary.schedule,
            });
        }
        nested
    }

    fn named(&mut self, name: &'a Ref<Rotation>, place: Place) -> Option<(&'a str, Duty)> {
        // What does not exist was told when the documents were linked.
        let (document, rotation) = self.catalog.get::<Rotation>(name.name())?;
        let name = document.name();
        if self.within.contains(&name) {
            let message = format!("`{name}` is a layer of itself");
            let help = "a rotation that is a layer has turns of its own";
            self.wrong(&rules::ROTATION_SHAPE, place, message, help);
            return None;
        }
        self.within.push(name);
        let duties = self.duties(name, rotation, document.name_place());
        self.within.pop();
        Some((name, duties?.0))
    }

    fn turns(&mut self, name: &str, rotation: &'a Rotation, at: Place) -> Option<Layer> {
        let zone = rotation.time_zone.get()?.clone();
        let gap = match rotation.dst_gap.value() {
            Some(DstGap::After) => GapRule::After,
            Some(DstGap::Rfc5545) | None => GapRule::Rfc5545,
        };
        let shape = self.shape(rotation, at);
        let Some((start, start_place)) = rotation.start.pair() else {
            let message = format!("`{name}` does not say when its first turn begins");
            self.wrong(&rules::ROTATION_WITHOUT_START, at, message, "write the day of the first handoff: `start: 2026-01-02`; whose turn it is counts from there");
            return None;
        };
        let (first, rhythm) = shape?;
        let anchor = first.first_from(start.0);
        let rhythm = first.unequal(anchor).unwrap_or(rhythm);
        let on_holiday = rotation.handoff_on_holiday.value().and_then(|spec| {
            let direction = match spec.to.get()? {
                Moving::NextBusinessDay => HolidayDirection::Next,
                Moving::PreviousBusinessDay => HolidayDirection::Previous,
            };
            Some(HolidayRule {
                direction,
                holidays: people::holidays(self.catalog, spec.calendars.get()?),
            })
        });
        let handoffs = Handoffs { zone: zone.clone(), anchor, rhythm, gap, on_holiday };
        let versions = self.versions(&zone, rotation, start_place, &handoffs)?;
        let windows: Vec<Window> =
            values(&rotation.coverage).filter_map(|spec| window(self.catalog, spec)).collect();
        let until = rotation.until.as_ref().and_then(|until| self.instant(&zone, until));
        if let (Some(until), Some(field)) = (until, &rotation.until)
            && until <= handoffs.begin(0)
        {
            let message = "it ends before its first turn begins";
            let help = "let `until` be later than `start`, or leave it out";
            self.wrong(&rules::REVERSED_PERIOD, field.place(), message, help);
        }
        Some(Layer {
            name: name.to_owned(),
            priority: 0,
            handoffs,
            versions,
            windows,
            skips_empty_turns: rotation.advance.value() == Some(&Advance::Active),
            until,
            offset: 0,
        })
    }

    /// When handoffs are in their week or day, and how they follow.
    fn shape(&mut self, rotation: &Rotation, at: Place) -> Option<(First, Rhythm)> {
        let every = rotation.every.value().copied().unwrap_or(1);
        if every == 0 {
            let place = rotation.every.as_ref().map_or(at, Field::place);
            self.wrong(
                &rules::ROTATION_SHAPE,
                place,
                "a turn of nothing has no length",
                "`every` is at least 1",
            );
            return None;
        }
        let kind = match (rotation.rotation_type.value(), &rotation.rotation_type) {
            (Some(kind), _) => *kind,
            (None, Some(_)) => return None,
            (None, None) if !rotation.handoffs.is_empty() => RotationType::Weekly,
            (None, None) => {
                self.wrong(
                    &rules::ROTATION_SHAPE,
                    at,
                    "it does not say how long a turn is",
                    "write `rotation_type: weekly`",
                );
                return None;
            }
        };
        let weeks = match kind {
            RotationType::Weekly => Some(i64::from(every)),
            RotationType::Biweekly => Some(2 * i64::from(every)),
            _ => None,
        };
        let time = rotation.handoff_time.value().copied().unwrap_or(TimeOfDay(NaiveTime::MIN));
        let Some(weeks) = weeks else {
            if let Some(clock) = rotation.clock.as_ref().filter(|_| kind != RotationType::Hourly) {
                let message = "`clock` is for turns of hours";
                let help = "leave it out; days and months go by the clock on the wall";
                self.wrong(&rules::ROTATION_SHAPE, clock.place(), message, help);
                return None;
            }
            let day = rotation.handoff_day.as_ref().map(|day| (day.place(), "handoff_day"));
            let several = rotation.handoffs.first().map(|one| (one.place(), "handoffs"));
            if let Some((place, field)) = day.or(several) {
                let message = format!("`{field}` is for turns of weeks");
                self.wrong(
                    &rules::ROTATION_SHAPE,
                    place,
                    message,
                    "leave it out, or write `rotation_type: weekly`",
                );
                return None;
            }
            return Some((First { days: None, time: time.0 }, Self::rhythm(kind, every, rotation)));
        };
        if let Some(clock) = &rotation.clock {
            let message = "`clock` is for turns of hours";
            let help = "leave it out; weeks go by the clock on the wall";
            self.wrong(&rules::ROTATION_SHAPE, clock.place(), message, help);
            return None;
        }
        if rotation.handoffs.is_empty() {
            let days = rotation.handoff_day.value().map(|day| vec![(day.0, time.0)]);
            return Some((First { days, time: time.0 }, Rhythm::civil(weeks * WEEK)));
        }
        let mut days: Vec<(Weekday, NaiveTime)> = values(&rotation.handoffs)
            .filter_map(|one| {
                let (DayOfWeek(day), TimeOfDay(time)) = (one.day.get()?, one.time.get()?);
                Some((*day, *time))
            })
            .collect();
        if weeks > 1 {
            let place = rotation.every.as_ref().map_or(at, Field::place);
            let message = "several handoffs in a week are for turns within one week";
            let help = "write `rotation_type: weekly`, and leave `every` out";
            self.wrong(&rules::ROTATION_SHAPE, place, message, help);
            return None;
        }
        days.sort_by_key(|(day, time)| (day.num_days_from_monday(), *time));
        days.dedup();
        if days.len() < rotation.handoffs.len() {
            let place = rotation.handoffs.first().map_or(at, Field::place);
            let help = "leave one of them out";
            self.wrong(&rules::ROTATION_SHAPE, place, "two handoffs are at the same time", help);
            return None;
        }
        Some((First { days: Some(days), time: time.0 }, Rhythm::civil(weeks * WEEK)))
    }

    fn rhythm(kind: RotationType, every: u16, rotation: &Rotation) -> Rhythm {
        match kind {
            RotationType::Hourly => {
                let divides = 24 % every == 0;
                let civil = rotation.clock.value().map_or(divides, |clock| *clock == Clock::Civil);
                if civil {
                    Rhythm::civil(i64::from(every) * 60)
                } else {
                    Rhythm::Elapsed(Duration::from_hours(u64::from(every)))
                }
            }
            RotationType::Monthly => Rhythm::Months(u32::from(every)),
            _ => Rhythm::civil(i64::from(every) * DAY),
        }
    }

    fn versions(
        &mut self,
        zone: &Zone,
        rotation: &'a Rotation,
        start: Place,
        handoffs: &Handoffs,
    ) -> Option<Vec<Version>> {
        if rotation.rosters.is_empty() {
            let members = members(&rotation.members);
            let (from, apply) = (handoffs.begin(0), Apply::NextHandoff);
            return (!members.is_empty()).then(|| vec![Version { from, apply, members }]);
        }
        let mut versions: Vec<Version> = Vec::new();
        for spec in rotation.rosters.iter().filter_map(Field::get) {
            let from = self.instant(zone, &spec.effective_from)?;
            if let Some(before) = versions.last()
                && from <= before.from
            {
                let message = "this roster does not come after the one before it";
                self.wrong(
                    &rules::ROSTER_ORDER,
                    spec.effective_from.place(),
                    message,
                    "write rosters in the order of their dates, each with another",
                );
                return None;
            }
            let apply = match spec.apply.value() {
                Some(Applies::Immediately) => Apply::Immediately,
                Some(Applies::NextHandoff) | None => Apply::NextHandoff,
            };
            let members = members(spec.members.get()?);
            versions.push(Version { from, apply, members });
        }
        let first = versions.first()?;
        if first.from > handoffs.begin(0) {
            let message = "the first roster comes after the first turn, which nobody has";
            let place = rotation.rosters.first().map_or(start, Field::place);
            self.wrong(
                &rules::ROSTER_ORDER,
                place,
                message,
                "let it be effective from the day of `start`",
            );
            return None;
        }
        Some(versions)
    }

    /// Overrides, each with its role and where it stands.
    fn overrides(&mut self, zone: &Zone, rotation: &Rotation) -> Vec<(Role, Place, Override)> {
        let mut found = Vec::new();
        for (spec, place) in rotation.overrides.iter().filter_map(Field::pair) {
            let Some(period) = self.period(zone, &spec.start, &spec.end) else { continue };
            let Some(user) = spec.user.get() else { continue };
            let change = Override {
                person: (user.as_str() != NOBODY).then(|| user.to_string()),
                replaces: spec.replaces.value().map(ToString::to_string),
                period,
            };
            found.push((spec.role.value().copied().unwrap_or_default(), place, change));
        }
        found
    }

    /// Both sides of each swap that somebody else has approved.
    fn swaps(&mut self, zone: &Zone, rotation: &Rotation) -> Vec<(Role, Place, Override)> {
        let mut found = Vec::new();
        for (spec, place) in rotation.swaps.iter().filter_map(Field::pair) {
            let gives = spec.gives.get().and_then(|it| self.period(zone, &it.start, &it.end));
            let takes = spec.takes.value().map(|it| self.period(zone, &it.start, &it.end));
            let (Some(user), Some(with)) = (spec.user.get(), spec.with.get()) else { continue };
            if spec
                .approved_by
                .value()
                .is_none_or(|approver| approver == user || approver.as_str() == NOBODY)
            {
                continue;
            }
            let sides = [(gives, user, with), (takes.flatten(), with, user)];
            for (period, from, to) in sides {
                let Some(period) = period else { continue };
                let (person, replaces) = (Some(to.to_string()), Some(from.to_string()));
                found.push((Role::Primary, place, Override { person, replaces, period }));
            }
        }
        found
    }

    fn temporary(&mut self, zone: &Zone, rotation: &Rotation) -> Vec<Temporary> {
        let mut found = Vec::new();
        for spec in rotation.temporary.iter().filter_map(Field::get) {
            let Some(period) = self.period(zone, &spec.start, &spec.end) else { continue };
            let mut shifts = Vec::new();
            for shift in spec.shifts.iter().filter_map(Field::get) {
                let Some(period) = self.period(zone, &shift.start, &shift.end) else { continue };
                let Some(user) = shift.user.get() else { continue };
                shifts.push(Shift { period, person: user.to_string() });
            }
            found.push(Temporary { period, shifts });
        }
        found
    }

    fn period(
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
    fn instant(&mut self, zone: &Zone, field: &Field<LocalTime>) -> Option<Instant> {
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

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;

/// When handoffs are in a week, or at least in a day.
struct First {
    days: Option<Vec<(Weekday, NaiveTime)>>,
    time: NaiveTime,
}

impl First {
    /// The first handoff on a day or later.
    fn first_from(&self, start: NaiveDate) -> NaiveDateTime {
        let Some(days) = &self.days else { return start.and_time(self.time) };
        (0..7)
            .filter_map(|ahead| start.checked_add_days(Days::new(ahead)))
            .find_map(|date| {
                let (_, time) = days.iter().find(|(day, _)| *day == date.weekday())?;
                Some(date.and_time(*time))
            })
            .unwrap_or_else(|| start.and_time(self.time))
    }
}

impl First {
    /// Where several handoffs are in a week: how far each is from the first.
    fn unequal(&self, anchor: NaiveDateTime) -> Option<Rhythm> {
        let days = self.days.as_ref().filter(|days| days.len() > 1)?;
        let first = (anchor.weekday(), anchor.time());
        let mut begins: Vec<i64> = days.iter().map(|one| minutes_between(first, *one)).collect();
        begins.sort_unstable();
        Some(Rhythm::Civil { cycle: WEEK, begins })
    }
}

fn members(specs: &[Field<MemberSpec>]) -> Vec<Member> {
    values(specs)
        .map(|member| match member {
            Either::Scalar(name) if name.as_str() == NOBODY => Member(Vec::new()),
            Either::Scalar(name) => Member::person(name.as_str()),
            Either::Mapping(group) => {
                let people = group.together.get().map_or(&[][..], Vec::as_slice);
                Member(values(people).map(ToString::to_string).collect())
            }
        })
        .collect()
}

/// Minutes from one moment of the week to another.
fn minutes_between(from: (Weekday, NaiveTime), to: (Weekday, NaiveTime)) -> i64 {
    let minute = |(day, time): (Weekday, NaiveTime)| {
        i64::from(day.num_days_from_monday()) * DAY + (time - NaiveTime::MIN).num_minutes()
    };
    (minute(to) - minute(from)).rem_euclid(WEEK)
}

/// The same turns, each of whoever has it so many turns away.
fn shifted(turns: &Schedule, offset: i64) -> Schedule {
    let layers = turns.layers.iter().map(|layer| Layer { offset, ..layer.clone() });
    let nested = turns
        .nested
        .iter()
        .map(|nested| Nested { schedule: shifted(&nested.schedule, offset), ..nested.clone() });
    Schedule { layers: layers.collect(), nested: nested.collect(), ..Schedule::default() }
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
