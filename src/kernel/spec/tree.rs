//! One YAML document as a tree in which every node knows its first and last byte.
use std::{borrow::Cow, collections::HashMap};

/// Index of a node of a [`Tree`].
pub type NodeId = u32;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: `text`.
    Plain,
    /// `'text'`.
    SingleQuoted,
    /// `"text"`.
    DoubleQuoted,
    /// `|` or `>`.
    Block,
    /// Without quotes, and said to be text: `!!str 12`.
    TaggedText,
}

/// A node's content.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// A scalar, after escapes.
    Scalar(Cow<'t, str>, Style),
    /// A list: a range of [`Tree::items`].
    List(u32, u32),
    /// A mapping: a range of [`Tree::entries`].
    Map(u32, u32),
    /// `*name`: the node it stands for.
    Alias(NodeId),
}

/// A node: bytes `start..end` of the text, and what they say.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
    /// Content.
    pub value: Value<'t>,
}

/// A key of a mapping and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key's node.
    pub key: NodeId,
    /// The value's node.
    pub value: NodeId,
}

/// One document. Nodes lie in one list, children before their parents, so that a document costs a
/// handful of allocations whatever its size.
#[derive(Clone, Debug, Default)]
pub struct Tree<'t> {
    /// All nodes.
    pub nodes: Vec<Node<'t>>,
    /// Children of lists.
    pub items: Vec<NodeId>,
    /// Entries of mappings.
    pub entries: Vec<Entry>,
    /// The outermost node.
    pub root: NodeId,
    /// How many entries `<<` has looked at so far.
    pub(super) merged: usize,
}

/// A duplicate key, a merge that cannot be done, a strange tag: a problem of the tree itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeProblem {
    /// The key at the second place stands already at the first.
    DuplicateKey {
        /// The first.
        first: NodeId,
        /// The second.
        second: NodeId,
    },
    /// `<<` whose value is not a mapping.
    MergeOfNonMapping(NodeId),
    /// Merges add up to more entries than [`MERGED_ENTRIES_LIMIT`].
    TooManyMerged(NodeId),
    /// A key longer than [`KEY_LIMIT`].
    LongKey(NodeId),
    /// A tag that says something else than the value does, or nothing that is known.
    UnknownTag {
        /// What has the tag.
        node: NodeId,
        /// The tag as written.
        tag: String,
    },
}

/// How many entries `<<` may bring into one document: far above honest use, far below an attack.
pub const MERGED_ENTRIES_LIMIT: usize = 100_000;

/// Bytes of the longest key: YAML's own limit for keys without `?` (YAML 1.2.2, section 7.4.2).
///
/// Aliases can bring a long text into many keys, and finding duplicates reads every key.
pub const KEY_LIMIT: usize = 1024;

impl<'t> Tree<'t> {
    /// The node, with aliases followed.
    pub fn resolve(&self, mut id: NodeId) -> NodeId {
        while let Value::Alias(target) = self.nodes[id as usize].value {
            id = target;
        }
        id
    }

