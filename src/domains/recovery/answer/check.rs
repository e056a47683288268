//! The answer of `sre dr check`: whether plans keep what they promise.
use super::{due_cell, due_text, span_cell, standing_cell};
use crate::{
    domains::recovery::{
        engine::{due::Due, evidence},
        judge::{Judged, JudgedDisruption, KEPT, Standing},
    },
    kernel::{
        report::{
            Block, Cell, Column, Form, Report, Table, Text, Verdict, significant_number, words,
        },
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

/// Whether plans keep what they promise.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveryCheckAnswer {
    /// When that was asked.
    as_of: String,
    /// Plans in the order of their names.
    items: Vec<PlanItem>,
}

impl Form for RecoveryCheckAnswer {
    const SCHEMA: &'static str = "sre/dr-check@1";
}

/// One plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CheckedPlan")]
struct PlanItem {
    /// The plan.
    plan: String,
    /// The worst that is to be said of anything in it: `met`, `unknown`, `at_risk` or `breached`.
    standing: &'static str,
    /// Its disruptions, in the order of the plan.
    disruptions: Vec<DisruptionItem>,
    /// When a test is due, or was; null where the plan does not say how often.
    test_due: Option<String>,
    /// Tests that were passed.
    drills_passed: usize,
    /// Tests that were not broken off.
    drills: usize,
    /// Whether the plan is another than the one that was tested last.
    changed_since_drill: bool,
    /// The least probability of success that they prove, with a confidence of 95 %; null without any.
    success_at_least: Option<Number>,
    /// Backups whose restoring was not tried in time.
    not_restored: Vec<String>,
    /// Services that are needed, with what their plans promise.
    needs: Vec<NeedItem>,
}

/// One disruption of a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CheckedDisruption")]
struct DisruptionItem {
    /// What it is called; null where the plan does not tell any apart.
    disruption: Option<String>,
    /// Within how long it has to be back.
    rto: String,
    /// What is to be said of that.
    time: &'static str,
    /// Why, where that is not plain from the numbers.
    reason: Option<String>,
    /// What the steps add up to along the longest path.
    planned: Option<String>,
    /// In 50 of 100 cases it is back within this.
    p50: Option<String>,
    /// In 95 of 100 cases it is back within this.
    p95: Option<String>,
    /// The probability that it is back in time, 0 to 1.
    probability: Option<Number>,
    /// The longest that a passed drill took.
    longest_drill: Option<String>,
    /// Within this the next drill is in 95 of 100 cases, by those before; of two at least.
    drill_bound: Option<String>,
    /// How much of the youngest data may be lost.
    rpo: String,
    /// What is to be said of that.
    data: &'static str,
    /// The most that is lost.
    worst_loss: Option<String>,
    /// What is lost on the average.
    mean_loss: Option<String>,
    /// The copy from which it is restored.
    source: Option<String>,
    /// The most that was lost in a drill.
    drill_loss: Option<String>,
}

/// A service that is needed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NeededService")]
struct NeedItem {
    /// The way to it, from a service of the plan on.
    chain: Vec<String>,
    /// Its plan; null where it has none.
    plan: Option<String>,
    /// Within how long it is back.
    rto: Option<String>,
    /// How much of its data may be lost.
    rpo: Option<String>,
    /// What is to be said of that.
    standing: &'static str,
}

/// The answer. A promise that is not kept makes the run fail; one of which nobody can say leaves it without a
/// verdict.
pub fn report(judged: &[Judged<'_, '_>], now: Instant) -> Report {
    let answer =
        RecoveryCheckAnswer { as_of: rfc3339(now), items: judged.iter().map(item).collect() };
    let mut table = Table::new().main().columns([
        Column::new("Plan").middle(),
        Column::new("Disruption"),
        Column::new("RTO").key("rto"),
        Column::new("Planned").priority(2),
        Column::new("P95").key("p95"),
        Column::new("In time").key("probability").priority(1),
        Column::new("Time"),
        Column::new("RPO").key("rpo"),
        Column::new("Loss").key("worst_loss"),
        Column::new("From").key("source").priority(3),
        Column::new("Data"),
    ]);
    for plan in judged {
        for one in &plan.disruptions {
            table.push(row(plan, one));
        }
    }
    let verdict = match judged.iter().map(Judged::standing).max() {
        None | Some(Standing::Met) => Verdict::Pass,
        Some(Standing::Unknown) => Verdict::Undecided,
        Some(Standing::AtRisk | Standing::Breached) => Verdict::Found,
    };
    Report::of(&answer).block(table).blocks(judged.iter().flat_map(beside)).verdict(verdict)
}

fn row(plan: &Judged<'_, '_>, one: &JudgedDisruption<'_, '_>) -> Vec<Cell> {
    let spread = one.time.spread.as_ref();
    let kept = spread.map(|spread| spread.within(one.disruption.rto).0);
    vec![
        Cell::name(plan.plan.document.name()),
        one.disruption.name.map_or(Cell::muted("any"), Cell::text),
        Cell::span(one.disruption.rto),
        span_cell(one.time.planned),
        span_cell(spread.map(|spread| spread.quantile(KEPT))),
        kept.map_or(Cell::Missing, |kept| Cell::percent_against(kept, &[KEPT])),
        standing_cell(one.time.standing),
        Cell::span(one.disruption.rpo),
        span_cell(one.data.copy.map(|copy| copy.loss.worst)),
        one.data.copy.map_or(Cell::Missing, |copy| Cell::text(copy.id)),
        standing_cell(one.data.standing),
    ]
}

/// What does not fit into the table.
fn beside(plan: &Judged<'_, '_>) -> Vec<Block> {
    let name = plan.plan.document.name();
    let mut said: Vec<Text> = Vec::new();
    for one in &plan.disruptions {
        let of = one.disruption.name.map_or_else(String::new, |name| format!(" ({name})"));
        if let Some(reason) = &one.time.reason {
            said.push(Text::new().plain(format!("Time{of}: {reason}.")));
        }
        if let (Some((count, longest)), bound) = (one.time.drilled, one.time.bound) {
            let drills = words::plural(count as u64, "passed drill");
            let longer = words::percent_with(evidence::next_is_longest(count), 0);
            let bound = bound.map_or_else(String::new, |bound| {
                format!("; in 95 of 100 cases the next takes up to {}", words::span(bound))
            });
            said.push(Text::new().plain(format!(
                "Drills{of}: {drills}, the longest {}; the next is longer with a probability of {longer}{bound}.",
                words::span(longest)
            )));
        }
        if one.data.copy.is_none() && !plan.plan.spec.backups.is_empty() {
            said.push(Text::new().bad(format!("No copy of the data is left{of}.")));
        }
        if let Some(copy) = one.data.copy.filter(|copy| copy.failures > 0) {
            let runs = words::plural(copy.failures.into(), "run");
            said.push(Text::new().plain(format!(
                "Data{of}: {runs} of {} may fail in a row in one of a thousand cases; that is counted.",
                copy.id
            )));
        }
        if let Some(unnoticed) = one.disruption.unnoticed.filter(|_| one.data.copy.is_some()) {
            said.push(Text::new().plain(format!(
                "Data{of}: what was written until it is noticed, up to {}, is lost as well, unless it can be told apart.",
                words::span(unnoticed)
            )));
        }
        if let Some(lost) = one.data.drilled {
            said.push(
                Text::new().plain(format!("Drills{of}: up to {} of data lost.", words::span(lost))),
            );
        }
    }
    for (id, due) in &plan.unproven {
        said.push(Text::new().warning(format!("Restoring {id}: {}.", due_text(*due))));
    }
    for need in plan.needs.iter().filter(|need| need.standing != Standing::Met) {
        let chain = need.chain.join(" → ");
        said.push(match (need.rto, need.rpo) {
            (Some(rto), Some(rpo)) => Text::new().bad(format!(
                "{chain} is back within {} with a loss of up to {}.",
                words::span(rto),
                words::span(rpo)
            )),
            _ => Text::new().unknown(format!("{chain} has no recovery plan.")),
        });
    }
    if plan.tested.is_some() {
        let (passed, drills) = plan.passed;
        let proven = if drills == 0 {
            String::new()
        } else {
            let least = evidence::success_at_least(passed as u64, drills as u64, KEPT);
            format!(
                "; {passed} of {drills} drills passed, which proves a success in at least {} of cases",
                words::percent_with(least, 0)
            )
        };
        let text = due_text(plan.tested.unwrap_or(Due::Never));
        said.push(Text::new().plain(format!("Test: {text}{proven}.")));
    }
    if plan.has_changed {
        said.push(Text::new().warning("The plan is another than the one that was tested last."));
    }
    if said.is_empty() {
        return Vec::new();
    }
    vec![Block::heading(name), Block::list(said)]
}

fn item(plan: &Judged<'_, '_>) -> PlanItem {
    let text = |span: Option<Duration>| span.map(|span| span.to_string());
    let (passed, drills) = plan.passed;
    PlanItem {
        plan: plan.plan.document.name().to_owned(),
        standing: plan.standing().name(),
        disruptions: plan.disruptions.iter().map(disruption_item).collect(),
        test_due: plan.tested.map(due_text),
        drills_passed: passed,
        drills,
        changed_since_drill: plan.has_changed,
        success_at_least: (drills > 0)
            .then(|| evidence::success_at_least(passed as u64, drills as u64, KEPT))
            .and_then(significant_number),
        not_restored: plan.unproven.iter().map(|(id, _)| (*id).to_owned()).collect(),
        needs: plan
            .needs
            .iter()
            .map(|need| NeedItem {
                chain: need.chain.iter().map(|name| (*name).to_owned()).collect(),
                plan: need.plan.map(str::to_owned),
                rto: text(need.rto),
                rpo: text(need.rpo),
                standing: need.standing.name(),
            })
            .collect(),
    }
}

fn disruption_item(one: &JudgedDisruption<'_, '_>) -> DisruptionItem {
    let text = |span: Option<Duration>| span.map(|span| span.to_string());
    let spread = one.time.spread.as_ref();
    let loss = one.data.copy.map(|copy| copy.loss);
    DisruptionItem {
        disruption: one.disruption.name.map(str::to_owned),
        rto: one.disruption.rto.to_string(),
        time: one.time.standing.name(),
        reason: one.time.reason.clone(),
        planned: text(one.time.planned),
        p50: text(spread.map(|spread| spread.quantile(0.5))),
        p95: text(spread.map(|spread| spread.quantile(KEPT))),
        probability: spread
            .and_then(|spread| significant_number(spread.within(one.disruption.rto).0)),
        longest_drill: text(one.time.drilled.map(|(_, longest)| longest)),
        drill_bound: text(one.time.bound),
        rpo: one.disruption.rpo.to_string(),
        data: one.data.standing.name(),
        worst_loss: text(loss.map(|loss| loss.worst)),
        mean_loss: text(loss.map(|loss| loss.mean)),
        source: one.data.copy.map(|copy| copy.id.to_owned()),
        drill_loss: text(one.data.drilled),
    }
}

/// When the test of a plan is due, for a table.
pub(super) fn tested(plan: &Judged<'_, '_>) -> Cell {
    due_cell(plan.tested)
}
