//! YAML text to trees: the only module that knows the parser.
use super::{
    core_schema::{CoreType, core_type},
    tree::{Entry, Node, NodeId, Style, Tree, TreeProblem, Value, index},
};
use granit_parser::{Event, Options, Parser, ScalarStyle, StrInput, Tag};
use std::{borrow::Cow, collections::HashMap, ops::Range};

/// How deep collections may nest: far above any document a person writes.
pub const NESTING_LIMIT: usize = 64;

/// How many bytes are looked at together where one of them is searched for.
const BLOCK: usize = 256;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Stream<'t> {
    /// Its documents, in order.
    pub documents: Vec<ParsedDocument<'t>>,
    /// Its comments.
    pub comments: Vec<Comment<'t>>,
    /// Where its syntax is wrong. What stands behind such a place, up to the next `---`, is not read.
    pub errors: Vec<SyntaxError>,
}

/// One document of a stream.
#[derive(Debug)]
pub struct ParsedDocument<'t> {
    /// Its tree.
    pub tree: Tree<'t>,
    /// What is wrong with the tree itself.
    pub problems: Vec<TreeProblem>,
}

/// A comment.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'t> {
    /// Byte of the `#`.
    pub start: u32,
    /// Byte behind its last.
    pub end: u32,
    /// What stands behind the `#`.
    pub text: &'t str,
}

/// A place at which the text is not YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset.
    pub at: u32,
    /// What is wrong.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
}

/// Reads all documents of a text.
///
/// Never fails: what cannot be read is in [`Stream::errors`], and reading goes on at the next
/// document. Anchors are not expanded, so that no text can grow beyond its own size.
pub fn parse(text: &str) -> Stream<'_> {
    let mut stream = Stream::default();
    if let Some((at, character)) = forbidden_character(text) {
        stream.errors.push(SyntaxError {
            at: index(at),
            message: format!("the control character U+{:04X} is not allowed", u32::from(character)),
            help: Some("remove it, or write it as an escape in double quotes".to_owned()),
        });
        return stream;
    }
    let mut options = Options::default();
    options.flow_nesting_limit = NESTING_LIMIT;
    options.block_nesting_limit = NESTING_LIMIT;
    options.max_buffered_comment_events = 1 << 20;
    options.emit_comments = may_hold_comments(text);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(text);
    loop {
        match parser.next() {
            None => break,
            Some(Ok((event, span))) => {
                builder.event(event, span.byte_range().unwrap_or(0..0), &mut stream);
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
                stream.errors.push(syntax_error(text, at, &error.info()));
                builder = Builder::new(text);
                if !recover(&mut parser) {
                    break;
                }
            }
        }
    }
    stream
}

/// Moves behind the broken document; whether another follows.
fn recover<'t>(parser: &mut Parser<'t, StrInput<'t>>) -> bool {
    parser.proceed_next_document().unwrap_or(false)
}

/// Whether a `#` may begin a comment. One inside a word or at the beginning of a quoted text, the usual
/// ones in addresses and names of channels, does not; to look for comments costs the parser a tenth of
/// its time.
fn may_hold_comments(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'#', bytes).any(|at| match at.checked_sub(1).map(|at| bytes[at]) {
        Some(before) => !before.is_ascii_alphanumeric() && !matches!(before, b'\'' | b'"' | b'/'),
        None => true,
    })
}

/// The first character that YAML 1.2 does not allow in a stream (production c-printable).
fn forbidden_character(text: &str) -> Option<(usize, char)> {
    // Bytes below 0x20 other than tab and line ends, and DEL, are all single-byte characters.
    let suspicious =
        |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f;
    let bytes = text.as_bytes();
    // Without a way out in its middle, the check of a block takes a few vector instructions.
    let holds_one = |block: &[u8]| block.iter().fold(false, |any, byte| any | suspicious(*byte));
    let block = bytes.chunks(BLOCK).position(holds_one)? * BLOCK;
    let at = block + bytes[block..].iter().position(|byte| suspicious(*byte))?;
    Some((at, char::from(bytes[at])))
}

