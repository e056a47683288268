//! What happened in a run, step by step.
use super::{Entry, Transcript};
use crate::{
    domains::runbook::engine::event::{Event, RunOutcome, RunStarted, StepOutcome},
    kernel::units::Instant,
};
use std::collections::BTreeMap;

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// What it began with.
    pub started: RunStarted,
    /// When it began.
    pub at: Instant,
    /// When the last that is known of it happened: its end, where it has ended.
    pub last: Instant,
    /// How it ended; nothing where it did not, or is still running.
    pub outcome: Option<RunOutcome>,
    /// Why it did not succeed.
    pub reason: Option<String>,
    /// How often it was resumed.
    pub resumed: u32,
    /// The steps that something happened at, in the order in which that began; what undid a step stands for itself.
    pub steps: Vec<StepSummary>,
}

/// What happened at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSummary {
    /// Its number.
    pub step: u16,
    /// What it does, in words.
    pub action: String,
    /// Whether the step was undone here.
    pub undo: bool,
    /// Whether a person did it.
    pub manual: bool,
    /// When it began.
    pub started: Instant,
    /// When it ended; nothing for a step in flight.
    pub ended: Option<Instant>,
    /// How often it was tried.
    pub attempts: u16,
    /// What became of it; `unknown` where its end is not recorded.
    pub outcome: StepOutcome,
    /// Why it failed or was passed over, or what shows that a person did it.
    pub note: Option<String>,
    /// The process group of its last attempt.
    pub process: Option<u32>,
}

impl RunSummary {
    /// What a transcript tells; nothing if it does not say what was run.
    pub fn of(transcript: &Transcript) -> Option<Self> {
        let first = transcript.entries.first()?;
        let Event::RunStarted(started) = &first.event else { return None };
        let mut summary = Self {
            started: (**started).clone(),
            at: first.at,
            last: first.at,
            outcome: None,
            reason: None,
            resumed: 0,
            steps: Vec::new(),
        };
        let names: BTreeMap<u16, &str> =
            started.steps.iter().map(|name| (name.step, name.action.as_str())).collect();
        for entry in &transcript.entries {
            summary.last = entry.at;
            summary.take(entry, &names);
        }
        Some(summary)
    }

    /// Whether it has neither ended nor is known to have failed.
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// The step whose end is not recorded.
    pub fn in_flight(&self) -> Option<&StepSummary> {
        self.steps.iter().find(|step| step.outcome == StepOutcome::Unknown)
    }

    fn take(&mut self, entry: &Entry, names: &BTreeMap<u16, &str>) {
        match &entry.event {
            Event::RunStarted(_) | Event::StepConfirmed(_) => {}
            Event::RunResumed(_) => {
                self.resumed += 1;
                self.outcome = None;
                self.reason = None;
            }
            Event::StepSkipped(one) => {
                let step = self.step(one.step, one.undo, entry.at, names);
                step.outcome = StepOutcome::Skipped;
                step.ended = Some(entry.at);
                step.note = Some(one.reason.clone());
            }
            Event::StepAttested(one) => {
                let step = self.step(one.step, one.undo, entry.at, names);
                step.manual = step.attempts == 0;
                step.outcome = StepOutcome::Done;
                step.ended = Some(entry.at);
                step.note = Some(one.evidence.clone());
            }
            Event::StepStarted(one) => {
                let step = self.step(one.step, one.undo, entry.at, names);
                step.attempts += 1;
                step.outcome = StepOutcome::Unknown;
                step.ended = None;
                step.process = None;
            }
            Event::StepRunning(one) => {
                if let Some(step) = self.steps.iter_mut().rfind(|step| step.step == one.step) {
                    step.process = Some(one.process);
                }
            }
            Event::StepEnded(one) => {
                let step = self.step(one.step, one.undo, entry.at, names);
                step.outcome = one.outcome;
                step.ended = Some(entry.at);
                step.note.clone_from(&one.reason);
            }
            Event::RunEnded(one) => {
                self.outcome = Some(one.outcome);
                self.reason.clone_from(&one.reason);
            }
        }
    }

    fn step(
        &mut self,
        step: u16,
        undo: bool,
        at: Instant,
        names: &BTreeMap<u16, &str>,
    ) -> &mut StepSummary {
        let known = self.steps.iter().rposition(|known| known.step == step && known.undo == undo);
        let position = known.unwrap_or_else(|| {
            self.steps.push(StepSummary {
                step,
                action: names.get(&step).map(|&name| name.to_owned()).unwrap_or_default(),
                undo,
                manual: false,
                started: at,
                ended: None,
                attempts: 0,
                outcome: StepOutcome::Unknown,
                note: None,
                process: None,
            });
            self.steps.len() - 1
        });
        &mut self.steps[position]
    }
}
