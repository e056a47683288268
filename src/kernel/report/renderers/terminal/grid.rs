//! Tables on a terminal: the lines that their columns become.
use super::{
    Surface, facts,
    layout::{Demand, GAP, Layout, WIDEST},
    line::Line,
};
use crate::kernel::report::{Align, Audience, Cell, Column, Overflow, Style, Table, Text};
use comfy_table::{Cell as GridCell, CellAlignment, Table as Grid, presets};

/// The lines of `table`, without its title.
pub(super) fn lines(table: &Table, surface: Surface) -> Vec<String> {
    let columns = table.seen_by(Audience::People);
    if columns.is_empty() {
        return Vec::new();
    }
    let strips: Vec<Strip<'_>> =
        columns.into_iter().map(|at| Strip::new(table, at, surface)).collect();
    let demands: Vec<Demand> = strips.iter().map(|strip| strip.demand).collect();
    match Layout::new(&demands, surface.limit()) {
        Some(layout) => side_by_side(&layout, &strips, table.rows.len(), surface),
        None => stacked(table, surface),
    }
}

/// A column with its texts, before it has a width.
struct Strip<'a> {
    column: &'a Column,
    align: Align,
    heading: Line,
    cells: Vec<Line>,
    demand: Demand,
}

impl<'a> Strip<'a> {
    fn new(table: &'a Table, at: usize, surface: Surface) -> Self {
        let column = &table.columns[at];
        let heading = Line::styled(Style::Muted, &column.heading.to_uppercase());
        let digits = table.percent_digits(at);
        let word = heading.widest_word();
        let (mut tight, mut floor, mut widest) = (word, word, word);
        let mut cells = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let cell = Table::cell(row, at);
            let line = Line::of(&cell.human(digits), surface.unicode);
            let width = line.width();
            widest = widest.max(width);
            floor = floor.max(floor_of(cell, column, width));
            tight = tight.max(tight_of(cell, column, &line, width));
            cells.push(line);
        }
        let demand = Demand::new(tight, floor, widest, heading.width(), column.priority);
        Self { column, align: table.alignment(at), heading, cells, demand }
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
    match cell.bare() {
        Cell::Text(_) if column.overflow != Overflow::Never => width.min(column.min_width.max(2)),
        _ => width,
    }
}

/// Width below which a cell cannot be read: text keeps its words or enough of its ends.
fn tight_of(cell: &Cell, column: &Column, line: &Line, width: usize) -> usize {
    const ENDS: usize = 10;
    let floor = floor_of(cell, column, width);
    match column.overflow {
        Overflow::Wrap if floor < width => floor.min(line.widest_word().max(ENDS)),
        Overflow::End | Overflow::Middle if matches!(cell.bare(), Cell::Text(_)) => floor.min(ENDS),
        Overflow::Wrap | Overflow::End | Overflow::Middle | Overflow::Never => floor,
    }
}

fn side_by_side(
    layout: &Layout,
    strips: &[Strip<'_>],
    rows: usize,
    surface: Surface,
) -> Vec<String> {
    let cell = |lines: Vec<Line>| {
        let lines: Vec<_> = lines.iter().map(|line| line.marked(surface.colour)).collect();
        GridCell::new_owned(lines.join("\n"))
    };
    let headings =
        layout.kept.iter().map(|(at, width)| strips[*at].heading.clone().wrapped(*width));
    let headings = bottom_aligned(headings.collect());
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING);
    grid.set_header(headings.into_iter().map(cell).collect::<Vec<_>>());
    for row in 0..rows {
        let cells = layout.kept.iter().map(|(at, width)| {
            let strip = &strips[*at];
            cell(strip.fitted(strip.cells[row].clone(), *width, surface))
        });
        grid.add_row(cells.collect::<Vec<_>>());
    }
    align(&mut grid, layout.kept.iter().map(|(at, _)| strips[*at].align));
    let mut lines: Vec<_> = grid.lines().map(|line| line.trim_end().to_owned()).collect();
    if rows == 0 {
        lines.push(Line::styled(Style::Muted, "(none)").marked(surface.colour));
    }
    lines.extend(note(layout, strips, surface));
    lines
}

fn align(grid: &mut Grid, aligns: impl Iterator<Item = Align>) {
    let last = grid.column_count().saturating_sub(1);
    for (at, (column, align)) in grid.column_iter_mut().zip(aligns).enumerate() {
        column.set_padding((0, if at == last { 0 } else { GAP }));
        column.set_cell_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        });
    }
}

/// Headings of one height, so that the last line of each stands above its column.
fn bottom_aligned(headings: Vec<Vec<Line>>) -> Vec<Vec<Line>> {
    let height = headings.iter().map(Vec::len).max().unwrap_or(0);
    let raised = |heading: Vec<Line>| {
        let above = std::iter::repeat_n(Line::default(), height - heading.len());
        above.chain(heading).collect()
    };
    headings.into_iter().map(raised).collect()
}

/// What to do to see the columns that were left out.
fn note(layout: &Layout, strips: &[Strip<'_>], surface: Surface) -> Vec<String> {
    if layout.left_out.is_empty() {
        return Vec::new();
    }
    let headings = layout.left_out.iter().map(|at| strips[*at].column.heading.as_str());
    let headings = headings.collect::<Vec<_>>().join(", ");
    let note = format!("wider terminal or --format json shows: {headings}");
    surface.wrapped(Line::styled(Style::Muted, &note))
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
