//! Printing problems: one renderer per format, each from the same values.
//!
//! [`text`] is for people at a terminal and [`concise`] for `grep`; [`json`] is ours for programs,
//! and [`sarif`], [`github`], [`junit`] and [`gitlab`] are what those tools read. No renderer knows
//! where its output goes, and none prints a path other than the one that the text is called by.
pub mod concise;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
mod lines;
pub mod sarif;
pub mod text;

use super::{Diagnostic, Level};
use crate::kernel::source::SourceMap;
use std::{fmt, io, str::FromStr};

/// The form in which problems are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people: the lines at fault, what is wrong with them and what to do.
    #[default]
    Text,
    /// One line for each problem.
    Concise,
    /// Our own JSON, `sre/validate@1`.
    Json,
    /// SARIF 2.1.0, which code-scanning services read.
    Sarif,
    /// Annotations of a pull request, as commands in the log of a GitHub workflow.
    Github,
    /// JUnit's XML: one test case for each file.
    Junit,
    /// GitLab's code-quality report.
    Gitlab,
}

impl Format {
    /// All formats, in the order in which help names them.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Concise,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Junit,
        Self::Gitlab,
    ];

    /// The word used in flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Junit => "junit",
            Self::Gitlab => "gitlab",
        }
    }

    /// What the form is for, in a few words.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Text => "for people: the lines at fault and what to do",
            Self::Concise => "one line for each problem",
            Self::Json => "`sre/validate@1`, for programs",
            Self::Sarif => "SARIF 2.1.0, for code-scanning services",
            Self::Github => "annotations of a pull request on GitHub",
            Self::Junit => "JUnit's XML: one test case for each file",
            Self::Gitlab => "GitLab's code-quality report",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(|format| format!("`{format}`")).join(", ");
            format!("`{text}` is not a format; expected one of {names}")
        })
    }
}

/// What renderers are told besides the problems.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to colour; [`text`] and [`concise`] only.
    pub color: bool,
    /// Whether lines may be drawn with characters beyond ASCII; [`text`] only.
    pub unicode: bool,
    /// Columns of the terminal, to which source lines are cut; [`text`] only.
    pub width: usize,
    /// The least level that makes a run fail; `None` if nothing does. [`junit`] only, which knows
    /// nothing between pass and fail.
    pub fail_on: Option<Level>,
    /// How many problems a baseline has hidden; [`json`] only.
    pub hidden: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, unicode: false, width: 100, fail_on: Some(Level::Error), hidden: 0 }
    }
}

/// Prints `diagnostics`, which are about `texts`, in `format`.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    format: Format,
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    options: &Options,
    out: &mut impl io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::render(texts, diagnostics, options, out),
        Format::Concise => concise::render(texts, diagnostics, options, out),
        Format::Json => json::render(texts, diagnostics, options, out),
        Format::Sarif => sarif::render(texts, diagnostics, out),
        Format::Github => github::render(texts, diagnostics, out),
        Format::Junit => junit::render(texts, diagnostics, options, out),
        Format::Gitlab => gitlab::render(texts, diagnostics, out),
    }
}

/// A path as every tool writes it: with `/` between folders, and no `./` before them.
fn portable(name: &str) -> String {
    let name = name.replace('\\', "/");
    name.strip_prefix("./").unwrap_or(&name).to_owned()
}

