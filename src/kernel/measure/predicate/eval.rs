//! Expressions with their types, and their values for one record.
use std::{borrow::Cow, cmp::Ordering};

use super::{
    like::{self, Pattern},
    value::{Number as Value, read_number, read_truth},
};

/// One column of one record: its text, or NULL.
pub(in super::super) type Field<'a> = Option<&'a [u8]>;

/// The columns of one record as one predicate sees them: its column `i` is `fields[slots[i]]`.
#[derive(Clone, Copy)]
pub(in super::super) struct Columns<'a> {
    pub(in super::super) fields: &'a [Field<'a>],
    pub(in super::super) slots: &'a [u16],
}

impl<'a> Columns<'a> {
    fn get(self, column: u16) -> Field<'a> {
        self.fields[usize::from(self.slots[usize::from(column)])]
    }
}

/// SQL's three truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Truth {
    True,
    False,
    Null,
}

impl Truth {
    fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    fn from_option(value: Option<bool>) -> Self {
        value.map_or(Self::Null, Self::of)
    }

    pub(super) fn to_option(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            Self::Null => None,
        }
    }

    fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Null => Self::Null,
        }
    }
}

/// `=`, `<` and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// Whether it asks for an order, not only for sameness.
    pub(super) fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    /// The same with its sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// Which part of a text another one must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartOf {
    Start,
    End,
    Anywhere,
}

/// Branches of a `CASE`: the first whose condition is TRUE, else the last.
#[derive(Clone, Debug)]
pub(super) struct Case<T> {
    pub(super) branches: Vec<(Logic, T)>,
    pub(super) otherwise: Option<Box<T>>,
}

impl<T> Case<T> {
    fn choose(&self, columns: Columns<'_>) -> Option<&T> {
        self.branches
            .iter()
            .find(|(condition, _)| condition.evaluate(columns) == Truth::True)
            .map(|(_, value)| value)
            .or(self.otherwise.as_deref())
    }
}

/// An expression whose value is a truth value.
#[derive(Clone, Debug)]
pub(super) enum Logic {
    Literal(Truth),
    FromText(Box<Text>),
    FromNumber(Box<Number>),
    Not(Box<Logic>),
    And(Vec<Logic>),
    Or(Vec<Logic>),
    Is(Box<Logic>, Truth),
    NumberIsNull(Box<Number>),
    TextIsNull(Box<Text>),
    /// `column < 500`: by far the most frequent, hence its own fast form.
    ColumnToNumber(u16, Comparison, Value),
    Numbers(Comparison, Box<Number>, Box<Number>),
    Texts(Comparison, Box<Text>, Box<Text>),
    Truths(Comparison, Box<Logic>, Box<Logic>),
    Like(Box<Text>, Box<Pattern>),
    Matches(Box<Text>, Box<regex::bytes::Regex>),
    HasPart(PartOf, Box<Text>, Box<Text>),
    Case(Case<Logic>),
    Coalesce(Vec<Logic>),
}

/// An expression whose value is a number.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Null,
    Literal(Value),
    FromText(Box<Text>),
    FromLogic(Box<Logic>),
    Negative(Box<Number>),
    Calculate(Arithmetic, Box<Number>, Box<Number>),
    Length(Box<Text>),
    /// Cast to an integer of that range.
    ToWhole(Box<Number>, i64, i64),
    /// Cast of a text to an integer of that range.
    TextToWhole(Box<Text>, i64, i64),
    Case(Case<Number>),
    Coalesce(Vec<Number>),
}

/// `+` and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// An expression whose value is a text.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Null,
    Literal(Vec<u8>),
    Column(u16),
    Lower(Box<Text>),
    Upper(Box<Text>),
    FromWhole(Box<Number>),
    FromLogic(Box<Logic>),
    Case(Case<Text>),
    Coalesce(Vec<Text>),
}

impl Logic {
    /// Its value for one record.
    pub(super) fn evaluate(&self, columns: Columns<'_>) -> Truth {
        match self {
            Self::Literal(truth) => *truth,
            Self::ColumnToNumber(column, comparison, limit) => {
                match columns.get(*column).and_then(read_number) {
                    Some(value) => Truth::of(comparison.holds(value.compare(*limit))),
                    None => Truth::Null,
                }
            }
            Self::And(parts) => all(parts, columns, Truth::False),
            Self::Or(parts) => all(parts, columns, Truth::True),
            Self::Not(inner) => inner.evaluate(columns).negate(),
            Self::Is(inner, wanted) => Truth::of(inner.evaluate(columns) == *wanted),
            Self::NumberIsNull(inner) => Truth::of(inner.evaluate(columns).is_none()),
            Self::TextIsNull(inner) => Truth::of(inner.evaluate(columns).is_none()),
            Self::FromText(text) => {
                Truth::from_option(text.evaluate(columns).and_then(|text| read_truth(&text)))
            }
            Self::FromNumber(number) => {
                Truth::from_option(number.evaluate(columns).map(|value| value.to_float() != 0.0))
            }
            Self::Case(case) => {
                case.choose(columns).map_or(Truth::Null, |value| value.evaluate(columns))
            }
            Self::Coalesce(parts) => parts
                .iter()
                .map(|part| part.evaluate(columns))
                .find(|truth| *truth != Truth::Null)
                .unwrap_or(Truth::Null),
            _ => Truth::from_option(self.compare(columns)),
        }
    }

