//! For people: the lines at fault, drawn as the Rust compiler draws them.
use super::{
    Options,
    lines::{FirstLine, Lines, floor},
    one_line,
};
use crate::kernel::{
    diagnostic::{Diagnostic, Edit, Label, Level},
    report::without_secrets,
    source::{Place, SourceId, SourceMap},
};
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level as Title, Origin, Patch, Renderer, Snippet,
    renderer::DecorStyle,
};
use rayon::prelude::*;
use std::{borrow::Cow, collections::BTreeSet, io, ops::Range};

/// Longer lines are quoted in part: drawing takes time for every byte of a line.
const LINE_LIMIT: usize = 8192;
/// Labels further apart than this are drawn in pieces, so that the lines between them are not read.
const GAP_LIMIT: usize = 8192;
/// A line to be changed that is longer than this is not shown again with the change.
const PATCH_LINE_LIMIT: usize = 160;
/// How many bytes of a very long line are quoted on each side of a place's beginning.
const EXCERPT: usize = 40;

/// Prints each problem with the lines at fault, an empty line between two.
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
    let style = if options.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(style).term_width(options.width.max(MINIMUM_WIDTH));
    let mut explained = BTreeSet::new();
    let firsts: Vec<bool> =
        diagnostics.iter().map(|one| explained.insert(one.finding.rule.code)).collect();
    let drawn: Vec<String> = diagnostics
        .par_iter()
        .zip(firsts)
        .map(|(diagnostic, first)| renderer.render(&report(&lines, diagnostic, first)))
        .collect();
    for (at, text) in drawn.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Below this, cutting lines leaves nothing to read.
const MINIMUM_WIDTH: usize = 40;

fn report<'a>(
    lines: &'a Lines<'_>,
    diagnostic: &'a Diagnostic,
    first_of_rule: bool,
) -> Vec<Group<'a>> {
    let finding = &diagnostic.finding;
    let title = title(diagnostic.level).primary_title(one_line(&finding.message));
    let mut group = title.id(finding.rule.code).elements(excerpts(lines, diagnostic));
    let suggestion = finding.fix.as_ref().and_then(|fix| patch(lines, fix));
    let help = finding.help.as_deref().map(one_line);
    if let (None, Some(help)) = (&suggestion, &help) {
        group = group.element(Title::HELP.message(help.clone()));
    }
    if first_of_rule {
        let rule = finding.rule;
        let note = format!("`{}`, see `sre explain {}`", rule.name, rule.code);
        group = group.element(Title::NOTE.message(note));
    }
    let mut groups = vec![group];
    if let Some(suggestion) = suggestion {
        let help = help.unwrap_or_else(|| "change it like this".to_owned());
        groups.push(Title::HELP.secondary_title(help).element(suggestion));
    }
    groups
}

fn title(level: Level) -> Title<'static> {
    match level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note | Level::Off => Title::NOTE,
    }
}

/// A place that is drawn.
struct Mark<'a> {
    source: SourceId,
    line: FirstLine,
    label: &'a Label,
    primary: bool,
}

/// The source lines of a problem: the primary place's first, then those of related places.
fn excerpts<'a>(lines: &'a Lines<'_>, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let finding = &diagnostic.finding;
    let mark = |label: &'a Label, primary| Mark {
        source: label.place.source,
        line: lines.first_line(label.place),
        label,
        primary,
    };
    let mut clusters: Vec<Vec<Mark<'a>>> = vec![vec![mark(&finding.primary, true)]];
    for label in &finding.related {
        let mark = mark(label, false);
        match clusters.iter_mut().find(|cluster| belongs(cluster, &mark)) {
            Some(cluster) => cluster.push(mark),
            None => clusters.push(vec![mark]),
        }
    }
    clusters.iter().flat_map(|cluster| draw(lines, cluster)).collect()
}

/// Whether the mark is near enough to one of the cluster to be drawn with it.
fn belongs(cluster: &[Mark<'_>], mark: &Mark<'_>) -> bool {
    let short = |mark: &Mark<'_>| mark.line.whole.len() <= LINE_LIMIT;
    short(mark)
        && cluster.iter().any(|other| {
            let (first, second) = if other.line.whole.start <= mark.line.whole.start {
                (other, mark)
            } else {
                (mark, other)
            };
            other.source == mark.source
                && short(other)
                && second.line.whole.start.saturating_sub(first.line.whole.end) <= GAP_LIMIT
        })
}

fn draw<'a>(lines: &'a Lines<'_>, cluster: &[Mark<'a>]) -> Vec<Element<'a>> {
    if let [mark] = cluster
        && mark.line.whole.len() > LINE_LIMIT
    {
        return quote(lines, mark);
    }
    let start = cluster.iter().map(|mark| mark.line.whole.start).min().unwrap_or(0);
    let end = cluster.iter().map(|mark| mark.line.whole.end).max().unwrap_or(start);
    let number = cluster.iter().map(|mark| mark.line.number).min().unwrap_or(1);
    let source = cluster[0].source;
    let snippet = Snippet::source(printable(&lines.text(source)[start..end]))
        .line_start(number)
        .path(one_line(lines.name(source)))
        .annotations(cluster.iter().map(|mark| annotation(mark, start)));
    vec![snippet.into()]
}

