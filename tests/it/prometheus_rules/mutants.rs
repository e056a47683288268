//! Rules in which one thing is changed: what tests have to notice.
use regex::{Captures, Regex};
use std::ops::Range;

/// Rules with one change.
pub(super) struct Mutant {
    /// The rule and the change, for messages.
    pub(super) what: String,
    /// The whole file.
    pub(super) rules: String,
}

/// A rule of a file.
struct Rule {
    name: String,
    /// Bytes of its expression.
    expression: Range<usize>,
}

/// All mutants: in the expression of each rule, each number five percent more and less (0 becomes 1), each
/// range half and twice as long, each comparison and each operator turned around.
pub(super) fn mutants(rules: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for rule in rules_of(rules) {
        let expression = &rules[rule.expression.clone()];
        for (at, change) in changes(expression) {
            let (from, to) = (rule.expression.start + at.start, rule.expression.start + at.end);
            let context =
                &expression[at.start.saturating_sub(30)..(at.end + 10).min(expression.len())];
            mutants.push(Mutant {
                what: format!("{}: {} -> {change} in {context:?}", rule.name, &rules[from..to]),
                rules: format!("{}{change}{}", &rules[..from], &rules[to..]),
            });
        }
    }
    mutants
}

fn rules_of(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let (mut at, mut within) = (0, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(name) =
            ["  - record: ", "  - alert: "].iter().find_map(|it| line.strip_prefix(it))
        {
            rules.push(Rule { name: name.trim().to_owned(), expression: 0..0 });
        } else if let Some(rule) = rules.last_mut() {
            if line.starts_with("    expr: ") {
                within = true;
                rule.expression = at + "    expr: ".len()..end;
            } else if within && line.starts_with("      ") {
                rule.expression.end = end;
            } else {
                within = false;
            }
        }
        at = end;
    }
    rules
}

fn changes(expression: &str) -> Vec<(Range<usize>, String)> {
    // What stands in braces are labels, which are told apart by their values alone.
    let braces = Regex::new(r"\{[^}]*\}").unwrap();
    let plain = braces.replace_all(expression, |found: &Captures<'_>| "_".repeat(found[0].len()));
    let mut changes = Vec::new();
    let range = Regex::new(r"\[(\d+)([smhd])(:\d+[smhd])?\]").unwrap();
    for found in range.captures_iter(&plain) {
        let unit = match &found[2] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 86_400,
        };
        let (seconds, step) =
            (found[1].parse::<u64>().unwrap() * unit, found.get(3).map_or("", |it| it.as_str()));
        for length in [seconds / 2, seconds * 2] {
            changes.push((found.get(0).unwrap().range(), format!("[{length}s{step}]")));
        }
    }
    let number = Regex::new(r"(?:^|[ (])(\d+(?:\.\d+)?)(?:[ ,)\n]|$)").unwrap();
    let mut from = 0;
    while let Some(found) = number.captures_at(&plain, from) {
        let written = found.get(1).unwrap();
        from = written.end();
        let value: f64 = written.as_str().parse().unwrap();
        let others = if value == 0.0 { vec![1.0] } else { vec![value * 0.95, value * 1.05] };
        changes.extend(others.into_iter().map(|value| (written.range(), value.to_string())));
    }
    let operator = Regex::new(r"(?:^|[ \n])(>=|>|<|==|\+|-|\*|/|and|or)(?:[ \n])").unwrap();
    let mut from = 0;
    while let Some(found) = operator.captures_at(&plain, from) {
        let written = found.get(1).unwrap();
        from = written.end();
        let other = match written.as_str() {
            ">" | ">=" => "<",
            "<" => ">",
            "==" => "!=",
            "+" => "-",
            "-" => "+",
            "*" => "/",
            "/" => "*",
            "and" => "or",
            _ => "unless",
        };
        changes.push((written.range(), other.to_owned()));
    }
    changes
}
