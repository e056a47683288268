//! The canonical form of a text, as `sre fmt` writes it.
//!
//! Old spellings become new ones and the layout becomes regular: two spaces for each level, lists
//! indented under their key, one space behind `:` and `-`, no spaces at the end of a line, at most one
//! empty line in a row, one line end at the end. Order, comments and quotes stay, and so does what
//! stands within quotes, block texts and flow collections. The result is read again and held against
//! the original; a text whose meaning would change keeps its layout.
use super::{
    Kind,
    load::{LoadedText, load_text},
    rules, spelling,
    tree::{NodeId, Style, Tree, Value},
    yaml::{self, Stream},
};
use crate::kernel::{
    diagnostic::Finding,
    source::{Edit, SourceId, edit::apply_to},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// How often a text is laid out until nothing changes any more: once is enough but for oddities.
const ROUNDS: usize = 4;

/// The canonical form of a text that consists of documents of `kinds`, and perhaps others.
///
/// # Errors
/// What is wrong with the syntax: such a text is not changed.
pub fn format_text(
    source: SourceId,
    text: &str,
    kinds: &[&'static Kind],
) -> Result<String, Vec<Finding>> {
    if !yaml::parse(text).errors.is_empty() {
        let mut findings = load_text(source, text, kinds, &[]).findings;
        findings.retain(|finding| *finding.rule == rules::YAML_SYNTAX);
        return Err(findings);
    }
    let spelled = respell(source, text, kinds);
    Ok(lay_out(&spelled).unwrap_or(spelled))
}

/// Whether two texts say the same: the same documents with the same values in the same order, old
/// spellings meaning what the new ones mean, and the same comments.
pub fn same_meaning(before: &str, after: &str, kinds: &[&'static Kind]) -> bool {
    let (before_stream, after_stream) = (spelled(before, kinds), spelled(after, kinds));
    before_stream.errors.is_empty()
        && after_stream.errors.is_empty()
        && same_comments(&before_stream, &after_stream)
        && before_stream.documents.len() == after_stream.documents.len()
        && before_stream
            .documents
            .iter()
            .zip(&after_stream.documents)
            .all(|(before, after)| Comparison::of(&before.tree, &after.tree).run())
}

/// The documents of a text with old spellings replaced in their trees.
fn spelled<'t>(text: &'t str, kinds: &[&'static Kind]) -> Stream<'t> {
    let mut stream = yaml::parse(text);
    let LoadedText { documents, .. } = load_text(SourceId::default(), text, kinds, &[]);
    let kind_at: BTreeMap<(u32, u32), &Kind> = documents
        .iter()
        .map(|document| ((document.place.start, document.place.end), document.kind))
        .collect();
    for parsed in &mut stream.documents {
        let root = parsed.tree.node(parsed.tree.root);
        if let Some(kind) = kind_at.get(&(root.start, root.end)) {
            let (source, mut findings) = (SourceId::default(), Vec::new());
            spelling::replace(&mut parsed.tree, kind.spellings, source, &mut findings);
        }
    }
    stream
}

fn same_comments(before: &Stream<'_>, after: &Stream<'_>) -> bool {
    let texts = |stream: &Stream<'_>| -> Vec<String> {
        stream.comments.iter().map(|comment| comment.text.trim_end().to_owned()).collect()
    };
    texts(before) == texts(after)
}

/// Compares two trees, aliases followed; each pair of nodes once, so that aliases cannot make it long.
struct Comparison<'t> {
    before: &'t Tree<'t>,
    after: &'t Tree<'t>,
    seen: HashSet<(NodeId, NodeId)>,
}

impl<'t> Comparison<'t> {
    fn of(before: &'t Tree<'t>, after: &'t Tree<'t>) -> Self {
        Self { before, after, seen: HashSet::new() }
    }

    fn run(mut self) -> bool {
        let mut open = vec![(self.before.root, self.after.root)];
        while let Some((before, after)) = open.pop() {
            let pair = (self.before.resolve(before), self.after.resolve(after));
            if self.seen.insert(pair) && !self.same_node(pair, &mut open) {
                return false;
            }
        }
        true
    }

    fn same_node(
        &self,
        (before, after): (NodeId, NodeId),
        open: &mut Vec<(NodeId, NodeId)>,
    ) -> bool {
        match (&self.before.node(before).value, &self.after.node(after).value) {
            (Value::Scalar(text, style), Value::Scalar(other, other_style)) => {
                text == other && (*style == Style::Plain) == (*other_style == Style::Plain)
            }
            (Value::List(..), Value::List(..)) => {
                let (items, others) = (self.before.list(before), self.after.list(after));
                let (items, others) = (items.unwrap_or_default(), others.unwrap_or_default());
                open.extend(items.iter().copied().zip(others.iter().copied()));
                items.len() == others.len()
            }
            (Value::Map(..), Value::Map(..)) => {
                let (entries, others) = (self.before.map(before), self.after.map(after));
                let (entries, others) = (entries.unwrap_or_default(), others.unwrap_or_default());
                for (entry, other) in entries.iter().zip(others) {
                    open.extend([(entry.key, other.key), (entry.value, other.value)]);
                }
                entries.len() == others.len()
            }
            _ => false,
        }
    }
}

/// Rewrites old spellings. Where a change would lose a comment or an anchor, it is not made.
fn respell(source: SourceId, text: &str, kinds: &[&'static Kind]) -> String {
    let edits: Vec<Edit> = load_text(source, text, kinds, &[])
        .findings
        .into_iter()
        .filter(|finding| *finding.rule == rules::DEPRECATED_SPELLING)
        .filter(|finding| takes_only_the_value(text, finding))
        .filter_map(|finding| finding.fix)
        .collect();
    if edits.is_empty() {
        return text.to_owned();
    }
    let respelled = apply_to(text, &edits, &mut Vec::new()).0;
    if same_meaning(text, &respelled, kinds) { respelled } else { text.to_owned() }
}

/// Whether nothing but a colon and spaces stands between the key and its value.
fn takes_only_the_value(text: &str, finding: &Finding) -> bool {
    let key = finding.primary.place;
    let end = finding.fix.as_ref().map_or(key.end, |edit| edit.place.end);
    let rest = text.get(key.end as usize..end as usize).unwrap_or("").trim_start();
    let value = rest.strip_prefix(':').unwrap_or(rest).trim_start();
    !value.starts_with(['#', '&', '!'])
}

/// The text with a regular layout; `None` if that cannot be done without a change of meaning.
fn lay_out(text: &str) -> Option<String> {
    let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\u{feff}') {
        return None;
    }
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut result = unix.clone();
    for _ in 0..ROUNDS {
        let next = round(&result);
        if next == result {
            let same = same_syntax(text, &result);
            return same.then(|| if crlf { result.replace('\n', "\r\n") } else { result });
        }
        result = next;
    }
    None
}

/// One pass; without a change of indentation where that is not safe.
fn round(text: &str) -> String {
    let stream = yaml::parse(text);
    let with = |indentation| Layout::of(text, &stream, indentation)?.run();
    with(Indentation::Regular)
        .filter(|result| same_syntax(text, result))
        .or_else(|| with(Indentation::Kept))
        .unwrap_or_else(|| text.to_owned())
}

/// Whether the texts have the same nodes, written in the same styles, and the same comments.
fn same_syntax(before: &str, after: &str) -> bool {
    let (before, after) = (yaml::parse(before), yaml::parse(after));
    before.errors.is_empty()
        && after.errors.is_empty()
        && same_comments(&before, &after)
        && before.documents.len() == after.documents.len()
        && before.documents.iter().zip(&after.documents).all(|(a, b)| same_nodes(&a.tree, &b.tree))
}

/// Nodes lie in the order of the text, so that equal trees have equal lists.
fn same_nodes(before: &Tree<'_>, after: &Tree<'_>) -> bool {
    let same_value = |(a, b): (&Value<'_>, &Value<'_>)| match (a, b) {
        (Value::Scalar(a, style), Value::Scalar(b, other)) => a == b && style == other,
        (Value::List(a, b), Value::List(c, d)) | (Value::Map(a, b), Value::Map(c, d)) => {
            (a, b) == (c, d)
        }
        (Value::Alias(a), Value::Alias(b)) => a == b,
        _ => false,
    };
    let entries = |tree: &Tree<'_>| -> Vec<(NodeId, NodeId)> {
        tree.entries.iter().map(|entry| (entry.key, entry.value)).collect()
    };
    before.nodes.len() == after.nodes.len()
        && before.root == after.root
        && before.items == after.items
        && entries(before) == entries(after)
        && before
            .nodes
            .iter()
            .zip(&after.nodes)
            .all(|(before, after)| same_value((&before.value, &after.value)))
}

/// What becomes of the spaces before the first character of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indentation {
    /// Two for each level.
    Regular,
    /// Those that are there.
    Kept,
}

