//! What OpenSLO's own texts and examples get wrong, and is understood all the same.
use crate::kernel::diagnostic::rule::{Check, Level, Rule};

macro_rules! reading_rules {
    ($($constant:ident = $code:literal, $name:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $constant: Rule = Rule {
                code: $code,
                name: $name,
                level: Level::Warning,
                fixable: false,
                page: include_str!(concat!($name, ".md")),
                check: Check::Reading,
            };
        )+

        /// All of them.
        pub static RULES: &[&Rule] = &[$(&$constant),+];
    };
}

reading_rules! {
    NAME_NOT_LOWER_CASE = "OSL001", "openslo-name-not-lower-case";
    FIELD_WITHOUT_EFFECT = "OSL002", "openslo-field-without-effect";
    DURATION_WITHOUT_UNIT = "OSL003", "openslo-duration-without-unit";
    FIELD_LEFT_OUT = "OSL004", "openslo-field-left-out";
    MINUTES_FOR_MONTHS = "OSL005", "openslo-minutes-for-months";
    QUERY_FILLED_IN = "OSL006", "openslo-query-filled-in";
}
