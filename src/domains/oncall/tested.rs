//! The tests that rotations carry: who is to be on call when, and what nobody's load may exceed.
//!
//! All of them are about who is on call in the end, overrides and swaps included.
use super::{
    engine::{
        GapRule, Shift, Window,
        coverage::coverage,
        load::{by_person, days, nights},
        periods,
    },
    people::{self, People},
    resolve::{self, ResolvedRotation},
    spec::{ExpectSpec, LimitsSpec, NOBODY, NeverSpec, Role, Rotation},
};
use crate::kernel::{
    expectation::{Checked, Tested},
    report::words,
    source::Place,
    spec::{Catalog, Document, Field, Name, Optional as _},
    time::Period,
    units::Instant,
};
use chrono::{Datelike as _, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// How far ahead limits and what must never be are looked at.
const AHEAD: TimeDelta = TimeDelta::days(365);

/// The tests of a rotation.
pub fn tests(catalog: &Catalog, now: Instant, document: &Document) -> Vec<Tested> {
    let Some(spec) = document.spec::<Rotation>() else { return Vec::new() };
    let first = |list: Option<Place>| list.unwrap_or(document.name_place());
    let places = [
        (!spec.expect.is_empty()).then(|| first(spec.expect.first().map(Field::place))),
        spec.limits.as_ref().map(Field::place),
        (!spec.never.is_empty()).then(|| first(spec.never.first().map(Field::place))),
    ];
    let rotation = match resolve::resolve(catalog, document, spec) {
        Ok(rotation) => rotation,
        Err(wrong) => {
            let failure =
                wrong.first().map_or("it cannot be read".to_owned(), |one| one.message.clone());
            let failed = |place| {
                let (expected, failure) = ("not run".to_owned(), Some(failure.clone()));
                let checks = vec![Checked { expected, place, failure }];
                Tested { name: "who is on call".to_owned(), place, checks }
            };
            return places.into_iter().flatten().take(1).map(failed).collect();
        }
    };
    let people = People::of(catalog);
    let period = Period { from: now, to: now + AHEAD };
    let shifts = rotation.primary.schedule.shifts(period);
    let [expect, limits, never] = places;
    let tests = [
        expect.map(|place| ("who is on call", place, expectations(&rotation))),
        limits
            .zip(spec.limits.value())
            .map(|(place, spec)| ("limits", place, limits_of(spec, &shifts, &rotation, &people))),
        never
            .map(|place| ("never", place, forbidden(catalog, &shifts, &rotation, &people, period))),
    ];
    let test = |(name, place, checks): (&str, Place, Vec<Checked>)| Tested {
        name: name.to_owned(),
        place,
        checks,
    };
    tests.into_iter().flatten().map(test).collect()
}

fn expectations(rotation: &ResolvedRotation<'_>) -> Vec<Checked> {
    let mut checks = Vec::new();
    for expect in rotation.spec.expect.iter().filter_map(Field::get) {
        let ExpectSpec { at, primary, secondary } = expect;
        let Some(time) = at.get() else { continue };
        let shown = time.text();
        let Some(instant) = resolve::instant(&rotation.zone, *time) else {
            checks.push(Checked {
                expected: format!("at {shown}"),
                place: at.place(),
                failure: Some(format!(
                    "clocks in {} do not show that time, or show it twice",
                    rotation.zone
                )),
            });
            continue;
        };
        for (role, expected) in [(Role::Primary, primary), (Role::Secondary, secondary)] {
            let Some((name, place)) = expected.as_ref().and_then(Field::pair) else { continue };
            let found = on_call(rotation, role, instant);
            let nobody = found.is_empty() && name.as_str() == NOBODY;
            let failure =
                (!nobody && found != [name.to_string()]).then(|| match found.as_slice() {
                    [] => "it is nobody".to_owned(),
                    people => format!("it is {}", people.join(" and ")),
                });
            let expected = format!("at {shown}: {} is {name}", role.name());
            checks.push(Checked { expected, place, failure });
        }
    }
    checks
}

fn on_call(rotation: &ResolvedRotation<'_>, role: Role, at: Instant) -> Vec<String> {
    let moment = Period { from: at, to: at + TimeDelta::seconds(1) };
    let shifts = rotation.duty(role).map(|duty| duty.schedule.shifts(moment)).unwrap_or_default();
    shifts.into_iter().map(|shift| shift.person).collect()
}

fn limits_of(
    spec: &LimitsSpec,
    shifts: &[Shift],
    rotation: &ResolvedRotation<'_>,
    people: &People,
) -> Vec<Checked> {
    let LimitsSpec { max_consecutive, min_rest, max_share, max_nights_per_month } = spec;
    let loads: BTreeMap<&str, Vec<Period>> = by_person(shifts)
        .into_iter()
        .map(|(person, times)| (person, periods::union(times)))
        .collect();
    let local = |at: Instant| rotation.zone.local(at).format("%Y-%m-%d %H:%M").to_string();
    let mut checks = Vec::new();
    if let Some((limit, place)) = max_consecutive.as_ref().and_then(Field::pair) {
        let too_long = loads.iter().find_map(|(person, times)| {
            let run = times.iter().find(|time| time.length() > *limit)?;
            let (from, length) = (local(run.from), words::span(run.length()));
            Some(format!("`{person}` is on call for {length} from {from} on"))
        });
        let expected = format!("nobody is on call for more than {limit} without a break");
        checks.push(Checked { expected, place, failure: too_long });
    }
    if let Some((limit, place)) = min_rest.as_ref().and_then(Field::pair) {
        let too_short = loads.iter().find_map(|(person, times)| {
            let rests = times.windows(2).map(|two| Period { from: two[0].to, to: two[1].from });
            let rest = rests.into_iter().find(|rest| rest.length() < *limit)?;
            let (from, length) = (local(rest.from), words::span(rest.length()));
            Some(format!("`{person}` has {length} from {from} on"))
        });
        let expected = format!("everybody has at least {limit} between two times on call");
        checks.push(Checked { expected, place, failure: too_short });
    }
    if let Some((limit, place)) = max_share.as_ref().and_then(Field::pair) {
        let seconds = |times: &Vec<Period>| periods::seconds(times);
        let all: i64 = loads.values().map(seconds).sum();
        let most = loads
            .iter()
            .max_by_key(|(person, times)| (seconds(times), std::cmp::Reverse(**person)));
        let too_much = most.and_then(|(person, times)| {
            let share = seconds(times) as f64 / all.max(1) as f64;
            let text =
                || format!("`{person}` has {}", words::percent_against(share, &[limit.as_f64()]));
            (share > limit.as_f64()).then(text)
        });
        let expected = format!("nobody has more than {} of the time", limit.percent());
        checks.push(Checked { expected, place, failure: too_much });
    }
    if let Some((limit, place)) = max_nights_per_month.as_ref().and_then(Field::pair) {
        let too_many = loads.iter().find_map(|(person, times)| {
            let ((year, month), nights) = nights_per_month(person, times, rotation, people)
                .into_iter()
                .find(|(_, nights)| *nights > u64::from(*limit))?;
            Some(format!("`{person}` has {nights} in {year}-{month:02}"))
        });
        let expected = format!("nobody is on call in more than {limit} nights of a month");
        checks.push(Checked { expected, place, failure: too_many });
    }
    checks
}

/// Nights with any time on call, by the month in which they begin where the person lives.
fn nights_per_month(
    person: &str,
    times: &[Period],
    rotation: &ResolvedRotation<'_>,
    people: &People,
) -> BTreeMap<(i32, u32), u64> {
    let zone = people.home(person, &rotation.zone).zone;
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return BTreeMap::new() };
    // A day more on both sides, so that no night is cut.
    let day = TimeDelta::days(1);
    let whole = Period { from: first.from - day, to: last.to + day };
    let mut months = BTreeMap::new();
    for night in coverage(&zone, GapRule::default(), &[nights()], whole) {
        if !periods::intersection(times, &[night]).is_empty() {
            let begin = zone.local(night.from);
            *months.entry((begin.year(), begin.month())).or_default() += 1;
        }
    }
    months
}