/// What stands on a line, as far as the node matters that it continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Within a `|` or `>` text, whose lines are indented by `indent`.
    Block { owner: usize, indent: usize, last: bool },
    /// Within a quoted or plain text or a flow collection of several lines.
    Other { owner: usize, last: bool },
}

/// A block collection that is open, with its column in the old text and the new one.
#[derive(Clone, Copy, Debug)]
struct Level {
    old: usize,
    new: usize,
    element: Element,
}

/// What begins at a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Item,
    Key,
    Other,
}

/// Where the first character of a line was, and where it is now.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    old: usize,
    new: usize,
}

impl Moved {
    fn shift(self, column: usize) -> usize {
        (column + self.new).saturating_sub(self.old)
    }
}

/// One pass over the lines of a text.
struct Layout<'t> {
    text: &'t str,
    indentation: Indentation,
    lines: Vec<&'t str>,
    /// First byte of each line.
    starts: Vec<usize>,
    /// For each line that continues a node: which.
    inside: BTreeMap<usize, Inside>,
    /// Lines on which a node begins that goes on behind them: their ends are left alone.
    open_ended: HashSet<usize>,
    /// Ends of the scalars and aliases that begin at a byte.
    scalars: BTreeMap<usize, usize>,
    /// Ends of the flow collections that begin at a byte.
    collections: BTreeMap<usize, usize>,
    /// First bytes of comments.
    comments: HashSet<usize>,
    levels: Vec<Level>,
    /// How far the innermost collection of each content line has moved.
    moved: BTreeMap<usize, Moved>,
    /// Comments and empty lines that wait for the line behind them.
    waiting: Vec<&'t str>,
    result: String,
}