fn annotation<'a>(mark: &Mark<'a>, offset: usize) -> Annotation<'a> {
    let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let Range { start, end } = mark.line.part;
    let label = Some(one_line(&mark.label.text)).filter(|text| !text.is_empty());
    kind.span(start - offset..end - offset).label(label)
}

/// A place on a very long line: where it is, and a few words of it.
fn quote<'a>(lines: &'a Lines<'_>, mark: &Mark<'a>) -> Vec<Element<'a>> {
    let text = lines.text(mark.source);
    let (start, _) = lines.positions(mark.label.place);
    let origin =
        Origin::path(one_line(lines.name(mark.source))).line(start.line).char_column(start.column);
    let at = mark.line.part.start;
    let from = floor(text, at.saturating_sub(EXCERPT).max(mark.line.whole.start));
    let to = floor(text, (at + EXCERPT).min(mark.line.whole.end));
    let mut note = format!(
        "the line is long; it reads `…{}…` here",
        one_line(&without_secrets(&text[from..to]))
    );
    if !mark.label.text.is_empty() {
        note = format!("{}: {note}", one_line(&mark.label.text));
    }
    vec![origin.into(), Title::NOTE.message(note).into()]
}

/// The change that mends the problem as a difference, where it is short enough to be read.
fn patch<'a>(lines: &'a Lines<'_>, fix: &'a Edit) -> Option<Snippet<'a, Patch<'a>>> {
    let Place { source, start, end } = fix.place;
    let line = lines.first_line(fix.place);
    let whole = line.part == (start as usize..end as usize);
    if !whole || fix.text.contains(char::is_control) || line.whole.len() > PATCH_LINE_LIMIT {
        return None;
    }
    let offset = line.whole.start;
    let span = line.part.start - offset..line.part.end - offset;
    let snippet = Snippet::source(printable(&lines.text(source)[line.whole]));
    Some(
        snippet
            .line_start(line.number)
            .path(one_line(lines.name(source)))
            .patch(Patch::new(span, fix.text.as_str())),
    )
}

