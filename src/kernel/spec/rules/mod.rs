//! What can be wrong with a document as such, whatever its kind: found while reading and linking, or
//! by looking at it.
use crate::kernel::{
    diagnostic::rule::{Check, Level, Rule},
    source::Place,
};
use std::ops::Range;

mod empty_metadata;
mod link_not_an_address;
mod name_not_portable;
mod placeholder_left;
mod unused_document;

pub use placeholder_left::mark_in;

/// Those that look at documents of all kinds.
pub static GENERAL: &[&Rule] = &[
    &name_not_portable::RULE,
    &unused_document::RULE,
    &empty_metadata::RULE,
    &placeholder_left::RULE,
    &link_not_an_address::RULE,
];

/// The place of a part of a text: inside the value where it is written as it reads, on one line and
/// without escapes, plain or quoted; else the whole value.
pub fn part(place: Place, text: &str, at: Range<usize>) -> Place {
    let quote = match place.range().len().checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return place,
    };
    place.within(at.start + quote..at.end + quote)
}

macro_rules! reading_rules {
    ($($constant:ident = $code:literal, $name:literal, $level:ident, $fixable:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $constant: Rule = Rule {
                code: $code,
                name: $name,
                level: Level::$level,
                fixable: $fixable,
                page: include_str!(concat!($name, ".md")),
                check: Check::Reading,
            };
        )+

        /// Those of reading and linking, by code.
        pub static RULES: &[&Rule] = &[$(&$constant),+];
    };
}

reading_rules! {
    YAML_SYNTAX = "DOC001", "yaml-syntax", Error, false;
    UNKNOWN_KIND = "DOC002", "unknown-kind", Error, false;
    UNKNOWN_FIELD = "DOC003", "unknown-field", Error, false;
    MISSING_FIELD = "DOC004", "missing-field", Error, false;
    WRONG_TYPE = "DOC005", "wrong-type", Error, true;
    INVALID_VALUE = "DOC006", "invalid-value", Error, true;
    DUPLICATE_KEY = "DOC007", "duplicate-key", Error, false;
    DEPRECATED_SPELLING = "DOC008", "deprecated-spelling", Warning, true;
    DUPLICATE_NAME = "REF001", "duplicate-name", Error, false;
    UNRESOLVED_REFERENCE = "REF002", "unresolved-reference", Error, false;
    UNKNOWN_SERVICE = "REF003", "unknown-service", Warning, false;
}
