//! Event predicates: SQL boolean expressions over the columns of a record.
//!
//! `syntax` reads the text (sqlparser, DuckDB's dialect); `parse` turns its tree into expressions
//! with `types` and `functions`; `eval` says for one record whether the expression is true, false or
//! NULL; `like` holds the patterns of `LIKE`; `value` reads texts as numbers and truth values.
//!
//! A record's columns are texts or NULL. A column takes the type of what it is compared with: beside
//! a number it is read as a number, and what is no number is then NULL (as `TRY_CAST` does). Numbers
//! are 64-bit integers or doubles; division by zero, overflow and what is not finite are NULL.
mod eval;
mod functions;
mod like;
mod parse;
mod syntax;
mod types;
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

    /// Reads a SQL boolean expression of which the opposite is meant: what is TRUE becomes FALSE, FALSE
    /// becomes TRUE, and NULL stays.
    ///
    /// # Errors
    /// As [`Predicate::parse`].
    pub fn parse_opposite(text: &str) -> Result<Self, PredicateError> {
        let parsed = parse::parse(text)?;
        Ok(Self {
            text: format!("NOT ({text})").into(),
            columns: parsed.columns.into(),
            expression: Arc::new(eval::Logic::Not(Box::new(parsed.expression))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECORD: [(&str, Option<&str>); 6] = [
        ("status", Some("503")),
        ("path", Some("/health/live")),
        ("duration", Some("0.25")),
        ("note", None),
        ("Mixed Case", Some("x")),
        ("word", Some("abc")),
    ];

    fn evaluate(text: &str) -> Option<bool> {
        let predicate = Predicate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        predicate.evaluate_named(|name| RECORD.iter().find(|(known, _)| *known == name)?.1)
    }

    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        assert_eq!(evaluate(text), expected, "{text}");
    }

    #[track_caller]
    fn refuse(text: &str, at: &str, message: &str, help: &str) {
        let error = Predicate::parse(text).expect_err(text);
        assert_eq!(&text[error.at.clone()], at, "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{:?}", error.help);
    }

    #[test]
    fn comparisons_take_the_type_of_the_other_side() {
        check("status < 500", Some(false));
        check("500 <= status", Some(true));
        check("status = '503'", Some(true));
        check("status = 503.0", Some(true));
        check("duration <= 0.25", Some(true));
        check("path < 1", None);
        check("path = '/health/live' AND \"Mixed Case\" <> 'y'", Some(true));
        check("status - 3 = 5 * 1e2", Some(true));
        check("status / 2 = 251.5 AND status % 500 = 3 AND -status < 0", Some(true));
        check("1 / 0 = 1", None);
    }

    #[test]
    fn three_values_of_logic() {
        check("note = 'x'", None);
        check("note = 'x' OR status = 503", Some(true));
        check("note = 'x' AND status = 503", None);
        check("note = 'x' AND status = 200", Some(false));
        check("NOT note = 'x'", None);
        check("note IS NULL AND status IS NOT NULL", Some(true));
        check("(note = 'x') IS NOT TRUE", Some(true));
        check("(status = 503) IS TRUE AND (status = 200) IS FALSE", Some(true));
        check("(note = 'x') IS UNKNOWN", Some(true));
        check("status IN (200, 503, NULL)", Some(true));
        check("status IN (200, NULL)", None);
        check("status NOT IN (200, 404)", Some(true));
        check("status BETWEEN 500 AND 599 AND duration NOT BETWEEN 1 AND 2", Some(true));
        check("NULL", None);
        check("true AND NOT false", Some(true));
    }

    #[test]
    fn texts_functions_and_casts() {
        check("path NOT LIKE '/health%'", Some(false));
        check("path LIKE '/HEALTH%' OR path ILIKE '/HEALTH%'", Some(true));
        check("path LIKE '/health!/l_ve' ESCAPE '!'", Some(true));
        check(
            "starts_with(path, '/h') AND ends_with(path, 'e') AND contains(path, '/l')",
            Some(true),
        );
        check("regexp_matches(path, '^/health/(live|ready)$')", Some(true));
        check("regexp_matches(path, 'LIVE', 'i') AND NOT regexp_matches(path, 'LIVE')", Some(true));
        check("upper(word) = 'ABC' AND lower('ÄB') = 'äb' AND length('äb') = 2", Some(true));
        check("coalesce(note, word) = 'abc' AND ifnull(note, '1') = '1'", Some(true));
        check("CASE WHEN status >= 500 THEN 'bad' ELSE 'good' END = 'bad'", Some(true));
        check("CASE status WHEN 503 THEN duration <= 1 ELSE false END", Some(true));
        check("CASE WHEN note IS NULL THEN NULL ELSE 1 END = 1", None);
        check("CAST(status AS INTEGER) = 503 AND status::double = 503", Some(true));
        check(
            "word::integer IS NULL AND duration::bigint = 0 AND status::tinyint IS NULL",
            Some(true),
        );
        check("status::varchar < '6' AND length(status::varchar) = 3", Some(true));
        check("'yes'::boolean", Some(true));
    }

    #[test]
    fn errors_say_where_and_what_to_write() {
        refuse("", "", "is empty", "status < 500");
        refuse("status <", "", "", "");
        refuse("status < 500 path = 'x'", "path", "expected the end", "`AND`");
    }

    #[test]
    fn refusals_have_places() {
        refuse("status < 500 AND path = 'x", "'x", "", "single quotes");
        refuse("a = 1 AND status + 1", "status + 1", "expected a condition, found a number", "500");
        refuse("status < '500'", "status < '500'", "ordered letter by letter", "`500`");
        refuse(
            "duration < threshold",
            "duration < threshold",
            "both sides are columns",
            "::double",
        );
        refuse(
            "lower(path) = 5",
            "lower(path) = 5",
            "a text cannot be compared with a number",
            "cast",
        );
        refuse("t.status = 5", "t.status", "a record has none", "`\"t.status\"`");
        refuse("uper(path) = 'X'", "uper(path)", "unknown function `uper`", "`upper`");
        refuse("length(path, 1) = 2", "length(path, 1)", "takes 1 argument, not 2", "");
        refuse("path LIKE word", "word", "a text in single quotes", "");
        refuse("regexp_matches(path, '(')", "'('", "regular expression is not valid", "");
        refuse("status = (SELECT 1)", "SELECT 1", "is not supported", "comparisons");
        refuse("duration::float < 1", "duration", "cast to `FLOAT`", "`double`");
        refuse("'é' = 'é' AND lenght(path) = 1", "lenght(path)", "unknown function", "`length`");
    }

    #[test]
    fn hostile_depth_and_length_end_in_an_error() {
        let deep = format!("{}a = 1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(Predicate::parse(&deep).is_err());
        assert!(Predicate::parse(&format!("{}a", "(".repeat(1900))).is_err());
        assert!(Predicate::parse(&format!("{} a = 1", "NOT ".repeat(1900))).is_err());
        assert!(Predicate::parse(&format!("{} 1 = 1", "- ".repeat(3))).is_ok());
        assert!(Predicate::parse(&format!("1{} = 1", "+1".repeat(1900))).is_err());
        let case = "CASE WHEN a THEN ".repeat(500) + "1" + &" END".repeat(500);
        assert!(Predicate::parse(&case).is_err());
        assert!(Predicate::parse(&format!("1{} = 1", "||1".repeat(1900))).is_err());
        assert!(Predicate::parse(&format!("a{}", " IS NULL".repeat(900))).is_err());
        assert!(Predicate::parse(&format!("a{} = 1", "::int".repeat(1900))).is_err());
        assert!(Predicate::parse(&format!("a{} = 1", "[1]".repeat(900))).is_err());
        let chain = vec!["status <> 200"; 900].join(" AND ");
        assert_eq!(evaluate(&chain), Some(true));
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = Predicate::parse(&text);
        }

        #[test]
        fn no_sequence_of_words_panics(words in prop::collection::vec(prop::sample::select(vec![
            "status", "'x'", "5", "1e400", "=", "<", "AND", "OR", "NOT", "(", ")", "IS", "NULL", "IN",
            ",", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "::", "integer", "lower",
            "coalesce", "+", "-", "/", "%", "é", "\n", "--", "\"", "regexp_matches",
        ]), 0..25)) {
            if let Ok(predicate) = Predicate::parse(&words.join(" ")) {
                predicate.evaluate_named(|_| Some("5"));
            }
            if let Err(error) = Predicate::parse(&words.concat()) {
                prop_assert!(words.concat().get(error.at).is_some());
            }
        }
    }
}
