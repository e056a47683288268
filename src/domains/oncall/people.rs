//! The people of a catalog: where they live, when they are away.
use super::{
    engine::{
        escalation::Absences,
        load::{Home, days},
        periods,
    },
    spec::{HolidayCalendar, Person, Rotation, Team},
};
use crate::kernel::{
    source::Place,
    spec::{Catalog, Either, Field, Name, Optional as _, Ref, values},
    time::{Period, Zone},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of people.
#[derive(Clone, Debug, Default)]
pub struct People {
    known: BTreeMap<String, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    place: Place,
    shown: Option<String>,
    zone: Option<Zone>,
    holidays: BTreeSet<NaiveDate>,
    absences: Vec<Away>,
}

/// Somebody cannot be on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub through: NaiveDate,
    /// Why.
    pub reason: Option<String>,
}

impl People {
    /// All members of the teams of a catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let mut known = BTreeMap::new();
        for (_, team) in catalog.iter::<Team>() {
            for (person, place) in team.members.get().into_iter().flatten().filter_map(Field::pair)
            {
                let Some(name) = person.name.get() else { continue };
                known.entry(name.to_string()).or_insert_with(|| Known::of(catalog, person, place));
            }
        }
        Self { known }
    }

    /// Whether there are teams that say who there is.
    pub fn are_listed(&self) -> bool {
        !self.known.is_empty()
    }

    /// Where a person is described.
    pub fn place(&self, person: &str) -> Option<Place> {
        self.known.get(person).map(|known| known.place)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// What a person is called for others.
    pub fn shown<'p>(&'p self, person: &'p str) -> &'p str {
        self.known.get(person).and_then(|known| known.shown.as_deref()).unwrap_or(person)
    }

    /// Where a person lives; as the rotation does where they do not say.
    pub fn home(&self, person: &str, rotation: &Zone) -> Home {
        let known = self.known.get(person);
        Home {
            zone: known.and_then(|known| known.zone.clone()).unwrap_or_else(|| rotation.clone()),
            holidays: known.map(|known| known.holidays.clone()).unwrap_or_default(),
        }
    }

    /// When a person is away, each with the reason.
    pub fn away(&self, person: &str, rotation: &Zone) -> Vec<(Period, &Away)> {
        let Some(known) = self.known.get(person) else { return Vec::new() };
        let zone = known.zone.as_ref().unwrap_or(rotation);
        let period = |away: &Away| {
            let after = away.through.succ_opt()?;
            let from = zone.first_instant_of_day(away.from);
            Some(Period { from, to: zone.first_instant_of_day(after) })
        };
        known.absences.iter().filter_map(|away| Some((period(away)?, away))).collect()
    }

    /// The holidays of a person as stretches of time.
    pub fn holidays(&self, person: &str, rotation: &Zone) -> Vec<Period> {
        let home = self.home(person, rotation);
        days(&home.zone, &home.holidays)
    }

    /// When people are away. Those who do not say their zone live by the clocks of `zone`.
    pub fn absences(&self, zone: &Zone) -> Absences {
        let of = |name: &String| {
            let away = self.away(name, zone).into_iter().map(|(period, _)| period).collect();
            (name.clone(), periods::union(away))
        };
        self.known.keys().map(of).collect()
    }
}

impl Known {
    fn of(catalog: &Catalog, person: &Person, place: Place) -> Self {
        let absences = values(&person.unavailable).filter_map(|absence| {
            Some(Away {
                from: absence.from.get()?.0,
                through: absence.through.get()?.0,
                reason: absence.reason.value().cloned(),
            })
        });
        Self {
            place,
            shown: person.display_name.value().cloned(),
            zone: person.time_zone.value().cloned(),
            holidays: holidays(catalog, &person.holidays),
            absences: absences.collect(),
        }
    }
}

/// The days of calendars.
pub fn holidays(
    catalog: &Catalog,
    calendars: &[Field<Ref<HolidayCalendar>>],
) -> BTreeSet<NaiveDate> {
    let found = values(calendars).filter_map(|name| catalog.get::<HolidayCalendar>(name.name()));
    let days = found.filter_map(|(_, calendar)| calendar.days.get());
    days.flat_map(|days| values(days)).filter_map(|day| Some(day.date.get()?.0)).collect()
}

/// Everybody whom a rotation names, and where; rotations that are its layers by name are not followed.
pub fn named(rotation: &Rotation) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    let mut add = |name: &Field<Name>| {
        found.extend(name.get().map(|text| (text.to_string(), name.place())));
    };
    let rosters = values(&rotation.rosters).filter_map(|roster| roster.members.get()).flatten();
    for (member, place) in rosters.chain(&rotation.members).filter_map(Field::pair) {
        match member {
            Either::Scalar(name) => add(&Field::new(name.clone(), place)),
            Either::Mapping(group) => group.together.get().into_iter().flatten().for_each(&mut add),
        }
    }
    for change in values(&rotation.overrides) {
        add(&change.user);
        change.replaces.iter().for_each(&mut add);
    }
    for swap in values(&rotation.swaps) {
        [&swap.user, &swap.with].into_iter().for_each(&mut add);
        swap.approved_by.iter().for_each(&mut add);
    }
    for never in values(&rotation.never) {
        never.user.iter().for_each(&mut add);
    }
    for expect in values(&rotation.expect) {
        expect.primary.iter().chain(&expect.secondary).for_each(&mut add);
    }
    for shift in values(&rotation.temporary).flat_map(|one| values(&one.shifts)) {
        add(&shift.user);
    }
    for layer in values(&rotation.layers) {
        found.extend(layer.rotation.get().and_then(Either::mapping).into_iter().flat_map(named));
    }
    found
}

/// Everybody whom a rotation names in its rosters, its layers not followed.
pub fn members(rotation: &Rotation) -> BTreeSet<String> {
    let rosters = values(&rotation.rosters).filter_map(|roster| roster.members.get());
    let all = rosters.flatten().chain(&rotation.members).filter_map(Field::get);
    let names = all.flat_map(|member| match member {
        Either::Scalar(name) => vec![name.to_string()],
        Either::Mapping(group) => group
            .together
            .get()
            .into_iter()
            .flat_map(|names| values(names))
            .map(ToString::to_string)
            .collect(),
    });
    names.filter(|name| name != super::spec::NOBODY).collect()
}
