//! The canonical form, by example and by property.
use super::*;
use crate::{
    kernel::{
        spec::{Field, Spec, Spelling, Unit},
        units::{Duration, Ratio},
    },
    reference_target,
};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Toy {
    #[serde(rename = "target")]
    _target: Option<Field<Ratio>>,
    #[serde(rename = "threshold")]
    _threshold: Option<Field<Duration>>,
}

reference_target!(Toy, "Toy");

impl Spec for Toy {
    const SPELLINGS: &'static [Spelling] = &[
        Spelling { path: &["spec"], old: "target_percent", new: "target", unit: Unit::Ratio },
        Spelling {
            path: &["spec"],
            old: "threshold_ms",
            new: "threshold",
            unit: Unit::Milliseconds,
        },
    ];
}

static TOY: Kind = Kind::of::<Toy>("a toy", "");
static KINDS: &[&Kind] = &[&TOY];

fn format(text: &str) -> String {
    format_text(SourceId::default(), text, KINDS).unwrap()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let formatted = format(text);
    let expected = expected.strip_prefix('\n').unwrap_or(expected);
    assert!(formatted == expected, "the result is\n{formatted}");
    assert_eq!(format(&formatted), formatted, "is not stable");
    assert!(same_meaning(text, &formatted, KINDS));
}

#[test]
fn layout_becomes_regular() {
    check(
        "

# a catalog
kind :   Toy\t# what it is
metadata:
        name:\tcheckout   # aligned


        labels:   {a:   1}
spec:
    # the list
    list:
    -   a:   1
        b: 2
        # end of the first
    - - x
      -   y
    -
        c: 3
   # odd
    last:
      nested:
          - 1
  # after
...

---
",
        r"
# a catalog
kind: Toy # what it is
metadata:
  name: checkout   # aligned

  labels: {a:   1}
spec:
  # the list
  list:
    - a: 1
      b: 2
      # end of the first
    - - x
      - y
    -
      c: 3
  # odd
  last:
    nested:
      - 1
# after
...

---
",
    );
}

#[test]
fn what_stands_in_long_texts_and_collections_stays() {
    check(
        "spec:
    literal: |   # two  spaces  

        one:   1  
          - two


    # comment
    folded: >-
            # not a comment
            x

    kept: |+
        x


    quoted: 'a   

      b'   
    plain: a
      b   # c
    flow: [ 1,
       {a:   2} ,
    ]
    other: 1
",
        r"
spec:
  literal: |   # two  spaces

      one:   1  
        - two

  # comment
  folded: >-
          # not a comment
          x

  kept: |+
      x


  quoted: 'a   

    b'
  plain: a
    b   # c
  flow: [ 1,
     {a:   2} ,
  ]
  other: 1
",
    );
}

#[test]
fn anchors_aliases_and_merges_keep_their_meaning() {
    check(
        "base:   &base
    x: 1
    list: &list
    - 1
use:
    <<:   *base
    y : *list
    *base : odd
",
        r"
base: &base
  x: 1
  list: &list
    - 1
use:
  <<: *base
  y: *list
  *base : odd
",
    );
}

#[test]
fn what_is_not_understood_keeps_its_indentation() {
    check(
        "a:\n    ? b\n    : c   \n\n\n    d:   1",
        r"
a:
    ? b
    : c

    d: 1
",
    );
    check(
        "a: |1\n  b\nc:\n    d:  1\n",
        r"
a: |1
  b
c:
    d: 1
",
    );
    check(
        "- &a b:   1\n  c: 2\n",
        r"
- &a b:   1
  c: 2
",
    );
}

#[test]
fn old_spellings_are_rewritten() {
    check(
        "apiVersion: sre/v1
kind: Toy
metadata: {name: x}
spec:
  target_percent: 0.999   # three nines
  threshold_ms:   200
",
        r"
apiVersion: sre/v1
kind: Toy
metadata: {name: x}
spec:
  target: 99.9%   # three nines
  threshold: 200ms
",
    );
    check(
        "kind: Toy\nspec: {target_percent: '0.99', threshold_ms: 1500}\n",
        r"
kind: Toy
spec: {target: 99%, threshold: 1s500ms}
",
    );
}