/// The text with credentials and with characters that some terminals obey replaced by others of the same length.
/// The drawing library shows those of ASCII as pictures itself.
fn printable(text: &str) -> Cow<'_, str> {
    let control = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    let text = without_secrets(text);
    if text.contains(control) { Cow::Owned(text.replace(control, "·")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::{Finding, render::Format};

    #[track_caller]
    fn check(options: &Options, expected: &str) {
        let (map, diagnostics) = example();
        let text = rendered(Format::Text, &map, &diagnostics, options);
        expect(&text, expected);
    }

    #[test]
    fn ascii() {
        check(
            &Options::default(),
            r"
error[DOC003]: unknown field `targt`
 --> specs/slo/checkout.yaml:6:3
  |
6 |   targt: 99.9%
  |   ^^^^^
  |
  = note: `unknown-field`, see `sre explain DOC003`
help: did you mean `target`?
  |
6 |   target: 99.9%
  |       +

error[DOC003]: wide characters
 --> specs/slo/checkout.yaml:4:23
  |
4 |   display_name: Größe 漢字 &
  |                       ^^^^ these two

warning[SLO004]: another SLO is called `checkout`
 --> specs/slo/a b.yaml:3:9
  |
3 |   name:    checkout # <x>
  |            ^^^^^^^^
  |
 ::: specs/slo/checkout.yaml:3:9
  |
3 |   name: checkout
  |         -------- it stands here
  |
  = help: rename one of the two, or remove it
  = note: `slo-without-runbook`, see `sre explain SLO004`

warning[SLO004]: this file is empty
 --> specs/empty.yaml:1:1
  |
1 |
  | ^
",
        );
    }

    #[test]
    fn unicode() {
        check(
            &Options { unicode: true, ..Options::default() },
            r"
error[DOC003]: unknown field `targt`
  ╭▸ specs/slo/checkout.yaml:6:3
  │
6 │   targt: 99.9%
  │   ━━━━━
  │
  ╰ note: `unknown-field`, see `sre explain DOC003`
help: did you mean `target`?
  ╭╴
6 │   target: 99.9%
  ╰╴      +

error[DOC003]: wide characters
  ╭▸ specs/slo/checkout.yaml:4:23
  │
4 │   display_name: Größe 漢字 &
  ╰╴                      ━━━━ these two

warning[SLO004]: another SLO is called `checkout`
  ╭▸ specs/slo/a b.yaml:3:9
  │
3 │   name:    checkout # <x>
  │            ━━━━━━━━
  │
  ⸬  specs/slo/checkout.yaml:3:9
  │
3 │   name: checkout
  │         ──────── it stands here
  │
  ├ help: rename one of the two, or remove it
  ╰ note: `slo-without-runbook`, see `sre explain SLO004`

warning[SLO004]: this file is empty
  ╭▸ specs/empty.yaml:1:1
  │
1 │
  ╰╴━
",
        );
    }

    fn one(text: &str, finding: impl FnOnce(&SourceMap, SourceId) -> Finding) -> String {
        let mut map = SourceMap::default();
        let source = map.add("x.yaml", text);
        let finding = finding(&map, source);
        let diagnostics = [Diagnostic { level: Level::Note, finding }];
        rendered(Format::Text, &map, &diagnostics, &Options { width: 60, ..Options::default() })
    }

    #[test]
    fn a_long_line_is_cut_to_the_width() {
        let text = format!("query: sum(rate(x{{{}job=\"y\"}}[5m]))\n", "a=\"b\",".repeat(100));
        let shown = one(&text, |map, source| {
            Finding::new(&RULE, place(map, source, "job", 0), "m").label("here")
        });
        expect(
            &shown,
            r#"
note[SLO004]: m
 --> x.yaml:1:619
  |
1 | ...b",a="b",a="b",a="b",job="y"}[5m]))
  |                         ^^^ here
  |
  = note: `slo-without-runbook`, see `sre explain SLO004`
"#,
        );
    }

    #[test]
    fn a_very_long_line_is_quoted_in_part() {
        let text = format!("query: {}here{}\n", "ü".repeat(1_000_000), "b".repeat(1_000_000));
        let shown = one(&text, |map, source| {
            Finding::new(&RULE, place(map, source, "here", 0), "m").label("label")
        });
        expect(
            &shown,
            r"
note[SLO004]: m
--> x.yaml:1:1000008
 = note: label: the line is long; it reads `…üüüüüüüüüüüüüüüüüüüüherebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…` here
 = note: `slo-without-runbook`, see `sre explain SLO004`
",
        );
    }

    #[test]
    fn lines_far_apart_are_not_read() {
        let text = format!("first: 1\n{}last: 2\n", "# nothing\n".repeat(200_000));
        let shown = one(&text, |map, source| {
            Finding::new(&RULE, place(map, source, "last", 0), "m")
                .related(place(map, source, "first", 0), "it stands here")
        });
        expect(
            &shown,
            r"
note[SLO004]: m
      --> x.yaml:200002:1
       |
200002 | last: 2
       | ^^^^
       |
      ::: x.yaml:1:1
       |
     1 | first: 1
       | ----- it stands here
       |
       = note: `slo-without-runbook`, see `sre explain SLO004`
",
        );
    }

    #[test]
    fn a_mapping_of_many_lines_is_marked_on_its_first() {
        let text = "spec:\n  a: 1\n  b: 2\n";
        let shown = one(text, |map, source| {
            Finding::new(&RULE, place(map, source, "a: 1\n  b: 2", 0), "m")
        });
        expect(
            &shown,
            r"
note[SLO004]: m
 --> x.yaml:2:3
  |
2 |   a: 1
  |   ^^^^
  |
  = note: `slo-without-runbook`, see `sre explain SLO004`
",
        );
    }

    #[test]
    fn colour_is_only_added() {
        let (map, diagnostics) = example();
        let plain = rendered(Format::Text, &map, &diagnostics, &Options::default());
        let options = Options { color: true, ..Options::default() };
        let colored = rendered(Format::Text, &map, &diagnostics, &options);
        let mut stripped = String::new();
        for (at, piece) in colored.split('\u{1b}').enumerate() {
            stripped += if at == 0 { piece } else { piece.split_once('m').unwrap().1 };
        }
        assert!(colored.contains("\u{1b}["));
        assert_eq!(stripped, plain);
    }
}
