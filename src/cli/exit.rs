//! What the exit code says.
use crate::{domains::runbook::engine::event::RunOutcome, kernel::report::Verdict};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to act on.
    Success,
    /// Something was found: a problem at or above `--fail-on`, a budget spent beyond what is allowed.
    Found,
    /// The input is wrong: the command line, an unreadable file, a document with errors.
    Input,
    /// The surroundings failed: a full disk, a server that does not answer.
    Environment,
    /// No verdict: the measurements do not allow the one that was asked for.
    NoVerdict,
    /// A step of a runbook failed.
    RunFailed,
    /// A step of a runbook, or the whole of it, took too long.
    RunTimedOut,
    /// The operator stopped a runbook.
    RunAborted,
    /// A runbook needs an answer that nobody is there to give, or is not the one that was begun.
    RunRefused,
    /// A runbook did not succeed, and everything that it did is undone.
    RunUndone,
    /// A runbook did not succeed, and undoing it failed.
    RunUndoFailed,
    /// What a runbook requires is not so; nothing was run.
    RunRequirement,
    /// The runbook is being run on the same target, or such a run did not end.
    RunLocked,
}

impl Exit {
    /// All of them, with what they mean, in the order of their codes.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Success, "nothing to act on"),
        (
            Self::Found,
            "found something: a problem at or above --fail-on, a budget spent beyond what is allowed",
        ),
        (
            Self::Input,
            "the input is wrong: the command line, an unreadable file, a document with errors",
        ),
        (Self::Environment, "the surroundings failed: a full disk, a server that does not answer"),
        (Self::NoVerdict, "no verdict: the measurements do not allow the one that was asked for"),
        (Self::RunFailed, "runbook: a step failed"),
        (Self::RunTimedOut, "runbook: a step, or all of it, took too long"),
        (Self::RunAborted, "runbook: the operator stopped it"),
        (
            Self::RunRefused,
            "runbook: refused, for nobody is there to answer, or it is not the one that was begun",
        ),
        (Self::RunUndone, "runbook: it did not succeed, and everything that it did is undone"),
        (Self::RunUndoFailed, "runbook: it did not succeed, and undoing failed"),
        (Self::RunRequirement, "runbook: what it requires is not so; nothing was run"),
        (Self::RunLocked, "runbook: it is being run on the same target, or such a run did not end"),
    ];

    /// The code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Found => 1,
            Self::Input => 2,
            Self::Environment => 3,
            Self::NoVerdict => 4,
            Self::RunFailed => 10,
            Self::RunTimedOut => 11,
            Self::RunAborted => 12,
            Self::RunRefused => 13,
            Self::RunUndone => 14,
            Self::RunUndoFailed => 15,
            Self::RunRequirement => 16,
            Self::RunLocked => 17,
        }
    }

    /// The one that stands when both apply: wrong input before failed surroundings before findings
    /// before no verdict.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Success => 0,
            Self::NoVerdict => 1,
            Self::Found => 2,
            Self::Environment => 3,
            Self::Input => 4,
            // What became of production stands before everything else.
            Self::RunFailed
            | Self::RunTimedOut
            | Self::RunAborted
            | Self::RunRefused
            | Self::RunUndone
            | Self::RunUndoFailed
            | Self::RunRequirement
            | Self::RunLocked => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<RunOutcome> for Exit {
    fn from(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Succeeded => Self::Success,
            RunOutcome::Failed => Self::RunFailed,
            RunOutcome::TimedOut => Self::RunTimedOut,
            RunOutcome::Aborted => Self::RunAborted,
            RunOutcome::Refused => Self::RunRefused,
            RunOutcome::Undone => Self::RunUndone,
            RunOutcome::UndoFailed => Self::RunUndoFailed,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Success,
            Verdict::Undecided => Self::NoVerdict,
            Verdict::Found => Self::Found,
        }
    }
}