    /// The node as written.
    pub fn node(&self, id: NodeId) -> &Node<'t> {
        &self.nodes[id as usize]
    }

    /// Entries of a mapping, aliases followed; `None` for other nodes.
    pub fn map(&self, id: NodeId) -> Option<&[Entry]> {
        match self.node(self.resolve(id)).value {
            Value::Map(start, end) => Some(&self.entries[start as usize..end as usize]),
            _ => None,
        }
    }

    /// Items of a list, aliases followed; `None` for other nodes.
    pub fn list(&self, id: NodeId) -> Option<&[NodeId]> {
        match self.node(self.resolve(id)).value {
            Value::List(start, end) => Some(&self.items[start as usize..end as usize]),
            _ => None,
        }
    }

    /// Text of a scalar, aliases followed; `None` for other nodes.
    pub fn scalar(&self, id: NodeId) -> Option<(&str, Style)> {
        match &self.node(self.resolve(id)).value {
            Value::Scalar(text, style) => Some((text, *style)),
            _ => None,
        }
    }

    /// The entry of a mapping with that key.
    pub fn entry(&self, map: NodeId, key: &str) -> Option<Entry> {
        self.map(map)?
            .iter()
            .copied()
            .find(|entry| self.scalar(entry.key).is_some_and(|(text, _)| text == key))
    }

    /// The value of a mapping's key.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.entry(map, key).map(|entry| entry.value)
    }

    /// The value at a path of keys from the root.
    pub fn at(&self, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(self.root, |node, key| self.get(node, key))
    }

    /// Whether the scalar means "no value" in the YAML 1.2 core schema.
    pub fn is_null(&self, id: NodeId) -> bool {
        self.scalar(id).is_some_and(|(text, style)| style == Style::Plain && is_null(text))
    }

    /// Adds a mapping made of `entries`, in which `<<` has been replaced by what it merges.
    pub(super) fn push_map(
        &mut self,
        entries: &[Entry],
        problems: &mut Vec<TreeProblem>,
    ) -> Value<'t> {
        let start = self.entries.len();
        self.entries.extend_from_slice(entries);
        self.find_duplicates(start, problems);
        let merges = entries.iter().any(|entry| self.is_merge_key(entry.key));
        if merges {
            self.apply_merges(start, problems);
        }
        Value::Map(index(start), index(self.entries.len()))
    }

    fn is_merge_key(&self, key: NodeId) -> bool {
        self.scalar(key) == Some(("<<", Style::Plain))
    }

    fn find_duplicates(&self, start: usize, problems: &mut Vec<TreeProblem>) {
        let entries = &self.entries[start..];
        // Few keys: comparing pairs beats hashing. Many: the comparison would be quadratic.
        if entries.len() <= 16 {
            for (at, entry) in entries.iter().enumerate() {
                let Some(key) = self.key(entry.key, problems) else { continue };
                let first = entries[..at]
                    .iter()
                    .find(|other| self.scalar(other.key).is_some_and(|(text, _)| text == key));
                if let Some(first) = first {
                    problems
                        .push(TreeProblem::DuplicateKey { first: first.key, second: entry.key });
                }
            }
            return;
        }
        let mut seen: HashMap<&str, NodeId> = HashMap::with_capacity(entries.len());
        for entry in entries {
            let Some(key) = self.key(entry.key, problems) else { continue };
            if let Some(first) = seen.insert(key, entry.key) {
                problems.push(TreeProblem::DuplicateKey { first, second: entry.key });
                seen.insert(key, first);
            }
        }
    }

    /// Text of a key; `None` if it is no scalar, or too long, which is a problem.
    fn key(&self, key: NodeId, problems: &mut Vec<TreeProblem>) -> Option<&str> {
        let (text, _) = self.scalar(key)?;
        if text.len() > KEY_LIMIT {
            problems.push(TreeProblem::LongKey(key));
            return None;
        }
        Some(text)
    }

    /// Replaces `<<` entries from `start` on: own keys win, then earlier merges over later ones
    /// (YAML merge key language-independent type).
    fn apply_merges(&mut self, start: usize, problems: &mut Vec<TreeProblem>) {
        let all = self.entries.split_off(start);
        let (merges, mut result): (Vec<Entry>, Vec<Entry>) =
            all.into_iter().partition(|entry| self.is_merge_key(entry.key));
        let mut seen: std::collections::HashSet<String> = result
            .iter()
            .filter_map(|entry| self.scalar(entry.key))
            .filter(|(key, _)| key.len() <= KEY_LIMIT)
            .map(|(key, _)| key.to_owned())
            .collect();
        let mut looked_at = self.merged;
        for merge in merges {
            let sources: Vec<NodeId> = match self.list(merge.value) {
                Some(items) => items.to_vec(),
                None => vec![merge.value],
            };
            for source in sources {
                let Some(entries) = self.map(source) else {
                    problems.push(TreeProblem::MergeOfNonMapping(source));
                    continue;
                };
                looked_at = looked_at.saturating_add(entries.len());
                if looked_at > MERGED_ENTRIES_LIMIT {
                    problems.push(TreeProblem::TooManyMerged(merge.value));
                    break;
                }
                let fresh = entries.iter().filter(|entry| {
                    self.scalar(entry.key)
                        .filter(|(key, _)| key.len() <= KEY_LIMIT)
                        .is_none_or(|(key, _)| seen.insert(key.to_owned()))
                });
                result.extend(fresh.copied());
            }
        }
        self.entries.append(&mut result);
        self.merged = looked_at;
    }
}

/// The words for "no value" in the YAML 1.2 core schema.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Sizes fit: the file adapter refuses texts of 4 GiB and more, and a node takes a byte at least.
pub(super) fn index(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
