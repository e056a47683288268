//! What has to be said about measurements, on standard error.
use crate::{
    cli::Session,
    kernel::{measure::ReadReport, report::words, time::rfc3339},
};

/// Says on standard error what was assumed, repaired and left out.
pub(super) fn tell_report(session: &mut Session<'_, '_>, name: &str, report: &ReadReport) {
    let read = match report.end {
        Some(end) => {
            format!("{}, the window ends {}", words::plural(report.records, "record"), rfc3339(end))
        }
        None => "nothing to read".to_owned(),
    };
    session.note(&format!("note: {name}: {read}"));
    for line in lines_of(&report.assumptions) {
        session.note(&format!("  {line}"));
    }
    let lines = |count: u64| words::plural(count, "line");
    for (verb, problem) in
        [("could not be read", &report.bad_lines), ("read in part", &report.repaired)]
    {
        if problem.first.is_empty() {
            continue;
        }
        let mut text = format!("{name}: {} {verb}", lines(problem.count));
        for problem in problem.first.iter().take(3) {
            text.push_str(&format!("\n  {}:{}: {}", problem.input, problem.line, problem.reason));
        }
        if problem.count > 3 {
            text.push_str("\n  …");
        }
        if verb == "could not be read" {
            session.warn(&format!("warning: {text}"));
        } else {
            session.note(&format!("note: {text}"));
        }
    }
    if report.disorder.lines > 0 {
        session.detail(&format!(
            "note: {name}: {} older than the line before, by at most {}",
            lines(report.disorder.lines),
            report.disorder.furthest
        ));
    }
    if report.excluded.after_now > 0 {
        let records = words::plural(report.excluded.after_now, "record");
        session.warn(&format!("warning: {name}: {records} later than the present left out"));
    }
    for (count, why) in [
        (report.excluded.after_end, "at or after the end asked for"),
        (report.excluded.before_lookback, "before the longest window"),
    ] {
        if count > 0 {
            session.detail(&format!(
                "note: {name}: {} {why} left out",
                words::plural(count, "record")
            ));
        }
    }
}

/// Sentences in as few lines as fit a narrow terminal.
fn lines_of(sentences: &[String]) -> Vec<String> {
    const WIDTH: usize = 76;
    let mut lines: Vec<String> = Vec::new();
    for sentence in sentences {
        match lines.last_mut() {
            Some(line) if line.chars().count() + sentence.chars().count() + 2 <= WIDTH => {
                line.push_str(&format!("; {sentence}"));
            }
            _ => lines.push(sentence.clone()),
        }
    }
    lines
}