impl<'t> Layout<'t> {
    /// `None` if the text has something whose indentation is not understood.
    fn of(text: &'t str, stream: &Stream<'t>, indentation: Indentation) -> Option<Self> {
        let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
        let starts = lines
            .iter()
            .scan(0, |at, line| {
                let start = *at;
                *at += line.len() + 1;
                Some(start)
            })
            .collect();
        let mut layout = Self {
            text,
            indentation,
            lines,
            starts,
            inside: BTreeMap::new(),
            open_ended: HashSet::new(),
            scalars: BTreeMap::new(),
            collections: BTreeMap::new(),
            comments: stream.comments.iter().map(|comment| comment.start as usize).collect(),
            levels: Vec::new(),
            moved: BTreeMap::new(),
            waiting: Vec::new(),
            result: String::with_capacity(text.len() + 1),
        };
        for document in &stream.documents {
            layout.take_nodes(&document.tree)?;
        }
        Some(layout)
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// Notes which lines continue a node.
    fn take_nodes(&mut self, tree: &Tree<'_>) -> Option<()> {
        let mut others = Vec::new();
        for node in &tree.nodes {
            let (start, end) = (node.start as usize, node.end as usize);
            // A block collection may begin with a flow collection; a flow collection with its bracket.
            let first = match node.value {
                Value::List(from, to) => tree.items[from as usize..to as usize].first().copied(),
                Value::Map(from, to) => {
                    tree.entries[from as usize..to as usize].first().map(|entry| entry.key)
                }
                _ => None,
            };
            let flow = self.text[start..].starts_with(['[', '{'])
                && first.is_none_or(|child| tree.node(child).start != node.start);
            match &node.value {
                Value::Scalar(text, Style::Block) => {
                    self.take_block(start, end, text.bytes().all(|byte| byte == b'\n'))?;
                }
                Value::Scalar(..) | Value::Alias(_) if end > start => {
                    self.scalars.insert(start, end);
                    others.push((start, end));
                }
                Value::List(..) | Value::Map(..) if flow => {
                    self.collections.insert(start, end);
                    others.push((start, end));
                }
                _ => {}
            }
        }
        // Outer nodes first: the lines of what stands in them are theirs.
        others.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        for (start, end) in others {
            self.take_other(start, end);
        }
        Some(())
    }

    fn take_other(&mut self, start: usize, end: usize) {
        let (first, last) = (self.line_of(start), self.line_of(end.max(start + 1) - 1));
        if first == last || self.inside.contains_key(&last) {
            return;
        }
        self.open_ended.insert(first);
        for line in first + 1..=last {
            let inside = Inside::Other { owner: first, last: line == last };
            self.inside.insert(line, inside);
        }
    }

    /// A block text. Its node begins at its first character, behind the header and empty lines; that of
    /// an empty one at its header, or where the next node begins.
    fn take_block(&mut self, start: usize, end: usize, empty: bool) -> Option<()> {
        let at_header = empty && end > start;
        let line = self.line_of(start);
        let owner = if at_header { line } else { self.content_before(line)? };
        let header = self.without_comment(owner).trim_end();
        let indicators = header.rfind(['|', '>']).map_or("", |at| &header[at + 1..]);
        if indicators.contains(|c: char| c.is_ascii_digit()) {
            // The indentation is given in the header, relative to the parent's.
            (self.indentation == Indentation::Kept).then_some(())?;
        }
        let indent = if empty { usize::MAX } else { indent(self.lines[line]) };
        let mut last = if empty { owner } else { self.line_of(end.max(start + 1) - 1) };
        // The node may reach into the spaces before what follows.
        let part = self.text[..end].get(self.starts[last]..).unwrap_or("");
        if last > line && part.len() < self.lines[last].len() && part.trim().is_empty() {
            last -= 1;
        }
        let is_empty = |line: &str| line.trim().is_empty();
        if indicators.contains('+') {
            // Every empty line counts.
            while self.lines.get(last + 1).is_some_and(|line| is_empty(line)) {
                last += 1;
            }
        } else {
            let beyond = |line: &str| is_empty(line) && line.len() <= indent;
            while last > owner && beyond(self.lines[last]) {
                last -= 1;
            }
        }
        for line in owner + 1..=last {
            let inside = Inside::Block { owner, indent, last: line == last };
            self.inside.insert(line, inside);
        }
        Some(())
    }

    /// The nearest line before this one that is not empty.
    fn content_before(&self, line: usize) -> Option<usize> {
        (0..line).rev().find(|line| !self.lines[*line].trim().is_empty())
    }

    /// A line without the comment at its end.
    fn without_comment(&self, line: usize) -> &'t str {
        let (start, text) = (self.starts[line], self.lines[line]);
        let comment = memchr::memchr_iter(b'#', text.as_bytes())
            .find(|at| self.comments.contains(&(start + at)));
        comment.map_or(text, |at| &text[..at])
    }