fn forbidden(
    catalog: &Catalog,
    shifts: &[Shift],
    rotation: &ResolvedRotation<'_>,
    people: &People,
    period: Period,
) -> Vec<Checked> {
    let mut checks = Vec::new();
    for (never, place) in rotation.spec.never.iter().filter_map(Field::pair) {
        let NeverSpec { user, days: of_week, from, to, holidays } = never;
        let window = Window {
            days: resolve::days(of_week),
            from: from.value().map_or(0, resolve::minutes),
            to: to.value().map_or(0, resolve::minutes),
            except: BTreeSet::new(),
        };
        let gap = GapRule::default();
        let mut hours = coverage(&rotation.zone, gap, &[window], period);
        if !holidays.is_empty() {
            let dates = people::holidays(catalog, holidays);
            hours = periods::intersection(&hours, &days(&rotation.zone, &dates));
        }
        let who = user.value().map(Name::as_str);
        let found = by_person(shifts)
            .into_iter()
            .filter(|(person, _)| who.is_none_or(|who| who == *person))
            .filter_map(|(person, times)| {
                let meets = periods::intersection(&periods::union(times), &hours);
                Some((person.to_owned(), *meets.first()?))
            })
            .min_by_key(|(_, when)| when.from);
        let failure = found.map(|(person, when)| {
            let at = rotation.zone.local(when.from).format("%Y-%m-%d %H:%M");
            format!("`{}` is, first at {at}", people.shown(&person))
        });
        let expected = match who {
            Some(who) => format!("`{who}` is never on call then"),
            None => "nobody is on call then".to_owned(),
        };
        checks.push(Checked { expected, place, failure });
    }
    checks
}
