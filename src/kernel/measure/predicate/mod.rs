//! Event predicates: SQL boolean expressions over the columns of a record.
//!
//! `parse` reads the text (sqlparser, DuckDB's dialect) and gives every part a type; `eval` says for
//! one record whether the expression is true, false or NULL; `like` holds the patterns of `LIKE`;
//! `value` reads texts as numbers and truth values.
//!
//! A record's columns are texts or NULL. A column takes the type of what it is compared with: beside
//! a number it is read as a number, and what is no number is then NULL (as `TRY_CAST` does). Numbers
//! are 64-bit integers or doubles; division by zero, overflow and what is not finite are NULL.
mod eval;
mod functions;
mod like;
mod parse;
mod value;

use std::{fmt, ops::Range, sync::Arc};

pub(super) use eval::{Columns, Field, Truth};
pub(super) use value::{Number as NumberValue, read_number};

/// A parsed predicate: cheap to clone, shared between threads.
///
/// An event is good iff its predicate is TRUE; FALSE and NULL are bad.
#[derive(Clone)]
pub struct Predicate {
    text: Arc<str>,
    columns: Arc<[ColumnUse]>,
    expression: Arc<eval::Logic>,
}

/// A column that a predicate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnUse {
    /// The name as written, without quotes.
    pub name: String,
    /// Bytes of the predicate's text where it stands first.
    pub at: Range<usize>,
    /// Whether it was written in double quotes, which a text by mistake often is.
    pub quoted: bool,
}

/// Why a text is not a predicate, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PredicateError {
    /// What is wrong.
    pub message: String,
    /// Bytes of the text that are meant.
    pub at: Range<usize>,
    /// What to write instead.
    pub help: Option<String>,
}

/// How a threshold compares a column with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Predicate {
    /// Reads a SQL boolean expression.
    ///
    /// # Errors
    /// The first thing that does not parse, has the wrong type or is not supported.
    pub fn parse(text: &str) -> Result<Self, PredicateError> {
        let parsed = parse::parse(text)?;
        Ok(Self {
            text: text.into(),
            columns: parsed.columns.into(),
            expression: Arc::new(parsed.expression),
        })
    }

    /// `column <= limit` and its like, for a column of any name.
    ///
    /// Unit: that of the column.
    pub fn threshold(column: &str, bound: Bound, limit: f64) -> Self {
        let (sign, operator) = match bound {
            Bound::Below => ("<", eval::Comparison::Less),
            Bound::AtMost => ("<=", eval::Comparison::LessOrEqual),
            Bound::Above => (">", eval::Comparison::Greater),
            Bound::AtLeast => (">=", eval::Comparison::GreaterOrEqual),
        };
        let quoted = format!("\"{}\"", column.replace('"', "\"\""));
        let at = 0..quoted.len();
        Self {
            text: format!("{quoted} {sign} {limit}").into(),
            columns: [ColumnUse { name: column.to_owned(), at, quoted: false }].into(),
            expression: Arc::new(eval::Logic::ColumnToNumber(
                0,
                operator,
                NumberValue::from_float(limit),
            )),
        }
    }

    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns it names, each once, in the order of their first use.
    pub fn columns(&self) -> &[ColumnUse] {
        &self.columns
    }

    /// Its value for one record.
    pub(super) fn evaluate(&self, columns: Columns<'_>) -> Truth {
        self.expression.evaluate(columns)
    }

    /// Its value for a record whose columns are found by name; NULL where there is none of the name.
    pub fn evaluate_named<'r>(&self, column: impl Fn(&str) -> Option<&'r str>) -> Option<bool> {
        let fields: Vec<Field<'_>> =
            self.columns.iter().map(|used| column(&used.name).map(str::as_bytes)).collect();
        let slots: Vec<u16> = (0..).take(fields.len()).collect();
        self.evaluate(Columns { fields: &fields, slots: &slots }).to_option()
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Predicate({:?})", self.text)
    }
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Predicate {}