    fn run(mut self) -> Option<String> {
        for line in 0..self.lines.len() {
            match self.inside.get(&line).copied() {
                Some(inside) => self.continuation(line, inside),
                None => self.line(line)?,
            }
        }
        while self.waiting.last().is_some_and(|text| text.is_empty()) {
            self.waiting.pop();
        }
        self.flush(None);
        Some(self.result)
    }

    fn push(&mut self, column: usize, text: &str) {
        self.result.extend(std::iter::repeat_n(' ', if text.is_empty() { 0 } else { column }));
        self.result.push_str(text);
        self.result.push('\n');
    }

    /// A line that continues a node moves as far as the line on which the node begins.
    fn continuation(&mut self, line: usize, inside: Inside) {
        let text = self.lines[line];
        let (Inside::Block { owner, .. } | Inside::Other { owner, .. }) = inside;
        let moved = self.moved.get(&owner).copied().unwrap_or_default();
        let column = indent(text);
        match inside {
            _ if moved.old == moved.new => {
                let end = matches!(inside, Inside::Other { last: true, .. });
                self.push(0, if end { trim_end(text) } else { text });
            }
            Inside::Block { indent, .. } if text.trim().is_empty() && column <= indent => {
                self.push(0, "");
            }
            Inside::Other { last: true, .. } => {
                self.push(moved.shift(column), trim_end(&text[column..]));
            }
            Inside::Block { .. } | Inside::Other { .. } => {
                self.push(moved.shift(column), &text[column..]);
            }
        }
    }

