//! The answer of `sre oncall gaps`: when nobody is on call.
use super::{PeriodForm, Shown, called, shifts_of, span_of};
use crate::{
    domains::oncall::{
        engine::{periods, schedule::gaps},
        resolve::ResolvedRotation,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        time::{Period, rfc3339},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// When nobody is on call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GapsAnswer {
    /// The beginning of what was looked at.
    from: String,
    /// Its end.
    to: String,
    /// Rotations in the order of their names, each once for each of its roles.
    items: Vec<GapsItem>,
}

impl Form for GapsAnswer {
    const SCHEMA: &'static str = "sre/oncall-gaps@1";
}

/// A rotation in one role.
#[derive(Debug, Serialize, JsonSchema)]
struct GapsItem {
    /// The rotation.
    rotation: String,
    /// `primary` or `secondary`.
    role: &'static str,
    /// When nobody is on call, in order.
    gaps: Vec<PeriodForm>,
}

/// Rows of a table: the rest is counted.
const ROWS: usize = 50;

/// The answer; gaps make the run fail.
pub fn report(rotations: &[ResolvedRotation<'_>], period: Period, shown: &Shown) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Rotation").middle(),
        Column::new("From"),
        Column::new("To").priority(1),
        Column::new("Length"),
    ]);
    let mut items = Vec::new();
    let (mut count, mut seconds) = (0, 0);
    for (rotation, duties) in rotations.iter().zip(shifts_of(rotations, period)) {
        for (role, _, shifts) in duties {
            let open = gaps(&shifts, period);
            seconds += periods::seconds(&open);
            for gap in &open {
                count += 1;
                if count <= ROWS {
                    table.push(vec![
                        Cell::name(called(rotation, role)),
                        shown.instant(&rotation.zone, gap.from),
                        shown.instant(&rotation.zone, gap.to),
                        Cell::span(span_of(*gap)),
                    ]);
                }
            }
            items.push(GapsItem {
                rotation: rotation.document.name().to_owned(),
                role: role.name(),
                gaps: open.into_iter().map(PeriodForm::of).collect(),
            });
        }
    }
    let answer = GapsAnswer { from: rfc3339(period.from), to: rfc3339(period.to), items };
    let report = Report::of(&answer);
    let span = Duration::from_milliseconds(seconds.unsigned_abs() * 1000);
    if count == 0 {
        let text = Text::new().good("Somebody is always on call.");
        return report.block(table.for_machines()).block(Block::paragraph(text));
    }
    let rest = if count > ROWS { format!(", of which {ROWS} are shown") } else { String::new() };
    let said = format!(
        "{}{rest}; {} without anybody.",
        words::plural(count as u64, "gap"),
        words::span(span)
    );
    report.block(table).block(Block::paragraph(Text::new().bad(said))).verdict(Verdict::Found)
}
