//! Which words mean a person.
use super::words::Word;
use std::collections::BTreeSet;

/// People by their names, beside the words that stand for any of them.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Names that are no common words, in small letters.
    names: BTreeSet<String>,
    /// Names that are common words as well: they count where they begin with a capital.
    ambiguous: BTreeSet<String>,
}

/// Names that are words of other meaning.
const COMMON: &[&str] = &[
    "art", "april", "august", "bill", "chase", "dean", "drew", "faith", "frank", "grace", "grant",
    "hope", "jack", "joy", "june", "mark", "may", "pat", "ray", "rich", "rob", "rose", "sky",
    "sue", "summer", "will", "ops", "max",
];

/// Words for whoever does the work.
const ROLES: &[&str] = &[
    "engineer",
    "engineers",
    "developer",
    "developers",
    "dev",
    "devs",
    "admin",
    "admins",
    "administrator",
    "administrators",
    "sysadmin",
    "on-call",
    "oncall",
    "on-caller",
    "responder",
    "responders",
    "commander",
    "dba",
    "dbas",
    "sre",
    "sres",
    "team",
    "teams",
    "manager",
    "managers",
    "colleague",
    "colleagues",
    "employee",
    "employees",
    "contractor",
    "contractors",
    "intern",
    "interns",
    "reviewer",
    "reviewers",
    "author",
    "someone",
    "somebody",
];

const PRONOUNS: &[&str] = &["he", "she", "we", "i", "who", "you"];

/// Nouns that make a thing of the role before them: the team calendar, the on-call rotation.
const THINGS: &[&str] = &[
    "rotation",
    "schedule",
    "system",
    "tool",
    "tools",
    "tooling",
    "policy",
    "page",
    "pages",
    "pager",
    "alert",
    "alerts",
    "calendar",
    "process",
    "handbook",
    "phone",
    "dashboard",
    "dashboards",
    "handoff",
    "handover",
    "runbook",
    "runbooks",
    "shift",
    "channel",
    "account",
    "accounts",
    "portal",
    "api",
    "console",
    "service",
    "services",
    "role",
    "roles",
    "token",
    "tokens",
    "credentials",
    "key",
    "keys",
    "laptop",
    "machine",
    "script",
    "scripts",
    "change",
    "group",
    "list",
    "access",
    "environment",
    "namespace",
    "interface",
    "ui",
    "bot",
    "job",
];

impl People {
    /// People with these names: as rotations and teams have them, and as they are called.
    pub fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut people = Self::default();
        for name in names {
            let whole = name.trim().to_lowercase();
            // Of a full name the first is what people write.
            let first = whole.split_whitespace().next().unwrap_or_default().to_owned();
            for word in [whole, first] {
                if word.len() < 2 || word.contains(char::is_whitespace) {
                    continue;
                }
                let set = if COMMON.contains(&word.as_str()) {
                    &mut people.ambiguous
                } else {
                    &mut people.names
                };
                set.insert(word);
            }
        }
        people
    }

    /// Whether a word is a name.
    fn is_name(&self, word: &Word<'_>, text: &str) -> bool {
        let text = text.trim_start_matches('@');
        let capital = word.raw.trim_start_matches('@').starts_with(char::is_uppercase);
        self.names.contains(text) || (capital && self.ambiguous.contains(text))
    }

    /// Whether a word means a person by itself.
    pub(super) fn is_person(&self, word: &Word<'_>) -> bool {
        self.is_name(word, &word.text) || word.is_one_of(ROLES) || word.is_one_of(PRONOUNS)
    }

    /// Whether a word is what belongs to a person: `Alice's`, `his`, `the team's`.
    pub(super) fn is_possessive(&self, word: &Word<'_>) -> bool {
        let owner = word.text.strip_suffix("'s").or_else(|| word.text.strip_suffix('\''));
        word.is_one_of(&["his", "her", "my", "your", "whose"])
            || owner.is_some_and(|owner| self.is_name(word, owner) || ROLES.contains(&owner))
    }

    /// The word of the person of whom the verb at `at` speaks: right before it, before what describes the
    /// person (`the engineer on duty forgot`), or at the beginning where the verb is one of several.
    pub(super) fn subject(&self, sentence: &[Word<'_>], at: usize) -> Option<usize> {
        let mut before = at.checked_sub(1)?;
        while sentence[before].is_adverb() || sentence[before].is_auxiliary() {
            before = before.checked_sub(1)?;
        }
        let word = &sentence[before];
        if self.is_person(word) {
            return Some(before);
        }
        if word.is_one_of(&["and", "but", "then", "or"]) {
            return self.beginning(sentence).filter(|person| *person < before);
        }
        self.described(sentence, before)
    }

    /// A person with what describes them between: `the engineer who was on duty`.
    fn described(&self, sentence: &[Word<'_>], last: usize) -> Option<usize> {
        const DESCRIBES: &[&str] =
            &["on", "in", "of", "from", "who", "at", "with", "that", "behind"];
        let first = last.saturating_sub(6);
        (first..last).rev().find(|at| {
            let follows = &sentence[at + 1];
            self.is_person(&sentence[*at])
                && !sentence[*at].is_one_of(PRONOUNS)
                && follows.is_one_of(DESCRIBES)
        })
    }

    /// The person with whom a sentence begins.
    fn beginning(&self, sentence: &[Word<'_>]) -> Option<usize> {
        let found = (0..sentence.len().min(5)).find(|at| self.is_person(&sentence[*at]))?;
        let thing = sentence.get(found + 1).is_some_and(|next| next.is_one_of(THINGS));
        (!thing).then_some(found)
    }

    /// The person who comes within so many words, as in `by the engineer on duty`.
    pub(super) fn object(
        &self,
        sentence: &[Word<'_>],
        from: usize,
        within: usize,
    ) -> Option<usize> {
        let end = sentence.len().min(from + within);
        for at in from..end {
            let word = &sentence[at];
            if at > from && word.after_pause {
                return None;
            }
            // Of "the on-call engineer" the engineer is the person.
            let goes_on = sentence.get(at + 1).is_some_and(|next| next.is_one_of(ROLES));
            if self.is_person(word) && !goes_on && !word.is_one_of(&["we", "who", "you"]) {
                return self.stands_alone(sentence, at).then_some(at);
            }
        }
        None
    }

    /// Whether a word is not part of the name of a thing: `a developer account`.
    fn stands_alone(&self, sentence: &[Word<'_>], at: usize) -> bool {
        const GOES_ON: &[&str] = &[
            "who", "that", "on", "in", "at", "when", "and", "or", "while", "during", "with",
            "from", "to", "as", "after", "before", "because", "for", "by", "of", "was", "were",
            "is", "are", "has", "had", "did", "but", "which", "since",
        ];
        let Some(next) = sentence.get(at + 1) else { return true };
        next.after_pause
            || next.is_one_of(GOES_ON)
            || next.is_adverb()
            || next.text.ends_with("ing")
            || self.is_name(&sentence[at], &sentence[at].text)
    }
}
