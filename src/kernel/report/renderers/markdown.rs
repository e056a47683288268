//! Markdown as GitHub reads it, for pull requests and wikis.
use crate::kernel::report::{
    Align, Audience, Block, Branch, Cell, Inline, Report, State, Style, Table, Text, harmless,
    harmless::harmless_line,
};
use std::io;

/// Writes the human form of `report`.
pub(in crate::kernel::report) fn write(
    report: &Report,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut first = true;
    for block in report.human() {
        let text = block_text(block);
        if text.is_empty() {
            continue;
        }
        if !first {
            out.write_all(b"\n")?;
        }
        first = false;
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("## {}\n", inline(text)),
        Block::Paragraph(text) => format!("{}\n", inline(text)),
        Block::Table(table) => table_text(table),
        Block::Facts(facts) => list(facts.iter().map(|(name, value): &(Text, Cell)| {
            format!("{}: {}", inline(name), inline(&value.human(None)))
        })),
        Block::Code { language, text } => code(language, text),
        Block::List(items) => list(items.iter().map(inline)),
        Block::Tree(branches) => branches.iter().map(branch).collect(),
        Block::Fold { title, blocks } => fold(title, blocks),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        text.push_str("- ");
        text.push_str(&item);
        text.push('\n');
    }
    text
}

/// Details as GitHub folds them. The empty lines make it read what is inside as Markdown.
fn fold(title: &Text, blocks: &[Block]) -> String {
    let inside: Vec<String> = blocks.iter().map(block_text).collect();
    format!(
        "<details>\n<summary>{}</summary>\n\n{}\n</details>\n",
        in_html(&harmless(&title.machine())),
        inside.join("\n")
    )
}

/// A line of a list within lists.
fn branch(branch: &Branch) -> String {
    format!("{}- {}\n", "  ".repeat(branch.depth), inline(&branch.text))
}

fn table_text(table: &Table) -> String {
    let columns = table.seen_by(Audience::People);
    if columns.is_empty() {
        return String::new();
    }
    let mut text = match &table.title {
        Some(title) => format!("{}\n\n", inline(&title.clone().with_default(Style::Strong))),
        None => String::new(),
    };
    let headings = columns.iter().map(|at| escaped(&harmless(&table.columns[*at].heading)));
    text.push_str(&row_text(headings));
    text.push_str(&row_text(columns.iter().map(|at| {
        match table.alignment(*at) {
            Align::Left => "---",
            Align::Right => "---:",
        }
        .to_owned()
    })));
    let digits: Vec<_> = columns.iter().map(|at| table.percent_digits(*at)).collect();
    for row in &table.rows {
        let cells = columns.iter().zip(&digits);
        let cells = cells.map(|(at, digits)| inline(&Table::cell(row, *at).human(*digits)));
        text.push_str(&row_text(cells));
    }
    text
}

fn row_text(cells: impl Iterator<Item = String>) -> String {
    let mut text = String::from("|");
    for cell in cells {
        text.push(' ');
        text.push_str(&cell);
        text.push_str(" |");
    }
    text.push('\n');
    text
}

/// A fenced block; the fence is longer than any run of backticks inside.
fn code(language: &str, text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut block = format!("{fence}{language}\n");
    for line in text.lines() {
        block.push_str(&harmless_line(line));
        block.push('\n');
    }
    block + &fence + "\n"
}

fn inline(text: &Text) -> String {
    text.pieces().iter().map(piece).collect()
}

fn piece(piece: &Inline) -> String {
    match piece {
        Inline::Span(style, text) => span(*style, &harmless(text)),
        Inline::State(State { mark, word, .. }) if word.is_empty() => mark.glyph(true).to_owned(),
        Inline::State(State { mark, word, .. }) => {
            format!("{} {}", mark.glyph(true), escaped(&harmless(word)))
        }
        Inline::Bar(bar) => match bar.filled() {
            Some(filled) => "█".repeat(filled) + &"░".repeat(bar.width - filled),
            None => "?".to_owned(),
        },
    }
}

