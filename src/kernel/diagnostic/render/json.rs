//! `sre/validate@1`: our own JSON, for programs.
use super::{Options, lines::Lines};
use crate::kernel::{
    diagnostic::{Diagnostic, Edit, Label, Tally},
    report::Form,
    source::{Place, SourceMap},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::io;

/// The name and version of this form.
pub const SCHEMA: &str = "sre/validate@1";

/// Everything that a run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// `sre/validate@1`.
    pub schema: String,
    /// The problems, by path and place.
    pub diagnostics: Vec<Problem>,
    /// How many there are.
    pub summary: Summary,
}

impl Form for Report {
    const SCHEMA: &'static str = SCHEMA;
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// The rule's stable code, such as `SLO004`.
    pub code: String,
    /// The rule's name, such as `slo-without-runbook`.
    pub name: String,
    /// `error`, `warning` or `note`.
    pub level: String,
    /// What is wrong, on one line.
    pub message: String,
    /// What is to be seen at the place; null where the message says it all.
    pub label: Option<String>,
    /// Where it is wrong.
    #[serde(flatten)]
    pub location: Location,
    /// What to do; null where that is not known.
    pub help: Option<String>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// A change that mends it; null where there is none.
    pub fix: Option<Fix>,
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Location {
    /// Path of the file, as it was named or found.
    pub path: String,
    /// Line of the first character, from 1.
    pub line: usize,
    /// Column of the first character, from 1, counted in characters.
    pub column: usize,
    /// Line of the end, from 1.
    pub end_line: usize,
    /// Column behind the last character, from 1, counted in characters.
    pub end_column: usize,
    /// The same stretch in bytes.
    pub bytes: Bytes,
}

/// A stretch of a text in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Bytes {
    /// First byte, from 0.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
}

/// Another place that explains a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Related {
    /// What is to be seen there.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub location: Location,
}

/// A change that mends a problem: replace the stretch by the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fix {
    /// What is replaced.
    #[serde(flatten)]
    pub location: Location,
    /// By what.
    pub text: String,
    /// Whether `--fix` makes the change; otherwise it is a guess to be looked at.
    pub automatic: bool,
}

/// How many problems there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Problems that can be mended by `--fix`.
    pub fixable: usize,
    /// Problems that a baseline has hidden; they are not counted above.
    pub hidden: usize,
}

/// Prints the problems as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    options: &Options,
    out: &mut impl io::Write,
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &report(texts, diagnostics, options))?;
    writeln!(out)
}

/// The problems as a value.
pub fn report(texts: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> Report {
    let lines = Lines::of(texts, diagnostics);
    let tally = Tally::of(diagnostics);
    let fixable = |diagnostic: &&Diagnostic| {
        diagnostic.finding.rule.fixable && diagnostic.finding.fix.is_some()
    };
    Report {
        schema: SCHEMA.to_owned(),
        diagnostics: diagnostics.iter().map(|diagnostic| problem(&lines, diagnostic)).collect(),
        summary: Summary {
            files: texts.iter().count(),
            errors: tally.errors,
            warnings: tally.warnings,
            notes: tally.notes,
            fixable: diagnostics.iter().filter(fixable).count(),
            hidden: options.hidden,
        },
    }
}

fn problem(lines: &Lines<'_>, diagnostic: &Diagnostic) -> Problem {
    let finding = &diagnostic.finding;
    let related = |label: &Label| Related {
        message: label.text.clone(),
        location: location(lines, label.place),
    };
    let fix = |edit: &Edit| Fix {
        location: location(lines, edit.place),
        text: edit.text.clone(),
        automatic: finding.rule.fixable,
    };
    Problem {
        code: finding.rule.code.to_owned(),
        name: finding.rule.name.to_owned(),
        level: diagnostic.level.to_string(),
        message: finding.message.clone(),
        label: Some(finding.primary.text.clone()).filter(|text| !text.is_empty()),
        location: location(lines, finding.primary.place),
        help: finding.help.clone(),
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().map(fix),
    }
}

fn location(lines: &Lines<'_>, place: Place) -> Location {
    let (start, end) = lines.positions(place);
    let bytes = Bytes { start: place.start as usize, end: place.end as usize };
    Location {
        path: lines.name(place.source).to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::render::Format;

    #[test]
    fn says_everything_about_a_problem() {
        let (map, diagnostics) = example();
        let options = Options { hidden: 2, ..Options::default() };
        let text = rendered(Format::Json, &map, &diagnostics[..1], &options);
        expect(
            &text,
            r#"
{
  "schema": "sre/validate@1",
  "diagnostics": [
    {
      "code": "DOC003",
      "name": "unknown-field",
      "level": "error",
      "message": "unknown field `targt`",
      "label": null,
      "path": "specs/slo/checkout.yaml",
      "line": 6,
      "column": 3,
      "end_line": 6,
      "end_column": 8,
      "bytes": {
        "start": 78,
        "end": 83
      },
      "help": "did you mean `target`?",
      "related": [],
      "fix": {
        "path": "specs/slo/checkout.yaml",
        "line": 6,
        "column": 3,
        "end_line": 6,
        "end_column": 8,
        "bytes": {
          "start": 78,
          "end": 83
        },
        "text": "target",
        "automatic": false
      }
    }
  ],
  "summary": {
    "files": 3,
    "errors": 1,
    "warnings": 0,
    "notes": 0,
    "fixable": 0,
    "hidden": 2
  }
}
"#,
        );
    }

    #[test]
    fn agrees_with_its_schema() {
        let (map, diagnostics) = example();
        let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
        for shown in [&diagnostics[..], &[]] {
            let text = rendered(Format::Json, &map, shown, &Options::default());
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            jsonschema::draft202012::validate(&schema, &value).unwrap();
            assert_eq!(value["diagnostics"].as_array().unwrap().len(), shown.len());
        }
    }
}
