//! How much a change matters.
use crate::kernel::report::{Cell, State};
use std::{fmt, str::FromStr};

/// How much a change matters to those who rely on what is promised, least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing that is computed changes.
    #[default]
    Cosmetic,
    /// More is promised, or alerts come sooner.
    Tightened,
    /// Something else is computed than before; whether more or less cannot be said of documents alone.
    Changed,
    /// Less is promised, or alerts come later or not at all.
    Loosened,
    /// What others rely on is gone or has another name, or a customer is promised less.
    Breaking,
}

impl Level {
    /// All levels, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Breaking, Self::Loosened, Self::Changed, Self::Tightened, Self::Cosmetic];

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Tightened => "tightened",
            Self::Changed => "changed",
            Self::Loosened => "loosened",
            Self::Breaking => "breaking",
        }
    }

    /// That of something that got larger: `larger` then, and its opposite where it got smaller.
    pub(super) fn by_order(order: std::cmp::Ordering, larger: Self, smaller: Self) -> Self {
        match order {
            std::cmp::Ordering::Less => smaller,
            std::cmp::Ordering::Equal => Self::Cosmetic,
            std::cmp::Ordering::Greater => larger,
        }
    }

    pub(super) fn cell(self) -> Cell {
        match self {
            Self::Breaking => Cell::bad(self.name()),
            Self::Loosened => Cell::warning(self.name()),
            Self::Tightened => Cell::good(self.name()),
            Self::Changed => Cell::State(State::muted(self.name())),
            Self::Cosmetic => Cell::muted(self.name()),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// From which level on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn(
    /// The least level that fails; `None`: none does.
    pub Option<Level>,
);

impl FailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 6] =
        ["cosmetic", "tightened", "changed", "loosened", "breaking", "never"];
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let level = Level::ALL.into_iter().find(|level| level.name() == text);
        let unknown = || format!("`{text}` is not one of {}", Self::NAMES.join(", "));
        level.map(|level| Self(Some(level))).ok_or_else(unknown)
    }
}
