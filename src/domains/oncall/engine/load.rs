//! How much each person is on call, and how evenly it is spread.
//!
//! All lengths are elapsed time between instants: a week in which clocks are put forward has 167 hours.
use super::{
    Apply, GapRule, Layer, Shift, Version, Window,
    coverage::coverage,
    periods::{self, intersection, union},
};
use crate::kernel::{
    time::{Period, Zone},
    units::Instant,
};
use chrono::{NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Where a person lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The zone in which they sleep.
    pub zone: Zone,
    /// Their holidays.
    pub holidays: BTreeSet<NaiveDate>,
}

/// When nights begin and end. Unit: minutes of the day.
const NIGHT: (u32, u32) = (22 * 60, 6 * 60);

/// What an hour weighs by day, at night, on a weekend and on a holiday; where several apply, the greatest
/// counts. A convention, said with every answer.
pub const WEIGHTS: [(&str, u8); 4] = [("day", 1), ("night", 2), ("weekend", 2), ("holiday", 3)];

/// What somebody's time on call consists of. Unit: seconds, unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// All of it.
    pub total: i64,
    /// Of that, between 22:00 and 06:00.
    pub night: i64,
    /// Of that, on Saturdays and Sundays.
    pub weekend: i64,
    /// Of that, on holidays.
    pub holiday: i64,
    /// All of it by weights: [`WEIGHTS`].
    pub weighted: i64,
    /// Nights in which there was any. Unit: nights.
    pub nights: u64,
    /// Shifts. Unit: shifts.
    pub shifts: u64,
    /// The longest time without a break.
    pub longest: i64,
    /// The shortest break; `None` where there is none.
    pub shortest_rest: Option<i64>,
}

impl Load {
    /// The load of shifts of one person.
    pub fn of(shifts: &[Period], home: &Home, period: Period) -> Self {
        let times = union(shifts.to_vec());
        let night = coverage(&home.zone, GapRule::default(), &[nights()], period);
        let weekend = coverage(&home.zone, GapRule::default(), &[weekends()], period);
        let holiday = days(&home.zone, &home.holidays);
        let within = |hours: &[Period]| periods::seconds(&intersection(&times, hours));
        let heavy = union([night.clone(), weekend.clone()].concat());
        let heavy = periods::difference(&heavy, &holiday);
        let rests = times.windows(2).map(|two| (two[1].from - two[0].to).num_seconds());
        let total = periods::seconds(&times);
        let (weighty, festive) = (within(&heavy), within(&holiday));
        Self {
            total,
            night: within(&night),
            weekend: within(&weekend),
            holiday: festive,
            weighted: total + weighty + 2 * festive,
            nights: touched(&times, &night),
            shifts: shifts.len() as u64,
            longest: times
                .iter()
                .map(|time| (time.to - time.from).num_seconds())
                .max()
                .unwrap_or(0),
            shortest_rest: rests.min(),
        }
    }
}

/// How many of the periods are touched.
fn touched(times: &[Period], nights: &[Period]) -> u64 {
    let touched = nights.iter().filter(|night| !intersection(times, &[**night]).is_empty());
    touched.count() as u64
}

fn every_day() -> Vec<Weekday> {
    (0..7).filter_map(|day| Weekday::try_from(day).ok()).collect()
}

/// The nights of a week.
pub fn nights() -> Window {
    Window { days: every_day(), from: NIGHT.0, to: NIGHT.1, except: BTreeSet::new() }
}

/// Saturdays and Sundays.
pub fn weekends() -> Window {
    Window { days: vec![Weekday::Sat, Weekday::Sun], from: 0, to: 0, except: BTreeSet::new() }
}

/// Days, from the first instant of each to that of the next.
pub fn days(zone: &Zone, dates: &BTreeSet<NaiveDate>) -> Vec<Period> {
    let day = |date: &NaiveDate| {
        let to = zone.first_instant_of_day(date.succ_opt()?);
        Some(Period { from: zone.first_instant_of_day(*date), to })
    };
    union(dates.iter().filter_map(day).collect())
}

/// Shifts of each person.
pub fn by_person(shifts: &[Shift]) -> BTreeMap<&str, Vec<Period>> {
    let mut people: BTreeMap<&str, Vec<Period>> = BTreeMap::new();
    for shift in shifts {
        people.entry(&shift.person).or_default().push(shift.period);
    }
    people
}

/// How equal numbers are. Shape: none of them is negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evenness {
    /// `(Σx)² / (n · Σx²)`: 1 where all are equal, 1/n where one has everything (Jain, Chiu, Hawe 1984).
    pub jain: f64,
    /// `Σᵢ Σⱼ |xᵢ − xⱼ| / (2 n² x̄)`: 0 where all are equal.
    pub gini: f64,
    /// The mean over all pairs of the smaller divided by the greater, as Grafana's on-call tool balances a schedule,
    /// but over everybody in the roster, also who was never on call.
    pub pairwise: f64,
}

impl Evenness {
    /// Of numbers; `None` where there are none, or nothing to share.
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let sum: f64 = numbers.iter().sum();
        if numbers.is_empty() || sum <= 0.0 {
            return None;
        }
        let count = numbers.len() as f64;
        let squares: f64 = numbers.iter().map(|number| number * number).sum();
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let each = sorted.iter().enumerate();
        // Σᵢ Σⱼ |xᵢ − xⱼ| of sorted numbers is 2 Σᵢ (2i − n + 1) xᵢ.
        let apart: f64 = each.map(|(at, number)| (2.0 * at as f64 - count + 1.0) * number).sum();
        Some(Self {
            jain: sum * sum / (count * squares),
            gini: apart / (count * sum),
            pairwise: pairwise(numbers),
        })
    }
}

