//! The whole catalog on one screen.
use crate::{
    domains::slo::{
        answer,
        assess::{Assessment, BudgetState, Reading},
    },
    kernel::{
        diagnostic::{Diagnostic, Tally},
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        spec::{Catalog, Document},
        time::{Zone, rfc3339},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The state of a whole catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusAnswer {
    /// The latest moment that an objective speaks of, RFC 3339.
    as_of: Option<String>,
    /// How many documents there are of each kind.
    documents: BTreeMap<&'static str, usize>,
    /// How many problems there are of each level.
    problems: Problems,
    /// The objectives, the worst first.
    slos: Vec<StatusItem>,
}

impl Form for StatusAnswer {
    const SCHEMA: &'static str = "sre/status@1";
}

/// How many problems there are of each level.
#[derive(Debug, Serialize, JsonSchema)]
struct Problems {
    /// Errors.
    errors: usize,
    /// Warnings.
    warnings: usize,
    /// Notes.
    notes: usize,
}

/// The state of one objective.
#[derive(Debug, Serialize, JsonSchema)]
struct StatusItem {
    /// Its name.
    name: String,
    /// Its window: a length such as `30d`, or `week`, `month`, `quarter` or `year`.
    window: String,
    /// Values of the labels by which it is grouped.
    group: Option<BTreeMap<String, String>>,
    /// The service it speaks of.
    service: Option<String>,
    /// State of its budget, of the adjusted one where there is one: `ok`, `burning`, `exhausted`,
    /// `no_data`, `unknown` or `incomplete`.
    state: &'static str,
    /// Share of good events.
    sli: Option<f64>,
    /// Share of the budget that is left, as measured.
    remaining_ratio: Option<f64>,
    /// The same with adjustments applied, where there are some.
    adjusted_remaining_ratio: Option<f64>,
    /// Names of the alert tiers that fire.
    firing: Vec<String>,
    /// Why nothing is known, where that is so.
    reason: Option<String>,
}

/// The state of everything in the catalog.
pub fn report(
    catalog: &Catalog,
    problems: &[Diagnostic],
    assessments: &[Assessment<'_>],
    zone: &Zone,
) -> Report {
    let _ = zone;
    let tally = Tally::of(problems);
    let as_of = assessments.iter().filter_map(Assessment::reading).map(Reading::at).max();
    let mut sorted: Vec<&Assessment<'_>> = assessments.iter().collect();
    sorted.sort_by(|a, b| b.state().cmp(&a.state()).then_with(|| left(a).total_cmp(&left(b))));
    let form = StatusAnswer {
        as_of: as_of.map(rfc3339),
        documents: kinds(catalog),
        problems: Problems { errors: tally.errors, warnings: tally.warnings, notes: tally.notes },
        slos: sorted.iter().map(|assessment| item(assessment)).collect(),
    };
    let report = Report::of(&form).block(Block::paragraph(summary(catalog, tally, &sorted)));
    if sorted.is_empty() { report } else { report.block(table(&sorted)) }
}

fn kinds(catalog: &Catalog) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for document in catalog.documents() {
        *kinds.entry(document.kind.name).or_insert(0) += 1;
    }
    kinds
}

/// Share of the budget that is left; what is not known counts as a whole budget.
fn left(assessment: &Assessment<'_>) -> f64 {
    assessment.budget().and_then(|budget| budget.remaining_ratio).unwrap_or(1.0)
}

fn item(assessment: &Assessment<'_>) -> StatusItem {
    let budget = assessment.measured_budget();
    let reading = assessment.reading();
    let adjusted = reading.and_then(|reading| reading.adjusted.as_ref());
    StatusItem {
        name: assessment.objective.document.name().to_owned(),
        window: assessment.objective.window.to_string(),
        group: reading.map(|reading| reading.group.clone()).filter(|group| !group.is_empty()),
        adjusted_remaining_ratio: adjusted
            .and_then(|adjusted| adjusted.window.budget.remaining_ratio),
        service: assessment.objective.service.map(str::to_owned),
        state: assessment.state().key(),
        sli: budget.and_then(|budget| budget.sli),
        remaining_ratio: budget.and_then(|budget| budget.remaining_ratio),
        firing: firing(assessment),
        reason: assessment.reason(),
    }
}

fn firing(assessment: &Assessment<'_>) -> Vec<String> {
    let tiers = assessment.reading().into_iter().flat_map(Reading::firing);
    tiers.map(|tier| tier.tier.name.clone()).collect()
}

fn summary(catalog: &Catalog, tally: Tally, assessments: &[&Assessment<'_>]) -> Text {
    let documents = catalog.documents().len() as u64;
    let mut text = Text::new().plain(format!("{}, ", words::plural(documents, "document")));
    text = match (tally.errors, tally.warnings) {
        (0, 0) => text.good(tally.to_string()),
        (0, _) => text.warning(tally.to_string()),
        _ => text.bad(tally.to_string()),
    };
    // An objective with several windows or groups is one, in the worst state of them.
    let mut worst: BTreeMap<&str, BudgetState> = BTreeMap::new();
    for assessment in assessments {
        let state = worst.entry(assessment.objective.document.name()).or_insert(BudgetState::Ok);
        *state = assessment.state().max(*state);
    }
    let objectives = words::plural(worst.len() as u64, "objective");
    text = text.plain(format!("; {objectives}"));
    let count = |state| worst.values().filter(|one| **one == state).count();
    let parts = [
        (BudgetState::Exhausted, count(BudgetState::Exhausted)),
        (BudgetState::Burning, count(BudgetState::Burning)),
        (BudgetState::Incomplete, count(BudgetState::Incomplete)),
        (BudgetState::Unknown, count(BudgetState::Unknown)),
        (BudgetState::NoData, count(BudgetState::NoData)),
        (BudgetState::Ok, count(BudgetState::Ok)),
    ];
    let mut separator = ": ";
    for (state, number) in parts.into_iter().filter(|(_, number)| *number > 0) {
        text = text.plain(separator);
        let words = format!("{number} {}", state.name());
        text = match state {
            BudgetState::Ok => text.good(words),
            BudgetState::Burning => text.warning(words),
            BudgetState::Exhausted => text.bad(words),
            BudgetState::NoData | BudgetState::Unknown | BudgetState::Incomplete => {
                text.unknown(words)
            }
        };
        separator = ", ";
    }
    text
}

fn table(assessments: &[&Assessment<'_>]) -> Table {
    let readings = || assessments.iter().filter_map(|assessment| assessment.reading());
    let people_need =
        |column: Column, some: bool| if some { column } else { column.for_machines() };
    let mut table = Table::new().main().columns([
        Column::new("Service").priority(2).middle(),
        Column::new("SLO").middle().min_width(24),
        people_need(Column::new("Group").middle(), readings().any(|one| !one.group.is_empty())),
        people_need(
            Column::new("Window").priority(5),
            assessments.iter().any(|one| !one.objective.first_window),
        ),
        Column::new("SLI").priority(3),
        Column::new("Target").priority(3),
        Column::new("Budget").for_people().priority(1),
        Column::new("Left").key("remaining_ratio"),
        people_need(
            Column::new("Adjusted").key("adjusted_remaining_ratio"),
            readings().any(|one| one.adjusted.is_some()),
        ),
        Column::new("Firing").priority(4),
        Column::new("State"),
    ]);
    for assessment in assessments {
        let document: &Document = assessment.objective.document;
        let target = assessment.objective.objective.target();
        let budget = assessment.measured_budget();
        let remaining = budget.and_then(|budget| budget.remaining_ratio);
        let adjusted = assessment.reading().and_then(|reading| reading.adjusted.as_ref());
        let adjusted = adjusted.and_then(|adjusted| adjusted.window.budget.remaining_ratio);
        let firing = firing(assessment).join(", ");
        table.push([
            assessment.objective.service.map_or(Cell::Missing, Cell::text),
            Cell::name(document.name()),
            answer::group(assessment).map_or(Cell::Missing, Cell::text),
            Cell::text(assessment.objective.window.to_string()),
            budget
                .and_then(|budget| budget.sli)
                .map_or(Cell::Missing, |sli| Cell::percent_against(sli, &[target.as_f64()])),
            Cell::ratio(target),
            Cell::bar(remaining, 10),
            remaining.map_or(Cell::Missing, |share| Cell::percent_against(share, &[0.0])),
            adjusted.map_or(Cell::Missing, |share| Cell::percent_against(share, &[0.0])),
            if firing.is_empty() { Cell::Missing } else { Cell::text(firing) },
            answer::state(assessment.state()),
        ]);
    }
    table
}
