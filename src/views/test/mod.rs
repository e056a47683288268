//! `sre test`: the expectations that documents carry, run and reported.
//!
//! A kind whose documents carry expectations adds a line to [`RUNNERS`]: how they are run. Everything
//! else (which documents, tables, JSON, JUnit, exit codes) is the same for all.
mod form;
mod junit;

pub use form::TestAnswer;
pub use junit::junit;

use crate::{
    domains::{oncall, slo},
    kernel::{
        expectation::Tested,
        report::{Block, Cell, Column, Report, Table, Text, Verdict, words},
        settings::Settings,
        source::{Place, SourceMap},
        spec::{Catalog, Document, Target as _},
        units::Instant,
    },
};

/// How the expectations of documents of one kind are run.
#[derive(Clone, Copy, Debug)]
pub struct Runner {
    /// The kind.
    pub kind: &'static str,
    /// Runs those of one document.
    pub run: fn(&Catalog, &Settings, Instant, &Document) -> Vec<Tested>,
}

/// The kinds whose documents carry expectations.
pub static RUNNERS: &[Runner] = &[
    Runner {
        kind: slo::spec::ServiceLevelObjective::KIND,
        run: |catalog, settings, _, document| slo::tested::tests(catalog, settings, document),
    },
    Runner {
        kind: oncall::spec::Rotation::KIND,
        run: |catalog, _, now, document| oncall::tested::tests(catalog, now, document),
    },
];

/// The tests of one document.
#[derive(Debug)]
pub struct TestedDocument<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its tests, in their order; none where it carries none.
    pub tests: Vec<Tested>,
}

/// Runs the expectations of documents, as far as their kinds can carry some.
pub fn run<'a>(
    catalog: &Catalog,
    settings: &Settings,
    now: Instant,
    documents: impl IntoIterator<Item = &'a Document>,
) -> Vec<TestedDocument<'a>> {
    let run = |document: &'a Document| {
        let runner = RUNNERS.iter().find(|runner| runner.kind == document.kind.name)?;
        Some(TestedDocument { document, tests: (runner.run)(catalog, settings, now, document) })
    };
    documents.into_iter().filter_map(run).collect()
}

/// What is counted.
struct Counts {
    passed: usize,
    failed: usize,
    checks: usize,
    without: usize,
}

impl Counts {
    fn of(tested: &[TestedDocument<'_>]) -> Self {
        let tests = || tested.iter().flat_map(|one| &one.tests);
        Self {
            passed: tests().filter(|test| test.passed()).count(),
            failed: tests().filter(|test| !test.passed()).count(),
            checks: tests().map(|test| test.checks.len()).sum(),
            without: tested.iter().filter(|one| one.tests.is_empty()).count(),
        }
    }

    fn verdict(&self) -> Verdict {
        if self.failed > 0 { Verdict::Found } else { Verdict::Pass }
    }

    fn sentence(&self) -> String {
        let plural = |count: usize, noun: &str| words::plural(count as u64, noun);
        let mut text = format!(
            "{} passed, {} failed, {}",
            plural(self.passed, "test"),
            self.failed,
            plural(self.checks, "expectation")
        );
        if self.without > 0 {
            text += &format!("; {} without tests", plural(self.without, "document"));
        }
        text
    }
}

/// Where something stands: `specs/a.yaml:12`.
fn shown(sources: &SourceMap, place: Place) -> String {
    format!("{}:{}", sources.name(place.source), sources.position(place).line)
}

/// Why a test without a failed expectation has not passed.
const NOTHING: &str =
    "it expects nothing, and cannot fail; write `then: [{at: 5m, fires: [page]}]`";

/// The answer.
pub fn report(tested: &[TestedDocument<'_>], sources: &SourceMap) -> Report {
    let counts = Counts::of(tested);
    let mut table = Table::new().main().columns([
        Column::new("Document").middle(),
        Column::new("Test"),
        Column::new("Expectations").key("checks").priority(2),
        Column::new("Where").middle().priority(1),
        Column::new("State"),
    ]);
    let mut lines = Vec::new();
    for one in tested {
        for test in &one.tests {
            let name = one.document.name();
            table.push(vec![
                Cell::name(name),
                Cell::text(test.name.as_str()),
                Cell::count(test.checks.len() as u64),
                Cell::muted(shown(sources, test.place)),
                if test.passed() { Cell::good("passed") } else { Cell::bad("failed") },
            ]);
            let told = |text: Text, message: &str| text.plain(format!(": {message}"));
            if test.checks.is_empty() {
                lines.push(told(Text::new().name(name), NOTHING));
            }
            for check in test.failures() {
                let text = Text::new().name(name).plain(" ").strong(check.expected.as_str());
                let message = check.failure.as_deref().unwrap_or_default();
                let place = shown(sources, check.place);
                lines.push(told(text, &format!("{message} ({place})")));
            }
        }
    }
    let report = Report::of(&TestAnswer::of(tested, sources)).verdict(counts.verdict());
    let report = if table.is_empty() { report } else { report.block(table) };
    let report = if lines.is_empty() { report } else { report.block(Block::list(lines)) };
    report.block(Block::paragraph(Text::new().muted(counts.sentence())))
}
