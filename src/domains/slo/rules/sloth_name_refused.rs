//! A name or a template that Sloth takes and Prometheus refuses in the rules that Sloth makes of it.
use crate::kernel::diagnostic::{Level, Rule, rule::Check};

pub(in crate::domains::slo) static RULE: Rule = Rule {
    code: "STH003",
    name: "sloth-name-refused",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sloth-name-refused.md"),
    check: Check::Reading,
};
