//! The answer of `sre runbook show`: a runbook for whoever has to act on it now.
use super::step::{Known, StepForm};
use crate::{
    domains::runbook::{
        engine::{event::RunOutcome, variables::Variables},
        resolve::ResolvedRunbook,
        transcript::RunSummary,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text},
        spec::Optional as _,
        time::rfc3339,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// A runbook for whoever has to act on it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunbookAnswer {
    /// The runbook.
    runbook: String,
    /// The name as people read it.
    display_name: String,
    /// What the alert means.
    meaning: Option<String>,
    /// What users feel of it.
    impact: Option<String>,
    /// How to find out why.
    diagnosis: Option<String>,
    /// How to end it.
    mitigation: Option<String>,
    /// The steps in their order, with the names of parameters instead of values.
    steps: Vec<StepForm>,
    /// Who is asked when that does not help, in this order.
    escalation: Vec<EscalationForm>,
    /// Its runs, the last first.
    runs: Vec<RunForm>,
}

impl Form for RunbookAnswer {
    const SCHEMA: &'static str = "sre/runbook@1";
}

/// Who is asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookEscalation")]
pub struct EscalationForm {
    /// As it is written.
    pub name: String,
    /// What that is: `rotation`, `team`, `person`; null where it is none of them.
    pub kind: Option<String>,
    /// Who that is now.
    pub people: Vec<String>,
}

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookRun")]
struct RunForm {
    /// Its name.
    run: String,
    /// When it began.
    started: String,
    /// Who ran it.
    operator: String,
    /// How it ended; null where it has not.
    outcome: Option<RunOutcome>,
}

/// Runs that are shown.
const RUNS: usize = 10;

/// The answer.
pub fn report(
    runbook: &ResolvedRunbook<'_>,
    escalation: &[EscalationForm],
    runs: &[&RunSummary],
    folder: &dyn Fn(&Path) -> String,
) -> Report {
    let variables = Variables::new();
    let known = Known { plan: &runbook.plan, variables: &variables, folder };
    let sections = runbook.spec.sections.value();
    let section = |read: fn(&super::super::spec::SectionsSpec) -> Option<&String>| {
        sections.and_then(read).cloned()
    };
    let texts = [
        ("Meaning", section(|sections| sections.meaning.value())),
        ("Impact", section(|sections| sections.impact.value())),
        ("Diagnosis", section(|sections| sections.diagnosis.value())),
        ("Mitigation", section(|sections| sections.mitigation.value())),
    ];
    let mut blocks = vec![Block::heading(Text::new().strong(runbook.document.display_name()))];
    for (title, text) in &texts {
        if let Some(text) = text {
            blocks.push(Block::heading(*title));
            blocks.extend(paragraphs(text));
        }
    }
    for step in &runbook.plan.steps {
        blocks.extend(known.blocks(step));
    }
    if !escalation.is_empty() {
        blocks.push(Block::heading("When that does not help"));
        let item = |one: &EscalationForm| match (&one.kind, one.people.as_slice()) {
            (None, _) => Text::new().name(&one.name).plain(" ").bad("is nobody that is known here"),
            (Some(kind), []) => {
                Text::new().name(&one.name).plain(format!(" ({kind}): ")).warning("nobody now")
            }
            (Some(kind), people) => {
                Text::new().name(&one.name).plain(format!(" ({kind}): {}", people.join(", ")))
            }
        };
        blocks.push(Block::list(escalation.iter().map(item)));
    }
    if !runs.is_empty() {
        let mut table = Table::new().title("Runs").columns([
            Column::new("Run"),
            Column::new("Started"),
            Column::new("By"),
            Column::new("Ended"),
        ]);
        for run in runs.iter().take(RUNS) {
            table.push(vec![
                Cell::name(run.started.run.clone()),
                Cell::instant(run.at),
                Cell::text(run.started.operator.clone()),
                match run.outcome {
                    Some(RunOutcome::Succeeded) => Cell::good("succeeded"),
                    Some(outcome) => Cell::bad(outcome.name()),
                    None => Cell::unknown("not ended"),
                },
            ]);
        }
        blocks.push(table.into());
    }
    let [meaning, impact, diagnosis, mitigation] = texts.map(|(_, text)| text);
    let answer = RunbookAnswer {
        runbook: runbook.document.name().to_owned(),
        display_name: runbook.document.display_name().to_owned(),
        meaning,
        impact,
        diagnosis,
        mitigation,
        steps: runbook.plan.steps.iter().map(|step| known.form(step)).collect(),
        escalation: escalation.to_vec(),
        runs: runs
            .iter()
            .map(|run| RunForm {
                run: run.started.run.clone(),
                started: rfc3339(run.at),
                operator: run.started.operator.clone(),
                outcome: run.outcome,
            })
            .collect(),
    };
    Report::of(&answer).blocks(blocks)
}

/// The paragraphs of a text, of which each is one line or several.
fn paragraphs(text: &str) -> impl Iterator<Item = Block> {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Block::paragraph(part.lines().map(str::trim).collect::<Vec<_>>().join(" ")))
}
