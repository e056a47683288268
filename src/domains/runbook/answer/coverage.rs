//! The answer of `sre runbook coverage`: alerts against runbooks.
use super::super::{
    coverage::{Alert, By},
    rules::due,
    spec::Runbook,
    transcript::RunSummary,
};
use crate::kernel::{
    report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
    spec::{Document, Optional as _, values},
    time::rfc3339,
    units::Instant,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Alerts against runbooks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoverageAnswer {
    /// Objectives in the order of their names, with their alerts.
    items: Vec<AlertForm>,
    /// Runbooks in the order of their names.
    runbooks: Vec<RunbookForm>,
}

impl Form for CoverageAnswer {
    const SCHEMA: &'static str = "sre/runbook-coverage@1";
}

/// The alerts of an objective.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoveredAlert")]
struct AlertForm {
    /// The objective.
    slo: String,
    /// Its tiers.
    tiers: Vec<String>,
    /// Whether somebody is woken by it.
    pages: bool,
    /// Runbooks of this catalog that say what to do.
    runbooks: Vec<String>,
    /// Addresses of what says it elsewhere.
    addresses: Vec<String>,
}

/// A runbook.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CoveringRunbook")]
struct RunbookForm {
    /// Its name.
    runbook: String,
    /// The alerts and objectives that lead to it.
    alerts: Vec<String>,
    /// Since when a review is overdue; null where it is not.
    review_overdue_since: Option<String>,
    /// When it was last run; null where no transcript is known.
    last_run: Option<String>,
    /// Since when trying it out is overdue; null where it is not.
    drill_overdue_since: Option<String>,
}

/// The answer. An alert that pages without a runbook, a runbook without an alert, and what is overdue make the
/// command fail.
pub fn report(
    alerts: &[Alert<'_>],
    runbooks: &[(&Document, &Runbook)],
    runs: &[RunSummary],
    now: Instant,
) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("SLO").middle(),
        Column::new("Alerts").priority(1),
        Column::new("Runbook"),
    ]);
    let (mut items, mut wrong) = (Vec::new(), BTreeSet::new());
    for alert in alerts {
        let name = alert.document.name();
        let tiers: Vec<String> = alert.tiers.iter().map(|(name, _)| name.clone()).collect();
        let (mut named, mut addresses) = (Vec::new(), Vec::new());
        for by in &alert.by {
            match by {
                By::Runbook(name) => named.push(name.clone()),
                By::Address(address) => addresses.push(address.clone()),
            }
        }
        let told = [named.clone(), addresses.clone()].concat();
        table.push(vec![
            Cell::name(name),
            Cell::text(tiers.join(", ")),
            match (told.is_empty(), alert.pages()) {
                (false, _) => Cell::text(told.join(", ")),
                (true, true) => Cell::bad("none"),
                (true, false) => Cell::warning("none"),
            },
        ]);
        if told.is_empty() && alert.pages() {
            wrong.insert(format!("`{name}` pages, and no runbook says what to do then"));
        }
        let pages = alert.pages();
        items.push(AlertForm { slo: name.to_owned(), tiers, pages, runbooks: named, addresses });
    }
    let mut second = Table::new().title("Runbooks").columns([
        Column::new("Runbook").middle(),
        Column::new("For"),
        Column::new("Review").priority(1),
        Column::new("Last run").priority(2),
        Column::new("Drill").priority(1),
    ]);
    let mut forms = Vec::new();
    for (document, spec) in runbooks {
        let name = document.name();
        let mut leading: BTreeSet<String> = values(&spec.alerts).map(ToString::to_string).collect();
        let by = By::Runbook(name.to_owned());
        let covered = alerts.iter().filter(|alert| alert.by.contains(&by));
        leading.extend(covered.map(|alert| alert.document.name().to_owned()));
        let last = runs.iter().filter(|run| run.started.runbook == name).map(|run| run.at).max();
        let (review, drill) = (due::review(spec, now), due::drill(spec, last, now));
        if leading.is_empty() {
            wrong.insert(format!("no alert leads to `{name}`"));
        }
        if let Some(since) = review {
            wrong.insert(format!("the review of `{name}` is overdue since {since}"));
        }
        if let Some(since) = drill {
            wrong.insert(format!("trying out `{name}` is overdue since {since}"));
        }
        let state = |overdue: Option<chrono::NaiveDate>, asked: bool| match (overdue, asked) {
            (Some(since), _) => Cell::bad(format!("overdue since {since}")),
            (None, true) => Cell::good("in time"),
            (None, false) => Cell::Missing,
        };
        let leading: Vec<String> = leading.into_iter().collect();
        second.push(vec![
            Cell::name(name),
            if leading.is_empty() { Cell::bad("no alert") } else { Cell::text(leading.join(", ")) },
            state(review, spec.review_every.value().is_some()),
            last.map_or(Cell::Missing, Cell::instant),
            state(drill, spec.drill_every.value().is_some()),
        ]);
        forms.push(RunbookForm {
            runbook: name.to_owned(),
            alerts: leading,
            review_overdue_since: review.map(|day| day.to_string()),
            last_run: last.map(rfc3339),
            drill_overdue_since: drill.map(|day| day.to_string()),
        });
    }
    let covered = alerts.iter().filter(|alert| !alert.by.is_empty()).count();
    let said =
        format!("{covered} of {} with a runbook.", words::plural(alerts.len() as u64, "objective"));
    let report = Report::of(&CoverageAnswer { items, runbooks: forms })
        .block(table)
        .block(second)
        .block(Block::paragraph(said));
    if wrong.is_empty() {
        return report;
    }
    let list = wrong.into_iter().map(|one| Text::new().bad(one));
    report.block(Block::list(list)).verdict(Verdict::Found)
}