    /// A line on which something begins.
    fn line(&mut self, line: usize) -> Option<()> {
        let text = trim_end(self.lines[line]);
        if text.is_empty() || text.trim_start().starts_with('#') {
            self.waiting.push(text);
            return Some(());
        }
        let rest = text.strip_prefix("---").or_else(|| text.strip_prefix("..."));
        let marker = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if marker || text.starts_with('%') {
            return self.marker(line);
        }
        self.content(line)
    }

    /// `---`, `...` or a directive.
    fn marker(&mut self, line: usize) -> Option<()> {
        self.flush(None);
        self.levels.clear();
        let text = self.lines[line];
        let rest = self.without_comment(line).get(3..).unwrap_or("");
        if !text.starts_with('%') && !rest.trim().is_empty() {
            // A document that begins on the line of its marker.
            (self.indentation == Indentation::Kept).then_some(())?;
        }
        let open = self.open_ended.contains(&line);
        self.push(0, if open { text } else { trim_end(text) });
        Some(())
    }

    fn content(&mut self, line: usize) -> Option<()> {
        let text = self.lines[line];
        let body = self.without_comment(line);
        let mut column = indent(text);
        let mut first: Option<Moved> = None;
        let mut last = Moved { old: column, new: column };
        let levels_before = self.levels.clone();
        let mut dashes = 0;
        while is_indicator(&body[column..], '-') {
            last = Moved { old: column, new: self.place(column, Element::Item)? };
            first.get_or_insert(last);
            dashes += 1;
            let rest = &body[column + 1..];
            column += 1 + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        }
        let rest = &body[column..];
        let mut key = None;
        if !rest.is_empty() {
            let element = self.element(line, column)?;
            let moved = Moved { old: column, new: self.place(column, element)? };
            first.get_or_insert(moved);
            if element == Element::Key {
                last = moved;
            } else if dashes == 0 {
                let level = self.levels.last();
                last = level.map_or(moved, |level| Moved { old: level.old, new: level.new });
            }
            key = (element == Element::Key).then(|| self.scalars[&(self.starts[line] + column)]);
        }
        let first = first.unwrap_or(last);
        self.flush(Some((first, &levels_before)));
        self.moved.insert(line, last);
        let start = match self.indentation {
            Indentation::Regular => Cow::Owned("- ".repeat(dashes)),
            Indentation::Kept => Cow::Borrowed(&text[indent(text)..column]),
        };
        let content = start + self.finished(line, column, key);
        let open = self.open_ended.contains(&line);
        self.push(first.new, if open { &content } else { trim_end(&content) });
        Some(())
    }

    /// What begins at a column of a line; `None` where the line has a key that is more than a scalar.
    fn element(&self, line: usize, column: usize) -> Option<Element> {
        if self.has_odd_key(line, column) {
            return (self.indentation == Indentation::Kept).then_some(Element::Other);
        }
        match self.scalars.get(&(self.starts[line] + column)) {
            Some(end) if self.is_key(*end) => Some(Element::Key),
            _ => Some(Element::Other),
        }
    }