/// The text on one line, with nothing in it that a terminal or a log would obey.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::{
        diagnostic::{Finding, Rule, rule::Check},
        source::{Place, SourceId},
    };
    use proptest::prelude::*;

    pub(in crate::kernel::diagnostic) static RULE: Rule = Rule {
        code: "SLO004",
        name: "slo-without-runbook",
        level: Level::Warning,
        fixable: false,
        page: "# slo-without-runbook\n\nFinds an SLO that names no runbook.\n\n## Why it matters\n\nSomeone is paged at 3 a.m.\n",
        check: Check::Reading,
    };

    pub(in crate::kernel::diagnostic) static TYPO: Rule = Rule {
        code: "DOC003",
        name: "unknown-field",
        level: Level::Error,
        fixable: false,
        page: "# unknown-field\n\nFinds fields that a kind does not have.\n",
        check: Check::Reading,
    };

    /// The place of the `nth` occurrence of `needle`.
    pub(in crate::kernel::diagnostic) fn place(
        map: &SourceMap,
        source: SourceId,
        needle: &str,
        nth: usize,
    ) -> Place {
        let (start, found) = map.get(source).text.match_indices(needle).nth(nth).unwrap();
        let at = |offset: usize| u32::try_from(offset).unwrap();
        Place { source, start: at(start), end: at(start + found.len()) }
    }

    /// Two files, with what makes rendering hard: related places in another file, a tab, characters
    /// beyond ASCII, CRLF, and no line end at the end of the file.
    pub(in crate::kernel::diagnostic) fn example() -> (SourceMap, Vec<Diagnostic>) {
        let mut map = SourceMap::default();
        let slo = map.add(
            "specs/slo/checkout.yaml",
            "kind: SLO\nmetadata:\n  name: checkout\n  display_name: Größe 漢字 &\nspec:\n  targt: 99.9%\n",
        );
        let other =
            map.add("specs/slo/a b.yaml", "kind: SLO\r\nmetadata:\r\n  name:\tcheckout # <x>");
        let clean = map.add("specs/empty.yaml", "");
        let findings = vec![
            Finding::new(&TYPO, place(&map, slo, "targt", 0), "unknown field `targt`")
                .help("did you mean `target`?")
                .fix(place(&map, slo, "targt", 0), "target"),
            Finding::new(&TYPO, place(&map, slo, "漢字", 0), "wide characters").label("these two"),
            Finding::new(
                &RULE,
                place(&map, other, "checkout", 0),
                "another SLO is called `checkout`",
            )
            .related(place(&map, slo, "checkout", 0), "it stands here")
            .help("rename one of the two, or remove it"),
            Finding::new(&RULE, Place { source: clean, start: 0, end: 0 }, "this file is empty"),
        ];
        let diagnostics = findings
            .into_iter()
            .map(|finding| Diagnostic { level: finding.rule.level, finding })
            .collect();
        (map, diagnostics)
    }

    pub(in crate::kernel::diagnostic) fn rendered(
        format: Format,
        map: &SourceMap,
        diagnostics: &[Diagnostic],
        options: &Options,
    ) -> String {
        let mut out = Vec::new();
        render(format, map, diagnostics, options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Compares with what a raw string on lines of its own says.
    #[track_caller]
    pub(in crate::kernel::diagnostic) fn expect(actual: &str, expected: &str) {
        let expected = expected.strip_prefix('\n').unwrap_or(expected);
        assert!(actual == expected, "the output is\n{actual}");
    }

    #[test]
    fn names_of_formats_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert!(error.starts_with("`xml` is not a format; expected one of `text`, "), "{error}");
    }

    /// Texts with everything that has ever confused a renderer.
    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\n"),
            Just("\r\n"),
            Just("\r"),
            Just("\t"),
            Just("a: b"),
            Just("ü"),
            Just("漢"),
            Just("👩‍🔬"),
            Just("e\u{301}"),
            Just("\u{1b}[31m"),
            Just("\u{9b}31m"),
            Just("\u{202e}"),
            Just(" "),
            Just("\u{0}"),
            Just("]]>"),
            Just("&<>\"'"),
            Just("%::,"),
            Just("//"),
        ];
        proptest::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_place_in_no_text_makes_a_renderer_fail(
            texts in (any_text(), any_text()),
            places in proptest::collection::vec((0_u32..2, 0_u32..90, 0_u32..90), 3),
            replacement in any_text(),
            color in any::<bool>(),
            unicode in any::<bool>(),
            width in 0_usize..130,
        ) {
            let mut map = SourceMap::default();
            map.add(format!("a{replacement}.yaml"), texts.0.as_str());
            map.add("b.yaml", texts.1.as_str());
            let at = |n: usize| {
                let (source, start, end) = places[n];
                Place { source: SourceId(source), start, end }
            };
            let finding = Finding::new(&RULE, at(0), texts.1.clone())
                .label(texts.0.clone())
                .related(at(1), replacement.clone())
                .related(at(2), "")
                .help(texts.0.clone())
                .fix(at(1), replacement);
            let diagnostics = [Diagnostic { level: Level::Error, finding }];
            let options = Options { color, unicode, width, ..Options::default() };
            let json = [Format::Json, Format::Sarif, Format::Gitlab];
            for format in Format::ALL {
                let text = rendered(format, &map, &diagnostics, &options);
                let bad = |c: char| c.is_control() && c != '\n' && !(color && c == '\u{1b}');
                prop_assert!(json.contains(&format) || !text.contains(bad), "{format}: {text:?}");
            }
        }
    }
}
