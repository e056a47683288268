//! Tables as data: columns and rows, without any width, colour or terminal.
use super::{Cell, Text};

/// Where a cell's text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// At the right edge.
    Right,
}

/// What happens to text that is wider than its column may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// It goes on in the next line.
    #[default]
    Wrap,
    /// Its end is cut off: `a long expla…`.
    End,
    /// Its middle is cut out, because names differ at both ends: `checkout-…-eu-west`.
    Middle,
    /// Nothing: the column keeps its whole width or is left out.
    Never,
}

/// Who sees a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    #[default]
    All,
    /// The terminal and Markdown; CSV has the value elsewhere.
    People,
    /// CSV alone.
    Machines,
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub(super) heading: String,
    pub(super) key: String,
    pub(super) align: Option<Align>,
    pub(super) priority: u8,
    pub(super) min_width: usize,
    pub(super) overflow: Overflow,
    pub(super) audience: Audience,
}

impl Column {
    /// Width that wrapped or shortened text keeps where nothing else is said.
    const MIN_WIDTH: usize = 20;

    /// A column with that heading; its CSV name is the heading in `snake_case`. Numbers stand at the
    /// right, all else at the left; it is never left out.
    pub fn new(heading: impl Into<String>) -> Self {
        let heading = heading.into();
        Self {
            key: snake_case(&heading),
            heading,
            align: None,
            priority: 0,
            min_width: Self::MIN_WIDTH,
            overflow: Overflow::Wrap,
            audience: Audience::All,
        }
    }

    /// The name in the CSV header, where it is not the heading's.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Where the cells stand.
    #[must_use]
    pub fn align(mut self, align: Align) -> Self {
        self.align = Some(align);
        self
    }

    /// When the column is left out of a narrow terminal: 0 never, else the highest number first.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    /// The width below which its text is not shortened or wrapped.
    #[must_use]
    pub fn min_width(mut self, width: usize) -> Self {
        self.min_width = width;
        self
    }

    /// What happens to text that is too wide.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Cuts the middle out of names that are too wide.
    #[must_use]
    pub fn middle(self) -> Self {
        self.overflow(Overflow::Middle)
    }

    /// Shown to people, not written to CSV.
    #[must_use]
    pub fn for_people(mut self) -> Self {
        self.audience = Audience::People;
        self
    }

    /// Written to CSV, not shown to people.
    #[must_use]
    pub fn for_machines(mut self) -> Self {
        self.audience = Audience::Machines;
        self
    }
}

impl From<&str> for Column {
    fn from(heading: &str) -> Self {
        Self::new(heading)
    }
}

/// Rows under columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub(super) title: Option<Text>,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    main: bool,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line above the table.
    #[must_use]
    pub fn title(mut self, title: impl Into<Text>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, column: impl Into<Column>) -> Self {
        self.columns.push(column.into());
        self
    }

    /// Adds columns.
    #[must_use]
    pub fn columns<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.columns.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Adds a row, one cell per column in their order. What is not given is missing.
    #[must_use]
    pub fn row<C: Into<Cell>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.push(cells);
        self
    }

    /// Adds rows.
    #[must_use]
    pub fn rows<C: Into<Cell>, R: IntoIterator<Item = C>>(
        mut self,
        rows: impl IntoIterator<Item = R>,
    ) -> Self {
        rows.into_iter().for_each(|row| self.push(row));
        self
    }

    /// Adds a row, as [`row`](Self::row) does.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Makes this the table that the CSV form of its report consists of.
    #[must_use]
    pub fn main(mut self) -> Self {
        self.main = true;
        self
    }

    /// For machines alone: where there are no rows, and people get a sentence instead.
    #[must_use]
    pub fn for_machines(mut self) -> Self {
        self.columns.iter_mut().for_each(|column| column.audience = Audience::Machines);
        self
    }

    /// Whether [`main`](Self::main) was said.
    pub fn is_main(&self) -> bool {
        self.main
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Positions of the columns that `audience` sees.
    pub(super) fn seen_by(&self, audience: Audience) -> Vec<usize> {
        let seen =
            |column: &Column| column.audience == Audience::All || column.audience == audience;
        (0..self.columns.len()).filter(|at| seen(&self.columns[*at])).collect()
    }

    /// The cell of a row, missing where the row is too short.
    pub(super) fn cell(row: &[Cell], column: usize) -> &Cell {
        row.get(column).unwrap_or(&Cell::Missing)
    }

    /// Where the cells of a column stand.
    pub(super) fn alignment(&self, column: usize) -> Align {
        self.columns[column].align.unwrap_or_else(|| {
            let mut cells = self
                .rows
                .iter()
                .map(|row| Self::cell(row, column))
                .filter(|cell| !matches!(cell, Cell::Missing))
                .peekable();
            let numbers = cells.peek().is_some() && cells.all(Cell::is_number);
            if numbers { Align::Right } else { Align::Left }
        })
    }

    /// Digits that all percentages of a column are printed with, so that their points align.
    pub(super) fn percent_digits(&self, column: usize) -> Option<usize> {
        let digits = self.rows.iter().filter_map(|row| match Self::cell(row, column).bare() {
            Cell::Percent { share, digits } if share.is_finite() => Some(*digits),
            _ => None,
        });
        digits.max()
    }
}

/// `Burn rate (6h)` as `burn_rate_6h`.
fn snake_case(heading: &str) -> String {
    let mut key = String::with_capacity(heading.len());
    for letter in heading.chars() {
        if letter.is_alphanumeric() {
            key.extend(letter.to_lowercase());
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_names_are_snake_case() {
        assert_eq!(snake_case("Burn rate (6h)"), "burn_rate_6h");
        assert_eq!(snake_case("SLO"), "slo");
        assert_eq!(snake_case("  %  "), "");
    }

    #[test]
    fn columns_of_numbers_stand_at_the_right() {
        let table = Table::new()
            .columns(["a", "b", "c"])
            .row([Cell::count(1), Cell::text("x"), Cell::Missing])
            .row([Cell::Missing, Cell::count(2), Cell::Missing]);
        assert_eq!(table.alignment(0), Align::Right);
        assert_eq!(table.alignment(1), Align::Left);
        assert_eq!(table.alignment(2), Align::Left);
    }
}
