//! What can be wrong with a document as such, whatever its kind: found while reading and linking.
use crate::kernel::diagnostic::rule::{Check, Level, Rule};

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

        /// All of them, by code.
        pub static RULES: &[&Rule] = &[$(&$constant),+];
    };
}

reading_rules! {
    YAML_SYNTAX = "DOC001", "yaml-syntax", Error, false;
    UNKNOWN_KIND = "DOC002", "unknown-kind", Error, false;
    UNKNOWN_FIELD = "DOC003", "unknown-field", Error, false;
    MISSING_FIELD = "DOC004", "missing-field", Error, false;
    WRONG_TYPE = "DOC005", "wrong-type", Error, false;
    INVALID_VALUE = "DOC006", "invalid-value", Error, false;
    DUPLICATE_KEY = "DOC007", "duplicate-key", Error, false;
    DEPRECATED_SPELLING = "DOC008", "deprecated-spelling", Warning, true;
    DUPLICATE_NAME = "REF001", "duplicate-name", Error, false;
    UNRESOLVED_REFERENCE = "REF002", "unresolved-reference", Error, false;
    UNKNOWN_SERVICE = "REF003", "unknown-service", Warning, false;
}
