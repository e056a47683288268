//! Problems as data.
//!
//! Whatever is wrong in a user's files is a [`Diagnostic`]: a value with a place, which never stops
//! the run. [`rule`] declares what can be wrong, [`engine`] gives each finding its code and level,
//! [`suppress`] applies the comments that silence them, [`baseline`] hides what an old catalog already
//! had, and [`render`] prints them.
pub mod baseline;
pub mod engine;
pub mod render;
pub mod rule;
pub mod suppress;

use crate::kernel::{report::without_secrets, source::Place};
use std::fmt;

pub use crate::kernel::source::Edit;
pub use rule::{Level, Rule};

/// A remark on a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is to be seen there; may be empty for the primary label.
    pub text: String,
}

/// What a rule or the decoder found, before it has a code and a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// One line, lowercase, that stands alone.
    pub message: String,
    /// The very value or key that is wrong.
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// What to do, in the imperative.
    pub help: Option<String>,
    /// A change that mends it without changing what the document means.
    pub fix: Option<Edit>,
    /// Whether the primary place is that of a value whose key is meant, until it is reported.
    pub(in crate::kernel) at_key: bool,
}

/// A message with its middle left out if a value of many megabytes is quoted in it.
fn bounded(message: String) -> String {
    const LIMIT: usize = 2000;
    if message.len() <= LIMIT {
        return message;
    }
    let boundary = |at: &usize| message.is_char_boundary(*at);
    let head = (0..=LIMIT / 4).rev().find(boundary).unwrap_or(0);
    let tail = (message.len() - LIMIT / 4..message.len()).find(boundary).unwrap_or(message.len());
    format!("{}…{}", &message[..head], &message[tail..])
}

impl Finding {
    /// A finding of `rule` at `place`.
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: bounded(without_secrets(&message.into()).into_owned()),
            primary: Label { place, text: String::new() },
            related: Vec::new(),
            help: None,
            fix: None,
            at_key: false,
        }
    }

    /// Says that the key is meant which leads to the value at the primary place.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        self.at_key = true;
        self
    }

    /// Says what to see at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, where that is known.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }

    /// Adds the change that mends it.
    #[must_use]
    pub fn fix(mut self, place: Place, text: impl Into<String>) -> Self {
        self.fix = Some(Edit { place, text: text.into() });
        self
    }
}

/// A finding with its level, ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters here, after settings.
    pub level: Level,
    /// What was found.
    pub finding: Finding,
}

impl Diagnostic {
    /// Order of output: by place, then code, then text.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |d: &Self| (d.finding.primary.place, d.finding.rule.code);
        key(self).cmp(&key(other)).then_with(|| self.finding.message.cmp(&other.finding.message))
    }
}

/// How many of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Tally {
    /// Counts `diagnostics`.
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut tally = Self::default();
        for diagnostic in diagnostics {
            match diagnostic.level {
                Level::Error => tally.errors += 1,
                Level::Warning => tally.warnings += 1,
                Level::Note => tally.notes += 1,
                Level::Off => {}
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
                .collect();
        f.write_str(&if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") })
    }
}
