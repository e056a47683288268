//! Expectations that documents carry about themselves, and how they came out: what `sre test` reports,
//! whatever the kind of document.
use crate::kernel::source::Place;

/// One test of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What it expects, in the order in which it is written. A test without any cannot fail, and has
    /// failed.
    pub checks: Vec<Checked>,
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What is expected, in words: `at 1h5m: page-1h fires`.
    pub expected: String,
    /// Where it stands.
    pub place: Place,
    /// What was found instead; `None` where it is as expected.
    pub failure: Option<String>,
}

impl Tested {
    /// Whether everything is as expected.
    pub fn passed(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.failure.is_none())
    }

    /// What failed.
    pub fn failures(&self) -> impl Iterator<Item = &Checked> {
        self.checks.iter().filter(|check| check.failure.is_some())
    }
}