fn syntax_error(text: &str, at: usize, info: &str) -> SyntaxError {
    let line_start = text[..floor(text, at)].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let indent = &line[..line.len() - line.trim_start().len()];
    if let Some(tab) = indent.find('\t') {
        return SyntaxError {
            at: index(line_start + tab),
            message: "a tab cannot indent".to_owned(),
            help: Some("replace the tab with spaces".to_owned()),
        };
    }
    let message = info.split(" at byte").next().unwrap_or(info).to_owned();
    let help = info
        .contains("nesting")
        .then(|| format!("collections may nest {NESTING_LIMIT} levels deep"));
    SyntaxError { at: index(at), message: format!("not valid YAML: {message}"), help }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A collection that has begun and not ended.
struct Open {
    start: u32,
    map: bool,
    anchor: usize,
    /// A tag that does not fit.
    strange_tag: Option<String>,
    /// Length of [`Builder::children`] when it began.
    children: usize,
}

/// Turns events into trees.
struct Builder<'t> {
    text: &'t str,
    tree: Tree<'t>,
    open: Vec<Open>,
    /// Finished children of all open collections, innermost last.
    children: Vec<NodeId>,
    anchors: HashMap<usize, NodeId>,
    problems: Vec<TreeProblem>,
    entries: Vec<Entry>,
    broken: bool,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            tree: Tree {
                nodes: Vec::with_capacity((text.len() / 20).min(512)),
                entries: Vec::with_capacity((text.len() / 60).min(256)),
                ..Tree::default()
            },
            open: Vec::new(),
            children: Vec::new(),
            anchors: HashMap::new(),
            problems: Vec::new(),
            entries: Vec::new(),
            broken: false,
        }
    }

    fn event(&mut self, event: Event<'t>, range: Range<usize>, stream: &mut Stream<'t>) {
        let (start, end) = (index(range.start), index(range.end));
        match event {
            Event::Comment(..) => {
                let text = self.text.get(range.start + 1..range.end).unwrap_or("");
                stream.comments.push(Comment { start, end, text });
            }
            Event::DocumentStart(..) if self.is_fresh() => {}
            Event::DocumentStart(..) => *self = Self::new(self.text),
            Event::DocumentEnd => self.finish(stream),
            Event::Scalar(text, style, anchor, tag) => {
                let (style, strange_tag) = match tag {
                    None => (style_of(style), None),
                    Some(tag) => tagged(&tag, &text, style_of(style)),
                };
                // The parser writes `~` for what is not there.
                let text = if start == end { Cow::Borrowed("") } else { text };
                let node = Node { start, end, value: Value::Scalar(text, style) };
                self.push(node, anchor, strange_tag);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                if target.is_none() {
                    self.broken = true;
                    stream.errors.push(SyntaxError {
                        at: start,
                        message: "this alias stands inside what it stands for".to_owned(),
                        help: Some("write the value out".to_owned()),
                    });
                }
                let nothing = Value::Scalar(Cow::Borrowed(""), Style::Plain);
                let value = target.map_or(nothing, Value::Alias);
                self.push(Node { start, end, value }, 0, None);
            }
            Event::SequenceStart(_, anchor, tag) => self.open(start, false, anchor, tag.as_deref()),
            Event::MappingStart(_, anchor, tag) => self.open(start, true, anchor, tag.as_deref()),
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            _ => {}
        }
    }

    /// Whether nothing was read since it was made.
    fn is_fresh(&self) -> bool {
        self.tree.nodes.is_empty() && self.open.is_empty() && !self.broken
    }

    fn open(&mut self, start: u32, map: bool, anchor: usize, tag: Option<&Tag>) {
        let fitting = if map { "map" } else { "seq" };
        let strange_tag = tag
            .filter(|tag| !is_non_specific(tag) && tag.core_suffix() != Some(fitting))
            .map(Tag::original);
        self.open.push(Open { start, map, anchor, strange_tag, children: self.children.len() });
    }

    fn close(&mut self, end: u32) {
        let Some(open) = self.open.pop() else { return };
        let children = self.children.split_off(open.children);
        // The end event of a block collection stands where the next token begins; the last child's
        // end is where a reader sees the collection end.
        let last = children.last().map_or(end, |child| self.tree.node(*child).end);
        // A block collection may begin with a flow collection, a flow collection with its bracket only.
        let first = children.first().map(|child| self.tree.node(*child).start);
        let flow = first != Some(open.start)
            && self.text.as_bytes().get(open.start as usize).is_some_and(|b| b"[{".contains(b));
        let end = if flow { end.max(last) } else { last };
        let value = if open.map {
            self.entries.clear();
            self.entries.extend(
                children.chunks_exact(2).map(|pair| Entry { key: pair[0], value: pair[1] }),
            );
            self.tree.push_map(&self.entries, &mut self.problems)
        } else {
            let first = self.tree.items.len();
            self.tree.items.extend_from_slice(&children);
            Value::List(index(first), index(self.tree.items.len()))
        };
        self.push(Node { start: open.start, end, value }, open.anchor, open.strange_tag);
    }

    fn push(&mut self, node: Node<'t>, anchor: usize, strange_tag: Option<String>) {
        let id = index(self.tree.nodes.len());
        self.tree.nodes.push(node);
        if let Some(tag) = strange_tag {
            self.problems.push(TreeProblem::UnknownTag { node: id, tag });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        if self.open.is_empty() {
            self.tree.root = id;
        } else {
            self.children.push(id);
        }
    }

    fn finish(&mut self, stream: &mut Stream<'t>) {
        // Most texts hold one document: room for the next is made when it begins.
        let builder = std::mem::replace(self, Self::new(""));
        self.text = builder.text;
        if !builder.tree.nodes.is_empty() && !builder.broken {
            let (tree, problems) = (builder.tree, builder.problems);
            stream.documents.push(ParsedDocument { tree, problems });
        }
    }
}

