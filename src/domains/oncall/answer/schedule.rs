//! The answer of `sre oncall schedule`: who is on call when.
use super::{PeriodForm, ShiftForm, Shown, called, month, shifts_of, span_of};
use crate::{
    domains::oncall::{
        engine::{Shift, schedule::gaps},
        people::People,
        resolve::ResolvedRotation,
        spec::Role,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table},
        time::{Period, rfc3339},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When.
    pub period: Period,
    /// Only what this person does.
    pub person: Option<String>,
    /// In which zones times are shown.
    pub shown: Shown,
    /// Whether months are drawn instead of tables.
    pub as_months: bool,
}

/// Who is on call when.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleAnswer {
    /// The beginning of what was asked for.
    from: String,
    /// Its end.
    to: String,
    /// Rotations in the order of their names.
    items: Vec<ScheduleItem>,
}

impl Form for ScheduleAnswer {
    const SCHEMA: &'static str = "sre/oncall-schedule@1";
}

/// A rotation.
#[derive(Debug, Serialize, JsonSchema)]
struct ScheduleItem {
    /// The rotation.
    rotation: String,
    /// Its zone.
    time_zone: String,
    /// Shifts, cut off at the ends of what was asked for, by their beginnings.
    shifts: Vec<ShiftForm>,
    /// When nobody is on call as the primary.
    gaps: Vec<PeriodForm>,
}

/// The answer.
pub fn report(rotations: &[ResolvedRotation<'_>], people: &People, asked: &Asked) -> Report {
    let mut items = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut table = Table::new().main().columns([
        Column::new("Rotation").middle(),
        Column::new("From"),
        Column::new("To").priority(1),
        Column::new("Length").priority(2),
        Column::new("On call").key("on_call"),
    ]);
    let is_meant = |shift: &Shift| asked.person.as_ref().is_none_or(|one| *one == shift.person);
    for (rotation, duties) in rotations.iter().zip(shifts_of(rotations, asked.period)) {
        let mut shifts: Vec<(Role, Shift)> = Vec::new();
        let mut open = Vec::new();
        for (role, duty, all) in duties {
            if role == Role::Primary && asked.person.is_none() {
                open = gaps(&all, asked.period);
            }
            if asked.as_months {
                let zone = asked.shown.zone(&rotation.zone);
                let heading = format!("{}, {zone}", called(rotation, role));
                let days = month::whole_days(asked.period, zone);
                let meant =
                    duty.schedule.shifts(days).into_iter().filter(is_meant).collect::<Vec<_>>();
                blocks.extend(month::draw(&heading, &meant, people, days, zone));
            }
            shifts.extend(all.into_iter().filter(is_meant).map(|shift| (role, shift)));
        }
        shifts.sort_by(|(one_role, one), (other_role, other)| {
            (one.period.from, one_role, &one.person).cmp(&(
                other.period.from,
                other_role,
                &other.person,
            ))
        });
        let instant = |at| asked.shown.instant(&rotation.zone, at);
        let mut rows: Vec<(Period, Role, Cell)> = shifts
            .iter()
            .map(|(role, shift)| (shift.period, *role, Cell::text(people.shown(&shift.person))))
            .collect();
        rows.extend(open.iter().map(|gap| (*gap, Role::Primary, Cell::bad("nobody"))));
        rows.sort_by_key(|(period, role, _)| (period.from, *role));
        for (period, role, who) in rows {
            table.push(vec![
                Cell::name(called(rotation, role)),
                instant(period.from),
                instant(period.to),
                Cell::span(span_of(period)),
                who,
            ]);
        }
        items.push(ScheduleItem {
            rotation: rotation.document.name().to_owned(),
            time_zone: rotation.zone.to_string(),
            shifts: shifts.iter().map(|(role, shift)| ShiftForm::of(*role, shift)).collect(),
            gaps: open.into_iter().map(PeriodForm::of).collect(),
        });
    }
    let answer =
        ScheduleAnswer { from: rfc3339(asked.period.from), to: rfc3339(asked.period.to), items };
    let report = Report::of(&answer);
    if asked.as_months { report.blocks(blocks) } else { report.block(table) }
}
