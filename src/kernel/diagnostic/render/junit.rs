//! JUnit's XML, which CI servers show as tests: one test case for each file.
use super::{Options, concise::line, lines::Lines, one_line, portable};
use crate::kernel::{
    diagnostic::{Diagnostic, Tally},
    report::xml,
    source::{SourceId, SourceMap},
};
use std::{collections::BTreeMap, io};

/// Prints one test case for each text. It fails if one of its problems makes the run fail; the other
/// problems stand in its output.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    options: &Options,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let lines = Lines::of(texts, diagnostics);
    let fails =
        |diagnostic: &Diagnostic| options.fail_on.is_some_and(|least| diagnostic.level >= least);
    let mut by_text: BTreeMap<SourceId, [Vec<Diagnostic>; 2]> =
        texts.iter().map(|(source, _)| (source, Default::default())).collect();
    for diagnostic in diagnostics {
        let source = diagnostic.finding.primary.place.source;
        by_text.entry(source).or_default()[usize::from(!fails(diagnostic))]
            .push(diagnostic.clone());
    }
    let failures = by_text.values().filter(|[failing, _]| !failing.is_empty()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", by_text.len());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="sre" {counts}>"#)?;
    writeln!(out, r#"  <testsuite name="sre validate" {counts} skipped="0">"#)?;
    for (source, problems) in &by_text {
        test_case(&lines, lines.name(*source), problems, out)?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

fn test_case(
    lines: &Lines<'_>,
    name: &str,
    [failing, other]: &[Vec<Diagnostic>; 2],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let name = xml::escape(&portable(name));
    write!(out, r#"    <testcase classname="sre validate" name="{name}" file="{name}""#)?;
    if failing.is_empty() && other.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    if let Some(worst) = failing.iter().map(|diagnostic| diagnostic.level).max() {
        let tally = Tally::of(failing);
        write!(out, r#"      <failure type="{worst}" message="{tally}">"#)?;
        write!(out, "{}", listing(lines, failing))?;
        writeln!(out, "</failure>")?;
    }
    if !other.is_empty() {
        writeln!(out, "      <system-out>{}</system-out>", listing(lines, other))?;
    }
    writeln!(out, "    </testcase>")
}

/// The problems, each on a line with what to do under it.
fn listing(lines: &Lines<'_>, diagnostics: &[Diagnostic]) -> String {
    let mut rows = Vec::new();
    for diagnostic in diagnostics {
        rows.push(line(lines, diagnostic, false));
        rows.extend(
            diagnostic.finding.help.iter().map(|help| format!("  help: {}", one_line(help))),
        );
    }
    xml::escape(&rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::{
        Level,
        render::{Format, Options},
    };

    #[test]
    fn one_test_case_for_each_file() {
        let (map, diagnostics) = example();
        let text = rendered(Format::Junit, &map, &diagnostics, &Options::default());
        expect(
            &text,
            r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sre" tests="3" failures="1" errors="0">
  <testsuite name="sre validate" tests="3" failures="1" errors="0" skipped="0">
    <testcase classname="sre validate" name="specs/slo/checkout.yaml" file="specs/slo/checkout.yaml">
      <failure type="error" message="2 errors">specs/slo/checkout.yaml:6:3: error[DOC003] unknown field `targt`
  help: did you mean `target`?
specs/slo/checkout.yaml:4:23: error[DOC003] wide characters</failure>
    </testcase>
    <testcase classname="sre validate" name="specs/slo/a b.yaml" file="specs/slo/a b.yaml">
      <system-out>specs/slo/a b.yaml:3:9: warning[SLO004] another SLO is called `checkout`
  help: rename one of the two, or remove it</system-out>
    </testcase>
    <testcase classname="sre validate" name="specs/empty.yaml" file="specs/empty.yaml">
      <system-out>specs/empty.yaml:1:1: warning[SLO004] this file is empty</system-out>
    </testcase>
  </testsuite>
</testsuites>
"#,
        );
    }

    #[test]
    fn levels_that_do_not_fail_are_output() {
        let (map, diagnostics) = example();
        let failures = |fail_on| {
            let options = Options { fail_on, ..Options::default() };
            rendered(Format::Junit, &map, &diagnostics, &options).matches("<failure").count()
        };
        let all = [None, Some(Level::Error), Some(Level::Warning)];
        assert_eq!(all.map(failures), [0, 1, 3]);
    }

    /// The names of elements, in order, if the text is well formed as far as we write XML.
    fn elements(text: &str) -> Result<Vec<String>, String> {
        let (mut open, mut seen) = (Vec::<String>::new(), Vec::new());
        let body = text.split_once("?>").ok_or("no declaration")?.1;
        let mut pieces = body.split('<');
        let before = pieces.next().unwrap_or("");
        for piece in std::iter::once(before) {
            check_text(piece)?;
        }
        for piece in pieces {
            let (tag, content) = piece.split_once('>').ok_or(format!("`{piece}` never ends"))?;
            check_text(content)?;
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop().as_deref() != Some(name) {
                    return Err(format!("`{name}` was not open"));
                }
                continue;
            }
            let closed = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let quotes: Vec<&str> = tag.split('"').collect();
            if quotes.len().is_multiple_of(2) {
                return Err(format!("an attribute of `{tag}` has no end"));
            }
            quotes.iter().try_for_each(|text| check_text(text))?;
            let name = tag.split(' ').next().unwrap_or("").to_owned();
            seen.push(name.clone());
            if !closed {
                open.push(name);
            }
        }
        if open.is_empty() { Ok(seen) } else { Err(format!("{open:?} never end")) }
    }

    fn check_text(text: &str) -> Result<(), String> {
        for piece in text.split('&').skip(1) {
            let entity = piece.split_once(';').map(|(entity, _)| entity);
            if !matches!(entity, Some("amp" | "lt" | "gt" | "quot")) {
                return Err(format!("`&{piece}` is not an entity"));
            }
        }
        Ok(())
    }

    #[test]
    fn is_well_formed_whatever_the_words() {
        let mut map = SourceMap::default();
        let source = map.add("<a> & \"b\" 'c'\u{1}.yaml", "a: 1\n");
        let words = "]]> <![CDATA[ & &amp; \u{0} \u{1b}[31m \u{ffff} \"'";
        let finding =
            crate::kernel::diagnostic::Finding::new(&RULE, place(&map, source, "a", 0), words)
                .help(words);
        let error = Diagnostic { level: Level::Error, finding };
        let note = Diagnostic { level: Level::Note, ..error.clone() };
        let text = rendered(Format::Junit, &map, &[error, note], &Options::default());
        assert_eq!(
            elements(&text).unwrap(),
            ["testsuites", "testsuite", "testcase", "failure", "system-out"],
            "{text}"
        );
    }
}