fn span(style: Style, text: &str) -> String {
    let tight = !text.is_empty() && text.trim() == text;
    match style {
        Style::Name if tight && !text.contains(['`', '|', '\\']) => format!("`{text}`"),
        Style::Strong if tight => format!("**{}**", escaped(text)),
        _ => escaped(text),
    }
}

/// Text where HTML is read and Markdown is not.
fn in_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `text` with everything that Markdown or HTML would read as markup escaped. A backslash becomes a
/// character reference, so that none stands before a pipe.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, letter) in text.char_indices() {
        match letter {
            '\\' => escaped.push_str("&#92;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '~' => escaped.extend(['\\', letter]),
            '#' | '-' | '+' | '=' if at == 0 && !is_signed_number(text) => {
                escaped.extend(['\\', letter]);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Whether a sign at the start belongs to a number and makes no list.
fn is_signed_number(text: &str) -> bool {
    text.strip_prefix(['-', '+']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::report::Column;
    use crate::kernel::report::testing::{budget_report, printed};
    use proptest::prelude::*;

    #[test]
    fn is_what_a_pull_request_shows() {
        let shown = printed(|out| write(&budget_report(), out));
        assert_eq!(
            shown,
            "\
## Error budgets

30 days to 2026-05-14 09:20 UTC, from `access.log`: 9,997 of 10,000 requests were good; 84 of 4,981 minutes had traffic.

| SLO | Service | Target | SLI | Bad | Remaining | Left | Burn rate | State |
| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | --- |
| `checkout-availability` | checkout | 99.9% | 99.97% | 3 | ███████░░░ | 70.00% | 0.3 | ✓ ok |
| `checkout-latency-eu-west-1` | checkout | 99% | 98.53% | 12,345 | ░░░░░░░░░░ | -46.88% | 1.5 | ✗ exhausted |
| `search-availability` | search | 99.5% | 99.61% | 88 | ██░░░░░░░░ | 22.40% | 14.4 | ! burning |
| `billing-freshness` | billing | 99% | – | – | ? | – | – | ? unknown |

- worst: ✗ exhausted since **12 May**
- left: ██░░░░░░░░ 22.40%
- empty in: 12d 4h

- add a runbook to search-availability
- billing-freshness has no data

```console
sre burn --slo search.yaml
sre gate
```
",
            "\n{shown}"
        );
    }

    #[test]
    fn details_are_folded() {
        let inside = [Block::paragraph("a_b"), Block::list(["x", "y"])];
        assert_eq!(
            block_text(&Block::fold("rules <b> & a_b", inside)),
            "<details>\n<summary>rules &lt;b&gt; &amp; a_b</summary>\n\na\\_b\n\n- x\n- y\n\n</details>\n"
        );
    }

    #[test]
    fn markup_of_others_is_text() {
        let text = Text::new()
            .plain("# a|b <script> *x* [l](u) \\ \u{1b}[0m")
            .strong("a|b")
            .name("a|b")
            .name("plain");
        assert_eq!(
            inline(&text),
            r"\# a\|b &lt;script&gt; \*x\* \[l\](u) &#92; &#92;u{1b}\[0m**a\|b**a\|b`plain`"
        );
        assert_eq!(code("yaml", "a: ```\n\tb"), "````yaml\na: ```\n\tb\n````\n");
    }

    proptest! {
        #[test]
        fn every_row_has_the_same_pipes(
            rows in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 0..5),
            style in prop_oneof![Just(Style::Plain), Just(Style::Name), Just(Style::Strong)],
        ) {
            let mut table = Table::new().columns(["a|b", "c\\", "`d"].map(Column::new));
            for row in rows {
                table.push(row.into_iter().map(|text| Text::new().styled(style, text)));
            }
            for line in table_text(&table).lines() {
                let pipes = line.match_indices('|').filter(|(at, _)| !line[..*at].ends_with('\\'));
                prop_assert_eq!(pipes.count(), 4, "{}", line);
                prop_assert!(!line.contains(char::is_control));
            }
        }
    }
}
