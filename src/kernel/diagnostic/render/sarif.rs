//! SARIF 2.1.0, which code-scanning services read.
//!
//! Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
use super::{lines::Lines, portable};
use crate::kernel::{
    diagnostic::{Diagnostic, Edit, Label, Level, Rule, baseline},
    source::{Place, SourceMap},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write as _, io};

/// The folder that paths are relative to: the one in which the program was started.
const BASE: &str = "%SRCROOT%";

/// The name under which GitHub looks for what tells that a result is an old one.
const FINGERPRINT: &str = "primaryLocationLineHash";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleEntry {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Pointer; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Pointer>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pointer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Text,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

/// Prints the problems as one SARIF log with one run, and with the pages of the rules that found them: those of
/// all rules are most of a megabyte.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let rules: BTreeMap<&str, &'static Rule> =
        diagnostics.iter().map(|it| (it.finding.rule.code, it.finding.rule)).collect();
    let index: BTreeMap<&str, usize> =
        rules.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let lines = Lines::of(texts, diagnostics);
    let results = diagnostics
        .iter()
        .zip(baseline::fingerprints(texts, diagnostics))
        .map(|(diagnostic, print)| outcome(&lines, diagnostic, &index, print))
        .collect();
    let driver = Driver {
        name: "sre",
        semantic_version: env!("CARGO_PKG_VERSION"),
        rules: rules.values().map(|rule| description(rule)).collect(),
    };
    let base = Base { description: text("the folder in which `sre` was started") };
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BTreeMap::from([(BASE, base)]),
        results,
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn description(rule: &Rule) -> RuleEntry {
    let summary = rule.summary().split_whitespace().collect::<Vec<_>>().join(" ");
    let short = summary.split_once(". ").map_or(summary.as_str(), |(first, _)| first);
    let level = level(rule.level);
    RuleEntry {
        id: rule.code,
        name: rule.name,
        short_description: text(short.trim_end_matches('.')),
        full_description: text(&summary),
        help: Help { text: rule.page, markdown: rule.page },
        default_configuration: Configuration { enabled: rule.level != Level::Off, level },
    }
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
        Level::Off => "none",
    }
}

fn outcome(
    lines: &Lines<'_>,
    diagnostic: &Diagnostic,
    index: &BTreeMap<&str, usize>,
    fingerprint: String,
) -> Outcome {
    let finding = &diagnostic.finding;
    let related = |(at, label): (usize, &Label)| location(lines, label, Some(at + 1));
    let message = match &finding.help {
        Some(help) => format!("{}\n\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let help = finding.help.as_deref().unwrap_or("mend it");
    Outcome {
        rule_id: finding.rule.code,
        rule_index: index.get(finding.rule.code).copied().unwrap_or(0),
        level: level(diagnostic.level),
        message: text(&message),
        locations: [location(lines, &finding.primary, None)],
        related_locations: finding.related.iter().enumerate().map(related).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint)]),
        fixes: finding.fix.iter().map(|edit| fix(lines, edit, help)).collect(),
    }
}

fn location(lines: &Lines<'_>, label: &Label, id: Option<usize>) -> Pointer {
    Pointer {
        id,
        physical_location: PhysicalLocation {
            artifact_location: artifact(lines.name(label.place.source)),
            region: region(lines, label.place),
        },
        message: Some(text(&label.text)).filter(|message| !message.text.is_empty()),
    }
}

fn fix(lines: &Lines<'_>, edit: &Edit, help: &str) -> Fix {
    let replacement = Replacement {
        deleted_region: region(lines, edit.place),
        inserted_content: text(&edit.text),
    };
    let change = ArtifactChange {
        artifact_location: artifact(lines.name(edit.place.source)),
        replacements: [replacement],
    };
    Fix { description: text(help), artifact_changes: [change] }
}

fn region(lines: &Lines<'_>, place: Place) -> Region {
    let (start, end) = lines.positions(place);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// A path as a URI reference; one that begins at the root of the file system has no base.
fn artifact(name: &str) -> ArtifactLocation {
    let path = portable(name);
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{}", encode(&path)), uri_base_id: None };
    }
    ArtifactLocation { uri: encode(&path), uri_base_id: Some(BASE) }
}

