//! A plugin of Sloth's, which is a program that `sre` does not run.
use crate::kernel::diagnostic::{Level, Rule, rule::Check};

pub(in crate::domains::slo) static RULE: Rule = Rule {
    code: "STH002",
    name: "sloth-plugin-not-run",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sloth-plugin-not-run.md"),
    check: Check::Reading,
};
