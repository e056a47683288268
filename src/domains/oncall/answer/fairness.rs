//! The answer of `sre oncall fairness`: how much each person is on call, and how evenly.
use super::{hours, hours_cell};
use crate::{
    domains::oncall::{
        engine::{
            Layer, Schedule, Shift,
            load::{Evenness, Load, Quality, WEIGHTS, by_person, expected},
        },
        people::People,
        resolve::ResolvedRotation,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, significant_number, words},
        time::{Period, Zone, rfc3339},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;

/// How much each person is on call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FairnessAnswer {
    /// The beginning of what was looked at.
    from: String,
    /// Its end.
    to: String,
    /// What an hour weighs in `weighted_hours`; where several apply, the greatest counts.
    weights: BTreeMap<String, u8>,
    /// Rotations in the order of their names, and all of them together where there are several.
    items: Vec<FairnessItem>,
}

impl Form for FairnessAnswer {
    const SCHEMA: &'static str = "sre/oncall-fairness@1";
}

/// The primaries of a rotation.
#[derive(Debug, Serialize, JsonSchema)]
struct FairnessItem {
    /// The rotation; null for all together.
    rotation: Option<String>,
    /// Everybody who is in the roster or on call, the heaviest load first.
    people: Vec<PersonLoad>,
    /// How even the weighted hours are; null where nobody is on call.
    evenness: Option<EvennessForm>,
    /// What Grafana's on-call tool says; null for all rotations together.
    grafana_quality: Option<QualityForm>,
}

/// The load of a person.
#[derive(Debug, Serialize, JsonSchema)]
struct PersonLoad {
    /// Who.
    person: String,
    /// All hours on call.
    hours: Option<Number>,
    /// Of these, between 22:00 and 06:00 where the person lives.
    night_hours: Option<Number>,
    /// Of these, on Saturdays and Sundays.
    weekend_hours: Option<Number>,
    /// Of these, on holidays of the person.
    holiday_hours: Option<Number>,
    /// All hours by their weights.
    weighted_hours: Option<Number>,
    /// Nights with any time on call.
    nights: u64,
    /// Shifts.
    shifts: u64,
    /// The longest time without a break. Unit: hours.
    longest_hours: Option<Number>,
    /// The shortest break; null where there is none. Unit: hours.
    shortest_rest_hours: Option<Number>,
    /// The hours as a share of everybody's.
    share: Option<Number>,
    /// The hours had every turn been an equal part of the roster of its time; null for rotations of
    /// layers, and for all together.
    expected_hours: Option<Number>,
}

/// How even numbers are.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OncallEvenness")]
struct EvennessForm {
    /// Jain's index: 1 where all are equal, 1/n where one has everything.
    jain: Option<Number>,
    /// Gini's coefficient: 0 where all are equal.
    gini: Option<Number>,
    /// The mean over all pairs of the smaller divided by the greater.
    pairwise_balance: Option<Number>,
}

/// What Grafana's on-call tool says of a schedule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GrafanaQuality")]
struct QualityForm {
    /// The mean of the next two. Unit: percent.
    total: u32,
    /// How much of the time has somebody; overlaps hide gaps. Unit: percent.
    coverage: u32,
    /// How equal the hours are of those who are ever on call; from 95 on it is 100. Unit: percent.
    balance: u32,
    /// By how much people are above the mean. Unit: percent.
    overloaded: BTreeMap<String, u32>,
}

/// The loads of some shifts.
struct Loads {
    rotation: Option<String>,
    people: Vec<(String, Load, Option<f64>)>,
    evenness: Option<Evenness>,
    quality: Option<Quality>,
}

impl Loads {
    fn of(
        rotation: Option<(&str, &Schedule)>,
        shifts: &[Shift],
        roster: impl IntoIterator<Item = String>,
        (people, zone): (&People, &Zone),
        period: Period,
    ) -> Self {
        let times = by_person(shifts);
        // Layers are on call at hours of their own: what an equal part is nobody has said.
        let due = rotation
            .filter(|(_, schedule)| schedule.nested.is_empty())
            .map(|(_, schedule)| expected(schedule, shifts, period));
        let mut names: Vec<String> = times.keys().map(|name| (*name).to_owned()).collect();
        names.extend(roster);
        names.sort_unstable();
        names.dedup();
        let mut loads: Vec<(String, Load, Option<f64>)> = names
            .into_iter()
            .map(|name| {
                let own = times.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
                let load = Load::of(own, &people.home(&name, zone), period);
                let due = due.as_ref().map(|due| due.get(&name).copied().unwrap_or(0.0));
                (name, load, due)
            })
            .collect();
        loads
            .sort_by(|(one, a, _), (other, b, _)| b.weighted.cmp(&a.weighted).then(one.cmp(other)));
        let weighted: Vec<f64> = loads.iter().map(|(_, load, _)| load.weighted as f64).collect();
        Self {
            rotation: rotation.map(|(name, _)| name.to_owned()),
            people: loads,
            evenness: Evenness::of(&weighted),
            quality: rotation.map(|_| Quality::of(shifts, period)),
        }
    }

    fn total(&self) -> i64 {
        self.people.iter().map(|(_, load, _)| load.total).sum()
    }

