//! From the tree of a predicate to a typed expression.
use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr, Ident, Spanned, UnaryOperator, Value as Literal};

use super::{
    ColumnUse, PredicateError,
    eval::{Arithmetic, Comparison, Logic, Number, Text, Truth},
    functions,
    like::Pattern,
    syntax::{DEEPEST, range, read_tree, with_parenthesis},
    types::Typed,
    value::{Number as Value, read_number},
};

/// A typed expression and the columns that it names.
pub(super) struct Parsed {
    pub(super) expression: Logic,
    pub(super) columns: Vec<ColumnUse>,
}

/// Reads a whole predicate.
pub(super) fn parse(text: &str) -> Result<Parsed, PredicateError> {
    let tree = read_tree(text)?;
    let mut compiler = Compiler { text, columns: Vec::new() };
    let typed = compiler.typed(&tree, 0)?;
    let expression = compiler.to_logic(typed, &tree)?;
    Ok(Parsed { expression, columns: compiler.columns })
}

/// Gives types to a tree and collects its columns.
pub(super) struct Compiler<'t> {
    text: &'t str,
    columns: Vec<ColumnUse>,
}

impl Compiler<'_> {
    pub(super) fn error(
        &self,
        at: &Expr,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> PredicateError {
        PredicateError { message: message.into(), at: self.place(at), help: help.into() }
    }

    /// Bytes of an expression. The parser makes long chains deep on their left side, so that side is
    /// followed without recursion.
    fn place(&self, at: &Expr) -> Range<usize> {
        let mut first = at;
        while let Expr::BinaryOp { left, .. }
        | Expr::Cast { expr: left, .. }
        | Expr::IsNull(left)
        | Expr::IsNotNull(left)
        | Expr::Like { expr: left, .. }
        | Expr::InList { expr: left, .. }
        | Expr::Between { expr: left, .. } = first
        {
            first = left;
        }
        let last = match at {
            Expr::BinaryOp { right, .. } => right,
            Expr::Like { pattern, .. } => pattern,
            Expr::Between { high, .. } => high,
            Expr::InList { list, .. } => list.last().unwrap_or(first),
            _ => first,
        };
        let place = range(self.text, first.span()).start..range(self.text, last.span()).end;
        match last {
            Expr::Function(_) => with_parenthesis(self.text, place),
            _ => place,
        }
    }

    /// The words of an expression, shortened to fit a message.
    pub(super) fn words(&self, at: &Expr) -> String {
        const LENGTH: usize = 60;
        let words = &self.text[self.place(at)];
        match words.char_indices().nth(LENGTH) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words.to_owned(),
        }
    }

    fn unsupported(&self, expression: &Expr) -> PredicateError {
        self.error(
            expression,
            format!("`{}` is not supported in a predicate", self.words(expression)),
            Some(
                "predicates know comparisons, AND, OR, NOT, IS NULL, IN, BETWEEN, LIKE, \
                 arithmetic, CASE, CAST and a few functions"
                    .to_owned(),
            ),
        )
    }

    /// An expression with its type; `depth` counts what it stands in.
    pub(super) fn typed(&mut self, tree: &Expr, depth: usize) -> Result<Typed, PredicateError> {
        if depth > DEEPEST {
            return Err(self.error(
                tree,
                format!("expressions stand more than {DEEPEST} deep inside each other"),
                Some("write it with fewer parentheses".to_owned()),
            ));
        }
        let deeper = depth + 1;
        Ok(match tree {
            Expr::Nested(inner) => return self.typed(inner, deeper),
            Expr::Identifier(name) => Typed::Column(self.column(name)),
            Expr::CompoundIdentifier(parts) => {
                let name =
                    parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
                return Err(self.error(
                    tree,
                    format!(
                        "`{}` names a column of a table, and a record has none",
                        self.words(tree)
                    ),
                    Some(format!("write the column's name, in double quotes: `\"{name}\"`")),
                ));
            }
            Expr::Value(value) => self.literal(&value.value, tree)?,
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, tree, deeper)?,
            Expr::BinaryOp { left, op, right } => self.binary(tree, left, op, right, deeper)?,
            Expr::IsNull(inner) => Typed::Logic(self.is_null(inner, deeper)?),
            Expr::IsNotNull(inner) => Typed::Logic(negate(self.is_null(inner, deeper)?)),
            Expr::IsTrue(inner) => Typed::Logic(self.is(inner, Truth::True, deeper)?),
            Expr::IsNotTrue(inner) => Typed::Logic(negate(self.is(inner, Truth::True, deeper)?)),
            Expr::IsFalse(inner) => Typed::Logic(self.is(inner, Truth::False, deeper)?),
            Expr::IsNotFalse(inner) => {
                Typed::Logic(negate(self.is(inner, Truth::False, deeper)?))
            }
            Expr::IsUnknown(inner) => Typed::Logic(self.is(inner, Truth::Null, deeper)?),
            Expr::IsNotUnknown(inner) => {
                Typed::Logic(negate(self.is(inner, Truth::Null, deeper)?))
            }
            Expr::InList { expr, list, negated } => {
                let value = self.typed(expr, deeper)?;
                let mut alternatives = Vec::with_capacity(list.len());
                for item in list {
                    let item_value = self.typed(item, deeper)?;
                    let equal = Comparison::Equal;
                    alternatives.push(self.compare(equal, value.clone(), item_value, item)?);
                }
                negated_if(*negated, Logic::Or(alternatives))
            }
            Expr::Between { expr, negated, low, high } => {
                let value = self.typed(expr, deeper)?;
                let (from, to) = (self.typed(low, deeper)?, self.typed(high, deeper)?);
                let least = Comparison::GreaterOrEqual;
                let above = self.compare(least, value.clone(), from, low)?;
                let below = self.compare(Comparison::LessOrEqual, value, to, high)?;
                negated_if(*negated, Logic::And(vec![above, below]))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                let like = self.like(expr, pattern, escape_char.as_deref(), false, deeper)?;
                negated_if(*negated, like)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                let like = self.like(expr, pattern, escape_char.as_deref(), true, deeper)?;
                negated_if(*negated, like)
            }
            Expr::Cast { expr, data_type, format: None, .. } => {
                let value = self.typed(expr, deeper)?;
                functions::cast(self, value, data_type, tree)?
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                let operand = match operand {
                    Some(operand) => Some(self.typed(operand, deeper)?),
                    None => None,
                };
                let mut branches = Vec::with_capacity(conditions.len());
                for when in conditions {
                    let condition = self.typed(&when.condition, deeper)?;
                    let condition = match &operand {
                        Some(operand) => {
                            let operand = operand.clone();
                            self.compare(Comparison::Equal, operand, condition, &when.condition)?
                        }
                        None => self.to_logic(condition, &when.condition)?,
                    };
                    branches.push((condition, self.typed(&when.result, deeper)?));
                }
                let otherwise = match else_result {
                    Some(result) => self.typed(result, deeper)?,
                    None => Typed::Null,
                };
                self.case(branches, otherwise, tree)?
            }
            Expr::Function(function) => functions::call(self, function, tree, deeper)?,
            _ => return Err(self.unsupported(tree)),
        })
    }

    fn column(&mut self, name: &Ident) -> Text {
        let known = self.columns.iter().position(|column| column.name == name.value);
        let index = known.unwrap_or_else(|| {
            self.columns.push(ColumnUse {
                name: name.value.clone(),
                at: range(self.text, name.span),
                quoted: name.quote_style.is_some(),
            });
            self.columns.len() - 1
        });
        // A predicate has at most `MOST_TOKENS` columns.
        Text::Column(u16::try_from(index).unwrap_or(u16::MAX))
    }

    fn literal(&self, value: &Literal, tree: &Expr) -> Result<Typed, PredicateError> {
        Ok(match value {
            Literal::Null => Typed::Null,
            Literal::Boolean(truth) => {
                Typed::Logic(Logic::Literal(if *truth { Truth::True } else { Truth::False }))
            }
            Literal::SingleQuotedString(text) => {
                Typed::Text(Text::Literal(text.clone().into_bytes()))
            }
            Literal::Number(digits, false) => {
                let plain = digits.replace('_', "");
                let number = read_number(plain.as_bytes()).ok_or_else(|| {
                    self.error(tree, format!("`{digits}` is not a finite number"), None)
                })?;
                Typed::Number(Number::Literal(number))
            }
            _ => return Err(self.unsupported(tree)),
        })
    }

    fn unary(
        &mut self,
        operator: UnaryOperator,
        inner: &Expr,
        tree: &Expr,
        depth: usize,
    ) -> Result<Typed, PredicateError> {
        let value = self.typed(inner, depth)?;
        Ok(match operator {
            UnaryOperator::Not => Typed::Logic(negate(self.to_logic(value, inner)?)),
            UnaryOperator::Plus => Typed::Number(self.to_number(value, inner)?),
            UnaryOperator::Minus => Typed::Number(match self.to_number(value, inner)? {
                Number::Literal(Value::Whole(value)) => {
                    Number::Literal(Value::Whole(value.wrapping_neg()))
                }
                Number::Literal(Value::Float(value)) => Number::Literal(Value::Float(-value)),
                other => Number::Negative(Box::new(other)),
            }),
            _ => return Err(self.unsupported(tree)),
        })
    }

    fn binary(
        &mut self,
        tree: &Expr,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        depth: usize,
    ) -> Result<Typed, PredicateError> {
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            let mut parts = Vec::new();
            for part in chain(tree, operator) {
                let value = self.typed(part, depth)?;
                parts.push(self.to_logic(value, part)?);
            }
            let is_and = matches!(operator, BinaryOperator::And);
            return Ok(Typed::Logic(if is_and { Logic::And(parts) } else { Logic::Or(parts) }));
        }
        let comparison = match operator {
            BinaryOperator::Eq => Some(Comparison::Equal),
            BinaryOperator::NotEq => Some(Comparison::NotEqual),
            BinaryOperator::Lt => Some(Comparison::Less),
            BinaryOperator::LtEq => Some(Comparison::LessOrEqual),
            BinaryOperator::Gt => Some(Comparison::Greater),
            BinaryOperator::GtEq => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        let operation = match operator {
            BinaryOperator::Plus => Some(Arithmetic::Add),
            BinaryOperator::Minus => Some(Arithmetic::Subtract),
            BinaryOperator::Multiply => Some(Arithmetic::Multiply),
            BinaryOperator::Divide => Some(Arithmetic::Divide),
            BinaryOperator::Modulo => Some(Arithmetic::Remainder),
            _ => None,
        };
        if comparison.is_none() && operation.is_none() {
            return Err(self.unsupported(tree));
        }
        let (left_value, right_value) = (self.typed(left, depth)?, self.typed(right, depth)?);
        if let Some(comparison) = comparison {
            return Ok(Typed::Logic(self.compare(comparison, left_value, right_value, tree)?));
        }
        let left = Box::new(self.to_number(left_value, left)?);
        let right = Box::new(self.to_number(right_value, right)?);
        // Without an operation the function has returned above.
        let operation = operation.unwrap_or(Arithmetic::Add);
        Ok(Typed::Number(Number::Calculate(operation, left, right)))
    }

    fn is_null(&mut self, inner: &Expr, depth: usize) -> Result<Logic, PredicateError> {
        Ok(match self.typed(inner, depth)? {
            Typed::Null => Logic::Literal(Truth::True),
            Typed::Logic(logic) => Logic::Is(Box::new(logic), Truth::Null),
            Typed::Number(number) => Logic::NumberIsNull(Box::new(number)),
            Typed::Text(text) | Typed::Column(text) => Logic::TextIsNull(Box::new(text)),
        })
    }

    fn is(&mut self, inner: &Expr, truth: Truth, depth: usize) -> Result<Logic, PredicateError> {
        let value = self.typed(inner, depth)?;
        Ok(Logic::Is(Box::new(self.to_logic(value, inner)?), truth))
    }

    fn like(
        &mut self,
        text: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
        fold_case: bool,
        depth: usize,
    ) -> Result<Logic, PredicateError> {
        let value = self.typed(text, depth)?;
        let value = self.to_text(value, text)?;
        let words = self.literal_text(pattern, "a pattern of LIKE", depth)?;
        let escape = match escape {
            None => None,
            Some(place) => {
                let escape = self.literal_text(place, "an escape character", depth)?;
                let mut characters = escape.chars();
                match (characters.next(), characters.next()) {
                    (first, None) => first,
                    _ => {
                        return Err(self.error(place, "an escape is one character", None));
                    }
                }
            }
        };
        let pattern = Pattern::new(&words, escape, fold_case)
            .ok_or_else(|| self.error(pattern, "the pattern ends in its escape character", None))?;
        Ok(Logic::Like(Box::new(value), Box::new(pattern)))
    }

    /// A text that must be written out.
    pub(super) fn literal_text(
        &mut self,
        tree: &Expr,
        what: &str,
        depth: usize,
    ) -> Result<String, PredicateError> {
        match self.typed(tree, depth)? {
            Typed::Text(Text::Literal(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(self.error(
                tree,
                format!("{what} is a text in single quotes, not `{}`", self.words(tree)),
                None,
            )),
        }
    }
}

fn negate(logic: Logic) -> Logic {
    Logic::Not(Box::new(logic))
}

fn negated_if(negated: bool, logic: Logic) -> Typed {
    Typed::Logic(if negated { negate(logic) } else { logic })
}

/// The operands of a chain such as `a AND b AND c`, left to right, without recursion.
fn chain<'e>(tree: &'e Expr, operator: &BinaryOperator) -> Vec<&'e Expr> {
    let mut parts = Vec::new();
    let mut rest = tree;
    while let Expr::BinaryOp { left, op, right } = rest
        && op == operator
    {
        parts.push(right.as_ref());
        rest = left;
    }
    parts.push(rest);
    parts.reverse();
    parts
}
