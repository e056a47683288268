//! What the exit code says.
use crate::kernel::report::Verdict;

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
}

impl Exit {
    /// All of them, with what they mean, in the order of their codes.
    pub const ALL: [(Self, &'static str); 5] = [
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
    ];

    /// The code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Found => 1,
            Self::Input => 2,
            Self::Environment => 3,
            Self::NoVerdict => 4,
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
        };
        if rank(other) > rank(self) { other } else { self }
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
