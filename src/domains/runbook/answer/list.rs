//! The answer of `sre runbook list`: the runbooks of a catalog, and when they were last run.
use super::step;
use crate::{
    domains::runbook::{
        engine::{event::RunOutcome, plan::Risk},
        rules::due,
        spec::Runbook,
        transcript::RunSummary,
    },
    kernel::{
        report::{Cell, Column, Form, Report, Table},
        spec::{Document, Optional as _, values},
        time::rfc3339,
        units::Instant,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// The runbooks of a catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunbookListAnswer {
    /// Runbooks in the order of their names.
    items: Vec<RunbookItem>,
}

impl Form for RunbookListAnswer {
    const SCHEMA: &'static str = "sre/runbook-list@1";
}

/// A runbook.
#[derive(Debug, Serialize, JsonSchema)]
struct RunbookItem {
    /// Its name.
    runbook: String,
    /// The name as people read it.
    display_name: String,
    /// Who answers for it.
    owner: Option<String>,
    /// How many steps it has.
    steps: u64,
    /// How many of them are executed by a program.
    automatic: u64,
    /// The greatest risk among them.
    risk: Risk,
    /// The alerts that it is for.
    alerts: Vec<String>,
    /// The objectives whose alerts it is for.
    slos: Vec<String>,
    /// When somebody last looked whether it is still right.
    reviewed: Option<String>,
    /// Since when another look is overdue; null where it is not.
    review_overdue_since: Option<String>,
    /// When it was last run or tried out, as transcripts and the document say.
    last_run: Option<String>,
    /// How that run ended.
    last_outcome: Option<RunOutcome>,
    /// Since when another trial is overdue; null where it is not.
    drill_overdue_since: Option<String>,
}

/// The answer.
pub fn report(runbooks: &[(&Document, &Runbook)], runs: &[RunSummary], now: Instant) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Runbook").middle(),
        Column::new("Steps"),
        Column::new("Risk"),
        Column::new("For").priority(3),
        Column::new("Reviewed").priority(2),
        Column::new("Last run").priority(1),
        Column::new("Ended").priority(1),
        Column::new("Owner").priority(4),
    ]);
    let mut items = Vec::new();
    for (document, spec) in runbooks {
        let steps: Vec<_> = spec.steps.get().map(|list| values(list).collect()).unwrap_or_default();
        let automatic =
            steps.iter().filter(|step| step.command.is_some() || !step.argv.is_empty()).count()
                as u64;
        let risks = steps.iter().map(|step| step.risk.value().copied().unwrap_or_default());
        let risk = risks.max().unwrap_or(Risk::None);
        let own = runs.iter().filter(|run| run.started.runbook == document.name());
        let last = own.max_by_key(|run| run.at);
        let review = due::review(spec, now);
        let drill = due::drill(spec, last.map(|run| run.at), now);
        let alerts: Vec<String> = values(&spec.alerts).map(ToString::to_string).collect();
        let slos: Vec<String> = values(&spec.slos).map(|slo| slo.name().to_owned()).collect();
        let wanted: Vec<&str> = slos.iter().chain(&alerts).map(String::as_str).collect();
        let reviewed = spec.reviewed.value().map(|day| day.0.to_string());
        table.push(vec![
            Cell::name(document.name()),
            Cell::count(steps.len() as u64),
            Cell::text(step::risk(risk)),
            Cell::text(wanted.join(", ")),
            match (&reviewed, review) {
                (Some(day), Some(_)) => Cell::warning(format!("{day}, overdue")),
                (Some(day), None) => Cell::text(day.clone()),
                (None, _) => Cell::Missing,
            },
            match (last, drill) {
                (Some(run), None) => Cell::instant(run.at),
                (Some(run), Some(_)) => Cell::warning(format!("{}, overdue", run.at.format("%F"))),
                (None, Some(_)) => Cell::warning("overdue"),
                (None, None) => Cell::Missing,
            },
            match last.map(|run| run.outcome) {
                Some(Some(RunOutcome::Succeeded)) => Cell::good("succeeded"),
                Some(Some(outcome)) => Cell::bad(outcome.name()),
                Some(None) => Cell::unknown("not ended"),
                None => Cell::Missing,
            },
            document.owner().map_or(Cell::Missing, Cell::text),
        ]);
        items.push(RunbookItem {
            runbook: document.name().to_owned(),
            display_name: document.display_name().to_owned(),
            owner: document.owner().map(str::to_owned),
            steps: steps.len() as u64,
            automatic,
            risk,
            alerts,
            slos,
            reviewed,
            review_overdue_since: review.map(|day| day.to_string()),
            last_run: last.map(|run| rfc3339(run.at)),
            last_outcome: last.and_then(|run| run.outcome),
            drill_overdue_since: drill.map(|day| day.to_string()),
        });
    }
    Report::of(&RunbookListAnswer { items }).block(table)
}
