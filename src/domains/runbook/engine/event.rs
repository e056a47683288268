//! What is recorded of a run, in the order in which it happened.
use super::plan::Risk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run began.
    RunStarted(Box<RunStarted>),
    /// A run went on after an interruption.
    RunResumed(Box<RunResumed>),
    /// The operator answered a question before a step.
    StepConfirmed(StepConfirmed),
    /// A step was passed over.
    StepSkipped(StepSkipped),
    /// A person did a step, or says that it is done.
    StepAttested(StepAttested),
    /// A program is about to be started. Written before it is, and on the disk by then.
    StepStarted(StepStarted),
    /// It runs.
    StepRunning(StepRunning),
    /// It ended.
    StepEnded(Box<StepEnded>),
    /// The run ended.
    RunEnded(RunEnded),
}

/// A run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// Name of the run, which is unique.
    pub run: String,
    /// The runbook.
    pub runbook: String,
    /// What it works on.
    pub target: String,
    /// SHA-256 of the text of the runbook, in hexadecimal.
    pub runbook_hash: String,
    /// The text of the runbook.
    pub runbook_text: String,
    /// Values of parameters; null for secrets.
    pub parameters: BTreeMap<String, Option<String>>,
    /// Numbers and words of the steps.
    pub steps: Vec<StepName>,
    /// Who runs it.
    pub operator: String,
    /// The machine that it runs on.
    pub host: String,
    /// The commit whose file it is; null outside of a git repository.
    pub revision: Option<String>,
    /// Whether somebody answers questions.
    pub interactive: bool,
    /// The incident that it is run for.
    pub incident: Option<String>,
    /// The version of `sre`.
    pub version: String,
}

/// A step as it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepName {
    /// Its number.
    pub step: u16,
    /// What it does, in words.
    pub action: String,
}

/// A run went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResumed {
    /// Who resumed it.
    pub operator: String,
    /// The machine that it runs on.
    pub host: String,
    /// Whether somebody answers questions.
    pub interactive: bool,
    /// SHA-256 of the text of the runbook as it is now.
    pub runbook_hash: String,
    /// The text of the runbook, where it has changed and the change was accepted.
    pub changed_text: Option<String>,
}

/// An answer to the question before a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepConfirmed {
    /// The step.
    pub step: u16,
    /// Whether it is about undoing the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// The risk that was shown.
    pub risk: Risk,
    /// How it was answered: `yes`, or `allowed` where nobody was asked.
    pub answer: String,
}

/// A step was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSkipped {
    /// The step.
    pub step: u16,
    /// Whether it is about undoing the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// Why.
    pub reason: String,
}

/// A person did a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAttested {
    /// The step.
    pub step: u16,
    /// Whether it is about undoing the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// What shows that it was done.
    pub evidence: String,
}

/// A program is about to be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStarted {
    /// The step.
    pub step: u16,
    /// Whether it undoes the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// Which attempt it is, from 1.
    pub attempt: u16,
    /// The program and its arguments; secrets are in none of them.
    pub arguments: Vec<String>,
    /// Names of the variables that it gets beside those that all programs get.
    pub environment: Vec<String>,
    /// What it reads from standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// The folder that it works in.
    pub folder: String,
}

/// A program runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRunning {
    /// The step.
    pub step: u16,
    /// The number of its process, which is that of its process group.
    pub process: u32,
}

/// A program ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepEnded {
    /// The step.
    pub step: u16,
    /// Whether it undoes the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// Which attempt it was.
    pub attempt: u16,
    /// What became of it.
    pub outcome: StepOutcome,
    /// Why, where it did not do what was expected.
    pub reason: Option<String>,
    /// Its exit status.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it ran, by a clock that only goes forward.
    pub milliseconds: u64,
    /// What it printed; null where nothing is kept.
    pub stdout: Option<Output>,
    /// What it complained of.
    pub stderr: Option<Output>,
    /// Values that later steps use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub captured: BTreeMap<String, String>,
}

/// What a program printed into one stream, without secrets and as plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// How many bytes came.
    pub bytes: u64,
    /// SHA-256 of all of them, secrets taken out, in hexadecimal.
    pub sha256: String,
    /// The text, or its beginning.
    pub text: String,
    /// The end of the text, where something between the two is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<String>,
    /// How many bytes between the two are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: u64,
    /// Whether something that the program left behind held the stream open when it was given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_open: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What became of a step.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It did what was expected.
    Done,
    /// It did not.
    Failed,
    /// It was ended when its time was over: what it has done is not known.
    TimedOut,
    /// The operator ended it: what it has done is not known.
    Interrupted,
    /// Nobody saw its end: what it has done is not known.
    Unknown,
    /// It was passed over.
    Skipped,
}

impl StepOutcome {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }
}

/// The run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnded {
    /// How.
    pub outcome: RunOutcome,
    /// The step at which, where it did not succeed.
    pub step: Option<u16>,
    /// Steps that were done, can change something and were not undone, where the run did not succeed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<u16>,
    /// Why, where it did not succeed.
    pub reason: Option<String>,
}

/// How a run ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every step was done or passed over.
    Succeeded,
    /// A step failed.
    Failed,
    /// A step took too long.
    TimedOut,
    /// The operator stopped it.
    Aborted,
    /// A step would have needed an answer that nobody was there to give.
    Refused,
    /// It did not succeed, and everything that was done has been undone.
    Undone,
    /// It did not succeed, and undoing failed.
    UndoFailed,
}

impl RunOutcome {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Aborted => "aborted",
            Self::Refused => "refused",
            Self::Undone => "undone",
            Self::UndoFailed => "undo failed",
        }
    }
}
