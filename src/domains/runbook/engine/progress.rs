//! How far a run came, from its events: where it goes on.
use super::event::{Event, RunOutcome, StepOutcome};
use std::collections::{BTreeMap, BTreeSet};

/// How far a run came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that something is known of.
    pub steps: BTreeMap<u16, State>,
    /// Steps that can be undone, in the order in which they were done.
    pub done: Vec<u16>,
    /// Steps that were undone, or whose undoing was passed over.
    pub undone: BTreeSet<u16>,
    /// Those of them whose undoing was passed over.
    pub undo_skipped: BTreeSet<u16>,
    /// The step whose undoing nobody saw the end of.
    pub undo_in_flight: Option<u16>,
    /// Whether undoing has begun.
    pub undoing: bool,
    /// Values that steps found out.
    pub captured: BTreeMap<String, String>,
    /// How it ended.
    pub ended: Option<RunOutcome>,
}

/// What is known of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was done.
    Done,
    /// It was passed over.
    Skipped,
    /// It failed, and is to be tried again.
    Failed,
    /// It failed, and the run went on.
    Tolerated,
    /// What it has done is not known.
    Unknown {
        /// Its process group, where it is known.
        process: Option<u32>,
    },
}

impl Progress {
    /// How far the events lead.
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut progress = Self::default();
        for event in events {
            progress.take(event);
        }
        progress
    }

    /// Goes on by one event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted(_) | Event::StepConfirmed(_) => {}
            Event::RunResumed(_) => self.ended = None,
            Event::StepSkipped(one) if one.undo => {
                self.undoing = true;
                self.undone.insert(one.step);
                self.undo_skipped.insert(one.step);
            }
            Event::StepSkipped(one) => self.set(one.step, State::Skipped),
            Event::StepAttested(one) if one.undo => self.undo(one.step),
            Event::StepAttested(one) => self.set(one.step, State::Done),
            Event::StepStarted(one) if one.undo => {
                self.undoing = true;
                self.undo_in_flight = Some(one.step);
            }
            Event::StepStarted(one) => self.set(one.step, State::Unknown { process: None }),
            Event::StepRunning(one) => {
                if let Some(State::Unknown { process }) = self.steps.get_mut(&one.step) {
                    *process = Some(one.process);
                }
            }
            Event::StepEnded(one) if one.undo => match one.outcome {
                StepOutcome::Done => self.undo(one.step),
                StepOutcome::Failed => self.undo_in_flight = None,
                _ => {}
            },
            Event::StepEnded(one) => {
                let process = match self.steps.get(&one.step) {
                    Some(State::Unknown { process }) => *process,
                    _ => None,
                };
                let state = match one.outcome {
                    StepOutcome::Done => State::Done,
                    StepOutcome::Skipped => State::Skipped,
                    StepOutcome::Failed => State::Failed,
                    StepOutcome::TimedOut | StepOutcome::Interrupted | StepOutcome::Unknown => {
                        State::Unknown { process }
                    }
                };
                self.set(one.step, state);
                self.captured.extend(one.captured.clone());
            }
            Event::RunEnded(one) => self.ended = Some(one.outcome),
        }
    }

    fn set(&mut self, step: u16, state: State) {
        // Whoever comes to a later step has accepted that the ones before failed.
        for (number, earlier) in &mut self.steps {
            if *number < step && *earlier == State::Failed {
                *earlier = State::Tolerated;
            }
        }
        self.steps.insert(step, state);
        if state == State::Done && !self.done.contains(&step) {
            self.done.push(step);
        }
    }

    fn undo(&mut self, step: u16) {
        self.undoing = true;
        self.undo_in_flight = None;
        self.undone.insert(step);
    }
}
