//! From the text of a predicate to the parser's tree, and from its places to bytes of the text.
use std::ops::Range;

use sqlparser::{
    ast::Expr,
    dialect::DuckDbDialect,
    parser::{Parser, ParserError},
    tokenizer::{Location, Span, Token, Tokenizer},
};

use super::PredicateError;

/// Words and signs that a predicate may have: far more than people write, few enough that the tree
/// of any expression can be walked and dropped on a small stack.
const MOST_TOKENS: usize = 4000;
/// How deep expressions may stand inside each other.
pub(super) const DEEPEST: usize = 48;

/// Reads one expression, which must be all of the text.
pub(super) fn read_tree(text: &str) -> Result<Expr, PredicateError> {
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
pub(super) fn range(text: &str, span: Span) -> Range<usize> {
    if span.start.line == 0 {
        return 0..text.len();
    }
    let start = offset(text, span.start);
    start..offset(text, span.end).max(start)
}

/// A range with the parenthesis behind it that closes a call, which spans of the parser leave out.
pub(super) fn with_parenthesis(text: &str, at: Range<usize>) -> Range<usize> {
    let rest = &text[at.end..];
    let blanks = rest.len() - rest.trim_start().len();
    let closed = rest[blanks..].starts_with(')');
    at.start..at.end + if closed { blanks + 1 } else { 0 }
}