/// What a tag makes of a scalar, and the tag where it does not fit (YAML 1.2.2, section 10.3.2).
fn tagged(tag: &Tag, text: &str, style: Style) -> (Style, Option<String>) {
    let text_style = if style == Style::Plain { Style::TaggedText } else { style };
    let own = if style == Style::Plain { core_type(text) } else { CoreType::Text };
    let fits = match (tag.core_suffix(), own) {
        _ if is_non_specific(tag) => return (text_style, None),
        (Some("str"), _) => return (text_style, None),
        (Some(name), CoreType::Null) => name == "null",
        (Some(name), CoreType::Bool(_)) => name == "bool",
        (Some(name), CoreType::Integer(_)) => name == "int",
        (Some(name), CoreType::Float(_)) => name == "float",
        (Some(_), CoreType::Text) | (None, _) => false,
    };
    (style, if fits { None } else { Some(tag.original()) })
}

/// `!`: text for scalars, nothing for collections.
fn is_non_specific(tag: &Tag) -> bool {
    tag.handle().is_empty() && tag.suffix() == "!"
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of<'a>(tree: &'a Tree<'_>, path: &[&str]) -> &'a str {
        tree.scalar(tree.at(path).unwrap()).unwrap().0
    }

    #[test]
    fn every_node_knows_its_bytes() {
        let text = "a: 1\nb:\n  - x\n  - {c: 'd e'}\n";
        let stream = parse(text);
        let tree = &stream.documents[0].tree;
        let list = tree.at(&["b"]).unwrap();
        let node = tree.node(list);
        assert_eq!(&text[node.start as usize..node.end as usize], "- x\n  - {c: 'd e'}");
        let second = tree.list(list).unwrap()[1];
        let value = tree.node(tree.get(second, "c").unwrap());
        assert_eq!(&text[value.start as usize..value.end as usize], "'d e'");
    }

    #[test]
    fn a_list_of_flow_collections_ends_with_its_last() {
        let text = "a:\n- {b: 1}   \n- [2]   \n\nc: 3\n";
        let stream = parse(text);
        let tree = &stream.documents[0].tree;
        let node = tree.node(tree.at(&["a"]).unwrap());
        assert!(text[..node.end as usize].ends_with("[2]"), "{node:?}");
    }

    #[test]
    fn merge_keys_yield_to_own_keys() {
        let stream = parse("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
        let tree = &stream.documents[0].tree;
        assert_eq!(text_of(tree, &["use", "x"]), "1");
        assert_eq!(text_of(tree, &["use", "y"]), "3");
    }

    #[test]
    fn tags_make_text_or_are_reported() {
        let text = "a: !!str 12\nb: ! yes\nc: !!int 3\nd: !!map {}\ne: !!seq [!!null ~]\n";
        let document = &parse(text).documents[0];
        assert_eq!(document.problems, []);
        for (key, style) in
            [("a", Style::TaggedText), ("b", Style::TaggedText), ("c", Style::Plain)]
        {
            let node = document.tree.at(&[key]).unwrap();
            assert_eq!(document.tree.scalar(node).unwrap().1, style, "{key}");
        }
        for text in
            ["!foo x", "!!int x", "!!int '3'", "!!float 3", "!!seq {}", "!!set {}", "!foo []"]
        {
            assert_eq!(parse(text).documents[0].problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn a_broken_document_does_not_hide_the_next() {
        let stream = parse("a: [1\n---\nb: 2\n");
        assert_eq!(stream.errors.len(), 1);
        assert_eq!(text_of(&stream.documents[0].tree, &["b"]), "2");
    }

    #[test]
    fn an_alias_inside_its_own_anchor_is_refused() {
        let stream = parse("a: &a [*a]\n");
        assert_eq!(stream.errors.len(), 1);
        assert!(stream.documents.is_empty());
    }

    #[test]
    fn duplicate_keys_are_found_in_small_and_large_mappings() {
        let large: String = (0..40).map(|n| format!("k{}: {n}\n", n % 39)).collect();
        for text in ["a: 1\na: 2\n", &large] {
            assert_eq!(parse(text).documents[0].problems.len(), 1, "{text}");
        }
    }

    #[test]
    fn hostile_texts_end_in_an_error() {
        let deep = "{a: ".repeat(100_000);
        let deep_block = "- ".repeat(100_000);
        for text in [deep.as_str(), &deep_block, "a: \0", "a:\n\tb: 1"] {
            assert!(!parse(text).errors.is_empty(), "{}", &text[..text.len().min(20)]);
        }
    }
}
