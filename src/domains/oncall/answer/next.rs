//! The answer of `sre oncall next`: when somebody is on call again.
use super::{ShiftForm, Shown, called, span_of};
use crate::{
    domains::oncall::{engine::Shift, resolve::ResolvedRotation, spec::Role},
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text},
        time::{Period, rfc3339},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// When somebody is on call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextAnswer {
    /// Who.
    person: String,
    /// The beginning of what was looked at.
    from: String,
    /// Its end.
    to: String,
    /// Shifts by their beginnings.
    items: Vec<NextItem>,
}

impl Form for NextAnswer {
    const SCHEMA: &'static str = "sre/oncall-next@1";
}

/// A shift.
#[derive(Debug, Serialize, JsonSchema)]
struct NextItem {
    /// The rotation.
    rotation: String,
    /// The shift; it may have begun.
    shift: ShiftForm,
}

/// The answer: at most so many shifts that end after the beginning of the period, over all rotations.
pub fn report(
    rotations: &[ResolvedRotation<'_>],
    (person, shown_as): (&str, &str),
    period: Period,
    most: usize,
    shown: &Shown,
) -> Report {
    let mut found: Vec<(&ResolvedRotation<'_>, Role, Shift)> = Vec::new();
    for rotation in rotations {
        for (role, duty) in rotation.duties() {
            // A shift that has begun is shown whole.
            let before = Period { from: period.from - chrono::TimeDelta::days(31), to: period.to };
            let shifts = duty.schedule.shifts(before);
            let own = shifts.into_iter().filter(|shift| shift.person == person);
            let later = own.filter(|shift| shift.period.to > period.from);
            found.extend(later.map(|shift| (rotation, role, shift)));
        }
    }
    found.sort_by(|one, other| {
        (one.2.period.from, one.0.document.name())
            .cmp(&(other.2.period.from, other.0.document.name()))
    });
    found.truncate(most);
    let mut table = Table::new().main().columns([
        Column::new("Rotation").middle(),
        Column::new("From"),
        Column::new("To").priority(1),
        Column::new("Length").priority(2),
        Column::new("In"),
    ]);
    for (rotation, role, shift) in &found {
        let ahead = (shift.period.from - period.from).num_milliseconds();
        table.push(vec![
            Cell::name(called(rotation, *role)),
            shown.instant(&rotation.zone, shift.period.from),
            shown.instant(&rotation.zone, shift.period.to),
            Cell::span(span_of(shift.period)),
            match u64::try_from(ahead) {
                Ok(ahead) if ahead > 0 => Cell::span(Duration::from_milliseconds(ahead)),
                _ => Cell::good("now"),
            },
        ]);
    }
    let answer = NextAnswer {
        person: person.to_owned(),
        from: rfc3339(period.from),
        to: rfc3339(period.to),
        items: found
            .iter()
            .map(|(rotation, role, shift)| NextItem {
                rotation: rotation.document.name().to_owned(),
                shift: ShiftForm::of(*role, shift),
            })
            .collect(),
    };
    let report = Report::of(&answer);
    if found.is_empty() {
        let text = Text::new().name(shown_as).plain(" is not on call before ");
        let end = shown.0.clone().unwrap_or(crate::kernel::time::Zone::UTC);
        let end = end.local(period.to).format("%Y-%m-%d").to_string();
        let text = text.plain(end + ".");
        return report.block(table.for_machines()).block(Block::paragraph(text));
    }
    report.block(table)
}