#[test]
fn spellings_that_would_take_something_with_them_stay() {
    let with_anchor = "kind: Toy\nspec:\n  threshold_ms: &t 200\nmetadata:\n  labels: {t: *t}\n";
    let with_comment = "kind: Toy\nspec:\n  threshold_ms: # why\n    200\n";
    let not_a_number = "kind: Toy\nspec:\n  threshold_ms: soon\n";
    for text in [with_anchor, with_comment, not_a_number] {
        assert_eq!(format(text), text);
    }
}

#[test]
fn line_ends_and_byte_order_marks() {
    assert_eq!(format("a:   1\r\n\r\n\r\nb: 2"), "a: 1\r\n\r\nb: 2\r\n");
    assert_eq!(format("\u{feff}a: |\n  x"), "a: |\n  x\n");
    for empty in ["", "\n \n", "\u{feff}"] {
        assert_eq!(format(empty), "", "{empty:?}");
    }
    assert_eq!(format("\n\n# only a comment\n\n"), "# only a comment\n");
}

#[test]
fn broken_texts_are_not_changed() {
    let findings = format_text(SourceId(3), "a:   [1\n---\nkind: Toy\n", KINDS).unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].primary.place.source, SourceId(3));
}

#[test]
fn meaning_is_more_than_values() {
    let same = |a, b| same_meaning(a, b, KINDS);
    assert!(same("a: [1, 2] # c\n", "a:\n- 1\n- 2 # c\n"));
    assert!(same("kind: Toy\nspec: {threshold_ms: 5}", "kind: Toy\nspec: {threshold: 5ms}"));
    for (a, b) in [
        ("a: 1", "a: 2"),
        ("a: 1", "a: '1'"),
        ("a: 1\nb: 2", "b: 2\na: 1"),
        ("a: [1]", "a: [1, 1]"),
        ("a: 1 # c", "a: 1"),
        ("a: 1", "a: 1\n---\nb: 1"),
        ("a: 1", "a: [1"),
    ] {
        assert!(!same(a, b), "{a:?} {b:?}");
    }
}

#[test]
fn aliases_cannot_make_it_long() {
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for n in 1..40 {
        let last = n - 1;
        writeln!(bomb, "a{n}: &a{n} [*a{last}, *a{last}, *a{last}, *a{last}]").unwrap();
    }
    assert!(same_meaning(&bomb, &bomb, KINDS));
    assert_eq!(format(&bomb), bomb);
}

/// A document, to be written in many layouts.
#[derive(Clone, Debug)]
enum Node {
    Scalar(&'static str),
    /// Lines of a `|` text.
    Block(Vec<&'static str>, &'static str),
    List(Vec<Node>),
    Map(Vec<Node>),
}

fn any_node() -> impl Strategy<Value = Node> {
    let scalar = proptest::sample::select(vec![
        "1",
        "text",
        "'a: b'",
        "\"# no\"",
        "{a:  1, b: [2]}",
        "[]",
        "99.9%",
        "",
        "~",
        "-1",
        "a-b",
        "'it''s'",
        "http://x:80/",
        "!!str 1",
        "null",
    ]);
    let line = proptest::sample::select(vec!["x", "  y: 1", "# z", "", "- a", "---"]);
    let chomp = proptest::sample::select(vec!["", "-", "+"]);
    let block = (proptest::collection::vec(line, 1..4), chomp).prop_map(|(mut lines, chomp)| {
        lines[0] = "first";
        Node::Block(lines, chomp)
    });
    let leaf = prop_oneof![4 => scalar.prop_map(Node::Scalar), 1 => block];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::List),
            proptest::collection::vec(inner, 1..4).prop_map(Node::Map),
        ]
    })
}

/// Writes a node with a layout that `choices` decide.
struct Writer<'c> {
    choices: std::iter::Cycle<std::slice::Iter<'c, u8>>,
    comments: bool,
    out: String,
}