    /// Whether there is a key with `?`, an anchor or a tag, or one that is a collection.
    fn has_odd_key(&self, line: usize, column: usize) -> bool {
        let body = &self.lines[line][column..];
        let start = self.starts[line] + column;
        let end = self.starts[line] + self.lines[line].len();
        let key = |(_, end): (&usize, &usize)| self.is_key(*end);
        let property = body.starts_with(['&', '!']);
        is_indicator(body, '?')
            || is_indicator(body, ':')
            || self.collections.get(&start).is_some_and(|end| self.is_key(*end))
            || (property && self.scalars.range(start..end).any(key))
            || (property && self.collections.range(start..end).any(key))
    }

    /// Whether a scalar that ends there is a key.
    fn is_key(&self, end: usize) -> bool {
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        is_indicator(rest, ':')
    }

    /// The new column of an element.
    fn place(&mut self, old: usize, element: Element) -> Option<usize> {
        let ended = |level: &Level| {
            level.old > old
                || (level.old == old && level.element == Element::Item && element == Element::Key)
        };
        while self.levels.last().is_some_and(ended) {
            self.levels.pop();
        }
        let new = match self.levels.last() {
            None => 0,
            Some(level) if level.old == old && level.element == element => return Some(level.new),
            Some(level) if level.old == old && element != Element::Item => {
                return (self.indentation == Indentation::Kept).then_some(old);
            }
            Some(level) => level.new + 2,
        };
        let new = if self.indentation == Indentation::Kept { old } else { new };
        if element != Element::Other {
            self.levels.push(Level { old, new, element });
        }
        Some(new)
    }

    /// A line's content from `column` on, with one space behind the colon of its key.
    fn finished(&self, line: usize, column: usize, key: Option<usize>) -> Cow<'t, str> {
        let (start, text) = (self.starts[line], self.lines[line]);
        let body = self.without_comment(line);
        let mut result = Cow::Borrowed(&text[column..]);
        if body.len() < text.len() && body.len() > column {
            let before = trim_end(body);
            let gap = &body[before.len().max(column)..];
            if gap.contains('\t') {
                result =
                    Cow::Owned(format!("{} {}", &text[column..before.len()], &text[body.len()..]));
            }
        }
        let Some(end) = key else { return result };
        let name = &text[column..end - start];
        if name.starts_with('*') {
            // The colon would become part of the alias.
            return result;
        }
        let value = result[name.len()..].trim_start_matches([' ', '\t']);
        let value = &value[1..];
        let trimmed = value.trim_start_matches([' ', '\t']);
        Cow::Owned(if trimmed.starts_with('#') {
            format!("{name}:{value}")
        } else if trimmed.is_empty() {
            format!("{name}:")
        } else {
            format!("{name}: {trimmed}")
        })
    }

    /// Writes the comments and empty lines that wait. A comment stays with the line or the level whose
    /// column it had; any other comes to stand over the next line. So it never gets into a block text
    /// before it, which is indented deeper than both.
    fn flush(&mut self, next: Option<(Moved, &[Level])>) {
        let levels = next.map_or_else(|| self.levels.clone(), |(_, levels)| levels.to_vec());
        let mut empty_before = self.result.is_empty();
        for text in std::mem::take(&mut self.waiting) {
            if !text.is_empty() {
                let new = self.comment_column(indent(text), next.map(|(moved, _)| moved), &levels);
                self.push(new, text.trim_start());
            } else if !empty_before {
                self.push(0, "");
            }
            empty_before = text.is_empty();
        }
    }

    fn comment_column(&self, column: usize, next: Option<Moved>, levels: &[Level]) -> usize {
        if self.indentation == Indentation::Kept {
            return column;
        }
        if let Some(next) = next.filter(|next| next.old == column) {
            return next.new;
        }
        let level = levels.iter().rev().find(|level| level.old == column).map(|level| level.new);
        level.unwrap_or_else(|| next.map_or(0, |next| next.new))
    }
}

/// How many spaces stand before the first other character.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn trim_end(line: &str) -> &str {
    line.trim_end_matches([' ', '\t'])
}

/// Whether the text begins with an indicator, which a space or the line's end follows.
fn is_indicator(text: &str, indicator: char) -> bool {
    let rest = text.strip_prefix(indicator);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']))
}

#[cfg(test)]
mod tests;
