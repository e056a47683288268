//! One line for each problem: `path:line:column: level[CODE] message`.
use super::{Options, lines::Lines, one_line};
use crate::kernel::{
    diagnostic::{Diagnostic, Level},
    source::SourceMap,
};
use std::io;

/// Prints one line for each problem.
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
    for diagnostic in diagnostics {
        let line = line(&lines, diagnostic, options.color);
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// One problem on one line.
pub(super) fn line(lines: &Lines<'_>, diagnostic: &Diagnostic, color: bool) -> String {
    let finding = &diagnostic.finding;
    let (start, _) = lines.positions(finding.primary.place);
    let path = one_line(lines.name(finding.primary.place.source));
    let (on, off) = if color { (style(diagnostic.level), "\u{1b}[0m") } else { ("", "") };
    let (level, code, message) = (diagnostic.level, finding.rule.code, one_line(&finding.message));
    format!("{path}:{}:{}: {on}{level}[{code}]{off} {message}", start.line, start.column)
}

/// The same colours as in the long form.
fn style(level: Level) -> &'static str {
    match level {
        Level::Error => "\u{1b}[1m\u{1b}[91m",
        Level::Warning => "\u{1b}[1m\u{1b}[33m",
        Level::Note | Level::Off => "\u{1b}[1m\u{1b}[92m",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::render::Format;

    #[test]
    fn one_line_each() {
        let (map, diagnostics) = example();
        let text = rendered(Format::Concise, &map, &diagnostics, &Options::default());
        expect(
            &text,
            r"
specs/slo/checkout.yaml:6:3: error[DOC003] unknown field `targt`
specs/slo/checkout.yaml:4:23: error[DOC003] wide characters
specs/slo/a b.yaml:3:9: warning[SLO004] another SLO is called `checkout`
specs/empty.yaml:1:1: warning[SLO004] this file is empty
",
        );
        let options = Options { color: true, ..Options::default() };
        let text = rendered(Format::Concise, &map, &diagnostics[..1], &options);
        assert_eq!(
            text,
            "specs/slo/checkout.yaml:6:3: \u{1b}[1m\u{1b}[91merror[DOC003]\u{1b}[0m unknown field `targt`\n"
        );
    }
}
