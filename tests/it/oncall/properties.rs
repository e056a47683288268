//! What holds for every rotation, in every zone.
use super::layer;
use chrono::{NaiveDateTime, TimeDelta, Weekday};
use proptest::prelude::*;
use sre::{
    domains::oncall::engine::{
        Apply, GapRule, Handoffs, Layer, Member, Override, Rhythm, Schedule, Shift, Version,
        Window, periods, schedule,
    },
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use std::collections::BTreeSet;

const RHYTHMS: &[Rhythm] = &[Rhythm::Months(1), Rhythm::Elapsed(Duration::from_hours(7))];

fn rhythms() -> Vec<Rhythm> {
    let civil = [60, 8 * 60, 12 * 60, 1440, 3 * 1440, 10_080, 20_160].map(Rhythm::civil);
    let unequal = Rhythm::Civil { cycle: 10_080, begins: vec![0, 4 * 1440 + 480] };
    civil.into_iter().chain([unequal]).chain(RHYTHMS.iter().cloned()).collect()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// All zones, through every change of their clocks from 1970 to 2040: turns follow each other without gap
/// or overlap, and whose turn an instant is in is what the grid says.
#[test]
fn turns_tile_time_in_every_zone() {
    let (from, to) = (at("1970-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z"));
    let mut changes = 0;
    for name in Zone::names() {
        let zone = Zone::get(name).unwrap();
        let stretches = zone.stretches(from, to);
        let anchor = (from - TimeDelta::days(3)).naive_utc() + TimeDelta::minutes(150);
        for (index, (stretch, _)) in stretches.iter().enumerate().skip(1) {
            changes += 1;
            let change = stretch.from;
            let around =
                Period { from: change - TimeDelta::days(2), to: change + TimeDelta::days(2) };
            // Every rhythm where clocks are moved by other than an hour; elsewhere one after the other.
            let offset = |at: Instant| zone.local(at).offset().local_minus_utc();
            let usual = (offset(change) - offset(change - TimeDelta::seconds(1))).abs() == 3600;
            let rhythms = rhythms();
            let some = if usual { &rhythms[index % rhythms.len()..][..1] } else { &rhythms[..] };
            for rhythm in some {
                for gap in [GapRule::Rfc5545, GapRule::After] {
                    let handoffs = Handoffs {
                        zone: zone.clone(),
                        anchor,
                        rhythm: rhythm.clone(),
                        gap,
                        on_holiday: None,
                    };
                    tile(&handoffs, around);
                }
            }
        }
    }
    assert!(changes > 20_000, "{changes}");
}

fn tile(handoffs: &Handoffs, around: Period) {
    let mut reached = None;
    for turn in handoffs.turns(around) {
        let shown = || format!("{handoffs:?} {turn:?}");
        assert!(turn.period.from < turn.period.to, "{}", shown());
        assert!(reached.is_none_or(|end| end == turn.period.from), "{}", shown());
        assert_eq!(handoffs.at(turn.period.from), Some(turn.number), "{}", shown());
        let last = turn.period.to - TimeDelta::seconds(1);
        assert_eq!(handoffs.at(last), Some(turn.number), "{}", shown());
        reached = Some(turn.period.to);
    }
    assert!(reached.is_some_and(|end| end >= around.to), "{handoffs:?}");
    let first = handoffs.turns(around).next().unwrap();
    assert!(first.period.from <= around.from, "{handoffs:?}");
}

/// A day of a window, a person to be away, and so on: any schedule.
fn any_layer() -> impl Strategy<Value = Layer> {
    let names = Zone::names();
    let zone = (0..names.len()).prop_map(move |at| Zone::get(names[at]).unwrap());
    let rhythm = (0..rhythms().len()).prop_map(|at| rhythms()[at].clone());
    let windows = proptest::collection::vec(
        (
            proptest::sample::subsequence(vec![0_u8, 1, 2, 3, 4, 5, 6], 1..7),
            0_u32..1440,
            0_u32..1440,
        ),
        0..3,
    );
    let versions = proptest::collection::vec((0_i64..400, 1_usize..5, any::<bool>()), 0..3);
    let anchor = 0_i64..1_000_000;
    (zone, rhythm, windows, versions, anchor, 1_usize..5, any::<bool>(), 0..3_i32).prop_map(
        |(zone, rhythm, windows, versions, anchor, people, skips, priority)| {
            let anchor: NaiveDateTime = "2024-01-01T00:00:00".parse::<NaiveDateTime>().unwrap()
                + TimeDelta::minutes(anchor % 60_000);
            let handoffs =
                Handoffs { zone, anchor, rhythm, gap: GapRule::Rfc5545, on_holiday: None };
            let name = |number: usize| format!("p{number}");
            let first: Vec<String> = (0..people).map(name).collect();
            let start = handoffs.begin(0);
            let mut layer = layer(handoffs, &first);
            layer.versions.extend(versions.into_iter().map(|(day, count, at_once)| Version {
                from: start + TimeDelta::days(day),
                apply: if at_once { Apply::Immediately } else { Apply::NextHandoff },
                members: (0..count).map(|number| Member::person(&name(number + 1))).collect(),
            }));
            layer.windows = windows
                .into_iter()
                .map(|(days, from, to)| Window {
                    days: days.into_iter().map(|day| Weekday::try_from(day).unwrap()).collect(),
                    from,
                    to,
                    except: BTreeSet::new(),
                })
                .collect();
            layer.skips_empty_turns = skips;
            layer.priority = priority;
            layer
        },
    )
}

fn any_override() -> impl Strategy<Value = Override> {
    (0_i64..500_000, 1_i64..10_000, 0_usize..6, proptest::option::of(0_usize..6)).prop_map(
        |(from, length, person, replaces)| {
            let from = at("2024-02-01T00:00:00Z") + TimeDelta::minutes(from);
            Override {
                person: Some(format!("p{person}")),
                replaces: replaces.map(|number| format!("p{number}")),
                period: Period { from, to: from + TimeDelta::minutes(length) },
            }
        },
    )
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let layers = proptest::collection::vec(any_layer(), 1..4);
    let overrides = proptest::collection::vec(any_override(), 0..4);
    (layers, overrides).prop_map(|(layers, overrides)| Schedule {
        layers,
        overrides,
        temporary: Vec::new(),
        nested: Vec::new(),
    })
}

/// Shifts of neighbouring stretches of time put together.
fn joined(one: Vec<Shift>, other: Vec<Shift>) -> Vec<Shift> {
    let mut by_person: std::collections::BTreeMap<String, Vec<Period>> =
        std::collections::BTreeMap::new();
    for shift in one.into_iter().chain(other) {
        by_person.entry(shift.person).or_default().push(shift.period);
    }
    let mut all: Vec<Shift> = by_person
        .into_iter()
        .flat_map(|(person, times)| {
            periods::union(times)
                .into_iter()
                .map(move |period| Shift { period, person: person.clone() })
        })
        .collect();
    all.sort_unstable();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_stretch_of_time_is_what_its_parts_are(
        schedule in any_schedule(),
        from in 0_i64..600_000,
        one in 1_i64..40_000,
        other in 1_i64..40_000,
    ) {
        let a = at("2024-01-10T00:00:00Z") + TimeDelta::minutes(from);
        let b = a + TimeDelta::minutes(one);
        let c = b + TimeDelta::minutes(other);
        let part = |from, to| schedule.shifts(Period { from, to });
        let whole = part(a, c);
        prop_assert_eq!(&joined(part(a, b), part(b, c)), &whole);
        // Shifts and gaps are the whole of it.
        let within = Period { from: a, to: c };
        let covered = periods::union(whole.iter().map(|shift| shift.period).collect());
        let open = schedule::gaps(&whole, within);
        prop_assert!(periods::intersection(&covered, &open).is_empty());
        prop_assert_eq!(periods::union([covered, open].concat()), vec![within]);
        prop_assert!(whole.iter().all(|shift| shift.period.from < shift.period.to));
    }

    #[test]
    fn an_override_changes_nothing_outside_of_itself(
        schedule in any_schedule(),
        change in any_override(),
    ) {
        let mut changed = schedule.clone();
        changed.overrides.push(change.clone());
        let month = TimeDelta::days(30);
        for (from, to) in [
            (change.period.from - month, change.period.from),
            (change.period.to, change.period.to + month),
        ] {
            let outside = Period { from, to };
            prop_assert_eq!(changed.shifts(outside), schedule.shifts(outside));
        }
    }

    #[test]
    fn a_later_roster_changes_nothing_before_itself(
        layer in any_layer(),
        day in 0_i64..300,
        count in 1_usize..5,
    ) {
        let from = layer.handoffs.begin(0) + TimeDelta::days(400 + day);
        let mut changed = layer.clone();
        let members = (0..count).map(|number| Member::person(&format!("q{number}"))).collect();
        changed.versions.push(Version { from, apply: Apply::NextHandoff, members });
        let before = Period { from: layer.handoffs.begin(0), to: from };
        prop_assert_eq!(changed.shifts(before), layer.shifts(before));
    }

    #[test]
    fn windows_only_take_away(layer in any_layer(), day in 0_i64..400) {
        let from = layer.handoffs.begin(0) + TimeDelta::days(day);
        let within = Period { from, to: from + TimeDelta::days(20) };
        let open = Layer { windows: Vec::new(), ..layer.clone() };
        let calendar = Layer { skips_empty_turns: false, ..layer };
        let all = open.shifts(within);
        for shift in calendar.shifts(within) {
            let theirs: Vec<Period> = all
                .iter()
                .filter(|other| other.person == shift.person)
                .map(|other| other.period)
                .collect();
            let common = periods::intersection(&[shift.period], &periods::union(theirs));
            prop_assert_eq!(common, vec![shift.period]);
        }
    }
}
