//! JUnit's XML, which CI servers show as tests: one test case for each test of a document.
use super::{Counts, NOTHING, TestedDocument, shown};
use crate::kernel::{expectation::Tested, report::xml, source::SourceMap};
use std::fmt::Write as _;

/// The tests as JUnit's XML.
pub fn junit(tested: &[TestedDocument<'_>], sources: &SourceMap) -> String {
    let counts = Counts::of(tested);
    let all = counts.passed + counts.failed;
    let numbers = format!("tests=\"{all}\" failures=\"{}\" errors=\"0\"", counts.failed);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"sre\" {numbers}>");
    let _ = writeln!(text, "  <testsuite name=\"sre test\" {numbers} skipped=\"0\">");
    for one in tested {
        for test in &one.tests {
            let title = format!("{} {}", one.document.kind.name, one.document.name());
            test_case(&mut text, &title, test, sources);
        }
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn test_case(out: &mut String, document: &str, test: &Tested, sources: &SourceMap) {
    let (class, name) = (xml::escape(document), xml::escape(&test.name));
    let file = xml::escape(sources.name(test.place.source));
    let line = sources.position(test.place).line;
    let _ = write!(
        out,
        "    <testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{line}\""
    );
    if test.passed() {
        out.push_str("/>\n");
        return;
    }
    let failures: Vec<String> = test
        .failures()
        .map(|check| {
            let message = check.failure.as_deref().unwrap_or_default();
            format!("{}: {}: {message}", shown(sources, check.place), check.expected)
        })
        .collect();
    let count = failures.len();
    let (message, told) = match count {
        0 => ("it expects nothing".to_owned(), NOTHING.to_owned()),
        _ => (format!("{count} of {} expectations", test.checks.len()), failures.join("\n")),
    };
    let _ =
        writeln!(out, ">\n      <failure message=\"{message}\">{}</failure>", xml::escape(&told));
    out.push_str("    </testcase>\n");
}
