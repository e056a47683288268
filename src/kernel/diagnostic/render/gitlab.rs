//! GitLab's code-quality report: one JSON list.
use super::{lines::Lines, portable};
use crate::kernel::{
    diagnostic::{Diagnostic, Level, baseline},
    source::SourceMap,
};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: usize,
    end: usize,
}

/// Prints the problems as a list of issues.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let lines = Lines::of(texts, diagnostics);
    let issues: Vec<Issue> = diagnostics
        .iter()
        .zip(baseline::fingerprints(texts, diagnostics))
        .map(|(diagnostic, print)| issue(&lines, diagnostic, print))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(lines: &Lines<'_>, diagnostic: &Diagnostic, fingerprint: String) -> Issue {
    let finding = &diagnostic.finding;
    let (start, end) = lines.positions(finding.primary.place);
    let description = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    Issue {
        description,
        check_name: finding.rule.name,
        fingerprint,
        severity: match diagnostic.level {
            Level::Error => "major",
            Level::Warning => "minor",
            Level::Note | Level::Off => "info",
        },
        location: Location {
            path: portable(lines.name(finding.primary.place.source)),
            lines: LineRange { begin: start.line, end: end.line },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::kernel::diagnostic::render::{Format, Options};

    #[test]
    fn one_issue_each() {
        let (map, mut diagnostics) = example();
        diagnostics.remove(1);
        let text = rendered(Format::Gitlab, &map, &diagnostics[..2], &Options::default());
        expect(
            &text,
            r#"
[
  {
    "description": "unknown field `targt`; did you mean `target`?",
    "check_name": "unknown-field",
    "fingerprint": "48471772a2d7ac1b0eb87e517d788daa",
    "severity": "major",
    "location": {
      "path": "specs/slo/checkout.yaml",
      "lines": {
        "begin": 6,
        "end": 6
      }
    }
  },
  {
    "description": "another SLO is called `checkout`; rename one of the two, or remove it",
    "check_name": "slo-without-runbook",
    "fingerprint": "c6561133db22080c61d5cca212e826af",
    "severity": "minor",
    "location": {
      "path": "specs/slo/a b.yaml",
      "lines": {
        "begin": 3,
        "end": 3
      }
    }
  }
]
"#,
        );
    }
}
