//! Sentences of a post-mortem that blame people, or tell of what did not happen instead of what did.
//!
//! Whoever reads that they "should have checked" learns that nobody wants to know why checking made no
//! sense to them. What is looked for are patterns of words, not meanings: what people say is in quotes,
//! what machines say in code, and both are left alone.
//!
//! | where | what |
//! |---|---|
//! | `words` | Markdown to sentences of words; quotes and code left out |
//! | `people` | which words mean a person |
//! | `blame` | verbs and nouns that judge a person |
//! | `counterfactual` | what should or could have been |
mod blame;
mod counterfactual;
mod people;
mod words;

pub use people::People;

use std::ops::Range;
use words::Word;

/// What is wrong with a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// It judges a person.
    Blame,
    /// It tells of what did not happen.
    Counterfactual,
    /// It takes the error of a person for a cause.
    HumanError,
}

/// A stretch of text that could be worded better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// The bytes of the text.
    pub at: Range<usize>,
    /// The words, as they are written.
    pub found: String,
    /// A better wording.
    pub better: &'static str,
}

/// Everything in a text that could be worded better, in its order.
pub fn remarks(text: &str, people: &People) -> Vec<Remark> {
    let mut found = Vec::new();
    for sentence in words::sentences(text) {
        blame::find(text, &sentence, people, &mut found);
        counterfactual::find(text, &sentence, people, &mut found);
        human_error(text, &sentence, &mut found);
    }
    found.sort_by_key(|one| (one.at.start, one.flaw));
    // Of two patterns that meet in the same words the first is enough.
    found.dedup_by(|next, one| next.flaw == one.flaw && next.at.start < one.at.end);
    found
}

/// The error of a person as such.
const HUMAN: &[&str] = &["human", "operator", "user", "pilot", "people"];
/// What it is called.
const ERROR: &[&str] = &["error", "errors", "mistake", "mistakes"];
/// What makes it the name of something else.
const MEASURED: &[&str] = &[
    "rate",
    "rates",
    "ratio",
    "budget",
    "message",
    "messages",
    "page",
    "pages",
    "handling",
    "log",
    "logs",
    "code",
    "codes",
    "count",
    "counts",
    "response",
    "responses",
];
/// Words before it that say that it is not meant as a cause.
const NOT: &[&str] = &[
    "no", "not", "never", "than", "beyond", "avoid", "isn't", "wasn't", "without", "accept",
    "against", "from", "prone", "prevent", "prevents", "calling", "keep", "keeps", "kept", "catch",
    "catches",
];

fn human_error(text: &str, sentence: &[Word<'_>], found: &mut Vec<Remark>) {
    for (at, word) in sentence.iter().enumerate() {
        let next = sentence.get(at + 1).filter(|next| !next.after_pause);
        let fat_finger = word.is_one_of(&["fat-finger", "fat-fingered", "fat-fingering"]);
        let end = match next {
            _ if fat_finger => word,
            Some(next) if word.is_one_of(HUMAN) && next.is_one_of(ERROR) => next,
            Some(next) if word.is("fat") && next.is_one_of(&["finger", "fingered", "fingers"]) => {
                next
            }
            _ => continue,
        };
        // "User errors" are what services answer with: 4xx. An "operator error rate" is a number.
        let measured = sentence.get(at + 2).is_some_and(|next| next.is_one_of(MEASURED));
        if measured || (word.is("user") && !end.is_one_of(&["error", "mistake"])) {
            continue;
        }
        let before = &sentence[at.saturating_sub(4)..at];
        if before.iter().any(|word| word.is_one_of(NOT)) {
            continue;
        }
        found.push(Remark::new(
            Flaw::HumanError,
            text,
            (word, end),
            "say what made it easy: two environments that look the same, a command without a question, a step that nothing checks",
        ));
    }
}

impl Remark {
    /// A remark on what stands from one word to another.
    fn new(
        flaw: Flaw,
        text: &str,
        (first, last): (&Word<'_>, &Word<'_>),
        better: &'static str,
    ) -> Self {
        let at = first.at.start..last.at.end.max(first.at.end);
        let found = text.get(at.clone()).unwrap_or_default();
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { flaw, at, found, better }
    }
}

#[cfg(test)]
mod tests;
