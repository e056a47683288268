//! The functions and casts that a predicate may use.
use sqlparser::ast::{DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::{
    PredicateError,
    eval::{Logic, Number, PartOf, Text},
    parse::Compiler,
    types::{Typed, Unified},
};

/// Names, for suggestions.
const NAMES: [&str; 10] = [
    "coalesce",
    "contains",
    "ends_with",
    "ifnull",
    "length",
    "lower",
    "regexp_matches",
    "starts_with",
    "suffix",
    "upper",
];

/// Bytes that a compiled regular expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// A function call with its type.
pub(super) fn call(
    compiler: &mut Compiler<'_>,
    function: &Function,
    tree: &Expr,
    depth: usize,
) -> Result<Typed, PredicateError> {
    let name = function.name.to_string().to_lowercase();
    let arguments = arguments(function).ok_or_else(|| {
        compiler.error(
            tree,
            format!("`{}` is not supported in a predicate", compiler.words(tree)),
            None,
        )
    })?;
    let count = |expected: usize| {
        if arguments.len() == expected {
            return Ok(());
        }
        let plural = if expected == 1 { "" } else { "s" };
        let found = arguments.len();
        Err(compiler.error(
            tree,
            format!("`{name}` takes {expected} argument{plural}, not {found}"),
            None,
        ))
    };
    Ok(match name.as_str() {
        "lower" | "lcase" | "upper" | "ucase" | "length" | "len" => {
            count(1)?;
            let text = Box::new(text(compiler, arguments[0], depth)?);
            match name.as_str() {
                "lower" | "lcase" => Typed::Text(Text::Lower(text)),
                "upper" | "ucase" => Typed::Text(Text::Upper(text)),
                _ => Typed::Number(Number::Length(text)),
            }
        }
        "starts_with" | "prefix" | "ends_with" | "suffix" | "contains" => {
            count(2)?;
            let place = match name.as_str() {
                "starts_with" | "prefix" => PartOf::Start,
                "contains" => PartOf::Anywhere,
                _ => PartOf::End,
            };
            let whole = Box::new(text(compiler, arguments[0], depth)?);
            let part = Box::new(text(compiler, arguments[1], depth)?);
            Typed::Logic(Logic::HasPart(place, whole, part))
        }
        "regexp_matches" => {
            if arguments.len() != 3 {
                count(2)?;
            }
            let whole = Box::new(text(compiler, arguments[0], depth)?);
            let regex = regex(compiler, arguments[1], arguments.get(2).copied(), depth)?;
            Typed::Logic(Logic::Matches(whole, Box::new(regex)))
        }
        "coalesce" | "ifnull" => {
            if name == "ifnull" {
                count(2)?;
            }
            let values = arguments
                .iter()
                .map(|argument| compiler.typed(argument, depth))
                .collect::<Result<Vec<_>, _>>()?;
            match compiler.unify(values, tree)? {
                Unified::Logic(values) => Typed::Logic(Logic::Coalesce(values)),
                Unified::Number(values) => Typed::Number(Number::Coalesce(values)),
                Unified::Text(values) => Typed::Text(Text::Coalesce(values)),
                Unified::Column(values) => Typed::Column(Text::Coalesce(values)),
            }
        }
        _ => {
            let near = NAMES
                .iter()
                .map(|known| (strsim::jaro_winkler(known, &name), known))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .filter(|(likeness, _)| *likeness > 0.8);
            let help = near.map_or_else(
                || {
                    format!(
                        "the functions are {}",
                        NAMES.map(|name| format!("`{name}`")).join(", ")
                    )
                },
                |(_, known)| format!("did you mean `{known}`?"),
            );
            return Err(compiler.error(tree, format!("unknown function `{name}`"), help));
        }
    })
}

/// The plain arguments of a plain call.
fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let plain = function.over.is_none()
        && function.filter.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && matches!(function.parameters, FunctionArguments::None);
    let FunctionArguments::List(list) = &function.args else { return None };
    if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return None;
    }
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}

fn text(compiler: &mut Compiler<'_>, at: &Expr, depth: usize) -> Result<Text, PredicateError> {
    let value = compiler.typed(at, depth)?;
    compiler.to_text(value, at)
}

