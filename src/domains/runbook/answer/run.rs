//! The answer of `sre runbook run`, `resume` and `verify`: what happened in a run.
use crate::{
    domains::runbook::{
        engine::event::{RunOutcome, StepOutcome},
        transcript::{RunSummary, StepSummary, Transcript},
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, Verdict, words},
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What happened in a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunAnswer {
    /// The name of the run.
    run: String,
    /// The runbook.
    runbook: String,
    /// What it worked on.
    target: String,
    /// SHA-256 of the text of the runbook.
    runbook_hash: String,
    /// The commit whose file it was; null outside of a git repository.
    revision: Option<String>,
    /// Who ran it.
    operator: String,
    /// Where.
    host: String,
    /// The incident that it was run for.
    incident: Option<String>,
    /// Values of parameters; null for secrets.
    parameters: BTreeMap<String, Option<String>>,
    /// When it began.
    started: String,
    /// When the last that is known of it happened.
    last: String,
    /// How it ended; null where it has not, as far as is known.
    outcome: Option<RunOutcome>,
    /// Why it did not succeed.
    reason: Option<String>,
    /// How often it was resumed.
    resumed: u32,
    /// What happened at steps, in the order in which that began.
    items: Vec<RunStepForm>,
    /// The transcript.
    transcript: String,
    /// The hash of its last line: noted elsewhere, it shows whether the transcript was written anew.
    head: String,
    /// Where the transcript was changed; null where every line follows the one before.
    broken: Option<BrokenForm>,
    /// Whether its last line was never finished.
    torn: bool,
}

impl Form for RunAnswer {
    const SCHEMA: &'static str = "sre/runbook-run@1";
}

/// What happened at a step.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookRunStep")]
struct RunStepForm {
    /// Its number.
    step: u16,
    /// What it does, in words.
    action: String,
    /// Whether it was undone here.
    undo: bool,
    /// Whether a person did it.
    manual: bool,
    /// What became of it.
    outcome: StepOutcome,
    /// Why it failed or was passed over, or what shows that a person did it.
    note: Option<String>,
    /// When it began.
    started: String,
    /// When it ended; null for a step whose end nobody saw.
    ended: Option<String>,
    /// How often it was tried.
    attempts: u16,
}

/// Where a transcript was changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BrokenTranscript")]
struct BrokenForm {
    /// The line, from 1.
    line: u64,
    /// What is wrong with it.
    why: String,
}

/// A transcript that is spoken of.
pub struct Told<'t> {
    /// What it tells.
    pub summary: &'t RunSummary,
    /// The transcript.
    pub transcript: &'t Transcript,
    /// Its file, as it is shown.
    pub path: &'t str,
}

/// What happened. A broken chain makes the command fail.
pub fn report(told: &Told<'_>) -> Report {
    let Told { summary, transcript, path } = told;
    let started = &summary.started;
    let broken = transcript.broken.as_ref();
    let answer = RunAnswer {
        run: started.run.clone(),
        runbook: started.runbook.clone(),
        target: started.target.clone(),
        runbook_hash: started.runbook_hash.clone(),
        revision: started.revision.clone(),
        operator: started.operator.clone(),
        host: started.host.clone(),
        incident: started.incident.clone(),
        parameters: started.parameters.clone(),
        started: rfc3339(summary.at),
        last: rfc3339(summary.last),
        outcome: summary.outcome,
        reason: summary.reason.clone(),
        resumed: summary.resumed,
        items: summary.steps.iter().map(step_form).collect(),
        transcript: (*path).to_owned(),
        head: transcript.chain.head().to_owned(),
        broken: broken.map(|broken| BrokenForm { line: broken.line, why: broken.why.clone() }),
        torn: transcript.torn > 0,
    };
    let mut table = Table::new().main().columns([
        Column::new("Step"),
        Column::new("Action"),
        Column::new("State"),
        Column::new("Took"),
        Column::new("Note").priority(1),
    ]);
    for step in &summary.steps {
        table.push(row(step));
    }
    let state = match summary.outcome {
        Some(RunOutcome::Succeeded) => Cell::good("succeeded"),
        Some(outcome @ RunOutcome::Undone) => Cell::warning(outcome.name()),
        Some(outcome) => Cell::bad(outcome.name()),
        None => Cell::unknown("not ended"),
    };
    let mut facts = vec![
        (Text::from("run"), Cell::name(started.run.clone())),
        ("runbook".into(), Cell::name(started.runbook.clone())),
        ("by".into(), Cell::text(format!("{} on {}", started.operator, started.host))),
        ("outcome".into(), state),
    ];
    if let Some(reason) = &summary.reason {
        facts.push(("because".into(), Cell::text(reason.clone())));
    }
    facts.push(("transcript".into(), Cell::text((*path).to_owned())));
    facts.push(("last hash".into(), Cell::muted(answer.head.clone())));
    let report = Report::of(&answer).block(Block::Facts(facts)).block(table);
    match broken {
        None => report,
        Some(broken) => {
            let text =
                format!("The transcript was changed at line {}: {}.", broken.line, broken.why);
            report.block(Block::paragraph(Text::new().bad(text))).verdict(Verdict::Found)
        }
    }
}

fn step_form(step: &StepSummary) -> RunStepForm {
    RunStepForm {
        step: step.step,
        action: step.action.clone(),
        undo: step.undo,
        manual: step.manual,
        outcome: step.outcome,
        note: step.note.clone(),
        started: rfc3339(step.started),
        ended: step.ended.map(rfc3339),
        attempts: step.attempts,
    }
}

fn row(step: &StepSummary) -> Vec<Cell> {
    let undo = if step.undo { "undo: " } else { "" };
    vec![
        Cell::count(u64::from(step.step)),
        Cell::text(format!("{undo}{}", step.action)),
        match step.outcome {
            StepOutcome::Done => Cell::good("done"),
            StepOutcome::Skipped => Cell::muted("skipped"),
            StepOutcome::Unknown => Cell::unknown("unknown"),
            other => Cell::bad(other.name()),
        },
        step.ended
            .filter(|_| step.attempts > 0)
            .map_or(Cell::Missing, |ended| Cell::span(between(step.started, ended))),
        step.note.clone().map_or(Cell::Missing, |note| Cell::text(one_line(&note))),
    ]
}

/// The time between two instants; none where the clock went backwards.
pub(super) fn between(from: Instant, to: Instant) -> Duration {
    Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
}

/// The first line of a text.
fn one_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    match lines.count() {
        0 => first.to_owned(),
        more => format!("{first} … ({} more)", words::plural(more as u64, "line")),
    }
}
