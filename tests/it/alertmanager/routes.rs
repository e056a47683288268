//! Generated trees of routes: our answer against `amtool config routes test`.
use super::{complaint, receivers};
use crate::servers::installed;
use proptest::{prelude::*, test_runner::TestRunner};
use sre::{
    domains::slo::alertmanager::{Configuration, matcher::Labels},
    kernel::source::SourceId,
};
use std::fmt::Write as _;

const NAMES: [&str; 4] = ["severity", "team", "service", "cluster"];
const VALUES: [&str; 7] = ["page", "ticket", "a", "b", "a b", "x\"y", ""];
const PATTERNS: [&str; 12] = [
    "page|ticket",
    ".*",
    ".+",
    "[ab]",
    "a.?b?",
    "(?i)PAGE",
    r"\w+",
    "^a$",
    "x.y",
    "[^a]*",
    "p{1,2}age",
    "a{b",
];

#[derive(Clone, Debug)]
struct Node {
    lines: Vec<String>,
    receiver: bool,
    goes_on: bool,
    routes: Vec<Node>,
}

/// A condition in one of the ways in which they are written, as a line of a route.
fn condition() -> impl Strategy<Value = String> {
    let quoted = |text: &str| text.replace('\\', r"\\").replace('"', "\\\"");
    (0..4usize, 0..VALUES.len(), 0..PATTERNS.len(), 0..8u8).prop_map(
        move |(name, value, pattern, way)| {
            let (name, value, pattern) = (NAMES[name], VALUES[value], PATTERNS[pattern]);
            let single = |text: &str| format!("'{}'", text.replace('\'', "''"));
            match way {
                0 => format!("match: {{{name}: {}}}", single(value)),
                1 => format!("match_re: {{{name}: {}}}", single(pattern)),
                2 => format!("matchers: [{}]", single(&format!("{name}!~\"{}\"", quoted(pattern)))),
                3 => format!("matchers: [{}]", single(&format!("{name}!=\"{}\"", quoted(value)))),
                4 => format!(
                    "matchers: [{}]",
                    single(&format!("{{{name} =~ \"{}\"}}", quoted(pattern)))
                ),
                5 if !value.contains('"') => {
                    format!("matchers: [{}]", single(&format!("{name}={value}")))
                }
                6 => format!("matchers: [{}]", single(&format!("{name}=~\"a|b\",cluster!=\"b\""))),
                _ => format!("matchers: [{}]", single(&format!("{name}=\"{}\"", quoted(value)))),
            }
        },
    )
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = (condition(), any::<bool>(), any::<bool>()).prop_map(|(line, receiver, goes_on)| {
        Node { lines: vec![line], receiver, goes_on, routes: Vec::new() }
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        (
            proptest::option::weighted(0.9, condition()),
            any::<bool>(),
            any::<bool>(),
            proptest::collection::vec(inner, 0..4),
        )
            .prop_map(|(line, receiver, goes_on, routes)| Node {
                lines: line.into_iter().collect(),
                receiver,
                goes_on,
                routes,
            })
    })
}

/// Writes a route below `pad` spaces, and gives each one that has a receiver one of its own.
fn write(text: &mut String, node: &Node, pad: usize, receivers: &mut usize) {
    let space = " ".repeat(pad);
    let _ = writeln!(text, "{space}- continue: {}", node.goes_on);
    if node.receiver {
        *receivers += 1;
        let _ = writeln!(text, "{space}  receiver: r{receivers}");
    }
    for line in &node.lines {
        let _ = writeln!(text, "{space}  {line}");
    }
    if !node.routes.is_empty() {
        let _ = writeln!(text, "{space}  routes:");
        node.routes.iter().for_each(|node| write(text, node, pad + 2, receivers));
    }
}

fn configuration(routes: &[Node]) -> String {
    let mut text = String::from("route:\n  receiver: r0\n");
    let mut count = 0;
    if !routes.is_empty() {
        text.push_str("  routes:\n");
        for node in routes {
            write(&mut text, node, 2, &mut count);
        }
    }
    text.push_str("receivers:\n");
    (0..=count).for_each(|at| {
        let _ = writeln!(text, "- name: r{at}");
    });
    text
}

fn alert() -> impl Strategy<Value = Vec<(String, String)>> {
    let values = proptest::collection::vec(proptest::option::of(0..VALUES.len()), NAMES.len());
    values.prop_map(|values| {
        let labels = NAMES.iter().zip(values);
        labels
            .filter_map(|(name, value)| Some(((*name).to_owned(), VALUES[value?].to_owned())))
            .collect()
    })
}

#[test]
fn our_routes_are_those_of_amtool() {
    if !installed(&["amtool"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alertmanager.yml");
    let config =
        ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let cases = (proptest::collection::vec(node(), 0..5), proptest::collection::vec(alert(), 6));
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&cases, |(routes, alerts)| {
        let text = configuration(&routes);
        std::fs::write(&path, &text).unwrap();
        let read = Configuration::read(SourceId(0), &text, None);
        prop_assert_eq!(read.errors, [], "{}", text);
        let ours = read.configuration.unwrap();
        for labels in alerts {
            let found = ours.routes(&labels.iter().cloned().collect::<Labels>());
            let found: Vec<String> = found.iter().map(|route| route.receiver.clone()).collect();
            prop_assert_eq!(&found, &receivers(&path, &labels), "{:?}\n{}", labels, text);
        }
        Ok(())
    });
    outcome.unwrap();
}

/// A matcher, and whether amtool takes it for one.
#[test]
fn a_matcher_is_one_where_amtool_says_so() {
    if !installed(&["amtool"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alertmanager.yml");
    for matcher in [
        r#"a="b""#,
        "a=b",
        r#"a=~"b|c""#,
        "a=~(",
        r#"a="b"#,
        r#"a="b"c""#,
        "a",
        "=b",
        "a=b,c=d",
        "a=b,",
        "{a=b}",
        r#"a="\""#,
        r"a=b\",
        r#"a="[""#,
        r#"a=~"[""#,
        "a = b",
        "a!~b",
        "a!=b",
        "a==b",
        "a=b,,c=d",
        r#"a=~"x**""#,
        r#"a=~"x{1,2}{3}""#,
        r#"a=~"\Qx\E""#,
        r#"a=~"(?P<n>x)""#,
        r#"a=~"(?=x)""#,
        r#"a=~"\1""#,
        r#"a=~"x{1001}""#,
        r#"a=~"[z-a]""#,
        r#"a=~"\pN""#,
        r#"a=~"\y""#,
    ] {
        let text = format!(
            "route:\n  receiver: r\n  routes:\n  - matchers: ['{matcher}']\nreceivers: [{{name: r}}]\n"
        );
        std::fs::write(&path, &text).unwrap();
        let ours = Configuration::read(SourceId(0), &text, None).errors;
        let theirs = complaint(&path);
        assert_eq!(ours.is_empty(), theirs.is_none(), "{matcher}: {ours:?} {theirs:?}");
    }
}