fn regex(
    compiler: &mut Compiler<'_>,
    pattern: &Expr,
    options: Option<&Expr>,
    depth: usize,
) -> Result<regex::bytes::Regex, PredicateError> {
    let words = compiler.literal_text(pattern, "a regular expression", depth)?;
    let mut builder = regex::bytes::RegexBuilder::new(&words);
    builder.size_limit(REGEX_SIZE).dfa_size_limit(REGEX_SIZE).nest_limit(50);
    if let Some(place) = options {
        for option in compiler.literal_text(place, "the options", depth)?.chars() {
            match option {
                'c' => builder.case_insensitive(false),
                'i' => builder.case_insensitive(true),
                's' => builder.dot_matches_new_line(true),
                _ => {
                    return Err(compiler.error(
                        place,
                        format!("`{option}` is not an option of a regular expression"),
                        Some("the options are `c`, `i` and `s`".to_owned()),
                    ));
                }
            };
        }
    }
    builder.build().map_err(|error| {
        let message = error.to_string();
        let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
        compiler.error(pattern, format!("the regular expression is not valid: {reason}"), None)
    })
}

/// A value cast to a type; what cannot be cast is NULL.
pub(super) fn cast(
    compiler: &Compiler<'_>,
    value: Typed,
    to: &DataType,
    tree: &Expr,
) -> Result<Typed, PredicateError> {
    let refuse =
        |message: String, help: &str| Err(compiler.error(tree, message, Some(help.to_owned())));
    if let Some((low, high)) = whole_range(to) {
        return Ok(Typed::Number(match value {
            Typed::Text(text) | Typed::Column(text) => {
                Number::TextToWhole(Box::new(text), low, high)
            }
            Typed::Logic(logic) => Number::FromLogic(Box::new(logic)),
            other => Number::ToWhole(Box::new(compiler.to_number(other, tree)?), low, high),
        }));
    }
    match to {
        DataType::Double(_) | DataType::DoublePrecision | DataType::Float8 => {
            Ok(Typed::Number(match value {
                Typed::Text(text) | Typed::Column(text) => Number::FromText(Box::new(text)),
                Typed::Logic(logic) => Number::FromLogic(Box::new(logic)),
                other => compiler.to_number(other, tree)?,
            }))
        }
        DataType::Varchar(None) | DataType::Text | DataType::String(None) => match value {
            Typed::Logic(logic) => Ok(Typed::Text(Text::FromLogic(Box::new(logic)))),
            Typed::Number(number) if is_whole(&number) => {
                Ok(Typed::Text(Text::FromWhole(Box::new(number))))
            }
            Typed::Number(_) => refuse(
                "a fraction has no single form as a text".to_owned(),
                "compare it as a number, or cast it to `bigint` first",
            ),
            other => Ok(Typed::Text(compiler.to_text(other, tree)?)),
        },
        DataType::Boolean | DataType::Bool => Ok(Typed::Logic(match value {
            Typed::Text(text) | Typed::Column(text) => Logic::FromText(Box::new(text)),
            Typed::Number(number) => Logic::FromNumber(Box::new(number)),
            other => compiler.to_logic(other, tree)?,
        })),
        _ => refuse(
            format!("a cast to `{to}` is not supported"),
            "the types are `double`, `bigint`, `integer`, `varchar` and `boolean`",
        ),
    }
}

/// What an integer type holds.
fn whole_range(to: &DataType) -> Option<(i64, i64)> {
    Some(match to {
        DataType::TinyInt(None) => (i8::MIN.into(), i8::MAX.into()),
        DataType::SmallInt(None) | DataType::Int2(None) => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int(None) | DataType::Integer(None) | DataType::Int4(None) => {
            (i32::MIN.into(), i32::MAX.into())
        }
        DataType::BigInt(None) | DataType::Int8(None) => (i64::MIN, i64::MAX),
        _ => return None,
    })
}

/// Whether a number is an integer for certain.
fn is_whole(number: &Number) -> bool {
    use super::value::Number::Whole;
    match number {
        Number::Null
        | Number::Literal(Whole(_))
        | Number::FromLogic(_)
        | Number::Length(_)
        | Number::ToWhole(..)
        | Number::TextToWhole(..) => true,
        Number::Negative(inner) => is_whole(inner),
        _ => false,
    }
}
