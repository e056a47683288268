//! Annotations of a pull request, as commands that a GitHub workflow reads from the log.
use super::{lines::Lines, one_line, portable};
use crate::kernel::{
    diagnostic::{Diagnostic, Level},
    source::SourceMap,
};
use std::io;

/// Prints one workflow command for each problem.
///
/// # Errors
/// If `out` cannot be written to.
pub fn render(
    texts: &SourceMap,
    diagnostics: &[Diagnostic],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let lines = Lines::of(texts, diagnostics);
    diagnostics.iter().try_for_each(|diagnostic| writeln!(out, "{}", command(&lines, diagnostic)))
}

fn command(lines: &Lines<'_>, diagnostic: &Diagnostic) -> String {
    let finding = &diagnostic.finding;
    let place = finding.primary.place;
    let (start, end) = lines.positions(place);
    let command = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note | Level::Off => "notice",
    };
    let path = property(&portable(lines.name(place.source)));
    let title = property(&format!("{} {}", finding.rule.code, finding.rule.name));
    // Columns are understood only where the stretch ends on the line on which it begins.
    let columns = if start.line == end.line {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    let mut message = one_line(&finding.message);
    if let Some(help) = &finding.help {
        message = format!("{message}\nhelp: {}", one_line(help));
    }
    let (line, end_line, message) = (start.line, end.line, data(&message));
    format!(
        "::{command} file={path},line={line},endLine={end_line}{columns},title={title}::{message}"
    )
}

/// Escapes what ends a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what ends a property of a command.
fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};
    use crate::kernel::diagnostic::{
        Finding,
        render::{Format, Options},
    };

    #[test]
    fn one_command_each() {
        let (map, diagnostics) = example();
        let text = rendered(Format::Github, &map, &diagnostics, &Options::default());
        expect(
            &text,
            r"
::error file=specs/slo/checkout.yaml,line=6,endLine=6,col=3,endColumn=8,title=DOC003 unknown-field::unknown field `targt`%0Ahelp: did you mean `target`?
::error file=specs/slo/checkout.yaml,line=4,endLine=4,col=23,endColumn=25,title=DOC003 unknown-field::wide characters
::warning file=specs/slo/a b.yaml,line=3,endLine=3,col=9,endColumn=17,title=SLO004 slo-without-runbook::another SLO is called `checkout`%0Ahelp: rename one of the two, or remove it
::warning file=specs/empty.yaml,line=1,endLine=1,col=1,endColumn=1,title=SLO004 slo-without-runbook::this file is empty
",
        );
    }

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let mut map = SourceMap::default();
        let source = map.add("a,b:c%.yaml", "a: 1\nb: 2\n");
        let finding =
            Finding::new(&RULE, place(&map, source, "1\nb", 0), "50% ::error::").help("do");
        let diagnostics = [Diagnostic { level: Level::Note, finding }];
        let text = rendered(Format::Github, &map, &diagnostics, &Options::default());
        expect(
            &text,
            r"
::notice file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=SLO004 slo-without-runbook::50%25 ::error::%0Ahelp: do
",
        );
    }
}