/// Percent-encodes what may not stand in a path of a URI, and the colon, which would make the first
/// part a scheme (RFC 3986, sections 2.3 and 4.2).
fn encode(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("writing to a string cannot fail");
        }
        uri
    })
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::render::{Format, Options};

    #[test]
    fn a_log_with_two_files() {
        let (map, mut diagnostics) = example();
        diagnostics.remove(1);
        let text = rendered(Format::Sarif, &map, &diagnostics[..2], &Options::default());
        let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        expect(&text, LOG);
    }

    #[test]
    fn fingerprints_survive_moved_lines() {
        let prints = |text: &str| {
            let mut map = SourceMap::default();
            let source = map.add("x.yaml", text);
            let finding =
                crate::kernel::diagnostic::Finding::new(&RULE, place(&map, source, "b", 0), "m");
            let diagnostics = [Diagnostic { level: Level::Note, finding }];
            let log = rendered(Format::Sarif, &map, &diagnostics, &Options::default());
            let log: serde_json::Value = serde_json::from_str(&log).unwrap();
            log["runs"][0]["results"][0]["partialFingerprints"].to_string()
        };
        assert_eq!(prints("a: 1\nb: 2\n"), prints("# a\n\n\n  b: 2"));
        assert_ne!(prints("a: 1\nb: 2\n"), prints("a: 1\nb: 3\n"));
    }

    #[test]
    fn paths_are_encoded() {
        let uri = |name| artifact(name).uri;
        assert_eq!(uri("./specs/a b#1.yaml"), "specs/a%20b%231.yaml");
        assert_eq!(uri("specs\\größe.yaml"), "specs/gr%C3%B6%C3%9Fe.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(uri("/etc/sre/a.yaml"), "file:///etc/sre/a.yaml");
    }

    const LOG: &str = r##"
{
  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "sre",
          "semanticVersion": "VERSION",
          "rules": [
            {
              "id": "DOC003",
              "name": "unknown-field",
              "shortDescription": {
                "text": "Finds fields that a kind does not have"
              },
              "fullDescription": {
                "text": "Finds fields that a kind does not have."
              },
              "help": {
                "text": "# unknown-field\n\nFinds fields that a kind does not have.\n",
                "markdown": "# unknown-field\n\nFinds fields that a kind does not have.\n"
              },
              "defaultConfiguration": {
                "enabled": true,
                "level": "error"
              }
            },
            {
              "id": "SLO004",
              "name": "slo-without-runbook",
              "shortDescription": {
                "text": "Finds an SLO that names no runbook"
              },
              "fullDescription": {
                "text": "Finds an SLO that names no runbook."
              },
              "help": {
                "text": "# slo-without-runbook\n\nFinds an SLO that names no runbook.\n\n## Why it matters\n\nSomeone is paged at 3 a.m.\n",
                "markdown": "# slo-without-runbook\n\nFinds an SLO that names no runbook.\n\n## Why it matters\n\nSomeone is paged at 3 a.m.\n"
              },
              "defaultConfiguration": {
                "enabled": true,
                "level": "warning"
              }
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "originalUriBaseIds": {
        "%SRCROOT%": {
          "description": {
            "text": "the folder in which `sre` was started"
          }
        }
      },
      "results": [
        {
          "ruleId": "DOC003",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "unknown field `targt`\n\nhelp: did you mean `target`?"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "specs/slo/checkout.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 6,
                  "startColumn": 3,
                  "endLine": 6,
                  "endColumn": 8
                }
              }
            }
          ],
          "partialFingerprints": {
            "primaryLocationLineHash": "48471772a2d7ac1b0eb87e517d788daa"
          },
          "fixes": [
            {
              "description": {
                "text": "did you mean `target`?"
              },
              "artifactChanges": [
                {
                  "artifactLocation": {
                    "uri": "specs/slo/checkout.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "replacements": [
                    {
                      "deletedRegion": {
                        "startLine": 6,
                        "startColumn": 3,
                        "endLine": 6,
                        "endColumn": 8
                      },
                      "insertedContent": {
                        "text": "target"
                      }
                    }
                  ]
                }
              ]
            }
          ]
        },
        {
          "ruleId": "SLO004",
          "ruleIndex": 1,
          "level": "warning",
          "message": {
            "text": "another SLO is called `checkout`\n\nhelp: rename one of the two, or remove it"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "specs/slo/a%20b.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 9,
                  "endLine": 3,
                  "endColumn": 17
                }
              }
            }
          ],
          "relatedLocations": [
            {
              "id": 1,
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "specs/slo/checkout.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 9,
                  "endLine": 3,
                  "endColumn": 17
                }
              },
              "message": {
                "text": "it stands here"
              }
            }
          ],
          "partialFingerprints": {
            "primaryLocationLineHash": "c6561133db22080c61d5cca212e826af"
          }
        }
      ]
    }
  ]
}
"##;
}
