//! The machine that runs a plan: which step is next, when the operator is asked, when something is tried again
//! or undone. What acts on the world stands behind [`StepRunner`], who answers behind [`Operator`], what is
//! recorded behind [`Log`].
use super::{
    event::{
        Event, RunEnded, RunOutcome, StepAttested, StepConfirmed, StepEnded, StepOutcome,
        StepRunning, StepSkipped, StepStarted,
    },
    judge::{self, Ended},
    plan::{Invocation, OnError, Plan, Risk, Step, Undo, Work},
    progress::{Progress, State},
    variables::{self, Value, Variables},
};
use crate::kernel::units::Duration;
use std::{collections::BTreeMap, io, path::PathBuf};

/// A program that is to be run, with all values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Option<String>,
    /// Variables of its environment beside those that all programs get.
    pub environment: BTreeMap<String, String>,
    /// The folder that it works in.
    pub folder: PathBuf,
    /// How long it may run.
    pub timeout: Duration,
    /// What must not be seen of what it prints.
    pub secrets: Vec<String>,
}

/// A stream of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What is seen of a program while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'s> {
    /// It runs as this process.
    Started(u32),
    /// It printed this, secrets taken out, as plain text.
    Printed(Stream, &'s str),
    /// So much time has passed.
    Tick(Duration),
}

/// Runs programs.
pub trait StepRunner {
    /// Runs one to its end.
    fn run(&mut self, order: &Order, sees: &mut dyn FnMut(Sight<'_>)) -> Ended;
    /// Waits. Whether nobody interrupted that.
    fn pause(&mut self, length: Duration) -> bool;
    /// How long the run has lasted, by a clock that only goes forward.
    fn elapsed(&self) -> Duration;
    /// Whether nobody is there any more to answer: the terminal was closed, or the program is to end.
    fn hung_up(&self) -> bool;
}

/// A question before a step.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The step.
    pub step: &'q Step,
    /// Whether it is about undoing it.
    pub undo: Option<&'q Undo>,
    /// What would be executed, with values; nothing for what a person does.
    pub arguments: Option<&'q [String]>,
    /// How much it can destroy.
    pub risk: Risk,
    /// What is worked on.
    pub target: &'q str,
    /// Whether it has to be asked, rather than told.
    pub asks: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is to be done. In words, how that was said.
    Go(String),
    /// It is to be passed over, for this reason.
    Skip(String),
    /// The run is to stop.
    Abort,
    /// Nobody was there to answer, and it was not allowed beforehand.
    Refused,
}

/// What somebody says of a step whose end nobody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done; what shows that.
    Done(String),
    /// It is to be done again.
    Again,
    /// The run is to stop.
    Abort,
    /// Nobody was there to say.
    Refused,
}

/// What is to happen when a step did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The run stops.
    Stop,
    /// What was done is undone.
    Undo,
    /// The step is tried again.
    Retry,
}

/// What is told on the way.
#[derive(Clone, Copy, Debug)]
pub enum News<'n> {
    /// A program starts.
    Starts {
        /// The step.
        step: &'n Step,
        /// Whether it undoes the step.
        undo: bool,
        /// Which attempt it is.
        attempt: u16,
    },
    /// Something is seen of it.
    Sees(Sight<'n>),
    /// It ended.
    Ended {
        /// The step.
        step: &'n Step,
        /// What became of it.
        outcome: StepOutcome,
        /// Why it did not do what was expected.
        reason: Option<&'n str>,
        /// How long it ran.
        took: Duration,
    },
    /// A step is passed over.
    Skipped {
        /// The step.
        step: &'n Step,
        /// Why.
        reason: &'n str,
    },
    /// It will be tried again after so long.
    Waits(Duration),
    /// What was done is undone now.
    Undoing,
}

