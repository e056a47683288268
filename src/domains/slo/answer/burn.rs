//! The answer of `sre burn`: burn rates, and which alerts fire.
use super::{BurnAnswer, close, words as shared};
use crate::{
    domains::slo::{
        assess::Assessment,
        engine::alert::{AlertState, TierReading},
        model::Severity,
    },
    kernel::report::{Block, Cell, Column, Report, Table, Text, Verdict, words},
};

/// The answer for these objectives. The run fails where an alert of `fail_on` or worse fires; `None`:
/// never.
pub fn report(assessments: &[Assessment<'_>], fail_on: Option<Severity>) -> Report {
    let verdict: Verdict = assessments.iter().map(|one| verdict(one, fail_on)).collect();
    let mut table = Table::new().main().columns([
        Column::new("SLO").middle().min_width(24),
        Column::new("Alert"),
        Column::new("Windows").priority(2),
        Column::new("Threshold").priority(1),
        Column::new("Long").key("long_burn_rate"),
        Column::new("Short").key("short_burn_rate"),
        Column::new("State"),
    ]);
    for assessment in assessments {
        for tier in assessment.reading().into_iter().flat_map(|reading| &reading.tiers) {
            table.push(row(assessment, tier));
        }
    }
    let report = Report::of(&BurnAnswer::of(assessments)).verdict(verdict);
    let report = if table.is_empty() { report } else { report.block(table) };
    report.blocks(sentences(assessments))
}

fn verdict(assessment: &Assessment<'_>, fail_on: Option<Severity>) -> Verdict {
    let Some(least) = fail_on else { return Verdict::Pass };
    match assessment.reading() {
        None => Verdict::Undecided,
        // `Page` is the smaller one: the more urgent comes first.
        Some(reading) if reading.firing().any(|tier| tier.tier.severity <= least) => Verdict::Found,
        // What may lack something says that an alert fires, but not that none does.
        Some(reading) if reading.incomplete.is_some() => Verdict::Undecided,
        Some(_) => Verdict::Pass,
    }
}

fn row(assessment: &Assessment<'_>, reading: &TierReading) -> Vec<Cell> {
    let tier = &reading.tier;
    let factor = tier.factor.as_f64();
    vec![
        Cell::name(close::name(assessment)),
        Cell::text(tier.severity.name()),
        Cell::text(format!("{}/{}", tier.long, tier.short)),
        Cell::number(factor, shared::digits(factor)),
        shared::burn_rate(&reading.long, factor),
        shared::burn_rate(&reading.short, factor),
        state(reading),
    ]
}

fn state(reading: &TierReading) -> Cell {
    let name = reading.state.name();
    match (reading.state, reading.tier.severity) {
        (AlertState::Firing, Severity::Page) => Cell::bad(name),
        (AlertState::Firing, Severity::Ticket)
        | (
            AlertState::Pending
            | AlertState::Rising
            | AlertState::Recovering
            | AlertState::Withheld,
            _,
        ) => Cell::warning(name),
        (AlertState::Quiet, _) => Cell::good(name),
        (AlertState::Unreachable | AlertState::Unknown { .. }, _) => Cell::unknown(name),
    }
}

/// A sentence for every tier that is not quiet, and for what is not known.
fn sentences(assessments: &[Assessment<'_>]) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    for assessment in assessments {
        let name = close::name(assessment);
        lines.extend(shared::why_unknown(assessment));
        let tiers = assessment.reading().into_iter().flat_map(|reading| &reading.tiers);
        for tier in tiers.filter(|tier| tier.state != AlertState::Quiet) {
            let what = format!(" {}", tier.tier.severity.name());
            let sentence = format!(" {}/{}: {}", tier.tier.long, tier.tier.short, tier.sentence());
            lines.push(Text::new().name(name.clone()).strong(what).plain(sentence));
        }
    }
    if lines.is_empty() {
        let objectives = words::plural(assessments.len() as u64, "objective");
        return vec![Block::paragraph(
            Text::new().muted(format!("nothing fires for {objectives}")),
        )];
    }
    vec![Block::list(lines)]
}
