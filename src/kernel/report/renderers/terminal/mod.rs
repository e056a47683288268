//! The form for people: aligned, wrapped to the terminal, coloured where colour is wanted.
//!
//! | file | topic |
//! |---|---|
//! | this one | blocks, one under the other |
//! | `grid` | tables as lines |
//! | `layout` | which columns of a table stay and how wide they are |
//! | `facts` | names and values |
//! | `tree` | trees with their branches |
//! | `line` | styled lines: width, wrapping, shortening |
mod facts;
mod grid;
mod layout;
mod line;
mod tree;

use crate::kernel::report::{Block, Report, Style, Table, Text, harmless::harmless_line};
use line::{Line, painted};
use std::io;

/// What the place that a report is shown on can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surface {
    /// Columns of the terminal; `None` where there is none, and nothing is wrapped, shortened or left
    /// out then. Fewer than 20 are treated as 20.
    pub width: Option<usize>,
    /// Whether colour is wanted.
    pub colour: bool,
    /// Whether `✓`, `█` and `…` can be shown, or their ASCII substitutes must do.
    pub unicode: bool,
}

impl Surface {
    /// A file or a pipe: unlimited, without colour.
    pub const PIPE: Self = Self { width: None, colour: false, unicode: true };
    /// Below this nothing can be laid out.
    const NARROWEST: usize = 20;
    /// Running text is not wider than this, however wide the terminal is: long lines are hard to read.
    const READABLE: usize = 100;

    /// A surface of plain ASCII without colour.
    pub const fn plain(width: Option<usize>) -> Self {
        Self { width, colour: false, unicode: false }
    }

    /// Columns that may be used; `None` for any number.
    fn limit(self) -> Option<usize> {
        self.width.map(|width| width.max(Self::NARROWEST))
    }

    /// `line` in lines that fit beside an indent.
    fn wrapped_within(self, line: Line, indent: usize) -> Vec<String> {
        let lines = match self.limit() {
            Some(limit) => line.wrapped(limit.min(Self::READABLE).max(indent + 2) - indent),
            None => vec![line],
        };
        lines.iter().map(|line| line.marked(self.colour)).collect()
    }

    /// `line` in lines that fit.
    fn wrapped(self, line: Line) -> Vec<String> {
        self.wrapped_within(line, 0)
    }
}

/// Writes the human form of `report`: an empty line between blocks, none after a heading.
pub(in crate::kernel::report) fn write(
    report: &Report,
    surface: Surface,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut follows_text = false;
    for block in report.human() {
        let lines = block_lines(block, surface);
        if lines.is_empty() {
            continue;
        }
        if follows_text {
            out.write_all(b"\n")?;
        }
        for line in &lines {
            let line = if surface.colour { painted(line) } else { line.clone() };
            out.write_all(line.as_bytes())?;
            out.write_all(b"\n")?;
        }
        follows_text = !matches!(block, Block::Heading(_));
    }
    Ok(())
}

fn block_lines(block: &Block, surface: Surface) -> Vec<String> {
    match block {
        Block::Heading(text) => heading(text, surface),
        Block::Paragraph(text) => surface.wrapped(Line::of(text, surface.unicode)),
        Block::Table(table) => table_lines(table, surface),
        Block::Facts(facts) => facts::lines(facts, surface),
        Block::Code { text, .. } => text
            .lines()
            .map(|line| format!("  {}", harmless_line(line)).trim_end().to_owned())
            .collect(),
        Block::Tree(branches) => tree::lines(branches, surface),
        Block::Fold { title, blocks } => fold(title, blocks, surface),
        Block::List(items) => items.iter().flat_map(|item| list_item(item, surface)).collect(),
    }
}

fn heading(text: &Text, surface: Surface) -> Vec<String> {
    surface.wrapped(Line::of(&text.clone().with_default(Style::Strong), surface.unicode))
}

/// A terminal unfolds everything.
fn fold(title: &Text, blocks: &[Block], surface: Surface) -> Vec<String> {
    let mut lines = heading(title, surface);
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            lines.push(String::new());
        }
        lines.extend(block_lines(block, surface));
    }
    lines
}

fn table_lines(table: &Table, surface: Surface) -> Vec<String> {
    let title = table.title.as_ref().map(|title| heading(title, surface)).unwrap_or_default();
    title.into_iter().chain(grid::lines(table, surface)).collect()
}

fn list_item(item: &Text, surface: Surface) -> Vec<String> {
    let bullet = if surface.unicode { "• " } else { "- " };
    let lines = surface.wrapped_within(Line::of(item, surface.unicode), 2);
    let prefixes = std::iter::once(bullet).chain(std::iter::repeat("  "));
    prefixes.zip(lines).map(|(prefix, line)| format!("{prefix}{line}")).collect()
}

#[cfg(test)]
mod tests;
