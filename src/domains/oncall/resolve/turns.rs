//! The turns of a rotation: when they begin, and who has them.
use super::{Resolving, window};
use crate::domains::oncall::{
    engine::{
        Apply, GapRule, Handoffs, HolidayRule, Layer, Member, Rhythm, Version, Window,
        handoffs::HolidayDirection,
    },
    people, rules,
    spec::{
        Advance, Applies, Clock, DayOfWeek, DstGap, MemberSpec, Moving, NOBODY, Rotation,
        RotationType, TimeOfDay,
    },
};
use crate::kernel::{
    source::Place,
    spec::{Either, Field, Optional as _, values},
    time::Zone,
    units::Duration,
};
use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;

impl<'a> Resolving<'a> {
    pub(super) fn turns(&mut self, name: &str, rotation: &'a Rotation, at: Place) -> Option<Layer> {
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
}

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
