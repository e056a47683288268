//! What an old catalog already had, so that only new problems are shown.
//!
//! A problem is known again by its rule, its file, its message and the text of its line: not by its
//! line's number, which every edit above it changes. Equal problems are counted, so that one more of
//! them shows.
use super::Diagnostic;
use crate::kernel::source::{Place, SourceMap};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name and version of the file's form.
pub const SCHEMA: &str = "sre/baseline@1";

/// Text further than this from a place is not looked at for its line: lines may be very long.
const REACH: usize = 512;

/// What makes a problem the same problem after an edit elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The file, with `/` between folders.
    pub path: String,
    /// The rule's name.
    pub rule: String,
    /// The line at fault, without the spaces around it.
    pub line: String,
    /// The message.
    pub message: String,
}

impl Identity {
    /// What makes `diagnostic` the same problem.
    pub fn of(texts: &SourceMap, diagnostic: &Diagnostic) -> Self {
        let place = diagnostic.finding.primary.place;
        Self {
            path: path(texts.name(place.source)),
            rule: diagnostic.finding.rule.name.to_owned(),
            line: line_at(texts, place).to_owned(),
            message: diagnostic.finding.message.clone(),
        }
    }

    /// A name for this problem, 32 hexadecimal digits long; `ordinal` tells apart equal problems of a
    /// run. The same in every run and on every machine.
    ///
    /// FNV-1a with 128 bits (Fowler, Noll and Vo) over the parts, each with its end marked.
    pub fn fingerprint(&self, ordinal: usize) -> String {
        let ordinal = ordinal.to_string();
        let parts = [&self.rule, &self.path, &self.line, &self.message, &ordinal];
        let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
        format!("{:032x}", fnv1a(bytes))
    }
}

/// The fingerprint of each problem of a run; no two are equal.
pub fn fingerprints(texts: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<String> {
    let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
    let fingerprint = |diagnostic| {
        let identity = Identity::of(texts, diagnostic);
        let ordinal = seen.entry(identity.clone()).or_default();
        *ordinal += 1;
        identity.fingerprint(*ordinal)
    };
    diagnostics.iter().map(fingerprint).collect()
}

fn fnv1a(bytes: impl Iterator<Item = u8>) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// A path as every machine writes it.
fn path(name: &str) -> String {
    let name = name.replace('\\', "/");
    name.strip_prefix("./").unwrap_or(&name).to_owned()
}

/// The line on which a place begins, without the spaces around it.
fn line_at(texts: &SourceMap, place: Place) -> &str {
    let text = &texts.get(place.source).text;
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let at = boundary((place.start as usize).min(text.len()));
    let from = boundary(at.saturating_sub(REACH));
    let to = boundary((at + REACH).min(text.len()));
    let start = text[from..at].rfind('\n').map_or(from, |end| from + end + 1);
    let end = text[at..to].find('\n').map_or(to, |end| at + end);
    text[start..end].trim()
}

/// Problems that are not shown, and how many equal ones there may be of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    findings: BTreeMap<Identity, usize>,
}

/// What is left of a run's problems once the baseline has hidden its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Those that are new.
    pub shown: Vec<Diagnostic>,
    /// How many are old.
    pub hidden: usize,
    /// What the baseline lists and the files of this run no longer have, and how often.
    pub stale: Vec<(Identity, usize)>,
    /// How many entries of the baseline are about files that were not part of this run.
    pub elsewhere: usize,
}

