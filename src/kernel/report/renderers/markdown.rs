//! Markdown as GitHub reads it, for pull requests and wikis.
use crate::kernel::report::{
    Align, Audience, Block, Cell, Inline, Report, State, Style, Table, Text, harmless,
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
        Block::Facts(facts) => {
            let fact = |(name, value): &(Text, Cell)| {
                format!("- {}: {}\n", inline(name), inline(&value.human(None)))
            };
            facts.iter().map(fact).collect()
        }
        Block::Code { language, text } => code(language, text),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", inline(item))).collect(),
    }
}

fn table_text(table: &Table) -> String {
    let columns = table.seen_by(Audience::People);
    if columns.is_empty() {
        return String::new();
    }
    let mut text = match &table.title {
        Some(title) => format!("**{}**\n\n", inline(title)),
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
    let lines: String = text.lines().map(|line| format!("{}\n", harmless(line))).collect();
    format!("{fence}{language}\n{lines}{fence}\n")
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
            '#' | '-' | '+' | '=' if at == 0 => escaped.extend(['\\', letter]),
            letter => escaped.push(letter),
        }
    }
    escaped
}
