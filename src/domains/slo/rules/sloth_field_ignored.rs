//! A field of Sloth's in the spelling of its other form, which Sloth passes over.
use crate::kernel::diagnostic::{Level, Rule, rule::Check};

pub(in crate::domains::slo) static RULE: Rule = Rule {
    code: "STH001",
    name: "sloth-field-ignored",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sloth-field-ignored.md"),
    check: Check::Reading,
};
