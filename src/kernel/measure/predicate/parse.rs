//! From the text of a predicate to a typed expression.
use std::ops::Range;

use sqlparser::{
    ast::{BinaryOperator, Expr, Ident, Spanned, UnaryOperator, Value as Literal},
    dialect::DuckDbDialect,
    parser::{Parser, ParserError},
    tokenizer::{Location, Span, Token, Tokenizer},
};

use super::{
    ColumnUse, PredicateError,
    eval::{Arithmetic, Case, Comparison, Logic, Number, Text, Truth},
    functions,
    like::Pattern,
    value::{Number as Value, read_number},
};

/// Words and signs that a predicate may have: far more than people write, few enough that the tree
/// of any expression can be walked and dropped on a small stack.
const MOST_TOKENS: usize = 4000;
/// How deep expressions may stand inside each other.
const DEEPEST: usize = 48;

/// A typed expression and the columns that it names.
pub(super) struct Parsed {
    pub(super) expression: Logic,
    pub(super) columns: Vec<ColumnUse>,
}

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

/// Reads a whole predicate.
pub(super) fn parse(text: &str) -> Result<Parsed, PredicateError> {
    let tree = read_tree(text)?;
    let mut compiler = Compiler { text, columns: Vec::new() };
    let typed = compiler.typed(&tree, 0)?;
    let expression = compiler.to_logic(typed, &tree)?;
    Ok(Parsed { expression, columns: compiler.columns })
}

fn read_tree(text: &str) -> Result<Expr, PredicateError> {
    let whole = |message: String, help: &str| PredicateError {
        message,
        at: 0..text.len(),
        help: Some(help.to_owned()),
    };
    if text.trim().is_empty() {
        return Err(whole(
            "the predicate is empty".into(),
            "write a SQL condition such as `status < 500`",
        ));
    }
    let dialect = DuckDbDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(|error| {
        let start = offset(text, error.location);
        PredicateError {
            message: lowercase_first(&error.message),
            at: start.min(text.len())..text.len(),
            help: Some("texts stand in single quotes, columns in double quotes or none".into()),
        }
    })?;
    let count = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count();
    if count > MOST_TOKENS {
        return Err(whole(
            format!("the predicate has {count} words and signs, more than {MOST_TOKENS}"),
            "use `IN (...)` or a regular expression: `regexp_matches(path, '...')`",
        ));
    }
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| syntax_error(text, error))?;
    let next = parser.peek_token_ref();
    if next.token != Token::EOF {
        let at = range(text, next.span);
        return Err(PredicateError {
            message: format!("expected the end of the predicate, found `{}`", &text[at.clone()]),
            at,
            help: Some("join conditions with `AND` or `OR`".into()),
        });
    }
    Ok(tree)
}

/// The parser's message, with its place taken out of the words.
fn syntax_error(text: &str, error: ParserError) -> PredicateError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => {
            return PredicateError {
                message: format!("expressions stand more than {DEEPEST} deep inside each other"),
                at: 0..text.len(),
                help: Some("write it with fewer parentheses".into()),
            };
        }
    };
    let (words, place) = message.rsplit_once(" at Line: ").unwrap_or((&message, ""));
    let at = place
        .split_once(", Column: ")
        .and_then(|(line, column)| Some((line.parse().ok()?, column.trim().parse().ok()?)))
        .map_or(text.len(), |(line, column)| offset(text, Location { line, column }));
    let end = text[at..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |n| n.max(1));
    let end = text[at..].char_indices().map(|(i, _)| i).find(|i| *i >= end);
    PredicateError {
        message: lowercase_first(&words.replace("EOF", "the end of the text")),
        at: at..end.map_or(text.len(), |length| at + length),
        help: None,
    }
}

fn lowercase_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect::<String>().trim_end_matches('.').to_owned()
    })
}

/// Byte offset of a place that is given as line and column, both from 1, in characters.
fn offset(text: &str, place: Location) -> usize {
    if place.line == 0 {
        return text.len();
    }
    let line = usize::try_from(place.line - 1).unwrap_or(usize::MAX);
    let column = usize::try_from(place.column.saturating_sub(1)).unwrap_or(usize::MAX);
    let start = match line {
        0 => 0,
        line => match memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 1) {
            Some(newline) => newline + 1,
            None => return text.len(),
        },
    };
    text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}

/// Bytes of a span; the whole text where it has none.
fn range(text: &str, span: Span) -> Range<usize> {
    if span.start.line == 0 {
        return 0..text.len();
    }
    let start = offset(text, span.start);
    start..offset(text, span.end).max(start)
}

/// A range with the parenthesis behind it that closes a call, which spans of the parser leave out.
fn with_parenthesis(text: &str, at: Range<usize>) -> Range<usize> {
    let rest = &text[at.end..];
    let blanks = rest.len() - rest.trim_start().len();
    let closed = rest[blanks..].starts_with(')');
    at.start..at.end + if closed { blanks + 1 } else { 0 }
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

    /// A comparison, its sides brought to one type.
    fn compare(
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
    fn case(
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

/// Conditions with their results, the last of which belongs to ELSE.
fn join<T>(conditions: Vec<Logic>, mut results: Vec<T>) -> Case<T> {
    let otherwise = results.pop().map(Box::new);
    Case { branches: conditions.into_iter().zip(results).collect(), otherwise }
}

fn negate(logic: Logic) -> Logic {
    Logic::Not(Box::new(logic))
}

fn negated_if(negated: bool, logic: Logic) -> Typed {
    Typed::Logic(if negated { negate(logic) } else { logic })
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