    fn share(&self, load: &Load) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| load.total as f64 / total as f64)
    }

    fn item(&self) -> FairnessItem {
        let person = |(name, load, due): &(String, Load, Option<f64>)| PersonLoad {
            person: name.clone(),
            hours: hours(load.total),
            night_hours: hours(load.night),
            weekend_hours: hours(load.weekend),
            holiday_hours: hours(load.holiday),
            weighted_hours: hours(load.weighted),
            nights: load.nights,
            shifts: load.shifts,
            longest_hours: hours(load.longest),
            shortest_rest_hours: load.shortest_rest.and_then(hours),
            share: self.share(load).and_then(significant_number),
            expected_hours: due.and_then(|due| significant_number(due / 3600.0)),
        };
        FairnessItem {
            rotation: self.rotation.clone(),
            people: self.people.iter().map(person).collect(),
            evenness: self.evenness.map(|even| EvennessForm {
                jain: significant_number(even.jain),
                gini: significant_number(even.gini),
                pairwise_balance: significant_number(even.pairwise),
            }),
            grafana_quality: self.quality.clone().map(|quality| QualityForm {
                total: quality.total,
                coverage: quality.coverage,
                balance: quality.balance,
                overloaded: quality.overloaded,
            }),
        }
    }

    fn blocks(&self, people: &People) -> Vec<Block> {
        let mut table = Table::new().main().columns([
            Column::new("Rotation").for_machines(),
            Column::new("Person"),
            Column::new("Hours").priority(1),
            Column::new("Share").priority(2),
            Column::new("Night h").key("night_hours").priority(3),
            Column::new("Weekend h").key("weekend_hours").priority(4),
            Column::new("Holiday h").key("holiday_hours").priority(7),
            Column::new("Weighted h").key("weighted_hours"),
            Column::new("Owed h").key("owed_hours").priority(5),
            Column::new("Longest").priority(6),
        ]);
        let name = self.rotation.as_deref().unwrap_or("all rotations together");
        for (person, load, due) in &self.people {
            let owed = due.map(|due| load.total as f64 - due);
            let owed = owed.map_or(Cell::Missing, |owed| Cell::number(owed / 3600.0, 0));
            let longest = Duration::from_milliseconds(load.longest.unsigned_abs() * 1000);
            table.push(vec![
                Cell::name(name),
                Cell::text(people.shown(person)),
                hours_cell(load.total),
                self.share(load).map_or(Cell::Missing, Cell::percent),
                hours_cell(load.night),
                hours_cell(load.weekend),
                hours_cell(load.holiday),
                hours_cell(load.weighted),
                owed,
                Cell::span(longest),
            ]);
        }
        let mut said = Vec::new();
        if let Some(even) = &self.evenness {
            let number = |value| words::number(value, 3);
            said.push(format!(
                "Weighted hours: Jain {} (1 is even), Gini {} (0 is even).",
                number(even.jain),
                number(even.gini)
            ));
        }
        if let Some(Quality { total, coverage, balance, .. }) = &self.quality {
            said.push(format!(
                "Grafana's quality score: {total} % ({coverage} % covered, {balance} % balanced)."
            ));
        }
        let mut blocks = vec![Block::heading(name), table.into()];
        blocks.extend(said.into_iter().map(|text| Block::paragraph(Text::new().muted(text))));
        blocks
    }
}

/// The answer, about primaries.
pub fn report(rotations: &[ResolvedRotation<'_>], people: &People, period: Period) -> Report {
    let mut all: Vec<Loads> = Vec::new();
    let mut together: Vec<Shift> = Vec::new();
    for rotation in rotations {
        let schedule = &rotation.primary.schedule;
        let shifts = schedule.shifts(period);
        let roster = roster(schedule, period);
        let of = Some((rotation.document.name(), schedule));
        all.push(Loads::of(of, &shifts, roster, (people, &rotation.zone), period));
        together.extend(shifts);
    }
    if let [first, _, ..] = rotations {
        let everybody = rotations.iter().flat_map(|one| roster(&one.primary.schedule, period));
        // Whoever does not say where they live does so in a zone that is the same for all rows.
        let home = (people, &first.zone);
        all.push(Loads::of(None, &together, everybody, home, period));
    }
    let answer = FairnessAnswer {
        from: rfc3339(period.from),
        to: rfc3339(period.to),
        weights: WEIGHTS.into_iter().map(|(what, weight)| (what.to_owned(), weight)).collect(),
        items: all.iter().map(Loads::item).collect(),
    };
    let weights: Vec<String> =
        WEIGHTS.iter().map(|(what, weight)| format!("{what} {weight}")).collect();
    let said = format!("Weights of an hour: {}.", weights.join(", "));
    Report::of(&answer)
        .blocks(all.iter().flat_map(|loads| loads.blocks(people)))
        .block(Block::paragraph(Text::new().muted(said)))
}

/// Everybody who has a place in the last roster that has begun.
fn roster(schedule: &Schedule, period: Period) -> Vec<String> {
    let begun = |layer: &Layer| {
        layer.versions.iter().rev().find(|version| version.from < period.to).cloned()
    };
    let versions: Vec<_> = schedule.all_layers().into_iter().filter_map(begun).collect();
    let versions = versions.iter();
    versions.flat_map(|one| &one.members).flat_map(|member| member.0.clone()).collect()
}
