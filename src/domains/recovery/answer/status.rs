//! The answer of `sre dr status`: which plans were tested, and which services have none.
use super::{check, due_text, standing_cell};
use crate::{
    domains::recovery::judge::Judged,
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict},
        spec::{Optional as _, values},
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// Which plans were tested, and which services have none.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveryStatusAnswer {
    /// When that was asked.
    as_of: String,
    /// Plans in the order of their names.
    items: Vec<StatusItem>,
    /// Services that no plan is for.
    services_without_plan: Vec<String>,
}

impl Form for RecoveryStatusAnswer {
    const SCHEMA: &'static str = "sre/dr-status@1";
}

/// One plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlanStatus")]
struct StatusItem {
    /// The plan.
    plan: String,
    /// The services that it is for.
    services: Vec<String>,
    /// The worst that is to be said of anything in it: `met`, `unknown`, `at_risk` or `breached`.
    standing: &'static str,
    /// How often it is to be tested.
    test_frequency: Option<&'static str>,
    /// When it was last tested.
    last_test: Option<String>,
    /// What came of that.
    last_result: Option<&'static str>,
    /// When a test is due, or was.
    test_due: Option<String>,
}

/// The answer.
pub fn report(judged: &[Judged<'_, '_>], without: &[&str], now: Instant) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Plan").middle(),
        Column::new("Services").priority(2),
        Column::new("Promises").key("standing"),
        Column::new("Last test").key("last_test").priority(1),
        Column::new("Result").key("last_result").priority(1),
        Column::new("Next test").key("test_due"),
    ]);
    let mut items = Vec::new();
    for plan in judged {
        let services: Vec<String> =
            values(&plan.plan.spec.services).map(|service| service.name().to_owned()).collect();
        let last = plan.plan.drills.last();
        let day = last.map(|drill| drill.ended.date_naive().to_string());
        let result = last.and_then(|drill| drill.spec.result.value()).map(|it| it.name());
        table.push(vec![
            Cell::name(plan.plan.document.name()),
            Cell::text(services.join(", ")),
            standing_cell(plan.standing()),
            day.as_deref().map_or(Cell::Missing, Cell::text),
            match result {
                Some("passed") => Cell::good("passed"),
                Some("failed") => Cell::bad("failed"),
                Some(other) => Cell::muted(other),
                None => Cell::Missing,
            },
            check::tested(plan),
        ]);
        items.push(StatusItem {
            plan: plan.plan.document.name().to_owned(),
            services,
            standing: plan.standing().name(),
            test_frequency: plan.plan.spec.test_frequency.value().map(|often| often.name()),
            last_test: day,
            last_result: result,
            test_due: plan.tested.map(due_text),
        });
    }
    let answer = RecoveryStatusAnswer {
        as_of: rfc3339(now),
        items,
        services_without_plan: without.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut report = Report::of(&answer).block(table);
    if !without.is_empty() {
        let said = format!("No plan is for {}.", without.join(", "));
        report = report.block(Block::paragraph(Text::new().unknown(said)));
    }
    // Like any overview, it only shows.
    report.verdict(Verdict::Pass)
}
