//! The types of expressions, and how two of them are brought together.
use sqlparser::ast::Expr;

use super::{
    PredicateError,
    eval::{Case, Comparison, Logic, Number, Text, Truth},
    parse::Compiler,
    value::read_number,
};

/// An expression of any type.
#[derive(Clone, Debug)]
pub(super) enum Typed {
    Null,
    Logic(Logic),
    Number(Number),
    Text(Text),
    /// Columns: texts that are read as whatever they are used as.
    Column(Text),
}

/// Alternatives of one type.
pub(super) enum Unified {
    Logic(Vec<Logic>),
    Number(Vec<Number>),
    Text(Vec<Text>),
    Column(Vec<Text>),
}

impl Typed {
    fn name(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Logic(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Column(_) => "a column",
        }
    }
}

impl Compiler<'_> {
    /// A comparison, its sides brought to one type.
    pub(super) fn compare(
        &self,
        comparison: Comparison,
        left: Typed,
        right: Typed,
        at: &Expr,
    ) -> Result<Logic, PredicateError> {
        use Typed::{Column, Null};
        Ok(match (left, right) {
            (Null, _) | (_, Null) => Logic::Literal(Truth::Null),
            (left @ Typed::Logic(_), right @ (Typed::Logic(_) | Column(_)))
            | (left @ Column(_), right @ Typed::Logic(_)) => {
                let (left, right) = (self.to_logic(left, at)?, self.to_logic(right, at)?);
                Logic::Truths(comparison, Box::new(left), Box::new(right))
            }
            (left @ Typed::Number(_), right @ (Typed::Number(_) | Column(_)))
            | (left @ Column(_), right @ Typed::Number(_)) => {
                numbers(comparison, self.to_number(left, at)?, self.to_number(right, at)?)
            }
            (Column(text), Typed::Text(other)) | (Typed::Text(other), Column(text))
                if comparison.orders() && is_numeric_literal(&other) =>
            {
                let Text::Literal(digits) = &other else {
                    return Ok(Logic::Texts(comparison, Box::new(text), Box::new(other)));
                };
                let digits = String::from_utf8_lossy(digits);
                return Err(self.error(
                    at,
                    format!("`'{digits}'` is a text, and texts are ordered letter by letter"),
                    Some(format!("compare with the number: `{digits}` without quotes")),
                ));
            }
            (Column(_), Column(_)) if comparison.orders() => {
                return Err(self.error(
                    at,
                    "both sides are columns, and how to order them is not known",
                    Some("say how to read them, such as `a::double < b::double`".to_owned()),
                ));
            }
            (Column(left) | Typed::Text(left), Column(right) | Typed::Text(right)) => {
                Logic::Texts(comparison, Box::new(left), Box::new(right))
            }
            (left, right) => {
                return Err(self.error(
                    at,
                    format!("{} cannot be compared with {}", left.name(), right.name()),
                    Some("cast one side, such as `duration::double`".to_owned()),
                ));
            }
        })
    }

    /// A `CASE` whose branches are brought to one type.
    pub(super) fn case(
        &self,
        branches: Vec<(Logic, Typed)>,
        otherwise: Typed,
        at: &Expr,
    ) -> Result<Typed, PredicateError> {
        let (conditions, mut results): (Vec<_>, Vec<_>) = branches.into_iter().unzip();
        results.push(otherwise);
        Ok(match self.unify(results, at)? {
            Unified::Logic(results) => Typed::Logic(Logic::Case(join(conditions, results))),
            Unified::Number(results) => Typed::Number(Number::Case(join(conditions, results))),
            Unified::Text(results) => Typed::Text(Text::Case(join(conditions, results))),
            Unified::Column(results) => Typed::Column(Text::Case(join(conditions, results))),
        })
    }

    /// Brings alternatives to one type: that of those that have one.
    pub(super) fn unify(&self, values: Vec<Typed>, at: &Expr) -> Result<Unified, PredicateError> {
        let has = |wanted: fn(&Typed) -> bool| values.iter().any(wanted);
        let logic = has(|value| matches!(value, Typed::Logic(_)));
        let number = has(|value| matches!(value, Typed::Number(_)));
        let text = has(|value| matches!(value, Typed::Text(_)));
        let values = values.into_iter();
        match (logic, number, text) {
            (true, false, false) => {
                values.map(|v| self.to_logic(v, at)).collect::<Result<_, _>>().map(Unified::Logic)
            }
            (false, true, false) => {
                values.map(|v| self.to_number(v, at)).collect::<Result<_, _>>().map(Unified::Number)
            }
            (false, false, true) => {
                values.map(|v| self.to_text(v, at)).collect::<Result<_, _>>().map(Unified::Text)
            }
            (false, false, false) => {
                values.map(|v| self.to_text(v, at)).collect::<Result<_, _>>().map(Unified::Column)
            }
            _ => Err(self.error(
                at,
                "the alternatives have different types",
                Some("cast them to one type, such as `::varchar`".to_owned()),
            )),
        }
    }

    pub(super) fn to_logic(&self, value: Typed, at: &Expr) -> Result<Logic, PredicateError> {
        match value {
            Typed::Null => Ok(Logic::Literal(Truth::Null)),
            Typed::Logic(logic) => Ok(logic),
            Typed::Column(text) => Ok(Logic::FromText(Box::new(text))),
            other => Err(self.error(
                at,
                format!("expected a condition, found {}", other.name()),
                Some("compare it with something, such as `status < 500`".to_owned()),
            )),
        }
    }

    pub(super) fn to_number(&self, value: Typed, at: &Expr) -> Result<Number, PredicateError> {
        match value {
            Typed::Null => Ok(Number::Null),
            Typed::Number(number) => Ok(number),
            Typed::Column(text) => Ok(Number::FromText(Box::new(text))),
            other => Err(self.error(
                at,
                format!("expected a number, found {}", other.name()),
                Some("cast it, such as `duration::double`".to_owned()),
            )),
        }
    }

    pub(super) fn to_text(&self, value: Typed, at: &Expr) -> Result<Text, PredicateError> {
        match value {
            Typed::Null => Ok(Text::Null),
            Typed::Text(text) | Typed::Column(text) => Ok(text),
            other => Err(self.error(
                at,
                format!("expected a text, found {}", other.name()),
                Some("cast it, such as `status::varchar`".to_owned()),
            )),
        }
    }
}

/// Conditions with their results, the last of which belongs to ELSE.
fn join<T>(conditions: Vec<Logic>, mut results: Vec<T>) -> Case<T> {
    let otherwise = results.pop().map(Box::new);
    Case { branches: conditions.into_iter().zip(results).collect(), otherwise }
}

fn is_numeric_literal(text: &Text) -> bool {
    matches!(text, Text::Literal(digits) if read_number(digits).is_some())
}

/// Numbers compared, a bare column beside a literal in the fast form.
fn numbers(comparison: Comparison, left: Number, right: Number) -> Logic {
    let column = |number: &Number| match number {
        Number::FromText(text) => match **text {
            Text::Column(column) => Some(column),
            _ => None,
        },
        _ => None,
    };
    match (column(&left), column(&right), &left, &right) {
        (Some(column), _, _, Number::Literal(limit)) => {
            Logic::ColumnToNumber(column, comparison, *limit)
        }
        (_, Some(column), Number::Literal(limit), _) => {
            Logic::ColumnToNumber(column, comparison.mirrored(), *limit)
        }
        _ => Logic::Numbers(comparison, Box::new(left), Box::new(right)),
    }
}