/// Who runs the runbook.
pub trait Operator {
    /// Shows a step and asks whether it is to be done.
    fn confirm(&mut self, question: &Question<'_>) -> Answer;
    /// Has a person do a step. [`Answer::Go`] holds what shows that it was done.
    fn manual(&mut self, question: &Question<'_>) -> Answer;
    /// Asks what became of a step whose end nobody saw.
    fn fate(&mut self, step: &Step, undo: bool, process: Option<u32>) -> Fate;
    /// Asks what is to be done after a step that did not succeed.
    fn remedy(&mut self, step: &Step, reason: &str, may_retry: bool, undoable: &[u16]) -> Remedy;
    /// Tells something.
    fn tell(&mut self, news: News<'_>);
}

/// Where events are recorded. When it returns, they are on the disk.
pub trait Log {
    /// Records an event.
    ///
    /// # Errors
    /// If it cannot be written: nothing may happen that is not recorded.
    fn write(&mut self, event: Event) -> io::Result<()>;
}

/// What a run works with.
pub struct Machine<'m> {
    /// What is to be done.
    pub plan: &'m Plan,
    /// Values of parameters.
    pub variables: Variables,
    /// How far it came before.
    pub progress: Progress,
    /// Runs programs.
    pub runner: &'m mut dyn StepRunner,
    /// Answers.
    pub operator: &'m mut dyn Operator,
    /// Records.
    pub log: &'m mut dyn Log,
}

/// Why a run does not go on.
struct Stop {
    outcome: RunOutcome,
    reason: String,
    /// Whether the step that stopped it may be tried again as it is.
    may_retry: bool,
}

impl Stop {
    fn aborted() -> Self {
        let reason = "the operator stopped it".to_owned();
        Self { outcome: RunOutcome::Aborted, reason, may_retry: false }
    }

    fn refused(what: &str) -> Self {
        let reason = format!("{what}, and nobody is there to answer");
        Self { outcome: RunOutcome::Refused, reason, may_retry: false }
    }
}

type Stepped = Result<(), Stop>;

impl Machine<'_> {
    /// Runs what is left of the plan, and records how it ended.
    ///
    /// # Errors
    /// If something cannot be recorded. Then nothing further is done.
    pub fn run(mut self) -> io::Result<RunEnded> {
        let captured = std::mem::take(&mut self.progress.captured);
        for (name, text) in &captured {
            self.variables.insert(name.clone(), Value { text: text.clone(), secret: false });
        }
        self.progress.captured = captured;
        let ended = if self.progress.undoing {
            let reason = "it was resumed while it was undone".to_owned();
            self.undo(RunOutcome::Aborted, None, reason)?
        } else {
            self.forward()?
        };
        self.record(Event::RunEnded(ended.clone()))?;
        Ok(ended)
    }

    fn forward(&mut self) -> io::Result<RunEnded> {
        let plan = self.plan;
        let mut steps = plan.steps.iter();
        let mut next = steps.next();
        while let Some(step) = next {
            let Err(stop) = self.step(step)? else {
                next = steps.next();
                continue;
            };
            let undoable = self.undoable();
            let automatic = step.on_error == OnError::Undo
                && matches!(stop.outcome, RunOutcome::Failed | RunOutcome::TimedOut);
            let remedy = if self.runner.hung_up() {
                Remedy::Stop
            } else if automatic {
                Remedy::Undo
            } else if undoable.is_empty() && !stop.may_retry {
                Remedy::Stop
            } else {
                self.operator.remedy(step, &stop.reason, stop.may_retry, &undoable)
            };
            match remedy {
                Remedy::Retry if stop.may_retry => {}
                Remedy::Retry | Remedy::Stop => {
                    return Ok(self.ended(stop.outcome, Some(step.number), stop.reason));
                }
                Remedy::Undo => return self.undo(stop.outcome, Some(step.number), stop.reason),
            }
        }
        Ok(RunEnded { outcome: RunOutcome::Succeeded, step: None, left: Vec::new(), reason: None })
    }

    fn step(&mut self, step: &Step) -> io::Result<Stepped> {
        match self.progress.steps.get(&step.number).copied() {
            Some(State::Done | State::Skipped | State::Tolerated) => return Ok(Ok(())),
            Some(State::Unknown { process }) => match self.operator.fate(step, false, process) {
                Fate::Done(evidence) => {
                    let number = step.number;
                    let attested = StepAttested { step: number, undo: false, evidence };
                    self.record(Event::StepAttested(attested))?;
                    return Ok(Ok(()));
                }
                Fate::Again => {}
                Fate::Abort => return Ok(Err(Stop::aborted())),
                Fate::Refused => {
                    let what = format!("what became of step {} is not known", step.number);
                    return Ok(Err(Stop::refused(&what)));
                }
            },
            Some(State::Failed) | None => {}
        }
        if let Some(condition) = &step.when {
            let value = self.variables.get(&condition.variable).map(|value| value.text.clone());
            if !value.is_some_and(|value| condition.holds(&value)) {
                let reason = format!("only when {}", condition.sentence());
                return self.skip(step, false, reason).map(Ok);
            }
        }
        match &step.work {
            Work::Manual => self.manual(step, None),
            Work::Program(invocation) => self.program(step, invocation),
            Work::Unclear { why, .. } => self.unstartable(step, false, why),
        }
    }

    /// A person does it.
    fn manual(&mut self, step: &Step, undo: Option<&Undo>) -> io::Result<Stepped> {
        let risk = undo.map_or(step.risk, |undo| undo.risk);
        let target = &self.plan.target;
        let question = Question { step, undo, arguments: None, risk, target, asks: true };
        let undo = undo.is_some();
        match self.operator.manual(&question) {
            Answer::Go(evidence) => {
                self.record(Event::StepAttested(StepAttested {
                    step: step.number,
                    undo,
                    evidence,
                }))?;
                Ok(Ok(()))
            }
            Answer::Skip(reason) => self.skip(step, undo, reason).map(Ok),
            Answer::Abort => Ok(Err(Stop::aborted())),
            Answer::Refused => {
                Ok(Err(Stop::refused(&format!("step {} is done by a person", step.number))))
            }
        }
    }

    fn program(&mut self, step: &Step, invocation: &Invocation) -> io::Result<Stepped> {
        let order = match self.order(invocation) {
            Ok(order) => order,
            Err(reason) => return self.unstartable(step, false, &reason),
        };
        let question = Question {
            step,
            undo: None,
            arguments: Some(&order.arguments),
            risk: step.risk,
            target: &self.plan.target,
            asks: step.asks(),
        };
        match self.operator.confirm(&question) {
            Answer::Go(answer) => {
                let (number, risk) = (step.number, step.risk);
                let confirmed = StepConfirmed { step: number, undo: false, risk, answer };
                self.record(Event::StepConfirmed(confirmed))?;
            }
            Answer::Skip(reason) => return self.skip(step, false, reason).map(Ok),
            Answer::Abort => return Ok(Err(Stop::aborted())),
            Answer::Refused => {
                let what = format!("step {} has to be confirmed", step.number);
                return Ok(Err(Stop::refused(&what)));
            }
        }
        let attempts = if step.idempotent { u16::from(step.retries) + 1 } else { 1 };
        for attempt in 1..=attempts {
            let Some(timeout) = self.time_for(invocation.timeout) else {
                let reason = "the time for the whole run is over".to_owned();
                return Ok(Err(Stop { outcome: RunOutcome::TimedOut, reason, may_retry: false }));
            };
            let order = Order { timeout, ..order.clone() };
            let (outcome, reason) = self.attempt(step, false, attempt, invocation, &order)?;
            let reason = reason.unwrap_or_default();
            let as_run = match outcome {
                StepOutcome::Done | StepOutcome::Skipped => return Ok(Ok(())),
                StepOutcome::Interrupted => return Ok(Err(Stop::aborted())),
                StepOutcome::Failed => RunOutcome::Failed,
                StepOutcome::TimedOut | StepOutcome::Unknown => RunOutcome::TimedOut,
            };
            if attempt < attempts {
                self.operator.tell(News::Waits(step.delay));
                if !self.runner.pause(step.delay) {
                    return Ok(Err(Stop::aborted()));
                }
                continue;
            }
            if step.on_error == OnError::Continue {
                return Ok(Ok(()));
            }
            let reason = format!("step {} {}: {reason}", step.number, outcome.name());
            let may_retry = outcome == StepOutcome::Failed;
            return Ok(Err(Stop { outcome: as_run, reason, may_retry }));
        }
        Ok(Ok(()))
    }

    /// A program that cannot even be started.
    fn unstartable(&mut self, step: &Step, undo: bool, reason: &str) -> io::Result<Stepped> {
        let outcome = StepOutcome::Failed;
        let why = Some(reason);
        self.operator.tell(News::Ended { step, outcome, reason: why, took: Duration::ZERO });
        self.record(Event::StepEnded(Box::new(StepEnded {
            step: step.number,
            undo,
            attempt: 1,
            outcome,
            reason: Some(reason.to_owned()),
            exit: None,
            signal: None,
            milliseconds: 0,
            stdout: None,
            stderr: None,
            captured: BTreeMap::new(),
        })))?;
        if step.on_error == OnError::Continue && !undo {
            return Ok(Ok(()));
        }
        let reason = format!("step {} failed: {reason}", step.number);
        Ok(Err(Stop { outcome: RunOutcome::Failed, reason, may_retry: false }))
    }

    /// Runs a program once, with the record before it starts and after it ended.
    fn attempt(
        &mut self,
        step: &Step,
        undo: bool,
        attempt: u16,
        invocation: &Invocation,
        order: &Order,
    ) -> io::Result<(StepOutcome, Option<String>)> {
        let number = step.number;
        self.record(Event::StepStarted(StepStarted {
            step: number,
            undo,
            attempt,
            arguments: order.arguments.clone(),
            environment: order.environment.keys().cloned().collect(),
            stdin: order.stdin.clone(),
            folder: order.folder.to_string_lossy().into_owned(),
        }))?;
        self.operator.tell(News::Starts { step, undo, attempt });
        let (log, operator, progress) = (&mut *self.log, &mut *self.operator, &mut self.progress);
        let mut written = Ok(());
        let ended = self.runner.run(order, &mut |sight| match sight {
            Sight::Started(process) => {
                let event = Event::StepRunning(StepRunning { step: number, process });
                progress.take(&event);
                written = log.write(event);
            }
            Sight::Printed(..) if step.no_output => {}
            sight => operator.tell(News::Sees(sight)),
        });
        let (mut outcome, mut reason) = judge::judge(&invocation.expect, &ended);
        let mut captured = BTreeMap::new();
        if let (StepOutcome::Done, Some(wanted), false) = (outcome, &step.capture, undo) {
            match judge::capture(wanted, &ended.stdout) {
                Ok(text) => {
                    let value = Value { text: text.clone(), secret: false };
                    self.variables.insert(wanted.name.clone(), value);
                    captured.insert(wanted.name.clone(), text);
                }
                Err(why) => (outcome, reason) = (StepOutcome::Failed, Some(why)),
            }
        }
        let took = Duration::from_milliseconds(ended.milliseconds);
        self.operator.tell(News::Ended { step, outcome, reason: reason.as_deref(), took });
        let (exit, signal) = match ended.how {
            judge::How::Exited(status) => (Some(status), None),
            judge::How::Signalled(signal) => (None, Some(signal)),
            _ => (None, None),
        };
        let kept = !step.no_output;
        self.record(Event::StepEnded(Box::new(StepEnded {
            step: number,
            undo,
            attempt,
            outcome,
            reason: reason.clone(),
            exit,
            signal,
            milliseconds: ended.milliseconds,
            stdout: kept.then_some(ended.stdout),
            stderr: kept.then_some(ended.stderr),
            captured,
        })))?;
        written?;
        Ok((outcome, reason))
    }

    /// Undoes what was done, the last first. What cannot be undone stays, and is named.
    fn undo(
        &mut self,
        outcome: RunOutcome,
        at: Option<u16>,
        reason: String,
    ) -> io::Result<RunEnded> {
        self.operator.tell(News::Undoing);
        for number in self.undoable() {
            let plan = self.plan;
            let Some(step) = plan.steps.iter().find(|step| step.number == number) else { continue };
            let Some(undo) = &step.undo else { continue };
            if self.progress.undo_in_flight == Some(number) {
                match self.operator.fate(step, true, None) {
                    Fate::Done(evidence) => {
                        let attested = StepAttested { step: number, undo: true, evidence };
                        self.record(Event::StepAttested(attested))?;
                        continue;
                    }
                    Fate::Again => {}
                    Fate::Abort | Fate::Refused => {
                        let reason = format!("whether step {number} was undone is not known");
                        return Ok(self.ended(RunOutcome::UndoFailed, Some(number), reason));
                    }
                }
            }
            let undone = match &undo.work {
                Work::Manual => self.manual(step, Some(undo))?,
                Work::Program(invocation) => self.undo_program(step, undo, invocation)?,
                Work::Unclear { why, .. } => self.unstartable(step, true, why)?,
            };
            if let Err(stop) = undone {
                let failed = matches!(stop.outcome, RunOutcome::Failed | RunOutcome::TimedOut);
                let (outcome, reason) = if failed {
                    (RunOutcome::UndoFailed, format!("{reason}; undoing {}", stop.reason))
                } else {
                    (outcome, format!("{reason}; undoing it was stopped at step {number}"))
                };
                return Ok(self.ended(outcome, Some(number), reason));
            }
        }
        let left = self.left();
        let outcome = if left.is_empty() { RunOutcome::Undone } else { outcome };
        Ok(RunEnded { outcome, step: at, left, reason: Some(reason) })
    }

    fn undo_program(
        &mut self,
        step: &Step,
        undo: &Undo,
        invocation: &Invocation,
    ) -> io::Result<Stepped> {
        let order = match self.order(invocation) {
            Ok(order) => order,
            Err(reason) => return self.unstartable(step, true, &reason),
        };
        let question = Question {
            step,
            undo: Some(undo),
            arguments: Some(&order.arguments),
            risk: undo.risk,
            target: &self.plan.target,
            asks: undo.risk > Risk::None,
        };
        match self.operator.confirm(&question) {
            Answer::Go(answer) => {
                let (number, risk) = (step.number, undo.risk);
                let confirmed = StepConfirmed { step: number, undo: true, risk, answer };
                self.record(Event::StepConfirmed(confirmed))?;
            }
            Answer::Skip(reason) => return self.skip(step, true, reason).map(Ok),
            Answer::Abort => return Ok(Err(Stop::aborted())),
            Answer::Refused => {
                return Ok(Err(Stop::refused("undoing has to be confirmed")));
            }
        }
        let (outcome, reason) = self.attempt(step, true, 1, invocation, &order)?;
        if outcome == StepOutcome::Done {
            return Ok(Ok(()));
        }
        if outcome == StepOutcome::Interrupted {
            return Ok(Err(Stop::aborted()));
        }
        let (number, why) = (step.number, reason.unwrap_or_default());
        let reason = format!("step {number} {}: {why}", outcome.name());
        Ok(Err(Stop { outcome: RunOutcome::Failed, reason, may_retry: false }))
    }

    /// Steps that were done and can be undone, the last first.
    fn undoable(&self) -> Vec<u16> {
        let has_undo = |number: &u16| {
            self.plan.steps.iter().any(|step| step.number == *number && step.undo.is_some())
        };
        let done = self.progress.done.iter().rev().copied();
        done.filter(has_undo).filter(|number| !self.progress.undone.contains(number)).collect()
    }

    /// Steps that can have changed something which is still so: they were done and not undone, they failed and are
    /// dangerous, or nobody knows what they did.
    fn left(&self) -> Vec<u16> {
        let risky = self.plan.steps.iter().filter(|step| step.risk > Risk::None);
        let changed = |step: &&Step| match self.progress.steps.get(&step.number) {
            Some(State::Done) => !self.was_undone(step.number),
            Some(State::Unknown { .. }) => true,
            // What failed half-way and could hurt has to be looked at.
            Some(State::Failed | State::Tolerated) => step.risk >= Risk::High,
            Some(State::Skipped) | None => false,
        };
        risky.filter(changed).map(|step| step.number).collect()
    }

    fn was_undone(&self, number: u16) -> bool {
        self.progress.undone.contains(&number) && !self.progress.undo_skipped.contains(&number)
    }

    fn ended(&self, outcome: RunOutcome, step: Option<u16>, reason: String) -> RunEnded {
        RunEnded { outcome, step, left: self.left(), reason: Some(reason) }
    }

    fn skip(&mut self, step: &Step, undo: bool, reason: String) -> io::Result<()> {
        self.operator.tell(News::Skipped { step, reason: &reason });
        self.record(Event::StepSkipped(StepSkipped { step: step.number, undo, reason }))
    }

    fn record(&mut self, event: Event) -> io::Result<()> {
        self.progress.take(&event);
        self.log.write(event)
    }

    /// The program with values.
    fn order(&self, invocation: &Invocation) -> Result<Order, String> {
        let fine = |error: variables::FillError| error.to_string();
        let arguments = variables::arguments(&invocation.arguments, &self.variables);
        let mut environment = BTreeMap::new();
        for (name, value) in &self.variables {
            if value.text.contains('\0') {
                return Err(format!("the value of `{name}` has a NUL in it"));
            }
            environment.insert(name.clone(), value.text.clone());
        }
        for (name, template) in &invocation.environment {
            environment.insert(name.clone(), template.fill(&self.variables).map_err(fine)?);
        }
        let secrets = self.variables.values().filter(|value| value.secret);
        Ok(Order {
            arguments: arguments.map_err(fine)?,
            stdin: invocation.stdin.clone(),
            environment,
            folder: invocation.folder.clone(),
            timeout: invocation.timeout,
            secrets: secrets.map(|value| value.text.clone()).collect(),
        })
    }

    /// How long a program may run, in view of the whole; nothing where no time is left.
    fn time_for(&self, timeout: Duration) -> Option<Duration> {
        let Some(whole) = self.plan.timeout else { return Some(timeout) };
        let left = whole.milliseconds().checked_sub(self.runner.elapsed().milliseconds())?;
        (left > 0).then(|| timeout.min(Duration::from_milliseconds(left)))
    }
}

#[cfg(test)]
mod tests;