impl Writer<'_> {
    fn choose(&mut self, below: u8) -> usize {
        usize::from(self.choices.next().copied().unwrap_or(0) % below)
    }

    fn gap(&mut self) -> String {
        " ".repeat(1 + [0, 0, 1, 3][self.choose(4)])
    }

    fn line_end(&mut self, column: usize) {
        let end = match self.choose(12) {
            0 => "   ".to_owned(),
            1 if self.comments => "  # remark".to_owned(),
            2 => "\n\n \n".to_owned(),
            3 if self.comments => format!("\n{}# remark", " ".repeat(column)),
            4 if self.comments => "\n  # odd".to_owned(),
            _ => String::new(),
        };
        self.out.push_str(&end);
        self.out.push('\n');
    }

    /// Writes what stands behind `key:` or `-`, whose collection stands at `column`.
    fn value(&mut self, node: &Node, column: usize, item: bool) {
        match node {
            Node::Scalar("") => self.line_end(column),
            Node::Scalar(text) => {
                let gap = self.gap();
                self.out += &(gap + text);
                self.line_end(column);
            }
            Node::Block(lines, chomp) => {
                let gap = self.gap();
                writeln!(self.out, "{gap}|{chomp}").unwrap();
                let depth = if self.comments { 1 + self.choose(4) } else { 2 };
                let inner = " ".repeat(column + depth);
                for line in lines {
                    let line = if line.is_empty() { String::new() } else { inner.clone() + line };
                    self.out += &(line + "\n");
                }
            }
            Node::List(_) | Node::Map(_) if item && (!self.comments || self.choose(2) == 0) => {
                let gap = self.gap();
                self.out += &gap;
                self.collection(node, column + 1 + gap.len(), true);
            }
            Node::List(_) if !item && self.choose(2) == 0 => {
                self.line_end(column);
                self.collection(node, column, false);
            }
            Node::List(_) | Node::Map(_) => {
                self.line_end(column);
                let deeper = column + 1 + self.choose(5);
                self.collection(node, deeper, false);
            }
        }
    }

    fn collection(&mut self, node: &Node, column: usize, mut inline: bool) {
        let (Node::List(children) | Node::Map(children)) = node else { return };
        for (at, child) in children.iter().enumerate() {
            if !std::mem::take(&mut inline) {
                self.out += &" ".repeat(column);
            }
            let list = matches!(node, Node::List(_));
            if list {
                self.out.push('-');
            } else {
                let space = ["", "", "", "  "][self.choose(4)];
                write!(self.out, "key{at}{space}:").unwrap();
            }
            self.value(child, column, list);
        }
    }
}

fn written(node: &Node, choices: &[u8], comments: bool) -> String {
    let mut writer = Writer { choices: choices.iter().cycle(), comments, out: String::new() };
    let column = writer.choose(3);
    writer.collection(node, column, false);
    writer.out
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_layout_is_made_regular(
        nodes in proptest::collection::vec(any_node(), 1..4),
        choices in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let text = written(&Node::Map(nodes), &choices, true);
        prop_assume!(yaml::parse(&text).errors.is_empty());
        let formatted = format(&text);
        prop_assert!(same_syntax(&text, &formatted), "{text}\n=>\n{formatted}");
        prop_assert_eq!(&format(&formatted), &formatted);
        prop_assert!(formatted.ends_with('\n') && !formatted.contains(" \n"), "{formatted}");
        // Nothing here is odd enough to keep its indentation.
        let stream = yaml::parse(&text);
        let regular = Layout::of(&text, &stream, Indentation::Regular).and_then(Layout::run);
        prop_assert_eq!(regular, Some(formatted));
    }

    #[test]
    fn layout_leaves_no_trace(
        nodes in proptest::collection::vec(any_node(), 1..4),
        one in proptest::collection::vec(any::<u8>(), 1..60),
        other in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        // But for comments and empty lines, all layouts of a document have one canonical form.
        let document = Node::Map(nodes);
        let plain = |choices: &[u8]| -> Vec<String> {
            let text = format(&written(&document, choices, false));
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        prop_assert_eq!(plain(&one), plain(&other));
    }

    #[test]
    fn any_text_keeps_its_meaning(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "\n", "\n", "\n  ", "\n    ", " ", "  ", "a", "b: ", "c:", ": ", "- ", "-", "|", ">", "+", "#",
            " # c", "'", "\"", "[", "]", "{", "}", ", ", "&x ", "*x", "? ", "!t ", "---\n", "...\n",
            "\t", "\r\n", "\r", "<<: ", "%", "|2", "~", "\u{feff}", "ü", "\u{85}",
        ]), 0..24),
    ) {
        let text = pieces.concat();
        if let Ok(formatted) = format_text(SourceId::default(), &text, KINDS) {
            prop_assert!(same_syntax(&text, &formatted), "{text:?} => {formatted:?}");
            prop_assert_eq!(&format(&formatted), &formatted, "{:?}", text);
        }
    }
}
