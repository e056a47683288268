//! What is usual in Pyrra documents and yet not meant: found while they are read.
use crate::kernel::diagnostic::{Level, Rule, rule::Check};

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
    WITHOUT_NAMESPACE = "PYR001", "pyrra-without-namespace", Warning, false;
    TARGET_BELOW_ONE = "PYR002", "pyrra-target-below-one", Warning, false;
    HISTOGRAM_SUFFIX = "PYR003", "pyrra-histogram-suffix", Warning, false;
    NUMBER_AS_TEXT = "PYR004", "pyrra-number-as-text", Note, false;
    DISABLED_DEPRECATED = "PYR005", "pyrra-disabled-deprecated", Note, false;
    NATIVE_LABEL_LOST = "PYR006", "pyrra-native-label-lost", Warning, false;
    LABEL_NOT_PROPAGATED = "PYR007", "pyrra-label-not-propagated", Warning, false;
    NAME_IN_TWO_NAMESPACES = "PYR008", "pyrra-name-in-two-namespaces", Warning, false;
}