/// The mean over all pairs of the smaller divided by the greater; a pair without any load is equal, and so
/// is one number alone.
fn pairwise(numbers: &[f64]) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (at, one) in numbers.iter().enumerate() {
        for other in &numbers[at + 1..] {
            let most = one.max(*other);
            sum += if most > 0.0 { one.min(*other) / most } else { 1.0 };
            pairs += 1.0;
        }
    }
    if pairs > 0.0 { sum / pairs } else { 1.0 }
}

/// What Grafana's on-call tool says of a schedule, computed as it does, weaknesses included: overlaps hide gaps, and
/// people who are never on call are not seen.
///
/// Source: the engine of Grafana's on-call tool, the quality report of a schedule, and its tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    /// The mean of the next two. Unit: percent.
    pub total: u32,
    /// How much of the time has somebody. Unit: percent.
    pub coverage: u32,
    /// How equal the loads are; from 95 on it is 100. Unit: percent.
    pub balance: u32,
    /// By how much the load of people is above the mean, where the balance is not 100. Unit: percent.
    pub overloaded: BTreeMap<String, u32>,
}

impl Quality {
    /// Of shifts in a period.
    pub fn of(shifts: &[Shift], period: Period) -> Self {
        let people = by_person(shifts);
        let loads: BTreeMap<&str, f64> = people
            .into_iter()
            .map(|(person, times)| (person, periods::seconds(&times) as f64))
            .collect();
        let length = (period.to - period.from).num_seconds() as f64;
        let sum: f64 = loads.values().sum();
        if loads.is_empty() || length <= 0.0 {
            return Self { total: 0, coverage: 0, balance: 0, overloaded: BTreeMap::new() };
        }
        let coverage = percent((sum / length).min(1.0));
        let numbers: Vec<f64> = loads.values().copied().collect();
        let raw = percent(pairwise(&numbers));
        let balance = if raw >= EVEN_ENOUGH { 100 } else { raw };
        let mean = sum / numbers.len() as f64;
        let above = |load: f64| percent(load / mean);
        let overloaded = loads
            .iter()
            .map(|(person, load)| ((*person).to_owned(), above(*load).saturating_sub(100)))
            .filter(|(_, above)| raw < EVEN_ENOUGH && *above > 0);
        Self {
            total: percent(f64::from(coverage + balance) / 200.0),
            coverage,
            balance,
            overloaded: overloaded.collect(),
        }
    }
}

/// From here on Grafana calls a schedule perfectly balanced. Unit: percent.
const EVEN_ENOUGH: u32 = 95;

/// A share as a whole percentage, halves to even as Python rounds.
fn percent(share: f64) -> u32 {
    let rounded = (100.0 * share).round_ties_even().clamp(0.0, f64::from(u32::MAX));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped, and whole"
    )]
    let whole = rounded as u32;
    whole
}

/// When a roster takes effect.
fn begin(layer: &Layer, version: &Version) -> Instant {
    match version.apply {
        Apply::Immediately => version.from,
        Apply::NextHandoff => layer.handoffs.begin(layer.handoffs.first_from(version.from)),
    }
}

/// Who should have had how much, had every turn been an equal part of the roster of its time. Unit: seconds.
pub fn expected(
    schedule: &super::Schedule,
    shifts: &[Shift],
    period: Period,
) -> BTreeMap<String, f64> {
    let layers = schedule.all_layers();
    let mut cuts: BTreeSet<Instant> = BTreeSet::from([period.from, period.to]);
    let versions = layers.iter().flat_map(|layer| layer.versions.iter().map(|it| begin(layer, it)));
    cuts.extend(versions.filter(|at| period.contains(*at)));
    let cuts: Vec<Instant> = cuts.into_iter().collect();
    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    for span in cuts.windows(2).map(|two| Period { from: two[0], to: two[1] }) {
        let mut places: Vec<&String> = Vec::new();
        for layer in &layers {
            let mut begun: Vec<_> =
                layer.versions.iter().filter(|it| begin(layer, it) <= span.from).collect();
            begun.sort_by_key(|version| version.from);
            let version = begun.last().copied().or(layer.versions.first());
            places.extend(version.into_iter().flat_map(|one| &one.members).flat_map(|it| &it.0));
        }
        let times: Vec<Period> = shifts.iter().map(|shift| shift.period).collect();
        let seconds: i64 =
            times.iter().map(|time| periods::seconds(&intersection(&[*time], &[span]))).sum();
        for person in &places {
            let share = seconds as f64 / places.len() as f64;
            *expected.entry((*person).clone()).or_default() += share;
        }
    }
    expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenness_is_that_of_the_definitions() {
        // Σᵢ Σⱼ |xᵢ − xⱼ| = 4 · 168 = 672 with mean 560 of three.
        let uneven = Evenness::of(&[672.0, 504.0, 504.0]).unwrap();
        assert!((uneven.jain - 0.980_392).abs() < 1e-6, "{uneven:?}");
        assert!((uneven.gini - 0.066_667).abs() < 1e-6, "{uneven:?}");
        assert!((uneven.pairwise - 0.833_333).abs() < 1e-6, "{uneven:?}");
        assert_eq!(Evenness::of(&[]), None);
        assert_eq!(Evenness::of(&[0.0, 0.0]), None);
        let one = Evenness::of(&[5.0]).unwrap();
        assert!((one.jain - 1.0).abs() < 1e-12 && one.gini.abs() < 1e-12);
        let idle = Evenness::of(&[10.0, 0.0]).unwrap();
        assert!((idle.pairwise).abs() < 1e-12 && (idle.jain - 0.5).abs() < 1e-12);
    }
}
