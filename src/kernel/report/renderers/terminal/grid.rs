//! Tables on a terminal: which columns stay, how wide they are, and the lines they become.
use super::{Surface, facts, line::Line};
use crate::kernel::report::{Align, Audience, Cell, Column, Overflow, Style, Table, Text};
use comfy_table::{Cell as GridCell, CellAlignment, Table as Grid, presets};

/// Columns of a terminal between two columns of a table.
const GAP: usize = 2;
/// As wide as a column can be where nothing limits it: the layout counts in 16 bits.
const WIDEST: usize = 60_000;

/// The lines of `table`, without its title.
pub(super) fn lines(table: &Table, surface: Surface) -> Vec<String> {
    let strips: Vec<Strip<'_>> = table
        .seen_by(Audience::People)
        .into_iter()
        .map(|at| Strip::new(table, at, surface))
        .collect();
    if strips.is_empty() {
        return Vec::new();
    }
    match Layout::new(&strips, surface.limit()) {
        Some(layout) => layout.lines(&strips, table.rows.len(), surface),
        None => stacked(table, surface),
    }
}

/// A column with its texts, before it has a width.
struct Strip<'a> {
    column: &'a Column,
    align: Align,
    heading: Line,
    cells: Vec<Line>,
    /// Width that shows everything.
    natural: usize,
    /// Width below which the column is of no use.
    floor: usize,
}

impl<'a> Strip<'a> {
    fn new(table: &'a Table, at: usize, surface: Surface) -> Self {
        let column = &table.columns[at];
        let heading = Line::styled(Style::Muted, &column.heading.to_uppercase());
        let digits = table.percent_digits(at);
        let (mut natural, mut floor) = (heading.width(), heading.widest_word());
        let mut cells = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let cell = Table::cell(row, at);
            let line = Line::of(&cell.human(digits), surface.unicode);
            let width = line.width();
            natural = natural.max(width);
            floor = floor.max(floor_of(cell, column, width));
            cells.push(line);
        }
        let align = table.alignment(at);
        Self {
            column,
            align,
            heading,
            cells,
            natural: natural.min(WIDEST),
            floor: floor.min(natural),
        }
    }

    /// The lines of one cell in a column of that width.
    fn fitted(&self, line: Line, width: usize, surface: Surface) -> Vec<Line> {
        match self.column.overflow {
            Overflow::End if width < WIDEST => vec![line.without_end(width, surface.unicode)],
            Overflow::Middle if width < WIDEST => vec![line.without_middle(width, surface.unicode)],
            Overflow::Wrap | Overflow::Never | Overflow::End | Overflow::Middle => {
                line.wrapped(width)
            }
        }
    }
}

/// Width that a cell needs at least: text can be wrapped or shortened, numbers and states cannot.
fn floor_of(cell: &Cell, column: &Column, width: usize) -> usize {
    match cell {
        Cell::Text(_) if column.overflow != Overflow::Never => width.min(column.min_width.max(2)),
        _ => width,
    }
}

/// Widths of the columns that stay, and the headings of those that do not.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    /// Position of a column and its width.
    kept: Vec<(usize, usize)>,
    left_out: Vec<String>,
}

impl Layout {
    /// Shrinks what can shrink, then leaves out columns by priority; `None` if even those that always
    /// stay do not fit side by side.
    fn new(strips: &[Strip<'_>], limit: Option<usize>) -> Option<Self> {
        let mut kept: Vec<usize> = (0..strips.len()).collect();
        let mut left_out = Vec::new();
        loop {
            if let Some(widths) = widths(&kept, strips, limit) {
                let kept = kept.into_iter().zip(widths).collect();
                left_out.sort_unstable();
                let heading = |at: usize| strips[at].column.heading.clone();
                return Some(Self { kept, left_out: left_out.into_iter().map(heading).collect() });
            }
            let least = kept
                .iter()
                .copied()
                .filter(|at| strips[*at].column.priority > 0)
                .max_by_key(|at| (strips[*at].column.priority, *at))?;
            kept.retain(|at| *at != least);
            left_out.push(least);
        }
    }

    fn lines(&self, strips: &[Strip<'_>], rows: usize, surface: Surface) -> Vec<String> {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        let cell = |lines: Vec<Line>| {
            let lines: Vec<_> = lines.iter().map(|line| line.marked(surface.colour)).collect();
            GridCell::new_owned(lines.join("\n"))
        };
        grid.set_header(
            self.kept
                .iter()
                .map(|(at, width)| cell(strips[*at].heading.clone().wrapped(*width)))
                .collect::<Vec<_>>(),
        );
        for row in 0..rows {
            grid.add_row(
                self.kept
                    .iter()
                    .map(|(at, width)| {
                        let strip = &strips[*at];
                        cell(strip.fitted(strip.cells[row].clone(), *width, surface))
                    })
                    .collect::<Vec<_>>(),
            );
        }
        let last = self.kept.len() - 1;
        for (at, column) in grid.column_iter_mut().enumerate() {
            let gap = if at == last { 0 } else { GAP };
            column.set_padding((0, u16::try_from(gap).unwrap_or(0)));
            column.set_cell_alignment(match strips[self.kept[at].0].align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
        let mut lines: Vec<_> = grid.lines().map(|line| line.trim_end().to_owned()).collect();
        if rows == 0 {
            lines.push(Line::styled(Style::Muted, "(none)").marked(surface.colour));
        }
        lines.extend(self.note(surface));
        lines
    }

    /// What to do to see the columns that were left out.
    fn note(&self, surface: Surface) -> Vec<String> {
        if self.left_out.is_empty() {
            return Vec::new();
        }
        let note = format!("wider terminal or --format json shows: {}", self.left_out.join(", "));
        surface.wrapped(Line::styled(Style::Muted, &note))
    }
}

/// Widths with which the columns fit: as they would like, or the widest of them narrower, down to what
/// each needs; `None` if that is too wide still.
fn widths(kept: &[usize], strips: &[Strip<'_>], limit: Option<usize>) -> Option<Vec<usize>> {
    let gaps = GAP * kept.len().saturating_sub(1);
    let at_level = |level: usize| -> Vec<usize> {
        kept.iter().map(|at| level.clamp(strips[*at].floor, strips[*at].natural)).collect()
    };
    let fits = |level: usize| {
        limit.is_none_or(|limit| gaps + at_level(level).iter().sum::<usize>() <= limit)
    };
    if fits(WIDEST) {
        return Some(at_level(WIDEST));
    }
    if !fits(0) {
        return None;
    }
    // The highest level at which the columns fit.
    let (mut fitting, mut too_wide) = (0, WIDEST);
    while too_wide - fitting > 1 {
        let middle = fitting.midpoint(too_wide);
        if fits(middle) { fitting = middle } else { too_wide = middle }
    }
    Some(at_level(fitting))
}

/// Every row as a list of facts, for a terminal that is too narrow for a table.
fn stacked(table: &Table, surface: Surface) -> Vec<String> {
    let columns = table.seen_by(Audience::People);
    let mut lines = Vec::new();
    for (number, row) in table.rows.iter().enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        let fact = |at: &usize| {
            let heading = Text::new().muted(table.columns[*at].heading.to_uppercase());
            (heading, Table::cell(row, *at).clone())
        };
        lines.extend(facts::lines(&columns.iter().map(fact).collect::<Vec<_>>(), surface));
    }
    lines
}
