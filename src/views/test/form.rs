//! The machine form `sre/test@1`. Fields are never left out: what is not known is null.
use super::{Counts, NOTHING, TestedDocument};
use crate::kernel::{
    expectation::Tested,
    report::Form,
    source::{Place, SourceMap},
};
use schemars::JsonSchema;
use serde::Serialize;

/// The expectations that documents carry, and how they came out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestAnswer {
    /// Tests that passed.
    passed: usize,
    /// Tests that failed.
    failed: usize,
    /// Documents that could carry tests, and carry none.
    without_tests: Vec<String>,
    /// The tests.
    items: Vec<TestItem>,
}

impl Form for TestAnswer {
    const SCHEMA: &'static str = "sre/test@1";
}

/// A test.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Test")]
struct TestItem {
    /// Kind of its document.
    kind: &'static str,
    /// Name of its document.
    document: String,
    /// What it is called.
    name: String,
    /// Whether everything is as expected.
    passed: bool,
    /// The file.
    path: String,
    /// The line on which it stands, from 1.
    line: usize,
    /// Why it has not passed although no expectation failed; null else.
    failure: Option<&'static str>,
    /// What it expects.
    checks: Vec<CheckItem>,
}

/// An expectation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct CheckItem {
    /// What is expected, in words.
    expected: String,
    /// Whether it is so.
    passed: bool,
    /// What was found instead; null where it is as expected.
    failure: Option<String>,
    /// The line on which it stands, from 1.
    line: usize,
}

impl TestAnswer {
    /// The form of these tests.
    pub(super) fn of(tested: &[TestedDocument<'_>], sources: &SourceMap) -> Self {
        let counts = Counts::of(tested);
        let without = tested.iter().filter(|one| one.tests.is_empty());
        Self {
            passed: counts.passed,
            failed: counts.failed,
            without_tests: without.map(|one| one.document.name().to_owned()).collect(),
            items: tested
                .iter()
                .flat_map(|one| one.tests.iter().map(|test| TestItem::of(one, test, sources)))
                .collect(),
        }
    }
}

impl TestItem {
    fn of(owner: &TestedDocument<'_>, test: &Tested, sources: &SourceMap) -> Self {
        let line = |place: Place| sources.position(place).line;
        Self {
            kind: owner.document.kind.name,
            document: owner.document.name().to_owned(),
            name: test.name.clone(),
            passed: test.passed(),
            path: sources.name(test.place.source).to_owned(),
            line: line(test.place),
            failure: test.checks.is_empty().then_some(NOTHING),
            checks: test
                .checks
                .iter()
                .map(|check| CheckItem {
                    expected: check.expected.clone(),
                    passed: check.failure.is_none(),
                    failure: check.failure.clone(),
                    line: line(check.place),
                })
                .collect(),
        }
    }
}