/// Why a baseline cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not JSON of the expected form.
    #[error("not a baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error("expected a baseline of schema `{SCHEMA}`, found `{0}`")]
    Schema(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    /// By path.
    findings: BTreeMap<String, Vec<Entry>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    line: String,
    message: String,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Baseline {
    /// A baseline that hides all of `diagnostics`.
    pub fn of(texts: &SourceMap, diagnostics: &[Diagnostic]) -> Self {
        let mut findings = BTreeMap::new();
        for diagnostic in diagnostics {
            *findings.entry(Identity::of(texts, diagnostic)).or_default() += 1;
        }
        Self { findings }
    }

    /// Reads what [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    /// If the text is not a baseline of this version.
    pub fn from_json(text: &str) -> Result<Self, BaselineError> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(schema) if schema != SCHEMA => {
                return Err(BaselineError::Schema(schema.to_owned()));
            }
            _ => {}
        }
        let file: File = serde_json::from_value(value)?;
        let mut findings = BTreeMap::new();
        for (path, entries) in file.findings {
            for Entry { rule, line, message, count } in entries {
                let identity = Identity { path: path.clone(), rule, line, message };
                *findings.entry(identity).or_default() += count;
            }
        }
        Ok(Self { findings })
    }

    /// The baseline as text for a file, in an order that makes for small differences.
    pub fn to_json(&self) -> String {
        let mut findings: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for (Identity { path, rule, line, message }, count) in self.findings.clone() {
            findings.entry(path).or_default().push(Entry { rule, line, message, count });
        }
        let file = File { schema: SCHEMA.to_owned(), findings };
        let text = serde_json::to_string_pretty(&file).expect("texts and numbers always serialize");
        format!("{text}\n")
    }

    /// How many problems it hides.
    pub fn len(&self) -> usize {
        self.findings.values().sum()
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes out of a run's problems what the baseline lists. Of equal problems the first are hidden.
    pub fn apply(&self, texts: &SourceMap, diagnostics: Vec<Diagnostic>) -> Applied {
        let mut left = self.findings.clone();
        let mut applied = Applied::default();
        for diagnostic in diagnostics {
            match left.get_mut(&Identity::of(texts, &diagnostic)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    applied.hidden += 1;
                }
                _ => applied.shown.push(diagnostic),
            }
        }
        let read: BTreeSet<String> = texts.iter().map(|(_, text)| path(&text.name)).collect();
        for (identity, count) in left.into_iter().filter(|(_, count)| *count > 0) {
            if read.contains(&identity.path) {
                applied.stale.push((identity, count));
            } else {
                applied.elsewhere += 1;
            }
        }
        applied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::diagnostic::{
        Finding, Level,
        render::tests::{RULE, expect, place},
    };

    fn problems(text: &str) -> (SourceMap, Vec<Diagnostic>) {
        let mut map = SourceMap::default();
        let source = map.add("./specs/a.yaml", text);
        let count = text.matches("name").count();
        let finding = |n| Finding::new(&RULE, place(&map, source, "name", n), "no runbook");
        let diagnostics =
            (0..count).map(|n| Diagnostic { level: Level::Warning, finding: finding(n) }).collect();
        (map, diagnostics)
    }

    #[test]
    fn moved_lines_stay_hidden_and_one_more_shows() {
        let (map, old) = problems("  name: a\n  name: a\n  name: b\n");
        let baseline = Baseline::of(&map, &old);
        let (map, new) = problems("# moved\n\nname: b\nname: a\nname: a\nname: a\nname: c\n");
        let applied = baseline.apply(&map, new.clone());
        assert_eq!(applied.shown, new[3..]);
        assert_eq!((applied.hidden, applied.stale.len(), applied.elsewhere), (3, 0, 0));
    }

    #[test]
    fn what_was_mended_is_stale() {
        let (map, old) = problems("name: a\nname: a\nname: b\n");
        let baseline = Baseline::of(&map, &old);
        assert_eq!(baseline.len(), 3);
        let (map, new) = problems("name: a\n");
        let applied = baseline.apply(&map, new);
        let stale: Vec<(&str, usize)> =
            applied.stale.iter().map(|(identity, n)| (identity.line.as_str(), *n)).collect();
        assert_eq!(stale, [("name: a", 1), ("name: b", 1)]);
        let applied = baseline.apply(&SourceMap::default(), Vec::new());
        assert_eq!((applied.stale.len(), applied.elsewhere), (0, 2));
    }

    #[test]
    fn a_file_holds_it() {
        let (map, old) = problems("name: a\nname: a\nname: b\n");
        let baseline = Baseline::of(&map, &old);
        let text = baseline.to_json();
        expect(
            &text,
            r#"
{
  "schema": "sre/baseline@1",
  "findings": {
    "specs/a.yaml": [
      {
        "rule": "slo-without-runbook",
        "line": "name: a",
        "message": "no runbook",
        "count": 2
      },
      {
        "rule": "slo-without-runbook",
        "line": "name: b",
        "message": "no runbook"
      }
    ]
  }
}
"#,
        );
        assert_eq!(Baseline::from_json(&text).unwrap(), baseline);
        assert!(Baseline::from_json("{}").unwrap_err().to_string().starts_with("not a baseline"));
        let other = r#"{"schema": "sre/baseline@2", "entries": []}"#;
        assert_eq!(
            Baseline::from_json(other).unwrap_err().to_string(),
            "expected a baseline of schema `sre/baseline@1`, found `sre/baseline@2`"
        );
    }

    #[test]
    fn equal_problems_have_fingerprints_of_their_own() {
        let (map, problems) = problems("name: a\nname: a\n");
        let prints = fingerprints(&map, &problems);
        assert_ne!(prints[0], prints[1]);
        assert_eq!(prints, fingerprints(&map, &problems));
    }

    /// Source: test vectors of the FNV hash's authors.
    #[test]
    fn hash_agrees_with_its_authors() {
        assert_eq!(fnv1a("".bytes()), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv1a("a".bytes()), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn a_very_long_line_is_known_by_what_is_near() {
        let long = format!("{}name{}", "ü".repeat(1_000_000), "ü".repeat(1_000_000));
        let (map, problems) = problems(&long);
        assert_eq!(Identity::of(&map, &problems[0]).line.len(), 2 * REACH);
    }
}
