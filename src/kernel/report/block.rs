//! What the human form of a report is made of.
use super::{Cell, Table, Text};

/// A part of the human form, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A line that names what follows.
    Heading(Text),
    /// Running text, wrapped where the surface is narrow.
    Paragraph(Text),
    /// A table.
    Table(Table),
    /// Names and their values, aligned.
    Facts(Vec<(Text, Cell)>),
    /// Lines as they are, to be copied; never wrapped.
    Code {
        /// The language, for Markdown.
        language: String,
        /// The lines.
        text: String,
    },
    /// Items, one per line.
    List(Vec<Text>),
    /// Things below what they belong to, in the order in which they are read.
    Tree(Vec<Branch>),
    /// Details, which whoever reads it on a page may unfold.
    Fold {
        /// What they are about.
        title: Text,
        /// They themselves.
        blocks: Vec<Block>,
    },
}

/// A line of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// How many lines stand above it in the tree: 0 for a root. At most one more than that of the line
    /// before.
    pub depth: usize,
    /// What it says.
    pub text: Text,
}

impl Block {
    /// A line that names what follows.
    pub fn heading(text: impl Into<Text>) -> Self {
        Self::Heading(text.into())
    }

    /// Running text.
    pub fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// Names and their values.
    pub fn facts<K: Into<Text>, V: Into<Cell>>(facts: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Facts(facts.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// Lines as they are, in a language such as `yaml`, or in none.
    pub fn code(language: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Code { language: language.into(), text: text.into() }
    }

    /// Details, which whoever reads it on a page may unfold.
    pub fn fold(title: impl Into<Text>, blocks: impl IntoIterator<Item = Block>) -> Self {
        Self::Fold { title: title.into(), blocks: blocks.into_iter().collect() }
    }

    /// Items, one per line.
    pub fn list<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<Table> for Block {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}