    /// The forms that are NULL as soon as one of their operands is.
    fn compare(&self, columns: Columns<'_>) -> Option<bool> {
        Some(match self {
            Self::Numbers(comparison, left, right) => {
                comparison.holds(left.evaluate(columns)?.compare(right.evaluate(columns)?))
            }
            Self::Texts(comparison, left, right) => {
                comparison.holds(left.evaluate(columns)?.cmp(&right.evaluate(columns)?))
            }
            Self::Truths(comparison, left, right) => {
                let left = left.evaluate(columns).to_option()?;
                comparison.holds(left.cmp(&right.evaluate(columns).to_option()?))
            }
            Self::Like(text, pattern) => pattern.matches(&text.evaluate(columns)?),
            Self::Matches(text, regex) => regex.is_match(&text.evaluate(columns)?),
            Self::HasPart(place, text, part) => {
                let (text, part) = (text.evaluate(columns)?, part.evaluate(columns)?);
                match place {
                    PartOf::Start => text.starts_with(&part),
                    PartOf::End => text.ends_with(&part),
                    PartOf::Anywhere => memchr::memmem::find(&text, &part).is_some(),
                }
            }
            _ => return None,
        })
    }
}

/// AND (`decisive` FALSE) or OR (`decisive` TRUE): one decisive part decides, else one NULL makes NULL.
fn all(parts: &[Logic], columns: Columns<'_>, decisive: Truth) -> Truth {
    let mut result = decisive.negate();
    for part in parts {
        let truth = part.evaluate(columns);
        if truth == decisive {
            return decisive;
        }
        if truth == Truth::Null {
            result = Truth::Null;
        }
    }
    result
}

impl Number {
    fn evaluate(&self, columns: Columns<'_>) -> Option<Value> {
        match self {
            Self::Null => None,
            Self::Literal(value) => Some(*value),
            Self::FromText(text) => read_number(&text.evaluate(columns)?),
            Self::FromLogic(logic) => {
                Some(Value::Whole(logic.evaluate(columns).to_option()?.into()))
            }
            Self::Negative(inner) => match inner.evaluate(columns)? {
                Value::Whole(value) => value.checked_neg().map(Value::Whole),
                Value::Float(value) => Some(Value::Float(-value)),
            },
            Self::Calculate(operation, left, right) => {
                calculate(*operation, left.evaluate(columns)?, right.evaluate(columns)?)
            }
            Self::Length(text) => {
                let characters = like::count_characters(&text.evaluate(columns)?);
                i64::try_from(characters).ok().map(Value::Whole)
            }
            Self::ToWhole(inner, low, high) => {
                let whole = match inner.evaluate(columns)? {
                    Value::Whole(value) => value,
                    Value::Float(value) => to_whole(value.round_ties_even())?,
                };
                (*low..=*high).contains(&whole).then_some(Value::Whole(whole))
            }
            Self::TextToWhole(text, low, high) => {
                let whole = match read_number(&text.evaluate(columns)?)? {
                    Value::Whole(value) => value,
                    Value::Float(value) => to_whole(value.round())?,
                };
                (*low..=*high).contains(&whole).then_some(Value::Whole(whole))
            }
            Self::Case(case) => case.choose(columns)?.evaluate(columns),
            Self::Coalesce(parts) => parts.iter().find_map(|part| part.evaluate(columns)),
        }
    }
}

/// The integer that a rounded double is, if it is one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked just before")]
fn to_whole(rounded: f64) -> Option<i64> {
    (-9.2e18..=9.2e18).contains(&rounded).then_some(rounded as i64)
}

/// One operation; `/` always divides exactly, as in DuckDB.
fn calculate(operation: Arithmetic, left: Value, right: Value) -> Option<Value> {
    if let (Value::Whole(left), Value::Whole(right)) = (left, right) {
        match operation {
            Arithmetic::Add => return left.checked_add(right).map(Value::Whole),
            Arithmetic::Subtract => return left.checked_sub(right).map(Value::Whole),
            Arithmetic::Multiply => return left.checked_mul(right).map(Value::Whole),
            Arithmetic::Remainder => return left.checked_rem(right).map(Value::Whole),
            Arithmetic::Divide => {}
        }
    }
    let (left, right) = (left.to_float(), right.to_float());
    Value::finite(match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    })
}

impl Text {
    fn evaluate<'a>(&'a self, columns: Columns<'a>) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Null => None,
            Self::Literal(text) => Some(Cow::Borrowed(text)),
            Self::Column(column) => columns.get(*column).map(Cow::Borrowed),
            Self::Lower(inner) => Some(owned(inner.evaluate(columns)?, like::lower)),
            Self::Upper(inner) => Some(owned(inner.evaluate(columns)?, like::upper)),
            Self::FromWhole(number) => match number.evaluate(columns)? {
                Value::Whole(value) => Some(Cow::Owned(value.to_string().into_bytes())),
                Value::Float(_) => None,
            },
            Self::FromLogic(logic) => logic
                .evaluate(columns)
                .to_option()
                .map(|truth| Cow::Borrowed(if truth { "true" } else { "false" }.as_bytes())),
            Self::Case(case) => case.choose(columns)?.evaluate(columns),
            Self::Coalesce(parts) => parts.iter().find_map(|part| part.evaluate(columns)),
        }
    }
}

/// `change` of a text that may be borrowed for long or owned for now.
fn owned(text: Cow<'_, [u8]>, change: fn(&[u8]) -> Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => change(text),
        Cow::Owned(text) => Cow::Owned(change(&text).into_owned()),
    }
}
